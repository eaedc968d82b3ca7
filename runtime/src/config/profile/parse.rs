//! Parses a profile file into sections, line by line. Knows the grammar and its errors, not the meaning of section
//! names.

/// A section as written: `[name]` and the properties under it.
pub(super) struct RawSection<'a> {
    /// The text between the brackets, trimmed.
    pub(super) name: &'a str,
    pub(super) line: usize,
    pub(super) properties: Vec<RawProperty<'a>>,
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
pub(super) struct Problem {
    pub(super) line: usize,
    pub(super) message: &'static str,
}

const BLANK: [char; 2] = [' ', '\t'];
const COMMENT: [char; 2] = ['#', ';'];

/// Returns the sections of a profile file in the order of the file, repeated ones as often as they occur.
///
/// Grammar: a line that starts with `[` opens a section; one that starts with white space continues the property before
/// it; blank lines and lines whose first visible character is `#` or `;` are skipped; all others are `key = value`. A
/// comment ends a section line anywhere outside quotes, a property line only after white space, a continuation never.
/// The lines under a property without a value are its nested block, and must each be `key = value`.
pub(super) fn parse(text: &str) -> Result<Vec<RawSection<'_>>, Problem> {
    let mut sections: Vec<RawSection<'_>> = Vec::new();
    let mut is_nested = false;
    for (index, full_line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = index + 1;
        let problem = |message| Problem { line, message };
        let visible = full_line.trim_matches(BLANK);
        if visible.is_empty() || visible.starts_with(COMMENT) {
            continue;
        }
        if full_line.starts_with('[') {
            let name = section_name(visible).ok_or_else(|| problem("Profile definition must end with ']'"))?;
            sections.push(RawSection { name, line, properties: Vec::new() });
            continue;
        }
        let Some(section) = sections.last_mut() else {
            return Err(problem("Expected a profile definition such as [default] first"));
        };
        if full_line.starts_with(BLANK) {
            let Some(property) = section.properties.last_mut() else {
                return Err(problem("Expected a property definition, found continuation"));
            };
            if is_nested {
                let Some((key, _)) = visible.split_once('=') else {
                    return Err(problem("Expected an '=' sign defining a sub-property"));
                };
                if key.trim_matches(BLANK).is_empty() {
                    return Err(problem("Sub-property did not have a name"));
                }
            }
            property.value.push('\n');
            property.value.push_str(visible);
            property.continued.push(line);
        } else {
            let Some((key, value)) = without_comment(visible).split_once('=') else {
                return Err(problem("Expected an '=' sign defining a property"));
            };
            let (key, value) = (key.trim_matches(BLANK), value.trim_matches(BLANK));
            if key.is_empty() {
                return Err(problem("Property did not have a name"));
            }
            is_nested = value.is_empty();
            section.properties.push(RawProperty { key, value: value.to_owned(), line, continued: Vec::new() });
        }
    }
    Ok(sections)
}

/// Returns the keys (lower-cased) and values of a nested block, that is of a value that starts with a line break, and
/// the index of their line in the block.
pub(super) fn nested(value: &str) -> impl Iterator<Item = (String, &str, usize)> {
    value.strip_prefix('\n').unwrap_or_default().lines().enumerate().filter_map(|(index, line)| {
        let (key, value) = without_comment(line).split_once('=')?;
        Some((key.trim_matches(BLANK).to_ascii_lowercase(), value.trim_matches(BLANK), index))
    })
}

/// Returns the text between the brackets of a section line; `None` if the line does not end with `]`.
fn section_name(line: &str) -> Option<&str> {
    let mut quote = None;
    let comment = line.char_indices().find(|&(_, char)| {
        match quote {
            Some(open) if open == char => quote = None,
            None if matches!(char, '"' | '\'') => quote = Some(char),
            _ => {}
        }
        quote.is_none() && COMMENT.contains(&char)
    });
    // An unclosed quote does not hide a comment.
    let comment = match quote {
        Some(_) => line.find(COMMENT),
        None => comment.map(|(index, _)| index),
    };
    let line = comment.map_or(line, |end| &line[..end]).trim_matches(BLANK);
    Some(line.strip_prefix('[')?.strip_suffix(']')?.trim_matches(BLANK))
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
