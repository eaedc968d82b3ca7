//! Lays a crate of [`crate::ir::resource`] out as Rust items: one file for each resource, and the crate root.

mod batch;
mod crate_root;
mod method;
mod value;

use proc_macro2::TokenStream;
use quote::quote;

use super::ident::{generated, ident};
use super::{Items, docs, file};
use crate::ir::resource::{Attribute, Crate, Resource};
use crate::ir::{Docs, Type};
use value::Writer;

/// Lays out a resource crate.
pub fn resource_crate(krate: &Crate) -> Items {
    let writer = Writer::new(krate);
    let mut items = Items::default();
    items.rust.insert("src/lib.rs".into(), crate_root::lib(&writer, krate));
    items.rust.insert("src/service.rs".into(), root(&writer, krate));
    for resource in &krate.resources {
        let path = format!("src/{}.rs", file(&resource.module));
        items.rust.insert(path, self::resource(&writer, krate, resource));
    }
    items.text.insert("Cargo.toml".into(), crate_root::manifest(krate));
    items.text.insert("README.md".into(), crate_root::readme(krate));
    items
}

fn root(writer: &Writer<'_>, krate: &Crate) -> TokenStream {
    let (generated, name, client) = (generated(), ident(&krate.root.ty), &writer.client);
    let prose = docs::lines(&format!(
        "The service resource of {}: creates and lists its resources.\n\nCheap to clone. Creating it sends no request.",
        krate.full_name
    ));
    let methods = methods(writer, &krate.root);
    quote! {
        //! The service resource.
        #generated::resource::root! { #prose #name(#client::Client) }
        #methods
    }
}

fn resource(writer: &Writer<'_>, krate: &Crate, resource: &Resource) -> TokenStream {
    let (generated, name, client) = (generated(), ident(&resource.ty), &writer.client);
    let batches = match resource.batches.is_empty() {
        true => "",
        false => "\n\nSeveral of them can be acted on together: see [`batch`](crate::batch).",
    };
    let markdown = format!(
        "The resource `{}` of {}.\n\n\
         Holds a client and the identifiers. Cheap to clone; equal if the identifiers are equal.{batches}",
        resource.name, krate.full_name
    );
    let prose = docs::item(&Docs { markdown, deprecated: resource.deprecated.clone(), ..Docs::default() }, "");
    let identifiers = resource.identifiers.iter().map(|identifier| {
        let prose = docs::lines(&format!("The identifier `{}`.", identifier.name));
        let (field, ty) = (ident(&identifier.ident), writer.ty(&identifier.ty));
        let secret = identifier.secret.then(|| quote!(secret));
        quote!(#prose #field: #ty #secret,)
    });
    let data = resource.data.as_ref().map(|data| {
        let structure = writer.structure(&data.structure);
        let load = resource.load.is_some().then(|| quote!(#generated::resource::load!(#name);));
        quote!(#generated::resource::data!(#name, #structure); #load)
    });
    let methods = methods(writer, resource);
    let batches = writer.batches(krate, resource);
    quote! {
        #generated::resource::resource! { #prose #name(#client::Client) { #(#identifiers)* } }
        #data
        #methods
        #batches
    }
}

/// The methods of a resource, and those of a loaded one.
fn methods(writer: &Writer<'_>, resource: &Resource) -> TokenStream {
    let name = ident(&resource.ty);
    let aliases = resource.aliases.iter().map(|(method, index)| {
        let (identifier, method) = (&resource.identifiers[*index], ident(method));
        let field = ident(&identifier.ident);
        let getter = identifier.ident.trim_start_matches("r#");
        let prose = docs::lines(&format!(
            "The same as [`{getter}`](Self::{getter}), under the name that the service's response uses."
        ));
        match identifier.ty {
            Type::String => quote!(#prose #[inline] pub fn #method(&self) -> &str { &self.#field }),
            _ => {
                let ty = writer.ty(&identifier.ty);
                quote!(#prose #[inline] pub fn #method(&self) -> #ty { self.#field })
            }
        }
    });
    let load = resource.load.iter().map(|it| writer.action(it));
    let actions = resource.actions.iter().filter(|it| !it.request.needs_attributes).map(|it| writer.action(it));
    let factories = resource.factories.iter().map(|it| writer.factory(it));
    let collections = resource.collections.iter().map(|it| writer.collection(it));
    let waiters = resource.waiters.iter().map(|it| writer.waiter(it));
    let loaded = resource.actions.iter().filter(|it| it.request.needs_attributes).map(|it| writer.action(it));
    let attributes = resource.data.iter().flat_map(|it| &it.attributes).map(|it| attribute(writer, it));
    let references = resource.references.iter().map(|it| writer.reference(it));
    let loaded: Vec<TokenStream> = attributes.chain(references).chain(loaded).collect();
    let loaded = (!loaded.is_empty()).then(|| quote!(impl crate::Loaded<#name> { #(#loaded)* }));
    quote! {
        impl #name { #(#aliases)* #(#load)* #(#actions)* #(#factories)* #(#collections)* #(#waiters)* }
        #loaded
    }
}

fn attribute(writer: &Writer<'_>, attribute: &Attribute) -> TokenStream {
    let (method, field) = (ident(&attribute.method), ident(&attribute.ident));
    let (ty, value) = getter(writer, &attribute.ty, quote!(self.data().#field));
    let fallback = format!("The attribute `{}`.", attribute.method.trim_start_matches("r#"));
    let prose = docs::item(&attribute.docs, &fallback);
    quote! {
        #prose
        #[inline]
        pub fn #method(&self) -> #ty { #value }
    }
}

/// The type and the expression that a getter returns: a copy of a `Copy` type, a reference to anything else.
fn getter(writer: &Writer<'_>, ty: &Type, field: TokenStream) -> (TokenStream, TokenStream) {
    let is_copy =
        |ty: &Type| matches!(ty, Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 | Type::Timestamp);
    match ty {
        ty if is_copy(ty) || is_copy(ty.present()) => (writer.ty(ty), field),
        Type::List(inner) => {
            let ty = writer.ty(inner);
            (quote!(&[#ty]), quote!(&#field))
        }
        Type::Option(inner) => match &**inner {
            Type::String => (quote!(Option<&str>), quote!(#field.as_deref())),
            Type::Boxed(inner) => {
                let ty = writer.ty(inner);
                (quote!(Option<&#ty>), quote!(#field.as_deref()))
            }
            inner => {
                let ty = writer.ty(inner);
                (quote!(Option<&#ty>), quote!(#field.as_ref()))
            }
        },
        other => {
            let ty = writer.ty(other);
            (quote!(&#ty), quote!(&#field))
        }
    }
}
