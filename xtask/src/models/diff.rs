//! `cargo xtask models diff OLD NEW`: fetches two releases, compares every service, and prints what differs. Services whose
//! files are the same are not read. What a difference means is the library's business.

use std::collections::BTreeSet;
use std::path::PathBuf;

use codegen::compare::{Decided, ServiceChanges, compare};
use codegen::report::Report;
use codegen::source::{Manifest, Plan};

use super::{Differences, Release, shared, text};
use crate::packages::Shelf;
use crate::{Outcome, workspace};

/// The words of `models diff`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Version of botocore to start from; resources come from the boto3 of the same version
    #[arg(value_name = "OLD")]
    old: String,
    /// Version of botocore to compare it with
    #[arg(value_name = "NEW")]
    new: String,
    /// Write Markdown, for the text of a pull request
    #[arg(long)]
    markdown: bool,
    /// Wheels, or folders of wheels, to take the packages from, instead of PyPI
    #[arg(long, value_name = "PATH", num_args = 1..)]
    from: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let mut report = Report::new();
    let manifest = Manifest::load(&workspace::models().join("manifest.toml"), &mut report).unwrap_or_default();
    workspace::fail_on(&report)?;
    let shelf = Shelf::new(&arguments.from);
    let release = |version| Release::obtain(&shelf, version, [&manifest.botocore, &manifest.boto3]);
    let (old, new) = (release(&arguments.old)?, release(&arguments.new)?);
    let differences = differences(&old, &new, &manifest)?;
    print!("{}", if arguments.markdown { text::markdown(&differences) } else { text::plain(&differences) });
    Ok(())
}

/// Compares every service of two releases.
pub(super) fn differences(old: &Release, new: &Release, manifest: &Manifest) -> Outcome<Differences> {
    let (before, after) = (old.library.services()?, new.library.services()?);
    let counts = [before.len(), after.len()];
    let names: Vec<String> = before.into_iter().chain(after).collect::<BTreeSet<_>>().into_iter().collect();
    let services = workspace::parallel(&names, |name| service(name, old, new, manifest));
    let mut notes = Vec::new();
    for release in [old, new] {
        if let Err(why) = &release.boto3 {
            notes.push(format!("no resources of {}: {why}", release.version));
        }
    }
    notes.extend(shared::changes(&old.library, &new.library)?);
    Ok(Differences {
        versions: [old.version.clone(), new.version.clone()],
        notes,
        services: services.into_iter().flatten().collect(),
        counts,
        detailed: None,
    })
}

/// What differs in one service; `None` if nothing does.
fn service(name: &str, old: &Release, new: &Release, manifest: &Manifest) -> Option<ServiceChanges> {
    if old.library.is_same(&new.library, name) {
        return None;
    }
    let mut report = Report::new();
    let mut decided = |release: &Release| {
        if release.library.versions(name).is_empty() {
            return None;
        }
        let source = release.library.load(name, &mut report)?;
        // What is slim or left out here is compared as a whole.
        let plan = Plan { emit: true, operations: Vec::new(), ..manifest.plan(&source) };
        Some(Decided::new(source, &plan))
    };
    let (before, after) = (decided(old), decided(new));
    let mut changes = compare(name, before.as_ref(), after.as_ref());
    changes.problems.extend(report.problems().iter().map(ToString::to_string));
    (!changes.is_empty()).then_some(changes)
}
