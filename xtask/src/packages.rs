//! The two packages models come from: fetched with pip, or found in a folder; verified against the manifest's pin, and
//! unpacked once into the cache.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use codegen::source::{Library, Package};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::{Failure, Outcome, workspace};

/// The files of both packages.
pub(crate) struct Packages {
    pub(crate) botocore: Unpacked,
    pub(crate) boto3: Unpacked,
}

/// The files of one package.
pub(crate) struct Unpacked {
    /// The folder that holds the package's folder and its `.dist-info`; or only data.
    pub(crate) folder: PathBuf,
    /// The wheel's SHA-256; absent for files that never were one.
    pub(crate) sha256: Option<String>,
}

impl Packages {
    /// Finds both packages in `from` (wheels, folders of wheels, unpacked packages or data folders), or fetches them.
    pub(crate) fn obtain(botocore: &Package, boto3: &Package, from: &[PathBuf]) -> Outcome<Packages> {
        Ok(Packages { botocore: obtain("botocore", botocore, from)?, boto3: obtain("boto3", boto3, from)? })
    }

    /// Both as one folder of models.
    pub(crate) fn library(&self) -> Library {
        Library::open(&self.botocore.folder).with_resources(&self.boto3.folder)
    }
}

fn obtain(name: &str, package: &Package, from: &[PathBuf]) -> Outcome<Unpacked> {
    let wheel = format!("{name}-{}-py3-none-any.whl", package.version);
    if from.is_empty() {
        return unpack(&fetch(name, &package.version, &wheel)?, package);
    }
    for place in from {
        let beside = place.join(&wheel);
        if place.file_name().is_some_and(|file| file == wheel.as_str()) && place.is_file() {
            return unpack(place, package);
        } else if beside.is_file() {
            return unpack(&beside, package);
        } else if holds_unpacked(place, name) {
            return Ok(Unpacked { folder: place.clone(), sha256: None });
        }
    }
    let places: Vec<_> = from.iter().map(|place| place.display().to_string()).collect();
    Err(Failure::Usage(format!("there is neither {wheel} nor the data of {name} in {}", places.join(", "))))
}

/// Whether the folder is an unpacked package, or a data folder with its kind of files in it.
fn holds_unpacked(folder: &Path, name: &str) -> bool {
    let library = Library::open(folder);
    folder.join(name).join("data").is_dir()
        || match name {
            "botocore" => !library.versions("s3").is_empty(),
            _ => !library.resource_versions("s3").is_empty(),
        }
}

/// The wheel in the cache, put there by pip.
fn fetch(name: &str, version: &str, wheel: &str) -> Outcome<PathBuf> {
    let cache = workspace::cache();
    let path = cache.join(wheel);
    if path.is_file() {
        return Ok(path);
    }
    fs::create_dir_all(&cache)?;
    eprintln!("fetching {name} {version} from PyPI");
    let pip = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--only-binary", ":all:", "--dest"])
        .arg(&cache)
        .arg(format!("{name}=={version}"))
        .output()
        .map_err(|error| Failure::Found(format!("python3 -m pip cannot be run: {error}")))?;
    if !pip.status.success() {
        // Before it gives up pip names every version there ever was; what it says last is what matters.
        let said = String::from_utf8_lossy(&pip.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it does not say why");
        return Err(Failure::Found(format!("pip cannot fetch {name} {version}: {last}")));
    }
    match path.is_file() {
        true => Ok(path),
        false => Err(Failure::Found(format!("pip fetched no {wheel}"))),
    }
}

/// Verifies the wheel against the pin, if there is one, and unpacks its data into the cache.
fn unpack(wheel: &Path, package: &Package) -> Outcome<Unpacked> {
    let sha256 = sha256(wheel)?;
    if !package.sha256.is_empty() && package.sha256 != sha256 {
        let (wheel, pinned) = (wheel.display(), &package.sha256);
        return Err(Failure::Found(format!(
            "{wheel} is not the pinned file: its sha256 is {sha256}, pinned is {pinned}"
        )));
    }
    // The hash is part of the folder's name, so that another file never passes for this one.
    let stem = wheel.file_name().map(|name| name.to_string_lossy().replace("-py3-none-any.whl", ""));
    let folder = workspace::cache().join(format!("{}-{}", stem.unwrap_or_default(), &sha256[..12]));
    if !folder.is_dir() {
        let begun = folder.with_extension(format!("begun-{}", std::process::id()));
        extract(wheel, &begun)?;
        fs::rename(&begun, &folder)?;
    }
    Ok(Unpacked { folder, sha256: Some(sha256) })
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    hash.update(fs::read(path)?);
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Data and licences only.
fn extract(wheel: &Path, to: &Path) -> Outcome {
    let mut archive = ZipArchive::new(File::open(wheel)?)?;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        let Some(inside) = file.enclosed_name() else { continue };
        let mut parts = inside.iter();
        let wanted = match (parts.next(), parts.next()) {
            (Some(top), Some(_)) if top.to_string_lossy().ends_with(".dist-info") => true,
            (Some(_), Some(data)) => data == "data",
            _ => false,
        };
        if !wanted || file.is_dir() {
            continue;
        }
        let path = to.join(inside);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        io::copy(&mut file, &mut File::create(path)?)?;
    }
    Ok(())
}
