//! A folder of generated crates outside the project: the workspace they form there (`Cargo.toml`, `README.md`), copies of
//! what is written by hand for them, and the crates that are generated no longer. It does not generate.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use codegen::output::{self, CrateFiles, MARK};

use crate::workspace;
use crate::{Failure, Outcome};

/// What happened to the files of a folder: how many were written, were left alone and were removed; in a check, the
/// names of those that would be.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) summary: output::Summary,
    pub(crate) stale: Vec<String>,
}

/// Takes a crate out of the project's folder for crates, with a copy of what is written by hand for it.
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

/// Makes `folder` a workspace of the crates in it. A `Cargo.toml` that is not the generator's stays, and is told about.
pub(crate) fn workspace(folder: &Path, only_check: bool) -> Outcome<Done> {
    let mut done = Done::default();
    let path = folder.join("Cargo.toml");
    if path.is_file() && !is_ours(&path) {
        eprintln!("{}: written by hand, and stays; it must be a workspace like the project's own", path.display());
        return Ok(done);
    }
    let project = fs::read_to_string(workspace::root().join("Cargo.toml"))?;
    let runtime = workspace::root().join("runtime").canonicalize()?;
    put(&path, &manifest(&project, &runtime), only_check, &mut done)?;
    put(&folder.join("README.md"), &readme(), only_check, &mut done)?;
    Ok(done)
}

/// The workspace's `Cargo.toml`; what crates inherit is the project's.
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

/// The sections of a TOML text whose names are, or begin with, one of these.
fn sections<'a>(text: &'a str, names: &[&str]) -> Vec<&'a str> {
    let starts: Vec<usize> = text.match_indices("\n[").map(|it| it.0 + 1).chain([text.len()]).collect();
    let all = starts.windows(2).map(|it| &text[it[0]..it[1]]);
    let wanted = |section: &&str| names.iter().any(|name| section[1..].starts_with(name));
    all.filter(wanted).collect()
}

fn readme() -> String {
    format!(
        "# Clients of AWS services\n\n\
         A workspace of generated crates: `aws-<service>` is a typed client, `aws-<service>-resource` the object-oriented \
         layer over it. They stand on `aws-core`, the project's `runtime`, whose place is in `Cargo.toml`. To use one, \
         depend on its folder:\n\n\
         ```toml\n[dependencies]\naws-sqs = {{ path = \"aws-sqs\" }}\n```\n\n\
         `cargo xtask check-all` compiles all of them.\n\n\
         {MARK}; do not edit. What is written by hand, `src/custom` of some crates, is a copy of the project's.\n"
    )
}

/// Removes generated crates that are not among `kept`.
pub(crate) fn remove_others(folder: &Path, kept: &BTreeSet<String>, only_check: bool) -> Outcome<Done> {
    let mut done = Done::default();
    for (name, path) in crates(folder)? {
        if kept.contains(&name) || !is_ours(&path.join("Cargo.toml")) {
            continue;
        }
        let none = CrateFiles::new(name);
        match only_check {
            true => done.stale.extend(output::check(folder, &none)?.iter().map(ToString::to_string)),
            false => done.summary += output::write(folder, &none)?,
        }
        // Fails, as it should, where something is left.
        let _ = fs::remove_dir(&path);
    }
    Ok(done)
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
fn is_ours(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.lines().next().is_some_and(|line| line.contains(MARK)))
}

fn put(path: &Path, text: &str, only_check: bool, done: &mut Done) -> Outcome {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        done.summary.unchanged += 1;
    } else if only_check {
        done.stale.push(format!("{}: out of date", path.display()));
    } else {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
        done.summary.written += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_inherits_what_the_project_says() {
        let project = "[workspace]\nmembers = []\n\n[workspace.package]\nversion = \"1\"\n\n[workspace.dependencies]\n\
                       x = \"1\"\n\n[workspace.lints.rust]\nunsafe_code = \"deny\"\n[workspace.lints.clippy]\n\
                       todo = \"warn\"\n\n[profile.dev]\nopt-level = 1\n";
        let expect = "[workspace]\nresolver = \"3\"\nmembers = [\"aws-*\"]\n\n[workspace.package]\nversion = \"1\"\n\n\
                      [workspace.lints.rust]\nunsafe_code = \"deny\"\n\n[workspace.lints.clippy]\ntodo = \"warn\"\n\n\
                      [workspace.dependencies]\naws-core = { path = \"/r\" }\n";
        let text = manifest(project, Path::new("/r"));
        assert_eq!(text.split_once("\n\n").map(|it| it.1), Some(expect));
        assert!(text.lines().next().is_some_and(|line| line.contains(MARK)));
    }

    #[test]
    fn only_generated_crates_are_removed() {
        let folder = std::env::temp_dir().join(format!("xtask-elsewhere-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for (name, first) in [("aws-old", MARK), ("aws-kept", MARK), ("aws-hand", "by hand"), ("other", MARK)] {
            fs::create_dir_all(folder.join(name)).expect("a folder");
            fs::write(folder.join(name).join("Cargo.toml"), format!("# {first}\n")).expect("a file");
        }
        let kept = BTreeSet::from(["aws-kept".to_string()]);
        let Ok(found) = remove_others(&folder, &kept, true) else { panic!("a check") };
        assert_eq!(found.stale.len(), 1);
        let Ok(found) = remove_others(&folder, &kept, false) else { panic!("a removal") };
        assert_eq!(found.summary.removed, 1);
        let left = ["aws-old", "aws-kept", "aws-hand", "other"].map(|name| folder.join(name).exists());
        assert_eq!(left, [false, true, true, true]);
        let _ = fs::remove_dir_all(&folder);
    }
}
