//! How a suite over the conformance data is run and counted: one line a suite, ignore lists that must stay true, and a
//! loud word when there is no data. Knows no case format.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use codegen::report::Report;
use codegen::source::{Library, Manifest, Package};
use serde_json::Value;

use crate::say;

/// What became of a case.
pub type Outcome = Result<(), String>;

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of conformance data of this name; says so when there is none.
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

/// A JSON file, unpacked if it is packed.
///
/// # Panics
/// If it cannot be read, naming the file.
pub fn read_json(path: &Path) -> Value {
    let shown = path.display();
    let mut bytes = std::fs::read(path).unwrap_or_else(|it| panic!("{shown}: {it}"));
    if path.extension().is_some_and(|it| it == "gz") {
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_end(&mut text)
            .unwrap_or_else(|it| panic!("{shown}: {it}"));
        bytes = text;
    }
    serde_json::from_slice(&bytes).unwrap_or_else(|it| panic!("{shown}: {it}"))
}

/// The files and folders of a folder, sorted by name; none if it cannot be read.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path()).collect();
    all.sort();
    all
}

/// All models where they are at hand: in the folder `CORPUS_DIR` names, where `cargo xtask report --corpus` has put them,
/// or else only those in `models/`.
pub fn models() -> Library {
    if let Some(folder) = std::env::var_os("CORPUS_DIR") {
        return Library::open(Path::new(&folder));
    }
    match unpacked() {
        Some([botocore, boto3]) => Library::open(&botocore).with_resources(&boto3),
        None => Library::open(&workspace().join("models")),
    }
}

/// Where `cargo xtask report --corpus` has put the pinned packages, botocore and boto3. Other releases may lie beside them.
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

/// A suite being run.
pub struct Suite {
    name: String,
    ignored: &'static [(&'static str, &'static str)],
    met: BTreeSet<&'static str>,
    passed: usize,
    ignored_count: usize,
    skipped: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Suite {
    /// A suite with its ignore list: cases that are known to fail, each with its reason.
    pub fn new(name: impl Into<String>, ignored: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            name: name.into(),
            ignored,
            met: BTreeSet::new(),
            passed: 0,
            ignored_count: 0,
            skipped: BTreeMap::new(),
            failures: Vec::new(),
        }
    }

    /// Runs a case; a panic is a failure of this case only.
    pub fn run(&mut self, case: &str, run: impl FnOnce() -> Outcome) {
        let outcome = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|cause| {
            let text = cause.downcast_ref::<String>().cloned();
            Err(format!(
                "panicked: {}",
                text.or(cause.downcast_ref::<&str>().map(|&it| it.to_owned())).unwrap_or_default()
            ))
        });
        match (outcome, self.ignored.iter().find(|(name, _)| *name == case)) {
            (Ok(()), None) => self.passed += 1,
            (Err(why), None) => self.failures.push(format!("{case}: {why}")),
            (Err(_), Some((name, _))) => {
                self.met.insert(name);
                self.ignored_count += 1;
            }
            (Ok(()), Some((name, reason))) => {
                self.met.insert(name);
                self.failures.push(format!("{case}: passes now, take it off the ignore list ({reason})"));
            }
        }
    }

    /// Leaves cases out.
    pub fn skip(&mut self, count: usize, reason: impl Into<String>) {
        *self.skipped.entry(reason.into()).or_default() += count;
    }

    /// Prints the line.
    ///
    /// # Panics
    /// If a case failed, or if nothing was run at all.
    pub fn finish(self) {
        // Data of another extent may lack a case: its entry cannot be held to account then.
        let absent = self.ignored.iter().filter(|(name, _)| !self.met.contains(name)).count();
        if absent > 0 {
            say!("  {absent} entries of the ignore list name no case of this data");
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
