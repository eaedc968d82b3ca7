//! Splits a command line into words as a shell would: knows quotes and backslashes, but no variables and no pipes.

/// The words of `line`. The error never quotes it, since it may contain secrets.
///
/// Single quotes escape everything; double quotes everything but `\"` and `\\`; outside of quotes a backslash escapes
/// the next character. On Windows single quotes and backslashes are ordinary characters, except for `\"`.
pub(super) fn split(line: &str) -> Result<Vec<String>, &'static str> {
    split_for(line, cfg!(windows))
}

fn split_for(line: &str, windows: bool) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            _ if char.is_ascii_whitespace() => words.extend(word.take()),
            '\'' if !windows => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or("has no closing quotation")? {
                        '\'' => break,
                        quoted => word.push(quoted),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or("has no closing quotation")? {
                        '"' => break,
                        '\\' if matches!(chars.peek(), Some('"')) || !windows && matches!(chars.peek(), Some('\\')) => {
                            word.extend(chars.next());
                        }
                        quoted => word.push(quoted),
                    }
                }
            }
            '\\' if !windows => word.get_or_insert_default().push(chars.next().ok_or("ends with a backslash")?),
            '\\' if chars.peek() == Some(&'"') => word.get_or_insert_default().extend(chars.next()),
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    if words.is_empty() { Err("is empty") } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_as_by_a_posix_shell() {
        let check = |line: &str, expect: Result<&[&str], &'static str>| {
            let found = split_for(line, false);
            let found = found.as_ref().map(|it| it.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(found.as_deref().map_err(|it| **it), expect, "{line}");
        };
        check("a b  c\t", Ok(&["a", "b", "c"]));
        check("'a b' \"c d\"e '' \"\"", Ok(&["a b", "c de", "", ""]));
        check(r#""a\"b\\c\d" 'a\b'"#, Ok(&[r#"a"b\c\d"#, r"a\b"]));
        check(r"a\ b \'c", Ok(&["a b", "'c"]));
        check("echo $HOME | cat; x", Ok(&["echo", "$HOME", "|", "cat;", "x"]));
        check("'a", Err("has no closing quotation"));
        check("\"a\\", Err("has no closing quotation"));
        check("a\\", Err("ends with a backslash"));
        check("  ", Err("is empty"));
    }

    #[test]
    fn backslashes_are_part_of_paths_on_windows() {
        let check = |line: &str, expect: &[&str]| assert_eq!(split_for(line, true).expect("words"), expect);
        check(r#""C:\a b\c.exe" d\e"#, &[r"C:\a b\c.exe", r"d\e"]);
        check(r#"a\"b it's"#, &["a\"b", "it's"]);
    }
}
