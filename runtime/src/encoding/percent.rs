//! Percent-encoding as AWS expects it in URLs and signatures: everything except the unreserved characters of RFC 3986.
//! Knows no URI structure.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// Everything except `A-Z a-z 0-9 - _ . ~`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const RESERVED_EXCEPT_SLASH: &AsciiSet = &RESERVED.remove(b'/');

/// Encodes everything except `A-Z a-z 0-9 - _ . ~`: for a path segment, a query name or value, or a form field.
pub fn encode(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, RESERVED).into()
}

/// As [`encode`], but without encoding slashes: for a path of several segments such as an object key.
pub fn encode_path(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, RESERVED_EXCEPT_SLASH).into()
}

/// Appends the result of [`encode`] to `out`.
pub fn push(out: &mut String, text: &str) {
    out.extend(utf8_percent_encode(text, RESERVED));
}

/// Appends the result of [`encode_path`] to `out`.
pub fn push_path(out: &mut String, text: &str) {
    out.extend(utf8_percent_encode(text, RESERVED_EXCEPT_SLASH));
}

/// Decodes percent-encoding. `+` and a `%` without two hexadecimal digits are left unchanged; invalid UTF-8 becomes
/// U+FFFD.
pub fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    percent_decode(text.as_bytes()).decode_utf8_lossy()
}

/// As [`decode`], with `+` as a space: for form bodies, and for listings with `EncodingType=url`.
pub fn decode_form(text: &str) -> Cow<'_, str> {
    if !text.contains('+') {
        return decode(text);
    }
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode(spaced.as_bytes()).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_except_unreserved_characters_is_encoded() {
        let check = |text: &str, segment: &str, path: &str| {
            assert_eq!(encode(text), segment);
            assert_eq!(encode_path(text), path);
            let mut out = String::from("=");
            push(&mut out, text);
            push_path(&mut out, text);
            assert_eq!(out, format!("={segment}{path}"));
            assert_eq!(decode(segment), text);
            assert_eq!(decode_form(path), text);
        };
        check("", "", "");
        check("AZaz09-_.~", "AZaz09-_.~", "AZaz09-_.~");
        check("a b/c+d%20", "a%20b%2Fc%2Bd%2520", "a%20b/c%2Bd%2520");
        check("é€😀", "%C3%A9%E2%82%AC%F0%9F%98%80", "%C3%A9%E2%82%AC%F0%9F%98%80");
        check(
            "!*'();:@&=$,?#[]\"<>\\^`{|}\n",
            "%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%3F%23%5B%5D%22%3C%3E%5C%5E%60%7B%7C%7D%0A",
            "%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%3F%23%5B%5D%22%3C%3E%5C%5E%60%7B%7C%7D%0A",
        );
    }

    #[test]
    fn only_valid_escapes_are_decoded() {
        let check = |text: &str, plain: &str, form: &str| {
            assert_eq!(decode(text), plain);
            assert_eq!(decode_form(text), form);
        };
        check("a+b%2Bc%20d", "a+b+c d", "a b+c d");
        check("100%", "100%", "100%");
        check("%zz%4", "%zz%4", "%zz%4");
        check("%e2%82%ac", "€", "€");
        check("%ff+", "\u{fffd}+", "\u{fffd} ");
    }
}
