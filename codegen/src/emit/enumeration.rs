//! String enumerations: one constant for each known value. Their documentation lists the constants.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::ident::{generated, ident};
use crate::ir::Enumeration;
use crate::prose;

pub(super) fn enumeration(enumeration: &Enumeration) -> TokenStream {
    let (generated, name) = (generated(), ident(&enumeration.ty));
    // Unique: a type's name ends in `_` only where the name without it is a Rust keyword or prelude name, which no
    // other type has.
    let tag = ident(&format!("{}_", enumeration.ty));
    let fallback = format!("The values of `{}`. Other strings are accepted and kept.", enumeration.name);
    let mut with_constants = enumeration.docs.clone();
    let prose = if enumeration.docs.markdown.trim().is_empty() { &fallback } else { &enumeration.docs.markdown };
    with_constants.markdown = format!("{}\n\n{}", prose.trim_end(), constants(enumeration));
    let prose = docs::item(&with_constants, "");
    let values = enumeration.values.iter().map(|(constant, value)| {
        let constant = ident(constant);
        quote!(#constant = #value,)
    });
    quote!(#generated::string_enum! { #prose #name = Enumeration<#tag>; #(#values)* })
}

/// The paragraph that names the constants, and their values where these differ.
fn constants(enumeration: &Enumeration) -> String {
    let code = |text: &str| format!("<code>{}</code>", text.replace('&', "&amp;").replace('<', "&lt;"));
    let constant = |(constant, value): &(String, String)| match constant == value {
        true => code(constant),
        false => format!("{} ({})", code(constant), code(value)),
    };
    let list: Vec<String> = enumeration.values.iter().map(constant).collect();
    prose::markdown(&format!("Constants: {}.", list.join(", ")))
}
