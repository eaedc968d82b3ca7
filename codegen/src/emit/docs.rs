//! The only maker of doc attributes: one a line, so that they print as `///`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::Docs;
use crate::prose::with_lead;

/// Doc attributes of finished Markdown.
pub(super) fn lines(markdown: &str) -> TokenStream {
    let lines = markdown.trim_end().lines().map(|line| match line.is_empty() {
        true => String::new(),
        false => format!(" {line}"),
    });
    quote!(#(#[doc = #lines])*)
}

/// Doc attributes of an item, never none: what has no prose is told by `fallback`.
pub(super) fn item(docs: &Docs, fallback: &str) -> TokenStream {
    let lines = lines(if docs.markdown.trim().is_empty() { fallback } else { &docs.markdown });
    match &docs.deprecated {
        Some(note) => quote!(#lines #[deprecated = #note]),
        None => lines,
    }
}

/// Doc attributes of a field: whether it is required comes first.
pub(super) fn field(docs: &Docs, required: bool, fallback: &str) -> TokenStream {
    let text = if docs.markdown.trim().is_empty() { fallback } else { &docs.markdown };
    let noted = match &docs.deprecated {
        Some(note) => format!("Deprecated: {note}\n\n{text}"),
        None => text.to_owned(),
    };
    match required {
        true => lines(&with_lead("Required.", &noted)),
        false => lines(&noted),
    }
}
