//! A folder of models: which services and versions it holds, and the files of one of them. Three layouts are understood:
//! this project's `models/` (`botocore/<service>`, `boto3/<service>`), a folder of unpacked packages
//! (`botocore/data/<service>`, `boto3/data/<service>`), and a bare data folder (`<service>`).

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use super::{Document, ServiceSource, overlay};
use crate::json;
use crate::report::{Place, Report};

/// A folder of models.
#[derive(Debug, Clone)]
pub struct Library {
    services: PathBuf,
    resources: PathBuf,
}

impl Library {
    /// Finds out which layout `root` has; a folder without models is noticed when a service is asked for.
    pub fn open(root: &Path) -> Library {
        for (services, resources) in [("botocore/data", "boto3/data"), ("botocore", "boto3"), ("data", "data")] {
            if root.join(services).is_dir() || root.join(resources).is_dir() {
                return Library { services: root.join(services), resources: root.join(resources) };
            }
        }
        // A bare data folder: a boto3 beside its botocore is found, otherwise resources lie next to the services.
        let beside = root.parent().and_then(Path::parent).map(|it| it.join("boto3/data"));
        let resources = beside.filter(|it| it.is_dir()).unwrap_or_else(|| root.to_path_buf());
        Library { services: root.to_path_buf(), resources }
    }

    /// The folder of services.
    pub fn folder(&self) -> &Path {
        &self.services
    }

    /// A copy that takes resources from the folder or the unpacked boto3 package at `root`.
    pub fn with_resources(self, root: &Path) -> Library {
        let resources = Library::open(root).resources;
        Library { resources, ..self }
    }

    /// The names of all services, sorted.
    pub fn services(&self) -> io::Result<Vec<String>> {
        let named = folders(&self.services)?;
        Ok(named.into_iter().filter(|name| !versions(&self.services.join(name), "service-2").is_empty()).collect())
    }

    /// The versions of a service, oldest first.
    pub fn versions(&self, service: &str) -> Vec<String> {
        versions(&self.services.join(service), "service-2")
    }

    /// The versions of a service's resources, oldest first.
    pub fn resource_versions(&self, service: &str) -> Vec<String> {
        versions(&self.resources.join(service), "resources-1")
    }

    /// The versions of a service for which there is a file of this kind (`endpoint-rule-set-1`), oldest first.
    pub fn versions_with(&self, service: &str, kind: &str) -> Vec<String> {
        versions(&self.services.join(service), kind)
    }

    /// One file of one version, extras merged; `None` if there is no such file, or after a complaint.
    pub fn document(&self, service: &str, version: &str, kind: &str, report: &mut Report) -> Option<Document> {
        read(&self.services.join(service).join(version), kind, report)
    }

    /// A file about all services together; a missing one is a complaint.
    pub fn shared(&self, name: &str, report: &mut Report) -> Option<Document> {
        // In `models/` they have a folder beside those of the packages, in a package they lie among the services.
        let beside = self.services.parent().map(|it| it.join("shared").join(name)).filter(|it| it.is_file());
        parse(&beside.unwrap_or_else(|| self.services.join(name)), report)
    }

    /// Reads and parses the files of a service in its newest version; `None` after a complaint if a file cannot be read.
    pub fn load(&self, service: &str, report: &mut Report) -> Option<ServiceSource> {
        match self.versions(service).pop() {
            Some(version) => self.load_version(service, &version, report),
            None => {
                let place = Place::new(&self.services.join(service).display().to_string());
                report.problem(place, "there is no service-2.json in any version of this folder");
                None
            }
        }
    }

    /// Reads and parses the files of one version of a service.
    pub fn load_version(&self, name: &str, version: &str, report: &mut Report) -> Option<ServiceSource> {
        let before = report.len();
        let folder = self.services.join(name).join(version);
        let mut file = |kind| read(&folder, kind, report);
        let (main, paginators, waiters) = (file("service-2"), file("paginators-1"), file("waiters-2"));
        let (rules, examples) = (file("endpoint-rule-set-1"), file("examples-1"));
        let resources = self
            .resources_for(name, version)
            .and_then(|version| read(&self.resources.join(name).join(version), "resources-1", report));
        if main.is_none() && report.len() == before {
            report.problem(Place::new(&folder.display().to_string()), "there is no service-2.json in this folder");
        }
        let service = main?;
        let (name, version) = (name.to_string(), version.to_string());
        let source = ServiceSource { name, version, service, paginators, waiters, rules, examples, resources };
        (report.len() == before).then_some(source)
    }

    /// The version of the resources that belong to a version of the service: the same, or the newest for the newest.
    fn resources_for(&self, service: &str, version: &str) -> Option<String> {
        let mut resources = self.resource_versions(service);
        match resources.iter().any(|it| it == version) {
            true => Some(version.to_string()),
            false if self.versions(service).last().is_some_and(|it| it == version) => resources.pop(),
            false => None,
        }
    }

    /// Whether the newest files of a service are those of another library, as far as can be told without unpacking them.
    pub fn is_same(&self, other: &Library, service: &str) -> bool {
        let packed = |library: &Library| -> Option<Vec<(PathBuf, Vec<u8>)>> {
            let version = library.versions(service).pop()?;
            let mut packed = Vec::new();
            for folder in library.folders_of(service, &version) {
                for entry in fs::read_dir(folder).ok()? {
                    let path = entry.ok()?.path();
                    let mut bytes = fs::read(&path).ok()?;
                    // A packed file bears the time it was packed at.
                    if path.extension().is_some_and(|it| it == "gz") && bytes.len() > 8 {
                        bytes[4..8].fill(0);
                    }
                    packed.push((Path::new(&version).join(path.file_name()?), bytes));
                }
            }
            packed.sort();
            Some(packed)
        };
        packed(self).is_some_and(|mine| packed(other).is_some_and(|its| mine == its))
    }

    /// The folders that hold the files of a version of a service.
    fn folders_of(&self, service: &str, version: &str) -> Vec<PathBuf> {
        let mut folders = vec![self.services.join(service).join(version)];
        if let Some(version) = self.resources_for(service, version) {
            folders.push(self.resources.join(service).join(version));
        }
        folders.dedup();
        folders
    }

    /// Every file of a version of a service as it is published, unpacked, sorted by name; resources are among them.
    pub fn files(&self, service: &str, version: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut files = Vec::new();
        for folder in self.folders_of(service, version) {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.push((name.trim_end_matches(".gz").to_string(), bytes(&path)?));
            }
        }
        files.sort();
        Ok(files)
    }
}

/// One file with its extras; `None` if there is no such file, or after a complaint.
fn read(folder: &Path, kind: &str, report: &mut Report) -> Option<Document> {
    let mut document = parse(&find(folder, kind)?, report)?;
    if let Some(path) = find(folder, &format!("{kind}.sdk-extras"))
        && let Some(extras) = parse(&path, report)
    {
        overlay::apply(report, &mut document, &extras);
    }
    Some(document)
}

/// The plain file or the packed one.
fn find(folder: &Path, kind: &str) -> Option<PathBuf> {
    [".json", ".json.gz"].iter().map(|ending| folder.join(format!("{kind}{ending}"))).find(|path| path.is_file())
}

fn parse(path: &Path, report: &mut Report) -> Option<Document> {
    let place = Place::new(&path.display().to_string());
    let bytes = match bytes(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            report.problem(place, format!("cannot be read: {error}"));
            return None;
        }
    };
    let value = json::parse(report, &place, &bytes)?;
    Some(Document { place, value })
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = fs::read(path)?;
    if path.extension().is_none_or(|ending| ending != "gz") {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    GzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

fn versions(service: &Path, kind: &str) -> Vec<String> {
    let mut versions = folders(service).unwrap_or_default();
    versions.retain(|version| find(&service.join(version), kind).is_some());
    versions
}

fn folders(of: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(of)? {
        let entry = entry?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
