//! Renders inline content as Markdown: escapes, code spans, links, emphasis. Knows no blocks and no line width.

use super::piece::{Inline, Mark, Piece};

/// A placeholder for a space where lines must not break. Line wrapping replaces it by a space.
pub(super) const NO_BREAK: char = '\u{E000}';

/// The pieces as Markdown on one line, with single spaces between words. Text that would start a block at the start of
/// a line is not escaped here.
pub(super) fn render(pieces: &Inline) -> String {
    let invalid = invalid_marks(pieces);
    let mut out = String::new();
    let mut link = None;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                let next = pieces[index + 1..].iter().find_map(first_char).unwrap_or(' ');
                push_text(&mut out, text, next, link.is_some());
            }
            Piece::Code(code) => push_code(&mut out, code),
            Piece::Open(Mark::Link(target)) => {
                link = target_url(target);
                if link.is_some() {
                    out.push('[');
                }
            }
            Piece::Close(Mark::Link(_)) => {
                if let Some(url) = link.take() {
                    out.push_str(&format!("]({url})"));
                }
            }
            Piece::Open(mark) | Piece::Close(mark) if !invalid.contains(&index) => {
                out.push_str(if *mark == Mark::Strong { "**" } else { "*" });
            }
            Piece::Open(_) | Piece::Close(_) => {}
        }
    }
    out
}

fn first_char(piece: &Piece) -> Option<char> {
    match piece {
        Piece::Text(text) => text.chars().next(),
        Piece::Code(_) => Some('`'),
        Piece::Open(_) | Piece::Close(_) => None,
    }
}

fn last_char(piece: &Piece) -> Option<char> {
    match piece {
        Piece::Text(text) => text.chars().next_back(),
        Piece::Code(_) => Some('`'),
        Piece::Open(_) | Piece::Close(_) => None,
    }
}

/// The indexes of emphasis marks that Markdown would not recognize: a delimiter between a letter and punctuation opens
/// or closes nothing (`**Note:**text`), nor does one next to a space.
fn invalid_marks(pieces: &Inline) -> Vec<usize> {
    let mut invalid = Vec::new();
    let mut open = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Open(Mark::Strong | Mark::Emphasis) => open.push(index),
            Piece::Close(Mark::Strong | Mark::Emphasis) => {
                let Some(start) = open.pop() else {
                    invalid.push(index);
                    continue;
                };
                let inside = &pieces[start + 1..index];
                // The characters next to the delimiters. If a mark is next to them, that is its delimiter, a
                // punctuation character.
                let before = if start == 0 { ' ' } else { last_char(&pieces[start - 1]).unwrap_or('*') };
                let after = pieces.get(index + 1).map_or(' ', |it| first_char(it).unwrap_or('*'));
                let first = inside.first().map_or(' ', |it| first_char(it).unwrap_or('*'));
                let last = inside.last().map_or(' ', |it| last_char(it).unwrap_or('*'));
                if !(flanks(first, before) && flanks(last, after)) {
                    invalid.extend([start, index]);
                }
            }
            _ => {}
        }
    }
    invalid.extend(open);
    invalid
}

/// CommonMark's flanking rule for a delimiter with `inside` on its inner and `outside` on its outer side.
fn flanks(inside: char, outside: char) -> bool {
    let is_punctuation = |it: char| !it.is_alphanumeric() && !it.is_whitespace();
    !inside.is_whitespace() && (!is_punctuation(inside) || outside.is_whitespace() || is_punctuation(outside))
}

/// Appends a code span. Its fence is longer than any run of backticks inside, and its spaces do not break.
fn push_code(out: &mut String, code: &str) {
    let longest = code.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
    // Two adjacent fences would be one longer fence.
    if out.ends_with('`') {
        out.push(' ');
    }
    let span = format!("{fence}{pad}{code}{pad}{fence}");
    out.extend(span.chars().map(|it| if it == ' ' { NO_BREAK } else { it }));
}

/// Appends text, with URLs as links and everything else escaped; `next` is the character after it.
fn push_text(out: &mut String, text: &str, next: char, in_link: bool) {
    let mut rest = text;
    while let Some(index) = find_url(rest) {
        let (before, url) = rest.split_at(index);
        let end = url.find(|it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '<' | '>')).unwrap_or(url.len());
        let url = trim_punctuation(&url[..end]);
        let after = &rest[index + url.len()..];
        push_escaped(out, before, 'h');
        if in_link {
            push_escaped(out, url, after.chars().next().unwrap_or(next));
        } else if is_plain_url(url) {
            out.push_str(&format!("<{url}>"));
        } else {
            push_code(out, url);
        }
        rest = after;
    }
    push_escaped(out, rest, next);
}

fn find_url(text: &str) -> Option<usize> {
    ["https://", "http://"].iter().filter_map(|it| text.find(it)).min()
}

/// `url` without trailing punctuation that ends a sentence or closes a bracket around the URL.
fn trim_punctuation(url: &str) -> &str {
    let mut url = url;
    while let Some(last) = url.chars().next_back() {
        let opening = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '*' | '_' | '…' => None,
            ')' => Some('('),
            ']' => Some('['),
            '}' => Some('{'),
            _ => break,
        };
        if opening.is_some_and(|opening| url.matches(opening).count() >= url.matches(last).count()) {
            break;
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    url
}

/// Whether `url` needs no escapes in an autolink and as the target of a link.
fn is_plain_url(url: &str) -> bool {
    let host = url.split_once("://").map_or("", |(_, rest)| rest);
    host.starts_with(|it: char| it.is_ascii_alphanumeric())
        && url.bytes().all(|it| it.is_ascii_alphanumeric() || b"-._~:/?#@!$&'*+,;=%()".contains(&it))
}

/// The URL of a link: absolute HTTP URLs, and paths relative to AWS's documentation. `None` for any other target.
fn target_url(target: &str) -> Option<String> {
    let target = target.trim();
    let absolute = if target.starts_with("https://") || target.starts_with("http://") {
        target.to_owned()
    } else if target.starts_with('/') && !target.starts_with("//") {
        format!("https://docs.aws.amazon.com{target}")
    } else {
        return None;
    };
    let mut url = String::with_capacity(absolute.len());
    for character in absolute.chars() {
        match character {
            ' ' | '(' | ')' | '<' | '>' | '\\' | '`' | '"' => url.push_str(&format!("%{:02X}", u32::from(character))),
            _ => url.push(character),
        }
    }
    is_plain_url(&url).then_some(url)
}

/// Appends text with escapes for everything that Markdown or rustdoc would not read as text.
fn push_escaped(out: &mut String, text: &str, next: char) {
    let mut before = out.chars().next_back().unwrap_or(' ');
    let mut characters = text.char_indices().peekable();
    while let Some((index, character)) = characters.next() {
        let after = characters.peek().map_or(next, |(_, it)| *it);
        let escaped = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '~' => true,
            // An underscore inside a word is not emphasis.
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '&' => looks_like_entity(&text[index..]),
            // Rustdoc replaces two hyphens by a dash, and three periods by an ellipsis.
            '-' => after == '-' || before == '-',
            _ => false,
        };
        if escaped {
            out.push('\\');
        }
        out.push(match character {
            NO_BREAK => '\u{FFFD}',
            it => it,
        });
        before = character;
    }
}

fn looks_like_entity(text: &str) -> bool {
    let name = text.bytes().skip(1).take_while(|it| it.is_ascii_alphanumeric() || *it == b'#').count();
    name > 0 && text.as_bytes().get(name + 1) == Some(&b';')
}
