//! What is kept of all services together, in `models/shared`. Two files are botocore's own. Two are made of the whole
//! release, which is too large to keep: `services.json`, which services there are, and `regions.json`, the names of
//! botocore's `endpoints.json` without its host names. It also tells how these differ between releases; it writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use codegen::compare::Sort;
use codegen::json::{self, Value};
use codegen::report::{Place, Report};
use codegen::source::Library;
use serde_json::{Map, json};

use crate::workspace::{self, plural};
use crate::{Failure, Outcome};

/// Botocore's own files, and what they say.
const KEPT: [(&str, &str); 2] =
    [("partitions.json", "partitions"), ("sdk-default-configuration.json", "default configuration")];
/// Where a release says which service has endpoints in which regions.
const ENDPOINTS: &str = "endpoints.json";
/// Names in a line before the others are only counted.
const FEW: usize = 8;

/// The files of a release by name.
pub(super) fn files(library: &Library, report: &mut Report) -> Outcome<Vec<(&'static str, Value)>> {
    let mut files = Vec::new();
    for (name, _) in KEPT {
        files.extend(read(library, name, report)?.map(|value| (name, value)));
    }
    if let Some(endpoints) = read(library, ENDPOINTS, report)? {
        files.push(("regions.json", regions(&endpoints, report)));
    }
    files.push(("services.json", services(library, report)?));
    Ok(files)
}

/// One published file.
fn read(library: &Library, name: &str, report: &mut Report) -> Outcome<Option<Value>> {
    let path = library.folder().join(name);
    let bytes = fs::read(&path).map_err(|error| Failure::Found(format!("{}: {error}", path.display())))?;
    Ok(json::parse(report, &Place::new(name), &bytes))
}

/// Every service by its name: its endpoint prefix, and whether there are resources for it.
fn services(library: &Library, report: &mut Report) -> Outcome<Value> {
    let names = library.services()?;
    let read = workspace::parallel(&names, |name| {
        let mut report = Report::new();
        let version = library.versions(name).pop().unwrap_or_default();
        let document = library.document(name, &version, "service-2", &mut report);
        let prefix = document.and_then(|it| {
            let prefix = it.value.pointer("/metadata/endpointPrefix").and_then(Value::as_str).map(str::to_owned);
            if prefix.is_none() {
                report.missing_key(it.place.child("metadata"), "endpointPrefix");
            }
            prefix
        });
        (prefix, report)
    });
    let mut services = Map::new();
    for (name, (prefix, problems)) in names.into_iter().zip(read) {
        report.merge(problems);
        let mut service = json!({"endpointPrefix": prefix});
        if !library.resource_versions(&name).is_empty() {
            service["resources"] = Value::Bool(true);
        }
        services.insert(name, service);
    }
    Ok(Value::Object(services))
}

/// The names in `endpoints.json`: of each partition its regions, and for each endpoint prefix where it has endpoints.
fn regions(endpoints: &Value, report: &mut Report) -> Value {
    let top = Place::new(ENDPOINTS);
    let mut partitions = Map::new();
    let place = top.child("partitions");
    let Some(list) = endpoints.get("partitions").and_then(Value::as_array) else {
        report.problem(place, "expected a list");
        return Value::Object(partitions);
    };
    for (index, partition) in list.iter().enumerate() {
        let place = place.child(index);
        let Some(name) = partition.get("partition").and_then(Value::as_str) else {
            report.missing_key(place, "partition");
            continue;
        };
        let regions = keys(partition, "regions", &place, report);
        let mut services = Map::new();
        for prefix in keys(partition, "services", &place, report) {
            let place = place.child("services").child(prefix);
            let names = keys(&partition["services"][prefix], "endpoints", &place, report);
            services.insert(prefix.to_owned(), json!(names));
        }
        partitions.insert(name.to_owned(), json!({"regions": regions, "endpoints": services}));
    }
    Value::Object(partitions)
}

/// The keys of the object under `key`.
fn keys<'v>(value: &'v Value, key: &str, place: &Place, report: &mut Report) -> Vec<&'v str> {
    match value.get(key).and_then(Value::as_object) {
        Some(object) => object.keys().map(String::as_str).collect(),
        None => {
            report.problem(place.child(key), "expected an object");
            Vec::new()
        }
    }
}

/// How what concerns no single service differs between two releases, in words.
pub(super) fn changes(old: &Library, new: &Library) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    // A release may lack a file; what cannot be read shows when it is written.
    let mut report = Report::new();
    for (name, what) in KEPT {
        let mut value = |library| read(library, name, &mut report).ok().flatten();
        if value(old) != value(new) {
            lines.push(format!("the {what} of all services changed ({name})"));
        }
    }
    let mut facts =
        |library| read(library, ENDPOINTS, &mut report).ok().flatten().map(|it| regions(&it, &mut Report::new()));
    if let (Some(old), Some(new)) = (facts(old), facts(new)) {
        lines.extend(moves(&old, &new));
    }
    Ok(lines)
}

/// What differs between two `regions.json`.
fn moves(old: &Value, new: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let (before, after) = (places(old), places(new));
    let regions = |of: &Value| -> BTreeSet<(String, String)> {
        let partitions = of.as_object().into_iter().flatten();
        let named =
            partitions.flat_map(|(name, it)| texts(&it["regions"]).map(|region| (name.clone(), region.to_owned())));
        named.collect()
    };
    let (regions_before, regions_after) = (regions(old), regions(new));
    for (partition, region) in regions_after.difference(&regions_before) {
        lines.push(format!("{region} is a new region of {partition}"));
    }
    for (partition, region) in regions_before.difference(&regions_after) {
        lines.push(format!("{region} is no region of {partition} any more"));
    }
    let mut moved: BTreeMap<(&str, &str, Sort), Vec<&str>> = BTreeMap::new();
    for (sort, one, other) in [(Sort::Added, &after, &before), (Sort::Removed, &before, &after)] {
        for (partition, place, prefix) in one.difference(other) {
            moved.entry((partition, place, sort)).or_default().push(prefix);
        }
    }
    for ((partition, place, sort), prefixes) in moved {
        let verb = if sort == Sort::Added { "now has" } else { "no longer has" };
        let shown = prefixes[..prefixes.len().min(FEW)].join(", ");
        let more = prefixes.len().saturating_sub(FEW);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let count = plural(prefixes.len(), "endpoint");
        lines.push(format!("{place} of {partition} {verb} {count}: {shown}{more}"));
    }
    lines
}

/// Every endpoint: partition, region or other name, prefix.
fn places(regions: &Value) -> BTreeSet<(&str, &str, &str)> {
    let mut places = BTreeSet::new();
    for (partition, it) in regions.as_object().into_iter().flatten() {
        for (prefix, names) in it["endpoints"].as_object().into_iter().flatten() {
            places.extend(texts(names).map(|name| (partition.as_str(), name, prefix.as_str())));
        }
    }
    places
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints() -> Value {
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

    fn reduced(endpoints: &Value) -> Value {
        let mut report = Report::new();
        let regions = regions(endpoints, &mut report);
        assert!(report.is_empty(), "{report}");
        regions
    }

    #[test]
    fn names_are_kept() {
        let expect = json!({"aws": {
            "regions": ["us-east-1", "us-west-2"],
            "endpoints": {"s3": ["aws-global", "us-east-1"], "sqs": ["us-east-1", "us-west-2"]},
        }});
        assert_eq!(reduced(&endpoints()), expect);
    }

    #[test]
    fn another_format_is_a_problem() {
        let check = |pointer: &str, value: Value, expect: &str| {
            let mut endpoints = endpoints();
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
    fn changes_are_told_by_region() {
        let old = reduced(&endpoints());
        assert_eq!(moves(&old, &old), [""; 0]);
        let mut new = endpoints();
        let partition = &mut new["partitions"][0];
        partition["regions"]["mx-central-1"] = json!({});
        partition["services"]["s3"]["endpoints"] = json!({"us-east-1": {}, "us-west-2": {}, "mx-central-1": {}});
        for index in 0..9 {
            partition["services"][format!("a{index}")] = json!({"endpoints": {"mx-central-1": {}}});
        }
        assert_eq!(
            moves(&old, &reduced(&new)),
            [
                "mx-central-1 is a new region of aws",
                "aws-global of aws no longer has 1 endpoint: s3",
                "mx-central-1 of aws now has 10 endpoints: a0, a1, a2, a3, a4, a5, a6, a7 and 2 more",
                "us-west-2 of aws now has 1 endpoint: s3",
            ]
        );
        assert_eq!(moves(&reduced(&new), &old)[0], "mx-central-1 is no region of aws any more");
    }
}
