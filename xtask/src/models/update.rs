//! `cargo xtask models update`: moves `models/` to a release of botocore and boto3, pins it in the manifest, and prints
//! what changed. Files are written as indented JSON in their published order; their content is not changed. `shared`
//! extracts what is needed of files that are too large to store.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::json;
use codegen::model;
use codegen::report::{Report, SourceLocation};
use codegen::source::{Manifest, ModelStore};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::{Release, diff, render, shared, signatures};
use crate::packages::{PackageCache, Unpacked, version_key};
use crate::workspace::{self, plural};
use crate::{Failure, Outcome};

/// Move models/ to another release and print what changed
///
/// Writes the files of the manifest's services to models/, and pins the release in the manifest with the hashes of its
/// wheels. Prints the differences to the previously pinned release for all services, those of the manifest first and in
/// detail. The arguments of the methods that the release adds, of all services, are recorded in models/signatures. With
/// `--to pinned` the files are written again from the pinned release, which adds the files of services that are new in
/// the manifest, and records what is not recorded yet.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The release, or `pinned` for the currently pinned one [default: the newest on PyPI]
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Write nothing, only print what changes
    #[arg(long)]
    dry_run: bool,
    /// Allow a release that is older than the pinned one
    #[arg(long)]
    allow_downgrade: bool,
    /// Also write the changes as Markdown to this file, for a pull request; it is empty if nothing changes
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Wheels, folders of wheels, unpacked packages or data folders that have the files, instead of PyPI
    #[arg(long, value_name = "PATH", num_args = 1..)]
    from: Vec<PathBuf>,
}

/// The kinds of files that are stored for a service.
const KINDS: [&str; 6] = ["service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1", "examples-1", "resources-1"];

/// The files of `models/`, by their paths in it.
type Files = BTreeMap<PathBuf, Vec<u8>>;

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let summary = update(&workspace::models(), &PackageCache::new(&arguments.from), arguments)?;
    print!("{summary}");
    Ok(())
}

/// Updates the models in `folder`; returns the output to print.
fn update(folder: &Path, cache: &PackageCache, arguments: &Arguments) -> Outcome<String> {
    let path = folder.join("manifest.toml");
    let mut report = Report::new();
    let manifest = Manifest::load(&path, &mut report);
    workspace::fail_on(&report)?;
    let Some(manifest) = manifest else { return Ok(String::new()) };

    let (old, new) = releases(&manifest, cache, arguments)?;
    let release = new.as_ref().unwrap_or(&old);
    let files = files(folder, release, &manifest)?;
    let mut output = String::new();
    let mut markdown = String::new();
    if let Some(new) = &new {
        let mut differences = diff::differences(&old, new, &manifest)?;
        differences.services.sort_by_key(|it| !manifest.services.contains_key(&it.name));
        differences.detailed =
            Some(differences.services.iter().filter(|it| manifest.services.contains_key(&it.name)).count());
        output = render::terminal(&differences);
        markdown = render::markdown(&differences);
    }
    if let Some(file) = &arguments.report {
        fs::write(file, markdown)?;
    }
    output.push_str(&format!("models: {}\n", write(folder, &files, arguments.dry_run)?));
    output.push_str(&signatures::record(folder, &release.store, &manifest, arguments.dry_run)?);
    let text = fs::read_to_string(&path)?;
    let mut pinned = text.clone();
    let boto3 = new.as_ref().map_or(&manifest.boto3.version, |it| &it.version);
    let packages =
        [("botocore", &release.version, Some(&release.botocore)), ("boto3", boto3, release.boto3.as_ref().ok())];
    for (name, version, unpacked) in packages {
        match unpacked.and_then(|it| it.sha256.as_ref()) {
            Some(sha256) => pinned = pin(&pinned, name, version, sha256),
            None => output.push_str(&format!("{name}: not a wheel, so it was not verified and the pin is unchanged\n")),
        }
    }
    if arguments.dry_run {
        output.push_str("nothing was written\n");
        return Ok(output);
    }
    if pinned != text {
        fs::write(&path, pinned)?;
    }
    read_all(folder, &manifest)?;
    Ok(output)
}

/// The pinned release, and the release to move to if it is another one.
fn releases(manifest: &Manifest, cache: &PackageCache, arguments: &Arguments) -> Outcome<(Release, Option<Release>)> {
    let pinned = &manifest.botocore.version;
    let to = match arguments.to.as_deref() {
        Some("pinned") => pinned.clone(),
        Some(version) => version.to_owned(),
        None => cache.newest("botocore")?,
    };
    if version_key(&to) < version_key(pinned) && !arguments.allow_downgrade {
        let hint = "use --allow-downgrade to move to it";
        return Err(Failure::Usage(format!("{to} is older than the pinned release {pinned}; {hint}")));
    }
    let packages = [&manifest.botocore, &manifest.boto3];
    let boto3 = cache.find("boto3", &manifest.boto3)?;
    let old = Release::new(pinned, cache.obtain("botocore", &manifest.botocore)?, boto3)?;
    let new = if to == *pinned { None } else { Some(Release::obtain(cache, &to, packages)?) };
    // Without boto3 of this version the resources of the manifest's services would be removed.
    match &new.as_ref().unwrap_or(&old).boto3 {
        Err(reason) => Err(Failure::Usage(reason.clone())),
        Ok(_) => Ok((old, new)),
    }
}

/// All files of the manifest's services in a release.
fn files(folder: &Path, release: &Release, manifest: &Manifest) -> Outcome<Files> {
    let (mut files, mut report) = (Files::new(), Report::new());
    for service in manifest.services.keys() {
        collect(&release.store, service, &mut files, &mut report)?;
    }
    for (name, value) in shared::files(&release.store, &mut report)? {
        files.insert(Path::new("shared").join(name), to_json(&SourceLocation::new(name), &value, &mut report));
    }
    licences(folder, Some(&release.botocore), "botocore", &mut files)?;
    licences(folder, release.boto3.as_ref().ok(), "boto3", &mut files)?;
    workspace::fail_on(&report)?;
    Ok(files)
}

/// The newest files of a service.
fn collect(store: &ModelStore, service: &str, files: &mut Files, report: &mut Report) -> Outcome {
    let Some(version) = store.versions(service).pop() else {
        return Err(Failure::Found(format!("the package has no models of the service `{service}`")));
    };
    for (name, bytes) in store.files(service, &version)? {
        let kind = name.trim_end_matches(".json").trim_end_matches(".sdk-extras");
        let location = SourceLocation::new(&format!("{service}/{version}/{name}"));
        if !KINDS.contains(&kind) {
            report.problem(location, "unknown kind of model file");
            continue;
        }
        let package = if kind == "resources-1" { "boto3" } else { "botocore" };
        let path = Path::new(package).join(service).join(&version).join(&name);
        files.insert(path, format_json(&location, &bytes, report));
    }
    Ok(())
}

/// Formats JSON with one value per line; keys stay in their order.
fn format_json(location: &SourceLocation, bytes: &[u8], report: &mut Report) -> Vec<u8> {
    json::parse(report, location, bytes).map_or_else(Vec::new, |value| to_json(location, &value, report))
}

fn to_json(location: &SourceLocation, value: &json::Value, report: &mut Report) -> Vec<u8> {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b" "));
    if let Err(error) = value.serialize(&mut serializer) {
        report.problem(location.clone(), format!("cannot be written as JSON: {error}"));
    }
    text.push(b'\n');
    text
}

/// Licence and notice of an unpacked package; for a data folder, which has none, the files in `models/` stay.
fn licences(models: &Path, package: Option<&Unpacked>, name: &str, files: &mut Files) -> Outcome {
    for (file_name, published) in [("LICENSE", ["LICENSE", "LICENSE.txt"]), ("NOTICE", ["NOTICE", "NOTICE.txt"])] {
        let mut found = None;
        for entry in package.map(|it| fs::read_dir(&it.folder)).transpose()?.into_iter().flatten() {
            let folder = entry?.path();
            let is_info = folder.extension().is_some_and(|ending| ending == "dist-info");
            if is_info && folder.file_name().is_some_and(|it| it.to_string_lossy().starts_with(&format!("{name}-"))) {
                let candidates = published.iter().map(|file| folder.join(file));
                found = candidates.chain([folder.join("licenses").join(file_name)]).find(|path| path.is_file());
            }
        }
        let stored = Path::new(name).join(file_name);
        let path = found.unwrap_or_else(|| models.join(&stored));
        files.insert(stored, fs::read(&path).map_err(|error| Failure::Found(format!("{}: {error}", path.display())))?);
    }
    Ok(())
}

/// Writes the files that differ and removes those that are no longer published; a dry run only counts them.
fn write(folder: &Path, files: &Files, dry_run: bool) -> Outcome<String> {
    let (mut written, mut unchanged, mut removed) = (0, 0, 0);
    for (path, bytes) in files {
        let path = folder.join(path);
        if fs::read(&path).is_ok_and(|old| old == *bytes) {
            unchanged += 1;
            continue;
        }
        written += 1;
        if dry_run {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, bytes)?;
    }
    for package in ["botocore", "boto3", "shared"] {
        removed += remove_others(folder, Path::new(package), files, dry_run)?;
    }
    Ok(format!("{} written, {unchanged} unchanged, {removed} removed", plural(written, "file")))
}

fn remove_others(root: &Path, below: &Path, files: &Files, dry_run: bool) -> Outcome<usize> {
    let folder = root.join(below);
    if !folder.is_dir() {
        return Ok(0);
    }
    let mut removed = 0;
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        let inside = below.join(entry.file_name());
        if entry.path().is_dir() {
            removed += remove_others(root, &inside, files, dry_run)?;
        } else if !files.contains_key(&inside) {
            removed += 1;
            if !dry_run {
                fs::remove_file(entry.path())?;
            }
        }
    }
    if fs::read_dir(&folder)?.next().is_none() && !dry_run {
        fs::remove_dir(&folder)?;
    }
    Ok(removed)
}

/// The manifest's text with a new pin for `package`; everything else in it is unchanged.
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

/// Reads the models as the generator does, so that unsupported changes in them are reported now.
fn read_all(folder: &Path, manifest: &Manifest) -> Outcome {
    let store = ModelStore::open(folder);
    let mut report = Report::new();
    for service in manifest.services.keys() {
        if let Some(source) = store.load(service, &mut report)
            && let Some(mut models) = model::read(&source, &mut report)
        {
            codegen::fixups::apply(&mut models, &mut report);
        }
    }
    workspace::fail_on(&report)
}

#[cfg(test)]
mod tests;
