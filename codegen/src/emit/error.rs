//! Modelled exceptions: structures with a code.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident::{generated, ident};
use super::structure;
use crate::ir::Crate;

pub(super) fn errors(krate: &Crate) -> TokenStream {
    let errors = exceptions(krate);
    quote! {
        //! Modelled exceptions, for [`Error::is`](aws_core::Error::is) and [`Error::get`](aws_core::Error::get).
        #errors
    }
}

/// The exceptions, without the module's documentation.
pub(super) fn exceptions(krate: &Crate) -> TokenStream {
    let (generated, service) = (generated(), &krate.service.id);
    let errors = krate.errors.iter().map(|error| {
        let (name, code) = (ident(&error.ty), error.code.as_deref().unwrap_or(&error.name));
        let structure = structure::structure(error);
        quote!(#structure #generated::exception!(#name, #service, #code);)
    });
    quote!(#(#errors)*)
}
