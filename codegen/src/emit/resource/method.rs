//! The methods of a resource: actions, other resources, collections, batch actions, waiters.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::docs;
use super::super::ident::{generated, ident};
use super::value::{self, Writer};
use crate::ir::resource::{
    Action, Argument, Batch, Collection, Conversion, Factory, FieldPath, IdentifierValue, InputValue, List, Reference,
    Request, Resource, ResourceSource, Step, Waiter,
};
use crate::ir::{Docs, Type};

/// The parameters of a method.
fn parameters<'a>(writer: &Writer, arguments: impl IntoIterator<Item = &'a Argument>) -> Vec<TokenStream> {
    let parameter = |argument: &Argument| {
        let (name, ty) = (ident(&argument.ident), value::argument_type(writer, &argument.ty));
        quote!(#name: #ty)
    };
    arguments.into_iter().map(parameter).collect()
}

/// The first sentence of the operation's documentation, and a link to the client's method.
fn prose(writer: &Writer, docs: &Docs, request: &Request, more: &str) -> TokenStream {
    let (client, operation) = (&writer.client, &request.operation);
    let client_method = request.client_method.trim_start_matches("r#");
    let lead = if docs.summary.is_empty() { String::new() } else { format!("{}\n\n", docs.summary) };
    let markdown = format!("{lead}Sends [`{operation}`]({client}::Client::{client_method}).{more}");
    docs::item(&Docs { markdown, ..docs.clone() }, "")
}

impl Writer {
    pub(super) fn action(&self, action: &Action) -> TokenStream {
        let (method, operation) = (ident(&action.method), self.operation(&action.request.operation));
        let parameters = parameters(self, &action.request.arguments);
        let this = quote!(self);
        let request = self.request(&action.request, &this);
        let Some(resources) = &action.resources else {
            let prose = prose(self, &action.docs, &action.request, "");
            let client = &self.client;
            return quote! {
                #prose
                #[inline]
                pub fn #method(&self, #(#parameters),*) -> #client::Request<#operation> { #request }
            };
        };
        let more = match action.method.as_str() {
            "load" => {
                "\n\nReturns a snapshot. If the resource does not exist, the error is \
                 [`NotFound`](aws_core::ErrorKind::NotFound) or the service's own."
            }
            _ => "",
        };
        let prose = prose(self, &action.docs, &action.request, more);
        let (name, result) = (&resources.ty, self.result_type(resources));
        let reader = self.reader(resources);
        quote! {
            #prose
            #[inline]
            pub fn #method(&self, #(#parameters),*) -> crate::Action<#operation, #result> {
                let this = self.clone();
                crate::Action::new(#name, #request, #reader)
            }
        }
    }

    /// The type that an action returns: one resource, or a `Vec`.
    fn result_type(&self, resources: &ResourceSource) -> TokenStream {
        let one = resource_type(resources);
        if resources.lists.is_empty() { one } else { quote!(Vec<#one>) }
    }

    /// A closure that takes the request before it is sent and returns a closure from the response to the resources. The
    /// emitted code has the parent in `this`.
    fn reader(&self, resources: &ResourceSource) -> TokenStream {
        let saved = self.saved_from_request(resources);
        let uses_response = resources.data.is_some()
            || resources.lists.iter().any(|list| !list.in_request)
            || resources.identifiers.iter().any(|value| matches!(value, IdentifierValue::Response(_)));
        let (sent, response) = (parameter_name("sent", !saved.is_empty()), parameter_name("response", uses_response));
        let body = self.resources(resources, &quote!(this));
        let body = if resources.lists.is_empty() { body } else { quote!(Some(#body.collect())) };
        if saved.is_empty() {
            quote!(move |#sent| move |#response| #body)
        } else {
            quote!(move |#sent| { #(#saved)* move |#response| #body })
        }
    }

    /// Statements that save values of the request, which is consumed when it is sent.
    fn saved_from_request(&self, resources: &ResourceSource) -> Vec<TokenStream> {
        let mut saved = Vec::new();
        for value in &resources.identifiers {
            if let IdentifierValue::Request(path, _) = value {
                let (name, value) = (saved_variable(path), value::cloned_option(quote!(sent.input()), path));
                saved.push(quote!(let #name = #value;));
            }
        }
        if resources.lists.iter().any(|list| list.in_request) {
            saved.push(quote!(let input = sent.input().clone();));
        }
        saved
    }

    /// The expression for the resources: an `Option` of a single one, an iterator over those of lists. The former may
    /// contain `?`.
    fn resources(&self, resources: &ResourceSource, this: &TokenStream) -> TokenStream {
        if resources.lists.is_empty() {
            let resource = self.construct(resources, None, this);
            return match &resources.data {
                None => quote!(Some(#resource)),
                Some((path, conversion)) => {
                    let data = value::moved(quote!(response), path);
                    let data = match conversion {
                        Conversion::Same => data,
                        conversion => {
                            let converted = self.conversion(conversion, quote!(data));
                            quote!({ let data = #data; #converted })
                        }
                    };
                    quote!(Some(crate::Loaded::new(#resource, #data)))
                }
            };
        }
        let mut lists = resources.lists.iter().map(|list| {
            let root = if list.in_request { quote!(input) } else { quote!(response) };
            let elements = value::elements(root, &list.path);
            let resource = self.construct(resources, Some(list), &quote!(this));
            let item = match &list.data {
                None => resource,
                Some(conversion) => {
                    let data = self.conversion(conversion, quote!(it));
                    quote!(crate::Loaded::new(#resource, #data))
                }
            };
            match value::has_question_mark(&item) {
                true => quote!(#elements.filter_map(|it| Some(#item))),
                false => quote!(#elements.map(|it| #item)),
            }
        });
        let first = lists.next().unwrap_or_default();
        let rest = lists.map(|list| quote!(.chain(#list)));
        quote!(#first #(#rest)*)
    }

    /// The call of a resource's constructor; in the closure over `list`'s elements if there is one.
    fn construct(&self, resources: &ResourceSource, list: Option<&List>, this: &TokenStream) -> TokenStream {
        let ty = ident(&resources.ty);
        let identifiers = resources.identifiers.iter().enumerate().map(|(index, value)| match value {
            IdentifierValue::Parent(field) => {
                let field = ident(field);
                quote!(#this.#field.clone())
            }
            IdentifierValue::Response(path) => value::cloned(quote!(response), path),
            IdentifierValue::Request(path, parent_field) => {
                let saved = saved_variable(path);
                let saved =
                    if list.is_some() && path.ty == Type::String { quote!(#saved.clone()) } else { quote!(#saved) };
                match parent_field {
                    Some(field) => {
                        let field = ident(field);
                        quote!(#saved.unwrap_or_else(|| #this.#field.clone()))
                    }
                    None => quote!(#saved?),
                }
            }
            IdentifierValue::Element => {
                let found = list.and_then(|list| list.identifiers.iter().find(|(identifier, _)| *identifier == index));
                found.map(|(_, path)| value::cloned(quote!(it), path)).unwrap_or_default()
            }
            IdentifierValue::Argument(it) => value::argument_value(&it.ty, &ident(&it.ident)),
        });
        quote!(crate::#ty::from_parts(#this.client.clone(), #(#identifiers),*))
    }

    pub(super) fn factory(&self, factory: &Factory) -> TokenStream {
        let (method, ty) = (ident(&factory.method), ident(&factory.ty));
        let arguments = factory.identifiers.iter().filter_map(|value| match value {
            IdentifierValue::Argument(argument) => Some(argument),
            _ => None,
        });
        let parameters = parameters(self, arguments);
        let values = factory.identifiers.iter().map(|value| match value {
            IdentifierValue::Parent(field) => {
                let field = ident(field);
                quote!(self.#field.clone())
            }
            IdentifierValue::Argument(it) => value::argument_value(&it.ty, &ident(&it.ident)),
            _ => TokenStream::new(),
        });
        let prose = docs::lines(&format!(
            "Returns the [`{ty}`](crate::{ty}) with these identifiers. Sends no request.",
            ty = factory.ty
        ));
        quote! {
            #prose
            #[inline]
            pub fn #method(&self, #(#parameters),*) -> crate::#ty {
                crate::#ty::from_parts(self.client.clone(), #(#values),*)
            }
        }
    }

    pub(super) fn reference(&self, reference: &Reference) -> TokenStream {
        let resources = &reference.resources;
        let (method, result) = (ident(&reference.method), resource_type(resources));
        let body = self.resources(resources, &quote!(self));
        let ty = &resources.ty;
        if resources.lists.is_empty() {
            let prose = docs::lines(&format!(
                "Returns the [`{ty}`](crate::{ty}) that the attributes refer to, if any. Sends no request."
            ));
            quote! {
                #prose
                pub fn #method(&self) -> Option<#result> { let response = self.data().clone(); #body }
            }
        } else {
            let prose = docs::lines(&format!(
                "Returns each [`{ty}`](crate::{ty}) that the attributes refer to. Sends no request."
            ));
            quote! {
                #prose
                pub fn #method(&self) -> Vec<#result> {
                    let this = self;
                    let response = self.data().clone();
                    #body.collect()
                }
            }
        }
    }

    pub(super) fn collection(&self, collection: &Collection) -> TokenStream {
        let (method, operation) = (ident(&collection.method), self.operation(&collection.request.operation));
        let parameters = parameters(self, &collection.request.arguments);
        let resources = &collection.resources;
        let (request, item) = (self.request(&collection.request, &quote!(self)), resource_type(resources));
        let saved = self.saved_from_request(resources);
        let sent = parameter_name("sent", !saved.is_empty());
        let body = self.resources(resources, &quote!(this));
        let kind = if collection.paged { quote!(paged) } else { quote!(once) };
        let more = match resources.is_loaded() {
            true => " The elements include their attributes.",
            false => " The elements do not include attributes.",
        };
        let prose = prose(self, &collection.docs, &collection.request, more);
        quote! {
            #prose
            #[inline]
            pub fn #method(&self, #(#parameters),*) -> crate::Collection<#operation, #item> {
                let this = self.clone();
                crate::Collection::#kind(#request, move |#sent| {
                    let this = this.clone();
                    #(#saved)*
                    move |response| #body.collect()
                })
            }
        }
    }

    pub(super) fn batch(&self, resource: &Resource, batch: &Batch) -> TokenStream {
        let (method, operation) = (ident(&batch.method), self.operation(&batch.request.operation));
        let (ty, generated) = (ident(&resource.ty), generated());
        let request = self.request(&batch.request, &quote!(this));
        let max_elements = proc_macro2::Literal::usize_unsuffixed(batch.max_elements);
        let element = if resource.data.is_some() { quote!(crate::Loaded<#ty>) } else { quote!(#ty) };
        let prose = docs::lines(&format!(
            "Sends [`{}`]({}::Client::{}) for all elements, at most {max_elements} in one request.",
            batch.request.operation,
            self.client,
            batch.request.client_method.trim_start_matches("r#"),
        ));
        quote! {
            impl<O: #generated::Operation> crate::Collection<O, #element>
            where
                O::Input: Clone,
            {
                #prose
                #[inline]
                pub fn #method(self) -> crate::Batch<#operation> {
                    self.batch(#max_elements, |all| { let this = all.first()?; Some(#request) })
                }
            }
        }
    }

    pub(super) fn waiter(&self, waiter: &Waiter) -> TokenStream {
        let (method, client_method) = (ident(&waiter.method), ident(&waiter.client_method));
        let (generated, operation) = (generated(), self.operation(&waiter.request.operation));
        let parameters = parameters(self, &waiter.request.arguments);
        let find = |name: &String| waiter.request.fields.iter().find(|(field, _)| field == name);
        let arguments = waiter.positional.iter().map(|name| match find(name) {
            Some((_, InputValue::Present(value))) => self.input_value(value, &quote!(self)),
            Some((_, value)) => self.input_value(value, &quote!(self)),
            None => TokenStream::new(),
        });
        let others = waiter.request.fields.iter().filter(|(field, _)| !waiter.positional.contains(field));
        let others = others.map(|(field, value)| {
            let (field, value) = (ident(field), self.input_value(value, &quote!(self)));
            quote!(.input(|input| input.#field = #value))
        });
        let link = waiter.client_method.trim_start_matches("r#");
        let prose = docs::lines(&format!(
            "Waits as [`Client::{link}`]({}::Client::{link}) does, for this resource.",
            self.client
        ));
        quote! {
            #prose
            #[inline]
            pub fn #method(&self, #(#parameters),*) -> #generated::Waiter<#operation> {
                self.client.#client_method(#(#arguments),*) #(#others)*
            }
        }
    }
}

/// The type of one resource.
fn resource_type(resources: &ResourceSource) -> TokenStream {
    let ty = ident(&resources.ty);
    if resources.is_loaded() { quote!(crate::Loaded<crate::#ty>) } else { quote!(crate::#ty) }
}

/// The variable that holds a saved value of the request; it has the name of the field.
fn saved_variable(path: &FieldPath) -> Ident {
    let last = path.steps.iter().rev().find_map(|step| match step {
        Step::Field { ident, .. } => Some(ident.as_str()),
        _ => None,
    });
    ident(last.unwrap_or("saved"))
}

/// The name of a closure's parameter, with `_` before it if it is not used.
fn parameter_name(name: &str, used: bool) -> Ident {
    ident(&if used { name.to_owned() } else { format!("_{name}") })
}
