//! The first sentence of a service's documentation, for indexes and one-line docs. Knows no HTML and no line width.

use super::block::{self, Block};
use super::inline::{self, NO_BREAK};
use super::piece::{Inline, Mark, Piece};

/// Abbreviations, in lower case: their period does not end a sentence.
const ABBREVIATIONS: [&str; 16] =
    ["e.g", "i.e", "eg", "ie", "vs", "cf", "etc", "approx", "incl", "no", "fig", "sec", "dr", "mr", "mrs", "st"];

/// The first sentence of documentation in HTML as Markdown on one line, with its final period; empty if there is no
/// text.
///
/// Headings and notes are used only if there is nothing else. A period ends a sentence if a space and anything but a
/// lower-case letter follow, and the word before it is not an abbreviation: `1.0`, `s3.amazonaws.com` and `e.g. this`
/// do not end a sentence.
pub fn summary(html: &str) -> String {
    inline::render(&first_sentence(html)).replace(NO_BREAK, " ")
}

/// Like [`summary`], without markup, for manifests.
pub fn plain_summary(html: &str) -> String {
    let pieces = first_sentence(html).into_iter().filter_map(|piece| match piece {
        Piece::Text(text) | Piece::Code(text) => Some(text),
        Piece::Open(_) | Piece::Close(_) => None,
    });
    pieces.collect()
}

fn first_sentence(html: &str) -> Inline {
    let blocks = block::blocks(html);
    let first = SearchIn::ALL.iter().find_map(|search| first_paragraph(&blocks, *search));
    first.map(cut).unwrap_or_default()
}

/// Where the first sentence is searched, in order of preference: much of AWS's documentation starts with an unrelated
/// note.
#[derive(Clone, Copy, PartialEq)]
enum SearchIn {
    Text,
    Notes,
    Headings,
}

impl SearchIn {
    const ALL: [Self; 3] = [Self::Text, Self::Notes, Self::Headings];
}

fn first_paragraph(blocks: &[Block], search: SearchIn) -> Option<&Inline> {
    blocks.iter().find_map(|block| match block {
        Block::Paragraph(inline) => Some(inline),
        Block::List { items, .. } => items.iter().find_map(|it| first_paragraph(it, search)),
        Block::Note(_, blocks) if search != SearchIn::Text => first_paragraph(blocks, search),
        Block::Heading(_, inline) if search == SearchIn::Headings => Some(inline),
        Block::Note(..) | Block::Heading(..) | Block::Code(_) | Block::Table(_) => None,
    })
}

/// The pieces up to the end of the first sentence; open marks are closed there.
fn cut(pieces: &Inline) -> Inline {
    let mut out = Vec::new();
    let mut open: Vec<Mark> = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Open(mark) => open.push(mark.clone()),
            Piece::Close(_) => {
                open.pop();
            }
            Piece::Text(text) => {
                let next = pieces[index + 1..].iter().find_map(|piece| match piece {
                    Piece::Text(text) => Some(text.as_str()),
                    Piece::Code(_) => Some("`"),
                    _ => None,
                });
                if let Some(end) = sentence_end(text, next) {
                    out.push(Piece::Text(text[..end].to_owned()));
                    out.extend(open.into_iter().rev().map(Piece::Close));
                    return out;
                }
            }
            Piece::Code(_) => {}
        }
        out.push(piece.clone());
    }
    out
}

/// The end of the first sentence of `text`, if it is within `text`; `next` is the text that follows.
fn sentence_end(text: &str, next: Option<&str>) -> Option<usize> {
    for (index, mark) in text.match_indices(['.', '!', '?']) {
        let mut end = index + mark.len();
        end += text[end..].len() - text[end..].trim_start_matches([')', '"', '\'', '”', '’']).len();
        let rest = &text[end..];
        let follows = match (rest.strip_prefix(' '), next) {
            (Some(rest), next) => {
                rest.chars().next().or_else(|| next.and_then(|next| next.trim_start().chars().next()))
            }
            (None, None) if rest.is_empty() => return Some(end),
            (None, Some(next)) if rest.is_empty() && next.starts_with(' ') => {
                next.trim_start().chars().next().or(Some('A'))
            }
            _ => continue,
        };
        let word = text[..index].rsplit([' ', '(', '"']).next().unwrap_or("");
        let abbreviated = mark == "." && (ABBREVIATIONS.contains(&word.to_ascii_lowercase().as_str()));
        if !abbreviated && follows.is_none_or(|it| !it.is_lowercase()) {
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_the_first_sentence() {
        let check = |html: &str, expect: &str| assert_eq!(summary(html), expect, "{html}");
        check("", "");
        check("<p>One. Two.</p>", "One.");
        check("<p>One</p><p>Two</p>", "One");
        check("No tags at all. Second.", "No tags at all.");
        check("<p>Uses version 1.0 of s3.amazonaws.com. Next.</p>", "Uses version 1.0 of s3.amazonaws.com.");
        check("<p>A list, e.g. this, i.e. That. Next.</p>", "A list, e.g. this, i.e. That.");
        check("<p>Tags etc. Next.</p>", "Tags etc. Next.");
        check("<p>Stored in Amazon S3. For more, see there.</p>", "Stored in Amazon S3.");
        check("<p>Is it? Yes.</p>", "Is it?");
        check("<p>Wait... for it. Next.</p>", "Wait... for it.");
        check("<p>Text (in brackets.) Next.</p>", "Text (in brackets.)");
        check("<p>Sets <code>a. B</code>. Next.</p>", "Sets `a. B`.");
        check("<p>Ends with <code>code.</code> Next one.</p>", "Ends with `code.` Next one.");
        check("<p>One. <code>Two</code> three.</p>", "One.");
        check("<p>See <a href=\"https://x.com/a\">this. And</a> more.</p>", "See [this.](https://x.com/a)");
        check("<p><b>One <i>two. Three</i></b></p>", "**One *two.***");
        check("<fullname>Amazon S3</fullname><p>Stores things.</p>", "Stores things.");
        check("<fullname>Amazon S3</fullname>", "Amazon S3");
        check("<note><p>Not for all.</p></note><p>Does it.</p>", "Does it.");
        check("<note><p>Not for all. Or so.</p></note>", "Not for all.");
        check("<ul><li>First. Or</li><li>Second.</li></ul>", "First.");
        check("<p>Valid values: <code>a</code></p>", "Valid values: `a`");
        check("<p>arn:<region>:<x>. Next</p>", "arn:\\<region>:\\<x>.");
    }

    #[test]
    fn plain_summaries_have_no_markup() {
        assert_eq!(
            plain_summary("<p>The <b>big</b> <code>a_b</code> [x] <a href=\"https://x.com\">y</a>. Z.</p>"),
            "The big a_b [x] y."
        );
    }
}
