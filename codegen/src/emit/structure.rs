//! Structures and unions: plain Rust and one description.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::ident::{door, ident, ty};
use crate::ir::Structure;

/// A structure.
pub(super) fn structure(it: &Structure) -> TokenStream {
    structure_with(it, docs::item(&it.docs, &format!("The structure {} of the service.", it.name)))
}

/// A structure with the prose given.
pub(super) fn structure_with(it: &Structure, prose: TokenStream) -> TokenStream {
    let name = ident(&it.ty);
    let fields = it.fields.iter().map(|field| {
        let (prose, name, ty) = (
            docs::field(&field.docs, field.required, &format!("`{}`", field.name)),
            ident(&field.ident),
            ty(&field.ty),
        );
        quote!(#prose pub #name: #ty,)
    });
    let shape = shape(it);
    quote! {
        #prose
        #[repr(C)]
        pub struct #name { #(#fields)* }
        #shape
    }
}

/// A union.
pub(super) fn union(it: &Structure) -> TokenStream {
    let name = ident(&it.ty);
    let prose = docs::item(&it.docs, &format!("The union {} of the service.", it.name));
    let variants = it.fields.iter().map(|field| {
        let (prose, name, ty) =
            (docs::field(&field.docs, false, &format!("`{}`", field.name)), ident(&field.ident), ty(&field.ty));
        quote!(#prose #name(#ty),)
    });
    let shape = shape(it);
    quote! {
        #prose
        #[repr(C, u8)]
        #[non_exhaustive]
        pub enum #name {
            #[doc = " A member that this version does not know, by its name; empty when nothing was set."]
            Unknown(String),
            #(#variants)*
        }
        #shape
    }
}

/// The description; with it come `Default` and `Debug`, and for what holds no stream `Clone` and `PartialEq`.
fn shape(it: &Structure) -> TokenStream {
    let (door, name, description) = (door(), ident(&it.ty), &it.description);
    let kind = ident(if it.plain { "value" } else { "shape" });
    let links: Vec<_> = it.fields.iter().filter(|it| it.linked).map(|it| ty(&it.ty)).collect();
    if links.is_empty() {
        quote!(#door::#kind!(#name, #description);)
    } else {
        quote!(#door::#kind!(#name, [#(#links),*], #description);)
    }
}
