//! Creates identifiers and types. The only file that spells the path of the runtime's `generated` module.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::ir::{Field, Type};

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
            quote!(aws_core::List<#inner>)
        }
        Type::Map(key, value) => {
            let (key, value) = (ty(key), ty(value));
            quote!(aws_core::Map<#key, #value>)
        }
    }
}

/// What a method or a setter takes for a field.
pub(super) fn argument(field: &Type) -> TokenStream {
    match field.present() {
        // A stream of events is made from any stream, which no list of types could name.
        events @ Type::EventInput(_) => {
            let ty = ty(events);
            quote!(impl Into<#ty>)
        }
        _ => {
            let bound = bound(field);
            quote!(impl #bound)
        }
    }
}

/// The trait of what a method or a setter takes for a field, as the runtime's macros write it.
pub(super) fn bound(field: &Type) -> TokenStream {
    match field {
        Type::Option(inner) if **inner == Type::String => quote!(aws_core::IntoString),
        field => {
            let ty = ty(field);
            quote!(aws_core::IntoMember<#ty>)
        }
    }
}

/// The statement that stores what [`argument`] takes in a field of `input`.
pub(super) fn store(input: &TokenStream, field: &Field, value: &Ident) -> TokenStream {
    let (generated, name) = (generated(), ident(&field.ident));
    match is_plain(field) {
        true => quote!(#generated::set(&mut #input.#name, #value);),
        false => quote!(#input.#name = Some(#value.into());),
    }
}

/// Whether the runtime's macros write the argument of a field from its trait: that of a stream of events they do not.
pub(super) fn is_plain(field: &Field) -> bool {
    !matches!(field.ty.present(), Type::EventInput(_))
}
