//! What boto3's resource descriptions contain, as a list of items that the walks have to use.

use std::path::Path;

use serde_json::{Map, Value};

/// What resources do, by the keys of the descriptions.
const KINDS: [&str; 2] = ["actions", "waiters"];

/// Every action, waiter, sub-resource, reference, collection and batch action of a service, and every `load`:
/// `Vpc.actions.CreateSubnet`. The service itself is the resource `service`.
pub(super) fn items(service: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/boto3").join(service);
    let version =
        std::fs::read_dir(&folder).expect("the models of boto3").next().expect("a version").expect("a folder");
    let bytes = std::fs::read(version.path().join("resources-1.json")).expect("a description of resources");
    let model: Value = serde_json::from_slice(&bytes).expect("JSON");
    let types = entries(&model, "resources");
    let mut items = Vec::new();
    for (name, resource) in [("service", &model["service"])].into_iter().chain(types.clone()) {
        if resource.get("load").is_some() {
            items.push(format!("{name}.load"));
        }
        for kind in KINDS {
            items.extend(entries(resource, kind).map(|(it, _)| format!("{name}.{kind}.{it}")));
        }
        items.extend(has(name, resource, types.clone()).map(|it| format!("{name}.has.{it}")));
        for (collection, list) in entries(resource, "hasMany") {
            items.push(format!("{name}.hasMany.{collection}"));
            let element = &model["resources"][list["resource"]["type"].as_str().expect("a type")];
            let batches = entries(element, "batchActions");
            items.extend(batches.map(|(it, _)| format!("{name}.hasMany.{collection}.batchActions.{it}")));
        }
    }
    items.sort();
    items.dedup();
    items
}

/// Sub-resources and references. The service has each type, under the name of its own entry if it has one.
fn has<'a>(
    name: &str,
    resource: &'a Value,
    types: impl Iterator<Item = (&'a str, &'a Value)>,
) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    let own = entries(resource, "has");
    if name != "service" {
        return Box::new(own.map(|it| it.0));
    }
    let mut names = Vec::new();
    for (kind, _) in types {
        let of_this_type = own.clone().filter(|(_, has)| has["resource"]["type"] == kind).map(|it| it.0);
        let before = names.len();
        names.extend(of_this_type);
        if names.len() == before {
            names.push(kind);
        }
    }
    Box::new(names.into_iter())
}

fn entries<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> + Clone + use<'a> {
    let map = value.get(key).and_then(Value::as_object).map(Map::iter);
    map.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// An item in a form that is the same for the name in the model and boto3's name for it: `Vpc.actions.CreateSubnet` and
/// `Vpc.actions.create_subnet`, `Vpc.waiters.Exists` and `Vpc.waiters.wait_until_exists`.
pub(super) fn normalized(item: &str) -> String {
    item.to_lowercase().replace('_', "").replace("waituntil", "")
}
