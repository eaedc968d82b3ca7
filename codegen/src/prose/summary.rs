//! The first sentence of a description, for indexes and one-line docs. Knows no HTML and no line width.

use super::block::{self, Block};
use super::inline::{self, NO_BREAK};
use super::piece::{Inline, Mark, Piece};

/// Words whose point does not end a sentence, in lower case.
const ABBREVIATIONS: [&str; 16] =
    ["e.g", "i.e", "eg", "ie", "vs", "cf", "etc", "approx", "incl", "no", "fig", "sec", "dr", "mr", "mrs", "st"];

/// The first sentence of the description `html` as Markdown on one line, with its final point; empty if there is none.
///
/// Headings and notes only count if there is nothing else. A point ends a sentence if a space and anything but a small
/// letter follow, and the word before it is no abbreviation: `1.0`, `s3.amazonaws.com` and `e.g. this` go on.
pub fn summary(html: &str) -> String {
    inline::render(&first_sentence(html)).replace(NO_BREAK, " ")
}

/// As [`summary`], without any markup: for manifests.
pub fn plain_summary(html: &str) -> String {
    let texts = first_sentence(html).into_iter().filter_map(|it| match it {
        Piece::Text(text) | Piece::Code(text) => Some(text),
        Piece::Open(_) | Piece::Close(_) => None,
    });
    texts.collect()
}

fn first_sentence(html: &str) -> Inline {
    let blocks = block::blocks(html);
    let first = Place::ALL.iter().find_map(|place| first_paragraph(&blocks, *place));
    first.map(cut).unwrap_or_default()
}

/// Where to look for the first sentence, best first: many descriptions open with a note on something else.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Text,
    Notes,
    Headings,
}

impl Place {
    const ALL: [Self; 3] = [Self::Text, Self::Notes, Self::Headings];
}

fn first_paragraph(blocks: &[Block], place: Place) -> Option<&Inline> {
    blocks.iter().find_map(|block| match block {
        Block::Paragraph(inline) => Some(inline),
        Block::List { items, .. } => items.iter().find_map(|it| first_paragraph(it, place)),
        Block::Note(_, blocks) if place != Place::Text => first_paragraph(blocks, place),
        Block::Heading(_, inline) if place == Place::Headings => Some(inline),
        Block::Note(..) | Block::Heading(..) | Block::Code(_) | Block::Table(_) => None,
    })
}

/// The pieces up to the end of the first sentence; marks that are open there are closed.
fn cut(pieces: &Inline) -> Inline {
    let mut out = Vec::new();
    let mut open: Vec<Mark> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Open(mark) => open.push(mark.clone()),
            Piece::Close(_) => {
                open.pop();
            }
            Piece::Text(text) => {
                let next = pieces[at + 1..].iter().find_map(|it| match it {
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

/// Where the first sentence of `text` ends, if it does within it; `next` is the text that follows.
fn sentence_end(text: &str, next: Option<&str>) -> Option<usize> {
    for (at, point) in text.match_indices(['.', '!', '?']) {
        let mut end = at + point.len();
        end += text[end..].len() - text[end..].trim_start_matches([')', '"', '\'', '”', '’']).len();
        let rest = &text[end..];
        let follows = match (rest.strip_prefix(' '), next) {
            (Some(rest), next) => rest.chars().next().or_else(|| next.and_then(|it| it.trim_start().chars().next())),
            (None, None) if rest.is_empty() => return Some(end),
            (None, Some(next)) if rest.is_empty() && next.starts_with(' ') => {
                next.trim_start().chars().next().or(Some('A'))
            }
            _ => continue,
        };
        let word = text[..at].rsplit([' ', '(', '"']).next().unwrap_or("");
        let abbreviated = point == "." && (ABBREVIATIONS.contains(&word.to_ascii_lowercase().as_str()));
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
    fn first_sentences() {
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
    fn plain_has_no_markup() {
        assert_eq!(
            plain_summary("<p>The <b>big</b> <code>a_b</code> [x] <a href=\"https://x.com\">y</a>. Z.</p>"),
            "The big a_b [x] y."
        );
    }
}
