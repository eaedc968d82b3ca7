//! Operations: the type that names the operation, its input and output, the setters of its request, its paginator.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident::{argument, bound, generated, ident, is_plain, store, ty};
use super::{docs, structure};
use crate::ir::{Crate, Field, Items, Operation, Step};

/// `operation.rs`: the files, and every type at one flat path.
pub(super) fn index(krate: &Crate) -> TokenStream {
    let modules = krate.operations.iter().map(|op| {
        let module = ident(&op.method);
        let types = [&op.ty, &op.input.ty, &op.output.ty].map(|name| ident(name));
        quote!(#module [#(#types),*],)
    });
    let generated = generated();
    quote! {
        //! Operations: for each its input, with the documentation of the operation and its parameters, and its output. Beside
        //! them, not on this page, is a type that names it, as in `Request<Name>`.
        #generated::files! { #(#modules)* }
    }
}

/// The file of one operation.
pub(super) fn operation(op: &Operation, krate: &Crate) -> TokenStream {
    let generated = generated();
    let (name, input, output, descriptor) = (ident(&op.ty), ident(&op.input.ty), ident(&op.output.ty), &op.descriptor);
    let method = op.method.trim_start_matches("r#");
    let prose = docs::lines(&format!(
        "Names the operation of [`Client::{method}`](crate::Client::{method}), as in `Request<{}>`.",
        op.ty
    ));
    let input_type = structure::structure_with_docs(&op.input, docs::lines(&input_prose(op, krate)));
    let output_type = output_type(op);
    let optional = || {
        let fields = op.input.fields.iter().enumerate();
        fields.filter(|(index, _)| !op.arguments.contains(index)).map(|(_, field)| field)
    };
    // The macro writes a setter from the field.
    let is_usual = |field: &&Field| field.setter == field.ident && is_plain(field);
    let setters = optional().filter(is_usual).map(|field| {
        let (name, bound, prose) = (ident(&field.ident), bound(&field.ty), docs::setter(field, &op.input.ty));
        quote!(#prose #name: #bound,)
    });
    let others: Vec<_> = optional().filter(|it| !is_usual(it)).map(|field| setter(field, &op.input.ty)).collect();
    let others = (!others.is_empty()).then(|| {
        quote! {
            #[cfg_attr(doc, doc(hidden))]
            impl<K> crate::Request<#name, K> { #(#others)* }
        }
    });
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
        #others
        #pages
        #input_type
        #output_type
    }
}

/// A setter whose name is not that of its field, or that takes a stream of events.
fn setter(field: &Field, input: &str) -> TokenStream {
    let (setter, ty, prose) = (ident(&field.setter), argument(&field.ty), docs::setter(field, input));
    let store = store(&quote!(self.0.input), field, &ident("value"));
    quote! {
        #prose
        #[inline]
        pub fn #setter(mut self, value: #ty) -> Self {
            #store
            self
        }
    }
}

/// The documentation of an operation, on the page of its input, beside the parameters: the operation to which it belongs,
/// the whole documentation of both, examples.
fn input_prose(op: &Operation, krate: &Crate) -> String {
    let method = op.method.trim_start_matches("r#");
    let mut text = format!("The input of [`{method}`](crate::Client::{method}).");
    if !op.input.fields.is_empty() {
        text.push_str("\nA field is an argument of the method, or a setter of its request.");
    }
    for markdown in [&op.docs.markdown, &op.input.docs.markdown] {
        if !markdown.trim().is_empty() {
            text.push_str(&format!("\n\n{}", markdown.trim_end()));
        }
    }
    let crate_name = krate.package.replace('-', "_");
    for example in &op.examples {
        text.push_str(&format!("\n\n# Example\n\n{}\n\n```no_run\n", example.title));
        text.push_str(&format!("# async fn example(client: {crate_name}::Client) -> aws_core::Result<()> {{\n"));
        text.push_str(&format!("{}\n# Ok(())\n# }}\n```", formatted(&example.code)));
    }
    text
}

/// A Rust statement, formatted; unchanged if it does not parse.
fn formatted(code: &str) -> String {
    // The formatter lays out calls, but no macros; the arguments of this one are expressions.
    let code_of_calls = code.replace("make!(", "make(");
    let Ok(file) = syn::parse_file(&format!("async fn example() {{ {code_of_calls} }}")) else {
        return code.to_owned();
    };
    let text = prettyplease::unparse(&file).replace("::make(", "::make!(");
    let lines: Vec<&str> = text.lines().collect();
    let inside = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
    inside.iter().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// The output. Its documentation begins with the operation to which it belongs.
fn output_type(op: &Operation) -> TokenStream {
    let (structure, method) = (&op.output, op.method.trim_start_matches("r#"));
    if structure.fields.is_empty() && structure.docs.markdown.is_empty() {
        let (generated, name, method) = (generated(), ident(&structure.ty), ident(&op.method));
        return quote!(#generated::empty!(#name, #method););
    }
    let prose = format!("The output of [`{method}`](crate::Client::{method}).\n\n{}", structure.docs.markdown);
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
    let Some((last, parents)) = steps.split_last() else { return quote!(Default::default()) };
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
    match is_option {
        false => quote!(std::mem::take(&mut #tokens.#field)),
        true => quote!(#tokens.map(|it| std::mem::take(&mut it.#field)).unwrap_or_default()),
    }
}
