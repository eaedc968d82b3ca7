//! What is generated into the runtime itself rather than into a crate of its own: partitions, services and their regions,
//! and the tables of the few services that are called for credentials. Knows which files there are, not what is in them.

use std::path::Path;

use serde_json::Value;

use crate::expr::{modes, partitions, regions};
use crate::report::{Place, Report};
use crate::source::{Library, Plan, ServiceSource};
use crate::{emit, fixups, model, output, resolve};

/// Services that the runtime calls, by their folder, and what is called of them.
const CALLED: &[(&str, &[&str])] = &[
    ("signin", &["CreateOAuth2Token"]),
    ("sso", &["GetRoleCredentials"]),
    ("sso-oidc", &["CreateToken"]),
    ("sts", &["AssumeRole", "AssumeRoleWithWebIdentity"]),
];

/// The generated files of the runtime, each with its path below the workspace and its text, from a folder laid out as
/// `models/` is. A file is missing after a complaint.
pub fn files(models: &Path, report: &mut Report) -> Vec<(String, String)> {
    let library = Library::open(models);
    let mut shared = |name| library.shared(name, report).map_or(Value::Null, |it| it.value);
    let [known, services, places] = ["partitions.json", "services.json", "regions.json"].map(&mut shared);
    let defaults = shared("sdk-default-configuration.json");
    let mut files = Vec::new();
    if report.is_empty() {
        for (name, text) in [
            ("config/modes.rs", modes::emit(&defaults)),
            ("endpoint/partitions.rs", partitions::emit(&known)),
            ("regions/table.rs", regions::emit(&services, &places, &known)),
        ] {
            match text {
                Ok(text) => files.push((format!("runtime/src/{name}"), text)),
                Err(lines) => lines.lines().for_each(|line| report.problem(Place::new("models/shared"), line)),
            }
        }
    }
    for (name, operations) in CALLED {
        let Some(source) = library.load(name, report) else { continue };
        let operations = operations.iter().map(|it| (*it).to_owned()).collect();
        if let Some(text) = calls(&source, &Plan { operations, ..Plan::of(name) }, report) {
            files.push((format!("runtime/src/sources/services/{}.rs", name.replace('-', "_")), text));
        }
    }
    files
}

/// The operations of `plan` as one file, in the runtime's own paths. `None` after a complaint.
fn calls(source: &ServiceSource, plan: &Plan, report: &mut Report) -> Option<String> {
    let before = report.len();
    let mut models = model::read(source, report)?;
    fixups::apply(&mut models, report);
    if report.len() > before {
        return None;
    }
    let items = emit::tables(resolve::resolve(&models, source, plan, report)?);
    let origin = resolve::origin(source);
    match output::format_items(&source.name, &output::header(&origin), items) {
        Ok(text) => Some(text.replace("crate::types::", "").replace("aws_core::", "crate::")),
        Err(error) => {
            report.problem(Place::new(&origin), error.to_string());
            None
        }
    }
}
