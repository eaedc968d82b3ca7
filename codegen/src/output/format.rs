//! Formats tokens as the text of a file: prettyplease formats Rust syntax, [`invocation`] formats macro invocations.
//! One empty line between items, a comment as the first line. Knows no model.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, File, ImplItem, Item, ItemImpl};

use super::invocation;

/// Emitted tokens that are not a valid Rust file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// The file for which the tokens were emitted.
    pub file: String,
    /// What the parser expected, and the tokens that it found.
    pub message: String,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the emitted tokens are not valid Rust: {}", self.file, self.message)
    }
}

impl std::error::Error for FormatError {}

/// The text of `file`: `header` as a comment in the first line (no comment if empty), then `tokens` as formatted Rust.
///
/// Doc attributes print as `///` lines if each is one line that starts with a space or is empty. The same tokens give
/// the same text on any machine.
///
/// # Errors
/// If the tokens do not parse as the items of a Rust file.
pub fn format_items(file: &str, header: &str, tokens: TokenStream) -> Result<String, FormatError> {
    let error = |message: String| FormatError { file: file.to_owned(), message };
    let parsed: File = syn::parse2(tokens.clone()).map_err(|it| error(format!("{it}, in `{}`", excerpt(&tokens))))?;
    // Prettyplease panics at syntax that syn keeps as raw tokens, and no model may panic the generator.
    let text = catch_unwind(AssertUnwindSafe(|| items(parsed)));
    let text = text.map_err(|_| error("syntax that cannot be printed".to_owned()))?;
    Ok(if header.is_empty() { text } else { format!("// {header}\n\n{text}") })
}

/// The start of the first item that does not parse. Spans do not help here: they have no position in emitted tokens.
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
    let mut after_compact = false;
    for item in &items {
        let compact = is_compact(item);
        let together = compact && after_compact;
        if !text.is_empty() && !together {
            text.push('\n');
        }
        after_compact = compact;
        match item {
            Item::Macro(item) if item.ident.is_none() => text.push_str(&invocation::print(item)),
            Item::Impl(item) => implementation(item, &mut text),
            item => text.push_str(&print_item(item.clone())),
        }
    }
    text
}

fn print_item(item: Item) -> String {
    let text = prettyplease::unparse(&File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] });
    // The last field of every structure: one line for what readers skip.
    text.replace("#[doc(hidden)]\n    pub ", "#[doc(hidden)] pub ")
}

/// Whether no empty line separates the item from others like it: imports and module declarations without attributes.
fn is_compact(item: &Item) -> bool {
    match item {
        Item::Use(it) => it.attrs.is_empty(),
        Item::Mod(it) => it.attrs.is_empty() && it.content.is_none(),
        _ => false,
    }
}

/// An `impl` with empty lines around its functions. Prettyplease prints none, so each item is printed in an `impl` of
/// its own, and only its text is used.
fn implementation(item: &ItemImpl, text: &mut String) {
    let print_with = |items: Vec<ImplItem>| {
        let mut copy = item.clone();
        copy.items = items;
        print_item(Item::Impl(copy))
    };
    let empty = print_with(Vec::new());
    let Some(head) = empty.trim_end().strip_suffix('}') else { return text.push_str(&empty) };
    if item.items.is_empty() {
        return text.push_str(&empty);
    }
    // Everything up to the brace is the same for all; with items inside, a line break follows it.
    let head = head.trim_end();
    text.push_str(head);
    text.push('\n');
    let mut after_large = false;
    for (index, inner) in item.items.iter().enumerate() {
        let printed = print_with(vec![inner.clone()]);
        let body = printed.trim_end().strip_suffix('}').and_then(|it| it.strip_prefix(head)).unwrap_or(&printed);
        let large = matches!(inner, ImplItem::Fn(_)) || has_docs(inner);
        if index > 0 && (large || after_large) {
            text.push('\n');
        }
        after_large = large;
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
    fn a_file_is_printed_with_empty_lines_between_items() {
        let tokens = quote! {
            #![doc = " The file."]
            mod a; pub use a::{B, C}; mod d;
            #[doc = " Types."]
            #[doc = ""]
            #[doc = " More."]
            pub mod types;
            streaming_structure!(B, "x:string; y:string", [C]);
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

streaming_structure!(B, "x:string; y:string", [C]);

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
    fn a_file_without_items_is_its_header() {
        assert_eq!(format_items("a.rs", "Generated.", TokenStream::new()).unwrap(), "// Generated.\n\n");
        assert_eq!(format_items("a.rs", "", TokenStream::new()).unwrap(), "");
    }

    #[test]
    fn invalid_rust_is_reported_with_its_file_and_item() {
        let error = format_items("src/b.rs", "", quote!(pub struct A; pub struct { x: u8 } pub struct B;)).unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with("src/b.rs: the emitted tokens are not valid Rust: expected identifier"),
            "{message}"
        );
        assert!(message.contains("in `pub struct { x : u8 }"), "{message}");
    }
}
