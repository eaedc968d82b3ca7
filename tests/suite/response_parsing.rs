//! Recorded answers of real services, read with the services' own models, in every case file of `response-parsing`.

use std::collections::BTreeMap;
use std::path::Path;

use aws_core::Bytes;
use aws_core::http::{HeaderMap, HeaderName, HeaderValue};
use aws_core::protocol::Answer;
use aws_core::schema::dynamic::view;
use codegen::name;
use codegen::report::Report;
use serde_json::Value;
use tests::dynamic::{Operation, Service, speaks};
use tests::suite::{Outcome, Suite, conformance, entries, models};
use tests::values;

/// Cases that are known to fail, each with its reason.
const IGNORED_XML: &[(&str, &str)] = &[(
    "responses/iam-get-user-policy",
    "the policy is decoded after the protocol has read it; botocore leaves it out too",
)];
/// What stands in some recordings where a time should be, and the time that is read in its place.
const NO_TIME: (&str, &str) = ("YYYY-MM-DDTHH:MM:SS.000Z", "2010-08-17T01:15:18.000Z");
const IGNORED_JSON: &[(&str, &str)] = &[];

#[test]
fn xml() {
    run("xml", IGNORED_XML);
}

#[test]
fn json() {
    run("json", IGNORED_JSON);
}

/// Runs the answers of one language; what is expected stands beside an answer, or under its name in `expected`.
fn run(language: &str, ignored: &'static [(&'static str, &'static str)]) {
    let Some(folder) = conformance("response-parsing").map(|it| it.join(language)) else { return };
    let mut suite = Suite::new(format!("response-parsing {language}"), ignored);
    let mut services = BTreeMap::new();
    let expected = folder.join("expected");
    for kind in ["responses", "errors"] {
        let files = entries(&folder.join(kind)).into_iter();
        for path in files.filter(|it| it.extension().is_some_and(|it| it == language)) {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let (service, operation) = stem.split_once('-').unwrap_or((&stem, ""));
            let operation = operation.split('#').next().unwrap_or_default();
            let expected = if expected.is_dir() { expected.join(&stem) } else { path.clone() }.with_extension("json");
            match services.entry(service.to_owned()).or_insert_with(|| load(service)) {
                Err(reason) => suite.skip(1, reason.clone()),
                Ok(service) => suite.run(&format!("{kind}/{stem}"), || {
                    let expected = std::fs::read_to_string(&expected).map_err(|it| it.to_string())?;
                    let expected = serde_json::from_str(&expected.replace(NO_TIME.0, NO_TIME.1));
                    case(service, operation, answer(&path)?, expected.map_err(|it| it.to_string())?, kind == "errors")
                }),
            }
        }
    }
    suite.finish();
}

/// The headers and the body of an answer; a JSON file may hold both.
fn answer(path: &Path) -> Result<(HeaderMap, Bytes), String> {
    let mut headers = HeaderMap::new();
    let body = std::fs::read(path).map_err(|it| it.to_string())?;
    let body = match String::from_utf8(body) {
        Ok(text) => text.replace(NO_TIME.0, NO_TIME.1).into_bytes(),
        Err(it) => it.into_bytes(),
    };
    let Ok(Value::Object(mut object)) = serde_json::from_slice(&body) else { return Ok((headers, body.into())) };
    let Some(Value::Object(told)) = object.remove("__headers__") else { return Ok((headers, body.into())) };
    for (name, value) in &told {
        let name: HeaderName = name.parse().map_err(|_| "no header name")?;
        let value: HeaderValue = value.as_str().unwrap_or_default().parse().map_err(|_| "no header value")?;
        headers.append(name, value);
    }
    Ok((headers, Value::Object(object).to_string().into()))
}

/// The service, or why it is left out.
fn load(name: &str) -> Result<Service, String> {
    let library = models();
    if library.versions(name).is_empty() {
        return Err(format!("there is no model of {name} at hand (see CORPUS_DIR)"));
    }
    let mut report = Report::new();
    let source = library.load(name, &mut report).unwrap_or_else(|| panic!("{report}"));
    let protocol = source.service.value["metadata"]["protocol"].as_str().unwrap_or_default();
    if !speaks(protocol) {
        return Err(format!("the runtime does not speak {protocol} yet"));
    }
    Ok(Service::of_source(&source).unwrap_or_else(|it| panic!("{it}")))
}

fn case(
    service: &Service,
    operation: &str,
    (headers, body): (HeaderMap, Bytes),
    mut expect: Value,
    is_error: bool,
) -> Outcome {
    let by_name = |(name, _): &(&String, &Operation)| name::snake(name).replace('_', "-") == operation;
    let (_, operation) = service.operations.iter().find(by_name).ok_or("no such operation")?;
    if is_error {
        return fault(service, Answer { status: 400, headers: &headers, body: &body }, &expect);
    }
    if let Some(it) = expect.as_object_mut() {
        it.remove("ResponseMetadata");
    }
    let members = operation.parse(service.protocol, Answer { status: 200, headers: &headers, body: &body })?;
    values::compare(view(&members, operation.plan.output), &expect)
}

fn fault(service: &Service, answer: Answer<'_>, expect: &Value) -> Outcome {
    let fault = service.protocol.fault(answer);
    let found = [Some(fault.code.as_str()), Some(fault.message.as_str()), fault.request_id.as_deref()];
    let request_id = expect["ResponseMetadata"]["RequestId"].as_str();
    // S3's own id comes in a header; the copy in the body is not part of the expectation.
    let expect = [expect["Error"]["Code"].as_str(), expect["Error"]["Message"].as_str(), request_id.or(found[2])];
    if found == expect { Ok(()) } else { Err(format!("{found:?}, expected {expect:?}")) }
}
