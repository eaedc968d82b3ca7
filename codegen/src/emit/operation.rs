//! Operations: the type that names the operation, its input and output, the setters of its request, its paginator.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident::{argument, generated, ident, ty};
use super::{docs, structure};
use crate::ir::{Crate, Field, Items, Operation, Step, Structure};

/// `operation.rs`: the files, and every type at one flat path.
pub(super) fn index(krate: &Crate) -> TokenStream {
    let modules = krate.operations.iter().map(|op| {
        let module = ident(&op.method);
        let types = [&op.ty, &op.input.ty, &op.output.ty].map(|name| ident(name));
        quote!(#module [#(#types),*],)
    });
    let generated = generated();
    quote! {
        //! Operations: for each, a type that names it, its input and its output.
        #generated::files! { #(#modules)* }
    }
}

/// The file of one operation.
pub(super) fn operation(op: &Operation) -> TokenStream {
    let generated = generated();
    let (name, input, output, descriptor) = (ident(&op.ty), ident(&op.input.ty), ident(&op.output.ty), &op.descriptor);
    let method = op.method.trim_start_matches("r#");
    let prose = docs::lines(&format!(
        "Names the operation of [`Client::{method}`](crate::Client::{method}), as in `Request<{}>`.",
        op.ty
    ));
    let input_type = input_or_output(&op.input, "input", op);
    let output_type = input_or_output(&op.output, "output", op);
    let optional = || {
        let fields = op.input.fields.iter().enumerate();
        fields.filter(|(index, _)| !op.arguments.contains(index)).map(|(_, field)| field)
    };
    let setters = optional().filter_map(|field| {
        let (name, (kind, ty)) = (ident(&field.ident), argument(field.ty.present()));
        (field.setter == field.ident).then(|| quote!(#kind #name: #ty,))
    });
    let renamed: Vec<_> = optional().filter_map(renamed_setter).collect();
    let renamed = (!renamed.is_empty()).then(|| quote!(impl<K> crate::Request<#name, K> { #(#renamed)* }));
    let pages = op.paginator.as_ref().map(|paginator| {
        let description = &paginator.description;
        let lists = paginator.items.iter().map(|list| items(list, &name));
        quote! {
            #generated::pages!(#name, #description);
            impl crate::Request<#name> { #(#lists)* }
        }
    });
    quote! {
        #generated::operation! { #prose #name(#input) -> #output = #descriptor; #(#setters)* }
        #renamed
        #pages
        #input_type
        #output_type
    }
}

/// A setter whose name is not that of its field.
fn renamed_setter(field: &Field) -> Option<TokenStream> {
    if field.setter == field.ident {
        return None;
    }
    let (generated, setter, name, (kind, ty)) =
        (generated(), ident(&field.setter), ident(&field.ident), argument(field.ty.present()));
    let prose = format!(" Sets `{}` of the input.", field.ident);
    Some(quote! {
        #[doc = #prose]
        #[inline]
        pub fn #setter(mut self, value: #ty) -> Self {
            #generated::argument::#kind(&mut self.0.input.#name, value);
            self
        }
    })
}

/// An input or output. Its documentation begins with the operation to which it belongs.
fn input_or_output(structure: &Structure, which: &str, operation: &Operation) -> TokenStream {
    let method = operation.method.trim_start_matches("r#");
    let prose = format!("The {which} of [`{method}`](crate::Client::{method}).\n\n{}", structure.docs.markdown);
    if which == "output" && structure.fields.is_empty() && structure.docs.markdown.is_empty() {
        let (generated, name, method) = (generated(), ident(&structure.ty), ident(&operation.method));
        return quote!(#generated::empty!(#name, #method););
    }
    structure::structure_with_docs(structure, docs::lines(&prose))
}

/// The method that returns the items of all pages.
fn items(items: &Items, name: &proc_macro2::Ident) -> TokenStream {
    let generated = generated();
    let (method, item) = (ident(&items.method), ty(&items.ty));
    let prose = docs::lines(&format!("Returns the items of `{}` from all pages, as a stream.", items.path));
    let path = list_expression(&items.steps);
    quote! {
        #prose
        #[inline]
        pub fn #method(self) -> #generated::Items<#name, #item> {
            #generated::Items::new(self.0, |page| #path)
        }
    }
}

/// The expression that takes a list out of `page`, a mutable reference.
fn list_expression(steps: &[Step]) -> TokenStream {
    let Some((last, parents)) = steps.split_last() else { return quote!(Vec::new()) };
    let mut tokens = quote!(page);
    let mut is_option = false;
    for step in parents {
        let field = ident(&step.ident);
        tokens = match (is_option, step.optional) {
            (false, false) => quote!(#tokens.#field),
            (false, true) => quote!(#tokens.#field.as_mut()),
            (true, true) => quote!(#tokens.and_then(|it| it.#field.as_mut())),
            (true, false) => quote!(#tokens.map(|it| &mut it.#field)),
        };
        is_option |= step.optional;
    }
    let field = ident(&last.ident);
    match (is_option, last.optional) {
        (false, false) => quote!(std::mem::take(&mut #tokens.#field)),
        (false, true) => quote!(#tokens.#field.take().unwrap_or_default()),
        (true, false) => quote!(#tokens.map(|it| std::mem::take(&mut it.#field)).unwrap_or_default()),
        (true, true) => quote!(#tokens.and_then(|it| it.#field.take()).unwrap_or_default()),
    }
}
