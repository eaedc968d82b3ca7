//! The client: one documented method an operation, one a waiter.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::ident::{door, ident, taken};
use crate::ir::{Crate, Operation, Waiter};

pub(super) fn client(krate: &Crate) -> TokenStream {
    let door = door();
    let library = krate.package.replace('-', "_");
    let name = &krate.service.full_name;
    let summary = docs::lines(&format!("A client of {name}: cheap to clone, `Send` and `Sync`."));
    let operations = krate.operations.iter().map(|it| operation(it, &library));
    let waiters: Vec<_> = krate.waiters.iter().map(|it| waiter(it, &krate.operations[it.operation])).collect();
    let waiters = (!waiters.is_empty()).then(|| quote!(#door::waiters! { #(#waiters)* }));
    quote! {
        //! The client.
        #door::client! { #summary Client, crate::service::SERVICE }
        #door::methods! { #(#operations)* }
        #waiters
    }
}

/// `method(kind argument: Type, …) -> Operation`
fn signature(method: &str, it: &Operation) -> TokenStream {
    let (method, ty) = (ident(method), ident(&it.ty));
    let arguments = it.arguments.iter().map(|&at| {
        let field = &it.input.fields[at];
        let (kind, ty) = taken(field.ty.present());
        let name = ident(&field.ident);
        quote!(#kind #name: #ty)
    });
    quote!(#method(#(#arguments),*) -> #ty)
}

fn operation(it: &Operation, library: &str) -> TokenStream {
    let mut text = it.docs.markdown.clone();
    if text.trim().is_empty() {
        text = format!("Calls {}.", it.name);
    }
    for example in &it.examples {
        text.push_str(&format!("\n\n# Example\n\n{}\n\n```no_run\n", example.title));
        text.push_str(&format!("# async fn example(client: {library}::Client) -> aws_core::Result<()> {{\n"));
        text.push_str(&format!("{}\n# Ok(())\n# }}\n```", laid_out(&example.code)));
    }
    let input_name = &it.input.ty;
    text.push_str(&format!(
        "\n\nEverything optional is set on the request: see [`{input_name}`](crate::operation::{input_name})."
    ));
    if !it.errors.is_empty() {
        let errors: Vec<_> = it.errors.iter().map(|it| format!("[`{it}`](crate::error::{it})")).collect();
        text.push_str(&format!("\n\nModelled exceptions: {}.", errors.join(", ")));
    }
    let prose = docs::item(&crate::ir::Docs { markdown: text, ..it.docs.clone() }, "");
    let signature = signature(&it.method, it);
    quote!(#prose #signature,)
}

/// A statement over as many lines as it needs; as it is, if it is none.
fn laid_out(code: &str) -> String {
    let Ok(file) = syn::parse_file(&format!("async fn example() {{ {code} }}")) else { return code.to_owned() };
    let text = prettyplease::unparse(&file);
    let lines: Vec<&str> = text.lines().collect();
    let inside = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
    inside.iter().map(|it| it.strip_prefix("    ").unwrap_or(it)).collect::<Vec<_>>().join("\n")
}

fn waiter(it: &Waiter, operation: &Operation) -> TokenStream {
    let (name, description) = (&it.name, &it.description);
    let (delay, attempts) = (Literal::i64_unsuffixed(it.delay), Literal::i64_unsuffixed(it.max_attempts));
    let polled = operation.method.trim_start_matches("r#");
    let prose = docs::lines(&format!(
        "Waits for `{}`: calls [`{polled}`](Self::{polled}) every {delay} seconds, at most {attempts} times.",
        it.name
    ));
    let signature = signature(&it.method, operation);
    quote!(#prose #signature = #name every #delay up_to #attempts: #description,)
}
