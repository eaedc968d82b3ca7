//! Requests as lines that can be compared: what differs between any two clients is left out, and what has no order is
//! sorted. Ids that the two servers generated may differ, if they differ everywhere in the same way. Knows no service.

use std::collections::HashMap;

use ::tests::{cbor, xml};

/// Headers that say something about the client, the connection or the time, not about the call.
const IGNORED: [&str; 14] = [
    "accept-encoding",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "authorization",
    "connection",
    "content-length",
    "expect",
    "host",
    "user-agent",
    "x-amz-date",
    "x-amz-user-agent",
    "x-amzn-query-mode",
    "x-amz-content-sha256",
    "x-moto-account-id",
];

/// We say what a body is when botocore leaves it out: in S3 and Glacier. Compared if both say it.
const CONTENT_TYPE: &str = "content-type";

/// The shortest id that a server generates: `i-1` of a canned response is none.
const SHORTEST_ID: usize = 8;

/// The shortest one without a digit. Names of operations are longer, but they are compared by their letters.
const SHORTEST_WORD: usize = 20;

/// A request as it was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) url: String,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Sent {
    /// The method and path, then the query, the headers and the body, for comparison with another request.
    pub(super) fn lines(&self, other: &Self) -> Vec<String> {
        let path = self.url.splitn(4, '/').nth(3).unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut lines = vec![format!("{} /{path}", self.method)];
        lines.extend(pairs(query, "query", false));
        let mut headers: Vec<_> = self.headers.iter().filter(|it| !IGNORED.contains(&&*it.0)).collect();
        headers.retain(|it| it.0 != CONTENT_TYPE || other.header(CONTENT_TYPE).is_some());
        headers.sort();
        lines.extend(headers.iter().map(|(name, value)| match name.starts_with("x-amz-checksum-") {
            true => format!("header {name}: that of the body"),
            false => format!("header {name}: {value}"),
        }));
        lines.extend(self.body_lines());
        lines
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|it| it.0 == name).map(|it| &*it.1)
    }

    fn body_lines(&self) -> Vec<String> {
        let content = self.header(CONTENT_TYPE).unwrap_or_default();
        let text = String::from_utf8_lossy(&self.body);
        if content.starts_with("application/x-www-form-urlencoded") {
            return pairs(&text, "body", true);
        }
        if let Ok(value) = serde_json::from_slice::<serde_json::Value>(&self.body) {
            return split(&format!("{:#}", sorted(value)));
        }
        if content == "application/cbor"
            && let Ok(item) = cbor::parse(&self.body)
        {
            return split(&format!("{:#?}", item.widened()));
        }
        match xml::parse(&text) {
            Some(root) => split(&format!("{:#?}", root.sorted_by_name())),
            None if text.is_empty() => Vec::new(),
            None => vec![format!("body of {} bytes: {:.100}", self.body.len(), text.escape_debug().to_string())],
        }
    }
}

fn split(text: &str) -> Vec<String> {
    text.lines().map(|it| format!("body {it}")).collect()
}

/// JSON with sorted keys.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value::{Array, Object};
    match value {
        Array(items) => Array(items.into_iter().map(sorted).collect()),
        Object(map) => {
            let mut entries: Vec<_> = map.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Object(entries.into_iter().collect())
        }
        other => other,
    }
}

/// The pairs of a query or form, decoded and sorted.
fn pairs(text: &str, what: &str, form: bool) -> Vec<String> {
    let decode = |it: &str| {
        let it = if form { it.replace('+', " ") } else { it.to_owned() };
        decoded(&it)
    };
    let mut pairs: Vec<_> = text
        .split('&')
        .filter(|it| !it.is_empty())
        .map(|it| it.split_once('=').unwrap_or((it, "")))
        .map(|(name, value)| match name {
            "PresignedUrl" => format!("{what} {name}={:?}", presigned(&decode(value))),
            _ => format!("{what} {}={}", decode(name), decode(value)),
        })
        .collect();
    pairs.sort();
    pairs
}

/// A URL as its parts, without the time and the signature.
fn presigned(url: &str) -> Vec<String> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut parts = pairs(query, "query", false);
    parts.retain(|it| !["query X-Amz-Date=", "query X-Amz-Signature="].iter().any(|volatile| it.starts_with(volatile)));
    parts.insert(0, path.to_owned());
    parts
}

/// Without percent-encoding.
fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        let hex: String = bytes.clone().take(2).map(char::from).collect();
        match u8::from_str_radix(&hex, 16) {
            Ok(value) if byte == b'%' && hex.len() == 2 => {
                out.push(value);
                bytes.nth(1);
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Which generated id of ours is which of boto3's.
#[derive(Debug, Default)]
pub(super) struct Renamed {
    ours: HashMap<String, String>,
    theirs: HashMap<String, String>,
}

impl Renamed {
    /// The lines that differ, if any.
    pub(super) fn difference(&mut self, ours: &[String], theirs: &[String]) -> Vec<String> {
        let same = ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| self.same(ours, theirs));
        if same {
            return Vec::new();
        }
        let only = |these: &[String], those: &[String], who: &str| -> Vec<String> {
            let found = these.iter().filter(|it| !those.contains(it));
            found.map(|it| format!("  {who}: {it}")).collect()
        };
        let mut lines = vec![format!("  in {}", ours.first().or(theirs.first()).map_or("", String::as_str))];
        lines.extend(only(ours, theirs, "we"));
        lines.extend(only(theirs, ours, "boto3"));
        vec![lines.join("\n")]
    }

    /// Whether two strings are equal, except for generated ids that always correspond.
    fn same(&mut self, ours: &str, theirs: &str) -> bool {
        if ours.starts_with("body Action=") || ours.starts_with("header ") {
            return ours == theirs;
        }
        let (ours, theirs) = (tokens(ours), tokens(theirs));
        ours.len() == theirs.len() && ours.into_iter().zip(theirs).all(|(ours, theirs)| self.corresponds(ours, theirs))
    }

    fn corresponds(&mut self, ours: &str, theirs: &str) -> bool {
        match (self.ours.get(ours), self.theirs.get(theirs)) {
            (Some(known), _) => known == theirs,
            (None, Some(_)) => false,
            (None, None) if ours == theirs => true,
            (None, None) => {
                let id = |it: &str| {
                    let digit = it.bytes().any(|it| it.is_ascii_digit());
                    it.len() >= if digit { SHORTEST_ID } else { SHORTEST_WORD }
                };
                let generated = id(ours) && id(theirs);
                if generated {
                    self.ours.insert(ours.to_owned(), theirs.to_owned());
                    self.theirs.insert(theirs.to_owned(), ours.to_owned());
                }
                generated
            }
        }
    }
}

/// A string in pieces: ids, and single characters between them.
fn tokens(text: &str) -> Vec<&str> {
    let is_id = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = rest.find(|it| !is_id(it)).unwrap_or(rest.len()).max(if is_id(first) { 1 } else { first.len_utf8() });
        let (token, after) = rest.split_at(len);
        tokens.push(token);
        rest = after;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_correspond_one_to_one() {
        let mut renamed = Renamed::default();
        let mut check = |ours: &str, theirs: &str, expect: bool| {
            let found = renamed.difference(&[ours.to_owned()], &[theirs.to_owned()]);
            assert_eq!(found.is_empty(), expect, "{ours} and {theirs}");
        };
        check("body a=vpc-00000001", "body a=vpc-0000000f", true);
        check("arn:vpc-00000001/b", "arn:vpc-0000000f/b", true);
        check("vpc-00000001", "vpc-00000001", false);
        check("vpc-00000002", "vpc-0000000f", false);
        check("vpc-00000002", "vpc-0000000e", true);
        check("i-1", "i-2", false);
        check("Vpc { id: \"a\" }", "Vpc { id: \"b\" }", false);
        check("Subnets.1", "Subnet.1", false);
        check("NetworkInterface", "NetworkAssociation", false);
        check("body Action=DescribeNetworkInterfaces", "body Action=DescribeVpcPeeringConnections", false);
        check("body uploadId=aa11aa11aa", "body uploadId=b2b2b2b2", true);
    }

    #[test]
    fn what_has_no_order_is_sorted() {
        let sent = |query: &str, kind: &str, body: &str| {
            let headers = vec![("content-type".to_owned(), kind.to_owned()), ("host".to_owned(), body.to_owned())];
            Sent { method: "PUT".to_owned(), url: format!("http://h/p?{query}"), headers, body: body.into() }
        };
        let lines = |it: &Sent| it.lines(it);
        assert_eq!(
            lines(&sent("a=1&b=%20", "application/x-www-form-urlencoded", "b=+&c")),
            [
                "PUT /p",
                "query a=1",
                "query b= ",
                "header content-type: application/x-www-form-urlencoded",
                "body b= ",
                "body c=",
            ]
        );
        let of = |kind: &str, body: &str| lines(&sent("", kind, body));
        assert_eq!(of("application/xml", "<a><c/><b/></a>"), of("application/xml", "<a> <b/><c/></a>"));
        assert_ne!(of("application/xml", "<a><b>1</b><b>2</b></a>"), of("application/xml", "<a><b>2</b><b>1</b></a>"));
        assert_eq!(of("a", r#"{"a":1,"b":[2]}"#), of("a", r#"{"b":[2],"a":1}"#));
        assert_ne!(of("a", r#"{"b":[2,3]}"#), of("a", r#"{"b":[3,2]}"#));
        let untyped = Sent { headers: Vec::new(), ..sent("", "a", "b") };
        assert_eq!(sent("", "a", "b").lines(&untyped), untyped.lines(&sent("", "a", "b")));
    }
}
