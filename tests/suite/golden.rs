//! Toy services of one idea each (`tests/models`) are generated and compared byte for byte with the crates in
//! `tests/golden`. Those are members of the workspace, so the generated code is also compiled. `UPDATE_EXPECT=1`
//! rewrites them.

use std::collections::BTreeSet;

use codegen::output::{self, CrateFiles};
use codegen::report::Report;
use codegen::source::{ModelStore, ServicePlan};
use tests::suite::{entries, workspace};

/// The most lines of Rust of a toy. Our choice: a reviewer can read what changed.
const MAX_LINES: usize = 400;

#[test]
fn toys_generate_the_golden_crates_byte_for_byte() {
    let root = workspace();
    let store = ModelStore::open(&root.join("tests/models"));
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut stale = Vec::new();
    let mut expected = BTreeSet::new();
    for service in store.services().expect("tests/models") {
        for files in toy(&store, &service) {
            expected.insert(files.folder.rsplit('/').next().unwrap_or_default().to_owned());
            let lines: usize =
                files.files.iter().filter(|(name, _)| name.ends_with(".rs")).map(|it| it.1.lines().count()).sum();
            assert!(lines <= MAX_LINES, "{}: {lines} lines of Rust; a toy has at most {MAX_LINES}", files.folder);
            if update {
                output::write(&root, &files).expect("a folder to write to");
            }
            stale.extend(
                output::check(&root, &files).expect("a folder to read").iter().map(|it| difference(it, &files)),
            );
        }
    }
    let present = entries(&root.join("tests/golden"));
    let present = present.iter().map(|it| it.file_name().unwrap_or_default().to_string_lossy().into_owned());
    let orphans: Vec<_> = present.filter(|it| !expected.contains(it)).collect();
    assert!(orphans.is_empty(), "tests/golden has crates without a toy: {orphans:?}");
    assert!(stale.is_empty(), "`UPDATE_EXPECT=1 cargo test -p tests golden` accepts\n{}", stale.join("\n"));
}

/// The generated crates of a toy, moved to the folder of the golden ones.
fn toy(store: &ModelStore, service: &str) -> Vec<CrateFiles> {
    let mut report = Report::new();
    let source = store.load(service, &mut report);
    let crates = source.and_then(|it| codegen::generate(&it, &ServicePlan::default_for(service), &mut report));
    assert!(report.is_empty(), "{report}");
    let mut crates = crates.unwrap_or_default();
    for files in &mut crates {
        files.folder = files.folder.replacen("services/", "tests/golden/", 1);
    }
    crates
}

/// The stale file, with the first line that differs.
fn difference(stale: &output::StaleFile, files: &CrateFiles) -> String {
    let name = stale.path().strip_prefix(&files.folder).unwrap_or(stale.path()).to_string_lossy().replace('\\', "/");
    let old = std::fs::read_to_string(workspace().join(stale.path())).unwrap_or_default();
    let new = files.files.get(&name).map_or("", String::as_str);
    let line = old.lines().zip(new.lines()).take_while(|(old, new)| old == new).count();
    match (old.lines().nth(line), new.lines().nth(line)) {
        (Some(old), Some(new)) => format!("{stale}, line {}\n  - {old}\n  + {new}", line + 1),
        _ => stale.to_string(),
    }
}
