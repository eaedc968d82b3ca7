//! `cargo xtask models update`: moves `models/` to a release of botocore and boto3, pins it in the manifest, and says what
//! changed. Files are written as readable JSON in the order they are published in; nothing in them is altered. What is too
//! large to keep is reduced by `shared`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::json;
use codegen::model;
use codegen::report::{Place, Report};
use codegen::source::{Library, Manifest};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::{Release, diff, shared, text};
use crate::packages::{Shelf, Unpacked, ordered};
use crate::workspace::{self, plural};
use crate::{Failure, Outcome};

/// The words of `models update`.
///
/// The files of the manifest's services are written to models/, and the release is pinned there with the hashes of its
/// wheels. What differs from the pinned release is told of every service there is, the manifest's first and in full.
/// With `--to pinned` the files are written anew from the pinned release: so do services that were added to the manifest
/// get theirs.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The release, or `pinned` for the one there is now [default: the newest on PyPI]
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Write nothing, only say what changes
    #[arg(long)]
    dry_run: bool,
    /// Move to an older release than the pinned one, too
    #[arg(long)]
    allow_downgrade: bool,
    /// Also write what changes as Markdown to this file, for a pull request; an empty one when nothing changes
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// A wheel, a folder of wheels, an unpacked package or a data folder to take the files from, instead of PyPI
    #[arg(long, value_name = "PATH", num_args = 1..)]
    from: Vec<PathBuf>,
}

/// The files that are kept of a service.
const KINDS: [&str; 6] = ["service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1", "examples-1", "resources-1"];

/// Files of `models/` by path below it.
type Files = BTreeMap<PathBuf, Vec<u8>>;

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let told = update(&workspace::models(), &Shelf::new(&arguments.from), arguments)?;
    print!("{told}");
    Ok(())
}

/// Updates the models in `folder`; returns what there is to tell.
fn update(folder: &Path, shelf: &Shelf, arguments: &Arguments) -> Outcome<String> {
    let path = folder.join("manifest.toml");
    let mut report = Report::new();
    let manifest = Manifest::load(&path, &mut report);
    workspace::fail_on(&report)?;
    let Some(manifest) = manifest else { return Ok(String::new()) };

    let (old, new) = releases(&manifest, shelf, arguments)?;
    let release = new.as_ref().unwrap_or(&old);
    let files = files(folder, release, &manifest)?;
    let mut told = String::new();
    let mut markdown = String::new();
    if let Some(new) = &new {
        let mut found = diff::differences(&old, new, &manifest)?;
        found.services.sort_by_key(|it| !manifest.services.contains_key(&it.name));
        found.detailed = Some(found.services.iter().filter(|it| manifest.services.contains_key(&it.name)).count());
        told = text::plain(&found);
        markdown = text::markdown(&found);
    }
    if let Some(file) = &arguments.report {
        fs::write(file, markdown)?;
    }
    told.push_str(&format!("models: {}\n", write(folder, &files, arguments.dry_run)?));
    let text = fs::read_to_string(&path)?;
    let mut pinned = text.clone();
    let boto3 = new.as_ref().map_or(&manifest.boto3.version, |it| &it.version);
    let packages =
        [("botocore", &release.version, Some(&release.botocore)), ("boto3", boto3, release.boto3.as_ref().ok())];
    for (name, version, unpacked) in packages {
        match unpacked.and_then(|it| it.sha256.as_ref()) {
            Some(sha256) => pinned = pin(&pinned, name, version, sha256),
            None => told.push_str(&format!("{name}: not a wheel, so nothing was verified and the pin stays\n")),
        }
    }
    if arguments.dry_run {
        told.push_str("nothing was written\n");
        return Ok(told);
    }
    if pinned != text {
        fs::write(&path, pinned)?;
    }
    read_all(folder, &manifest)?;
    Ok(told)
}

/// The pinned release, and the one to move to if that is another.
fn releases(manifest: &Manifest, shelf: &Shelf, arguments: &Arguments) -> Outcome<(Release, Option<Release>)> {
    let pinned = &manifest.botocore.version;
    let to = match arguments.to.as_deref() {
        Some("pinned") => pinned.clone(),
        Some(version) => version.to_owned(),
        None => shelf.newest("botocore")?,
    };
    if ordered(&to) < ordered(pinned) && !arguments.allow_downgrade {
        let how = "say --allow-downgrade if that is meant";
        return Err(Failure::Usage(format!("{to} is older than {pinned}, which is pinned; {how}")));
    }
    let packages = [&manifest.botocore, &manifest.boto3];
    let boto3 = shelf.look("boto3", &manifest.boto3)?;
    let old = Release::of(pinned, shelf.obtain("botocore", &manifest.botocore)?, boto3)?;
    let new = if to == *pinned { None } else { Some(Release::obtain(shelf, &to, packages)?) };
    // Without its boto3 the resources of the manifest's services would vanish.
    match &new.as_ref().unwrap_or(&old).boto3 {
        Err(why) => Err(Failure::Usage(why.clone())),
        Ok(_) => Ok((old, new)),
    }
}

/// All files of the manifest's services in a release.
fn files(folder: &Path, release: &Release, manifest: &Manifest) -> Outcome<Files> {
    let (mut files, mut report) = (Files::new(), Report::new());
    for service in manifest.services.keys() {
        collect(&release.library, service, &mut files, &mut report)?;
    }
    for (name, value) in shared::files(&release.library, &mut report)? {
        files.insert(Path::new("shared").join(name), text_of(&Place::new(name), &value, &mut report));
    }
    licences(folder, Some(&release.botocore), "botocore", &mut files)?;
    licences(folder, release.boto3.as_ref().ok(), "boto3", &mut files)?;
    workspace::fail_on(&report)?;
    Ok(files)
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
    json::parse(report, place, bytes).map_or_else(Vec::new, |value| text_of(place, &value, report))
}

fn text_of(place: &Place, value: &json::Value, report: &mut Report) -> Vec<u8> {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b" "));
    if let Err(error) = value.serialize(&mut serializer) {
        report.problem(place.clone(), format!("cannot be written as JSON: {error}"));
    }
    text.push(b'\n');
    text
}

/// Licence and notice of an unpacked package; a data folder has none, and what is in `models/` stays.
fn licences(models: &Path, package: Option<&Unpacked>, name: &str, files: &mut Files) -> Outcome {
    for (kept, published) in [("LICENSE", ["LICENSE", "LICENSE.txt"]), ("NOTICE", ["NOTICE", "NOTICE.txt"])] {
        let mut found = None;
        for entry in package.map(|it| fs::read_dir(&it.folder)).transpose()?.into_iter().flatten() {
            let folder = entry?.path();
            let info = folder.extension().is_some_and(|ending| ending == "dist-info");
            if info && folder.file_name().is_some_and(|it| it.to_string_lossy().starts_with(&format!("{name}-"))) {
                let candidates = published.iter().map(|file| folder.join(file));
                found = candidates.chain([folder.join("licenses").join(kept)]).find(|path| path.is_file());
            }
        }
        let kept = Path::new(name).join(kept);
        let path = found.unwrap_or_else(|| models.join(&kept));
        files.insert(kept, fs::read(&path).map_err(|error| Failure::Found(format!("{}: {error}", path.display())))?);
    }
    Ok(())
}

/// Writes what differs and removes what is no longer published; or only counts.
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
mod tests;
