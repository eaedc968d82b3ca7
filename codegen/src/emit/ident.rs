//! Creates identifiers and types. The only file that spells the path of the runtime's `generated` module.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::ir::Type;

/// The identifier for an escaped name.
pub(super) fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// The path of the runtime's module for generated code.
pub(super) fn generated() -> TokenStream {
    quote!(aws_core::generated)
}

/// A type as it is written in a field of the client crate.
pub(super) fn ty(ir: &Type) -> TokenStream {
    match ir {
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
        Type::Option(inner) => match &**inner {
            Type::List(inner) => {
                let inner = ty(inner);
                quote!(aws_core::List<#inner>)
            }
            Type::Map(inner) => {
                let inner = ty(inner);
                quote!(aws_core::Map<String, #inner>)
            }
            inner => {
                let inner = ty(inner);
                quote!(Option<#inner>)
            }
        },
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

/// How a setter takes the value of a field: the function of `generated::argument` that stores it, and the argument's
/// type, which has an `Option` too.
pub(super) fn setter_argument(field: &Type) -> (Ident, TokenStream) {
    match field.present() {
        // A stream of events is made from any stream, which no list of types could name.
        Type::EventInput(_) => argument(field.present()),
        _ => {
            let ty = ty(field);
            (Ident::new("set", Span::call_site()), quote!(impl aws_core::IntoMember<#ty>))
        }
    }
}

/// How a method takes a value of a type: the function of `generated::argument` that stores it, and the argument's type.
pub(super) fn argument(target: &Type) -> (Ident, TokenStream) {
    let into = |inner: &Type| {
        let ty = ty(inner);
        quote!(impl Into<#ty>)
    };
    let is_converted = |inner: &Type| matches!(inner, Type::String | Type::Enumeration(_));
    let (function, tokens) = match target {
        Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 => ("copy", ty(target)),
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
        _ => ("into", into(target)),
    };
    (Ident::new(function, Span::call_site()), tokens)
}
