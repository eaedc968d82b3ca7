//! Requests from parameters: method, URI, headers, host and body.

use aws_core::internals::call::{OperationPlan, host_prefix};
use aws_core::internals::protocol::RequestParts;
use aws_core::internals::schema::dynamic::{self, Value as Dynamic};
use aws_core::internals::schema::shape::Kind;
use aws_core::internals::schema::{Location, StructureView, View};
use serde_json::Value;
use tests::suite::Outcome;
use tests::values;

use super::{Case, bodies, equal};

/// The idempotency token that the cases expect.
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";

pub(super) fn check(case: &Case<'_>) -> Outcome {
    let &Case { protocol, service, operation, suite, case } = case;
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
    // A client puts the endpoint's own path before the operation's, as here.
    let endpoint = suite["clientEndpoint"].as_str().unwrap_or_default();
    let endpoint = endpoint.split_once("://").map_or(endpoint, |it| it.1);
    let base = endpoint.find('/').map_or("", |it| &endpoint[it..]);
    let uri = match parts.query.as_str() {
        "" => format!("{base}{}", parts.path),
        query => format!("{base}{}?{query}", parts.path),
    };
    compare_uri(&uri, expect["uri"].as_str().unwrap_or_default())?;
    compare_headers(plan, &parts, expect)?;
    if let Some(expect) = expect["host"].as_str() {
        equal("host", &host(plan, input, endpoint)?, Some(expect))?;
    }
    match expect["body"].as_str() {
        Some(expect) => bodies::compare(protocol, &body(plan, &parts, input), expect, members.iter().any(has_map)),
        None => Ok(()),
    }
}

/// Compares URIs; the query's pairs may be in any order, since a typed client sends them in the order of the model.
fn compare_uri(found: &str, expect: &str) -> Outcome {
    let sorted = |uri: &str| {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let mut pairs: Vec<_> = query.split('&').map(str::to_owned).collect();
        pairs.sort();
        (path.to_owned(), pairs)
    };
    if sorted(found) == sorted(expect) { Ok(()) } else { Err(format!("uri {found:?}, expected {expect:?}")) }
}

fn compare_headers(plan: &OperationPlan, parts: &RequestParts, expect: &Value) -> Outcome {
    for (name, value) in expect["headers"].as_object().into_iter().flatten() {
        // botocore's runner does not compare the content type, which it does not send; ours must be that of the case.
        let expect = value.as_str().unwrap_or_default();
        let found = parts.headers.get(name).map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
        // A form's content type has its character set, which the cases omit.
        let found = found.map(|it| it.trim_end_matches("; charset=utf-8").to_owned());
        let is_list = plan.input.headers.iter().map(|&it| &plan.input.members[it]).any(|it| {
            it.location == Location::Header
                && it.wire.eq_ignore_ascii_case(name)
                && matches!(it.node.kind, Kind::List(_))
        });
        let without_spaces = |it: &str| if is_list { it.replace(", ", ",") } else { it.to_owned() };
        if found.as_deref().map(without_spaces) != Some(without_spaces(expect)) {
            return Err(format!("header {name}: {found:?}, expected {expect:?}"));
        }
    }
    for name in expect["forbidHeaders"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if let Some(found) = parts.headers.get(name) {
            return Err(format!("header {name}: {found:?}, expected none"));
        }
    }
    Ok(())
}

/// The endpoint's host with the operation's prefix.
fn host(plan: &OperationPlan, input: StructureView<'_>, endpoint: &str) -> Result<String, String> {
    let prefix = host_prefix(plan.host_prefix.unwrap_or_default(), input).map_err(|it| it.to_string())?;
    Ok(format!("{prefix}{}", endpoint.split_once("://").map_or(endpoint, |it| it.1)))
}

/// The body as it is sent.
fn body(plan: &OperationPlan, parts: &RequestParts, input: StructureView<'_>) -> Vec<u8> {
    if !parts.streaming {
        return parts.body.as_ref().map(|it| it.to_vec()).unwrap_or_default();
    }
    match plan.input.payload.and_then(|it| input.get(&plan.input.members[it])) {
        Some(View::Stream(stream)) => stream.as_bytes().map(|it| it.to_vec()).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Whether the value contains a map with several entries, which are sent in the order of their keys.
fn has_map(value: &Dynamic) -> bool {
    match value {
        Dynamic::Map(it) => it.len() > 1 || it.values().any(has_map),
        Dynamic::List(it) | Dynamic::Structure(it) => it.iter().any(has_map),
        _ => false,
    }
}
