//! Tokens to the text of a file: prettyplease for what Rust knows, [`invocation`] for what only a macro knows, one empty
//! line between items, one quiet line on top. Knows no model.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, File, ImplItem, Item, ItemImpl};

use super::invocation;

/// Emitted tokens that are no Rust file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// The file the tokens were meant for.
    pub file: String,
    /// What the parser expected, and the tokens around the place.
    pub message: String,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the emitted tokens are no Rust: {}", self.file, self.message)
    }
}

impl std::error::Error for FormatError {}

/// The text of `file`: `header` as its first line (a comment; none if empty), then `tokens` as formatted Rust.
///
/// Doc attributes print as `///` lines if each is one line that starts with a space or is empty. The same tokens give the
/// same text everywhere.
///
/// # Errors
/// If the tokens do not parse as the items of a Rust file.
pub fn format_items(file: &str, header: &str, tokens: TokenStream) -> Result<String, FormatError> {
    let error = |message: String| FormatError { file: file.to_owned(), message };
    let parsed: File = syn::parse2(tokens.clone()).map_err(|it| error(format!("{it}, in `{}`", excerpt(&tokens))))?;
    // Prettyplease panics at syntax that syn only keeps as tokens; no model may panic the generator.
    let text = catch_unwind(AssertUnwindSafe(|| items(parsed)));
    let text = text.map_err(|_| error("syntax that cannot be printed".to_owned()))?;
    Ok(if header.is_empty() { text } else { format!("// {header}\n\n{text}") })
}

/// The start of the first item that does not parse: spans of tokens that never were text tell no place.
fn excerpt(tokens: &TokenStream) -> String {
    let find = |input: ParseStream<'_>| {
        Attribute::parse_inner(input)?;
        while !input.is_empty() {
            let ahead = input.fork();
            if input.parse::<Item>().is_err() {
                input.parse::<TokenStream>()?;
                return ahead.parse::<TokenStream>();
            }
        }
        Ok(TokenStream::new())
    };
    let rest = find.parse2(tokens.clone()).unwrap_or_else(|_| tokens.clone());
    rest.to_string().chars().take(200).collect()
}

fn items(mut file: File) -> String {
    let items = std::mem::take(&mut file.items);
    let mut text = prettyplease::unparse(&file);
    let mut before = None;
    for item in &items {
        let light = is_light(item);
        let together = light && before == Some(true);
        if !text.is_empty() && !together {
            text.push('\n');
        }
        before = Some(light);
        match item {
            Item::Macro(item) if item.ident.is_none() => text.push_str(&invocation::print(item)),
            Item::Impl(item) => implementation(item, &mut text),
            item => text.push_str(&one(item.clone())),
        }
    }
    text
}

fn one(item: Item) -> String {
    prettyplease::unparse(&File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] })
}

/// Items that stand together without empty lines: imports, and modules in other files, if nothing is said about them.
fn is_light(item: &Item) -> bool {
    match item {
        Item::Use(it) => it.attrs.is_empty(),
        Item::Mod(it) => it.attrs.is_empty() && it.content.is_none(),
        _ => false,
    }
}

/// An `impl` with empty lines around its functions: prettyplease leaves none, so each is printed in an `impl` of its own,
/// of which only the inside is kept.
fn implementation(item: &ItemImpl, text: &mut String) {
    let alone = |inside: Vec<ImplItem>| {
        let mut shell = item.clone();
        shell.items = inside;
        one(Item::Impl(shell))
    };
    let shell = alone(Vec::new());
    let Some(head) = shell.trim_end().strip_suffix('}') else { return text.push_str(&shell) };
    if item.items.is_empty() {
        return text.push_str(&shell);
    }
    // Everything up to the brace is the same for all; with items inside, a line break follows it.
    let head = head.trim_end();
    text.push_str(head);
    text.push('\n');
    let mut apart = false;
    for (at, inside) in item.items.iter().enumerate() {
        let printed = alone(vec![inside.clone()]);
        let body = printed.trim_end().strip_suffix('}').and_then(|it| it.strip_prefix(head)).unwrap_or(&printed);
        let large = matches!(inside, ImplItem::Fn(_)) || has_docs(inside);
        if at > 0 && (large || apart) {
            text.push('\n');
        }
        apart = large;
        text.push_str(body.trim_start_matches('\n'));
    }
    text.push_str("}\n");
}

fn has_docs(item: &ImplItem) -> bool {
    let attrs: &[Attribute] = match item {
        ImplItem::Const(it) => &it.attrs,
        ImplItem::Type(it) => &it.attrs,
        _ => &[],
    };
    attrs.iter().any(|it| it.path().is_ident("doc"))
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn prints_a_file() {
        let tokens = quote! {
            #![doc = " The file."]
            mod a; pub use a::{B, C}; mod d;
            #[doc = " Types."]
            #[doc = ""]
            #[doc = " More."]
            pub mod types;
            shape!(B, "x:string; y:string", [C]);
            #[doc = " A { in prose."]
            #[derive(Clone)]
            pub struct B { #[doc = " A field."] pub x: Option<String>, pub y: u8 }
            #[doc = " impl {"]
            impl B {
                #[doc = " One."]
                #[inline]
                pub fn one(&self) -> u8 { self.y }
                #[inline]
                pub fn two(self) {}
                const A: u8 = 1;
                const B: u8 = 2;
                #[doc = " Three."]
                const C: u8 = 3;
            }
            impl<T> Foo for B where T: Into<String> { type X = T; fn foo() {} }
            impl Bar for B {}
        };
        let expect = r#"// Generated by me.

//! The file.

mod a;
pub use a::{B, C};
mod d;

/// Types.
///
/// More.
pub mod types;

shape!(B, "x:string; y:string", [C]);

/// A { in prose.
#[derive(Clone)]
pub struct B {
    /// A field.
    pub x: Option<String>,
    pub y: u8,
}

/// impl {
impl B {
    /// One.
    #[inline]
    pub fn one(&self) -> u8 {
        self.y
    }

    #[inline]
    pub fn two(self) {}

    const A: u8 = 1;
    const B: u8 = 2;

    /// Three.
    const C: u8 = 3;
}

impl<T> Foo for B
where
    T: Into<String>,
{
    type X = T;

    fn foo() {}
}

impl Bar for B {}
"#;
        let text = format_items("src/b.rs", "Generated by me.", tokens.clone()).unwrap();
        assert_eq!(text, expect);
        assert_eq!(format_items("src/b.rs", "Generated by me.", tokens).unwrap(), text);
        assert_eq!(format_items("src/b.rs", "Generated by me.", text.parse().unwrap()).unwrap(), text);
    }

    #[test]
    fn an_empty_file_is_its_header() {
        assert_eq!(format_items("a.rs", "Generated.", TokenStream::new()).unwrap(), "// Generated.\n\n");
        assert_eq!(format_items("a.rs", "", TokenStream::new()).unwrap(), "");
    }

    #[test]
    fn what_is_no_rust_names_file_and_place() {
        let error = format_items("src/b.rs", "", quote!(pub struct A; pub struct { x: u8 } pub struct B;)).unwrap_err();
        let shown = error.to_string();
        assert!(shown.starts_with("src/b.rs: the emitted tokens are no Rust: expected identifier"), "{shown}");
        assert!(shown.contains("in `pub struct { x : u8 }"), "{shown}");
    }
}
