//! The decided crate to items: one function an item, one file a kind. The only floor that makes tokens; it looks nothing
//! up in the model and decides nothing but layout.

mod client;
mod docs;
mod enumeration;
mod error;
mod ident;
mod library;
mod manifest;
mod operation;
mod resource;
mod structure;
mod tables;

pub use resource::resource_crate;
pub use tables::tables;

use std::collections::BTreeMap;

use proc_macro2::TokenStream;

use crate::ir::{Crate, Definition};
use crate::name::escape;

/// The files of a crate: items by path, and texts that are no Rust.
#[derive(Debug, Default)]
pub struct Items {
    /// Rust files.
    pub rust: BTreeMap<String, TokenStream>,
    /// Other files.
    pub text: BTreeMap<String, String>,
}

/// Lays out a client crate.
pub fn client_crate(krate: &Crate) -> Items {
    let mut items = Items::default();
    let mut add = |path: String, tokens: TokenStream| {
        items.rust.insert(path, tokens);
    };
    add("src/lib.rs".into(), library::lib(krate));
    add("src/client.rs".into(), client::client(krate));
    add("src/service.rs".into(), library::service(krate));
    add("src/operation.rs".into(), operation::index(krate));
    for operation in &krate.operations {
        add(format!("src/operation/{}.rs", file(&operation.method)), operation::operation(operation));
    }
    if !krate.types.is_empty() {
        add("src/types.rs".into(), library::types(krate));
    }
    for (name, definitions) in &krate.types {
        let tokens = definitions.iter().map(|it| match it {
            Definition::Structure(it) => structure::structure(it),
            Definition::Union(it) => structure::union(it),
            Definition::Enumeration(it) => enumeration::enumeration(it),
        });
        add(format!("src/types/{}.rs", file(&escape(name))), tokens.collect());
    }
    add("src/error.rs".into(), error::errors(krate));
    items.text.insert("Cargo.toml".into(), manifest::manifest(krate));
    items.text.insert("README.md".into(), manifest::readme(krate));
    items
}

/// The name of a module's file: raw identifiers keep their bare name.
fn file(module: &str) -> &str {
    module.strip_prefix("r#").unwrap_or(module)
}
