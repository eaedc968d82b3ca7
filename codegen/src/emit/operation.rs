//! Operations: a type without values, its input and output, the setters of its request, its pages.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident::{door, ident, taken, ty};
use super::{docs, structure};
use crate::ir::{Crate, Field, Items, Operation, Step, Structure};

/// `operation.rs`: the files, and every type at one flat path.
pub(super) fn index(krate: &Crate) -> TokenStream {
    let modules = krate.operations.iter().map(|it| {
        let module = ident(&it.method);
        let types = [&it.ty, &it.input.ty, &it.output.ty].map(|it| ident(it));
        quote!(#module [#(#types),*],)
    });
    let door = door();
    quote! {
        //! Operations: for each a type that names it, its input and its output.
        #door::files! { #(#modules)* }
    }
}

/// The file of one operation.
pub(super) fn operation(it: &Operation) -> TokenStream {
    let door = door();
    let (name, input, output, info) = (ident(&it.ty), ident(&it.input.ty), ident(&it.output.ty), &it.info);
    let method = it.method.trim_start_matches("r#");
    let prose = docs::lines(&format!("The operation of [`Client::{method}`](crate::Client::{method})."));
    let input_type = owned(&it.input, "input", it);
    let output_type = owned(&it.output, "output", it);
    let optional = || {
        let fields = it.input.fields.iter().enumerate();
        fields.filter(|(at, _)| !it.arguments.contains(at)).map(|(_, field)| field)
    };
    let setters = optional().filter_map(|field| {
        let (name, (kind, ty)) = (ident(&field.ident), taken(field.ty.present()));
        (field.setter == field.ident).then(|| quote!(#kind #name: #ty,))
    });
    let renamed: Vec<_> = optional().filter_map(renamed).collect();
    let renamed = (!renamed.is_empty()).then(|| quote!(impl crate::Request<#name> { #(#renamed)* }));
    let pages = it.paginator.as_ref().map(|paginator| {
        let description = &paginator.description;
        let lists = paginator.items.iter().map(|it| items(it, &name));
        quote! {
            #door::pages!(#name, #description);
            impl crate::Request<#name> { #(#lists)* }
        }
    });
    quote! {
        #door::operation! { #prose #name(#input) -> #output = #info; #(#setters)* }
        #renamed
        #pages
        #input_type
        #output_type
    }
}

/// A setter that cannot be called as its field.
fn renamed(field: &Field) -> Option<TokenStream> {
    if field.setter == field.ident {
        return None;
    }
    let (door, setter, name, (kind, ty)) =
        (door(), ident(&field.setter), ident(&field.ident), taken(field.ty.present()));
    let prose = format!(" Sets `{}` of the [input](Self::input).", field.ident);
    Some(quote! {
        #[doc = #prose]
        #[inline]
        pub fn #setter(mut self, value: #ty) -> Self {
            #door::argument::#kind(&mut self.0.input.#name, value);
            self
        }
    })
}

/// An input or output: what it belongs to comes first, then the service's own prose.
fn owned(it: &Structure, what: &str, operation: &Operation) -> TokenStream {
    let method = operation.method.trim_start_matches("r#");
    let lead = format!("The {what} of [`{method}`](crate::Client::{method}).\n\n{}", it.docs.markdown);
    if what == "output" && it.fields.is_empty() && it.docs.markdown.is_empty() {
        let (door, name, method) = (door(), ident(&it.ty), ident(&operation.method));
        return quote!(#door::empty!(#name, #method););
    }
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
