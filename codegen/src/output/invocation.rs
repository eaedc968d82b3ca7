//! Invocations of macros as items, one entry a line: prettyplease cannot know what their tokens mean and fills lines with
//! them. Keeps every token; knows none of the macros.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{ItemMacro, MacroDelimiter};

/// Columns of a line, as rustfmt has them in this project.
const WIDTH: usize = 120;
const INDENT: usize = 4;

/// `path! { … }` or `path!(…);` with a line break at its end.
///
/// In braces each entry (up to a comma or semicolon) has its own line; in parentheses and brackets only if they do not
/// fit on one line together. Doc attributes print as `///`. A string too long for its line is continued on the next
/// ones after its `; `.
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
        printer.broken(&group);
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
    fn column(&self) -> usize {
        let line = self.out.rfind('\n').map_or(0, |it| it + 1);
        self.out[line..].chars().count()
    }

    fn line(&mut self) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        self.out.push('\n');
        self.out.push_str(&" ".repeat(self.indent));
    }

    /// One entry: attributes on lines of their own, then the rest, its groups broken where they must be or do not fit.
    fn tokens(&mut self, tokens: &[TokenTree]) {
        let mut rest = tokens;
        while let Some((attribute, behind)) = attribute(rest) {
            match doc(attribute) {
                Some(text) => self.out.push_str(&format!("///{}", text.trim_end())),
                None => self.inline(&rest[..2]),
            }
            rest = behind;
            self.line();
        }
        for (at, token) in rest.iter().enumerate() {
            if at > 0 && spaced(&rest[..at], token) {
                self.out.push(' ');
            }
            match token {
                TokenTree::Group(group) => self.group(group, width(&rest[at + 1..]) + 1),
                TokenTree::Literal(literal) => self.literal(&literal.to_string()),
                token => self.out.push_str(&token.to_string()),
            }
        }
    }

    /// A group on this line if it may stand there with `tail` more columns behind it, else over several.
    fn group(&mut self, group: &Group, tail: usize) {
        let fits = || group.stream().is_empty() || self.column() + group_width(group) + tail <= WIDTH;
        if !must_break(group) && fits() {
            self.inline(&[TokenTree::Group(group.clone())]);
        } else {
            self.broken(group);
        }
    }

    fn broken(&mut self, group: &Group) {
        let (open, close) = delimiters(group.delimiter());
        self.out.push_str(open);
        if group.delimiter() != Delimiter::Brace && !must_break(group) {
            self.filled(&entries(group.stream()));
            return self.out.push_str(close);
        }
        self.indent += INDENT;
        for entry in entries(group.stream()) {
            self.line();
            self.tokens(&entry);
        }
        self.indent -= INDENT;
        self.line();
        self.out.push_str(close);
    }

    /// Entries one after the other, each on the next line when it does not fit on this one.
    fn filled(&mut self, entries: &[Vec<TokenTree>]) {
        self.indent += INDENT;
        for (at, entry) in entries.iter().enumerate() {
            let literal = matches!(entry.as_slice(), [TokenTree::Literal(_)]);
            if at > 0 && !literal && self.column() + width(entry) + 1 > WIDTH {
                self.line();
            } else if at > 0 {
                self.out.push(' ');
            }
            self.tokens(entry);
        }
        self.indent -= INDENT;
    }

    /// A literal; a string too long for its line begins on the next, and is continued after its `; `, where a backslash swallows the line break and the indentation.
    fn literal(&mut self, text: &str) {
        let text = &*joined(text);
        if !text.starts_with('"') || self.column() + text.chars().count() < WIDTH {
            return self.out.push_str(text);
        }
        if self.column() > self.indent {
            // Behind `=` the string belongs to the entry, and stands deeper.
            let deeper = if self.out.trim_end().ends_with(['=', ':']) { INDENT } else { 0 };
            self.indent += deeper;
            self.line();
            self.indent -= deeper;
        }
        let start = self.column();
        let mut rest = text;
        while let Some((at, _)) = rest.match_indices("; ").find(|(at, _)| !rest[at + 2..].starts_with([' ', '"', '\\']))
        {
            let (piece, behind) = rest.split_at(at + 2);
            self.piece(piece, start);
            rest = behind;
        }
        self.piece(rest, start);
    }

    fn piece(&mut self, piece: &str, start: usize) {
        if self.column() + piece.chars().count() + 1 > WIDTH && self.column() > start + 1 {
            self.out.push_str("\\\n");
            self.out.push_str(&" ".repeat(start + 1));
        }
        self.out.push_str(piece);
    }

    fn inline(&mut self, tokens: &[TokenTree]) {
        for (at, token) in tokens.iter().enumerate() {
            if at > 0 && spaced(&tokens[..at], token) {
                self.out.push(' ');
            }
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = delimiters(group.delimiter());
                    let inside = flat(group.stream());
                    let pad = if group.delimiter() == Delimiter::Brace && !inside.is_empty() { " " } else { "" };
                    self.out.push_str(open);
                    self.out.push_str(pad);
                    self.inline(&inside);
                    self.out.push_str(pad);
                    self.out.push_str(close);
                }
                token => self.out.push_str(&token.to_string()),
            }
        }
    }
}

/// A string literal without the line breaks it was continued over.
fn joined(text: &str) -> String {
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

/// The tokens, those of invisible groups among them.
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

/// The tokens up to each comma or semicolon, with it. Commas between `<` and `>` separate nothing.
fn entries(stream: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut entries = vec![Vec::new()];
    let mut depth = 0_usize;
    let mut arrow = false;
    for token in flat(stream) {
        let mut ends = false;
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                '<' => depth += 1,
                '>' if !arrow => depth = depth.saturating_sub(1),
                ',' => ends = depth == 0,
                ';' => ends = true,
                _ => {}
            }
            arrow = matches!(punct.as_char(), '-' | '=') && punct.spacing() == Spacing::Joint;
        }
        if let Some(entry) = entries.last_mut() {
            entry.push(token);
        }
        if ends {
            depth = 0;
            entries.push(Vec::new());
        }
    }
    entries.retain(|it| !it.is_empty());
    entries
}

/// Whether a group needs lines of its own: braces around several entries, and whatever holds doc attributes.
fn must_break(group: &Group) -> bool {
    let tokens = flat(group.stream());
    let separated = tokens.iter().any(|it| matches!(it, TokenTree::Punct(it) if matches!(it.as_char(), ',' | ';')));
    let documented = (0..tokens.len()).any(|at| attribute(&tokens[at..]).is_some_and(|(it, _)| doc(it).is_some()));
    let nested = || tokens.iter().any(|it| matches!(it, TokenTree::Group(it) if must_break(it)));
    (group.delimiter() == Delimiter::Brace && separated) || documented || nested()
}

/// `#[…]` at the start of `tokens`, and what follows it.
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

/// The text of `doc = "…"` if a `///` line can hold it.
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

fn width(tokens: &[TokenTree]) -> usize {
    let mut printer = Printer { out: String::new(), indent: 0 };
    printer.inline(tokens);
    printer.out.chars().count()
}

fn group_width(group: &Group) -> usize {
    width(&[TokenTree::Group(group.clone())])
}

/// Whether a space stands between the tokens `before` and `next`. Angle brackets are those of types.
fn spaced(before: &[TokenTree], next: &TokenTree) -> bool {
    let Some((last, ahead)) = before.split_last() else { return false };
    let last_punct = punct(last);
    // The character before, if it is one operator with the last: `::`, `=>`, `&&`.
    let joined =
        ahead.last().and_then(punct).filter(|it| it.1 == Spacing::Joint && last_punct.is_some()).map(|it| it.0);
    let opened = || before.iter().filter(|it| matches!(punct(it), Some(('|', _)))).count() % 2 == 1;
    match (last_punct, punct(next)) {
        (Some((_, Spacing::Joint)), Some(_)) => return false,
        // `|page| page.items`: an odd pipe opens, an even one closes.
        (Some(('|', _)), _) if opened() => return false,
        (_, Some(('|', _))) if opened() => return false,
        _ => {}
    }
    match (last_punct.map(|it| it.0), joined) {
        (Some(':'), Some(':')) | (Some('.' | '<' | '\'' | '#' | '$'), _) => return false,
        (Some('&' | '*'), None) => return false,
        (Some('='), Some('.')) => return false,
        // A sign, not a difference.
        (Some('-'), None) if ahead.last().is_none_or(|it| punct(it).is_some()) => return false,
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

fn punct(token: &TokenTree) -> Option<(char, Spacing)> {
    if let TokenTree::Punct(it) = token { Some((it.as_char(), it.spacing())) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens with doc attributes and string literals by value, so that a text can be held against its source.
    fn normal(stream: TokenStream) -> String {
        let mut out = String::new();
        for token in flat(stream) {
            match token {
                TokenTree::Group(it) => {
                    let (open, close) = delimiters(it.delimiter());
                    out.push_str(&format!("{open} {}{close} ", normal(it.stream())));
                }
                TokenTree::Literal(it) => match syn::parse_str::<syn::LitStr>(&it.to_string()) {
                    Ok(text) => out.push_str(&format!("{:?} ", text.value())),
                    Err(_) => out.push_str(&format!("{it} ")),
                },
                TokenTree::Punct(it) if it.spacing() == Spacing::Joint => out.push(it.as_char()),
                token => out.push_str(&format!("{token} ")),
            }
        }
        out
    }

    /// Prints `source`, holds it against `expect`, and sees that no token was lost and a second pass changes nothing.
    fn check(source: &str, expect: &str) {
        let item: ItemMacro = syn::parse_str(source).unwrap();
        let text = print(&item);
        assert_eq!(text, expect);
        let again: ItemMacro = syn::parse_str(&text).unwrap();
        assert_eq!(normal(again.to_token_stream()), normal(item.to_token_stream()));
        assert_eq!(print(&again), text);
    }

    #[test]
    fn parentheses_hold_one_line_if_they_can() {
        check(
            "shape!(Foo, \"a\", [Vec<Object>, crate::types::B]);",
            "shape!(Foo, \"a\", [Vec<Object>, crate::types::B]);\n",
        );
        check("a::b!();", "a::b!();\n");
        check("empty! {}", "empty! {}\n");
        check("list![1,2];", "list![1, 2];\n");
        check(
            "aws_core::codegen::shape!(Foo, \"Bucket:string header=x required; Key:string uri required; Long:structure flattened; A:b\", [Vec<Object>]);",
            r#"aws_core::codegen::shape!(Foo,
    "Bucket:string header=x required; Key:string uri required; Long:structure flattened; A:b", [Vec<Object>]);
"#,
        );
    }

    #[test]
    fn long_strings_go_on_after_semicolons() {
        check(
            r#"shape!(Foo, "Bucket:string header=x-amz-bucket required; Key:string uri=Key required; Escaped:\"string\" x=\\; Longest:structure flattened; Last:string");"#,
            r#"shape!(Foo,
    "Bucket:string header=x-amz-bucket required; Key:string uri=Key required; Escaped:\"string\" x=\\; \
     Longest:structure flattened; Last:string");
"#,
        );
        let endless = format!("shape!(Foo,\n    \"{}\");\n", "x".repeat(200));
        check(&endless, &endless);
        // White space after a continuation would be swallowed.
        let spaces = format!("shape!(Foo,\n    \"{};  {};\");\n", "x".repeat(80), "y".repeat(80));
        check(&spaces, &spaces);
    }

    #[test]
    fn braces_hold_an_entry_a_line() {
        check(
            r#"aws_core::codegen::setters! { crate::Request<GetObject>, GetObjectInput { #[doc = " A."] #[doc = ""] #[doc = " B."]
               if_match: into String, r#type => set_type: Option<Vec<crate::types::Object>>, tags: {into String}, parts: [into P],
               b: box crate::types::X, t: BTreeMap<String, Vec<u8>>, f: fn(u8) -> u8, } }"#,
            "aws_core::codegen::setters! {
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
    fn spaces_are_those_of_rust() {
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
