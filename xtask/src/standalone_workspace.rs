//! A folder of generated crates outside the project: its workspace files (`Cargo.toml`, `README.md`), the workspace
//! around it, and the removal of crates that are no longer generated. Generates no crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::output::{self, CrateFiles, GENERATED_MARKER};
use toml::{Table, Value};

use crate::standalone_crate::{self, CUSTOM, LICENCE_FILES, quoted, relative};
use crate::workspace;
use crate::{Failure, Outcome};

/// The changes of files: how many were written, unchanged and removed; with `--check`, the names of those that are out
/// of date.
#[derive(Default)]
pub(crate) struct FileChanges {
    pub(crate) summary: output::Summary,
    pub(crate) stale: Vec<String>,
}

/// Makes `folder` a workspace of the crates in it. A handwritten `Cargo.toml` is kept, with a message.
pub(crate) fn write_workspace(folder: &Path, only_check: bool) -> Outcome<FileChanges> {
    let mut changes = FileChanges::default();
    let path = folder.join("Cargo.toml");
    if path.is_file() && !is_generated(&path) {
        eprintln!("{}: is handwritten and was kept; its workspace must have the crates as members", path.display());
        return Ok(changes);
    }
    write_file(&path, &manifest(), only_check, &mut changes)?;
    write_file(&folder.join("README.md"), &readme(), only_check, &mut changes)?;
    Ok(changes)
}

/// The workspace's `Cargo.toml`; the crates inherit nothing from it.
fn manifest() -> String {
    format!(
        "# {}\n\n[workspace]\nresolver = \"3\"\nmembers = [\"aws-*\"]\n",
        output::header("the models of botocore and boto3")
    )
}

fn readme() -> String {
    format!(
        "# Clients of AWS services\n\n\
         A workspace of generated crates: `aws-<service>` is a typed client, `aws-<service>-resource` the object-oriented \
         layer on top of it. They depend on `aws-core`, the runtime, and on nothing else. To use one, depend on its \
         folder:\n\n\
         ```toml\n[dependencies]\naws-sqs = {{ path = \"aws-sqs\" }}\n```\n\n\
         A workspace that this folder lies in must exclude it, since workspaces do not nest: `exclude = [\"<this folder>\"]`.\n\n\
         `cargo xtask check-all` compiles all of them.\n\n\
         {GENERATED_MARKER}; do not edit. The handwritten files, `src/custom` of some crates, are copies of the project's.\n"
    )
}

/// Removes the generated crates that are not among `current`.
pub(crate) fn remove_others(folder: &Path, current: &BTreeSet<String>, only_check: bool) -> Outcome<FileChanges> {
    let mut changes = FileChanges::default();
    for (name, _) in crates(folder)? {
        if !current.contains(&name) {
            remove(folder, &name, only_check, &mut changes)?;
        }
    }
    Ok(changes)
}

/// Removes a crate if it is a generated one: its generated files, and the copies of the project's files. Other files are
/// kept.
pub(crate) fn remove(folder: &Path, name: &str, only_check: bool, changes: &mut FileChanges) -> Outcome {
    let path = folder.join(name);
    if !is_generated(&path.join("Cargo.toml")) {
        return Ok(());
    }
    let empty = CrateFiles::new(name);
    if only_check {
        changes.stale.extend(output::check(folder, &empty)?.iter().map(ToString::to_string));
        return Ok(());
    }
    changes.summary += output::write(folder, &empty)?;
    for copied in LICENCE_FILES {
        changes.summary.removed += remove_copy(&path.join(copied), &workspace::root().join(copied));
    }
    let original = workspace::root().join("services").join(name).join(CUSTOM);
    changes.summary.removed += remove_copy(&path.join(CUSTOM), &original);
    // Fails if other files are left, which are kept.
    for folder in [path.join("src"), path] {
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

/// Removes a file that is equal to the one that it was copied from, or a folder of such files; returns their number.
fn remove_copy(path: &Path, original: &Path) -> usize {
    if path.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let removed = entries.map(|it| remove_copy(&it.path(), &original.join(it.file_name()))).sum();
        let _ = fs::remove_dir(path);
        return removed;
    }
    let is_copy = fs::read(path).is_ok_and(|bytes| fs::read(original).is_ok_and(|it| it == bytes));
    usize::from(is_copy && fs::remove_file(path).is_ok())
}

/// What to know of the workspace that a folder of crates lies in, if there is one that does not exclude it.
pub(crate) fn enclosing_workspace(folder: &Path) -> Outcome<Option<String>> {
    let folder = standalone_crate::resolved(folder)?;
    for above in folder.ancestors().skip(1) {
        let Ok(text) = fs::read_to_string(above.join("Cargo.toml")) else { continue };
        let Some(workspace) = text.parse::<Table>().ok().and_then(|mut it| it.remove("workspace")) else { continue };
        let excluded = workspace.get("exclude").and_then(Value::as_array).into_iter().flatten();
        if excluded.filter_map(Value::as_str).any(|it| folder.starts_with(above.join(it))) {
            return Ok(None);
        }
        let (root, name) = (above.join("Cargo.toml"), quoted(&relative(above, &folder)));
        return Ok(Some(match is_generated(&folder.join("Cargo.toml")) {
            true => format!("Workspaces do not nest: add to [workspace] in {}\n\nexclude = [{name}]", root.display()),
            false => format!(
                "A crate becomes a member of the workspace in {} as soon as a member depends on it. To build it by \
                 itself, add to [workspace]\n\nexclude = [{name}]",
                root.display()
            ),
        }));
    }
    Ok(None)
}

/// The crates in a folder, by name.
pub(crate) fn crates(folder: &Path) -> Outcome<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).map_err(|error| Failure::Usage(format!("{}: {error}", folder.display())))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("aws-") && path.join("Cargo.toml").is_file() {
            found.push((name, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Whether the generator wrote the file.
pub(crate) fn is_generated(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.lines().next().is_some_and(|line| line.contains(GENERATED_MARKER)))
}

fn write_file(path: &Path, text: &str, only_check: bool, changes: &mut FileChanges) -> Outcome {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        changes.summary.unchanged += 1;
    } else if only_check {
        changes.stale.push(format!("{}: out of date", path.display()));
    } else {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
        changes.summary.written += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_generated_crates_are_removed() {
        let folder = std::env::temp_dir().join(format!("xtask-standalone-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for (name, first) in [
            ("aws-old", GENERATED_MARKER),
            ("aws-kept", GENERATED_MARKER),
            ("aws-handwritten", "handwritten"),
            ("other", GENERATED_MARKER),
        ] {
            fs::create_dir_all(folder.join(name)).expect("a folder");
            fs::write(folder.join(name).join("Cargo.toml"), format!("# {first}\n")).expect("a file");
            fs::copy(workspace::root().join("LICENSE"), folder.join(name).join("LICENSE")).expect("a licence");
        }
        let current = BTreeSet::from(["aws-kept".to_string()]);
        let Ok(found) = remove_others(&folder, &current, true) else { panic!("a check") };
        assert_eq!(found.stale.len(), 1);
        let Ok(found) = remove_others(&folder, &current, false) else { panic!("a removal") };
        assert_eq!(found.summary.removed, 2, "with the copy of the licence");
        let left = ["aws-old", "aws-kept", "aws-handwritten", "other"].map(|name| folder.join(name).exists());
        assert_eq!(left, [false, true, true, true]);
        let _ = fs::remove_dir_all(&folder);
    }

    #[test]
    fn a_workspace_that_encloses_the_folder_is_named_unless_it_excludes_it() {
        let root = std::env::temp_dir().join(format!("xtask-enclosing-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("vendor/aws")).expect("a folder");
        let check = |manifest: &str, expect: Option<&str>| {
            fs::write(root.join("Cargo.toml"), manifest).expect("a file");
            let Ok(found) = enclosing_workspace(&root.join("vendor/aws")) else { panic!("{manifest}") };
            match (&found, expect) {
                (Some(found), Some(expect)) => assert!(found.contains(expect), "{found}"),
                (found, expect) => assert_eq!(found.as_deref(), expect, "{manifest}"),
            }
        };
        check("[package]\nname = \"x\"\n", None);
        check("[workspace]\nexclude = [\"vendor\"]\n", None);
        check("[workspace]\nmembers = [\"app\"]\n", Some("exclude = [\"vendor/aws\"]"));
        fs::write(root.join("vendor/aws/Cargo.toml"), format!("# {GENERATED_MARKER}\n")).expect("a file");
        check("[workspace]\nexclude = [\"other\"]\n", Some("Workspaces do not nest"));
        let _ = fs::remove_dir_all(&root);
    }
}
