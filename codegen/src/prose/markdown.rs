//! Renders blocks as Markdown: lists, notes, code blocks, tables, lines of bounded width. Knows no HTML.

use super::block::{self, Block};
use super::inline::{self, NO_BREAK};
use super::piece::{Inline, Mark, Piece};

/// The maximum length of a line in characters, unless one word is longer: with an indentation and `/// `, 120.
const WIDTH: usize = 112;

/// Converts documentation in HTML to Markdown for a doc comment, in lines of at most about 110 characters, without
/// HTML.
///
/// Never fails: broken HTML is repaired, unknown tags are text. Empty if there is no text.
pub fn markdown(html: &str) -> String {
    let lines = blocks(&block::blocks(html), WIDTH);
    lines.join("\n")
}

/// `markdown` with a sentence before it: in the first paragraph if `markdown` starts with one, on the same line if
/// there is room, else in a paragraph of its own.
pub fn with_lead(lead: &str, markdown: &str) -> String {
    let first = markdown.lines().next().unwrap_or("");
    let number = first.trim_start_matches(|it: char| it.is_ascii_digit());
    let ordered = number.len() < first.len() && number.starts_with(". ");
    let separator = if first.is_empty() {
        ""
    } else if ordered || ["> ", "- ", "#", "```", "| "].iter().any(|marker| first.starts_with(marker)) {
        "\n\n"
    } else if lead.chars().count() + 1 + first.chars().count() > WIDTH {
        "\n"
    } else {
        " "
    };
    format!("{lead}{separator}{markdown}")
}

/// The lines of blocks, with an empty line between blocks.
fn blocks(blocks: &[Block], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for block in blocks {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(block_lines(block, width));
    }
    lines
}

fn block_lines(block: &Block, width: usize) -> Vec<String> {
    match block {
        Block::Paragraph(inline) => wrap(&inline::render(inline), width),
        Block::Heading(level, inline) => {
            vec![format!("{} {}", "#".repeat(*level), breakable(&inline::render(inline)))]
        }
        Block::List { ordered, items } => list(*ordered, items, width),
        Block::Note(label, blocks) => note(label, blocks, width),
        Block::Code(text) => code(text),
        Block::Table(rows) => table(rows, width),
    }
}

fn list(ordered: bool, items: &[Vec<Block>], width: usize) -> Vec<String> {
    let tight = items.iter().all(|it| is_tight(it));
    let mut lines: Vec<String> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let marker = if ordered { format!("{}. ", index + 1) } else { "- ".to_owned() };
        let inner = width.saturating_sub(marker.len()).max(40);
        let body = match (tight, item.as_slice()) {
            (true, [first, rest @ ..]) => {
                let mut body = block_lines(first, inner);
                rest.iter().for_each(|it| body.extend(block_lines(it, inner)));
                body
            }
            _ => blocks(item, inner),
        };
        if index > 0 && !tight {
            lines.push(String::new());
        }
        lines.extend(prefixed(body, &marker, &" ".repeat(marker.len())));
    }
    lines
}

/// Whether an item is one paragraph, optionally with a list of such items: then no empty lines are needed.
fn is_tight(item: &[Block]) -> bool {
    match item {
        [Block::Paragraph(_)] => true,
        [Block::Paragraph(_), Block::List { items, .. }] => items.iter().all(|it| is_tight(it)),
        _ => false,
    }
}

fn note(label: &str, content: &[Block], width: usize) -> Vec<String> {
    let lead = || vec![Piece::Open(Mark::Strong), Piece::Text(format!("{label}:")), Piece::Close(Mark::Strong)];
    let mut content = content.to_vec();
    match content.first_mut() {
        Some(Block::Paragraph(inline)) => {
            let mut with_lead = lead();
            with_lead.push(Piece::Text(" ".to_owned()));
            with_lead.append(inline);
            *inline = with_lead;
        }
        _ => content.insert(0, Block::Paragraph(lead())),
    }
    prefixed(blocks(&content, width.saturating_sub(2).max(40)), "> ", "> ")
}

/// A fenced block, marked as text so that rustdoc does not compile it.
fn code(text: &str) -> Vec<String> {
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let mut lines = vec![format!("{fence}text")];
    lines.extend(text.lines().map(|it| it.trim_end().replace('\t', "    ")));
    lines.push(fence);
    lines
}

fn table(rows: &[Vec<Inline>], width: usize) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    if columns < 2 {
        let paragraphs: Vec<Block> =
            rows.iter().flatten().filter(|it| !it.is_empty()).cloned().map(Block::Paragraph).collect();
        return blocks(&paragraphs, width);
    }
    let mut lines = Vec::new();
    for (index, row) in rows.iter().filter(|it| !it.is_empty()).enumerate() {
        let cells = (0..columns).map(|column| {
            row.get(column).map_or_else(String::new, |it| breakable(&inline::render(it)).replace('|', "\\|"))
        });
        lines.push(format!("| {} |", cells.collect::<Vec<_>>().join(" | ")));
        if index == 0 {
            lines.push(format!("|{}", " --- |".repeat(columns)));
        }
    }
    lines
}

fn prefixed(lines: Vec<String>, first: &str, rest: &str) -> Vec<String> {
    let mut out = Vec::with_capacity(lines.len());
    for (index, line) in lines.into_iter().enumerate() {
        let prefix = if index == 0 { first } else { rest };
        out.push(if line.is_empty() { prefix.trim_end().to_owned() } else { format!("{prefix}{line}") });
    }
    out
}

/// Breaks `text` at spaces into lines of at most `width` characters; a longer word is a line of its own.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(' ').filter(|it| !it.is_empty()) {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > width {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        if length == 0 {
            line = escape_line_start(word);
        } else {
            line.push(' ');
            line.push_str(word);
            length += 1;
        }
        length += word_length;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines.iter().map(|it| breakable(it)).collect()
}

fn breakable(text: &str) -> String {
    text.replace(NO_BREAK, " ")
}

/// The first word of a line, escaped if it would start a heading, a list, a quote, a rule or a table.
fn escape_line_start(word: &str) -> String {
    let all = |characters: &str| word.chars().all(|it| characters.contains(it));
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && matches!(&word[digits..], "." | ")") {
        return format!("{}\\{}", &word[..digits], &word[digits..]);
    }
    if word.starts_with(['>', '|']) || all("#") || all("+") || all("-") || all("=") || all(":-|") {
        return format!("\\{word}");
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expect: &str) {
        assert_eq!(markdown(html), expect, "{html}");
    }

    #[test]
    fn blocks_are_paragraphs_and_headings() {
        check("", "");
        check("<p> </p>", "");
        check("plain", "plain");
        check("<p>One</p> <p>two\n  lines</p>three", "One\n\ntwo lines\n\nthree");
        check("<p>a<br/>b</p>", "a\n\nb");
        check("<h2>Title</h2><p>x</p>", "### Title\n\nx");
        check("<fullname>Name<p>x</p>", "#### Name\n\nx");
        check("<xhtml><p>x</p></xhtml>", "x");
        check("a&nbsp;b &#x2028; c", "a b c");
    }

    #[test]
    fn code_is_a_span_with_a_sufficient_fence() {
        check("<code>a_b*[c]<d></code>", "`a_b*[c]<d>`");
        check("<code>a`b</code>", "``a`b``");
        check("<code>`a`</code>", "`` `a` ``");
        check("<code>a</code><code>b</code>", "`a` `b`");
        check("x<code> a </code>y", "x `a` y");
        check("<code></code>x", "x");
        check("<code>a <b>b</b> <a href=\"https://x.com\">c</a></code>", "`a b c`");
        check("<p><code>open</p><p>next", "`open`\n\nnext");
        check("<a>ShapeName</a> <a>two words</a>", "`ShapeName` two words");
    }

    #[test]
    fn links_and_urls_are_kept_if_absolute() {
        check("<a href=\"https://x.com/a b(c)\">t</a>", "[t](https://x.com/a%20b%28c%29)");
        check("<a href=\"/s3/x.html\">t</a>", "[t](https://docs.aws.amazon.com/s3/x.html)");
        check("<a href=\"API_X.html\">t</a> <a href=\"#x\">u</a> <a href=\"javascript:x\">v</a>", "t u v");
        check("<a href=\"https://x.com\"> t </a>.", "[t](https://x.com).");
        check("<a href=\"https://x.com\"><code>t</code></a>", "[`t`](https://x.com)");
        check("<a href=\"https://x.com\"></a>x", "x");
        check("<a href=\"https://x.com\">a<a href=\"https://y.com\">b</a>", "[a](https://x.com)[b](https://y.com)");
        check("<a href=\"https://x.com/a_b\">https://x.com/a_b</a>", "[https://x.com/a_b](https://x.com/a_b)");
        check("See https://x.com/a_b, or (http://y.com/).", "See <https://x.com/a_b>, or (<http://y.com/>).");
        check("https://{bucket}.s3.com/[key] x", "`https://{bucket}.s3.com/[key]` x");
        check("(https://x.com/a(b)).", "(<https://x.com/a(b)>).");
        check("http://", "`http://`");
    }

    #[test]
    fn markdown_in_text_is_escaped() {
        check("a*b*c _d_ e_f [g] <h> i~j", "a\\*b\\*c \\_d\\_ e_f \\[g\\] \\<h> i\\~j");
        check("a `b` c\\d", "a \\`b\\` c\\\\d");
        check("&amp;lt; R&amp;D", "\\&lt; R&D");
        check("use --option or a - b", "use \\-\\-option or a - b");
        check("x < y && z > w", "x \\< y && z > w");
        check("# x", "\\# x");
        check("- x", "\\- x");
        check("+ x", "\\+ x");
        check("1. x", "1\\. x");
        check("2) x", "2\\) x");
        check("> x", "\\> x");
        check("=== x", "\\=== x");
        check("| x", "\\| x");
        check("#tag -x +1 1.5 a. x", "#tag -x +1 1.5 a. x");
    }

    #[test]
    fn emphasis_that_markdown_would_not_recognize_is_dropped() {
        check("<b>a</b> <i>b</i> <strong>c</strong> <em>d</em>", "**a** *b* **c** *d*");
        check("<b> a </b>b", "**a** b");
        check("<b>Note:</b> x", "**Note:** x");
        check("<b>Note:</b>x", "Note:x");
        check("a<b>b</b>c", "a**b**c");
        check("a<b>(b)</b>c", "a(b)c");
        check("<b><i>x</i></b>", "***x***");
        check("<b>a</b><b>b</b>", "**ab**");
        check("<b>a<p>b</b>c", "**a**\n\nbc");
        check("<b></b>x", "x");
        check("<b>a<i>b</b>c</i>", "a*b*c");
    }

    #[test]
    fn lists_keep_their_nesting_and_tightness() {
        check("<ul><li>a</li><li><p>b</p></li></ul>", "- a\n- b");
        check("<ul><li>a<li>b</ul>c", "- a\n- b\n\nc");
        check("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b");
        check("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c");
        check("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "- a\n\n  b\n\n- c");
        check("<li>a</li><li>b</li>", "- a\n- b");
        check("<ul>a<li>b</li></ul>", "- a\n- b");
        check("<ul><li></li></ul>x", "x");
        check("<p>x<ul><li>a</li></ul></p>", "x\n\n- a");
        check(
            "<dl><dt>t</dt><dd>d</dd><dt><code>u</code></dt><dd><p>e</p><p>f</p></dd><dt>v</dt></dl>",
            "- **t** — d\n\n- `u` — e\n\n  f\n\n- **v**",
        );
    }

    #[test]
    fn notes_code_and_tables_are_set_off() {
        check("<note><p>a</p></note>", "> **Note:** a");
        check("<important>a<ul><li>b</li></ul></important>c", "> **Important:** a\n>\n> - b\n\nc");
        check("<note><ul><li>b</li></ul></note>", "> **Note:**\n>\n> - b");
        check("<ul><li>a<note>b</note></li></ul>", "- a\n\n  > **Note:** b");
        check("<pre><code>a\n  <b>b</b>\n</code></pre>c", "```text\na\n  b\n```\n\nc");
        check("<pre>```</pre>", "````text\n```\n````");
        check("<pre>open", "```text\nopen\n```");
        let prose = "one line of many words that was indented by accident and so became code";
        check(&format!("<pre><code> {prose} </code></pre>"), prose);
        check(
            "<table><tr><th>a</th><th>b</th></tr><tr><td>c|d</td><td><p>e</p><p>f</p></td></tr></table>",
            "| a | b |\n| --- | --- |\n| c\\|d | e f |",
        );
        check("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "a\n\nb");
    }

    #[test]
    fn a_lead_joins_the_first_paragraph() {
        let check = |html: &str, expect: &str| assert_eq!(with_lead("Required.", &markdown(html)), expect);
        check("", "Required.");
        check("<p>The key.</p>", "Required. The key.");
        check("- x", "Required. \\- x");
        check("<b>Bold</b> x", "Required. **Bold** x");
        check("<ul><li>a</li></ul>", "Required.\n\n- a");
        check("<ol><li>a</li></ol>", "Required.\n\n1. a");
        check("<note>a</note>", "Required.\n\n> **Note:** a");
        check("<pre>a</pre>", "Required.\n\n```text\na\n```");
        check(&"a".repeat(WIDTH), &format!("Required.\n{}", "a".repeat(WIDTH)));
    }

    #[test]
    fn lines_break_between_words_only() {
        let text = "word ".repeat(60);
        let code = format!("<code>{}</code>", "a b ".repeat(20));
        let rendered = markdown(&format!("<ul><li>{text}{code} 1. {text}</li></ul>"));
        assert!(rendered.lines().all(|it| it.len() <= WIDTH), "{rendered}");
        assert!(rendered.contains(&format!("`{}`", "a b ".repeat(20).trim())));
        check(&format!("{} - x", "a".repeat(WIDTH)), &format!("{}\n\\- x", "a".repeat(WIDTH)));
    }

    #[test]
    fn mangled_html_neither_panics_nor_leaves_html() {
        let pieces = [
            "<p>",
            "</p>",
            "<ul>",
            "</ul>",
            "<li>",
            "</li>",
            "<code>",
            "</code>",
            "<b>",
            "</b>",
            "<a href=\"https://x.com/?a=b\">",
            "<a>",
            "</a>",
            "<note>",
            "</note>",
            "<dl>",
            "<dt>",
            "<dd>",
            "</dl>",
            "<pre>",
            "</pre>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<h3>",
            "</h3>",
            "<x-y>",
            "<",
            ">",
            "&lt;",
            "&amp;",
            "`",
            "*",
            "_",
            "[",
            "]",
            "\\",
            "https://y.com/",
            "a",
            " b ",
            "é",
            "\n",
            "1. ",
            "- ",
            "\"",
            "<!--",
            "-->",
        ];
        // A linear congruential generator: the same cases on every run.
        let mut state = 1_u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for _ in 0..20_000 {
            let html: String = (0..next(24)).map(|_| pieces[next(pieces.len())]).collect();
            let rendered = markdown(&html);
            let fences = rendered
                .lines()
                .filter(|line| {
                    line.trim_start_matches(['>', ' ', '-'])
                        .strip_prefix("```")
                        .is_some_and(|info| !info.trim_start_matches('`').contains('`'))
                })
                .count();
            assert_eq!(fences % 2, 0, "{html}\n{rendered}");
            assert!(!rendered.contains(NO_BREAK) && !rendered.ends_with(char::is_whitespace), "{html}\n{rendered}");
        }
        check(&"<ul><li>".repeat(10_000), "");
        assert!(markdown(&"<ul><li>x".repeat(10_000)).len() < 200_000);
    }
}
