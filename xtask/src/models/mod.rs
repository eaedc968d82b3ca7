//! `cargo xtask models`: releases of the two packages that models come from. `update` moves the project to a release,
//! `diff` compares two, `render` prints the comparison, and `signatures` records what is published. Services are compared by the generator's `compare`,
//! everything else by `shared`.

mod diff;
#[cfg(test)]
mod releases;
mod render;
mod shared;
mod signatures;
mod update;

use codegen::compare::ServiceChanges;
use codegen::source::{ModelStore, Package};

use crate::packages::{PackageCache, Unpacked};
use crate::{Failure, Outcome};

/// The subcommands of `models`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    Update(update::Arguments),
    Diff(diff::Arguments),
}

/// Runs a subcommand.
pub(crate) fn run(command: &Command) -> Outcome {
    match command {
        Command::Update(arguments) => update::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
    }
}

/// A release of botocore, with the boto3 of the same version if there is one.
struct Release {
    version: String,
    botocore: Unpacked,
    /// The package, or the reason why there is none.
    boto3: Result<Unpacked, String>,
    store: ModelStore,
}

impl Release {
    /// Finds or fetches a release; pinned packages are verified.
    fn obtain(cache: &PackageCache, version: &str, pinned: [&Package; 2]) -> Outcome<Release> {
        let package = |pinned: &Package| match pinned.version == version {
            true => pinned.clone(),
            false => Package { version: version.to_owned(), sha256: String::new() },
        };
        let botocore = cache.obtain("botocore", &package(pinned[0]))?;
        let boto3 = cache.find("boto3", &package(pinned[1]))?;
        Release::new(version, botocore, boto3)
    }

    fn new(version: &str, botocore: Unpacked, boto3: Result<Unpacked, String>) -> Outcome<Release> {
        let store = ModelStore::open(&botocore.folder);
        if store.services()?.is_empty() {
            return Err(Failure::Found(format!("botocore {version} has no models")));
        }
        // Without a boto3 there are no resources: a missing folder has none.
        let resources = boto3.as_ref().map_or_else(|_| botocore.folder.join("none"), |it| it.folder.clone());
        let store = store.with_resources(&resources);
        Ok(Release { version: version.to_owned(), botocore, boto3, store })
    }
}

/// The differences between two releases.
struct Differences {
    /// The versions of botocore, old and new.
    versions: [String; 2],
    /// Differences that concern no single service, and notes about the releases.
    notes: Vec<String>,
    /// The services that differ, in the order in which they are printed.
    services: Vec<ServiceChanges>,
    /// The number of services in each release.
    counts: [usize; 2],
    /// The number of services, from the first, that are printed in detail; `None` for all.
    detailed: Option<usize>,
}
