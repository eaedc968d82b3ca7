//! Makes a generated crate independent of the project's workspace: a `Cargo.toml` that inherits nothing, the runtime as a
//! path or a version, copies of the handwritten files and of the licence. Knows no other crate, and writes nothing.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use codegen::output::CrateFiles;
use toml::{Table, Value};

use crate::workspace;
use crate::{Failure, Outcome};

/// The files of the project that go with each crate: the licence requires it.
pub(crate) const LICENCE_FILES: [&str; 2] = ["LICENSE", "NOTICE"];
/// The handwritten files of a crate.
pub(crate) const CUSTOM: &str = "src/custom";

/// What generated crates depend on as `aws-core`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Runtime {
    /// A folder, absolute. Crates refer to it by the path from their own folder.
    Folder(PathBuf),
    /// A version requirement, such as `0.1`.
    Version(String),
}

impl Runtime {
    /// Reads the value of `--runtime`; without one it is the project's own runtime.
    pub(crate) fn parse(value: Option<&str>) -> Outcome<Runtime> {
        let Some(value) = value else {
            return Ok(Runtime::Folder(workspace::root().join("runtime").canonicalize()?));
        };
        let manifest = Path::new(value).join("Cargo.toml");
        if let Ok(text) = fs::read_to_string(&manifest) {
            let name =
                text.parse::<Table>().ok().and_then(|it| Some(it.get("package")?.get("name")?.as_str()?.to_owned()));
            return match name.as_deref() {
                Some("aws-core") => Ok(Runtime::Folder(Path::new(value).canonicalize()?)),
                _ => Err(Failure::Usage(format!("--runtime: {} is not that of aws-core", manifest.display()))),
            };
        }
        let is_version =
            value.trim_start_matches(['^', '~', '=', '>', '<', ' ']).starts_with(|c: char| c.is_ascii_digit())
                && !value.contains(['/', '\\', '"']);
        match is_version {
            true => Ok(Runtime::Version(value.to_owned())),
            false => Err(Failure::Usage(format!(
                "--runtime: `{value}` is neither the folder of aws-core nor a version such as `0.1`"
            ))),
        }
    }

    /// The value of `aws-core` in the `[dependencies]` of a program in `folder`, an absolute path.
    pub(crate) fn dependency(&self, folder: &Path) -> String {
        match self {
            Runtime::Folder(path) => format!("{{ path = {} }}", quoted(&relative(folder, path))),
            Runtime::Version(version) => quoted(version),
        }
    }

    /// The same of a generated crate, whose own features choose those of the runtime.
    fn featureless_dependency(&self, folder: &Path) -> String {
        let (key, value) = match self {
            Runtime::Folder(path) => ("path", relative(folder, path)),
            Runtime::Version(version) => ("version", version.clone()),
        };
        format!("{{ {key} = {}, default-features = false }}", quoted(&value))
    }
}

/// Moves a crate out of the project's `services` into `out`, where it depends on nothing of the project but `runtime`.
pub(crate) fn move_out(files: &mut CrateFiles, out: &Path, runtime: &Runtime) -> Outcome {
    let root = workspace::root();
    copy(&root.join(&files.folder).join(CUSTOM), CUSTOM, files)?;
    for name in LICENCE_FILES {
        files.files.insert(name.to_string(), read(&root.join(name))?);
    }
    if let Some((_, name)) = files.folder.rsplit_once('/') {
        files.folder = name.to_string();
    }
    let project = read(&root.join("Cargo.toml"))?.parse::<Table>()?;
    let dependency = runtime.featureless_dependency(&resolved(&out.join(&files.folder))?);
    if let Some(manifest) = files.files.get_mut("Cargo.toml") {
        *manifest = without_inheritance(manifest, &project, &dependency)?;
    }
    Ok(())
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
            false => drop(files.files.insert(name, read(&path)?)),
        }
    }
    Ok(())
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| Failure::Found(format!("{}: {error}", path.display())))
}

/// The manifest with everything written out that it inherits from the workspace of `project`.
fn without_inheritance(manifest: &str, project: &Table, runtime: &str) -> Outcome<String> {
    let inherited = |path: &[&str]| {
        let start = project.get("workspace");
        path.iter().fold(start, |value, key| value?.get(key))
    };
    let (mut lines, mut section) = (Vec::new(), "");
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        }
        match line.strip_suffix(".workspace = true") {
            Some("aws-core") => lines.push(format!("aws-core = {runtime}")),
            Some(key) if section == "[package]" => match inherited(&["package", key]) {
                Some(value) => lines.push(format!("{key} = {value}")),
                None => return Err(Failure::Found(format!("Cargo.toml has no workspace.package.{key}"))),
            },
            Some(key) => {
                return Err(Failure::Found(format!("{section}: `{key}` cannot be inherited outside the project")));
            }
            None if section == "[lints]" => match line {
                "workspace = true" => lines.push(lints(inherited(&["lints"])).trim_end().to_owned()),
                "[lints]" => {}
                line => lines.push(line.to_owned()),
            },
            None => lines.push(line.to_owned()),
        }
    }
    Ok(lines.join("\n") + "\n")
}

/// The tables of the lints of a package, from those of the workspace.
fn lints(workspace: Option<&Value>) -> String {
    let mut text = String::new();
    for (tool, lints) in workspace.and_then(Value::as_table).into_iter().flatten() {
        text.push_str(&format!("[lints.{tool}]\n"));
        for (name, level) in lints.as_table().into_iter().flatten() {
            text.push_str(&format!("{name} = {level}\n"));
        }
        text.push('\n');
    }
    text
}

/// A string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// The absolute path without links, also of a folder that does not exist yet.
pub(crate) fn resolved(path: &Path) -> Outcome<PathBuf> {
    let absolute = std::path::absolute(path)?;
    let mut missing = Vec::new();
    for existing in absolute.ancestors() {
        if let Ok(found) = existing.canonicalize() {
            return Ok(missing.iter().rev().fold(found, |path, name| path.join(name)));
        }
        missing.extend(existing.file_name());
    }
    Ok(absolute)
}

/// The path from one absolute folder to another, with `/` between names; the absolute path if they share no root.
pub(crate) fn relative(from: &Path, to: &Path) -> String {
    let (from, names): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (from.components().collect(), to.components().collect());
    let shared = from.iter().zip(&names).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return to.display().to_string();
    }
    let up = from[shared..].iter().map(|_| "..".to_owned());
    let down = names[shared..].iter().map(|it| it.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: &str = "[workspace.package]\nversion = \"1.2.3\"\nedition = \"2024\"\nlicense = \"Apache-2.0\"\n\
                           [workspace.lints.rust]\nunsafe_code = \"deny\"\n[workspace.lints.clippy]\ntodo = \"warn\"\n";

    #[test]
    fn a_manifest_inherits_nothing() {
        let manifest = "# Generated\n\n[package]\nname = \"aws-x\"\nversion.workspace = true\nedition.workspace = true\n\
                        \n[dependencies]\naws-core.workspace = true\naws-y = { path = \"../aws-y\" }\n\n[lints]\n\
                        workspace = true\n\n[features]\nx = [\"aws-core/x\"]\n";
        let expect = "# Generated\n\n[package]\nname = \"aws-x\"\nversion = \"1.2.3\"\nedition = \"2024\"\n\
                      \n[dependencies]\naws-core = { path = \"../r\" }\naws-y = { path = \"../aws-y\" }\n\n\
                      [lints.clippy]\ntodo = \"warn\"\n\n[lints.rust]\nunsafe_code = \"deny\"\n\n\
                      [features]\nx = [\"aws-core/x\"]\n";
        let project = PROJECT.parse::<Table>().expect("a table");
        let Ok(text) = without_inheritance(manifest, &project, "{ path = \"../r\" }") else { panic!("a manifest") };
        assert_eq!(text, expect);
        for unknown in ["[package]\nhomepage.workspace = true\n", "[dependencies]\nserde.workspace = true\n"] {
            assert!(without_inheritance(unknown, &project, "\"1\"").is_err(), "{unknown}");
        }
    }

    #[test]
    fn the_runtime_is_a_folder_or_a_version() {
        let check = |value: &str, expect: Option<&str>| match Runtime::parse(Some(value)) {
            Ok(runtime) => {
                assert_eq!(Some(&*runtime.dependency(Path::new("/out/aws-x"))), expect, "{value}");
                assert!(
                    runtime.featureless_dependency(Path::new("/out/aws-x")).ends_with(", default-features = false }")
                );
            }
            Err(Failure::Usage(message) | Failure::Found(message)) => {
                assert!(expect.is_none() && message.starts_with("--runtime: "), "{value}: {message}");
            }
        };
        for version in ["0.1", "1.2.3", "=1.2.3", "^1", ">=1, <2"] {
            check(version, Some(&format!("\"{version}\"")));
        }
        for wrong in ["", "latest", "/nonexistent", "1/2", env!("CARGO_MANIFEST_DIR")] {
            check(wrong, None);
        }
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime").canonicalize().expect("the runtime");
        let expect = format!("{{ path = {} }}", quoted(&relative(Path::new("/out/aws-x"), &runtime)));
        check(&runtime.display().to_string(), Some(&expect));
    }

    #[test]
    fn paths_are_relative_to_the_crate() {
        let check = |from: &str, to: &str, expect: &str| assert_eq!(relative(Path::new(from), Path::new(to)), expect);
        check("/a/b/c", "/a/runtime", "../../runtime");
        check("/a/b", "/a/b/runtime", "runtime");
        check("/x", "/a b/runtime", "../a b/runtime");
    }
}
