//! Inline content as pieces: text, code, and the marks around them. Knows no blocks and no Markdown.

/// The pieces of inline content, with white space collapsed; every opened mark is closed, in order.
pub(super) type Inline = Vec<Piece>;

/// A piece of inline content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Code(String),
    Open(Mark),
    Close(Mark),
}

/// Markup around pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Strong,
    Emphasis,
    /// A link, with its target.
    Link(String),
}

/// Collapses white space across all pieces, moves it out of the ends of marks, and drops empty pieces.
pub(super) fn tidy(pieces: Inline) -> Inline {
    let mut tidy = Tidy::default();
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let words: Vec<&str> = text.split_whitespace().collect();
                tidy.space |= text.starts_with(char::is_whitespace);
                if !words.is_empty() {
                    tidy.push(Piece::Text(words.join(" ")));
                    tidy.space = text.ends_with(char::is_whitespace);
                }
            }
            Piece::Code(code) if code.is_empty() => {}
            Piece::Code(code) => tidy.push(Piece::Code(code)),
            Piece::Open(mark) => tidy.opened.push(mark),
            Piece::Close(mark) => tidy.close(mark),
        }
    }
    tidy.out
}

#[derive(Default)]
struct Tidy {
    out: Inline,
    /// Whether a space is needed before the next text or code.
    space: bool,
    /// Open marks that contain nothing yet.
    opened: Vec<Mark>,
}

impl Tidy {
    fn push(&mut self, piece: Piece) {
        if std::mem::take(&mut self.space) && !self.out.is_empty() && !starts_with_punctuation(&piece) {
            self.out.push(Piece::Text(" ".to_owned()));
        }
        for mark in self.opened.drain(..) {
            // Adjacent marks of one kind are merged.
            match self.out.last() {
                Some(Piece::Close(last)) if *last == mark => drop(self.out.pop()),
                _ => self.out.push(Piece::Open(mark)),
            }
        }
        self.out.push(piece);
    }

    fn close(&mut self, mark: Mark) {
        if let Some(index) = self.opened.iter().rposition(|it| *it == mark) {
            self.opened.remove(index);
            return;
        }
        // `<a>Name</a>` without a target is the name of a shape or operation.
        match self.out.as_mut_slice() {
            [.., Piece::Open(Mark::Link(target)), Piece::Text(name)] if target.is_empty() && !name.contains(' ') => {
                let code = Piece::Code(std::mem::take(name));
                self.out.truncate(self.out.len() - 2);
                self.out.push(code);
            }
            _ => self.out.push(Piece::Close(mark)),
        }
    }
}

/// Whether a piece starts with punctuation that belongs to the word before it, even if markup left a space between
/// them.
fn starts_with_punctuation(piece: &Piece) -> bool {
    let Piece::Text(text) = piece else { return false };
    text.split(' ').next().is_some_and(|word| word.chars().all(|it| ".,;:)".contains(it)))
}
