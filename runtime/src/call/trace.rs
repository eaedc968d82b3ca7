//! The trace that a call belongs to when it is made inside AWS Lambda, so that Lambda can end functions that call each
//! other in circles. Knows no operation.

use super::core::Core;
use crate::http::{HeaderMap, HeaderName, HeaderValue};

const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Adds the trace of the invocation under way. Lambda sets it anew for each, so it is looked up for every call; whether
/// this is Lambda at all is looked up once.
pub(super) fn add(core: &Core, headers: &mut HeaderMap) {
    if core.in_lambda()
        && !headers.contains_key(TRACE)
        && let Some(id) = core.provider.environment().and_then(|it| it.get("_X_AMZN_TRACE_ID"))
        && let Ok(value) = HeaderValue::try_from(quoted(&id))
    {
        headers.insert(TRACE, value);
    }
}

/// Percent-encodes what cannot stand in a header, and what botocore does not let stand there.
fn quoted(id: &str) -> String {
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
    use super::quoted;

    #[test]
    fn quotes() {
        let id = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1";
        for (id, expect) in
            [(id, id), ("a\nb c", "a%0Ab%20c"), ("{\"k\": ['ü/']}", "{\"k\":%20['%C3%BC%2F']}"), ("", "")]
        {
            assert_eq!(quoted(id), expect);
        }
    }
}
