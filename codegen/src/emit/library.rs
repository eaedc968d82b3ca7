//! The contents page of a client crate, its index of types, and the service's own facts.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::ident::{door, ident};
use crate::ir::{Crate, Definition, Protocol};

pub(super) fn lib(krate: &Crate) -> TokenStream {
    let door = door();
    let full_name = &krate.service.full_name;
    let summary = match krate.service.docs.summary.as_str() {
        "" => format!("{full_name}."),
        text => text.to_owned(),
    };
    let library = krate.package.replace('-', "_");
    let (example, call) = match krate.operations.iter().find(|it| it.arguments.is_empty()).or(krate.operations.first())
    {
        Some(it) => {
            let method = it.method.trim_start_matches("r#");
            let arguments: Vec<_> = it.arguments.iter().map(|_| "\"…\"").collect();
            (it.arguments.is_empty(), format!("client.{method}({})", arguments.join(", ")))
        }
        None => (false, "client".to_owned()),
    };
    let fence = if example { "no_run" } else { "ignore" };
    let text = format!(
        "{full_name}, API version {}.\n\n{summary}\n\n```{fence}\n# async fn example() -> aws_core::Result<()> {{\n\
         let session = aws_core::Session::builder().region(\"us-east-1\").build()?;\n\
         let client = {library}::Client::new(&session);\n\
         let answer = {call}.send().await?;\nprintln!(\"{{answer:?}}\");\n# Ok(())\n# }}\n```\n\n\
         # Where things are\n\n\
         * [`Client`]: one method an operation, and the waiters.\n\
         * [`operation`]: inputs and outputs, named for their operations.\n\
         * [`types`]: structures and enumerations that operations share.\n\
         * [`error`]: the modelled exceptions.\n\
         * [`Request`]: what every method of the client returns; set options on it, then `send` it.",
        krate.service.api_version
    );
    let lines = text.lines().map(|it| if it.is_empty() { String::new() } else { format!(" {it}") });
    let types = (!krate.types.is_empty()).then(|| {
        quote!(
            pub mod types;
        )
    });
    let types = types.unwrap_or_else(|| {
        quote!(
            #[doc = " Types that operations share: this service has none."]
            pub mod types {}
        )
    });
    let custom = krate.custom.then(|| {
        quote!(
            pub mod custom;
        )
    });
    // What the service advises against stays usable, so the crate itself uses it.
    let deprecated = holds_deprecated(krate).then(|| quote!(#![allow(deprecated)]));
    let request =
        docs::lines(&format!("A request to {full_name}: set options on it, then [`send`](Request::send) it."));
    let is_enumeration = |it: &Definition| matches!(it, Definition::Enumeration(_));
    let enumerations = krate.types.values().flatten().any(is_enumeration).then(|| {
        let prose = docs::lines(
            "A text of which the service names the values: each enumeration of [`types`] is this type, with constants of its\n\
             own. Values that this version does not know are kept as they are.",
        );
        quote!(#door::enumerations! { #prose pub Enumeration })
    });
    quote! {
        #(#![doc = #lines])*
        #deprecated
        mod client;
        #custom
        pub mod error;
        pub mod operation;
        mod service;
        #types
        pub use aws_core::{Error, Result};
        pub use client::Client;
        #door::request! { #request Request }
        #enumerations
    }
}

fn holds_deprecated(krate: &Crate) -> bool {
    let docs = krate.types.values().flatten().map(|it| match it {
        Definition::Structure(it) | Definition::Union(it) => &it.docs,
        Definition::Enumeration(it) => &it.docs,
    });
    docs.chain(krate.errors.iter().map(|it| &it.docs)).any(|it| it.deprecated.is_some())
}

/// `types.rs`: the files, and every type at one flat path.
pub(super) fn types(krate: &Crate) -> TokenStream {
    let modules = krate.types.iter().map(|(name, definitions)| {
        let module = ident(&crate::name::escape(name));
        let types = definitions.iter().map(|it| match it {
            Definition::Structure(it) | Definition::Union(it) => ident(&it.ty),
            Definition::Enumeration(it) => ident(&it.ty),
        });
        quote!(#module [#(#types),*],)
    });
    let door = door();
    quote! {
        //! Structures, unions and enumerations that operations share.
        #door::files! { #(#modules)* }
    }
}

/// `service.rs`: what the runtime must know of the service.
pub(super) fn service(krate: &Crate) -> TokenStream {
    let door = door();
    let it = &krate.service;
    let (id, version, endpoint, signing, s3, retries) =
        (&it.id, &it.api_version, &it.endpoint_prefix, &it.signing_name, it.s3_signature, &it.retries);
    let protocol = protocol(&it.protocol);
    let rules = it.rules.as_deref().unwrap_or_default();
    quote! {
        //! The service's own facts.
        pub(crate) static SERVICE: #door::Service = #door::Service {
            id: #id,
            api_version: #version,
            endpoint_prefix: #endpoint,
            signing_name: #signing,
            s3_signature: #s3,
            retries: #retries,
            protocol: &#door::#protocol,
            rules: #door::LazyRules::new(#rules),
        };
    }
}

/// The protocol's value in the runtime.
fn protocol(it: &Protocol) -> TokenStream {
    match it {
        Protocol::Json { version, target, query_compatible } => {
            quote!(AwsJson { version: #version, target: #target, query_compatible: #query_compatible })
        }
        Protocol::RestJson => quote!(RestJson),
        Protocol::RestXml => quote!(RestXml),
        Protocol::Cbor { target, query_compatible } => {
            quote!(RpcV2Cbor { target: #target, query_compatible: #query_compatible })
        }
        Protocol::Query { version } => quote!(AwsQuery { version: #version }),
        Protocol::Ec2 { version } => quote!(Ec2Query { version: #version }),
    }
}
