//! `ModelStore`: a folder of models. Lists its services and versions, and reads their files. Supports three layouts:
//! this project's `models/` (`botocore/<service>`, `boto3/<service>`), a folder of unpacked packages
//! (`botocore/data/<service>`, `boto3/data/<service>`), and a bare data folder (`<service>`).

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use super::manifest::is_crate_name;
use super::{Document, ServiceSource, overlay};
use crate::json;
use crate::report::{Report, SourceLocation};

/// A folder of models.
#[derive(Debug, Clone)]
pub struct ModelStore {
    services: PathBuf,
    resources: PathBuf,
}

impl ModelStore {
    /// Detects the layout of `root`. That the folder has no models is not reported here, but when a service is loaded.
    pub fn open(root: &Path) -> ModelStore {
        for (services, resources) in [("botocore/data", "boto3/data"), ("botocore", "boto3"), ("data", "data")] {
            if root.join(services).is_dir() || root.join(resources).is_dir() {
                return ModelStore { services: root.join(services), resources: root.join(resources) };
            }
        }
        // A bare data folder: resources are in the boto3 next to its botocore, if there is one, else next to the
        // services.
        let beside = root.parent().and_then(Path::parent).map(|it| it.join("boto3/data"));
        let resources = beside.filter(|it| it.is_dir()).unwrap_or_else(|| root.to_path_buf());
        ModelStore { services: root.to_path_buf(), resources }
    }

    /// The folder of the services' models.
    pub fn folder(&self) -> &Path {
        &self.services
    }

    /// The same store, with resources from the folder or unpacked boto3 package at `root`.
    pub fn with_resources(self, root: &Path) -> ModelStore {
        let resources = ModelStore::open(root).resources;
        ModelStore { resources, ..self }
    }

    /// The names of all services, sorted.
    pub fn services(&self) -> io::Result<Vec<String>> {
        let names = folders(&self.services)?;
        Ok(names.into_iter().filter(|name| !versions(&self.services.join(name), "service-2").is_empty()).collect())
    }

    /// The versions of a service, oldest first.
    pub fn versions(&self, service: &str) -> Vec<String> {
        versions(&self.services.join(service), "service-2")
    }

    /// The versions of a service's resources, oldest first.
    pub fn resource_versions(&self, service: &str) -> Vec<String> {
        versions(&self.resources.join(service), "resources-1")
    }

    /// The versions of a service that have a file of this kind (`endpoint-rule-set-1`), oldest first.
    pub fn versions_with(&self, service: &str, kind: &str) -> Vec<String> {
        versions(&self.services.join(service), kind)
    }

    /// One file of one version, with extras merged in; `None` if there is no such file, or after a problem.
    pub fn document(&self, service: &str, version: &str, kind: &str, report: &mut Report) -> Option<Document> {
        read(&self.services.join(service).join(version), kind, report)
    }

    /// A file shared by all services; a missing file is a problem.
    pub fn shared(&self, name: &str, report: &mut Report) -> Option<Document> {
        // In `models/` shared files have a folder next to those of the packages; in a package they are among the
        // services.
        let beside = self.services.parent().map(|it| it.join("shared").join(name)).filter(|it| it.is_file());
        parse(&beside.unwrap_or_else(|| self.services.join(name)), report)
    }

    /// Reads and parses the files of a service's newest version; `None` after a problem with any of them.
    pub fn load(&self, service: &str, report: &mut Report) -> Option<ServiceSource> {
        match self.versions(service).pop() {
            Some(version) => self.load_version(service, &version, report),
            None => {
                let location = SourceLocation::new(&self.services.join(service).display().to_string());
                report.problem(location, "no version in this folder has a service-2.json");
                None
            }
        }
    }

    /// Reads and parses the files of one version of a service; `None` after a problem with any of them.
    pub fn load_version(&self, name: &str, version: &str, report: &mut Report) -> Option<ServiceSource> {
        let before = report.len();
        let folder = self.services.join(name).join(version);
        if !is_crate_name(name) {
            let message = format!("invalid service name `{name}`: expected lower-case words joined by hyphens");
            report.problem(SourceLocation::new(&folder.display().to_string()), message);
            return None;
        }
        let mut file = |kind| read(&folder, kind, report);
        let (main, paginators, waiters) = (file("service-2"), file("paginators-1"), file("waiters-2"));
        let (rules, examples) = (file("endpoint-rule-set-1"), file("examples-1"));
        let resources = self
            .resources_for(name, version)
            .and_then(|version| read(&self.resources.join(name).join(version), "resources-1", report));
        if main.is_none() && report.len() == before {
            report.problem(SourceLocation::new(&folder.display().to_string()), "this folder has no service-2.json");
        }
        let service = main?;
        let (name, version) = (name.to_string(), version.to_string());
        let source = ServiceSource { name, version, service, paginators, waiters, rules, examples, resources };
        (report.len() == before).then_some(source)
    }

    /// The version of the resources that belongs to a version of the service: the same version, or the newest resources
    /// for the newest service.
    fn resources_for(&self, service: &str, version: &str) -> Option<String> {
        let mut resources = self.resource_versions(service);
        match resources.iter().any(|it| it == version) {
            true => Some(version.to_string()),
            false if self.versions(service).last().is_some_and(|it| it == version) => resources.pop(),
            false => None,
        }
    }

    /// Whether the newest files of a service equal those in another store. Compares them packed, so equal content that
    /// was compressed differently counts as different.
    pub fn is_same(&self, other: &ModelStore, service: &str) -> bool {
        let packed = |store: &ModelStore| -> Option<Vec<(PathBuf, Vec<u8>)>> {
            let version = store.versions(service).pop()?;
            let mut packed = Vec::new();
            for folder in store.folders_of(service, &version) {
                for entry in fs::read_dir(folder).ok()? {
                    let path = entry.ok()?.path();
                    let mut bytes = fs::read(&path).ok()?;
                    // Bytes 4 to 8 of a gzip file are its modification time (RFC 1952).
                    if path.extension().is_some_and(|it| it == "gz") && bytes.len() > 8 {
                        bytes[4..8].fill(0);
                    }
                    packed.push((Path::new(&version).join(path.file_name()?), bytes));
                }
            }
            packed.sort();
            Some(packed)
        };
        packed(self).is_some_and(|own| packed(other).is_some_and(|others| own == others))
    }

    /// The folders with the files of a version of a service.
    fn folders_of(&self, service: &str, version: &str) -> Vec<PathBuf> {
        let mut folders = vec![self.services.join(service).join(version)];
        if let Some(version) = self.resources_for(service, version) {
            folders.push(self.resources.join(service).join(version));
        }
        folders.dedup();
        folders
    }

    /// Every file of a version of a service as published, resources included: name and unpacked content, sorted by
    /// name.
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

/// One file with its extras merged in; `None` if there is no such file, or after a problem.
fn read(folder: &Path, kind: &str, report: &mut Report) -> Option<Document> {
    let mut document = parse(&find(folder, kind)?, report)?;
    if let Some(path) = find(folder, &format!("{kind}.sdk-extras"))
        && let Some(extras) = parse(&path, report)
    {
        overlay::apply(report, &mut document, &extras);
    }
    Some(document)
}

/// The plain file or the gzipped one.
fn find(folder: &Path, kind: &str) -> Option<PathBuf> {
    [".json", ".json.gz"].iter().map(|ending| folder.join(format!("{kind}{ending}"))).find(|path| path.is_file())
}

fn parse(path: &Path, report: &mut Report) -> Option<Document> {
    let location = SourceLocation::new(&path.display().to_string());
    let bytes = match bytes(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            report.problem(location, format!("cannot be read: {error}"));
            return None;
        }
    };
    let value = json::parse(report, &location, &bytes)?;
    Some(Document { location, value })
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

fn folders(parent: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
