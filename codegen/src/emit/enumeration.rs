//! String enumerations: open, one line a value.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::ident::{door, ident};
use crate::ir::Enumeration;

pub(super) fn enumeration(it: &Enumeration) -> TokenStream {
    let (door, name) = (door(), ident(&it.ty));
    // No shape's name ends so, unless it would be a word of Rust without; then there is no other of that name.
    let tag = ident(&format!("{}_", it.ty));
    let prose = docs::item(&it.docs, &format!("The values of {}; others are kept as they are.", it.name));
    let values = it.values.iter().map(|(constant, value)| {
        let constant = ident(constant);
        quote!(#constant = #value,)
    });
    quote!(#door::string_enum! { #prose #name = Enumeration<#tag>; #(#values)* })
}
