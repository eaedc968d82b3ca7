//! The client: one method for each operation and each waiter.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::ident::{argument, bound, generated, ident, is_plain, store};
use crate::ir::{Crate, Operation, Waiter};
use crate::prose::with_lead;

pub(super) fn client(krate: &Crate) -> TokenStream {
    let generated = generated();
    let name = &krate.service.full_name;
    let summary = docs::lines(&format!("A client for {name}. Cheap to clone, `Send` and `Sync`."));
    let prose = |(index, op): (usize, &Operation)| {
        let waiters = krate.waiters.iter().filter(|it| it.operation == index);
        operation_prose(op, &waiters.collect::<Vec<_>>())
    };
    // The macro writes a method from the fields that are its arguments.
    let is_usual = |(_, op): &(usize, &Operation)| op.arguments.iter().all(|it| is_plain(&op.input.fields[*it]));
    let operations = || krate.operations.iter().enumerate();
    let usual = operations().filter(is_usual).map(|it| {
        let (prose, signature) = (prose(it), signature(&it.1.method, it.1));
        quote!(#prose #signature,)
    });
    let others: Vec<_> = operations().filter(|it| !is_usual(it)).map(|it| method(it.1, &prose(it))).collect();
    let others = (!others.is_empty()).then(|| quote!(impl Client { #(#others)* }));
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
        #generated::methods! { #(#usual)* }
        #others
        #waiters
    }
}

/// `method(field: Bound, …) -> Operation`
fn signature(method: &str, op: &Operation) -> TokenStream {
    let (method, ty) = (ident(method), ident(&op.ty));
    let arguments = op.arguments.iter().map(|&index| {
        let field = &op.input.fields[index];
        let (name, bound) = (ident(&field.ident), bound(&field.ty));
        quote!(#name: #bound)
    });
    quote!(#method(#(#arguments),*) -> #ty)
}

/// A method that takes a stream of events.
fn method(op: &Operation, prose: &TokenStream) -> TokenStream {
    let (method, ty) = (ident(&op.method), ident(&op.ty));
    let fields = || op.arguments.iter().map(|&index| &op.input.fields[index]);
    let arguments = fields().map(|field| {
        let (name, ty) = (ident(&field.ident), argument(&field.ty));
        quote!(#name: #ty)
    });
    // No argument has this name: members' names have no leading underscores.
    let stores = fields().map(|field| store(&quote!(__request.0.input), field, &ident(&field.ident)));
    quote! {
        #prose
        #[inline]
        pub fn #method(&self, #(#arguments),*) -> crate::Request<crate::operation::#ty> {
            let mut __request = self.request::<crate::operation::#ty>(Default::default());
            #(#stores)*
            __request
        }
    }
}

/// The documentation of a method is the first sentence of the operation's, and what belongs to the operation. The rest is
/// on the page of its input: on one page, that of all operations of EC2 would be twice as large.
fn operation_prose(op: &Operation, waiters: &[&Waiter]) -> TokenStream {
    let input = &op.input.ty;
    let summary = match op.docs.summary.trim() {
        "" => format!("The operation `{}`.", op.name),
        text => text.to_owned(),
    };
    let mut text = with_lead(&summary, &format!("[More](crate::operation::{input})."));
    if !op.also_required.is_empty() {
        let fields = op.also_required.iter().map(|&index| op.input.fields[index].ident.trim_start_matches("r#"));
        let names: Vec<_> = fields.map(|it| format!("`{it}`")).collect();
        text.push_str(&format!("\n\nAlso required: {}.", names.join(", ")));
    }
    if let Some(paginator) = &op.paginator {
        text.push_str("\n\nHas `pages()`");
        for (index, list) in paginator.items.iter().enumerate() {
            let separator = if index == 0 { ";" } else { "," };
            text.push_str(&format!("{separator} `{}()` yields {}", list.method, docs::link(&list.ty)));
        }
        text.push('.');
    }
    if !waiters.is_empty() {
        let names: Vec<_> = waiters.iter().map(|it| format!("`{}`", it.method)).collect();
        text.push_str(&format!("\n\nWaiters: {}.", names.join(", ")));
    }
    if !op.errors.is_empty() {
        let errors: Vec<_> = op.errors.iter().map(|name| format!("[`{name}`](crate::error::{name})")).collect();
        text.push_str(&format!("\n\nModelled exceptions: {}.", errors.join(", ")));
    }
    docs::item(&crate::ir::Docs { markdown: text, ..op.docs.clone() }, "")
}

fn waiter(waiter: &Waiter, operation: &Operation) -> TokenStream {
    let (name, description) = (&waiter.name, &waiter.description);
    let (delay, attempts) = (Literal::i64_unsuffixed(waiter.delay), Literal::i64_unsuffixed(waiter.max_attempts));
    let polled = operation.method.trim_start_matches("r#");
    let prose =
        docs::lines(&format!("Waits for `{name}`: polls `{polled}` every {delay} seconds, at most {attempts} times."));
    let signature = signature(&waiter.method, operation);
    quote!(#prose #signature = #name every #delay up_to #attempts: #description,)
}
