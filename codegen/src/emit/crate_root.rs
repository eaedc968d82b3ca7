//! The root module of a client crate (`lib.rs`), its index of types, and the description of the service.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::ident::{generated, ident};
use crate::ir::{Crate, Definition, Operation, Protocol, Type};

pub(super) fn lib(krate: &Crate) -> TokenStream {
    let generated = generated();
    let full_name = &krate.service.full_name;
    let summary = match krate.service.docs.summary.as_str() {
        "" => format!("{full_name}."),
        text => text.to_owned(),
    };
    let crate_name = krate.package.replace('-', "_");
    let is_string = |op: &Operation, index: &usize| {
        matches!(op.input.fields[*index].ty.present(), Type::String | Type::Enumeration(_))
    };
    let takes_strings = |op: &&Operation| op.arguments.iter().all(|index| is_string(op, index));
    let simplest = krate.operations.iter().filter(takes_strings).min_by_key(|op| op.arguments.len());
    let (compiles, call) = match simplest.or(krate.operations.first()) {
        Some(op) => {
            let method = op.method.trim_start_matches("r#");
            let arguments: Vec<_> = op.arguments.iter().map(|_| "\"…\"").collect();
            (simplest.is_some(), format!("client.{method}({})", arguments.join(", ")))
        }
        None => (false, "client".to_owned()),
    };
    let fence = if compiles { "no_run" } else { "ignore" };
    let text = format!(
        "{full_name}, API version {}.\n\n{summary}\n\n```{fence}\n# async fn example() -> aws_core::Result<()> {{\n\
         let session = aws_core::Session::builder().region(\"us-east-1\").build()?;\n\
         let client = {crate_name}::Client::new(&session);\n\
         let response = {call}.send().await?;\nprintln!(\"{{response:?}}\");\n# Ok(())\n# }}\n```\n\n\
         # Contents\n\n\
         * [`Client`]: one method for each operation and each waiter.\n\
         * [`Request`]: returned by the methods of the client. Set other parameters on it, then `send` it.\n\
         * [`Waiter`]: a request that is sent until what it waits for has happened. Await it.\n\
         * [`operation`]: each operation, with its parameters, its output and examples.\n\
         * [`types`]: structures, unions and enumerations that operations share.\n\
         * [`error`]: the modelled exceptions.{}",
        krate.service.api_version,
        if krate.custom { "\n* [`custom`]: what the model does not describe." } else { "" }
    );
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    let types = (!krate.types.is_empty()).then(|| {
        quote!(
            pub mod types;
        )
    });
    let types = types.unwrap_or_else(|| {
        quote!(
            #[doc = " Types that operations share. This service has none."]
            pub mod types {}
        )
    });
    let custom = krate.custom.then(|| {
        quote!(
            #[deny(unsafe_code)]
            pub mod custom;
        )
    });
    // Deprecated types are part of the API, so the crate itself refers to them. Descriptions promise the layout of their
    // types; hand-written code promises nothing.
    let allowed = match has_deprecated_types(krate) {
        true => quote!(#![allow(deprecated, unsafe_code)]),
        false => quote!(#![allow(unsafe_code)]),
    };
    let is_enumeration = |it: &Definition| matches!(it, Definition::Enumeration(_));
    let enumerations = krate.types.values().flatten().any(is_enumeration).then(|| {
        let prose = docs::lines(
            "An open string enumeration. Every enumeration in [`types`] is an alias of this type with its own\n\
             constants, which its documentation names; any other string is accepted and kept.\n\
             \n\
             It is compared with strings and made from them (`into()`, `parse()`). Constants are patterns of `match`, which\n\
             takes an enumeration by value and moves nothing: `match state`, behind a reference `match *state`, and of an\n\
             optional member `match output.state { Some(State::ACTIVE) => …, _ => … }`.",
        );
        quote!(#generated::enumerations! { #prose pub Enumeration })
    });
    quote! {
        #(#![doc = #lines])*
        #![doc(html_no_source)]
        #allowed
        mod client;
        #custom
        pub mod error;
        pub mod operation;
        mod service;
        #types
        pub use aws_core::{Error, Result};
        pub use client::{Client, Request, Waiter};
        #enumerations
    }
}

fn has_deprecated_types(krate: &Crate) -> bool {
    let docs = krate.types.values().flatten().map(|definition| match definition {
        Definition::Structure(it) | Definition::Union(it) => &it.docs,
        Definition::Enumeration(it) => &it.docs,
    });
    docs.chain(krate.errors.iter().map(|error| &error.docs)).any(|docs| docs.deprecated.is_some())
}

/// `types.rs`: the files, and every type at one flat path.
pub(super) fn types(krate: &Crate) -> TokenStream {
    let modules = krate.types.iter().map(|(name, definitions)| {
        let module = ident(&crate::name::escape(name));
        let types = definitions.iter().map(|definition| match definition {
            Definition::Structure(it) | Definition::Union(it) => ident(&it.ty),
            Definition::Enumeration(it) => ident(&it.ty),
        });
        quote!(#module [#(#types),*],)
    });
    let generated = generated();
    quote! {
        //! Structures, unions and enumerations that operations share.
        #generated::files! { #(#modules)* }
    }
}

/// `service.rs`: the description of the service for the runtime.
pub(super) fn service(krate: &Crate) -> TokenStream {
    let generated = generated();
    let service = &krate.service;
    let (id, version, endpoint, signing) =
        (&service.id, &service.api_version, &service.endpoint_prefix, &service.signing_name);
    let (s3, retries, discovery) = (service.s3_signature, &service.retries, &service.discovery);
    let protocol = protocol(&service.protocol);
    let (rules, sessions) = (service.rules.as_deref().unwrap_or_default(), &service.sessions);
    quote! {
        //! The description of the service: names, protocol and endpoint rules.
        pub(crate) static SERVICE: #generated::Service = #generated::Service {
            id: #id,
            api_version: #version,
            endpoint_prefix: #endpoint,
            signing_name: #signing,
            s3_signature: #s3,
            retries: #retries,
            discovery: #generated::LazyOperation::new(#discovery),
            protocol: &#generated::#protocol,
            rules: #generated::LazyRules::new(#rules),
            sessions: #generated::LazyOperation::new(#sessions),
        };
    }
}

/// The value of the runtime's type for a protocol.
fn protocol(protocol: &Protocol) -> TokenStream {
    match protocol {
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
