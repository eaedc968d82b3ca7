//! Running text as Markdown that rustdoc reads as text: escapes, code spans, links, emphasis. Knows no blocks and no line width.

use super::piece::{Inline, Mark, Piece};

/// Stands for a space where no line may break; lives between here and the wrapping only.
pub(super) const NO_BREAK: char = '\u{E000}';

/// The pieces as Markdown on one line, single spaces between words; what would be a block at the start of a line is not escaped here.
pub(super) fn render(pieces: &Inline) -> String {
    let drop = illegal_marks(pieces);
    let mut out = String::new();
    let mut link = None;
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                let next = pieces[at + 1..].iter().find_map(first_char).unwrap_or(' ');
                text_into(&mut out, text, next, link.is_some());
            }
            Piece::Code(code) => code_into(&mut out, code),
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
            Piece::Open(mark) | Piece::Close(mark) if !drop.contains(&at) => {
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

/// The places of emphasis that Markdown would not read as such: a delimiter between a letter and punctuation opens or
/// closes nothing (`**Note:**text`), nor does one beside a space.
fn illegal_marks(pieces: &Inline) -> Vec<usize> {
    let mut illegal = Vec::new();
    let mut open = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Open(Mark::Strong | Mark::Emphasis) => open.push(at),
            Piece::Close(Mark::Strong | Mark::Emphasis) => {
                let Some(start) = open.pop() else {
                    illegal.push(at);
                    continue;
                };
                let inside = &pieces[start + 1..at];
                // What stands beside the delimiters: with marks in between, their delimiters, which are punctuation.
                let before = if start == 0 { ' ' } else { last_char(&pieces[start - 1]).unwrap_or('*') };
                let after = pieces.get(at + 1).map_or(' ', |it| first_char(it).unwrap_or('*'));
                let first = inside.first().map_or(' ', |it| first_char(it).unwrap_or('*'));
                let last = inside.last().map_or(' ', |it| last_char(it).unwrap_or('*'));
                if !(flanks(first, before) && flanks(last, after)) {
                    illegal.extend([start, at]);
                }
            }
            _ => {}
        }
    }
    illegal.extend(open);
    illegal
}

/// CommonMark's flanking rule for a delimiter with `inside` on its inner and `outside` on its outer side.
fn flanks(inside: char, outside: char) -> bool {
    let punctuation = |it: char| !it.is_alphanumeric() && !it.is_whitespace();
    !inside.is_whitespace() && (!punctuation(inside) || outside.is_whitespace() || punctuation(outside))
}

/// A code span, its fence longer than any run of backticks inside; its spaces do not break.
fn code_into(out: &mut String, code: &str) {
    let longest = code.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
    // A fence right behind another would be one longer fence.
    if out.ends_with('`') {
        out.push(' ');
    }
    let span = format!("{fence}{pad}{code}{pad}{fence}");
    out.extend(span.chars().map(|it| if it == ' ' { NO_BREAK } else { it }));
}

/// Text with URLs as links and everything else escaped; `next` is the character behind it.
fn text_into(out: &mut String, text: &str, next: char, in_link: bool) {
    let mut rest = text;
    while let Some(at) = find_url(rest) {
        let (before, url) = rest.split_at(at);
        let end = url.find(|it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '<' | '>')).unwrap_or(url.len());
        let url = without_point(&url[..end]);
        let behind = &rest[at + url.len()..];
        escape_into(out, before, 'h');
        if in_link {
            escape_into(out, url, behind.chars().next().unwrap_or(next));
        } else if plain_url(url) {
            out.push_str(&format!("<{url}>"));
        } else {
            code_into(out, url);
        }
        rest = behind;
    }
    escape_into(out, rest, next);
}

fn find_url(text: &str) -> Option<usize> {
    ["https://", "http://"].iter().filter_map(|it| text.find(it)).min()
}

/// `url` without the punctuation that ends a sentence or closes a bracket around it.
fn without_point(url: &str) -> &str {
    let mut url = url;
    while let Some(last) = url.chars().next_back() {
        let opening = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '*' | '_' | '…' => None,
            ')' => Some('('),
            ']' => Some('['),
            '}' => Some('{'),
            _ => break,
        };
        if opening.is_some_and(|it| url.matches(it).count() >= url.matches(last).count()) {
            break;
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    url
}

/// Whether `url` can stand as it is in an autolink and in a link's target.
fn plain_url(url: &str) -> bool {
    let host = url.split_once("://").map_or("", |(_, rest)| rest);
    host.starts_with(|it: char| it.is_ascii_alphanumeric())
        && url.bytes().all(|it| it.is_ascii_alphanumeric() || b"-._~:/?#@!$&'*+,;=%()".contains(&it))
}

/// Where a link may lead: absolute web addresses, and those relative to AWS's documentation.
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
    plain_url(&url).then_some(url)
}

/// Escapes what Markdown and rustdoc would not take as text.
fn escape_into(out: &mut String, text: &str, next: char) {
    let mut before = out.chars().next_back().unwrap_or(' ');
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let after = characters.peek().map_or(next, |(_, it)| *it);
        let escaped = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '~' => true,
            // Inside a word an underscore is no emphasis.
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '&' => looks_like_entity(&text[at..]),
            // Rustdoc would make a dash of two hyphens, and an ellipsis of three points.
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
