//! Recorded XML answers of real services, read with the services' own models, in every case file of `response-parsing/xml`.

use std::collections::BTreeMap;
use std::path::Path;

use aws_core::http::HeaderMap;
use aws_core::protocol::Answer;
use aws_core::schema::dynamic::view;
use codegen::name;
use codegen::report::Report;
use serde_json::Value;
use tests::dynamic::{Operation, Service, speaks};
use tests::suite::{Outcome, Suite, conformance, entries, models, read_json};
use tests::values;

/// Cases that are known to fail, each with its reason.
const IGNORED: &[(&str, &str)] = &[];

#[test]
fn recorded_answers() {
    let Some(folder) = conformance("response-parsing") else { return };
    let mut suite = Suite::new("response-parsing", IGNORED);
    let mut services = BTreeMap::new();
    for kind in ["responses", "errors"] {
        for path in
            entries(&folder.join("xml").join(kind)).iter().filter(|it| it.extension().is_some_and(|it| it == "xml"))
        {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let (service, operation) = stem.split_once('-').unwrap_or((&stem, ""));
            let operation = operation.split('#').next().unwrap_or_default();
            match services.entry(service.to_owned()).or_insert_with(|| load(service)) {
                Err(reason) => suite.skip(1, reason.clone()),
                Ok(service) => {
                    suite.run(&format!("{kind}/{stem}"), || case(service, operation, path, kind == "errors"))
                }
            }
        }
    }
    suite.skip(entries(&folder.join("json/errors")).len(), "the runtime does not speak json yet");
    suite.finish();
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

fn case(service: &Service, operation: &str, path: &Path, is_error: bool) -> Outcome {
    let by_name = |(name, _): &(&String, &Operation)| name::snake(name).replace('_', "-") == operation;
    let (_, operation) = service.operations.iter().find(by_name).ok_or("no such operation")?;
    let body = std::fs::read(path).map_err(|it| it.to_string())?.into();
    let headers = HeaderMap::new();
    let mut expect = read_json(&path.with_extension("json"));
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
