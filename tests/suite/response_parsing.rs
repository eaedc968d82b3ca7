//! Recorded responses of real services, parsed with the services' own models, in every case file of `response-parsing`.

use std::collections::BTreeMap;
use std::path::Path;

use aws_core::Bytes;
use aws_core::http::{HeaderMap, HeaderName, HeaderValue};
use aws_core::internals::protocol::ResponseParts;
use aws_core::internals::schema::dynamic::view;
use codegen::name;
use codegen::report::Report;
use serde_json::Value;
use tests::dynamic::{Operation, Service, supports_protocol};
use tests::suite::{Outcome, Suite, conformance, entries, models};
use tests::values;

/// Cases that are known to fail, each with its reason.
const IGNORED_XML: &[(&str, &str)] = &[(
    "responses/iam-get-user-policy",
    "the policy is decoded after the protocol has read it; botocore leaves it out too",
)];
/// A placeholder in some recordings where a timestamp belongs, and the timestamp that replaces it.
const TIME_PLACEHOLDER: (&str, &str) = ("YYYY-MM-DDTHH:MM:SS.000Z", "2010-08-17T01:15:18.000Z");
const IGNORED_JSON: &[(&str, &str)] = &[];

#[test]
fn recorded_xml_responses_parse_to_their_values() {
    run("xml", IGNORED_XML);
}

#[test]
fn recorded_json_responses_parse_to_their_values() {
    run("json", IGNORED_JSON);
}

/// Runs the responses of one format; the expectation is beside the response, or has its name in the folder `expected`.
fn run(format: &str, ignored: &'static [(&'static str, &'static str)]) {
    let Some(folder) = conformance("response-parsing").map(|it| it.join(format)) else { return };
    let mut suite = Suite::new(format!("response-parsing {format}"), ignored);
    let mut services = BTreeMap::new();
    let expected = folder.join("expected");
    for kind in ["responses", "errors"] {
        let files = entries(&folder.join(kind)).into_iter();
        for path in files.filter(|path| path.extension().is_some_and(|it| it == format)) {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let (service, operation) = stem.split_once('-').unwrap_or((&stem, ""));
            let operation = operation.split('#').next().unwrap_or_default();
            let expected = if expected.is_dir() { expected.join(&stem) } else { path.clone() }.with_extension("json");
            match services.entry(service.to_owned()).or_insert_with(|| load(service)) {
                Err(reason) => suite.skip(1, reason.clone()),
                Ok(service) => suite.run(&format!("{kind}/{stem}"), || {
                    let expected = std::fs::read_to_string(&expected).map_err(|it| it.to_string())?;
                    let expected = serde_json::from_str(&expected.replace(TIME_PLACEHOLDER.0, TIME_PLACEHOLDER.1));
                    check(
                        service,
                        operation,
                        response(&path)?,
                        expected.map_err(|it| it.to_string())?,
                        kind == "errors",
                    )
                }),
            }
        }
    }
    suite.finish();
}

/// The headers and the body of a response; a JSON file may contain both.
fn response(path: &Path) -> Result<(HeaderMap, Bytes), String> {
    let mut headers = HeaderMap::new();
    let body = std::fs::read(path).map_err(|it| it.to_string())?;
    let body = match String::from_utf8(body) {
        Ok(text) => text.replace(TIME_PLACEHOLDER.0, TIME_PLACEHOLDER.1).into_bytes(),
        Err(it) => it.into_bytes(),
    };
    let Ok(Value::Object(mut object)) = serde_json::from_slice(&body) else { return Ok((headers, body.into())) };
    let Some(Value::Object(recorded)) = object.remove("__headers__") else { return Ok((headers, body.into())) };
    for (name, value) in &recorded {
        let name: HeaderName = name.parse().map_err(|_| "invalid header name")?;
        let value: HeaderValue = value.as_str().unwrap_or_default().parse().map_err(|_| "invalid header value")?;
        headers.append(name, value);
    }
    Ok((headers, Value::Object(object).to_string().into()))
}

/// The service, or the reason to skip its cases.
fn load(name: &str) -> Result<Service, String> {
    let store = models();
    if store.versions(name).is_empty() {
        return Err(format!("no model of {name} is available (see CORPUS_DIR)"));
    }
    let mut report = Report::new();
    let source = store.load(name, &mut report).unwrap_or_else(|| panic!("{report}"));
    let protocol = source.service.value["metadata"]["protocol"].as_str().unwrap_or_default();
    if !supports_protocol(protocol) {
        return Err(format!("the runtime does not implement {protocol}"));
    }
    Ok(Service::from_source(&source).unwrap_or_else(|it| panic!("{it}")))
}

fn check(
    service: &Service,
    operation: &str,
    (headers, body): (HeaderMap, Bytes),
    mut expect: Value,
    is_error: bool,
) -> Outcome {
    let by_name = |(name, _): &(&String, &Operation)| name::snake(name).replace('_', "-") == operation;
    let (_, operation) = service.operations.iter().find(by_name).ok_or("no such operation")?;
    if is_error {
        return check_error(service, ResponseParts { status: 400, headers: &headers, body: &body }, &expect);
    }
    if let Some(it) = expect.as_object_mut() {
        it.remove("ResponseMetadata");
    }
    let members = operation.parse(service.protocol, ResponseParts { status: 200, headers: &headers, body: &body })?;
    values::compare(view(&members, operation.plan.output), &expect)
}

fn check_error(service: &Service, response: ResponseParts<'_>, expect: &Value) -> Outcome {
    let error = service.protocol.error_info(response);
    let found = [Some(error.code.as_str()), Some(error.message.as_str()), error.request_id.as_deref()];
    let request_id = expect["ResponseMetadata"]["RequestId"].as_str();
    // S3 sends the request id in a header too; the expectation omits the copy in the body.
    let expect = [expect["Error"]["Code"].as_str(), expect["Error"]["Message"].as_str(), request_id.or(found[2])];
    if found == expect { Ok(()) } else { Err(format!("{found:?}, expected {expect:?}")) }
}
