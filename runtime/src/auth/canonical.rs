//! The canonical request of Signature Version 4, which client and service both compute. Knows no keys and no dates.

use crate::http::{HeaderMap, Url};
use crate::ordered::order;

/// Headers that are never signed, because HTTP clients and proxies add, change or remove them: those of botocore
/// (`SIGNED_HEADERS_BLACKLIST` in `auth.py`), and `authorization`, which carries the signature.
const UNSIGNED_HEADERS: [&str; 15] = [
    "authorization",
    "baggage",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// The strings that a signature was computed from, to compare with those in a service's `SignatureDoesNotMatch` error.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CanonicalRequest {
    /// The canonical request.
    pub canonical_request: String,
    /// The string to sign: algorithm, date, scope and the hash of the canonical request.
    pub string_to_sign: String,
    /// The signature, in lower-case hex.
    pub signature: String,
}

impl std::fmt::Debug for CanonicalRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The canonical request may contain a session token.
        f.debug_struct("CanonicalRequest").field("string_to_sign", &self.string_to_sign).finish_non_exhaustive()
    }
}

/// Whether a header is never signed.
pub(super) fn is_unsigned(name: &str) -> bool {
    UNSIGNED_HEADERS.binary_search(&name).is_ok()
}

/// The names of the headers to sign, `host` among them, sorted.
pub(super) fn signed_headers<'a>(headers: &'a HeaderMap, exclude: &[&str]) -> Vec<&'a str> {
    let mut names = Vec::with_capacity(headers.keys_len() + 1);
    names.push("host");
    for name in headers.keys().map(|it| it.as_str()) {
        if name != "host" && !is_unsigned(name) && !exclude.contains(&name) {
            names.push(name);
        }
    }
    names.sort_unstable();
    names
}

/// How the path is written in the canonical request.
#[derive(Clone, Copy)]
pub(super) struct PathRules {
    pub(super) normalize: bool,
    pub(super) double_encode: bool,
}

/// Writes the canonical request. `extra_query` is what a presigned URL adds, already percent-encoded.
pub(super) fn write(
    method: &str,
    url: &Url,
    rules: PathRules,
    extra_query: Option<&str>,
    headers: &HeaderMap,
    signed: &[&str],
    payload: &[u8],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(method.as_bytes());
    out.push(b'\n');
    push_path(&mut out, url.path(), rules);
    out.push(b'\n');
    push_query(&mut out, url.query(), extra_query);
    out.push(b'\n');
    for name in signed {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        let mut values = headers.get_all(*name).iter();
        match values.next() {
            Some(first) => {
                push_trimmed(&mut out, first.as_bytes());
                for value in values {
                    out.push(b',');
                    push_trimmed(&mut out, value.as_bytes());
                }
            }
            // Only `host` may be missing from the headers: the HTTP client adds it from the URL.
            None => out.extend_from_slice(url.host_header().as_bytes()),
        }
        out.push(b'\n');
    }
    out.push(b'\n');
    push_joined(&mut out, signed);
    out.push(b'\n');
    out.extend_from_slice(payload);
    out
}

/// Appends the names, joined by semicolons.
pub(super) fn push_joined(out: &mut Vec<u8>, names: &[&str]) {
    for (i, name) in names.iter().enumerate() {
        if i > 0 {
            out.push(b';');
        }
        out.extend_from_slice(name.as_bytes());
    }
}

fn push_path(out: &mut Vec<u8>, path: &str, rules: PathRules) {
    let normalized;
    let path = if rules.normalize && (path.contains("/.") || path.contains("//")) {
        normalized = normalize(path);
        &normalized
    } else {
        path
    };
    if !rules.double_encode {
        out.extend_from_slice(path.as_bytes());
        return;
    }
    for byte in path.bytes() {
        if byte == b'/' || is_unreserved(byte) { out.push(byte) } else { push_escape(out, byte) }
    }
}

/// Removes empty and `.` segments, and resolves `..`.
fn normalize(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let ends_with_slash = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end)) && !segments.is_empty();
    let mut normalized = String::with_capacity(path.len());
    for segment in segments {
        normalized.push('/');
        normalized.push_str(segment);
    }
    if ends_with_slash || normalized.is_empty() {
        normalized.push('/');
    }
    normalized
}

fn push_query(out: &mut Vec<u8>, own: Option<&str>, extra: Option<&str>) {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for pair in [own, extra].into_iter().flatten().flat_map(|it| it.split('&')).filter(|it| !it.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((normalize_encoding(name), normalize_encoding(value)));
    }
    // Sorted by encoded name, then by value. Sorting joined pairs would put `a-=` before `a=`.
    let order = order(pairs.len(), &mut |one, other| pairs[one].cmp(&pairs[other]));
    for (i, (name, value)) in order.into_iter().map(|index| &pairs[index]).enumerate() {
        if i > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

/// Percent-encodes everything except unreserved characters, without encoding twice what is encoded already.
fn normalize_encoding(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len() + 8);
    let mut i = 0;
    while let Some(&byte) = bytes.get(i) {
        let digit = |index: usize| bytes.get(index).and_then(|it| char::from(*it).to_digit(16));
        let byte = match (byte, digit(i + 1), digit(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                i += 2;
                (high * 16 + low) as u8
            }
            _ => byte,
        };
        if is_unreserved(byte) {
            out.push(byte)
        } else {
            push_escape(&mut out, byte)
        }
        i += 1;
    }
    out
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    let digits = b"0123456789ABCDEF";
    out.extend_from_slice(&[b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
}

/// Appends `text` with everything except unreserved characters percent-encoded.
pub(super) fn push_encoded(out: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        if is_unreserved(byte) { out.push(byte) } else { push_escape(out, byte) }
    }
}

/// Appends a header value without leading and trailing white space, and with runs of white space as one space.
fn push_trimmed(out: &mut Vec<u8>, value: &[u8]) {
    let value = value.trim_ascii();
    let mut after_blank = false;
    for &byte in value {
        let blank = matches!(byte, b' ' | b'\t');
        if !(blank && after_blank) {
            out.push(if blank { b' ' } else { byte });
        }
        after_blank = blank;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn paths_are_normalized_and_encoded() {
        fn check(path: &str, normalize: bool, double_encode: bool, expect: &str) {
            assert_eq!(written(|out| push_path(out, path, PathRules { normalize, double_encode })), expect, "{path}");
        }
        for (path, expect) in [
            ("/", "/"),
            ("//", "/"),
            ("/.", "/"),
            ("/./", "/"),
            ("/..", "/"),
            ("/../a", "/a"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/./b", "/a/b"),
            ("/a//b//", "/a/b/"),
            ("/a/.b/c.", "/a/.b/c."),
            ("/a/...", "/a/..."),
        ] {
            check(path, true, true, expect);
        }
        check("/a//../b", false, false, "/a//../b");
        check("/a b/%20@ሴ~", true, true, "/a%20b/%2520%40%E1%88%B4~");
        check("/a%20b/@", false, false, "/a%20b/@");
    }

    #[test]
    fn queries_are_sorted_and_encoded() {
        fn check(own: Option<&str>, extra: Option<&str>, expect: &str) {
            assert_eq!(written(|out| push_query(out, own, extra)), expect);
        }
        check(None, None, "");
        check(Some(""), None, "");
        check(Some("uploads"), None, "uploads=");
        check(Some("b=2&a=2&a=1"), None, "a=1&a=2&b=2");
        check(Some("Param-3=1&Param=2&%e1%88%b4=3"), None, "%E1%88%B4=3&Param=2&Param-3=1");
        check(Some("b=1"), Some("a=1&c=%2F"), "a=1&b=1&c=%2F");
        check(Some("k=a%20b+c/%7e%4"), None, "k=a%20b%2Bc%2F~%254");
        check(Some("k=v=w"), None, "k=v%3Dw");
        check(Some("&&a=1&"), None, "a=1");
    }

    #[test]
    fn white_space_in_header_values_is_collapsed() {
        fn check(value: &str, expect: &str) {
            assert_eq!(written(|out| push_trimmed(out, value.as_bytes())), expect);
        }
        check("", "");
        check("  a  b \t c  ", "a b c");
        check("\"a   b\"", "\"a b\"");
    }

    #[test]
    fn unsigned_headers_are_sorted() {
        assert!(UNSIGNED_HEADERS.is_sorted());
        assert!(is_unsigned("user-agent") && !is_unsigned("content-type"));
    }
}
