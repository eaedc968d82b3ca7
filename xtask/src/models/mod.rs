//! `cargo xtask models`: releases of the two packages that models come from. `update` moves the project to one, `diff`
//! compares two, and `text` lays the comparison out; what differs is found by the library's `compare`, and by `shared` in
//! what concerns no single service.

mod diff;
mod shared;
mod text;
mod update;

use codegen::compare::ServiceChanges;
use codegen::source::{Library, Package};

use crate::packages::{Shelf, Unpacked};
use crate::{Failure, Outcome};

/// What can be done with models.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Move models/ to another release and say what changed
    Update(update::Arguments),
    /// Say what changed between any two releases, and whether the generated crates stay compatible
    Diff(diff::Arguments),
}

/// Carries out what was asked for.
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
    /// Or why there is none.
    boto3: Result<Unpacked, String>,
    library: Library,
}

impl Release {
    /// Fetches a release; pinned packages are verified.
    fn obtain(shelf: &Shelf, version: &str, pinned: [&Package; 2]) -> Outcome<Release> {
        let package = |pinned: &Package| match pinned.version == version {
            true => pinned.clone(),
            false => Package { version: version.to_owned(), sha256: String::new() },
        };
        let botocore = shelf.obtain("botocore", &package(pinned[0]))?;
        let boto3 = shelf.look("boto3", &package(pinned[1]))?;
        Release::of(version, botocore, boto3)
    }

    fn of(version: &str, botocore: Unpacked, boto3: Result<Unpacked, String>) -> Outcome<Release> {
        let library = Library::open(&botocore.folder);
        if library.services()?.is_empty() {
            return Err(Failure::Found(format!("botocore {version} holds no models")));
        }
        // Without a boto3 there are no resources: what is not a folder holds none.
        let resources = boto3.as_ref().map_or_else(|_| botocore.folder.join("none"), |it| it.folder.clone());
        let library = library.with_resources(&resources);
        Ok(Release { version: version.to_owned(), botocore, boto3, library })
    }
}

/// What differs between two releases.
struct Differences {
    /// The versions of botocore, older and newer.
    versions: [String; 2],
    /// What concerns no service.
    notes: Vec<String>,
    /// Services that differ, in the order they are told in.
    services: Vec<ServiceChanges>,
    /// How many services there are in each release.
    counts: [usize; 2],
    /// How many of the services come first, in detail; all when absent.
    detailed: Option<usize>,
}
