//! A forgiving tokenizer of HTML: whatever is no tag is text. Knows no tag by name.

use std::borrow::Cow;

/// A tag or the text between tags; names are in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `<name …>`, also `<name …/>`; `raw` is the tag as it was written.
    Open { name: String, href: Option<String>, raw: &'a str },
    /// `</name>`.
    Close { name: String },
    /// Text with its entities decoded, white space as it was.
    Text(Cow<'a, str>),
}

/// Takes `html` apart; comments, doctypes and processing instructions disappear.
pub(super) fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = html;
    let mut text = 0;
    while let Some(at) = rest[text..].find('<').map(|it| text + it) {
        let Some((length, token)) = tag(&rest[at..]) else {
            text = at + 1;
            continue;
        };
        if at > 0 {
            tokens.push(Token::Text(decode(&rest[..at])));
        }
        tokens.extend(token);
        rest = &rest[at + length..];
        text = 0;
    }
    if !rest.is_empty() {
        tokens.push(Token::Text(decode(rest)));
    }
    tokens
}

/// The tag that `text` starts with and its length; no token for what only disappears.
fn tag(text: &str) -> Option<(usize, Option<Token<'_>>)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        return comment.find("-->").map(|it| (it + 7, None));
    }
    let close = text.starts_with("</");
    let start = if close { 2 } else { 1 };
    let first = text[start..].chars().next()?;
    if matches!(first, '!' | '?') && !close {
        return end(&text[start..]).map(|it| (start + it + 1, None));
    }
    if !first.is_ascii_alphabetic() {
        return None;
    }
    let length = start + end(&text[start..])?;
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

/// Where the `>` of a tag is: not within quotes, and before any other `<`. A quote that never closes is no quote.
fn end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return Some(at),
            (b'<', None) => return None,
            (b'"' | b'\'', None) if text[..at].ends_with('=') => quote = Some(byte),
            (_, Some(open)) if open == byte => quote = None,
            _ => {}
        }
    }
    let at = text.find('>')?;
    (!text[..at].contains('<')).then_some(at)
}

/// The value of the attribute `name`, quoted or not.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let lower = attributes.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find(name).map(|it| from + it) {
        from = at + name.len();
        let starts = lower[..at].ends_with(|it: char| it.is_ascii_whitespace());
        let Some(value) = attributes[from..].trim_start().strip_prefix('=') else { continue };
        if !starts {
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

/// `text` with entities as the characters they stand for; what is none stays.
fn decode(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // No entity is longer than this; the limit keeps the search short.
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
        // Numbers from 128 to 159 mean the characters of Windows-1252, of which these occur in prose.
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
    ENTITIES.iter().find(|(it, _)| *it == name).map(|(_, character)| *character)
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

    /// Tokens as one line: `<name href>`, `</name>`, texts in quotes.
    fn shown(html: &str) -> String {
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
    fn tags_and_text() {
        let check = |html: &str, expect: &str| assert_eq!(shown(html), expect, "{html}");
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
    fn entities() {
        let check = |text: &str, expect: &str| assert_eq!(decode(text), expect);
        check("a &lt; b &gt; c &amp; d &quot;e&quot; &apos;", "a < b > c & d \"e\" '");
        check("&amp;lt;", "&lt;");
        check("AT&T; R&D &unknown; & &", "AT&T; R&D &unknown; & &");
        check("&#65;&#x42;&#X43;&#150;&#0;&#xD800;", "ABC–&#0;&#xD800;");
        check("&aaaaaaaaaaaaaaaaaaaaaaaaaa;", "&aaaaaaaaaaaaaaaaaaaaaaaaaa;");
        check("é&é;", "é&é;");
    }
}
