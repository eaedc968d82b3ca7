//! Lays out a few operations of a service as one file of the runtime: service, types and operations, without client,
//! setters and documentation.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident::{generated, ident};
use super::{crate_root, enumeration, error, structure};
use crate::ir::{Crate, Definition, Docs, Operation, Structure};

/// Lays the crate out as one file.
pub fn service_table(mut krate: Crate) -> TokenStream {
    // These types are private to the runtime, so documentation would only cost space.
    krate.errors.iter_mut().for_each(remove_docs);
    for definition in krate.types.values_mut().flatten() {
        match definition {
            Definition::Structure(it) | Definition::Union(it) => remove_docs(it),
            Definition::Enumeration(it) => it.docs = Docs::default(),
        }
    }
    for operation in &mut krate.operations {
        remove_docs(&mut operation.input);
        remove_docs(&mut operation.output);
    }
    let service = crate_root::service(&krate);
    let operations = krate.operations.iter().map(operation);
    let types = krate.types.values().flatten().map(|definition| match definition {
        Definition::Structure(it) => structure::structure(it),
        Definition::Union(it) => structure::union(it),
        Definition::Enumeration(it) => enumeration::enumeration(it),
    });
    let errors = error::exceptions(&krate);
    quote! { #service #(#operations)* #(#types)* #errors }
}

fn operation(op: &Operation) -> TokenStream {
    let generated = generated();
    let (name, input, output) = (ident(&op.ty), ident(&op.input.ty), ident(&op.output.ty));
    let descriptor = &op.descriptor;
    let prose = format!(" The operation `{}`.", op.name);
    let (input_type, output_type) = (structure::structure(&op.input), structure::structure(&op.output));
    quote! {
        #[doc = #prose]
        pub enum #name {}
        impl #generated::Operation for #name {
            type Input = #input;
            type Output = #output;
            const DESCRIPTOR: #generated::OperationDescriptor = #generated::OperationDescriptor::new(#descriptor);
        }
        #input_type
        #output_type
    }
}

fn remove_docs(structure: &mut Structure) {
    structure.docs = Docs::default();
    structure.fields.iter_mut().for_each(|field| field.docs = Docs::default());
}
