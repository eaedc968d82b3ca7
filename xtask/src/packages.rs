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
        let shelf = Shelf::new(from);
        Ok(Packages { botocore: shelf.obtain("botocore", botocore)?, boto3: shelf.obtain("boto3", boto3)? })
    }

    /// Both as one folder of models.
    pub(crate) fn library(&self) -> Library {
        Library::open(&self.botocore.folder).with_resources(&self.boto3.folder)
    }
}

/// Where packages are taken from, and where they are kept.
pub(crate) struct Shelf {
    /// Fetched wheels, and what was unpacked.
    pub(crate) cache: PathBuf,
    /// Wheels, folders of wheels, unpacked packages or data folders; PyPI when empty.
    pub(crate) from: Vec<PathBuf>,
}

/// What became of a fetch: the wheel, or why there is none.
type Fetched = Result<PathBuf, String>;

impl Shelf {
    /// The project's cache, before `from` or PyPI.
    pub(crate) fn new(from: &[PathBuf]) -> Shelf {
        Shelf { cache: workspace::cache(), from: from.to_vec() }
    }

    /// The package; an unknown version is an error.
    pub(crate) fn obtain(&self, name: &str, package: &Package) -> Outcome<Unpacked> {
        self.look(name, package)?.map_err(Failure::Usage)
    }

    /// The package, or why there is none of this version.
    pub(crate) fn look(&self, name: &str, package: &Package) -> Outcome<Result<Unpacked, String>> {
        let wheel = wheel_name(name, &package.version);
        if self.from.is_empty() {
            return Ok(match self.fetch(name, &package.version)? {
                Ok(path) => Ok(self.unpack(&path, package)?),
                Err(why) => Err(why),
            });
        }
        for place in &self.from {
            let beside = place.join(&wheel);
            if place.file_name().is_some_and(|file| file == wheel.as_str()) && place.is_file() {
                return Ok(Ok(self.unpack(place, package)?));
            } else if beside.is_file() {
                return Ok(Ok(self.unpack(&beside, package)?));
            } else if holds_unpacked(place, name) {
                return Ok(Ok(Unpacked { folder: place.clone(), sha256: None }));
            }
        }
        let places: Vec<_> = self.from.iter().map(|place| place.display().to_string()).collect();
        Ok(Err(format!("there is neither {wheel} nor the data of {name} in {}", places.join(", "))))
    }

    /// The newest version there is.
    pub(crate) fn newest(&self, name: &str) -> Outcome<String> {
        if self.from.is_empty() {
            // pip knows what is newest; the wheel is wanted anyway.
            let folder = self.cache.join(format!("newest-{}", std::process::id()));
            let said = pip(name, name, &folder)?;
            let found = wheels(&folder, name);
            let version = match found.last() {
                Some((version, path)) => {
                    fs::rename(path, self.cache.join(wheel_name(name, version)))?;
                    Ok(version.clone())
                }
                None => Err(Failure::Found(said.err().unwrap_or_else(|| format!("pip fetched no wheel of {name}")))),
            };
            fs::remove_dir_all(&folder)?;
            return version;
        }
        let mut found: Vec<_> = self.from.iter().flat_map(|place| wheels(place, name)).collect();
        found.sort_by_key(|(version, _)| ordered(version));
        let newest = found.pop().map(|(version, _)| version);
        newest.ok_or_else(|| Failure::Usage(format!("there is no wheel of {name} to take the newest version from")))
    }

    /// The wheel in the cache, put there by pip.
    fn fetch(&self, name: &str, version: &str) -> Outcome<Fetched> {
        if version.is_empty() || !version.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'.') {
            return Ok(Err(format!("`{version}` is no version")));
        }
        let path = self.cache.join(wheel_name(name, version));
        if path.is_file() {
            return Ok(Ok(path));
        }
        eprintln!("fetching {name} {version} from PyPI");
        Ok(match pip(name, &format!("{name}=={version}"), &self.cache)? {
            Ok(()) if path.is_file() => Ok(path),
            Ok(()) => Err(format!("pip fetched no {}", wheel_name(name, version))),
            Err(why) => Err(why),
        })
    }

    /// Verifies the wheel against the pin, if there is one, and unpacks its data into the cache.
    fn unpack(&self, wheel: &Path, package: &Package) -> Outcome<Unpacked> {
        let sha256 = sha256(wheel)?;
        if !package.sha256.is_empty() && package.sha256 != sha256 {
            let (wheel, pinned) = (wheel.display(), &package.sha256);
            return Err(Failure::Found(format!(
                "{wheel} is not the pinned file: its sha256 is {sha256}, pinned is {pinned}"
            )));
        }
        // The hash is part of the folder's name, so that another file never passes for this one.
        let stem = wheel.file_name().map(|name| name.to_string_lossy().replace("-py3-none-any.whl", ""));
        let folder = self.cache.join(format!("{}-{}", stem.unwrap_or_default(), &sha256[..12]));
        if !folder.is_dir() {
            let begun = folder.with_extension(format!("begun-{}", std::process::id()));
            extract(wheel, &begun)?;
            fs::rename(&begun, &folder)?;
        }
        Ok(Unpacked { folder, sha256: Some(sha256) })
    }
}

fn wheel_name(name: &str, version: &str) -> String {
    format!("{name}-{version}-py3-none-any.whl")
}

/// The wheels of a package in a folder, or the file itself, with their versions, oldest first.
fn wheels(place: &Path, name: &str) -> Vec<(String, PathBuf)> {
    let files = match place.is_dir() {
        true => fs::read_dir(place).into_iter().flatten().flatten().map(|it| it.path()).collect(),
        false => vec![place.to_path_buf()],
    };
    let version = |path: &PathBuf| {
        let file = path.file_name()?.to_str()?;
        Some(file.strip_prefix(name)?.strip_prefix('-')?.strip_suffix("-py3-none-any.whl")?.to_owned())
    };
    let mut found: Vec<_> = files.into_iter().filter_map(|path| Some((version(&path)?, path))).collect();
    found.sort_by_key(|(version, _)| ordered(version));
    found
}

/// A version as something that can be ordered: its numbers.
pub(crate) fn ordered(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

/// Lets pip put a wheel into `folder`; the inner error says what pip could not find.
fn pip(name: &str, wanted: &str, folder: &Path) -> Outcome<Result<(), String>> {
    fs::create_dir_all(folder)?;
    let output = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--retries", "2"])
        .args(["--timeout", "30", "--only-binary", ":all:", "--dest"])
        .arg(folder)
        .arg(wanted)
        .output()
        .map_err(|error| Failure::Found(format!("python3, whose pip fetches {name}, cannot be run: {error}")))?;
    match output.status.success() {
        true => Ok(Ok(())),
        false => complaint(name, wanted, &String::from_utf8_lossy(&output.stderr)).map(Err),
    }
}

/// What pip's complaint comes down to: that there is no such version, or (as a failure) that it could not look.
fn complaint(name: &str, wanted: &str, said: &str) -> Outcome<String> {
    if said.contains("No module named pip") {
        let how = "install it (python3 -m ensurepip), or give wheels with --from";
        return Err(Failure::Found(format!("python3 has no pip to fetch {name} with; {how}")));
    }
    // pip names every version there ever was, or none if it could not ask.
    let Some((_, versions)) = said.split_once("(from versions: ") else {
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it does not say why");
        return Err(Failure::Found(format!("pip cannot fetch {wanted}: {last}")));
    };
    let versions: Vec<&str> = versions.split(')').next().unwrap_or_default().split(", ").collect();
    if versions == ["none"] {
        let how = "is there a network? Wheels can be given with --from";
        return Err(Failure::Found(format!("pip cannot fetch {wanted}: PyPI names no version of {name}; {how}")));
    }
    let newest = versions.iter().max_by_key(|it| ordered(it)).copied().unwrap_or_default();
    let version = wanted.rsplit('=').next().unwrap_or_default();
    let near = codegen::report::nearest_few(version, versions.iter().copied().filter(|it| *it != newest), 3);
    let near = if near.is_empty() { String::new() } else { format!("; near to it: {}", near.join(", ")) };
    Ok(format!("there is no {name} {version}; the newest is {newest}{near}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pip_says() {
        let check =
            |said: &str, expect: Result<&str, &str>| match (complaint("botocore", "botocore==1.2.4", said), expect) {
                (Ok(found), Ok(expect)) => assert_eq!(found, expect),
                (Err(Failure::Found(found) | Failure::Usage(found)), Err(expect)) => assert_eq!(found, expect),
                (Ok(found) | Err(Failure::Found(found) | Failure::Usage(found)), _) => panic!("{found}"),
            };
        check(
            "ERROR: Could not find a version that satisfies the requirement botocore==1.2.4 (from versions: 1.2.3, \
             1.2.30, 1.9.0, 1.10.0)\nERROR: No matching distribution found for botocore==1.2.4",
            Ok("there is no botocore 1.2.4; the newest is 1.10.0; near to it: 1.2.3, 1.2.30, 1.9.0"),
        );
        check(
            "WARNING: Retrying\nERROR: Could not find a version (from versions: none)\nERROR: No matching distribution",
            Err(
                "pip cannot fetch botocore==1.2.4: PyPI names no version of botocore; is there a network? Wheels can be \
                 given with --from",
            ),
        );
        check(
            "/usr/bin/python3: No module named pip\n",
            Err(
                "python3 has no pip to fetch botocore with; install it (python3 -m ensurepip), or give wheels with --from",
            ),
        );
        check("ERROR: no space left\n\n", Err("pip cannot fetch botocore==1.2.4: ERROR: no space left"));
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        for (older, newer) in [("1.9.10", "1.10.0"), ("1.44.4", "1.44.5"), ("1.44", "1.44.1"), ("1.99.99", "2.0.0")] {
            assert!(ordered(older) < ordered(newer), "{older} {newer}");
        }
    }
}
