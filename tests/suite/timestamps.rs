//! The Smithy timestamp vectors: each of the three formats is written and parsed, in every case file of `timestamps/`.

use aws_core::types::{Format, Timestamp};
use serde_json::Value;

const SECTIONS: [(&str, Format); 3] =
    [("epoch_seconds", Format::EpochSeconds), ("http_date", Format::HttpDate), ("date_time", Format::DateTime)];

#[test]
fn timestamps_are_written_and_parsed_as_in_the_vectors() {
    let Some(folder) = tests::suite::conformance("timestamps") else { return };
    let mut files = tests::suite::entries(&folder);
    files.retain(|file| file.extension().is_some_and(|it| it == "json"));
    let mut passed = 0;
    let mut failures = Vec::new();
    for file in &files {
        let suite: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for (section, cases) in suite.as_object().unwrap() {
            let Some((verb, format)) =
                SECTIONS.iter().find_map(|(name, format)| Some((section.strip_suffix(name)?, *format)))
            else {
                assert_eq!(section, "description", "{}: a section this suite does not know", file.display());
                continue;
            };
            for (index, case) in cases.as_array().unwrap().iter().enumerate() {
                match run(verb, format, case) {
                    Ok(()) => passed += 1,
                    Err(message) => failures.push(format!("{section}[{index}] {}: {message}", case["iso8601"])),
                }
            }
        }
    }
    tests::say!("suite timestamps: {passed} passed, {} failed, 0 skipped", failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(passed > 0, "no cases in {}", folder.display());
}

fn run(verb: &str, format: Format, case: &Value) -> Result<(), String> {
    let secs = case["canonical_seconds"].as_str().and_then(|it| it.parse().ok()).ok_or("no canonical_seconds")?;
    let nanos = case["canonical_nanos"].as_u64().and_then(|it| it.try_into().ok()).ok_or("no canonical_nanos")?;
    let time = Timestamp::from_parts(secs, nanos);
    let text = case["smithy_format_value"].as_str();
    let must_fail = case["error"].as_bool().unwrap_or(text.is_none());
    match verb {
        "format_" => match (time.format(format), text) {
            (Ok(actual), Some(expect)) if !must_fail => equal(&actual, &expect.to_owned()),
            (Ok(actual), _) => Err(format!("formatted as {actual:?}, expected an error")),
            (Err(_), _) if must_fail => Ok(()),
            (Err(error), _) => Err(error.to_string()),
        },
        "parse_" => {
            let text = text.ok_or("no smithy_format_value")?;
            match Timestamp::parse(text, format) {
                Ok(actual) if must_fail => Err(format!("{text:?} parsed as {actual}, expected an error")),
                Err(_) if must_fail => Ok(()),
                Ok(actual) => equal(&actual, &time)
                    .and_then(|()| equal(&Timestamp::parse_any(text).map_err(|it| it.to_string())?, &time)),
                Err(error) => Err(error.to_string()),
            }
        }
        other => Err(format!("unknown verb {other:?}")),
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(actual: &T, expect: &T) -> Result<(), String> {
    if actual == expect { Ok(()) } else { Err(format!("{actual:?}, expected {expect:?}")) }
}
