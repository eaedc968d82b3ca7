//! Structures and unions: a Rust type and its description.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::ident::{generated, ident, ty};
use crate::ir::Structure;

/// A structure.
pub(super) fn structure(structure: &Structure) -> TokenStream {
    structure_with_docs(structure, docs::item(&structure.docs, &format!("The structure `{}`.", structure.name)))
}

/// A structure with these doc attributes. Its last field, which takes no space, makes literals end in
/// `..Default::default()` and patterns in `..`, so that both compile on when the service adds a member; unlike the
/// attribute `non_exhaustive` it allows literals in other crates.
pub(super) fn structure_with_docs(structure: &Structure, prose: TokenStream) -> TokenStream {
    let name = ident(&structure.ty);
    let fields = structure.fields.iter().map(|field| {
        let (prose, name, ty) = (
            docs::field(&field.docs, field.required, &format!("`{}`", field.name)),
            ident(&field.ident),
            ty(&field.ty),
        );
        quote!(#prose pub #name: #ty,)
    });
    let shape = shape(structure);
    quote! {
        #prose
        #[cfg_attr(not(doc), repr(C))]
        pub struct #name {
            #(#fields)*
            #[doc(hidden)]
            pub __non_exhaustive: (),
        }
        #shape
    }
}

/// A union.
pub(super) fn union(union: &Structure) -> TokenStream {
    let name = ident(&union.ty);
    let prose = docs::item(&union.docs, &format!("The union `{}`.", union.name));
    let variants = union.fields.iter().map(|field| {
        let (prose, name, ty) =
            (docs::field(&field.docs, false, &format!("`{}`", field.name)), ident(&field.ident), ty(&field.ty));
        quote!(#prose #name(#ty),)
    });
    let shape = shape(union);
    quote! {
        #prose
        #[cfg_attr(not(doc), repr(C, u8))]
        #[non_exhaustive]
        pub enum #name {
            #[doc = " The wire name of a member that this version does not know; empty if no member is set."]
            Unknown(String),
            #(#variants)*
        }
        #shape
    }
}

/// The macro invocation that gives a type its description, `Default`, `Debug`, and without a stream `Clone` and
/// `PartialEq`. Its `unsafe` block promises that the type has the described members: both are made from `fields`.
fn shape(structure: &Structure) -> TokenStream {
    let (generated, name, description) = (generated(), ident(&structure.ty), &structure.description);
    let macro_name = ident(if structure.plain { "plain_structure" } else { "streaming_structure" });
    let links: Vec<_> = structure.fields.iter().filter(|field| field.linked).map(|field| ty(&field.ty)).collect();
    if links.is_empty() {
        quote!(#generated::#macro_name!(#name, unsafe { #description });)
    } else {
        quote!(#generated::#macro_name!(#name, unsafe { #description }, [#(#links),*]);)
    }
}
