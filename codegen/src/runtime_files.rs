//! The generated files of the runtime: partitions, services and their regions, defaults modes, and the few services to
//! which the runtime itself sends requests for credentials. Knows which files there are, not their content.

use std::path::Path;

use serde_json::Value;

use crate::report::{Report, SourceLocation};
use crate::source::{ModelStore, ServicePlan, ServiceSource};
use crate::tables::{defaults_modes, partitions, regions};
use crate::{emit, fixups, model, output, resolve};

/// The services to which the runtime's credentials providers send requests, by folder, and the operations they use.
const CREDENTIAL_SERVICES: &[(&str, &[&str])] = &[
    ("cognito-identity", &["GetCredentialsForIdentity", "GetId"]),
    ("signin", &["CreateOAuth2Token"]),
    ("sso", &["GetRoleCredentials"]),
    ("sso-oidc", &["CreateToken"]),
    ("sts", &["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"]),
];

/// The generated files of the runtime, as pairs of path below the workspace and text. `models` is a folder with the
/// layout of `models/`. A file with problems is left out; the problems are in `report`.
pub fn files(models: &Path, report: &mut Report) -> Vec<(String, String)> {
    let store = ModelStore::open(models);
    let mut shared = |name| store.shared(name, report).map_or(Value::Null, |it| it.value);
    let [partitions, services, regions] = ["partitions.json", "services.json", "regions.json"].map(&mut shared);
    let defaults = shared("sdk-default-configuration.json");
    let mut files = Vec::new();
    if report.is_empty() {
        for (name, text) in [
            ("config/defaults_mode_table.rs", defaults_modes::emit(&defaults)),
            ("endpoint/partition_table.rs", partitions::emit(&partitions)),
            ("regions/table.rs", regions::emit(&services, &regions, &partitions)),
        ] {
            match text {
                Ok(text) => files.push((format!("runtime/src/{name}"), text)),
                Err(problems) => {
                    problems.lines().for_each(|it| report.problem(SourceLocation::new("models/shared"), it));
                }
            }
        }
    }
    for (name, operations) in CREDENTIAL_SERVICES {
        let Some(source) = store.load(name, report) else { continue };
        let operations = operations.iter().map(|it| (*it).to_owned()).collect();
        let plan = ServicePlan { operations, ..ServicePlan::default_for(name) };
        if let Some(text) = service_file(&source, &plan, report) {
            files.push((format!("runtime/src/credential_providers/services/{}.rs", name.replace('-', "_")), text));
        }
    }
    files
}

/// The operations of `plan` as one file, with paths as they are inside the runtime. `None` if there are problems.
fn service_file(source: &ServiceSource, plan: &ServicePlan, report: &mut Report) -> Option<String> {
    let before = report.len();
    let mut models = model::read(source, report)?;
    fixups::apply(&mut models, report);
    if report.len() > before {
        return None;
    }
    let items = emit::service_table(resolve::resolve(&models, source, plan, report)?);
    let origin = resolve::origin(source);
    match output::format_items(&source.name, &output::header(&origin), items) {
        Ok(text) => Some(text.replace("crate::types::", "").replace("aws_core::", "crate::")),
        Err(error) => {
            report.problem(SourceLocation::new(&origin), error.to_string());
            None
        }
    }
}
