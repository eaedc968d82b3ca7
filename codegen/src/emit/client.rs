//! The client: one method for each operation and each waiter.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::ident::{argument, generated, ident};
use crate::ir::{Crate, Operation, Waiter};
use crate::prose::with_lead;

pub(super) fn client(krate: &Crate) -> TokenStream {
    let generated = generated();
    let name = &krate.service.full_name;
    let summary = docs::lines(&format!("A client for {name}. Cheap to clone, `Send` and `Sync`."));
    let operations = krate.operations.iter().enumerate().map(|(index, op)| {
        let waiters = krate.waiters.iter().filter(|it| it.operation == index);
        operation(op, &waiters.collect::<Vec<_>>())
    });
    let waiters: Vec<_> = krate.waiters.iter().map(|it| waiter(it, &krate.operations[it.operation])).collect();
    let waiters = (!waiters.is_empty()).then(|| quote!(#generated::waiters! { #(#waiters)* }));
    let request = docs::lines(&format!(
        "A request to {name}. Set other parameters on it, then [`send`](Request::send) it.\n\n\
         Each field of the operation's input that is no argument of the client's method has a setter, a method of the \
         field's\nname. They are documented at the fields, in [`operation`](crate::operation), not on this page."
    ));
    // Here, in the first module of the crate, so that the page of `Request` begins with what all requests have.
    quote! {
        //! The client, and the request that its methods return.
        #generated::client! { #summary Client, crate::service::SERVICE }
        #generated::request! { #request Request }
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

/// The documentation of a method is the first sentence of the operation's, and what belongs to the operation. The rest is
/// on the page of its input: on one page, that of all operations of EC2 would be twice as large.
fn operation(op: &Operation, waiters: &[&Waiter]) -> TokenStream {
    let input = &op.input.ty;
    let summary = match op.docs.summary.trim() {
        "" => format!("The operation `{}`.", op.name),
        text => text.to_owned(),
    };
    let what = if op.arguments.len() < op.input.fields.len() { "More, parameters" } else { "More" };
    let mut text = with_lead(&summary, &format!("[{what}](crate::operation::{input})."));
    if !op.also_required.is_empty() {
        let fields = op.also_required.iter().map(|&index| op.input.fields[index].ident.trim_start_matches("r#"));
        let links: Vec<_> = fields.map(|it| format!("[`{it}`](crate::operation::{input}::{it})")).collect();
        text.push_str(&format!("\n\nAlso required: {}.", links.join(", ")));
    }
    if let Some(paginator) = &op.paginator {
        text.push_str("\n\nHas [`pages`](crate::Request::pages)");
        for (index, list) in paginator.items.iter().enumerate() {
            let separator = if index == 0 { ";" } else { "," };
            text.push_str(&format!(
                "{separator} `{}()` yields {} of `{}`",
                list.method,
                docs::link(&list.ty),
                list.path
            ));
        }
        text.push('.');
    }
    if !waiters.is_empty() {
        let links: Vec<_> = waiters.iter().map(|it| format!("[`{0}`](Self::{0})", it.method)).collect();
        text.push_str(&format!("\n\nWaiters: {}.", links.join(", ")));
    }
    if !op.errors.is_empty() {
        let errors: Vec<_> = op.errors.iter().map(|name| format!("[`{name}`](crate::error::{name})")).collect();
        text.push_str(&format!("\n\nModelled exceptions: {}.", errors.join(", ")));
    }
    let prose = docs::item(&crate::ir::Docs { markdown: text, ..op.docs.clone() }, "");
    let signature = signature(&op.method, op);
    quote!(#prose #signature,)
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
