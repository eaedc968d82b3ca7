//! One type wherever it is used: whether a list or map may be absent depends neither on the operations of a crate nor on
//! whether a release sends the type, and an absent one differs from an empty one on the wire.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_core::{List, Map};
use aws_dynamodb::operation::Query;
use codegen::ir::{self, Definition, Structure, Type};
use codegen::model::Models;
use codegen::report::Report;
use codegen::source::{ModelStore, ServicePlan, ServiceSource};
use codegen::{fixups, model, resolve};
use tests::suite::{entries, workspace};

use super::session;

/// How many operations of each service are tried as a slim crate of one operation, spread over all of them.
const SAMPLE: usize = 4;

struct Model {
    source: ServiceSource,
    models: Models,
}

/// The models of `models/botocore`.
fn models() -> impl Iterator<Item = Model> {
    let store = ModelStore::open(&workspace().join("models"));
    entries(&workspace().join("models/botocore")).into_iter().filter(|it| it.is_dir()).map(move |folder| {
        let mut report = Report::new();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source = store.load(&name, &mut report).unwrap_or_else(|| panic!("{name}: {report}"));
        let mut models = model::read(&source, &mut report).unwrap_or_else(|| panic!("{name}: {report}"));
        fixups::apply(&mut models, &mut report);
        Model { source, models }
    })
}

impl Model {
    /// The crate of these operations; of all if none are named.
    fn resolve(&self, operations: &[&String]) -> ir::Crate {
        let mut report = Report::new();
        let operations = operations.iter().map(|&it| it.clone()).collect();
        let plan = ServicePlan { operations, ..ServicePlan::default_for(&self.source.name) };
        resolve::resolve(&self.models, &self.source, &plan, &mut report)
            .unwrap_or_else(|| panic!("{}: {report}", self.source.name))
    }
}

/// The fields of all types, inputs, outputs and exceptions, as text.
fn fields(krate: &ir::Crate) -> BTreeMap<(&'static str, &str), String> {
    let text = |it: &Structure| it.fields.iter().map(|it| format!("{}: {:?}\n", it.ident, it.ty)).collect::<String>();
    let mut found = BTreeMap::new();
    for definition in krate.types.values().flatten() {
        if let Definition::Structure(it) | Definition::Union(it) = definition {
            found.insert(("types", &*it.ty), text(it));
        }
    }
    for operation in &krate.operations {
        found.insert(("operation", &*operation.input.ty), text(&operation.input));
        found.insert(("operation", &*operation.output.ty), text(&operation.output));
    }
    found.extend(krate.errors.iter().map(|it| (("error", &*it.ty), text(it))));
    found
}

#[test]
fn the_types_of_a_slim_crate_have_the_fields_of_the_full_crate() {
    let mut compared = 0;
    for model in models() {
        let names: Vec<&String> = model.models.service.operations.keys().collect();
        let full = model.resolve(&[]);
        let full = fields(&full);
        for name in names.iter().step_by(names.len().div_ceil(SAMPLE)) {
            let slim = model.resolve(&[name]);
            for (ty, found) in fields(&slim) {
                assert_eq!(Some(&found), full.get(&ty), "{}: {ty:?} in a crate of {name}", model.source.name);
                compared += 1;
            }
        }
    }
    assert!(compared > 1_000, "{compared} types");
}

#[test]
fn every_list_and_map_knows_whether_it_is_absent_without_an_option() {
    for model in models() {
        let krate = model.resolve(&[]);
        let inputs_and_outputs = krate.operations.iter().flat_map(|it| [&it.input, &it.output]);
        let shared = krate.types.values().flatten().filter_map(|it| match it {
            Definition::Structure(it) => Some(it),
            _ => None,
        });
        for field in inputs_and_outputs.chain(&krate.errors).chain(shared).flat_map(|it| &it.fields) {
            let is_container = |ty: &Type| matches!(ty, Type::List(_) | Type::Map(..));
            assert!(
                !is_container(field.ty.present()) || is_container(&field.ty),
                "{}: {}",
                model.source.name,
                field.name
            );
        }
        for definition in krate.types.values().flatten() {
            let Definition::Union(union) = definition else { continue };
            assert!(union.fields.iter().all(|it| !matches!(it.ty, Type::Option(_))), "{}", union.name);
        }
    }
}

#[tokio::test]
async fn absent_and_empty_differ_on_the_wire() {
    async fn check(names: Map<String, String>, expect: bool) {
        let request = aws_dynamodb::Client::new(&session()).query("t").expression_attribute_names(names);
        let presigned = request.presign(Duration::from_secs(60)).await.expect("a request");
        let body = String::from_utf8_lossy(presigned.body()).into_owned();
        assert_eq!(body.contains(r#""ExpressionAttributeNames":{}"#), expect, "{body}");
    }
    check(Map::default(), false).await;
    check(Map::empty(), true).await;
    let mut cleared = Map::default();
    cleared.clear();
    check(cleared, true).await;
}

#[test]
fn an_output_can_be_sent_back_and_lists_can_be_appended_to() {
    let output = aws_dynamodb::operation::GetItemOutput::default();
    let client = aws_dynamodb::Client::new(&session());
    let mut request = client.request::<Query>(Default::default());
    request.as_mut().input_mut().exclusive_start_key = output.item.clone();
    assert!(request.as_ref().input().exclusive_start_key.is_absent());
    request.as_mut().input_mut().attributes_to_get.push("a".to_owned());
    request.as_mut().input_mut().attributes_to_get.extend(["b".to_owned()]);
    assert_eq!(request.as_ref().input().attributes_to_get, ["a", "b"]);
    let request = request.attributes_to_get(["c"]);
    assert_eq!(request.as_ref().input().attributes_to_get, ["c"]);
}

#[test]
fn reading_an_absent_list_or_map_is_reading_an_empty_one() {
    let mut list = List::<i32>::default();
    assert!(list.is_absent() && list.is_empty() && list.iter().next().is_none());
    for it in &mut list {
        *it += 1;
    }
    list.iter_mut().for_each(|it| *it += 1);
    assert!(list.is_absent(), "reading makes nothing present");
    assert_eq!((list.clone().into_iter().count(), Vec::from(list.clone())), (0, Vec::new()));
    assert_ne!(list, List::empty());
    assert_eq!(list, [0; 0]);
    // What only changes or removes elements leaves an absent one absent: an empty one would be sent.
    list.sort();
    list.sort_by(i32::cmp);
    list.sort_by_key(|it| *it);
    list.reverse();
    list.dedup();
    list.retain(|_| true);
    list.truncate(0);
    list.extend([]);
    assert_eq!((list.pop(), list.get_mut(0).copied()), (None, None));
    assert!(list.first_mut().is_none() && list.last_mut().is_none() && list.is_absent());
    list.clear();
    assert!(!list.is_absent());
    let mut map = Map::<String, i32>::default();
    for (_, it) in &mut map {
        *it += 1;
    }
    map.values_mut().for_each(|it| *it += 1);
    map.retain(|_, _| true);
    map.extend([]);
    assert_eq!((map.get_mut("a").copied(), map.remove("a")), (None, None));
    assert_eq!((map.pop_first(), map.pop_last()), (None, None));
    assert!(map.is_absent() && map.is_empty() && !map.contains_key("a") && map.into_iter().next().is_none());
}
