//! Parameters to requests: method, URI, headers, host and body.

use aws_core::call::{Plan, host_prefix};
use aws_core::protocol::Parts;
use aws_core::schema::dynamic::{self, Value as Dynamic};
use aws_core::schema::shape::Kind;
use aws_core::schema::{Location, StructureView, View};
use serde_json::Value;
use tests::suite::Outcome;
use tests::values;

use super::{Case, bodies, equal};

/// What the cases about idempotency tokens expect.
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";

pub(super) fn check(it: &Case<'_>) -> Outcome {
    let &Case { service, operation, suite, case, .. } = it;
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
    // What the endpoint's own path does to it is the call's, and as simple.
    let endpoint = suite["clientEndpoint"].as_str().unwrap_or_default();
    let endpoint = endpoint.split_once("://").map_or(endpoint, |it| it.1);
    let base = endpoint.find('/').map_or("", |it| &endpoint[it..]);
    let uri = match parts.query.as_str() {
        "" => format!("{base}{}", parts.path),
        query => format!("{base}{}?{query}", parts.path),
    };
    same_uri(&uri, expect["uri"].as_str().unwrap_or_default())?;
    headers(plan, &parts, expect)?;
    if let Some(expect) = expect["host"].as_str() {
        equal("host", &host(plan, input, endpoint)?, Some(expect))?;
    }
    match expect["body"].as_str() {
        Some(expect) => bodies::same(it.protocol, &sent(plan, &parts, input), expect, members.iter().any(holds_map)),
        None => Ok(()),
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
        // A form tells its character set, which the cases leave out.
        let found = found.map(|it| it.trim_end_matches("; charset=utf-8").to_owned());
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
fn host(plan: &Plan, input: StructureView<'_>, endpoint: &str) -> Result<String, String> {
    let prefix = host_prefix(plan.host_prefix.unwrap_or_default(), input).map_err(|it| it.to_string())?;
    Ok(format!("{prefix}{}", endpoint.split_once("://").map_or(endpoint, |it| it.1)))
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
