//! The contents page of a resource crate, its `Cargo.toml` and `README.md`.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::ident::{door, ident};
use crate::ir::Type;
use crate::ir::resource::{Collection, Crate, Resource, Source};
use crate::output::header;

pub(super) fn lib(krate: &Crate) -> TokenStream {
    let (door, client) = (door(), ident(&krate.client.replace('-', "_")));
    let text = format!(
        "{}, object-oriented: resources with identifiers, attributes, actions, sub-resources, collections and waiters.\n\n\
         ```no_run\n# async fn example() -> aws_core::Result<()> {{\n{}\n# Ok(())\n# }}\n```\n\n\
         # Where things are\n\n\
         * [`{root}`]: the service; it makes every resource of its identifiers, and lists some.\n\
         * A resource holds a client and identifiers. Making one calls nothing, and neither does asking for an identifier.\n\
         * [`Loaded`]: a resource with its attributes, of `load()` or of a collection. It is a snapshot: no action changes \
         it, and `reload()` fetches it anew.\n\
         * [`Action`]: a call that makes a resource. Other calls are a [`Request`]({client}::Request) of the client: set \
         what is optional, then send it.\n\
         * [`Collection`]: a lazy list, to be filtered, limited, and gone through; some have actions for all elements at \
         once, which are a [`Batch`].\n\
         * [`{root}::client`]: the client itself, for all that has no resource.\n\n\
         # Resources\n\n{}",
        krate.full_name,
        example(krate),
        krate.resources.iter().map(line).collect::<Vec<_>>().join("\n"),
        root = krate.root.ty,
    );
    let lines = text.lines().map(|it| if it.is_empty() { String::new() } else { format!(" {it}") });
    let modules = krate.resources.iter().map(|it| {
        let (module, ty) = (ident(&it.module), ident(&it.ty));
        quote!(mod #module; pub use #module::#ty;)
    });
    let root = ident(&krate.root.ty);
    let custom = krate.custom.then(|| {
        quote!(
            mod custom;
        )
    });
    quote! {
        #(#![doc = #lines])*
        #custom
        mod service;
        pub use service::#root;
        #(#modules)*
        pub use aws_core::{Error, Result};
        #door::resource::layer!(#client);
    }
}

fn line(it: &Resource) -> String {
    let identifiers = it.identifiers.iter().map(|it| format!("`{}`", it.ident.trim_start_matches("r#")));
    match it.identifiers.is_empty() {
        true => format!("* [`{}`]", it.ty),
        false => format!("* [`{}`] of {}", it.ty, identifiers.collect::<Vec<_>>().join(", ")),
    }
}

/// Ten lines that show a resource and a collection.
fn example(krate: &Crate) -> String {
    let library = krate.package.replace('-', "_");
    let root = &krate.root;
    let variable = root.ty.to_lowercase();
    let mut lines = vec![
        "let session = aws_core::Session::builder().region(\"us-east-1\").build()?;".to_owned(),
        format!("let {variable} = {library}::{}::new(&session);", root.ty),
    ];
    // A resource that is named by one text and lists others shows most.
    let found = root.factories.iter().find_map(|it| {
        let resource = krate.resources.iter().find(|resource| resource.ty == it.ty)?;
        let collection = resource.collections.iter().max_by_key(|it| merit(krate, it))?;
        let named = matches!(&it.identifiers[..], [Source::Argument(it)] if it.ty == Type::String);
        (named && collection.request.arguments.is_empty()).then_some((it, resource, collection))
    });
    let (of, collection) = match found {
        Some((factory, resource, collection)) => {
            let name = super::super::file(&resource.module);
            lines.push(format!("let {name} = {variable}.{}(\"…\");", factory.method));
            (name, Some(collection))
        }
        None => (variable.as_str(), root.collections.iter().find(|it| it.request.arguments.is_empty())),
    };
    if let Some(it) = collection {
        let method = &it.method;
        lines.push(format!("let mut {method} = {of}.{method}().limit(100);"));
        lines.push(format!("while let Some(element) = {method}.try_next().await? {{"));
        lines.push("    println!(\"{element:?}\");".to_owned());
        lines.push("}".to_owned());
    }
    lines.join("\n")
}

/// Collections whose elements come with attributes, and with actions for many.
fn merit(krate: &Crate, it: &Collection) -> (bool, bool) {
    let resource = krate.resources.iter().find(|resource| resource.ty == it.made.ty);
    (it.made.lists.len() == 1 && it.made.is_loaded(), resource.is_some_and(|it| !it.batches.is_empty()))
}

pub(super) fn manifest(krate: &Crate) -> String {
    format!(
        "# {}\n\
         \n\
         [package]\n\
         name = \"{}\"\n\
         description = \"{}, object-oriented: resources, collections, actions\"\n\
         version.workspace = true\n\
         edition.workspace = true\n\
         rust-version.workspace = true\n\
         license.workspace = true\n\
         \n\
         [dependencies]\n\
         aws-core.workspace = true\n\
         {client} = {{ path = \"../{client}\" }}\n\
         \n\
         [lints]\n\
         workspace = true\n\
         \n\
         [package.metadata.docs.rs]\n\
         all-features = true\n",
        header(&krate.origin),
        krate.package,
        krate.full_name,
        client = krate.client,
    )
}

pub(super) fn readme(krate: &Crate) -> String {
    format!(
        "# {}\n\n\
         {}, object-oriented: {} resources over the client `{}`.\n\n\
         ```rust\n{}\n```\n\n\
         {}\n\n\
         Generated by `cargo xtask generate` from `{}`. Do not edit; what is written by hand stands in `src/custom/`.\n",
        krate.package,
        krate.full_name,
        krate.resources.len(),
        krate.client,
        example(krate),
        krate.resources.iter().map(line).collect::<Vec<_>>().join("\n").replace(['[', ']'], ""),
        krate.origin,
    )
}
