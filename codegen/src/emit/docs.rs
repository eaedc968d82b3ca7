//! Creates doc attributes: one for each line, so that they print as `///`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Docs, Field, Type};
use crate::prose::with_lead;

/// Doc attributes for Markdown.
pub(super) fn lines(markdown: &str) -> TokenStream {
    let lines = markdown.trim_end().lines().map(|line| match line.is_empty() {
        true => String::new(),
        false => format!(" {line}"),
    });
    quote!(#(#[doc = #lines])*)
}

/// A type as documentation names it: a type of the crate is a link.
pub(super) fn link(ty: &Type) -> String {
    match ty {
        Type::Named(name) | Type::Enumeration(name) => {
            format!("[`{name}`](crate::types::{name})")
        }
        Type::Boxed(inner) | Type::Option(inner) => link(inner),
        ty => format!("`{}`", super::ident::ty(ty).to_string().replace(' ', "")),
    }
}

/// The doc attribute for the setter of a field of `input`: a link to the field, and the first sentence of its
/// documentation.
pub(super) fn setter(field: &Field, input: &str) -> TokenStream {
    let name = field.ident.trim_start_matches("r#");
    let link = format!("[`{name}`]({input}::{name})");
    let note = field.docs.deprecated.as_ref().map(|_| " Deprecated.").unwrap_or_default();
    let required = if field.required { " Required." } else { "" };
    match field.docs.summary.as_str() {
        "" => lines(&format!("Sets {link}.{note}{required}")),
        text => lines(&format!("{link}:{note}{required} {text}")),
    }
}

/// Doc attributes for an item; `fallback` is used where the model has no documentation.
pub(super) fn item(docs: &Docs, fallback: &str) -> TokenStream {
    let lines = lines(if docs.markdown.trim().is_empty() { fallback } else { &docs.markdown });
    match &docs.deprecated {
        Some(note) => quote!(#lines #[deprecated = #note]),
        None => lines,
    }
}

/// Doc attributes for a field. They begin with `Required.` and with the note of a deprecated field, where these apply.
pub(super) fn field(docs: &Docs, required: bool, fallback: &str) -> TokenStream {
    let text = if docs.markdown.trim().is_empty() { fallback } else { &docs.markdown };
    let with_note = match &docs.deprecated {
        Some(note) => format!("Deprecated: {note}\n\n{text}"),
        None => text.to_owned(),
    };
    match required {
        true => lines(&with_lead("Required.", &with_note)),
        false => lines(&with_note),
    }
}
