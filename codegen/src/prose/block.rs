//! Builds blocks from tokens: paragraphs, lists, notes, code. Repairs broken nesting. Knows no Markdown and no line
//! width.

use std::collections::BTreeSet;

use super::html::{self, Token};
use super::piece::{Inline, Mark, Piece, tidy};

/// A block-level element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(Inline),
    Heading(usize, Inline),
    /// Items in order, numbered if `ordered`.
    List {
        ordered: bool,
        items: Vec<Vec<Block>>,
    },
    /// A note set off from the text, with its label: `Note`, `Important`.
    Note(&'static str, Vec<Block>),
    /// Preformatted lines.
    Code(String),
    /// Rows of cells; the first row is the header.
    Table(Vec<Vec<Inline>>),
}

/// The maximum nesting; deeper blocks are flattened, so that recursion is bounded. No documentation is nested as
/// deeply.
const MAX_DEPTH: usize = 16;

/// The blocks of `html`.
pub(super) fn blocks(html: &str) -> Vec<Block> {
    let tokens = html::tokens(html);
    let closed =
        tokens.iter().filter_map(|it| if let Token::Close { name } = it { Some(name.clone()) } else { None }).collect();
    let mut builder =
        Builder { closed, frames: vec![Frame::new(Kind::Root)], inline: Vec::new(), marks: Vec::new(), code: None };
    for token in tokens {
        match token {
            Token::Open { name, href, raw } => builder.open(&name, href, raw),
            Token::Close { name } => builder.close(&name),
            Token::Text(text) => builder.text(&text),
        }
    }
    builder.unwind(0);
    builder.flush();
    builder.frames.pop().map(|it| it.blocks).unwrap_or_default()
}

/// The meaning of a tag.
enum Tag {
    Paragraph,
    Break,
    Heading(usize),
    List {
        ordered: bool,
    },
    Item,
    Term,
    Note(&'static str),
    Pre,
    Table,
    Row,
    Cell,
    Code,
    Mark(Mark),
    Link,
    /// The tag is ignored, but not its content.
    Ignored,
    Unknown,
}

fn meaning(name: &str) -> Tag {
    match name {
        "p" | "para" | "div" | "section" | "blockquote" | "dd" => Tag::Paragraph,
        "br" | "hr" => Tag::Break,
        "h1" | "h2" | "h3" => Tag::Heading(3),
        "fullname" | "title" | "h4" | "h5" | "h6" => Tag::Heading(4),
        "ul" | "dl" | "menu" | "itemizedlist" => Tag::List { ordered: false },
        "ol" | "orderedlist" => Tag::List { ordered: true },
        "li" | "listitem" => Tag::Item,
        "dt" => Tag::Term,
        "note" => Tag::Note("Note"),
        "important" => Tag::Note("Important"),
        "caution" => Tag::Note("Caution"),
        "warning" => Tag::Note("Warning"),
        "tip" => Tag::Note("Tip"),
        "pre" | "programlisting" => Tag::Pre,
        "table" => Tag::Table,
        "tr" => Tag::Row,
        "td" | "th" => Tag::Cell,
        "code" | "tt" | "samp" | "kbd" | "literal" | "filename" | "userinput" => Tag::Code,
        "b" | "strong" => Tag::Mark(Mark::Strong),
        "i" | "em" | "emphasis" | "replaceable" | "var" | "cite" | "dfn" => Tag::Mark(Mark::Emphasis),
        "a" | "ulink" => Tag::Link,
        "link" | "u" | "s" | "sup" | "sub" | "small" | "big" | "span" | "font" | "center" | "body" | "html"
        | "head" | "img" | "tbody" | "thead" | "tfoot" | "col" | "colgroup" | "xhtml" | "zonbook" | "text" => {
            Tag::Ignored
        }
        _ => Tag::Unknown,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Root,
    List {
        ordered: bool,
    },
    /// An item of a list; with a term if it is one of a definition list.
    Item {
        term: bool,
    },
    Note(&'static str),
    Heading(usize),
    Pre,
    Table,
}

/// A block that is still open.
struct Frame {
    kind: Kind,
    blocks: Vec<Block>,
    items: Vec<Vec<Block>>,
    rows: Vec<Vec<Inline>>,
    /// The text of [`Kind::Pre`].
    text: String,
    /// The term of an item, until its definition follows.
    term: Option<Inline>,
}

impl Frame {
    fn new(kind: Kind) -> Self {
        Self { kind, blocks: Vec::new(), items: Vec::new(), rows: Vec::new(), text: String::new(), term: None }
    }
}

struct Builder {
    /// The names with a closing tag. An unknown tag without one was meant as text (`<region>`).
    closed: BTreeSet<String>,
    frames: Vec<Frame>,
    inline: Inline,
    marks: Vec<Mark>,
    /// The text of an open `<code>`.
    code: Option<String>,
}

impl Builder {
    fn top(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::new(Kind::Root));
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn open(&mut self, name: &str, href: Option<String>, raw: &str) {
        let tag = meaning(name);
        if self.top().kind == Kind::Pre && !matches!(tag, Tag::Unknown | Tag::Break) {
            return;
        }
        let is_inline = matches!(tag, Tag::Ignored | Tag::Unknown | Tag::Code | Tag::Mark(_) | Tag::Link);
        if !is_inline
            && matches!(self.top().kind, Kind::Heading(_))
            && !(self.inline.is_empty() && self.top().blocks.is_empty())
        {
            // A heading without a closing tag ends at the next block.
            self.unwind(self.frames.len() - 1);
        }
        match tag {
            Tag::Ignored => {}
            Tag::Unknown if self.closed.contains(name) => {}
            Tag::Unknown => self.text(raw),
            Tag::Code => {
                self.code.get_or_insert_default();
            }
            Tag::Mark(_) | Tag::Link if self.code.is_some() => {}
            Tag::Mark(mark) => self.mark(mark),
            Tag::Link => {
                self.unmark(|it| matches!(it, Mark::Link(_)));
                self.mark(Mark::Link(href.unwrap_or_default()));
            }
            Tag::Break if self.top().kind == Kind::Pre => self.top().text.push('\n'),
            Tag::Break if self.code.is_some() => self.text(" "),
            Tag::Paragraph | Tag::Break => self.flush(),
            Tag::Heading(level) => self.push(Kind::Heading(level)),
            Tag::List { ordered } => self.push(Kind::List { ordered }),
            Tag::Item => self.item(false),
            Tag::Term => self.item(true),
            Tag::Note(label) => self.push(Kind::Note(label)),
            Tag::Pre => self.push(Kind::Pre),
            Tag::Table => self.push(Kind::Table),
            Tag::Row | Tag::Cell => self.row(matches!(tag, Tag::Row)),
        }
    }

    fn close(&mut self, name: &str) {
        let found = match meaning(name) {
            Tag::Code => return self.end_code(),
            Tag::Mark(_) | Tag::Link if self.code.is_some() => return,
            Tag::Mark(mark) => return self.unmark(|it| *it == mark),
            Tag::Link => return self.unmark(|it| matches!(it, Mark::Link(_))),
            Tag::Paragraph => return self.flush(),
            Tag::Ignored | Tag::Unknown | Tag::Break | Tag::Row | Tag::Cell => return,
            Tag::Heading(_) => self.innermost(|it| matches!(it, Kind::Heading(_))),
            // A definition belongs to the item of its term, which ends at the next term.
            Tag::Term => return self.flush(),
            Tag::Item => self.innermost(|it| matches!(it, Kind::Item { .. } | Kind::List { .. })),
            Tag::List { .. } => self.innermost(|it| matches!(it, Kind::List { .. })),
            Tag::Note(label) => self.innermost(|it| it == Kind::Note(label)),
            Tag::Pre => self.innermost(|it| it == Kind::Pre),
            Tag::Table => self.innermost(|it| it == Kind::Table),
        };
        if let Some(index) = found {
            // `</li>` without an open item ends the content of the list, not the list.
            let outside_item = meaning_is_item(name) && !matches!(self.frames[index].kind, Kind::Item { .. });
            self.unwind(if outside_item { index + 1 } else { index });
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            code.push_str(text);
        } else if self.top().kind == Kind::Pre {
            self.top().text.push_str(text);
        } else {
            self.inline.push(Piece::Text(text.to_owned()));
        }
    }

    fn mark(&mut self, mark: Mark) {
        if !self.marks.contains(&mark) {
            self.marks.push(mark.clone());
            self.inline.push(Piece::Open(mark));
        }
    }

    /// Closes the innermost open mark that matches, and the marks opened after it.
    fn unmark(&mut self, matches: impl Fn(&Mark) -> bool) {
        if let Some(index) = self.marks.iter().rposition(matches) {
            self.inline.extend(self.marks.drain(index..).rev().map(Piece::Close));
        }
    }

    fn end_code(&mut self) {
        if let Some(code) = self.code.take() {
            // White space at the ends of a code span separates it from the text around it.
            let space_if = |is_space: bool| is_space.then(|| Piece::Text(" ".to_owned()));
            self.inline.extend(space_if(code.starts_with(char::is_whitespace)));
            self.inline.push(Piece::Code(code.split_whitespace().collect::<Vec<_>>().join(" ")));
            self.inline.extend(space_if(code.ends_with(char::is_whitespace)));
        }
    }

    /// Ends the current paragraph, if there is one.
    fn flush(&mut self) {
        self.end_code();
        self.inline.extend(self.marks.drain(..).rev().map(Piece::Close));
        let inline = tidy(std::mem::take(&mut self.inline));
        if inline.is_empty() {
            return;
        }
        let frame = self.top();
        let first = frame.blocks.is_empty();
        match (frame.kind, frame.term.take()) {
            (Kind::Item { term: true }, None) if first => frame.term = Some(term(inline)),
            (Kind::Item { .. }, Some(term)) => {
                frame.blocks.push(Block::Paragraph([term, vec![Piece::Text(" — ".to_owned())], inline].concat()));
            }
            _ => self.add(Block::Paragraph(inline)),
        }
    }

    fn add(&mut self, block: Block) {
        let frame = self.top();
        match frame.kind {
            // A block between items belongs to the item before it.
            Kind::List { .. } => match frame.items.last_mut() {
                Some(item) => item.push(block),
                None => frame.items.push(vec![block]),
            },
            Kind::Table => {
                let mut inline = Vec::new();
                flatten(block, &mut inline);
                cell(&mut frame.rows, tidy(inline));
            }
            _ => {
                frame.blocks.extend(frame.term.take().map(Block::Paragraph));
                frame.blocks.push(block);
            }
        }
    }

    fn push(&mut self, kind: Kind) {
        self.flush();
        if self.frames.len() < MAX_DEPTH {
            self.frames.push(Frame::new(kind));
        }
    }

    /// Opens an item in the innermost list and ends the item before it; opens a list if there is none.
    fn item(&mut self, term: bool) {
        self.flush();
        match self.innermost(|it| matches!(it, Kind::List { .. } | Kind::Table)) {
            Some(index) if matches!(self.frames[index].kind, Kind::List { .. }) => self.unwind(index + 1),
            _ => self.push(Kind::List { ordered: false }),
        }
        self.push(Kind::Item { term });
    }

    fn row(&mut self, new_row: bool) {
        self.flush();
        let Some(index) = self.innermost(|it| it == Kind::Table) else { return };
        self.unwind(index + 1);
        let rows = &mut self.top().rows;
        if new_row || rows.is_empty() {
            rows.push(Vec::new());
        }
        if let (false, Some(row)) = (new_row, rows.last_mut()) {
            row.push(Vec::new());
        }
    }

    fn innermost(&self, matches: impl Fn(Kind) -> bool) -> Option<usize> {
        self.frames.iter().rposition(|frame| matches(frame.kind))
    }

    /// Ends all frames from the one at `index` on, except the root.
    fn unwind(&mut self, index: usize) {
        self.flush();
        while self.frames.len() > index.max(1) {
            let Some(frame) = self.frames.pop() else { return };
            self.end(frame);
        }
    }

    fn end(&mut self, mut frame: Frame) {
        frame.blocks.extend(frame.term.take().map(Block::Paragraph));
        match frame.kind {
            Kind::Root => {}
            Kind::Item { .. } if frame.blocks.is_empty() => {}
            Kind::Item { .. } => match self.top() {
                list if matches!(list.kind, Kind::List { .. }) => list.items.push(frame.blocks),
                _ => frame.blocks.into_iter().for_each(|it| self.add(it)),
            },
            Kind::List { ordered } if !frame.items.is_empty() => self.add(Block::List { ordered, items: frame.items }),
            Kind::Note(label) if !frame.blocks.is_empty() => self.add(Block::Note(label, frame.blocks)),
            Kind::Heading(level) => {
                let mut inline = Vec::new();
                frame.blocks.into_iter().for_each(|it| flatten(it, &mut inline));
                let inline = tidy(inline);
                if !inline.is_empty() {
                    self.add(Block::Heading(level, inline));
                }
            }
            Kind::Table if frame.rows.iter().flatten().any(|it| !it.is_empty()) => self.add(Block::Table(frame.rows)),
            Kind::Pre => {
                let text = frame.text.trim_end().trim_start_matches(['\n', '\r']);
                // One long line of words is prose that was indented by accident. Our choice of limit: 60 bytes.
                if !text.contains('\n') && text.len() > 60 && text.contains(' ') {
                    self.inline.push(Piece::Text(text.to_owned()));
                    self.flush();
                } else if !text.trim().is_empty() {
                    self.add(Block::Code(text.to_owned()));
                }
            }
            Kind::List { .. } | Kind::Note(_) | Kind::Table => {}
        }
    }
}

fn meaning_is_item(name: &str) -> bool {
    matches!(meaning(name), Tag::Item)
}

/// Makes a term bold, unless it is marked already.
fn term(inline: Inline) -> Inline {
    if inline.iter().all(|it| matches!(it, Piece::Text(_))) {
        return [vec![Piece::Open(Mark::Strong)], inline, vec![Piece::Close(Mark::Strong)]].concat();
    }
    inline
}

fn cell(rows: &mut Vec<Vec<Inline>>, inline: Inline) {
    if rows.is_empty() {
        rows.push(Vec::new());
    }
    let Some(row) = rows.last_mut() else { return };
    match row.last_mut() {
        Some(cell) if !cell.is_empty() => {
            cell.push(Piece::Text(" ".to_owned()));
            cell.extend(inline);
        }
        Some(cell) => *cell = inline,
        None => row.push(inline),
    }
}

/// Appends the inline content of a block, for headings and table cells, which contain no blocks.
fn flatten(block: Block, out: &mut Inline) {
    if !out.is_empty() {
        out.push(Piece::Text(" ".to_owned()));
    }
    match block {
        Block::Paragraph(inline) | Block::Heading(_, inline) => out.extend(inline),
        Block::List { items, .. } => items.into_iter().flatten().for_each(|it| flatten(it, out)),
        Block::Note(_, blocks) => blocks.into_iter().for_each(|it| flatten(it, out)),
        Block::Code(text) => out.push(Piece::Code(text.split_whitespace().collect::<Vec<_>>().join(" "))),
        Block::Table(rows) => rows.into_iter().flatten().for_each(|it| flatten(Block::Paragraph(it), out)),
    }
}
