//! Operations: a type without values, its input and output, the setters of its request, its pages.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident::{door, ident, ty};
use super::{docs, structure};
use crate::ir::{Crate, Items, Operation, Step, Structure, Type};

/// `operation.rs`: the files, and every type at one flat path.
pub(super) fn index(krate: &Crate) -> TokenStream {
    let modules = krate.operations.iter().map(|it| {
        let module = ident(&it.method);
        let types = [&it.ty, &it.input.ty, &it.output.ty].map(|it| ident(it));
        quote!(mod #module; pub use #module::{#(#types),*};)
    });
    quote! {
        //! Operations: for each a type that names it, its input and its output.
        #(#modules)*
    }
}

/// The file of one operation.
pub(super) fn operation(it: &Operation) -> TokenStream {
    let door = door();
    let (name, input, output, info) = (ident(&it.ty), ident(&it.input.ty), ident(&it.output.ty), &it.info);
    let (method, wire_name) = (it.method.trim_start_matches("r#"), &it.name);
    let prose = docs::lines(&format!("The operation of [`Client::{method}`](crate::Client::{method})."));
    let input_type = owned(&it.input, "input", it);
    let output_type = owned(&it.output, "output", it);
    let setters = it.input.fields.iter().enumerate().filter(|(at, _)| !it.arguments.contains(at)).map(|(_, field)| {
        let (setter, name) = (ident(&field.setter), ident(&field.ident));
        let kind = setter_kind(field.ty.present());
        if setter == name { quote!(#name: #kind,) } else { quote!(#setter => #name: #kind,) }
    });
    let setters: Vec<_> = setters.collect();
    let setters = if setters.is_empty() {
        TokenStream::new()
    } else {
        quote!(#door::setters! { crate::Request<#name>, #input { #(#setters)* } })
    };
    let pages = it.paginator.as_ref().map(|paginator| {
        let description = &paginator.description;
        let lists = paginator.items.iter().map(|it| items(it, &name));
        quote! {
            #door::pages!(#name, #description);
            impl crate::Request<#name> { #(#lists)* }
        }
    });
    quote! {
        #prose
        #[derive(Clone, Copy, Debug)]
        pub struct #name;
        #door::operation!(#name, #wire_name, #info, #input, #output);
        #setters
        #pages
        #input_type
        #output_type
    }
}

/// An input or output: what it belongs to comes first, then the service's own prose.
fn owned(it: &Structure, what: &str, operation: &Operation) -> TokenStream {
    let method = operation.method.trim_start_matches("r#");
    let lead = format!("The {what} of [`{method}`](crate::Client::{method}).\n\n{}", it.docs.markdown);
    structure::structure_with(it, docs::lines(&lead))
}

fn items(it: &Items, name: &proc_macro2::Ident) -> TokenStream {
    let door = door();
    let (method, item) = (ident(&it.method), ty(&it.ty));
    let prose = docs::lines(&format!("The items of `{}` of all pages, as a stream.", it.path));
    let path = steps(&it.steps);
    quote! {
        #prose
        #[inline]
        pub fn #method(self) -> #door::Items<#name, #item> {
            #door::Items::new(self.0, |page| #path)
        }
    }
}

/// The way from `page` to a list.
fn steps(steps: &[Step]) -> TokenStream {
    let Some((last, way)) = steps.split_last() else { return quote!(Vec::new()) };
    let mut tokens = quote!(page);
    let mut maybe = false;
    for step in way {
        let field = ident(&step.ident);
        tokens = match (maybe, step.optional) {
            (false, _) => quote!(#tokens.#field),
            (true, true) => quote!(#tokens.and_then(|it| it.#field)),
            (true, false) => quote!(#tokens.map(|it| it.#field)),
        };
        maybe |= step.optional;
    }
    let field = ident(&last.ident);
    match (maybe, last.optional) {
        (false, false) => quote!(#tokens.#field),
        (false, true) => quote!(#tokens.#field.unwrap_or_default()),
        (true, false) => quote!(#tokens.map(|it| it.#field).unwrap_or_default()),
        (true, true) => quote!(#tokens.and_then(|it| it.#field).unwrap_or_default()),
    }
}

/// What the setters' macro makes of a type: how the argument is taken.
fn setter_kind(it: &Type) -> TokenStream {
    match it {
        Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 => ty(it),
        Type::List(inner) => {
            let item = ty(inner);
            match **inner {
                Type::String | Type::Enumeration(_) => quote!([into #item]),
                _ => quote!([#item]),
            }
        }
        Type::Map(inner) => {
            let value = ty(inner);
            match **inner {
                Type::String | Type::Enumeration(_) => quote!({into #value}),
                _ => quote!({#value}),
            }
        }
        Type::Boxed(inner) => {
            let inner = ty(inner);
            quote!(box #inner)
        }
        _ => {
            let ty = ty(it);
            quote!(into #ty)
        }
    }
}
