//! The files of `models/shared`, which concern all services. Two are copies of botocore's. Two are extracts of the
//! release, which is too large to store: `services.json`, the list of services, and `regions.json`, the names in
//! botocore's
//! `endpoints.json` without its host names. Also compares these files between releases. Writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use codegen::compare::ChangeKind;
use codegen::json::{self, Value};
use codegen::report::{Report, SourceLocation};
use codegen::source::ModelStore;
use serde_json::{Map, json};

use crate::workspace::{self, plural};
use crate::{Failure, Outcome};

/// The files that are copied from botocore, and their contents.
const COPIED: [(&str, &str); 2] =
    [("partitions.json", "partitions"), ("sdk-default-configuration.json", "default configuration")];
/// Botocore's file with the regions in which services have endpoints.
const ENDPOINTS: &str = "endpoints.json";
/// How many names a line shows; more are only counted. Our choice: about one line of a terminal.
const MAX_NAMES: usize = 8;

/// The shared files of a release, with their names.
pub(super) fn files(store: &ModelStore, report: &mut Report) -> Outcome<Vec<(&'static str, Value)>> {
    let mut files = Vec::new();
    for (name, _) in COPIED {
        files.extend(read(store, name, report)?.map(|value| (name, value)));
    }
    if let Some(endpoints) = read(store, ENDPOINTS, report)? {
        files.push(("regions.json", regions(&endpoints, report)));
    }
    files.push(("services.json", services(store, report)?));
    Ok(files)
}

/// Reads one file of the release.
fn read(store: &ModelStore, name: &str, report: &mut Report) -> Outcome<Option<Value>> {
    let path = store.folder().join(name);
    let bytes = fs::read(&path).map_err(|error| Failure::Found(format!("{}: {error}", path.display())))?;
    Ok(json::parse(report, &SourceLocation::new(name), &bytes))
}

/// `services.json`: for each service its endpoint prefix, and whether it has resources.
fn services(store: &ModelStore, report: &mut Report) -> Outcome<Value> {
    let names = store.services()?;
    let read = workspace::parallel(&names, |name| {
        let mut report = Report::new();
        let version = store.versions(name).pop().unwrap_or_default();
        let document = store.document(name, &version, "service-2", &mut report);
        let prefix = document.and_then(|document| {
            let prefix = document.value.pointer("/metadata/endpointPrefix").and_then(Value::as_str).map(str::to_owned);
            if prefix.is_none() {
                report.missing_key(document.location.child("metadata"), "endpointPrefix");
            }
            prefix
        });
        (prefix, report)
    });
    let mut services = Map::new();
    for (name, (prefix, problems)) in names.into_iter().zip(read) {
        report.merge(problems);
        let mut service = json!({"endpointPrefix": prefix});
        if !store.resource_versions(&name).is_empty() {
            service["resources"] = Value::Bool(true);
        }
        services.insert(name, service);
    }
    Ok(Value::Object(services))
}

/// `regions.json`: for each partition its regions, and for each endpoint prefix the regions in which it has endpoints.
fn regions(endpoints: &Value, report: &mut Report) -> Value {
    let top = SourceLocation::new(ENDPOINTS);
    let mut partitions = Map::new();
    let location = top.child("partitions");
    let Some(list) = endpoints.get("partitions").and_then(Value::as_array) else {
        report.problem(location, "expected a list");
        return Value::Object(partitions);
    };
    for (index, partition) in list.iter().enumerate() {
        let location = location.child(index);
        let Some(name) = partition.get("partition").and_then(Value::as_str) else {
            report.missing_key(location, "partition");
            continue;
        };
        let regions = keys(partition, "regions", &location, report);
        let mut services = Map::new();
        for prefix in keys(partition, "services", &location, report) {
            let location = location.child("services").child(prefix);
            let names = keys(&partition["services"][prefix], "endpoints", &location, report);
            services.insert(prefix.to_owned(), json!(names));
        }
        partitions.insert(name.to_owned(), json!({"regions": regions, "endpoints": services}));
    }
    Value::Object(partitions)
}

/// The keys of the object at `key`.
fn keys<'v>(value: &'v Value, key: &str, location: &SourceLocation, report: &mut Report) -> Vec<&'v str> {
    match value.get(key).and_then(Value::as_object) {
        Some(object) => object.keys().map(String::as_str).collect(),
        None => {
            report.problem(location.child(key), "expected an object");
            Vec::new()
        }
    }
}

/// Describes the differences of the shared files between two releases.
pub(super) fn changes(old: &ModelStore, new: &ModelStore) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    // Files that are missing or cannot be read are ignored here; writing them reports the problem.
    let mut report = Report::new();
    for (name, contents) in COPIED {
        let mut value = |store| read(store, name, &mut report).ok().flatten();
        if value(old) != value(new) {
            lines.push(format!("the {contents} of all services changed ({name})"));
        }
    }
    let mut read_regions =
        |store| read(store, ENDPOINTS, &mut report).ok().flatten().map(|it| regions(&it, &mut Report::new()));
    if let (Some(old), Some(new)) = (read_regions(old), read_regions(new)) {
        lines.extend(region_changes(&old, &new));
    }
    Ok(lines)
}

/// Describes the differences between two `regions.json`.
fn region_changes(old: &Value, new: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let (before, after) = (endpoints(old), endpoints(new));
    let regions = |value: &Value| -> BTreeSet<(String, String)> {
        let partitions = value.as_object().into_iter().flatten();
        let named =
            partitions.flat_map(|(name, it)| strings(&it["regions"]).map(|region| (name.clone(), region.to_owned())));
        named.collect()
    };
    let (regions_before, regions_after) = (regions(old), regions(new));
    for (partition, region) in regions_after.difference(&regions_before) {
        lines.push(format!("{region} is a new region of {partition}"));
    }
    for (partition, region) in regions_before.difference(&regions_after) {
        lines.push(format!("{region} is no longer a region of {partition}"));
    }
    let mut changed: BTreeMap<(&str, &str, ChangeKind), Vec<&str>> = BTreeMap::new();
    for (change_kind, present, absent) in [(ChangeKind::Added, &after, &before), (ChangeKind::Removed, &before, &after)]
    {
        for (partition, region, prefix) in present.difference(absent) {
            changed.entry((partition, region, change_kind)).or_default().push(prefix);
        }
    }
    for ((partition, region, change_kind), prefixes) in changed {
        let verb = if change_kind == ChangeKind::Added { "now has" } else { "no longer has" };
        let shown = prefixes[..prefixes.len().min(MAX_NAMES)].join(", ");
        let more = prefixes.len().saturating_sub(MAX_NAMES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let count = plural(prefixes.len(), "endpoint");
        lines.push(format!("{region} of {partition} {verb} {count}: {shown}{more}"));
    }
    lines
}

/// All endpoints: partition, region or pseudo-region, endpoint prefix.
fn endpoints(regions: &Value) -> BTreeSet<(&str, &str, &str)> {
    let mut endpoints = BTreeSet::new();
    for (partition, it) in regions.as_object().into_iter().flatten() {
        for (prefix, names) in it["endpoints"].as_object().into_iter().flatten() {
            endpoints.extend(strings(names).map(|name| (partition.as_str(), name, prefix.as_str())));
        }
    }
    endpoints
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints_json() -> Value {
        json!({"version": 3, "partitions": [{
            "partition": "aws",
            "dnsSuffix": "amazonaws.com",
            "regions": {"us-east-1": {"description": "x"}, "us-west-2": {}},
            "services": {
                "s3": {"defaults": {"protocols": ["http"]}, "endpoints": {"aws-global": {"hostname": "y"}, "us-east-1": {}}},
                "sqs": {"endpoints": {"us-east-1": {}, "us-west-2": {}}},
            },
        }]})
    }

    fn extract(endpoints: &Value) -> Value {
        let mut report = Report::new();
        let regions = regions(endpoints, &mut report);
        assert!(report.is_empty(), "{report}");
        regions
    }

    #[test]
    fn names_of_regions_and_endpoints_are_extracted() {
        let expect = json!({"aws": {
            "regions": ["us-east-1", "us-west-2"],
            "endpoints": {"s3": ["aws-global", "us-east-1"], "sqs": ["us-east-1", "us-west-2"]},
        }});
        assert_eq!(extract(&endpoints_json()), expect);
    }

    #[test]
    fn an_unexpected_format_is_a_problem() {
        let check = |pointer: &str, value: Value, expect: &str| {
            let mut endpoints = endpoints_json();
            *endpoints.pointer_mut(pointer).unwrap() = value;
            let mut report = Report::new();
            regions(&endpoints, &mut report);
            assert_eq!(report.problems().iter().map(ToString::to_string).collect::<Vec<_>>(), [expect]);
        };
        check("/partitions", json!({}), "endpoints.json#/partitions: expected a list");
        check("/partitions/0/partition", json!(1), "endpoints.json#/partitions/0: the key `partition` is missing");
        check("/partitions/0/regions", json!([]), "endpoints.json#/partitions/0/regions: expected an object");
        check(
            "/partitions/0/services/s3/endpoints",
            json!(null),
            "endpoints.json#/partitions/0/services/s3/endpoints: expected an object",
        );
    }

    #[test]
    fn changes_are_described_by_region() {
        let old = extract(&endpoints_json());
        assert_eq!(region_changes(&old, &old), [""; 0]);
        let mut new = endpoints_json();
        let partition = &mut new["partitions"][0];
        partition["regions"]["mx-central-1"] = json!({});
        partition["services"]["s3"]["endpoints"] = json!({"us-east-1": {}, "us-west-2": {}, "mx-central-1": {}});
        for index in 0..9 {
            partition["services"][format!("a{index}")] = json!({"endpoints": {"mx-central-1": {}}});
        }
        assert_eq!(
            region_changes(&old, &extract(&new)),
            [
                "mx-central-1 is a new region of aws",
                "aws-global of aws no longer has 1 endpoint: s3",
                "mx-central-1 of aws now has 10 endpoints: a0, a1, a2, a3, a4, a5, a6, a7 and 2 more",
                "us-west-2 of aws now has 1 endpoint: s3",
            ]
        );
        assert_eq!(region_changes(&extract(&new), &old)[0], "mx-central-1 is no longer a region of aws");
    }
}
