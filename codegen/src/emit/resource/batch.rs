//! Batch actions: methods of collections and of other resources together, and the lists of their responses.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::super::docs;
use super::super::ident::{generated, ident};
use super::method::{also_required, parameters};
use super::value::{self, Writer};
use crate::ir::Type;
use crate::ir::resource::{Batch, BatchOutput, Collection, Crate, Resource};

/// Whether a crate has batch actions.
pub(super) fn has_batches(krate: &Crate) -> bool {
    krate.resources.iter().any(|resource| !resource.batches.is_empty())
}

impl Writer<'_> {
    /// The batch actions of a resource.
    pub(super) fn batches(&self, krate: &Crate, resource: &Resource) -> TokenStream {
        if resource.batches.is_empty() {
            return TokenStream::new();
        }
        let (generated, ty) = (generated(), ident(&resource.ty));
        let needs_attributes = resource.batches.iter().any(|batch| batch.request.needs_attributes);
        let (implementation, element) = match needs_attributes {
            true => (quote!(crate::Loaded<#ty>), quote!(crate::Loaded<#ty>)),
            false => (quote!(#ty, crate::Loaded<#ty>), quote!(#ty)),
        };
        let methods = resource.batches.iter().map(|batch| self.batch(batch));
        let of_collections = listed(krate, resource).map(|is_loaded| {
            let item = if is_loaded { quote!(crate::Loaded<#ty>) } else { quote!(#ty) };
            let methods = resource.batches.iter().map(|batch| {
                let (method, operation) = (ident(&batch.method), self.operation(&batch.request.operation));
                let (prose, parameters) = (self.batch_prose(batch), parameters(self, &batch.request.arguments));
                let arguments = batch.request.arguments.iter().map(|it| ident(&it.ident));
                quote! {
                    #prose
                    #[inline]
                    pub fn #method(self, #(#parameters),*) -> crate::Batch<#operation> {
                        crate::Resources::new(self.elements()).#method(#(#arguments),*)
                    }
                }
            });
            quote! {
                impl<O: #generated::Operation> crate::Collection<O, #item>
                where
                    O::Input: Clone,
                {
                    #(#methods)*
                }
            }
        });
        quote! {
            #generated::resource::batch_element!(#implementation);
            impl crate::Resources<#element> { #(#methods)* }
            #of_collections
        }
    }

    fn batch(&self, batch: &Batch) -> TokenStream {
        let (method, operation) = (ident(&batch.method), self.operation(&batch.request.operation));
        let request = self.request(&batch.request, &quote!(this));
        let max_elements = Literal::usize_unsuffixed(batch.max_elements);
        let shared = batch.shared.iter().map(|it| ident(it));
        let (prose, parameters) = (self.batch_prose(batch), parameters(self, &batch.request.arguments));
        let arguments = batch.request.arguments.iter().map(|argument| {
            let (name, ty) = (ident(&argument.ident), self.ty(&argument.ty));
            let value = value::argument_value(argument);
            quote!(let #name: #ty = #value;)
        });
        let owns_arguments = (!batch.request.arguments.is_empty()).then(|| quote!(move));
        quote! {
            #prose
            #[inline]
            pub fn #method(self, #(#parameters),*) -> crate::Batch<#operation> {
                #(#arguments)*
                self.batch(
                    #max_elements,
                    |a, b| a.client.__is_clone_of(&b.client) #(&& a.#shared == b.#shared)*,
                    #owns_arguments |all| { let this = all.first()?; Some(#request) },
                )
            }
        }
    }

    fn batch_prose(&self, batch: &Batch) -> TokenStream {
        let elements = if batch.shared.is_empty() { "elements" } else { "elements that may share a request" };
        docs::lines(&format!(
            "Sends [`{}`]({}::Client::{}) for all {elements}, at most {} in one request.{}",
            batch.request.operation,
            self.client,
            batch.request.client_method.trim_start_matches("r#"),
            batch.max_elements,
            also_required(self, &batch.request),
        ))
    }

    /// The lists of the responses to a batch.
    pub(super) fn batch_output(&self, output: &BatchOutput) -> TokenStream {
        let ty = self.operation(&output.ty);
        let lists = output.lists.iter().map(|list| {
            let (method, field) = (ident(&list.method), ident(&list.ident));
            let item = match list.ty.present() {
                Type::List(item) => self.ty(item),
                other => self.ty(other),
            };
            let markdown = format!(
                "{}\n\nThose of all responses, which are successes even if they report failures of elements.",
                list.docs.markdown
            );
            let prose = docs::lines(&markdown);
            quote! {
                #prose
                pub fn #method(&self) -> impl Iterator<Item = &#item> {
                    self.iter().flat_map(|it| &it.#field)
                }
            }
        });
        quote!(impl BatchResponses<#ty> { #(#lists)* })
    }
}

/// Whether the elements of the collections of a resource are loaded; `None` if there is no such collection.
fn listed(krate: &Crate, resource: &Resource) -> Option<bool> {
    let collections = krate.resources.iter().chain([&krate.root]).flat_map(|it| &it.collections);
    let mut of_resource = collections.filter(|it: &&Collection| it.resources.ty == resource.ty);
    of_resource.next().map(|it| it.resources.is_loaded())
}
