//! Runs and counts a suite over the conformance data: prints one line per suite, checks that ignored cases still fail,
//! and reports missing data. Knows no case format.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use codegen::report::Report;
use codegen::source::{Manifest, ModelStore, Package};
use serde_json::Value;

use crate::say;

/// The result of a case; the error is the reason of its failure.
pub type Outcome = Result<(), String>;

/// The root folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of conformance data of this name, below `CONFORMANCE_DIR`; `None`, with a line printed, if there is none.
pub fn conformance(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CONFORMANCE_DIR")
        .map_or_else(|| workspace().join("../shared/conformance"), PathBuf::from)
        .join(name);
    if !folder.is_dir() {
        say!("suite {name}: skipped, no conformance data");
        return None;
    }
    Some(folder)
}

/// Reads a JSON file; decompresses it if its name ends in `.gz`.
///
/// # Panics
/// If it cannot be read, naming the file.
pub fn read_json(path: &Path) -> Value {
    let name = path.display();
    let mut bytes = std::fs::read(path).unwrap_or_else(|it| panic!("{name}: {it}"));
    if path.extension().is_some_and(|it| it == "gz") {
        let mut json = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_end(&mut json)
            .unwrap_or_else(|it| panic!("{name}: {it}"));
        bytes = json;
    }
    serde_json::from_slice(&bytes).unwrap_or_else(|it| panic!("{name}: {it}"))
}

/// The files and folders of a folder, sorted by name; none if it cannot be read.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path()).collect();
    all.sort();
    all
}

/// The largest available set of models: those in the folder `CORPUS_DIR`, else those that `cargo xtask report --corpus`
/// downloaded, else the ones in `models/`.
pub fn models() -> ModelStore {
    if let Some(folder) = std::env::var_os("CORPUS_DIR") {
        return ModelStore::open(Path::new(&folder));
    }
    match unpacked() {
        Some([botocore, boto3]) => ModelStore::open(&botocore).with_resources(&boto3),
        None => ModelStore::open(&workspace().join("models")),
    }
}

/// The folders into which `cargo xtask report --corpus` unpacked the pinned releases of botocore and boto3. Other
/// releases may be beside them.
pub fn unpacked() -> Option<[PathBuf; 2]> {
    let mut report = Report::new();
    let manifest =
        Manifest::load(&workspace().join("models/manifest.toml"), &mut report).unwrap_or_else(|| panic!("{report}"));
    let folder = |name: &str, pin: &Package| {
        let hash = pin.sha256.get(..12).unwrap_or_default();
        workspace().join(format!("target/models/{name}-{}-{hash}", pin.version))
    };
    let packages = [folder("botocore", &manifest.botocore), folder("boto3", &manifest.boto3)];
    packages[0].join("botocore/data").is_dir().then_some(packages)
}

/// A suite while it runs.
pub struct Suite {
    name: String,
    ignored: &'static [(&'static str, &'static str)],
    seen: BTreeSet<&'static str>,
    passed: usize,
    ignored_count: usize,
    skipped: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Suite {
    /// Starts a suite. `ignored` lists the cases that are known to fail, each with the reason.
    pub fn new(name: impl Into<String>, ignored: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            name: name.into(),
            ignored,
            seen: BTreeSet::new(),
            passed: 0,
            ignored_count: 0,
            skipped: BTreeMap::new(),
            failures: Vec::new(),
        }
    }

    /// Runs a case; a panic is a failure of this case only.
    pub fn run(&mut self, case: &str, run: impl FnOnce() -> Outcome) {
        let outcome = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|cause| {
            let message = cause.downcast_ref::<String>().cloned();
            Err(format!(
                "panicked: {}",
                message.or(cause.downcast_ref::<&str>().map(|&it| it.to_owned())).unwrap_or_default()
            ))
        });
        match (outcome, self.ignored.iter().find(|(name, _)| *name == case)) {
            (Ok(()), None) => self.passed += 1,
            (Err(why), None) => self.failures.push(format!("{case}: {why}")),
            (Err(_), Some((name, _))) => {
                self.seen.insert(name);
                self.ignored_count += 1;
            }
            (Ok(()), Some((name, reason))) => {
                self.seen.insert(name);
                self.failures.push(format!("{case}: passes now; remove it from the ignore list ({reason})"));
            }
        }
    }

    /// Counts cases as skipped.
    pub fn skip(&mut self, count: usize, reason: impl Into<String>) {
        *self.skipped.entry(reason.into()).or_default() += count;
    }

    /// Prints the suite's counts.
    ///
    /// # Panics
    /// If a case failed, or if there were no cases at all.
    pub fn finish(self) {
        // Smaller conformance data may lack a case; its entry can then not be checked.
        let absent = self.ignored.iter().filter(|(name, _)| !self.seen.contains(name)).count();
        if absent > 0 {
            say!("  {absent} entries of the ignore list match no case of this data");
        }
        let skipped = self.ignored_count + self.skipped.values().sum::<usize>();
        say!("suite {}: {} passed, {} failed, {skipped} skipped", self.name, self.passed, self.failures.len());
        for (reason, count) in &self.skipped {
            say!("  {count} skipped: {reason}");
        }
        assert!(self.failures.is_empty(), "{}", self.failures.join("\n"));
        assert!(self.passed + skipped > 0, "suite {}: there are no cases", self.name);
    }
}
