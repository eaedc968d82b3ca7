//! The tables of the few services that the runtime itself calls for credentials: which operations, and where they go.

use std::fs;

use codegen::report::Report;
use codegen::source::{Library, Plan};

use crate::workspace;
use crate::{Failure, Outcome};

/// Services by their folder, and what is called of them.
const CALLED: &[(&str, &[&str])] = &[
    ("signin", &["CreateOAuth2Token"]),
    ("sso", &["GetRoleCredentials"]),
    ("sso-oidc", &["CreateToken"]),
    ("sts", &["AssumeRole", "AssumeRoleWithWebIdentity"]),
];

/// Writes or checks `runtime/src/sources/services/*.rs`; names the files that are not as generated.
pub(crate) fn write(only_check: bool) -> Outcome<Vec<String>> {
    let library = Library::open(&workspace::models());
    let (mut report, mut stale) = (Report::new(), Vec::new());
    for (name, operations) in CALLED {
        let text = library.load(name, &mut report).and_then(|source| {
            let operations = operations.iter().map(|it| (*it).to_owned()).collect();
            codegen::tables(&source, &Plan { operations, ..Plan::of(name) }, &mut report)
        });
        workspace::fail_on(&report)?;
        let text = text.ok_or_else(|| Failure::Found(format!("{name} gave no tables")))?;
        let name = format!("runtime/src/sources/services/{}.rs", name.replace('-', "_"));
        let path = workspace::root().join(&name);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        if only_check {
            stale.push(format!("{name}: out of date"));
            continue;
        }
        fs::write(&path, text)?;
        println!("tables: {name} written");
    }
    Ok(stale)
}
