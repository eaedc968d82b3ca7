//! `cargo xtask models update`: moves `models/` to a release of botocore and boto3, pins it in the manifest, and says what
//! changed. Files are written as readable JSON in the order they are published in; nothing in them is altered.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::json;
use codegen::model::{self, Map};
use codegen::report::{Place, Report};
use codegen::source::{Library, Manifest, Package};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::packages::{Packages, Unpacked};
use crate::workspace::{self, plural};
use crate::{Failure, Outcome};

/// What can be done with models.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Move models/ to another release and say what changed
    Update(Arguments),
}

/// The words of `models update`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Version of botocore [default: the pinned one]
    #[arg(long, value_name = "VERSION")]
    botocore: Option<String>,
    /// Version of boto3 [default: the pinned one]
    #[arg(long, value_name = "VERSION")]
    boto3: Option<String>,
    /// A wheel, a folder of wheels, an unpacked package or a data folder to take the files from, instead of PyPI
    #[arg(long, value_name = "PATH", num_args = 1..)]
    from: Vec<PathBuf>,
}

/// The files that are kept of a service.
const KINDS: [&str; 6] = ["service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1", "examples-1", "resources-1"];
/// The files that are kept of all services together.
const SHARED: [&str; 2] = ["partitions.json", "sdk-default-configuration.json"];

/// Files of `models/` by path below it.
type Files = BTreeMap<PathBuf, Vec<u8>>;

pub(crate) fn update(arguments: &Arguments) -> Outcome {
    let folder = workspace::models();
    let path = folder.join("manifest.toml");
    let mut report = Report::new();
    let manifest = Manifest::load(&path, &mut report);
    workspace::fail_on(&report)?;
    let Some(manifest) = manifest else { return Ok(()) };

    let botocore = wanted(&manifest.botocore, &arguments.botocore);
    let boto3 = wanted(&manifest.boto3, &arguments.boto3);
    let packages = Packages::obtain(&botocore, &boto3, &arguments.from)?;
    let library = packages.library();

    let before = operations(&Library::open(&folder), &manifest);
    let mut files = Files::new();
    for service in manifest.services.keys() {
        collect(&library, service, &mut files, &mut report)?;
    }
    for name in SHARED {
        let text = fs::read(library.folder().join(name))?;
        files.insert(Path::new("shared").join(name), pretty(&Place::new(name), &text, &mut report));
    }
    licences(&packages.botocore, "botocore", &mut files)?;
    licences(&packages.boto3, "boto3", &mut files)?;
    workspace::fail_on(&report)?;

    let changes = write(&folder, &files)?;
    for (name, package, unpacked) in [("botocore", &botocore, &packages.botocore), ("boto3", &boto3, &packages.boto3)] {
        let Some(sha256) = &unpacked.sha256 else {
            println!("{name}: not a wheel, so nothing was verified and the pin stays");
            continue;
        };
        let text = fs::read_to_string(&path)?;
        let pinned = pin(&text, name, &package.version, sha256);
        if pinned != text {
            fs::write(&path, pinned)?;
        }
        println!("{name} {}: sha256 {sha256}", package.version);
    }
    println!("models: {changes}");
    compare(&before, &operations(&Library::open(&folder), &manifest));
    read_all(&folder, &manifest)
}

/// The pinned package, or another version of it that is not pinned yet.
fn wanted(pinned: &Package, version: &Option<String>) -> Package {
    match version {
        Some(version) if *version != pinned.version => Package { version: version.clone(), sha256: String::new() },
        _ => pinned.clone(),
    }
}

/// The newest files of a service.
fn collect(library: &Library, service: &str, files: &mut Files, report: &mut Report) -> Outcome {
    let Some(version) = library.versions(service).pop() else {
        return Err(Failure::Found(format!("the package has no service `{service}`")));
    };
    for (name, bytes) in library.files(service, &version)? {
        let kind = name.trim_end_matches(".json").trim_end_matches(".sdk-extras");
        let place = Place::new(&format!("{service}/{version}/{name}"));
        if !KINDS.contains(&kind) {
            report.problem(place, "unknown kind of file");
            continue;
        }
        let package = if kind == "resources-1" { "boto3" } else { "botocore" };
        let path = Path::new(package).join(service).join(&version).join(&name);
        files.insert(path, pretty(&place, &bytes, report));
    }
    Ok(())
}

/// The same JSON, one value a line, keys in their order.
fn pretty(place: &Place, bytes: &[u8], report: &mut Report) -> Vec<u8> {
    let Some(value) = json::parse(report, place, bytes) else { return Vec::new() };
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b" "));
    if let Err(error) = value.serialize(&mut serializer) {
        report.problem(place.clone(), format!("cannot be written as JSON: {error}"));
    }
    text.push(b'\n');
    text
}

/// Licence and notice of an unpacked package; a data folder has none, and what is in `models/` stays.
fn licences(package: &Unpacked, name: &str, files: &mut Files) -> Outcome {
    for (kept, published) in [("LICENSE", ["LICENSE", "LICENSE.txt"]), ("NOTICE", ["NOTICE", "NOTICE.txt"])] {
        let mut found = None;
        for entry in fs::read_dir(&package.folder)? {
            let folder = entry?.path();
            let info = folder.extension().is_some_and(|ending| ending == "dist-info");
            if info && folder.file_name().is_some_and(|it| it.to_string_lossy().starts_with(&format!("{name}-"))) {
                let candidates = published.iter().map(|file| folder.join(file));
                found = candidates.chain([folder.join("licenses").join(kept)]).find(|path| path.is_file());
            }
        }
        let kept = Path::new(name).join(kept);
        let path = found.unwrap_or_else(|| workspace::models().join(&kept));
        files.insert(kept, fs::read(&path).map_err(|error| Failure::Found(format!("{}: {error}", path.display())))?);
    }
    Ok(())
}

/// Writes what differs and removes what is no longer published.
fn write(folder: &Path, files: &Files) -> Outcome<String> {
    let (mut written, mut unchanged, mut removed) = (0, 0, 0);
    for (path, bytes) in files {
        let path = folder.join(path);
        if fs::read(&path).is_ok_and(|old| old == *bytes) {
            unchanged += 1;
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, bytes)?;
        written += 1;
    }
    for package in ["botocore", "boto3", "shared"] {
        remove_others(folder, Path::new(package), files, &mut removed)?;
    }
    Ok(format!("{} written, {unchanged} unchanged, {removed} removed", plural(written, "file")))
}

fn remove_others(root: &Path, below: &Path, files: &Files, removed: &mut usize) -> Outcome {
    let folder = root.join(below);
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        let inside = below.join(entry.file_name());
        if entry.path().is_dir() {
            remove_others(root, &inside, files, removed)?;
        } else if !files.contains_key(&inside) {
            fs::remove_file(entry.path())?;
            *removed += 1;
        }
    }
    if fs::read_dir(&folder)?.next().is_none() {
        fs::remove_dir(&folder)?;
    }
    Ok(())
}

/// The manifest's text with another pin for `package`; everything else in it stays as it is.
fn pin(manifest: &str, package: &str, version: &str, sha256: &str) -> String {
    let mut section = "";
    let mut text = String::new();
    for line in manifest.split_inclusive('\n') {
        let trimmed = line.trim();
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        }
        let key = trimmed.split('=').next().unwrap_or_default().trim();
        match (section == package, key) {
            (true, "version") => text.push_str(&format!("version = \"{version}\"\n")),
            (true, "sha256") => text.push_str(&format!("sha256 = \"{sha256}\"\n")),
            _ => text.push_str(line),
        }
    }
    text
}

/// The operations and shapes of every service in the manifest, as far as they can be read.
fn operations(library: &Library, manifest: &Manifest) -> Map<(Vec<String>, Vec<String>)> {
    let read = |service: &String| {
        let source = library.load(service, &mut Report::new())?;
        let names = |key: &str| source.service.value.get(key)?.as_object().map(|it| it.keys().cloned().collect());
        Some((service.clone(), (names("operations")?, names("shapes")?)))
    };
    manifest.services.keys().filter_map(read).collect()
}

fn compare(before: &Map<(Vec<String>, Vec<String>)>, after: &Map<(Vec<String>, Vec<String>)>) {
    for (service, (operations, shapes)) in after {
        let (mut named, mut counted) = (String::new(), String::new());
        if let Some((old_operations, old_shapes)) = before.get(service) {
            let changes = changes(old_operations, operations);
            if !changes.is_empty() {
                named = format!(" ({})", changes.join(", "));
            }
            let changes = self::changes(old_shapes, shapes);
            if !changes.is_empty() {
                let added = changes.iter().filter(|change| change.starts_with('+')).count();
                counted = format!(" ({added} added, {} removed)", changes.len() - added);
            }
        }
        let (operations, shapes) = (plural(operations.len(), "operation"), plural(shapes.len(), "shape"));
        println!("{service}: {operations}{named}; {shapes}{counted}");
    }
}

/// `+New` and `-Gone`, each in the order of its list.
fn changes(before: &[String], after: &[String]) -> Vec<String> {
    let missing = |sign: char, from: &[String], names: &[String]| {
        names.iter().filter(|name| !from.contains(name)).map(|name| format!("{sign}{name}")).collect::<Vec<_>>()
    };
    [missing('+', before, after), missing('-', after, before)].concat()
}

/// Reads the models as the generator does, so that anything new in them shows now.
fn read_all(folder: &Path, manifest: &Manifest) -> Outcome {
    let library = Library::open(folder);
    let mut report = Report::new();
    for service in manifest.services.keys() {
        if let Some(source) = library.load(service, &mut report)
            && let Some(mut models) = model::read(&source, &mut report)
        {
            codegen::fixups::apply(&mut models, &mut report);
        }
    }
    workspace::fail_on(&report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_change_in_place() {
        let text =
            "# top\n[botocore]\nversion = \"1\"\n# why\nsha256 = \"a\"\n[boto3]\nversion = \"1\"\nsha256 = \"a\"\n";
        let expect =
            "# top\n[botocore]\nversion = \"1\"\n# why\nsha256 = \"a\"\n[boto3]\nversion = \"2\"\nsha256 = \"b\"\n";
        assert_eq!(pin(text, "boto3", "2", "b"), expect);
    }

    #[test]
    fn changes_name_both_sides() {
        let names = |text: &str| text.split_whitespace().map(str::to_string).collect::<Vec<_>>();
        let check = |before: &str, after: &str, expect: &str| {
            assert_eq!(changes(&names(before), &names(after)).join(" "), expect);
        };
        check("A B", "B C", "+C -A");
        check("A", "A", "");
        check("", "A", "+A");
    }

    #[test]
    fn json_keeps_order_and_numbers() {
        let mut report = Report::new();
        let text = pretty(&Place::new("f"), br#"{"b":[1,1.0,-0.5],"a":{},"c":"\u00e9\n"}"#, &mut report);
        let expect = "{\n \"b\": [\n  1,\n  1.0,\n  -0.5\n ],\n \"a\": {},\n \"c\": \"é\\n\"\n}\n";
        assert_eq!(String::from_utf8(text).unwrap(), expect);
        assert!(report.is_empty());
    }
}
