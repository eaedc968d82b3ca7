//! botocore's protocol tests: parameters become requests and responses values, through the generator's descriptors and
//! the runtime's protocols, in every case file of `protocol-tests/`.

mod bodies;
mod ignored;
mod requests;
mod responses;

use serde_json::Value;
use tests::dynamic::{Operation, Service};
use tests::suite::{Outcome, Suite, conformance, entries, read_json};

/// One case with its suite and the service built for it.
struct Case<'a> {
    /// The protocol, by its name in models.
    protocol: &'a str,
    service: &'a Service,
    operation: &'a Operation,
    suite: &'a Value,
    case: &'a Value,
}

#[test]
fn the_json_cases_pass() {
    run("json", ignored::JSON);
}

#[test]
fn the_rest_json_cases_pass() {
    run("rest-json", ignored::REST_JSON);
}

#[test]
fn the_rest_xml_cases_pass() {
    run("rest-xml", ignored::REST_XML);
}

#[test]
fn the_query_cases_pass() {
    run("query", ignored::QUERY);
}

#[test]
fn the_ec2_cases_pass() {
    run("ec2", ignored::EC2);
}

#[test]
fn the_rpc_v2_cbor_cases_pass() {
    run("smithy-rpc-v2-cbor", ignored::CBOR);
}

/// Checks a case of one direction.
type Check = fn(&Case<'_>) -> Outcome;

/// Runs the cases of a protocol in both directions, from whichever file.
fn run(protocol: &str, ignored: ignored::List) {
    let Some(folder) = conformance("protocol-tests") else { return };
    let mut counted = Suite::new(format!("protocol-tests {protocol}"), ignored);
    let directions: [(&str, Check); 2] = [("input", requests::check), ("output", responses::check)];
    for (direction, check) in directions {
        for path in entries(&folder.join(direction)) {
            if path.extension().is_none_or(|it| it != "json") {
                continue;
            }
            let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            for suite in read_json(&path).as_array().into_iter().flatten() {
                if suite["metadata"]["protocol"] != protocol {
                    continue;
                }
                for case in suite["cases"].as_array().into_iter().flatten() {
                    counted.run(&format!("{direction}/{file} {}", case["id"].as_str().unwrap_or_default()), || {
                        let service = &Service::from_case(&suite["metadata"], &suite["shapes"], &case["given"])?;
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
