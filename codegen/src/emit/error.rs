//! Modelled exceptions: structures with a code.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident::{door, ident};
use super::structure;
use crate::ir::Crate;

pub(super) fn errors(krate: &Crate) -> TokenStream {
    let errors = exceptions(krate);
    quote! {
        //! Modelled exceptions, for [`Error::is`](aws_core::Error::is) and [`Error::get`](aws_core::Error::get).
        #errors
    }
}

/// The exceptions alone.
pub(super) fn exceptions(krate: &Crate) -> TokenStream {
    let door = door();
    let errors = krate.errors.iter().map(|it| {
        let (name, code, structure) = (ident(&it.ty), it.code.as_deref().unwrap_or(&it.name), structure::structure(it));
        quote!(#structure #door::exception!(#name, #code);)
    });
    quote!(#(#errors)*)
}
