//! `cargo xtask models diff OLD NEW`: fetches two releases, compares every service, and prints the differences.
//! Services with equal files are not read. The generator's `compare` decides what a difference means.

use std::collections::BTreeSet;
use std::path::PathBuf;

use codegen::compare::{ResolvedService, ServiceChanges, compare};
use codegen::report::Report;
use codegen::source::{Manifest, Published, ServicePlan};

use super::{Differences, Release, render, shared};
use crate::packages::PackageCache;
use crate::{Outcome, workspace};

/// Print what changed between two releases, and whether the generated crates stay compatible
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The old version of botocore; resources come from boto3 of the same version
    #[arg(value_name = "OLD")]
    old: String,
    /// The new version of botocore
    #[arg(value_name = "NEW")]
    new: String,
    /// Print Markdown, for the description of a pull request
    #[arg(long)]
    markdown: bool,
    /// Wheels or folders of wheels that have the packages, instead of PyPI
    #[arg(long, value_name = "PATH", num_args = 1..)]
    from: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let mut report = Report::new();
    let manifest = Manifest::load(&workspace::models().join("manifest.toml"), &mut report).unwrap_or_default();
    workspace::fail_on(&report)?;
    let cache = PackageCache::new(&arguments.from);
    let release = |version| Release::obtain(&cache, version, [&manifest.botocore, &manifest.boto3]);
    let (old, new) = (release(&arguments.old)?, release(&arguments.new)?);
    let differences = differences(&old, &new, &manifest)?;
    print!("{}", if arguments.markdown { render::markdown(&differences) } else { render::terminal(&differences) });
    Ok(())
}

/// Compares every service of two releases.
pub(super) fn differences(old: &Release, new: &Release, manifest: &Manifest) -> Outcome<Differences> {
    let (before, after) = (old.store.services()?, new.store.services()?);
    let counts = [before.len(), after.len()];
    let names: Vec<String> = before.into_iter().chain(after).collect::<BTreeSet<_>>().into_iter().collect();
    let services = workspace::parallel(&names, |name| service(name, old, new, manifest));
    let mut notes = Vec::new();
    for release in [old, new] {
        if let Err(reason) = &release.boto3 {
            notes.push(format!("no resources of {}: {reason}", release.version));
        }
    }
    notes.extend(shared::changes(&old.store, &new.store)?);
    Ok(Differences {
        versions: [old.version.clone(), new.version.clone()],
        notes,
        services: services.into_iter().flatten().collect(),
        counts,
        detailed: None,
    })
}

/// The differences of one service; `None` if there are none.
fn service(name: &str, old: &Release, new: &Release, manifest: &Manifest) -> Option<ServiceChanges> {
    if old.store.is_same(&new.store, name) {
        return None;
    }
    let mut report = Report::new();
    let mut decided = |release: &Release, published: &Published| {
        if release.store.versions(name).is_empty() {
            return None;
        }
        let source = release.store.load(name, &mut report)?;
        // Services are compared completely, even if the manifest selects operations or does not generate them.
        let mut plan = ServicePlan { emit: true, operations: Vec::new(), ..manifest.plan(&source) };
        plan.signatures = plan.signatures.after(published.clone());
        Some(ResolvedService::new(source, &plan))
    };
    // The newer release is compared as it is generated: what the older one published stays.
    let before = decided(old, &Published::new());
    let published = before.as_ref().map(ResolvedService::signatures).unwrap_or_default();
    let after = decided(new, &published);
    let mut changes = compare(name, before.as_ref(), after.as_ref());
    changes.problems.extend(report.problems().iter().map(ToString::to_string));
    (!changes.is_empty()).then_some(changes)
}
