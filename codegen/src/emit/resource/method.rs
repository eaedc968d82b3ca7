//! The methods of a resource: actions, other resources, collections, batch actions, waiters.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::super::docs;
use super::super::ident::ident;
use super::value::{self, Writer};
use crate::ir::resource::{
    Action, Argument, Collection, Conversion, Factory, FieldPath, IdentifierValue, InputValue, List, Reference,
    Request, ResourceSource, Step, Waiter,
};
use crate::ir::{Docs, Type};

/// The parameters of a method.
pub(super) fn parameters<'a>(
    writer: &Writer<'_>,
    arguments: impl IntoIterator<Item = &'a Argument>,
) -> Vec<TokenStream> {
    let parameter = |argument: &Argument| {
        let (name, ty) = (ident(&argument.ident), value::argument_type(writer, argument));
        quote!(#name: #ty)
    };
    arguments.into_iter().map(parameter).collect()
}

/// The first sentence of the operation's documentation, and a link to the client's method.
fn prose(
    writer: &Writer<'_>,
    docs: &Docs,
    request: &Request,
    resources: Option<&ResourceSource>,
    more: &str,
) -> TokenStream {
    let (client, operation) = (&writer.client, &request.operation);
    let client_method = request.client_method.trim_start_matches("r#");
    let also_required = also_required(writer, request);
    let lead = if docs.summary.is_empty() { String::new() } else { format!("{}\n\n", docs.summary) };
    let markdown = format!("{lead}Sends [`{operation}`]({client}::Client::{client_method}).{also_required}{more}");
    let of_resource = resources.and_then(|it| writer.deprecation(&it.ty)).map(str::to_owned);
    docs::item(&Docs { markdown, deprecated: docs.deprecated.clone().or(of_resource), ..docs.clone() }, "")
}

/// What the caller has to set besides the arguments.
pub(super) fn also_required(writer: &Writer<'_>, request: &Request) -> String {
    let (client, input) = (&writer.client, &request.input);
    let names = request.also_required.iter().map(|it| it.trim_start_matches("r#"));
    let links: Vec<_> = names.map(|it| format!("[`{it}`]({client}::operation::{input}::{it})")).collect();
    if links.is_empty() { String::new() } else { format!("\n\nAlso required: {}.", links.join(", ")) }
}

impl Writer<'_> {
    pub(super) fn action(&self, action: &Action) -> TokenStream {
        let (method, operation) = (ident(&action.method), self.operation(&action.request.operation));
        let parameters = parameters(self, &action.request.arguments);
        let this = quote!(self);
        let request = self.request(&action.request, &this);
        let keep = {
            // Setters of lists and structures replace what they find.
            let is_kept = action.request.fills_containers && action.resources.is_none();
            let each = &action.request.each;
            (is_kept || !each.is_empty()).then(|| quote!(.__keep(&[#(#each),*])))
        };
        let Some(resources) = &action.resources else {
            let more = match action.request.fills_containers {
                true => "\n\nLists and structures that are set are added to those that the resource fills in.",
                false => "",
            };
            let prose = prose(self, &action.docs, &action.request, None, more);
            let client = &self.client;
            return quote! {
                #prose
                #[inline]
                pub fn #method(&self, #(#parameters),*) -> #client::Request<#operation> { #request #keep }
            };
        };
        let more = match action.method.as_str() {
            "load" => {
                "\n\nReturns a snapshot. If the resource does not exist, the error is \
                 [`NotFound`](aws_core::ErrorKind::NotFound) or the service's own."
            }
            _ if action.optional => {
                "\n\nReturns `None` if the parameter that identifies the resource was not set: the service has \
                 created it, but boto3 has no resource for it."
            }
            _ => "",
        };
        let prose = prose(self, &action.docs, &action.request, Some(resources), more);
        let (name, mut result) = (&resources.ty, self.result_type(resources));
        if action.optional {
            result = quote!(Option<#result>);
        }
        let reader = self.reader(resources, action.optional);
        quote! {
            #prose
            #[inline]
            pub fn #method(&self, #(#parameters),*) -> crate::Action<#operation, #result> {
                let this = self.clone();
                crate::Action::new(#name, #request #keep, #reader)
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
    fn reader(&self, resources: &ResourceSource, optional: bool) -> TokenStream {
        let saved = self.saved_from_request(resources);
        let uses_response = resources.data.is_some()
            || resources.lists.iter().any(|list| !list.in_request)
            || resources.identifiers.iter().any(|value| matches!(value, IdentifierValue::Response(_)));
        let (sent, response) = (parameter_name("sent", !saved.is_empty()), parameter_name("response", uses_response));
        let body = self.resources(resources, &quote!(this), false);
        let body = match (resources.lists.is_empty(), optional) {
            (false, _) => quote!(Some(#body.collect())),
            (true, true) => quote!(Some((|| #body)())),
            (true, false) => body,
        };
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
                let (name, value) = (saved_variable(path), value::cloned_option(quote!(sent.as_ref().input()), path));
                saved.push(quote!(let #name = #value;));
            }
        }
        if resources.lists.iter().any(|list| list.in_request) {
            saved.push(quote!(let input = sent.as_ref().input().clone();));
        }
        saved
    }

    /// The expression for the resources: an `Option` of a single one, an iterator over those of lists. The former may
    /// contain `?`. A response that is `borrowed` keeps its values.
    fn resources(&self, resources: &ResourceSource, this: &TokenStream, borrowed: bool) -> TokenStream {
        if resources.lists.is_empty() {
            let resource = self.construct(resources, None, this);
            return match &resources.data {
                None => quote!(Some(#resource)),
                Some((path, conversion)) => {
                    let data = match borrowed {
                        true => value::cloned(quote!(response), path),
                        false => value::moved(quote!(response), path),
                    };
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
            // The inner list is read once for each element of the outer one.
            let borrowed = borrowed || list.outer.is_some();
            let elements = value::elements(root.clone(), &list.path, borrowed);
            let resource = self.construct(resources, Some(list), &quote!(this));
            let item = match &list.data {
                None => resource,
                Some(conversion) => {
                    let data = match (conversion, borrowed) {
                        (Conversion::Same, true) => quote!(it.clone()),
                        (conversion, true) => {
                            let converted = self.conversion(conversion, quote!(it));
                            quote!({ let it = it.clone(); #converted })
                        }
                        (conversion, false) => self.conversion(conversion, quote!(it)),
                    };
                    quote!(crate::Loaded::new(#resource, #data))
                }
            };
            let moved = list.outer.is_some().then(|| quote!(move));
            let inner = match value::has_question_mark(&item) {
                true => quote!(#elements.filter_map(#moved |it| Some(#item))),
                false => quote!(#elements.map(#moved |it| #item)),
            };
            match &list.outer {
                None => inner,
                Some(outer) => {
                    let outer = value::elements(root, outer, borrowed);
                    quote!(#outer.flat_map(|outer| { let this = &this; #inner }))
                }
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
            IdentifierValue::Argument(it) => value::argument_value(it),
            IdentifierValue::Outer => quote!(outer.clone()),
            IdentifierValue::Constant(text) => quote!(#text.to_owned()),
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
            IdentifierValue::Argument(it) => value::argument_value(it),
            IdentifierValue::Constant(text) => quote!(#text.to_owned()),
            _ => TokenStream::new(),
        });
        let constants = factory.identifiers.iter().enumerate().filter_map(|(index, value)| match value {
            IdentifierValue::Constant(text) => {
                let resource = self.resources.iter().find(|it| it.ty == factory.ty)?;
                Some(format!(" `{}` is `{text}`.", resource.identifiers[index].ident))
            }
            _ => None,
        });
        let markdown = format!(
            "Returns the [`{ty}`](crate::{ty}) with these identifiers. Sends no request.{}",
            constants.collect::<String>(),
            ty = factory.ty
        );
        let deprecated = self.deprecation(&factory.ty).map(str::to_owned);
        let prose = docs::item(&Docs { markdown, deprecated, ..Docs::default() }, "");
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
        let body = self.resources(resources, &quote!(self), true);
        let (ty, deprecated) = (&resources.ty, self.deprecation(&resources.ty).map(str::to_owned));
        let prose = |markdown| docs::item(&Docs { markdown, deprecated, ..Docs::default() }, "");
        if resources.lists.is_empty() {
            let prose = prose(format!(
                "Returns the [`{ty}`](crate::{ty}) that the attributes refer to, if any. Sends no request."
            ));
            quote! {
                #prose
                pub fn #method(&self) -> Option<#result> { let response = self.data(); #body }
            }
        } else {
            let prose =
                prose(format!("Returns each [`{ty}`](crate::{ty}) that the attributes refer to. Sends no request."));
            quote! {
                #prose
                pub fn #method(&self) -> Vec<#result> {
                    let this = self;
                    let response = self.data();
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
        let body = self.resources(resources, &quote!(this), false);
        let kind = if collection.paged { quote!(paged) } else { quote!(once) };
        let more = match resources.is_loaded() {
            true => " The elements include their attributes.",
            false => " The elements do not include attributes.",
        };
        let prose = prose(self, &collection.docs, &collection.request, Some(resources), more);
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

    pub(super) fn waiter(&self, waiter: &Waiter) -> TokenStream {
        let (method, client_method) = (ident(&waiter.method), ident(&waiter.client_method));
        let operation = self.operation(&waiter.request.operation);
        let parameters = parameters(self, &waiter.request.arguments);
        let find = |name: &String| waiter.request.fields.iter().find(|(field, _)| field == name);
        let arguments = waiter.positional.iter().map(|name| match find(name) {
            // The client's method converts it.
            Some((_, InputValue::Argument(it))) => ident(&it.ident).into_token_stream(),
            Some((_, InputValue::Present(value) | InputValue::Collected(value))) => {
                self.input_value(value, &quote!(self))
            }
            Some((_, value)) => self.input_value(value, &quote!(self)),
            None => TokenStream::new(),
        });
        let others = waiter.request.fields.iter().filter(|(field, _)| !waiter.positional.contains(field));
        let others = others.map(|(field, value)| {
            let (field, value) = (ident(field), self.input_value(value, &quote!(self)));
            quote!(waiter.as_mut().input_mut().#field = #value;)
        });
        let others: Vec<_> = others.collect();
        let link = waiter.client_method.trim_start_matches("r#");
        let prose = docs::lines(&format!(
            "Waits as [`Client::{link}`]({}::Client::{link}) does, for this resource.",
            self.client
        ));
        let client = &self.client;
        let waiter = quote!(self.client.#client_method(#(#arguments),*));
        let body = match others.is_empty() {
            true => waiter,
            false => quote!(let mut waiter = #waiter; #(#others)* waiter),
        };
        quote! {
            #prose
            #[inline]
            pub fn #method(&self, #(#parameters),*) -> #client::Waiter<#operation> {
                #body
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
