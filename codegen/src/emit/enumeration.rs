//! String enumerations: one constant for each known value.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::ident::{generated, ident};
use crate::ir::Enumeration;

pub(super) fn enumeration(enumeration: &Enumeration) -> TokenStream {
    let (generated, name) = (generated(), ident(&enumeration.ty));
    // Unique: a type's name ends in `_` only where the name without it is a Rust keyword or prelude name, which no
    // other type has.
    let tag = ident(&format!("{}_", enumeration.ty));
    let fallback = format!("The values of `{}`. Other strings are accepted and kept.", enumeration.name);
    let prose = docs::item(&enumeration.docs, &fallback);
    let values = enumeration.values.iter().map(|(constant, value)| {
        let constant = ident(constant);
        quote!(#constant = #value,)
    });
    quote!(#generated::string_enum! { #prose #name = Enumeration<#tag>; #(#values)* })
}
