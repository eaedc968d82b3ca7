//! A lenient tokenizer of HTML: everything that is not a tag is text. Knows no tag by name.

use std::borrow::Cow;

/// A tag or the text between tags; names are in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `<name …>`, also `<name …/>`; `raw` is the tag as it was written.
    Open { name: String, href: Option<String>, raw: &'a str },
    /// `</name>`.
    Close { name: String },
    /// Text with its entities decoded and its white space unchanged.
    Text(Cow<'a, str>),
}

/// Splits `html` into tokens; comments, doctypes and processing instructions are dropped.
pub(super) fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = html;
    // Where the search for the next tag starts: everything before it is text.
    let mut text = 0;
    while let Some(index) = rest[text..].find('<').map(|offset| text + offset) {
        let Some((length, token)) = tag(&rest[index..]) else {
            text = index + 1;
            continue;
        };
        if index > 0 {
            tokens.push(Token::Text(decode(&rest[..index])));
        }
        tokens.extend(token);
        rest = &rest[index + length..];
        text = 0;
    }
    if !rest.is_empty() {
        tokens.push(Token::Text(decode(rest)));
    }
    tokens
}

/// The tag at the start of `text`, and its length; the token is `None` for tags that are dropped.
fn tag(text: &str) -> Option<(usize, Option<Token<'_>>)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        return comment.find("-->").map(|end| (end + "<!---->".len(), None));
    }
    let close = text.starts_with("</");
    let start = if close { 2 } else { 1 };
    let first = text[start..].chars().next()?;
    if matches!(first, '!' | '?') && !close {
        return tag_end(&text[start..]).map(|end| (start + end + 1, None));
    }
    if !first.is_ascii_alphabetic() {
        return None;
    }
    let length = start + tag_end(&text[start..])?;
    let inside = &text[start..length];
    let name_end = inside
        .find(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | ':' | '.')))
        .unwrap_or(inside.len());
    let (name, attributes) = inside.split_at(name_end);
    if !attributes.is_empty() && !attributes.starts_with(|it: char| it.is_ascii_whitespace() || it == '/') {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let token = if close {
        Token::Close { name }
    } else {
        let href = attribute(attributes, "href").or_else(|| attribute(attributes, "url"));
        Token::Open { name, href, raw: &text[..=length] }
    };
    Some((length + 1, Some(token)))
}

/// The position of a tag's `>`: not within quotes, and before any other `<`. An unclosed quote is not a quote.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return Some(index),
            (b'<', None) => return None,
            (b'"' | b'\'', None) if text[..index].ends_with('=') => quote = Some(byte),
            (_, Some(open)) if open == byte => quote = None,
            _ => {}
        }
    }
    let index = text.find('>')?;
    (!text[..index].contains('<')).then_some(index)
}

/// The value of the attribute `name`, quoted or not.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let lower = attributes.to_ascii_lowercase();
    let mut from = 0;
    while let Some(index) = lower[from..].find(name).map(|offset| from + offset) {
        from = index + name.len();
        let is_separated = lower[..index].ends_with(|it: char| it.is_ascii_whitespace());
        let Some(value) = attributes[from..].trim_start().strip_prefix('=') else { continue };
        if !is_separated {
            continue;
        }
        let value = value.trim_start();
        let value = match value.strip_prefix(['"', '\'']) {
            Some(quoted) => quoted.split(&value[..1]).next(),
            None => value.split(|it: char| it.is_ascii_whitespace()).next(),
        };
        return value.map(|it| decode(it).trim().to_owned());
    }
    None
}

/// `text` with its entities decoded; unknown entities are left unchanged.
fn decode(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(index) = rest.find('&') {
        out.push_str(&rest[..index]);
        rest = &rest[index..];
        // No entity is longer than 12 bytes; the limit bounds the search.
        let end = rest.bytes().take(12).position(|it| it == b';');
        match end.and_then(|end| Some((end, entity(&rest[1..end])?))) {
            Some((end, character)) => {
                out.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        // The numbers 128 to 159 are characters of Windows-1252 (HTML standard, numeric character references); these
        // occur in AWS's documentation.
        return match code.ok()? {
            133 => Some('…'),
            145 | 146 => Some('\''),
            147 | 148 => Some('"'),
            149 => Some('•'),
            150 => Some('–'),
            151 => Some('—'),
            153 => Some('™'),
            code => char::from_u32(code).filter(|it| !it.is_control() || it.is_whitespace()),
        };
    }
    ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, character)| *character)
}

#[rustfmt::skip]
const ENTITIES: [(&str, char); 32] = [
    ("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", ' '), ("ndash", '–'), ("mdash", '—'),
    ("hellip", '…'), ("lsquo", '\''), ("rsquo", '\''), ("ldquo", '"'), ("rdquo", '"'), ("copy", '©'), ("reg", '®'),
    ("trade", '™'), ("rarr", '→'), ("larr", '←'), ("times", '×'), ("minus", '−'), ("plusmn", '±'), ("le", '≤'), ("ge", '≥'),
    ("ne", '≠'), ("bull", '•'), ("middot", '·'), ("deg", '°'), ("micro", 'µ'), ("frac12", '½'), ("sect", '§'), ("para", '¶'),
    ("shy", '\u{ad}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens on one line: `<name href>`, `</name>`, text in quotes.
    fn print(html: &str) -> String {
        let mut out = String::new();
        for token in tokens(html) {
            match token {
                Token::Open { name, href: Some(href), .. } => out.push_str(&format!("<{name} {href}>")),
                Token::Open { name, .. } => out.push_str(&format!("<{name}>")),
                Token::Close { name } => out.push_str(&format!("</{name}>")),
                Token::Text(text) => out.push_str(&format!("{text:?}")),
            }
        }
        out
    }

    #[test]
    fn everything_but_tags_is_text() {
        let check = |html: &str, expect: &str| assert_eq!(print(html), expect, "{html}");
        check("", "");
        check("plain", r#""plain""#);
        check("<P>Hi <B>there</B></P>", r#"<p>"Hi "<b>"there"</b></p>"#);
        check(r#"<a href="https://x.com/?a=1&amp;b=2" target=_blank>x</a>"#, r#"<a https://x.com/?a=1&b=2>"x"</a>"#);
        check("<a href='x y'>", "<a x y>");
        check("<a href=x>", "<a x>");
        check("<a data-href=y>", "<a>");
        check("<ulink url=\"u\">", "<ulink u>");
        check("<br/><br />", "<br><br>");
        check("a<!-- <p> -->b", r#""a""b""#);
        check("a<!-- open", r#""a<!-- open""#);
        check("<!DOCTYPE html>a", r#""a""#);
        check("a < b <= c << d", r#""a < b <= c << d""#);
        check("x<y", r#""x<y""#);
        check("<p>x<y</p>", r#"<p>"x<y"</p>"#);
        check("<", r#""<""#);
        check("</", r#""</""#);
        check("</>", r#""</>""#);
        check("<user@example.com>", r#""<user@example.com>""#);
        check("<region>", "<region>");
        check("<a href=\"x>y</a>", "<a x>\"y\"</a>");
        check("<a title=\"a>b\" href=\"x\">y", "<a x>\"y\"");
        check("it's <b>bob's</b>", r#""it's "<b>"bob's"</b>"#);
    }

    #[test]
    fn known_entities_are_decoded() {
        let check = |text: &str, expect: &str| assert_eq!(decode(text), expect);
        check("a &lt; b &gt; c &amp; d &quot;e&quot; &apos;", "a < b > c & d \"e\" '");
        check("&amp;lt;", "&lt;");
        check("AT&T; R&D &unknown; & &", "AT&T; R&D &unknown; & &");
        check("&#65;&#x42;&#X43;&#150;&#0;&#xD800;", "ABC–&#0;&#xD800;");
        check("&aaaaaaaaaaaaaaaaaaaaaaaaaa;", "&aaaaaaaaaaaaaaaaaaaaaaaaaa;");
        check("é&é;", "é&é;");
    }
}
