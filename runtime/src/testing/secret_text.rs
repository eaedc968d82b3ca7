//! Removes a secret from text that spells it in its own way, as JSON, XML and URLs do. Knows neither exchanges nor what is
//! secret.

use crate::encoding::base64;

/// Writes `mark` for a secret, which is not empty, however its characters are spelled; also for its base64.
pub(super) fn replace(text: &str, secret: &str, mark: &str) -> String {
    let (mut replaced, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let len = spelled(rest, secret);
        match len {
            Some(_) => replaced.push_str(mark),
            None => replaced.push(first),
        }
        rest = &rest[len.unwrap_or(first.len_utf8())..];
    }
    replaced.replace(&base64::encode(secret), mark)
}

/// Hides a secret in bytes that are no text, such as CBOR, of the same length afterwards.
pub(super) fn mask(bytes: &mut [u8], secret: &str) {
    let mut rest = bytes;
    while let Some(start) = rest.windows(secret.len()).position(|it| it == secret.as_bytes()) {
        let (found, after) = rest[start..].split_at_mut(secret.len());
        found.fill(b'*');
        rest = after;
    }
}

/// The length of the secret at the begin of the text, if it is there.
fn spelled(text: &str, secret: &str) -> Option<usize> {
    let mut characters = secret.chars();
    let mut ends: Vec<usize> = spellings(text, characters.next()?).collect();
    for character in characters {
        if ends.is_empty() {
            return None;
        }
        // One character may be spelled in two ways, such as the `&` of `&amp;`.
        ends = ends.iter().flat_map(|&end| spellings(&text[end..], character).map(move |len| end + len)).collect();
        ends.dedup();
    }
    ends.into_iter().max()
}

/// The lengths of the character at the begin of the text, in each spelling that is there.
fn spellings(text: &str, character: char) -> impl Iterator<Item = usize> {
    let plain = text.starts_with(character).then_some(character.len_utf8());
    let others = match text.bytes().next() {
        Some(b'\\') => [backslash(text, character), code_units(text, character)],
        Some(b'&') => [entity(text, character), None],
        Some(b'%') => [percent(text, character), None],
        Some(b'+') if character == ' ' => [Some(1), None],
        _ => [None, None],
    };
    plain.into_iter().chain(others.into_iter().flatten())
}

/// JSON's `\n`.
fn backslash(text: &str, character: char) -> Option<usize> {
    let short = match character {
        '"' | '\\' | '/' => character,
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        _ => return None,
    };
    text[1..].starts_with(short).then_some(2)
}

/// JSON's `\u0026`.
fn code_units(text: &str, character: char) -> Option<usize> {
    let mut len = 0;
    for unit in character.encode_utf16(&mut [0; 2]) {
        let hex = text[len..].strip_prefix("\\u")?.get(..4)?;
        len += 6;
        u16::from_str_radix(hex, 16).ok().filter(|it| it == unit)?;
    }
    Some(len)
}

/// XML's `&amp;`, `&#38;` and `&#x26;`.
fn entity(text: &str, character: char) -> Option<usize> {
    let (name, _) = text[1..].split_once(';')?;
    let is_same = match name.strip_prefix('#') {
        None => [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')].contains(&(name, character)),
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            code == Ok(character.into())
        }
    };
    is_same.then_some(name.len() + 2)
}

/// A URL's `%26`.
fn percent(text: &str, character: char) -> Option<usize> {
    let mut len = 0;
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        let hex = text[len..].strip_prefix('%')?.get(..2)?;
        len += 3;
        u8::from_str_radix(hex, 16).ok().filter(|it| *it == byte)?;
    }
    Some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_every_spelling() {
        let check = |secret: &str, text: &str, expect: &str| assert_eq!(replace(text, secret, "***"), expect, "{text}");
        for spelling in [
            "p&ss/wö\"1",
            "p&amp;ss/wö&quot;1",
            "p&#38;ss\\/wö\\\"1",
            "p\\u0026ss/w\\u00F6\\u00221",
            "p%26ss%2Fw%c3%B6%221",
        ] {
            check("p&ss/wö\"1", &format!("<M>é {spelling}{spelling}&amp;</M>"), "<M>é ******&amp;</M>");
        }
        // What looks like a spelling may be plain.
        for (secret, spelling) in
            [("a&amp;b", "a&amp;b"), ("a&amp;b", "a&amp;amp;b"), ("50%25x", "50%25x"), ("a\\\\b", "a\\\\b")]
        {
            check(secret, &format!("({spelling})"), "(***)");
        }
        check("a\\b c", "a\\\\b+c a\\b%20c a\\u005cb c", "*** *** ***");
        check("sesame😀", "\"sesame\\uD83D\\uDE00\", sesame&#x1F600;, sesame%F0%9F%98%80", "\"***\", ***, ***");
        check("open sesame", "b3BlbiBzZXNhbWU= open  sesame", "*** open  sesame");
        // Cut off, or not the same.
        for text in
            ["sesam", "sesam&#101", "sesam%6", "sesam\\u006", "sesam\\u0066", "sesam&#0;", "&amp", "%", "\\", "é"]
        {
            check("sesame", text, text);
        }
    }

    #[test]
    fn bytes_keep_their_length() {
        let mut bytes = *b"\xa1\x66sesame\x66sesame\xff";
        mask(&mut bytes, "sesame");
        assert_eq!(bytes, *b"\xa1\x66******\x66******\xff");
    }

    #[test]
    fn a_part_of_an_escape_is_no_secret() {
        assert_eq!(replace(r#""C:\\password""#, "password", "***"), r#""C:\\***""#);
    }
}
