//! `models/manifest.toml`: the packages that the models come from, and what is generated from each service.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::ServiceSource;
use super::signatures::{self, Published, Signatures};
use crate::json::{self, Cursor, Map, Value};
use crate::report::{Report, SourceLocation};

/// The manifest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    /// The package of service models.
    pub botocore: Package,
    /// The package of resource models.
    pub boto3: Package,
    /// What is generated, by the service's folder name, sorted.
    pub services: Map<ServicePlan>,
    /// The signatures of methods that are not decided by the rule, by the service's folder name; also of services that
    /// are not in the manifest.
    pub signatures: BTreeMap<String, Signatures>,
}

/// A pinned package.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Package {
    /// Its version.
    pub version: String,
    /// SHA-256 of its wheel in lower-case hexadecimal; empty until it is downloaded for the first time.
    pub sha256: String,
}

/// What is generated from a service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServicePlan {
    /// The name of the client crate.
    pub client_crate: String,
    /// The name of the resource crate, for a service that has resources.
    pub resource_crate: String,
    /// Whether crates are written; if not, the service is only read and checked.
    pub emit: bool,
    /// The operations to generate, with the shapes that they refer to; all operations if empty.
    pub operations: Vec<String>,
    /// Whether the client crate has hand-written code in `src/custom`.
    pub custom: bool,
    /// Shapes that the hand-written code names: they have types even if no selected operation refers to them.
    pub custom_types: Vec<String>,
    /// Whether the resource crate has.
    pub resource_custom: bool,
    /// The signatures of methods that are not decided by the rule.
    pub signatures: Signatures,
}

impl ServicePlan {
    /// The plan of a service that is not in the manifest.
    pub fn default_for(service: &str) -> ServicePlan {
        let client_crate = format!("aws-{service}");
        let resource_crate = format!("{client_crate}-resource");
        ServicePlan {
            client_crate,
            resource_crate,
            emit: true,
            operations: Vec::new(),
            custom: false,
            custom_types: Vec::new(),
            resource_custom: false,
            signatures: Signatures::default(),
        }
    }
}

impl Manifest {
    /// Reads the manifest and the signatures beside it; `None` after a problem.
    pub fn load(path: &Path, report: &mut Report) -> Option<Manifest> {
        let before = report.len();
        let mut manifest =
            Manifest::parse(&read(path, report)?, SourceLocation::new(&path.display().to_string()), report)?;
        let orders = path.with_file_name("signatures.toml");
        if orders.is_file() {
            let text = read(&orders, report)?;
            manifest.signatures = signatures::parse_orders(&text, &orders.display().to_string(), report);
        }
        for (service, published) in published(&path.with_file_name("signatures"), report) {
            manifest.signatures.entry(service).or_default().published = published;
        }
        (report.len() == before).then_some(manifest)
    }

    /// Parses the content of a manifest; `None` after a problem.
    pub fn parse(text: &str, location: SourceLocation, report: &mut Report) -> Option<Manifest> {
        let value: Value = match toml::from_str(text) {
            Ok(value) => value,
            Err(error) => {
                let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                report.problem(location, format!("invalid TOML: {} at line {line}", error.message().trim_end()));
                return None;
            }
        };
        let before = report.len();
        let manifest = json::read(report, location, &value, manifest);
        (report.len() == before).then_some(manifest)
    }

    /// The plan of a service, with its signatures: that of the manifest, else the default.
    pub fn plan(&self, source: &ServiceSource) -> ServicePlan {
        let plan = self.services.get(&source.name).cloned();
        let signatures = self.signatures.get(&source.name).cloned().unwrap_or_default();
        ServicePlan { signatures, ..plan.unwrap_or_else(|| ServicePlan::default_for(&source.name)) }
    }
}

/// The records of published signatures in a folder, by service.
fn published(folder: &Path, report: &mut Report) -> BTreeMap<String, Published> {
    let mut records = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let (Some(service), Some("txt")) = (path.file_stem(), path.extension().and_then(|it| it.to_str())) else {
            report.problem(
                SourceLocation::new(&path.display().to_string()),
                "expected only `<service>.txt` in this folder",
            );
            continue;
        };
        let service = service.to_string_lossy().into_owned();
        if let Some(text) = read(&path, report) {
            records.insert(service, signatures::parse_published(&text, &path.display().to_string(), report));
        }
    }
    records
}

fn read(path: &Path, report: &mut Report) -> Option<String> {
    let problem =
        |error| report.problem(SourceLocation::new(&path.display().to_string()), format!("cannot be read: {error}"));
    fs::read_to_string(path).map_err(problem).ok()
}

fn manifest(cursor: &Cursor<'_>) -> Manifest {
    let package = |package: Cursor<'_>| Package {
        version: package.required_string("version"),
        sha256: package.required_string("sha256"),
    };
    let mut services = cursor.required_map("services", plan);
    services.sort_keys();
    Manifest {
        botocore: cursor.required("botocore").map(package).unwrap_or_default(),
        boto3: cursor.required("boto3").map(package).unwrap_or_default(),
        services,
        signatures: BTreeMap::new(),
    }
}

fn plan(service: &str, cursor: &Cursor<'_>) -> ServicePlan {
    let default = ServicePlan::default_for(service);
    ServicePlan {
        client_crate: crate_name(cursor, "crate").unwrap_or(default.client_crate),
        resource_crate: crate_name(cursor, "resource-crate").unwrap_or(default.resource_crate),
        emit: cursor.get("emit").is_none_or(|it| it.as_flag()),
        operations: cursor.strings("operations"),
        custom: cursor.flag("custom"),
        custom_types: cursor.strings("custom-types"),
        resource_custom: cursor.flag("resource-custom"),
        signatures: Signatures::default(),
    }
}

/// Whether a name can be part of the name of a crate: lower-case words joined by hyphens.
pub(super) fn is_crate_name(name: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.split('-').all(is_word)
}

fn crate_name(cursor: &Cursor<'_>, key: &'static str) -> Option<String> {
    let value = cursor.get(key)?;
    let name = value.as_string();
    let invalid = !is_crate_name(&name) || name.starts_with(|c: char| c.is_ascii_digit());
    if invalid && value.is_string() {
        value.problem(|report, location| {
            report.problem_with_hint(
                location,
                format!("invalid crate name `{name}`"),
                "expected lower-case words joined by hyphens",
            )
        });
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PINS: &str = "[botocore]\nversion = '1'\nsha256 = 'a'\n[boto3]\nversion = '2'\nsha256 = 'b'\n";

    fn check(text: &str, problems: &[&str]) -> Option<Manifest> {
        let mut report = Report::new();
        let manifest = Manifest::parse(text, SourceLocation::new("m.toml"), &mut report);
        let found: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, problems, "{text}");
        manifest
    }

    #[test]
    fn services_have_default_crate_names() {
        let text = format!("{PINS}[services.sts]\nemit = false\n[services.s3]\ncrate = 'aws-simple'\n");
        let manifest = check(&text, &[]).expect("a sound manifest");
        assert_eq!(manifest.boto3, Package { version: "2".into(), sha256: "b".into() });
        assert_eq!(manifest.services.keys().collect::<Vec<_>>(), ["s3", "sts"]);
        assert_eq!(manifest.services["sts"], ServicePlan { emit: false, ..ServicePlan::default_for("sts") });
        assert_eq!(manifest.services["s3"].client_crate, "aws-simple");
        assert_eq!(manifest.services["s3"].resource_crate, "aws-s3-resource");
        assert!(manifest.services["s3"].emit);
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        check(
            "[botocore]\nversion = 1\n[services.s3]\ncrate = 'Aws S3'\ncolour = 'red'\n",
            &[
                "m.toml: the key `boto3` is missing",
                "m.toml#/botocore: the key `sha256` is missing",
                "m.toml#/botocore/version: expected a string, found a number",
                "m.toml#/services/s3/colour: unknown key `colour` (the generator must learn what it means before it may be ignored)",
                "m.toml#/services/s3/crate: invalid crate name `Aws S3` (expected lower-case words joined by hyphens)",
            ],
        );
    }

    #[test]
    fn malformed_toml_is_reported_with_its_line() {
        let mut report = Report::new();
        assert_eq!(Manifest::parse("[botocore", SourceLocation::new("m.toml"), &mut report), None);
        let text = report.to_string();
        assert!(text.starts_with("m.toml: invalid TOML: ") && text.contains("line 1"), "{text}");
    }
}
