//! Prints macro invocations that are items, with one entry on each line; prettyplease would fill lines with their
//! tokens, whose meaning it cannot know. Preserves every token. Knows none of the macros.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{ItemMacro, MacroDelimiter};

/// The maximum number of columns in a line; `max_width` of this project's rustfmt.toml.
const WIDTH: usize = 120;
/// Columns of one level of indentation, as in rustfmt.
const INDENT: usize = 4;

/// `path! { … }` or `path!(…);` with a line break at its end.
///
/// In braces each entry (up to a comma or semicolon) has its own line; in parentheses and brackets only if the entries
/// do not fit on one line together. Doc attributes print as `///`. A string that is too long for its line is continued
/// on the next lines, after its `; `.
pub(super) fn print(item: &ItemMacro) -> String {
    let mut printer = Printer { out: String::new(), indent: 0 };
    printer.tokens(&item.attrs.iter().flat_map(ToTokens::to_token_stream).collect::<Vec<_>>());
    printer.inline(&item.mac.path.to_token_stream().into_iter().collect::<Vec<_>>());
    printer.out.push('!');
    let (delimiter, space) = match item.mac.delimiter {
        MacroDelimiter::Paren(_) => (Delimiter::Parenthesis, ""),
        MacroDelimiter::Brace(_) => (Delimiter::Brace, " "),
        MacroDelimiter::Bracket(_) => (Delimiter::Bracket, ""),
    };
    printer.out.push_str(space);
    let tail = item.semi_token.is_some() as usize;
    let group = Group::new(delimiter, item.mac.tokens.clone());
    if delimiter == Delimiter::Brace && !group.stream().is_empty() {
        printer.multi_line(&group);
    } else {
        printer.group(&group, tail);
    }
    if tail > 0 {
        printer.out.push(';');
    }
    printer.out.push('\n');
    printer.out
}

struct Printer {
    out: String,
    indent: usize,
}

impl Printer {
    /// The number of columns in the current line.
    fn column(&self) -> usize {
        let start = self.out.rfind('\n').map_or(0, |newline| newline + 1);
        self.out[start..].chars().count()
    }

    /// Begins a new, indented line.
    fn new_line(&mut self) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        self.out.push('\n');
        self.out.push_str(&" ".repeat(self.indent));
    }

    /// One entry: attributes on lines of their own, then the rest, with groups over several lines where necessary.
    fn tokens(&mut self, tokens: &[TokenTree]) {
        let mut rest = tokens;
        while let Some((attribute, following)) = attribute(rest) {
            match doc(attribute) {
                Some(text) => self.out.push_str(&format!("///{}", text.trim_end())),
                None => self.inline(&rest[..2]),
            }
            rest = following;
            self.new_line();
        }
        for (index, token) in rest.iter().enumerate() {
            if index > 0 && needs_space(&rest[..index], token) {
                self.out.push(' ');
            }
            match token {
                TokenTree::Group(group) => self.group(group, width(&rest[index + 1..]) + 1),
                TokenTree::Literal(literal) => self.literal(&literal.to_string()),
                token => self.out.push_str(&token.to_string()),
            }
        }
    }

    /// A group on this line if it fits there, followed by `tail` more columns; otherwise over several lines.
    fn group(&mut self, group: &Group, tail: usize) {
        let fits = || group.stream().is_empty() || self.column() + group_width(group) + tail <= WIDTH;
        if !must_break(group) && fits() {
            self.inline(&[TokenTree::Group(group.clone())]);
        } else {
            self.multi_line(group);
        }
    }

    fn multi_line(&mut self, group: &Group) {
        let (open, close) = delimiters(group.delimiter());
        self.out.push_str(open);
        if group.delimiter() != Delimiter::Brace && !must_break(group) {
            self.filled(&entries(group.stream()));
            return self.out.push_str(close);
        }
        self.indent += INDENT;
        for entry in entries(group.stream()) {
            self.new_line();
            self.tokens(&entry);
        }
        self.indent -= INDENT;
        self.new_line();
        self.out.push_str(close);
    }

    /// Entries one after another; one that does not fit on this line begins the next. A block that fits on neither
    /// begins on this line.
    fn filled(&mut self, entries: &[Vec<TokenTree>]) {
        self.indent += INDENT;
        for (index, entry) in entries.iter().enumerate() {
            let is_literal = matches!(entry.as_slice(), [TokenTree::Literal(_)]);
            if index > 0 && is_block(entry) && self.indent + width(entry) + 1 > WIDTH {
                self.out.push(' ');
                self.indent -= INDENT;
                self.tokens(entry);
                self.indent += INDENT;
                continue;
            }
            if index > 0 && !is_literal && self.column() + width(entry) + 1 > WIDTH {
                self.new_line();
            } else if index > 0 {
                self.out.push(' ');
            }
            self.tokens(entry);
        }
        self.indent -= INDENT;
    }

    /// A literal. A string that is too long for its line begins on the next line and is continued after its `; `, where
    /// a backslash swallows the line break and the indentation.
    fn literal(&mut self, text: &str) {
        let text = &*without_continuations(text);
        if !text.starts_with('"') || self.column() + text.chars().count() < WIDTH {
            return self.out.push_str(text);
        }
        if self.column() > self.indent {
            // A string after `=` is part of the entry, so it is indented more than the entry.
            let deeper = if self.out.trim_end().ends_with(['=', ':']) { INDENT } else { 0 };
            self.indent += deeper;
            self.new_line();
            self.indent -= deeper;
        }
        let start = self.column();
        let mut rest = text;
        while let Some((at, _)) = rest.match_indices("; ").find(|(at, _)| !rest[at + 2..].starts_with([' ', '"', '\\']))
        {
            let (piece, following) = rest.split_at(at + 2);
            self.piece(piece, start);
            rest = following;
        }
        self.piece(rest, start);
    }

    /// A part of a string that began in column `start`; on the next line if it does not fit on this one.
    fn piece(&mut self, piece: &str, start: usize) {
        if self.column() + piece.chars().count() + 1 > WIDTH && self.column() > start + 1 {
            self.out.push_str("\\\n");
            self.out.push_str(&" ".repeat(start + 1));
        }
        self.out.push_str(piece);
    }

    /// Tokens on the current line.
    fn inline(&mut self, tokens: &[TokenTree]) {
        for (index, token) in tokens.iter().enumerate() {
            if index > 0 && needs_space(&tokens[..index], token) {
                self.out.push(' ');
            }
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = delimiters(group.delimiter());
                    let inner = flat(group.stream());
                    let padding = if group.delimiter() == Delimiter::Brace && !inner.is_empty() { " " } else { "" };
                    self.out.push_str(open);
                    self.out.push_str(padding);
                    self.inline(&inner);
                    self.out.push_str(padding);
                    self.out.push_str(close);
                }
                token => self.out.push_str(&token.to_string()),
            }
        }
    }
}

/// A string literal without escaped line breaks.
fn without_continuations(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\').filter(|_| text.starts_with('"')) {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        rest = match escape[1..].strip_prefix('\n') {
            Some(next_line) => next_line.trim_start(),
            None => {
                let end = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                out.push_str(&escape[..end]);
                &escape[end..]
            }
        };
    }
    out.push_str(rest);
    out
}

fn delimiters(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// The tokens of a stream; groups without delimiters are replaced by their tokens.
fn flat(stream: TokenStream) -> Vec<TokenTree> {
    let mut out = Vec::new();
    for token in stream {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => out.extend(flat(group.stream())),
            token => out.push(token),
        }
    }
    out
}

/// The tokens up to and including each comma or semicolon. Commas between `<` and `>` do not separate entries.
fn entries(stream: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut entries = vec![Vec::new()];
    let mut depth = 0_usize;
    let mut after_arrow = false;
    for token in flat(stream) {
        let mut ends = false;
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                '<' => depth += 1,
                '>' if !after_arrow => depth = depth.saturating_sub(1),
                ',' => ends = depth == 0,
                ';' => ends = true,
                _ => {}
            }
            after_arrow = matches!(punct.as_char(), '-' | '=') && punct.spacing() == Spacing::Joint;
        }
        if let Some(entry) = entries.last_mut() {
            entry.push(token);
        }
        if ends {
            depth = 0;
            entries.push(Vec::new());
        }
    }
    entries.retain(|entry| !entry.is_empty());
    entries
}

/// Whether an entry ends with braces.
fn is_block(entry: &[TokenTree]) -> bool {
    let is_comma = |it: &TokenTree| matches!(punct(it), Some((',', _)));
    let last = entry.iter().rev().find(|it| !is_comma(it));
    matches!(last, Some(TokenTree::Group(it)) if it.delimiter() == Delimiter::Brace)
}

/// Whether a group must be printed over several lines: braces around several entries, and groups with doc attributes.
fn must_break(group: &Group) -> bool {
    let tokens = flat(group.stream());
    let is_separator = |token: &TokenTree| matches!(punct(token), Some((',' | ';', _)));
    let has_entries = group.delimiter() == Delimiter::Brace && tokens.iter().any(is_separator);
    let is_doc = |start: usize| attribute(&tokens[start..]).is_some_and(|(group, _)| doc(group).is_some());
    let has_breaking_group =
        || tokens.iter().any(|token| matches!(token, TokenTree::Group(inner) if must_break(inner)));
    has_entries || (0..tokens.len()).any(is_doc) || has_breaking_group()
}

/// `#[…]` at the start of `tokens`, and the tokens after it.
fn attribute(tokens: &[TokenTree]) -> Option<(&Group, &[TokenTree])> {
    match tokens {
        [TokenTree::Punct(hash), TokenTree::Group(group), rest @ ..]
            if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
        {
            Some((group, rest))
        }
        _ => None,
    }
}

/// The text of `doc = "…"`, if it can be printed as a `///` line.
fn doc(attribute: &Group) -> Option<String> {
    let tokens = flat(attribute.stream());
    let [TokenTree::Ident(name), TokenTree::Punct(equal), TokenTree::Literal(text)] = tokens.as_slice() else {
        return None;
    };
    if name != "doc" || equal.as_char() != '=' {
        return None;
    }
    let text = syn::parse_str::<syn::LitStr>(&text.to_string()).ok()?.value();
    (!text.starts_with('/') && !text.contains(['\n', '\r'])).then_some(text)
}

/// The number of columns of tokens on one line.
fn width(tokens: &[TokenTree]) -> usize {
    let mut printer = Printer { out: String::new(), indent: 0 };
    printer.inline(tokens);
    printer.out.chars().count()
}

fn group_width(group: &Group) -> usize {
    width(&[TokenTree::Group(group.clone())])
}

/// Whether a space is printed between the tokens `before` and `next`. Angle brackets are taken for those of types.
fn needs_space(before: &[TokenTree], next: &TokenTree) -> bool {
    let Some((last, earlier)) = before.split_last() else { return false };
    let last_punct = punct(last);
    // The character before the last, if both are one operator: `::`, `=>`, `&&`.
    let joint =
        earlier.last().and_then(punct).filter(|(_, spacing)| *spacing == Spacing::Joint && last_punct.is_some());
    let joint = joint.map(|(character, _)| character);
    let in_closure_parameters =
        || before.iter().filter(|token| matches!(punct(token), Some(('|', _)))).count() % 2 == 1;
    match (last_punct, punct(next)) {
        (Some((_, Spacing::Joint)), Some(_)) => return false,
        // `|page| page.items`: an odd pipe opens, an even one closes.
        (Some(('|', _)), _) if in_closure_parameters() => return false,
        (_, Some(('|', _))) if in_closure_parameters() => return false,
        _ => {}
    }
    match (last_punct.map(|(character, _)| character), joint) {
        (Some(':'), Some(':')) | (Some('.' | '<' | '\'' | '#' | '$'), _) => return false,
        (Some('&' | '*'), None) => return false,
        (Some('='), Some('.')) => return false,
        // A sign, not a subtraction.
        (Some('-'), None) if earlier.last().is_none_or(|token| punct(token).is_some()) => return false,
        (Some('!'), _) => {
            return matches!(next, TokenTree::Group(it) if it.delimiter() == Delimiter::Brace);
        }
        (Some('>'), None) => {
            return match next {
                TokenTree::Punct(it) => !",;:.?><".contains(it.as_char()),
                TokenTree::Group(it) => it.delimiter() != Delimiter::Parenthesis,
                _ => true,
            };
        }
        _ => {}
    }
    match next {
        TokenTree::Punct(it) => match it.as_char() {
            ',' | ';' | '.' | '?' | '>' | ':' => false,
            '<' => !matches!(last, TokenTree::Ident(_)),
            '!' => !matches!(last, TokenTree::Ident(_)) || it.spacing() == Spacing::Joint,
            _ => true,
        },
        TokenTree::Group(it) if it.delimiter() == Delimiter::Parenthesis => {
            !matches!(last, TokenTree::Ident(_) | TokenTree::Group(_))
        }
        _ => true,
    }
}

/// The character of a punctuation token.
fn punct(token: &TokenTree) -> Option<(char, Spacing)> {
    if let TokenTree::Punct(it) = token { Some((it.as_char(), it.spacing())) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens with doc attributes and string literals by value, so that printed text can be compared with its
    /// source.
    fn normalized(stream: TokenStream) -> String {
        let mut out = String::new();
        for token in flat(stream) {
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = delimiters(group.delimiter());
                    out.push_str(&format!("{open} {}{close} ", normalized(group.stream())));
                }
                TokenTree::Literal(literal) => match syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    Ok(text) => out.push_str(&format!("{:?} ", text.value())),
                    Err(_) => out.push_str(&format!("{literal} ")),
                },
                TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint => out.push(punct.as_char()),
                token => out.push_str(&format!("{token} ")),
            }
        }
        out
    }

    /// Prints `source` and compares it with `expect`; checks that no token is lost and that a second pass changes
    /// nothing.
    fn check(source: &str, expect: &str) {
        let item: ItemMacro = syn::parse_str(source).unwrap();
        let text = print(&item);
        assert_eq!(text, expect);
        let again: ItemMacro = syn::parse_str(&text).unwrap();
        assert_eq!(normalized(again.to_token_stream()), normalized(item.to_token_stream()));
        assert_eq!(print(&again), text);
    }

    #[test]
    fn parentheses_stay_on_one_line_if_they_fit() {
        check(
            "streaming_structure!(Foo, \"a\", [Vec<Object>, crate::types::B]);",
            "streaming_structure!(Foo, \"a\", [Vec<Object>, crate::types::B]);\n",
        );
        check("a::b!();", "a::b!();\n");
        check("empty! {}", "empty! {}\n");
        check("list![1,2];", "list![1, 2];\n");
        check(
            "aws_core::generated::streaming_structure!(Foo, \"Bucket:string header=x required; Key:string uri required; Long:structure flattened; A:b\", [Vec<Object>]);",
            r#"aws_core::generated::streaming_structure!(Foo,
    "Bucket:string header=x required; Key:string uri required; Long:structure flattened; A:b", [Vec<Object>]);
"#,
        );
    }

    #[test]
    fn long_strings_are_continued_after_semicolons() {
        check(
            r#"streaming_structure!(Foo, "Bucket:string header=x-amz-bucket required; Key:string uri=Key required; Escaped:\"string\" x=\\; Longest:structure flattened; Last:string");"#,
            r#"streaming_structure!(Foo,
    "Bucket:string header=x-amz-bucket required; Key:string uri=Key required; Escaped:\"string\" x=\\; \
     Longest:structure flattened; Last:string");
"#,
        );
        let long = format!("{} {}", "A:str; ".repeat(10), "B:str @header=x-amz-b; ".repeat(5)).replace("  ", " ");
        let long = long.trim_end_matches("; ");
        check(
            &format!("plain_structure!(Foo, unsafe {{ \"{long}\" }}, [Vec<Object>]);"),
            "plain_structure!(Foo, unsafe {
    \"A:str; A:str; A:str; A:str; A:str; A:str; A:str; A:str; A:str; A:str; B:str @header=x-amz-b; \\
     B:str @header=x-amz-b; B:str @header=x-amz-b; B:str @header=x-amz-b; B:str @header=x-amz-b\"
}, [Vec<Object>]);
",
        );
        check(
            "aws_core::generated::plain_structure!(GetBucketAclInput, unsafe { \"Bucket:str @uri req ctx=Bucket; ExpectedBucketOwner:str\" }, [A]);",
            "aws_core::generated::plain_structure!(GetBucketAclInput,
    unsafe { \"Bucket:str @uri req ctx=Bucket; ExpectedBucketOwner:str\" }, [A]);
",
        );
        let endless = format!("streaming_structure!(Foo,\n    \"{}\");\n", "x".repeat(200));
        check(&endless, &endless);
        // White space after a continuation would be swallowed, so such a string is not continued there.
        let spaces = format!("streaming_structure!(Foo,\n    \"{};  {};\");\n", "x".repeat(80), "y".repeat(80));
        check(&spaces, &spaces);
    }

    #[test]
    fn braces_have_one_entry_on_each_line() {
        check(
            r#"aws_core::generated::setters! { crate::Request<GetObject>, GetObjectInput { #[doc = " A."] #[doc = ""] #[doc = " B."]
               if_match: into String, r#type => set_type: Option<Vec<crate::types::Object>>, tags: {into String}, parts: [into P],
               b: box crate::types::X, t: BTreeMap<String, Vec<u8>>, f: fn(u8) -> u8, } }"#,
            "aws_core::generated::setters! {
    crate::Request<GetObject>,
    GetObjectInput {
        /// A.
        ///
        /// B.
        if_match: into String,
        r#type => set_type: Option<Vec<crate::types::Object>>,
        tags: { into String },
        parts: [into P],
        b: box crate::types::X,
        t: BTreeMap<String, Vec<u8>>,
        f: fn(u8) -> u8,
    }
}
",
        );
        check(
            r#"string_enum! { /// The class.
               StorageClass { /// Usual.
               STANDARD = "STANDARD", _1_0 = "1.0", N = -1 } }"#,
            r#"string_enum! {
    /// The class.
    StorageClass {
        /// Usual.
        STANDARD = "STANDARD",
        _1_0 = "1.0",
        N = -1
    }
}
"#,
        );
        check(
            "client! { Client, crate::service::SERVICE }",
            "client! {\n    Client,\n    crate::service::SERVICE\n}\n",
        );
        check("#[cfg(feature = \"x\")] a! { b; }", "#[cfg(feature = \"x\")]\na! {\n    b;\n}\n");
    }

    #[test]
    fn spaces_between_tokens_are_as_rustfmt_writes_them() {
        for line in [
            "a!(|page| page.contents.map(|it| it.key), |a, b| a);",
            "a!(&'static str, <T as X>::Y, fn(a: &mut u8) -> Vec<u8>, impl Into<String>);",
            "a!(a == b && c != !d, x - 1, -5, vec![1, 2], \"a\" => [b], &[1..=2], r\"a; raw\");",
            "a!(::std::vec::Vec::<u8>::new(), #[inline] fn, X { a: 1 }, x?.y, Foo<'a>);",
        ] {
            check(line, &format!("{line}\n"));
        }
    }
}
