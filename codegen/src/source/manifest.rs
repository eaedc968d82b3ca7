//! `models/manifest.toml`: the packages the models come from, and what is generated from which service.

use std::fs;
use std::path::Path;

use super::ServiceSource;
use crate::json::{self, Cursor, Map, Value};
use crate::report::{Place, Report};

/// What the manifest says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    /// The package of service models.
    pub botocore: Package,
    /// The package of resource models.
    pub boto3: Package,
    /// What is generated, by the service's folder name, sorted.
    pub services: Map<Plan>,
}

/// A pinned package.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Package {
    /// Its version.
    pub version: String,
    /// SHA-256 of its wheel in lower-case hexadecimal; empty before it was first fetched.
    pub sha256: String,
}

/// What is generated from a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Name of the client's crate.
    pub client_crate: String,
    /// Name of the resources' crate, for a service that has resources.
    pub resource_crate: String,
    /// False for a service that is read and checked, but not written out.
    pub emit: bool,
    /// The operations to generate, with what they reach; all when empty.
    pub operations: Vec<String>,
    /// Whether hand-written methods stand in `src/custom` of the service's crates.
    pub custom: bool,
}

impl Plan {
    /// The plan of a service the manifest does not mention.
    pub fn of(service: &str) -> Plan {
        let client_crate = format!("aws-{service}");
        let resource_crate = format!("{client_crate}-resource");
        Plan { client_crate, resource_crate, emit: true, operations: Vec::new(), custom: false }
    }
}

impl Manifest {
    /// Reads the manifest; `None` after a complaint.
    pub fn load(path: &Path, report: &mut Report) -> Option<Manifest> {
        let place = Place::new(&path.display().to_string());
        match fs::read_to_string(path) {
            Ok(text) => Manifest::parse(&text, place, report),
            Err(error) => {
                report.problem(place, format!("cannot be read: {error}"));
                None
            }
        }
    }

    /// Parses the manifest's text; `None` after a complaint.
    pub fn parse(text: &str, place: Place, report: &mut Report) -> Option<Manifest> {
        let value: Value = match toml::from_str(text) {
            Ok(value) => value,
            Err(error) => {
                let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                report.problem(place, format!("not readable as TOML: {} at line {line}", error.message().trim_end()));
                return None;
            }
        };
        let before = report.len();
        let manifest = json::read(report, place, &value, manifest);
        (report.len() == before).then_some(manifest)
    }

    /// What is generated from `source`, mentioned or not.
    pub fn plan(&self, source: &ServiceSource) -> Plan {
        self.services.get(&source.name).cloned().unwrap_or_else(|| Plan::of(&source.name))
    }
}

fn manifest(cursor: &Cursor<'_>) -> Manifest {
    let package = |it: Cursor<'_>| Package { version: it.need_text("version"), sha256: it.need_text("sha256") };
    let mut services = cursor.need_map("services", plan);
    services.sort_keys();
    Manifest {
        botocore: cursor.need("botocore").map(package).unwrap_or_default(),
        boto3: cursor.need("boto3").map(package).unwrap_or_default(),
        services,
    }
}

fn plan(service: &str, cursor: &Cursor<'_>) -> Plan {
    let standard = Plan::of(service);
    Plan {
        client_crate: crate_name(cursor, "crate").unwrap_or(standard.client_crate),
        resource_crate: crate_name(cursor, "resource-crate").unwrap_or(standard.resource_crate),
        emit: cursor.get("emit").is_none_or(|it| it.as_flag()),
        operations: cursor.texts("operations"),
        custom: cursor.flag("custom"),
    }
}

fn crate_name(cursor: &Cursor<'_>, key: &'static str) -> Option<String> {
    let value = cursor.get(key)?;
    let name = value.as_text();
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let wrong = !name.split('-').all(word) || name.starts_with(|c: char| c.is_ascii_digit());
    if wrong && value.is_text() {
        value.complain(|report, place| {
            report.problem_with_hint(place, format!("`{name}` is no crate name"), "lower-case words joined by hyphens")
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
        let manifest = Manifest::parse(text, Place::new("m.toml"), &mut report);
        let found: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, problems, "{text}");
        manifest
    }

    #[test]
    fn services_and_their_standard_names() {
        let text = format!("{PINS}[services.sts]\nemit = false\n[services.s3]\ncrate = 'aws-simple'\n");
        let manifest = check(&text, &[]).expect("a sound manifest");
        assert_eq!(manifest.boto3, Package { version: "2".into(), sha256: "b".into() });
        assert_eq!(manifest.services.keys().collect::<Vec<_>>(), ["s3", "sts"]);
        assert_eq!(manifest.services["sts"], Plan { emit: false, ..Plan::of("sts") });
        assert_eq!(manifest.services["s3"].client_crate, "aws-simple");
        assert_eq!(manifest.services["s3"].resource_crate, "aws-s3-resource");
        assert!(manifest.services["s3"].emit);
    }

    #[test]
    fn all_complaints_at_once() {
        check(
            "[botocore]\nversion = 1\n[services.s3]\ncrate = 'Aws S3'\ncolour = 'red'\n",
            &[
                "m.toml: the key `boto3` is missing",
                "m.toml#/botocore: the key `sha256` is missing",
                "m.toml#/botocore/version: expected text, found a number",
                "m.toml#/services/s3/colour: unknown key `colour` (the generator must learn what it means before it may be ignored)",
                "m.toml#/services/s3/crate: `Aws S3` is no crate name (lower-case words joined by hyphens)",
            ],
        );
    }

    #[test]
    fn broken_toml() {
        let mut report = Report::new();
        assert_eq!(Manifest::parse("[botocore", Place::new("m.toml"), &mut report), None);
        let text = report.to_string();
        assert!(text.starts_with("m.toml: not readable as TOML: ") && text.contains("line 1"), "{text}");
    }
}
