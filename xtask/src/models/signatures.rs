//! The record of published signatures, `models/signatures/<service>.txt`: adds what a release brings. Which arguments a
//! method has is decided by the generator, which takes them from the record first; so a line changes only if AWS removed
//! a member.

use std::fs;
use std::path::Path;

use codegen::compare::ResolvedService;
use codegen::report::Report;
use codegen::source::{Manifest, ModelStore, Published, ServicePlan, print_published};

use crate::Outcome;
use crate::workspace::{self, plural};

/// Records the signatures of all services of a release in `folder`; returns the lines to print.
pub(super) fn record(folder: &Path, store: &ModelStore, manifest: &Manifest, dry_run: bool) -> Outcome<String> {
    let services = store.services()?;
    let results = workspace::parallel(&services, |service| published(store, service, manifest));
    let (mut added, mut changed) = (0, Vec::new());
    for (service, published) in services.iter().zip(results) {
        let before = manifest.signatures.get(service).cloned().unwrap_or_default();
        for (method, arguments) in &published {
            match before.published(method) {
                None => added += 1,
                Some(old) if old != arguments => changed.push(format!(
                    "  {service} {method}: ({}) becomes ({})",
                    old.join(", "),
                    arguments.join(", ")
                )),
                Some(_) => {}
            }
        }
        let text = print_published(&before.after(published).published);
        let path = folder.join("signatures").join(format!("{service}.txt"));
        if text.is_empty() || dry_run || fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        fs::create_dir_all(folder.join("signatures"))?;
        fs::write(path, text)?;
    }
    let mut lines = vec![format!("signatures: {} recorded, {} changed", plural(added, "method"), changed.len())];
    lines.append(&mut changed);
    Ok(lines.join("\n") + "\n")
}

/// The signatures of a service's methods; none if its model has problems, which generating reports.
fn published(store: &ModelStore, service: &str, manifest: &Manifest) -> Published {
    let mut report = Report::new();
    let Some(source) = store.load(service, &mut report) else { return Published::new() };
    let plan = ServicePlan { emit: true, operations: Vec::new(), ..manifest.plan(&source) };
    ResolvedService::new(source, &plan).signatures()
}
