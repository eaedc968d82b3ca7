//! Splits Rust source into names, strings, comments and punctuation, each with its line. Knows no grammar: enough to
//! tell a name from a sentence, and to follow brackets.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier or keyword.
    Name,
    /// A string literal, without its quotes; escapes are left as they are.
    String,
    /// A comment, without its slashes.
    Comment,
    /// A single character of punctuation.
    Mark,
}

/// A piece of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// The line it begins on, from 1.
    pub(super) line: usize,
}

impl Token<'_> {
    pub(super) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Name | Kind::Mark) && self.text == text
    }
}

/// The tokens of `source`. Numbers, lifetimes and characters are left out.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { source, at: 0, line: 1, tokens: Vec::new() };
    while lexer.at < source.len() {
        lexer.step();
    }
    lexer.tokens
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn step(&mut self) {
        let rest = &self.source[self.at..];
        let Some(first) = rest.chars().next() else { return };
        if let Some(comment) = rest.strip_prefix("//") {
            let len = comment.find('\n').unwrap_or(comment.len());
            self.push(Kind::Comment, 2, len, 0);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let len = comment.find("*/").unwrap_or(comment.len());
            self.push(Kind::Comment, 2, len, 2);
        } else if let Some((before, hashes)) = raw_string(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let len = rest[before..].find(&end).unwrap_or(rest.len() - before);
            self.push(Kind::String, before, len, end.len());
        } else if let Some(string) = rest.strip_prefix("b\"").or_else(|| rest.strip_prefix('"')) {
            self.push(Kind::String, rest.len() - string.len(), string_len(string), 1);
        } else if first == '\'' {
            self.skip(character(rest).unwrap_or(1));
        } else if first.is_alphabetic() || first == '_' {
            let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            self.push(Kind::Name, 0, len, 0);
        } else if first.is_ascii_digit() {
            self.skip(rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()));
        } else if first.is_whitespace() {
            self.skip(first.len_utf8());
        } else {
            self.push(Kind::Mark, 0, first.len_utf8(), 0);
        }
    }

    /// A token of `len` bytes between `before` and `after` bytes of delimiters.
    fn push(&mut self, kind: Kind, before: usize, len: usize, after: usize) {
        let start = self.at + before;
        self.tokens.push(Token { kind, text: &self.source[start..start + len], line: self.line });
        self.skip(before + len + after);
    }

    fn skip(&mut self, len: usize) {
        let end = (self.at + len).min(self.source.len());
        self.line += self.source[self.at..end].matches('\n').count();
        self.at = end;
    }
}

/// The length of what opens a raw string, and how many `#` close it.
fn raw_string(rest: &str) -> Option<(usize, usize)> {
    let inner = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let string = inner.trim_start_matches('#');
    string.starts_with('"').then(|| (rest.len() - string.len() + 1, inner.len() - string.len()))
}

/// The bytes of a string up to its closing quote.
fn string_len(string: &str) -> usize {
    let mut escaped = false;
    let end = string.char_indices().find(|(_, c)| {
        let closes = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    end.map_or(string.len(), |(at, _)| at)
}

/// The length of a character literal; `None` for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let inner = &rest[1..];
    match inner.strip_prefix('\\') {
        Some(escape) => escape.char_indices().skip(1).find(|(_, c)| *c == '\'').map(|(at, _)| at + 3),
        None => {
            let len = inner.chars().next()?.len_utf8();
            inner[len..].starts_with('\'').then_some(len + 2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expect: &[(Kind, &str, usize)]) {
        let found: Vec<_> = tokens(source).into_iter().map(|token| (token.kind, token.text, token.line)).collect();
        assert_eq!(found, expect, "{source}");
    }

    #[test]
    fn strings_comments_and_names_are_distinguished() {
        use Kind::{Comment, Mark, Name, String};
        check("let a = \"b\";", &[(Name, "let", 1), (Name, "a", 1), (Mark, "=", 1), (String, "b", 1), (Mark, ";", 1)]);
        check("// a\n/* b\nc */ d", &[(Comment, " a", 1), (Comment, " b\nc ", 2), (Name, "d", 3)]);
        check(r#"r"a" b"c""#, &[(String, "a", 1), (String, "c", 1)]);
        check("r##\"a\"#\n\"## b", &[(String, "a\"#\n", 1), (Name, "b", 2)]);
        check(r#""a\"b\\" c"#, &[(String, r#"a\"b\\"#, 1), (Name, "c", 1)]);
        check("'a' '\\'' '\\u{1F}' 'b: 1.5e3 c", &[(Name, "b", 1), (Mark, ":", 1), (Mark, ".", 1), (Name, "c", 1)]);
        check("\"open", &[(String, "open", 1)]);
        check("'", &[]);
    }
}
