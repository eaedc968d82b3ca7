//! A folder of generated crates outside the project: its workspace files (`Cargo.toml`, `README.md`), copies of the
//! crates' handwritten files, and the removal of crates that are no longer generated. Generates no crate.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use codegen::output::{self, CrateFiles, GENERATED_MARKER};

use crate::workspace;
use crate::{Failure, Outcome};

/// The changes of files: how many were written, unchanged and removed; with `--check`, the names of those that are out
/// of date.
#[derive(Default)]
pub(crate) struct FileChanges {
    pub(crate) summary: output::Summary,
    pub(crate) stale: Vec<String>,
}

/// Moves a crate out of the project's `services` folder, with a copy of its handwritten files.
pub(crate) fn move_out(files: &mut CrateFiles) -> Outcome {
    let custom = workspace::root().join(&files.folder).join("src/custom");
    if let Some((_, name)) = files.folder.rsplit_once('/') {
        files.folder = name.to_string();
    }
    copy(&custom, "src/custom", files)
}

fn copy(folder: &Path, below: &str, files: &mut CrateFiles) -> Outcome {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let name = format!("{below}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        match path.is_dir() {
            true => copy(&path, &name, files)?,
            false => drop(files.files.insert(name, fs::read_to_string(&path)?)),
        }
    }
    Ok(())
}

/// Makes `folder` a workspace of the crates in it. A handwritten `Cargo.toml` is kept, with a message.
pub(crate) fn write_workspace(folder: &Path, only_check: bool) -> Outcome<FileChanges> {
    let mut changes = FileChanges::default();
    let path = folder.join("Cargo.toml");
    if path.is_file() && !is_generated(&path) {
        eprintln!("{}: is handwritten and was kept; it must declare a workspace like the project's", path.display());
        return Ok(changes);
    }
    let project = fs::read_to_string(workspace::root().join("Cargo.toml"))?;
    let runtime = workspace::root().join("runtime").canonicalize()?;
    write_file(&path, &manifest(&project, &runtime), only_check, &mut changes)?;
    write_file(&folder.join("README.md"), &readme(), only_check, &mut changes)?;
    Ok(changes)
}

/// The workspace's `Cargo.toml`; the sections that crates inherit are copied from the project's.
fn manifest(project: &str, runtime: &Path) -> String {
    let mut text = format!(
        "# {}\n\n[workspace]\nresolver = \"3\"\nmembers = [\"aws-*\"]\n\n",
        output::header("the models of botocore and boto3")
    );
    for section in sections(project, &["workspace.package", "workspace.lints."]) {
        text.push_str(section.trim_end());
        text.push_str("\n\n");
    }
    text.push_str(&format!("[workspace.dependencies]\naws-core = {{ path = {:?} }}\n", runtime.display().to_string()));
    text
}

/// The sections of a TOML document whose names begin with one of these.
fn sections<'a>(text: &'a str, names: &[&str]) -> Vec<&'a str> {
    let starts: Vec<usize> = text.match_indices("\n[").map(|it| it.0 + 1).chain([text.len()]).collect();
    let all = starts.windows(2).map(|it| &text[it[0]..it[1]]);
    let matches = |section: &&str| names.iter().any(|name| section[1..].starts_with(name));
    all.filter(matches).collect()
}

fn readme() -> String {
    format!(
        "# Clients of AWS services\n\n\
         A workspace of generated crates: `aws-<service>` is a typed client, `aws-<service>-resource` the object-oriented \
         layer on top of it. They depend on `aws-core`, the project's `runtime`, whose path is in `Cargo.toml`. To use one, \
         depend on its folder:\n\n\
         ```toml\n[dependencies]\naws-sqs = {{ path = \"aws-sqs\" }}\n```\n\n\
         `cargo xtask check-all` compiles all of them.\n\n\
         {GENERATED_MARKER}; do not edit. The handwritten files, `src/custom` of some crates, are copies of the project's.\n"
    )
}

/// Removes the generated crates that are not among `current`.
pub(crate) fn remove_others(folder: &Path, current: &BTreeSet<String>, only_check: bool) -> Outcome<FileChanges> {
    let mut changes = FileChanges::default();
    for (name, path) in crates(folder)? {
        if current.contains(&name) || !is_generated(&path.join("Cargo.toml")) {
            continue;
        }
        let empty = CrateFiles::new(name);
        match only_check {
            true => changes.stale.extend(output::check(folder, &empty)?.iter().map(ToString::to_string)),
            false => changes.summary += output::write(folder, &empty)?,
        }
        // Fails if other files are left, which are kept.
        let _ = fs::remove_dir(&path);
    }
    Ok(changes)
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
fn is_generated(path: &Path) -> bool {
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
    fn the_workspace_has_the_projects_package_and_lint_sections() {
        let project = "[workspace]\nmembers = []\n\n[workspace.package]\nversion = \"1\"\n\n[workspace.dependencies]\n\
                       x = \"1\"\n\n[workspace.lints.rust]\nunsafe_code = \"deny\"\n[workspace.lints.clippy]\n\
                       todo = \"warn\"\n\n[profile.dev]\nopt-level = 1\n";
        let expect = "[workspace]\nresolver = \"3\"\nmembers = [\"aws-*\"]\n\n[workspace.package]\nversion = \"1\"\n\n\
                      [workspace.lints.rust]\nunsafe_code = \"deny\"\n\n[workspace.lints.clippy]\ntodo = \"warn\"\n\n\
                      [workspace.dependencies]\naws-core = { path = \"/r\" }\n";
        let text = manifest(project, Path::new("/r"));
        assert_eq!(text.split_once("\n\n").map(|it| it.1), Some(expect));
        assert!(text.lines().next().is_some_and(|line| line.contains(GENERATED_MARKER)));
    }

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
        }
        let current = BTreeSet::from(["aws-kept".to_string()]);
        let Ok(found) = remove_others(&folder, &current, true) else { panic!("a check") };
        assert_eq!(found.stale.len(), 1);
        let Ok(found) = remove_others(&folder, &current, false) else { panic!("a removal") };
        assert_eq!(found.summary.removed, 1);
        let left = ["aws-old", "aws-kept", "aws-handwritten", "other"].map(|name| folder.join(name).exists());
        assert_eq!(left, [false, true, true, true]);
        let _ = fs::remove_dir_all(&folder);
    }
}
