//! botocore's protocol tests: parameters to requests and responses to values, through the generator's descriptions and
//! the runtime's protocols, in every case file of `protocol-tests/`.

use aws_core::call::Plan;
use aws_core::protocol::{Answer, Parts};
use aws_core::schema::dynamic::{self, Value as Dynamic};
use aws_core::schema::shape::Kind;
use aws_core::schema::{Location, StructureView, View};
use serde_json::Value;
use tests::dynamic::{Operation, Service, speaks};
use tests::suite::{Outcome, Suite, conformance, entries, read_json};
use tests::{values, xml};

/// Cases that are known to fail, by file and id, each with its reason.
const IGNORED: &[(&str, &str)] = &[
    ("input/rest-xml BodyWithXmlName", ROOT),
    ("input/rest-xml RestXmlHttpPayloadWithUnion", ROOT),
    ("input/rest-xml HttpPayloadWithXmlName", ROOT),
    ("input/rest-xml HttpPayloadWithXmlNamespace", ROOT),
    ("input/rest-xml HttpPayloadWithXmlNamespaceAndPrefix", ROOT),
    ("input/rest-xml XmlAttributesOnPayload", ROOT),
    ("input/rest-xml NullAndEmptyHeaders", "an empty list is no header, as in botocore"),
    ("input/rest-xml SDKAppliedContentEncoding_restXml", COMPRESSION),
    ("input/rest-xml SDKAppendedGzipAfterProvidedEncoding_restXml", COMPRESSION),
    ("output/rest-xml ComplexError", "the body has a message that the expectation lacks; botocore reads it too"),
];
/// Real models name the element by the member: S3 sends `NotificationConfiguration`, whose shape has another name.
const ROOT: &str = "the root is named by the reference to the shape, as in botocore";
const COMPRESSION: &str = "compression is no matter of the protocol";

/// What the cases about idempotency tokens expect.
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";

#[test]
fn requests() {
    run("input", |service, operation, suite, case| request(service, operation, &suite["clientEndpoint"], case));
}

#[test]
fn responses() {
    run("output", |service, operation, _, case| response(service, operation, case));
}

fn run(direction: &str, check: fn(&Service, &Operation, &Value, &Value) -> Outcome) {
    let Some(folder) = conformance("protocol-tests") else { return };
    let mut counted = Suite::new(format!("protocols {direction}"), ignored(direction));
    for path in entries(&folder.join(direction)).iter().filter(|it| it.extension().is_some_and(|it| it == "json")) {
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for suite in read_json(path).as_array().into_iter().flatten() {
            let cases = suite["cases"].as_array().map_or(&[][..], Vec::as_slice);
            let protocol = suite["metadata"]["protocol"].as_str().unwrap_or_default();
            if !speaks(protocol) {
                counted.skip(cases.len(), format!("the runtime does not speak {protocol} yet"));
                continue;
            }
            for case in cases {
                counted.run(&format!("{direction}/{file} {}", case["id"].as_str().unwrap_or_default()), || {
                    let service = Service::of_case(&suite["metadata"], &suite["shapes"], &case["given"])?;
                    let name = case["given"]["name"].as_str().unwrap_or_default();
                    check(&service, service.operations.get(name).ok_or("no such operation")?, suite, case)
                });
            }
        }
    }
    counted.finish();
}

/// The entries of one direction.
fn ignored(direction: &str) -> &'static [(&'static str, &'static str)] {
    let entries: Vec<_> = IGNORED.iter().filter(|it| it.0.starts_with(direction)).copied().collect();
    Box::leak(entries.into_boxed_slice())
}

fn request(service: &Service, operation: &Operation, endpoint: &Value, case: &Value) -> Outcome {
    let plan = operation.plan;
    let mut members = values::structure(&case["params"], plan.input)?;
    for (value, member) in members.iter_mut().zip(&plan.input.members) {
        if member.token && matches!(value, Dynamic::Absent) {
            *value = Dynamic::String(TOKEN.to_owned());
        }
    }
    let input = dynamic::view(&members, plan.input);
    let parts = service.protocol.serialize(plan, input).map_err(|it| it.to_string())?;
    let expect = &case["serialized"];
    equal("method", parts.method.as_str(), expect["method"].as_str())?;
    let uri = match parts.query.as_str() {
        "" => parts.path.clone(),
        query => format!("{}?{query}", parts.path),
    };
    same_uri(&uri, expect["uri"].as_str().unwrap_or_default())?;
    headers(plan, &parts, expect)?;
    if let Some(expect) = expect["host"].as_str() {
        equal("host", &host(plan, input, endpoint.as_str().unwrap_or_default()), Some(expect))?;
    }
    match expect["body"].as_str() {
        Some(expect) => body(&sent(plan, &parts, input), expect, members.iter().any(holds_map)),
        None => Ok(()),
    }
}

fn equal(what: &str, found: &str, expect: Option<&str>) -> Outcome {
    match expect {
        Some(expect) if found != expect => Err(format!("{what} {found:?}, expected {expect:?}")),
        _ => Ok(()),
    }
}

/// Pairs of the query may stand in any order: a typed client's is the model's.
fn same_uri(found: &str, expect: &str) -> Outcome {
    let sorted = |uri: &str| {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let mut pairs: Vec<_> = query.split('&').map(str::to_owned).collect();
        pairs.sort();
        (path.to_owned(), pairs)
    };
    if sorted(found) == sorted(expect) { Ok(()) } else { Err(format!("uri {found:?}, expected {expect:?}")) }
}

fn headers(plan: &Plan, parts: &Parts, expect: &Value) -> Outcome {
    for (name, value) in expect["headers"].as_object().into_iter().flatten() {
        // botocore sends no content type here, and so is not compared; ours is the one of the cases.
        let expect = value.as_str().unwrap_or_default();
        let found = parts.headers.get(name).map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
        let is_list = plan.input.headers.iter().map(|&it| &plan.input.members[it]).any(|it| {
            it.location == Location::Header
                && it.wire.eq_ignore_ascii_case(name)
                && matches!(it.node.kind, Kind::List(_))
        });
        let spaced = |it: &str| if is_list { it.replace(", ", ",") } else { it.to_owned() };
        if found.as_deref().map(spaced) != Some(spaced(expect)) {
            return Err(format!("header {name}: {found:?}, expected {expect:?}"));
        }
    }
    for name in expect["forbidHeaders"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if let Some(found) = parts.headers.get(name) {
            return Err(format!("header {name} must not be there, but is {found:?}"));
        }
    }
    Ok(())
}

/// The host after the operation's prefix is put before it.
fn host(plan: &Plan, input: StructureView<'_>, endpoint: &str) -> String {
    let mut prefix = plan.host_prefix.unwrap_or_default().to_owned();
    for (member, value) in input.members().filter(|(member, _)| member.host) {
        if let View::String(text) = value {
            prefix = prefix.replace(&format!("{{{}}}", member.name), text);
        }
    }
    format!("{prefix}{}", endpoint.split_once("://").map_or(endpoint, |it| it.1))
}

/// The body as it goes out.
fn sent(plan: &Plan, parts: &Parts, input: StructureView<'_>) -> Vec<u8> {
    if !parts.streaming {
        return parts.body.as_ref().map(|it| it.to_vec()).unwrap_or_default();
    }
    match plan.input.payload.and_then(|it| input.get(&plan.input.members[it])) {
        Some(View::Stream(stream)) => stream.as_bytes().map(|it| it.to_vec()).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Whether a map with several entries is anywhere inside: ours are in the order of their keys.
fn holds_map(value: &Dynamic) -> bool {
    match value {
        Dynamic::Map(it) => it.len() > 1 || it.values().any(holds_map),
        Dynamic::List(it) | Dynamic::Structure(it) => it.iter().any(holds_map),
        _ => false,
    }
}

fn body(found: &[u8], expect: &str, any_order: bool) -> Outcome {
    let found = String::from_utf8_lossy(found);
    let same = match (xml::parse(&found), xml::parse(expect)) {
        (Some(found), Some(expect)) if any_order => found.sorted() == expect.sorted(),
        (Some(found), Some(expect)) => found == expect,
        _ => found == expect,
    };
    if same { Ok(()) } else { Err(format!("body {found:?}, expected {expect:?}")) }
}

fn response(service: &Service, operation: &Operation, case: &Value) -> Outcome {
    let response = &case["response"];
    let mut headers = aws_core::http::HeaderMap::new();
    for (name, value) in response["headers"].as_object().into_iter().flatten() {
        let name: aws_core::http::HeaderName = name.parse().map_err(|_| "no header name")?;
        let value = value.as_str().unwrap_or_default().parse().map_err(|_| "no header value")?;
        headers.append(name, value);
    }
    let body = response["body"].as_str().unwrap_or_default().to_owned().into();
    let status = response["status_code"].as_u64().and_then(|it| it.try_into().ok()).ok_or("no status")?;
    let answer = Answer { status, headers: &headers, body: &body };
    if case.get("error").is_some() || case.get("errorCode").is_some() {
        return fault(service, operation, answer, case);
    }
    let members = operation.parse(service.protocol, answer)?;
    let found = dynamic::view(&members, operation.plan.output);
    values::compare(found, case.get("result").unwrap_or(&serde_json::json!({})))
}

fn fault(service: &Service, operation: &Operation, answer: Answer<'_>, case: &Value) -> Outcome {
    let fault = service.protocol.fault(answer);
    equal("code", &fault.code, Some(case["errorCode"].as_str().unwrap_or_default()))?;
    equal("message", &fault.message, Some(case["errorMessage"].as_str().unwrap_or_default()))?;
    let Some((_, shape)) = operation.errors.iter().find(|(code, _)| *code == fault.code) else {
        return match case["error"].as_object().is_none_or(|it| it.is_empty()) {
            true => Ok(()),
            false => Err(format!("no error shape has the code {:?}", fault.code)),
        };
    };
    let mut members = Vec::new();
    let mut out = dynamic::fill(&mut members, shape);
    service.protocol.parse_exception(answer, out.reborrow()).map_err(|it| it.to_string())?;
    values::compare(out.view(), case.get("error").unwrap_or(&serde_json::json!({})))
}
