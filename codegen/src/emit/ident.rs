//! The only maker of identifiers and types, and the only place that spells the runtime's door.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::ir::Type;

/// An identifier of a name that was escaped when it was decided.
pub(super) fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// The door of the runtime for generated code.
pub(super) fn door() -> TokenStream {
    quote!(aws_core::codegen)
}

/// A type as it is written in a field.
pub(super) fn ty(it: &Type) -> TokenStream {
    match it {
        Type::String => quote!(String),
        Type::Bool => quote!(bool),
        Type::I32 => quote!(i32),
        Type::I64 => quote!(i64),
        Type::F32 => quote!(f32),
        Type::F64 => quote!(f64),
        Type::Timestamp => quote!(aws_core::Timestamp),
        Type::Blob => quote!(aws_core::Bytes),
        Type::Document => quote!(aws_core::Document),
        Type::Stream => quote!(aws_core::ByteStream),
        Type::Events(name) => {
            let name = ident(name);
            quote!(aws_core::EventStream<crate::types::#name>)
        }
        Type::EventInput(name) => {
            let name = ident(name);
            quote!(aws_core::EventInput<crate::types::#name>)
        }
        Type::Named(name) | Type::Enumeration(name) => {
            let name = ident(name);
            quote!(crate::types::#name)
        }
        Type::Option(inner) => {
            let inner = ty(inner);
            quote!(Option<#inner>)
        }
        Type::Boxed(inner) => {
            let inner = ty(inner);
            quote!(Box<#inner>)
        }
        Type::List(inner) => {
            let inner = ty(inner);
            quote!(Vec<#inner>)
        }
        Type::Map(inner) => {
            let inner = ty(inner);
            quote!(std::collections::BTreeMap<String, #inner>)
        }
    }
}

/// How an argument becomes `it`: the door's function for it, and the type of the argument.
pub(super) fn taken(it: &Type) -> (Ident, TokenStream) {
    let into = |it: &Type| {
        let ty = ty(it);
        quote!(impl Into<#ty>)
    };
    let is_converted = |it: &Type| matches!(it, Type::String | Type::Enumeration(_));
    let (word, tokens) = match it {
        Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 => ("copy", ty(it)),
        Type::List(inner) if is_converted(inner) => {
            let inner = into(inner);
            ("list_into", quote!(impl IntoIterator<Item = #inner>))
        }
        Type::List(inner) => {
            let inner = ty(inner);
            ("list", quote!(impl IntoIterator<Item = #inner>))
        }
        Type::Map(inner) if is_converted(inner) => {
            let inner = into(inner);
            ("map_into", quote!(impl IntoIterator<Item = (impl Into<String>, #inner)>))
        }
        Type::Map(inner) => {
            let inner = ty(inner);
            ("map", quote!(impl IntoIterator<Item = (impl Into<String>, #inner)>))
        }
        Type::Boxed(inner) => ("boxed", into(inner)),
        _ => ("into", into(it)),
    };
    (Ident::new(word, Span::call_site()), tokens)
}
