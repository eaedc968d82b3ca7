//! botocore's protocol tests: parameters to requests and responses to values, through the generator's descriptions and
//! the runtime's protocols, in every case file of `protocol-tests/`.

mod bodies;
mod ignored;
mod requests;
mod responses;

use serde_json::Value;
use tests::dynamic::{Operation, Service};
use tests::suite::{Outcome, Suite, conformance, entries, read_json};

/// One case with what it stands in.
struct Case<'a> {
    /// The protocol, by its name in models.
    protocol: &'a str,
    service: &'a Service,
    operation: &'a Operation,
    suite: &'a Value,
    case: &'a Value,
}

#[test]
fn json() {
    run("json", ignored::JSON);
}

#[test]
fn rest_json() {
    run("rest-json", ignored::REST_JSON);
}

#[test]
fn rest_xml() {
    run("rest-xml", ignored::REST_XML);
}

#[test]
fn query() {
    run("query", ignored::QUERY);
}

#[test]
fn ec2() {
    run("ec2", ignored::EC2);
}

#[test]
fn cbor() {
    run("smithy-rpc-v2-cbor", ignored::CBOR);
}

/// How a case of one direction is checked.
type Check = fn(&Case<'_>) -> Outcome;

/// Runs the cases of a protocol in both directions, whatever file they stand in.
fn run(protocol: &str, ignored: ignored::List) {
    let Some(folder) = conformance("protocol-tests") else { return };
    let mut counted = Suite::new(format!("protocol-tests {protocol}"), ignored);
    let directions: [(&str, Check); 2] = [("input", requests::check), ("output", responses::check)];
    for (direction, check) in directions {
        for path in entries(&folder.join(direction)).iter().filter(|it| it.extension().is_some_and(|it| it == "json")) {
            let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            for suite in read_json(path).as_array().into_iter().flatten() {
                if suite["metadata"]["protocol"] != protocol {
                    continue;
                }
                for case in suite["cases"].as_array().into_iter().flatten() {
                    counted.run(&format!("{direction}/{file} {}", case["id"].as_str().unwrap_or_default()), || {
                        let service = &Service::of_case(&suite["metadata"], &suite["shapes"], &case["given"])?;
                        let name = case["given"]["name"].as_str().unwrap_or_default();
                        let operation = service.operations.get(name).ok_or("no such operation")?;
                        check(&Case { protocol, service, operation, suite, case })
                    });
                }
            }
        }
    }
    counted.finish();
}

fn equal(what: &str, found: &str, expect: Option<&str>) -> Outcome {
    match expect {
        Some(expect) if found != expect => Err(format!("{what} {found:?}, expected {expect:?}")),
        _ => Ok(()),
    }
}
