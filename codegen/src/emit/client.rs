//! The client: one documented method an operation, one a waiter.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::ident::{argument, door, ident};
use crate::ir::{Crate, Operation, Waiter};

pub(super) fn client(krate: &Crate) -> TokenStream {
    let door = door();
    let name = &krate.service.full_name;
    let summary = docs::lines(&format!("A client of {name}: cheap to clone, `Send` and `Sync`."));
    let operations = krate.operations.iter().map(operation);
    let waiters = krate.waiters.iter().map(|it| waiter(it, &krate.operations[it.operation]));
    quote! {
        //! The client.
        #door::client! { #summary Client, crate::service::SERVICE }
        impl Client { #(#operations)* #(#waiters)* }
    }
}

fn arguments(it: &Operation) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let arguments = it.arguments.iter().map(|&at| {
        let field = &it.input.fields[at];
        let name = ident(&field.ident);
        let (ty, value) = argument(field.ty.present(), &name);
        (quote!(#name: #ty), quote!(#name: Some(#value)))
    });
    arguments.unzip()
}

/// The input with its arguments set.
fn input(it: &Operation, fields: &[TokenStream]) -> TokenStream {
    let input = ident(&it.input.ty);
    let rest = if fields.len() == it.input.fields.len() { None } else { Some(quote!(..Default::default())) };
    quote!(crate::operation::#input { #(#fields,)* #rest })
}

fn operation(it: &Operation) -> TokenStream {
    let (method, ty) = (ident(&it.method), ident(&it.ty));
    let (parameters, fields) = arguments(it);
    let input = input(it, &fields);
    let mut text = it.docs.markdown.clone();
    if text.trim().is_empty() {
        text = format!("Calls {}.", it.name);
    }
    for example in &it.examples {
        text.push_str(&format!(
            "\n\n# Example\n\n{}\n\n```no_run\n# async fn example(client: {}::Client) -> aws_core::Result<()> {{\n{}\n# Ok(())\n# }}\n```",
            example.title, "crate", example.code
        ));
    }
    let input_name = &it.input.ty;
    text.push_str(&format!("\n\nEverything optional is set on the request: see [`{input_name}`](crate::operation::{input_name})."));
    if !it.errors.is_empty() {
        let errors: Vec<_> = it.errors.iter().map(|it| format!("[`{it}`](crate::error::{it})")).collect();
        text.push_str(&format!("\n\nModelled exceptions: {}.", errors.join(", ")));
    }
    let prose = docs::item(&crate::ir::Docs { markdown: text, ..it.docs.clone() }, "");
    quote! {
        #prose
        #[inline]
        pub fn #method(&self, #(#parameters),*) -> crate::Request<crate::operation::#ty> {
            self.request(#input)
        }
    }
}

fn waiter(it: &Waiter, operation: &Operation) -> TokenStream {
    let door = door();
    let (method, ty) = (ident(&it.method), ident(&operation.ty));
    let (parameters, fields) = arguments(operation);
    let (input, name, description) = (input(operation, &fields), &it.name, &it.description);
    let (delay, attempts) = (it.delay as u32, it.max_attempts as u32);
    let polled = operation.method.trim_start_matches("r#");
    let prose = docs::lines(&format!(
        "Waits for `{name}`: calls [`{polled}`](Self::{polled}) every {delay} seconds, at most {attempts} times."
    ));
    quote! {
        #prose
        #[inline]
        pub fn #method(&self, #(#parameters),*) -> #door::Wait<crate::operation::#ty> {
            self.wait(#input, #door::WaiterInfo::new(#name, #delay, #attempts, #description))
        }
    }
}
