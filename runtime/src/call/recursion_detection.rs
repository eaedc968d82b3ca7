//! Recursion detection: inside AWS Lambda each call carries the trace ID of the invocation, so that Lambda can stop
//! functions that call each other in a loop. Knows no operation.

use super::client_state::ClientState;
use crate::http::{HeaderMap, HeaderName, HeaderValue};

const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Adds the trace ID of the current invocation. Lambda sets it for each invocation, so it is read for every call;
/// whether the program runs in Lambda is read once.
pub(super) fn add(client: &ClientState, headers: &mut HeaderMap) {
    if client.in_lambda()
        && !headers.contains_key(TRACE_ID)
        && let Some(id) = client.session.environment().and_then(|it| it.get("_X_AMZN_TRACE_ID"))
        && let Ok(value) = HeaderValue::try_from(percent_encoded(&id))
    {
        headers.insert(TRACE_ID, value);
    }
}

/// Percent-encodes the bytes that botocore encodes (`handlers.py`, `add_recursion_detection_header`), which include all
/// that are invalid in a header.
fn percent_encoded(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte.into()),
            _ if br#"_.~-=;:+&[]{}"',"#.contains(&byte) => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::percent_encoded;

    #[test]
    fn trace_ids_are_percent_encoded_as_in_botocore() {
        let id = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1";
        for (id, expect) in
            [(id, id), ("a\nb c", "a%0Ab%20c"), ("{\"k\": ['ü/']}", "{\"k\":%20['%C3%BC%2F']}"), ("", "")]
        {
            assert_eq!(percent_encoded(id), expect);
        }
    }
}
