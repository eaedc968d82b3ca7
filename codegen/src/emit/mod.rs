//! Lays a crate of [`crate::ir`] out as Rust items: one function for each kind of item. The only layer that creates
//! tokens. Knows no model and decides nothing but layout.

mod client;
mod crate_root;
mod docs;
mod enumeration;
mod error;
mod features;
mod ident;
mod manifest;
mod operation;
mod resource;
mod service_table;
mod structure;

pub use resource::resource_crate;
pub use service_table::service_table;

use std::collections::BTreeMap;

use proc_macro2::TokenStream;

use crate::ir::{Crate, Definition};
use crate::name::escape;

/// The files of a crate before formatting, by path.
#[derive(Debug, Default)]
pub struct Items {
    /// Rust files, as tokens.
    pub rust: BTreeMap<String, TokenStream>,
    /// Other files, as text.
    pub text: BTreeMap<String, String>,
}

/// Lays out a client crate.
pub fn client_crate(krate: &Crate) -> Items {
    let mut items = Items::default();
    let mut add = |path: String, tokens: TokenStream| {
        items.rust.insert(path, tokens);
    };
    add("src/lib.rs".into(), crate_root::lib(krate));
    add("src/client.rs".into(), client::client(krate));
    add("src/service.rs".into(), crate_root::service(krate));
    add("src/operation.rs".into(), operation::index(krate));
    for operation in &krate.operations {
        add(format!("src/operation/{}.rs", file(&operation.method)), operation::operation(operation, krate));
    }
    if !krate.types.is_empty() {
        add("src/types.rs".into(), crate_root::types(krate));
    }
    for (name, definitions) in &krate.types {
        let tokens = definitions.iter().map(|definition| match definition {
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

/// The name of a module's file, without the `r#` of a raw identifier.
fn file(module: &str) -> &str {
    module.strip_prefix("r#").unwrap_or(module)
}
