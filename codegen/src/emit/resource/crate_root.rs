//! The root module of a resource crate (`lib.rs`), its `Cargo.toml` and `README.md`.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::features;
use super::super::ident::{generated, ident};
use super::batch::has_batches;
use super::value::Writer;
use crate::ir::Type;
use crate::ir::resource::{Collection, Crate, IdentifierValue, Resource};
use crate::output::header;

pub(super) fn lib(writer: &Writer<'_>, krate: &Crate) -> TokenStream {
    let (generated, client) = (generated(), ident(&krate.client.replace('-', "_")));
    let text = format!(
        "An object-oriented interface to {}, like boto3's resources: identifiers, attributes, actions, sub-resources, \
         collections and waiters.\n\n\
         ```no_run\n# async fn example() -> aws_core::Result<()> {{\n{}\n# Ok(())\n# }}\n```\n\n\
         # Contents\n\n\
         * [`{root}`]: the service resource. Creates every resource from its identifiers and lists some.\n\
         * A resource holds a client and its identifiers. Creating one sends no request; neither does reading an \
         identifier.\n\
         * [`Loaded`]: a resource with its attributes, from `load()` or from a collection. It is a snapshot: actions \
         do not change it, and `reload()` fetches it again.\n\
         * [`Action`]: a request whose response becomes a resource. Other actions return a \
         [`Request`]({client}::Request) of the client. Set other parameters on it, then send it.\n\
         * [`Collection`]: a lazy list that can be filtered and limited.{batches}\n\
         * [`{root}::client`]: the client, for everything that has no resource.\n\n\
         # Resources and their identifiers\n\n{}",
        krate.full_name,
        example(krate),
        resource_list(krate),
        root = krate.root.ty,
        batches = if has_batches(krate) { BATCHES } else { "" },
    );
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    let modules = krate.resources.iter().map(|resource| {
        let (module, ty) = (ident(&resource.module), ident(&resource.ty));
        quote!(mod #module; pub use #module::#ty;)
    });
    let root = ident(&krate.root.ty);
    let custom = krate.custom.then(|| {
        quote!(
            mod custom;
        )
    });
    let deprecated = krate.resources.iter().any(|it| it.deprecated.is_some()).then(|| quote!(#![allow(deprecated)]));
    let batches = has_batches(krate).then(|| {
        let outputs = krate.batch_outputs.iter().map(|it| writer.batch_output(it));
        quote!(#generated::resource::batches!(#client); #(#outputs)*)
    });
    quote! {
        #(#![doc = #lines])*
        #![doc(html_no_source)]
        #deprecated
        #custom
        mod service;
        pub use service::#root;
        #(#modules)*
        pub use aws_core::{Error, Result};
        #generated::resource::layer!(#client);
        #batches
    }
}

/// What a crate with batch actions says of them.
const BATCHES: &str = " Some have actions on all elements, which return a [`Batch`].\n\
                       * [`batch`], [`batch_stream`]: the same actions on resources from an iterator or a stream.";

/// A Markdown list of the resources, each with its identifiers.
fn resource_list(krate: &Crate) -> String {
    let line = |resource: &Resource| {
        let identifiers = resource.identifiers.iter().map(|it| format!("`{}`", it.ident.trim_start_matches("r#")));
        match resource.identifiers.is_empty() {
            true => format!("* [`{}`]", resource.ty),
            false => format!("* [`{}`] ({})", resource.ty, identifiers.collect::<Vec<_>>().join(", ")),
        }
    };
    krate.resources.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// An example with a resource and a collection, about ten lines.
fn example(krate: &Crate) -> String {
    let crate_name = krate.package.replace('-', "_");
    let root = &krate.root;
    let variable = root.ty.to_lowercase();
    let mut lines = vec![
        "let session = aws_core::Session::builder().region(\"us-east-1\").build()?;".to_owned(),
        format!("let {variable} = {crate_name}::{}::new(&session);", root.ty),
    ];
    // The most instructive resource has one string as its identifier and a collection.
    let found = root.factories.iter().find_map(|factory| {
        let resource = krate.resources.iter().find(|resource| resource.ty == factory.ty)?;
        let collection = resource.collections.iter().max_by_key(|collection| example_rank(krate, collection))?;
        let named = matches!(&factory.identifiers[..], [IdentifierValue::Argument(it)] if it.ty == Type::String);
        (named && collection.request.arguments.is_empty()).then_some((factory, resource, collection))
    });
    let (parent, collection) = match found {
        Some((factory, resource, collection)) => {
            let name = super::super::file(&resource.module);
            lines.push(format!("let {name} = {variable}.{}(\"…\");", factory.method));
            (name, Some(collection))
        }
        None => (variable.as_str(), root.collections.iter().find(|it| it.request.arguments.is_empty())),
    };
    if let Some(collection) = collection {
        let method = &collection.method;
        lines.push(format!("let mut {method} = {parent}.{method}().limit(100);"));
        lines.push(format!("while let Some(element) = {method}.try_next().await? {{"));
        lines.push("    println!(\"{element:?}\");".to_owned());
        lines.push("}".to_owned());
    }
    lines.join("\n")
}

/// How well a collection serves as an example: first those with loaded elements, then those with batch actions.
fn example_rank(krate: &Crate, collection: &Collection) -> (bool, bool) {
    let elements = &collection.resources;
    let resource = krate.resources.iter().find(|resource| resource.ty == elements.ty);
    (elements.lists.len() == 1 && elements.is_loaded(), resource.is_some_and(|it| !it.batches.is_empty()))
}

pub(super) fn manifest(krate: &Crate) -> String {
    format!(
        "# {}\n\
         \n\
         [package]\n\
         name = \"{}\"\n\
         description = \"An object-oriented interface to {}: resources, collections, actions\"\n\
         version.workspace = true\n\
         edition.workspace = true\n\
         rust-version.workspace = true\n\
         license.workspace = true\n\
         \n\
         [dependencies]\n\
         aws-core.workspace = true\n\
         {client} = {{ path = \"../{client}\", default-features = false }}\n\
         \n\
         {features}\
         \n\
         [lints]\n\
         workspace = true\n",
        header(&krate.origin),
        krate.package,
        krate.full_name,
        client = krate.client,
        features = features::table(false),
    )
}

pub(super) fn readme(krate: &Crate) -> String {
    let count = match krate.resources.len() {
        1 => "1 resource".to_owned(),
        many => format!("{many} resources"),
    };
    format!(
        "# {}\n\n\
         An object-oriented interface to {}: {}, based on the client crate `{}`.\n\n\
         ```rust\n{}\n```\n\n\
         Resources and their identifiers:\n\n\
         {}\n\n\
         Generated by `cargo xtask generate` from `{}`; do not edit. Hand-written code belongs in `src/custom/`.\n",
        krate.package,
        krate.full_name,
        count,
        krate.client,
        example(krate),
        resource_list(krate).replace(['[', ']'], ""),
        krate.origin,
    )
}
