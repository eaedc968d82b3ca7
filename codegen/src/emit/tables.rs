//! A slim service as one file for the runtime itself: facts, types and operations, without client, setters and prose.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident::{door, ident};
use super::{enumeration, error, library, structure};
use crate::ir::{Crate, Definition, Docs, Operation, Structure};

/// Lays a slim service out as one file.
pub fn tables(mut krate: Crate) -> TokenStream {
    // Nobody reads documents of what no user can name.
    krate.errors.iter_mut().for_each(bare);
    for definition in krate.types.values_mut().flatten() {
        match definition {
            Definition::Structure(it) | Definition::Union(it) => bare(it),
            Definition::Enumeration(it) => it.docs = Docs::default(),
        }
    }
    for operation in &mut krate.operations {
        bare(&mut operation.input);
        bare(&mut operation.output);
    }
    let service = library::service(&krate);
    let operations = krate.operations.iter().map(operation);
    let types = krate.types.values().flatten().map(|it| match it {
        Definition::Structure(it) => structure::structure(it),
        Definition::Union(it) => structure::union(it),
        Definition::Enumeration(it) => enumeration::enumeration(it),
    });
    let errors = error::exceptions(&krate);
    quote! { #service #(#operations)* #(#types)* #errors }
}

fn operation(it: &Operation) -> TokenStream {
    let door = door();
    let (name, input, output, wire_name, info) =
        (ident(&it.ty), ident(&it.input.ty), ident(&it.output.ty), &it.name, &it.info);
    let prose = format!(" The operation {wire_name}.");
    let (input_type, output_type) = (structure::structure(&it.input), structure::structure(&it.output));
    quote! {
        #[doc = #prose]
        pub enum #name {}
        impl #door::Operation for #name {
            type Input = #input;
            type Output = #output;
            const INFO: #door::Info = #door::Info::new(#info);
        }
        #input_type
        #output_type
    }
}

fn bare(it: &mut Structure) {
    it.docs = Docs::default();
    it.fields.iter_mut().for_each(|field| field.docs = Docs::default());
}
