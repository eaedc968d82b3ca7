//! The decided resource crate to items: one file a resource, and the contents page.

mod library;
mod method;
mod value;

use proc_macro2::TokenStream;
use quote::quote;

use super::ident::{door, ident};
use super::{Items, docs, file};
use crate::ir::Type;
use crate::ir::resource::{Attribute, Crate, Resource};
use value::Writer;

/// Lays out a resource crate.
pub fn resource_crate(krate: &Crate) -> Items {
    let writer = Writer::new(&krate.client);
    let mut items = Items::default();
    items.rust.insert("src/lib.rs".into(), library::lib(krate));
    items.rust.insert("src/service.rs".into(), root(&writer, krate));
    for resource in &krate.resources {
        let path = format!("src/{}.rs", file(&resource.module));
        items.rust.insert(path, self::resource(&writer, krate, resource));
    }
    items.text.insert("Cargo.toml".into(), library::manifest(krate));
    items.text.insert("README.md".into(), library::readme(krate));
    items
}

fn root(writer: &Writer, krate: &Crate) -> TokenStream {
    let (door, name, client) = (door(), ident(&krate.root.ty), &writer.client);
    let prose = docs::lines(&format!(
        "{}, whose resources are made and listed here.\n\nCheap to clone; making one calls nothing.",
        krate.full_name
    ));
    let methods = methods(writer, &krate.root);
    quote! {
        //! The service itself.
        #door::resource::root! { #prose #name(#client::Client) }
        #methods
    }
}

fn resource(writer: &Writer, krate: &Crate, it: &Resource) -> TokenStream {
    let (door, name, client) = (door(), ident(&it.ty), &writer.client);
    let prose = docs::lines(&format!(
        "The resource {} of {}.\n\nA client and identifiers: cheap to clone, and equal if the identifiers are.",
        it.name, krate.full_name
    ));
    let identifiers = it.identifiers.iter().map(|it| {
        let (prose, field, ty) =
            (docs::lines(&format!("The identifier {}.", it.name)), ident(&it.ident), writer.ty(&it.ty));
        let secret = it.secret.then(|| quote!(secret));
        quote!(#prose #field: #ty #secret,)
    });
    let data = it.data.as_ref().map(|data| {
        let place = writer.place(&data.place);
        let load = it.load.is_some().then(|| quote!(#door::resource::load!(#name);));
        quote!(#door::resource::data!(#name, #place); #load)
    });
    let methods = methods(writer, it);
    let batches = it.batches.iter().map(|batch| writer.batch(it, batch));
    quote! {
        #door::resource::resource! { #prose #name(#client::Client) { #(#identifiers)* } }
        #data
        #methods
        #(#batches)*
    }
}

/// What can be done with a resource, and what with a loaded one only.
fn methods(writer: &Writer, it: &Resource) -> TokenStream {
    let name = ident(&it.ty);
    let aliases = it.aliases.iter().map(|(method, at)| {
        let (identifier, method) = (&it.identifiers[*at], ident(method));
        let field = ident(&identifier.ident);
        let prose = docs::lines(&format!("The identifier {}, by the name it has as an attribute.", identifier.name));
        match identifier.ty {
            Type::String => quote!(#prose #[inline] pub fn #method(&self) -> &str { &self.#field }),
            _ => {
                let ty = writer.ty(&identifier.ty);
                quote!(#prose #[inline] pub fn #method(&self) -> #ty { self.#field })
            }
        }
    });
    let load = it.load.iter().map(|it| writer.action(it));
    let actions = it.actions.iter().filter(|it| !it.request.loaded).map(|it| writer.action(it));
    let factories = it.factories.iter().map(|it| writer.factory(it));
    let collections = it.collections.iter().map(|it| writer.collection(it));
    let waiters = it.waiters.iter().map(|it| writer.waiter(it));
    let loaded = it.actions.iter().filter(|it| it.request.loaded).map(|it| writer.action(it));
    let attributes = it.data.iter().flat_map(|it| &it.attributes).map(|it| attribute(writer, it));
    let references = it.references.iter().map(|it| writer.reference(it));
    let loaded: Vec<TokenStream> = attributes.chain(references).chain(loaded).collect();
    let loaded = (!loaded.is_empty()).then(|| quote!(impl crate::Loaded<#name> { #(#loaded)* }));
    quote! {
        impl #name { #(#aliases)* #(#load)* #(#actions)* #(#factories)* #(#collections)* #(#waiters)* }
        #loaded
    }
}

fn attribute(writer: &Writer, it: &Attribute) -> TokenStream {
    let (method, field) = (ident(&it.method), ident(&it.ident));
    let (ty, value) = getter(writer, &it.ty, quote!(self.data().#field));
    let prose = docs::item(&it.docs, &format!("The attribute `{}`.", it.method.trim_start_matches("r#")));
    quote! {
        #prose
        #[inline]
        pub fn #method(&self) -> #ty { #value }
    }
}

/// The type that a getter returns, and how: what can be copied is, the rest is borrowed.
fn getter(writer: &Writer, it: &Type, field: TokenStream) -> (TokenStream, TokenStream) {
    let copied = |it: &Type| matches!(it, Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 | Type::Timestamp);
    match it {
        it if copied(it) || copied(it.present()) => (writer.ty(it), field),
        Type::Option(inner) => match &**inner {
            Type::String => (quote!(Option<&str>), quote!(#field.as_deref())),
            Type::List(inner) => {
                let ty = writer.ty(inner);
                (quote!(&[#ty]), quote!(#field.as_deref().unwrap_or_default()))
            }
            Type::Boxed(inner) => {
                let ty = writer.ty(inner);
                (quote!(Option<&#ty>), quote!(#field.as_deref()))
            }
            inner => {
                let ty = writer.ty(inner);
                (quote!(Option<&#ty>), quote!(#field.as_ref()))
            }
        },
        Type::List(inner) => {
            let ty = writer.ty(inner);
            (quote!(&[#ty]), quote!(&#field))
        }
        other => {
            let ty = writer.ty(other);
            (quote!(&#ty), quote!(&#field))
        }
    }
}
