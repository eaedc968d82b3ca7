//! Toy services of one idea each (`tests/models`), generated and held byte for byte against the crates in `tests/golden`.
//! Those are members of the workspace, so that what is emitted is also compiled. `UPDATE_EXPECT=1` writes them anew.

use std::collections::BTreeSet;

use codegen::output::{self, CrateFiles};
use codegen::report::Report;
use codegen::source::{Library, Plan};
use tests::suite::{entries, workspace};

/// Emitted lines of a toy, so that a person reads what changed.
const LINES: usize = 400;

#[test]
fn toys_are_generated_as_expected() {
    let root = workspace();
    let library = Library::open(&root.join("tests/models"));
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut stale = Vec::new();
    let mut expected = BTreeSet::new();
    for service in library.services().expect("tests/models") {
        for files in toy(&library, &service) {
            expected.insert(files.folder.rsplit('/').next().unwrap_or_default().to_owned());
            let lines: usize =
                files.files.iter().filter(|(name, _)| name.ends_with(".rs")).map(|it| it.1.lines().count()).sum();
            assert!(lines <= LINES, "{}: {lines} lines of Rust; a toy has at most {LINES}", files.folder);
            if update {
                output::write(&root, &files).expect("a folder to write to");
            }
            stale.extend(output::check(&root, &files).expect("a folder to read").iter().map(|it| differs(it, &files)));
        }
    }
    let present = entries(&root.join("tests/golden"));
    let present = present.iter().map(|it| it.file_name().unwrap_or_default().to_string_lossy().into_owned());
    let orphans: Vec<_> = present.filter(|it| !expected.contains(it)).collect();
    assert!(orphans.is_empty(), "tests/golden holds crates of no toy: {orphans:?}");
    assert!(stale.is_empty(), "`UPDATE_EXPECT=1 cargo test -p tests golden` accepts\n{}", stale.join("\n"));
}

/// The crates of a toy, in the folder of the expected ones.
fn toy(library: &Library, service: &str) -> Vec<CrateFiles> {
    let mut report = Report::new();
    let source = library.load(service, &mut report);
    let crates = source.and_then(|it| codegen::generate(&it, &Plan::of(service), &mut report));
    assert!(report.is_empty(), "{report}");
    let mut crates = crates.unwrap_or_default();
    for files in &mut crates {
        files.folder = files.folder.replacen("services/", "tests/golden/", 1);
    }
    crates
}

/// What differs, with the first line that does.
fn differs(stale: &output::Stale, files: &CrateFiles) -> String {
    let name = stale.path().strip_prefix(&files.folder).unwrap_or(stale.path()).to_string_lossy().replace('\\', "/");
    let old = std::fs::read_to_string(workspace().join(stale.path())).unwrap_or_default();
    let new = files.files.get(&name).map_or("", String::as_str);
    let line = old.lines().zip(new.lines()).take_while(|(old, new)| old == new).count();
    match (old.lines().nth(line), new.lines().nth(line)) {
        (Some(old), Some(new)) => format!("{stale}, line {}\n  - {old}\n  + {new}", line + 1),
        _ => stale.to_string(),
    }
}
