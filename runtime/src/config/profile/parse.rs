//! Parses a profile file into sections, line by line. Knows the grammar and its errors, not the meaning of section
//! names.

/// A section as written: `[name]` and the properties under it.
pub(super) struct RawSection<'a> {
    /// The text between the brackets, trimmed.
    pub(super) name: &'a str,
    pub(super) line: usize,
    pub(super) properties: Vec<RawProperty<'a>>,
    /// The lines that break the format.
    pub(super) faults: Vec<Fault>,
}

/// A property as written.
pub(super) struct RawProperty<'a> {
    pub(super) key: &'a str,
    /// Continuation lines are joined by `\n`; a nested block starts with one.
    pub(super) value: String,
    pub(super) line: usize,
    /// The line numbers of the continuations.
    pub(super) continued: Vec<usize>,
}

/// A syntax error. Never quotes the line, which may hold a secret.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) message: &'static str,
}

const BLANK: [char; 2] = [' ', '\t'];
const COMMENT: [char; 2] = ['#', ';'];

/// Returns the sections of a profile file in the order of the file, repeated ones as often as they occur, each with its
/// faults. The error is a line before the first section that is none.
///
/// The grammar is the one that boto3 and the AWS CLI read, Python's `configparser`: a line that is indented more than the
/// property before it continues that property; of the others, those that start with `[` open a section, and what follows
/// the `]` is ignored; the rest are `key = value` or `key: value`. Blank lines and lines whose first visible character is
/// `#` or `;` are skipped. As in AWS's other SDKs, a comment ends a property line after white space, but no continuation.
/// The lines under a property without a value are its nested block, and must each be `key = value`.
pub(super) fn parse(text: &str) -> Result<Vec<RawSection<'_>>, Fault> {
    let mut sections: Vec<RawSection<'_>> = Vec::new();
    let (mut indent, mut is_nested) = (0, false);
    for (index, full_line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = index + 1;
        let visible = full_line.trim();
        if visible.is_empty() || visible.starts_with(COMMENT) {
            continue;
        }
        let own_indent = full_line.chars().take_while(|it| it.is_whitespace()).count();
        if own_indent > indent
            && let Some(property) = sections.last_mut().and_then(|it| it.properties.last_mut())
        {
            property.value.push('\n');
            property.value.push_str(visible);
            property.continued.push(line);
            if is_nested && !visible.contains('=') {
                let message = "Expected an '=' sign defining a sub-property";
                sections.last_mut().into_iter().for_each(|it| it.faults.push(Fault { line, message }));
            }
            continue;
        }
        indent = own_indent;
        if visible.starts_with('[') {
            sections.push(section(visible, line));
            continue;
        }
        let Some(section) = sections.last_mut() else {
            return Err(Fault { line, message: "Expected a profile definition such as [default] first" });
        };
        let Some((key, value)) = without_comment(visible).split_once(['=', ':']) else {
            let message = match own_indent > 0 && section.properties.is_empty() {
                true => "Expected a property definition, found continuation",
                false => "Expected an '=' sign defining a property",
            };
            section.faults.push(Fault { line, message });
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() {
            section.faults.push(Fault { line, message: "Property did not have a name" });
            continue;
        }
        is_nested = value.is_empty();
        section.properties.push(RawProperty { key, value: value.to_owned(), line, continued: Vec::new() });
    }
    Ok(sections)
}

/// The section that a line opens. Without a closing bracket it has a fault, and the name that was probably meant.
fn section(visible: &str, line: usize) -> RawSection<'_> {
    let (properties, mut faults) = (Vec::new(), Vec::new());
    let name = section_name(visible).unwrap_or_else(|| {
        faults.push(Fault { line, message: "Profile definition must end with ']'" });
        without_comment(visible).trim_start_matches('[').trim()
    });
    RawSection { name, line, properties, faults }
}

/// Returns the keys (lower-cased) and values of a nested block, that is of a value that starts with a line break, and
/// the index of their line in the block.
pub(super) fn nested(value: &str) -> impl Iterator<Item = (String, &str, usize)> {
    value.strip_prefix('\n').unwrap_or_default().lines().enumerate().filter_map(|(index, line)| {
        let (key, value) = without_comment(line).split_once('=')?;
        Some((key.trim_matches(BLANK).to_ascii_lowercase(), value.trim_matches(BLANK), index))
    })
}

/// Returns the text between the brackets of a section line, up to the first `]` outside quotes; `None` without one. A quote
/// that is not closed quotes nothing.
fn section_name(line: &str) -> Option<&str> {
    let inside = line.strip_prefix('[')?;
    let mut quote = None;
    let end = inside.char_indices().find(|&(_, char)| {
        match quote {
            Some(open) if open == char => quote = None,
            None if matches!(char, '"' | '\'') => quote = Some(char),
            _ => {}
        }
        quote.is_none() && char == ']'
    });
    let end = end.map(|(index, _)| index).or_else(|| inside.find(']'))?;
    Some(inside[..end].trim())
}

/// Returns a property line up to a comment character that follows white space.
fn without_comment(line: &str) -> &str {
    let mut after_blank = false;
    let comment = line.char_indices().find(|&(_, char)| {
        let found = after_blank && COMMENT.contains(&char);
        after_blank = BLANK.contains(&char);
        found
    });
    comment.map_or(line, |(end, _)| &line[..end])
}
