//! Replaces what is no Unicode character in JSON, for bodies that could not be read. Knows no shape and no value.

/// The escape of U+FFFD; as long as the escapes that it replaces, so that positions stay the same.
const REPLACEMENT: &str = "\\ufffd";

/// The body with U+FFFD for each sequence of bytes that is not UTF-8 and for each escape of half a surrogate pair; `None` if
/// it has neither. Both are safe to replace anywhere: outside of strings they are syntax errors before and after.
pub(super) fn mend(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let mut mended = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &text.as_bytes()[at..]) {
        at += found;
        let rest = &text.as_bytes()[at..];
        match (escaped_unit(rest), rest.get(6..).and_then(escaped_unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at += 2 * REPLACEMENT.len(),
            (Some(0xd800..=0xdfff), _) => {
                mended.push_str(&text[done..at]);
                mended.push_str(REPLACEMENT);
                at += REPLACEMENT.len();
                done = at;
            }
            // Another escape, of which a second backslash may be part.
            _ => at = (at + 2).min(text.len()),
        }
    }
    if done > 0 {
        mended.push_str(&text[done..]);
        return Some(mended);
    }
    matches!(text, std::borrow::Cow::Owned(_)).then(|| text.into_owned())
}

/// The UTF-16 code unit of the escape `\uXXXX` at the start of `text`.
fn escaped_unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    // `from_str_radix` would accept a sign.
    let digits = std::str::from_utf8(digits).ok().filter(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::mend;

    #[test]
    fn halves_of_surrogate_pairs_and_invalid_bytes_are_replaced_and_nothing_else() {
        let check = |body: &[u8], expect: Option<&str>| {
            assert_eq!(mend(body).as_deref(), expect, "{}", String::from_utf8_lossy(body));
        };
        check(br#"["a","\ud83d\ude00","\\ud800","\u00e9","\n\""]"#, None);
        check(br#""\ud800""#, Some(r#""\ufffd""#));
        check(br#""\uDFFF x \uD83D\uDE00 \uDBFF""#, Some(r#""\ufffd x \uD83D\uDE00 \ufffd""#));
        check(br#""\ud800\ud800\udc00""#, Some(r#""\ufffd\ud800\udc00""#));
        check(br#""\\\udc00""#, Some(r#""\\\ufffd""#));
        check(b"\"\xC3\x28\\ud800\"", Some("\"\u{fffd}(\\ufffd\""));
        check(b"\"\xC3\"", Some("\"\u{fffd}\""));
        // Broken escapes stay as they are.
        for broken in [&b"\\"[..], b"\"\\ud8", b"\"\\u+800\"", b"\\u", "\"\\é\"".as_bytes()] {
            check(broken, None);
        }
    }
}
