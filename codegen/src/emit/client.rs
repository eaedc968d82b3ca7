//! The client: one method for each operation and each waiter.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::ident::{argument, generated, ident};
use crate::ir::{Crate, Operation, Waiter};

pub(super) fn client(krate: &Crate) -> TokenStream {
    let generated = generated();
    let crate_name = krate.package.replace('-', "_");
    let name = &krate.service.full_name;
    let summary = docs::lines(&format!("A client for {name}. Cheap to clone, `Send` and `Sync`."));
    let operations = krate.operations.iter().map(|op| operation(op, &crate_name));
    let waiters: Vec<_> = krate.waiters.iter().map(|it| waiter(it, &krate.operations[it.operation])).collect();
    let waiters = (!waiters.is_empty()).then(|| quote!(#generated::waiters! { #(#waiters)* }));
    quote! {
        //! The client.
        #generated::client! { #summary Client, crate::service::SERVICE }
        #generated::methods! { #(#operations)* }
        #waiters
    }
}

/// `method(kind argument: Type, …) -> Operation`
fn signature(method: &str, op: &Operation) -> TokenStream {
    let (method, ty) = (ident(method), ident(&op.ty));
    let arguments = op.arguments.iter().map(|&index| {
        let field = &op.input.fields[index];
        let (kind, ty) = argument(field.ty.present());
        let name = ident(&field.ident);
        quote!(#kind #name: #ty)
    });
    quote!(#method(#(#arguments),*) -> #ty)
}

fn operation(op: &Operation, crate_name: &str) -> TokenStream {
    let mut text = op.docs.markdown.clone();
    if text.trim().is_empty() {
        text = format!("The operation `{}`.", op.name);
    }
    for example in &op.examples {
        text.push_str(&format!("\n\n# Example\n\n{}\n\n```no_run\n", example.title));
        text.push_str(&format!("# async fn example(client: {crate_name}::Client) -> aws_core::Result<()> {{\n"));
        text.push_str(&format!("{}\n# Ok(())\n# }}\n```", formatted(&example.code)));
    }
    let input = &op.input.ty;
    if !op.also_required.is_empty() {
        let fields = op.also_required.iter().map(|&index| op.input.fields[index].ident.trim_start_matches("r#"));
        let links: Vec<_> = fields.map(|it| format!("[`{it}`](crate::operation::{input}::{it})")).collect();
        text.push_str(&format!("\n\nAlso required: {}.", links.join(", ")));
    }
    if op.arguments.len() < op.input.fields.len() {
        text.push_str(&format!(
            "\n\nOther parameters are methods of the returned request; \
             [`{input}`](crate::operation::{input}) lists them."
        ));
    }
    if !op.errors.is_empty() {
        let errors: Vec<_> = op.errors.iter().map(|name| format!("[`{name}`](crate::error::{name})")).collect();
        text.push_str(&format!("\n\nModelled exceptions: {}.", errors.join(", ")));
    }
    let prose = docs::item(&crate::ir::Docs { markdown: text, ..op.docs.clone() }, "");
    let signature = signature(&op.method, op);
    quote!(#prose #signature,)
}

/// A Rust statement, formatted; unchanged if it does not parse.
fn formatted(code: &str) -> String {
    let Ok(file) = syn::parse_file(&format!("async fn example() {{ {code} }}")) else { return code.to_owned() };
    let text = prettyplease::unparse(&file);
    let lines: Vec<&str> = text.lines().collect();
    let inside = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
    inside.iter().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

fn waiter(waiter: &Waiter, operation: &Operation) -> TokenStream {
    let (name, description) = (&waiter.name, &waiter.description);
    let (delay, attempts) = (Literal::i64_unsuffixed(waiter.delay), Literal::i64_unsuffixed(waiter.max_attempts));
    let polled = operation.method.trim_start_matches("r#");
    let prose = docs::lines(&format!(
        "Waits for `{name}`: polls [`{polled}`](Self::{polled}) every {delay} seconds, at most {attempts} times."
    ));
    let signature = signature(&waiter.method, operation);
    quote!(#prose #signature = #name every #delay up_to #attempts: #description,)
}
