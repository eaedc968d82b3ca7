//! The CBOR decoding tests of the Smithy protocol: well-formed items become values, malformed ones errors, through the
//! runtime's tokenizer.

use serde_json::Value;
use tests::cbor::{self, Item};
use tests::suite::{Outcome, Suite, conformance, read_json};

#[test]
fn well_formed_items_decode_to_their_values() {
    run("decode-success-tests.json", |input, case| {
        let found = cbor::parse(input)?;
        match matches(&found, &case["expect"]) {
            true => Ok(()),
            false => Err(format!("found {found:?}, expected {}", case["expect"])),
        }
    });
}

#[test]
fn malformed_items_are_errors() {
    run("decode-error-tests.json", |input, _| match cbor::parse(input) {
        Ok(found) => Err(format!("decoded to {found:?}")),
        Err(_) => Ok(()),
    });
}

fn run(file: &str, check: fn(&[u8], &Value) -> Outcome) {
    let Some(folder) = conformance("cbor") else { return };
    let mut suite = Suite::new(format!("cbor {file}"), &[]);
    for case in read_json(&folder.join(file)).as_array().into_iter().flatten() {
        suite.run(case["description"].as_str().unwrap_or_default(), || {
            let input = case["input"].as_str().and_then(decode_hex).ok_or("no input")?;
            check(&input, case)
        });
    }
    suite.finish();
}

fn decode_hex(digits: &str) -> Option<Vec<u8>> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

/// Compares with an object of one key, which names the type.
fn matches(found: &Item, expect: &Value) -> bool {
    let Some((kind, expect)) = expect.as_object().and_then(|it| it.iter().next()) else { return false };
    let number = || expect.to_string();
    match (kind.as_str(), found) {
        // The least integer is outside of `i64`: serde_json reads it as a double, which happens to be exact.
        ("uint" | "negint", Item::Int(it)) => {
            it.to_string() == number() || i64::try_from(*it).is_err() && expect.as_f64() == Some(*it as f64)
        }
        ("bool", Item::Bool(it)) => expect.as_bool() == Some(*it),
        ("string", Item::Text(it)) => expect.as_str() == Some(it),
        ("bytestring", Item::Bytes(it)) => expect
            .as_array()
            .is_some_and(|expect| expect.iter().map(Value::as_u64).eq(it.iter().map(|&it| Some(it.into())))),
        ("null", Item::Null) => true,
        ("float32", Item::F32(it)) => it.to_bits().to_string() == number(),
        ("float64", Item::F64(it)) => it.to_bits().to_string() == number(),
        ("list", Item::List(it)) => {
            let expect = expect.as_array().map_or(&[][..], Vec::as_slice);
            it.len() == expect.len() && it.iter().zip(expect).all(|(it, expect)| matches(it, expect))
        }
        ("map", Item::Map(it)) => expect.as_object().is_some_and(|expect| {
            it.len() == expect.len()
                && it.iter().all(|(key, value)| match key {
                    Item::Text(key) => expect.get(key).is_some_and(|expect| matches(value, expect)),
                    _ => false,
                })
        }),
        ("tag", Item::Tag(tag, value)) => expect["id"].as_u64() == Some(*tag) && matches(value, &expect["value"]),
        _ => false,
    }
}
