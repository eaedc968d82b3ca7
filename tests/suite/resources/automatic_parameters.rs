//! A law over every collection and batch action of boto3's resource models: after the user set every member of the
//! request, it still has what the model fills in. The expected input is merged by a second implementation, over JSON.

use aws_core::schema::dynamic::{fill, view};
use aws_core::schema::merge::append;
use codegen::model::{self, Models, Request, ShapeKind};
use codegen::report::Report;
use codegen::source::ServiceSource;
use codegen::{fixups, model::ParameterSource};
use serde_json::{Map, Value, json};
use tests::dynamic::Service;
use tests::sample::Sampler;
use tests::values;

use super::laws::{SERVICES, corpus};

/// botocore's `merge_dicts` with `append_lists`.
fn merged(automatic: &Value, explicit: &Value) -> Value {
    match (automatic, explicit) {
        (Value::Object(automatic), Value::Object(explicit)) => {
            let mut all = automatic.clone();
            for (key, value) in explicit {
                let value = automatic.get(key).map_or_else(|| value.clone(), |it| merged(it, value));
                all.insert(key.clone(), value);
            }
            Value::Object(all)
        }
        (Value::Array(automatic), Value::Array(explicit)) => automatic.iter().chain(explicit).cloned().collect(),
        (_, explicit) => explicit.clone(),
    }
}

/// The parameters that a model fills in, as the input's JSON.
fn automatic(models: &Models, request: &Request, shape: &str) -> Value {
    let mut input = json!({});
    for parameter in request.parameters.iter().filter(|it| it.source != ParameterSource::Input) {
        set(models, &mut input, shape, &parameter.target);
    }
    input
}

/// Sets the scalar at the end of a target such as `Filters[0].Name` or `Delete.Objects[].Key`.
fn set(models: &Models, structure: &mut Value, shape: &str, target: &str) {
    let (step, rest) = target.split_once('.').unwrap_or((target, ""));
    let (name, index) = step.split_once('[').unwrap_or((step, ""));
    let member = &models.service.structure(shape).expect(shape).members[name];
    let slot = structure.as_object_mut().expect("a structure").entry(name).or_insert(Value::Null);
    let (slot, shape) = match &models.service.shapes[&member.shape].kind {
        ShapeKind::List(list) => {
            let index = index.trim_end_matches(']').parse().unwrap_or(0);
            if slot.is_null() {
                *slot = json!([]);
            }
            let elements = slot.as_array_mut().expect("a list");
            while elements.len() <= index {
                elements.push(Value::Null);
            }
            (&mut elements[index], &list.member.shape)
        }
        _ => (slot, &member.shape),
    };
    if rest.is_empty() {
        let is_number = matches!(models.service.shapes[shape].kind, ShapeKind::Integer(_) | ShapeKind::Long(_));
        *slot = if is_number { json!(7) } else { json!(format!("automatic {target}")) };
        return;
    }
    if slot.is_null() {
        *slot = Value::Object(Map::new());
    }
    set(models, slot, shape, rest);
}

fn read(source: &ServiceSource) -> Models {
    let mut report = Report::new();
    let mut models = model::read(source, &mut report).unwrap_or_else(|| panic!("{report}"));
    fixups::apply(&mut models, &mut report);
    assert!(report.is_empty(), "{report}");
    models
}

#[test]
fn requests_of_collections_and_batches_keep_what_their_model_fills_in() {
    let Some(store) = corpus() else {
        tests::say!("suite automatic parameters: skipped, no corpus; `cargo xtask report --corpus` downloads it");
        return;
    };
    let mut cases = 0;
    for service in SERVICES {
        let mut report = Report::new();
        let source = store.load(service, &mut report).unwrap_or_else(|| panic!("{report}"));
        let models = read(&source);
        let resources = models.resources.as_ref().expect("a resource model");
        let all = resources.resources.values().chain([&resources.service]);
        let actions = all.flat_map(|it| it.has_many.iter().chain(&it.batch_actions));
        let requests: Vec<_> = actions.map(|(name, action)| (name, &action.request)).collect();
        let names: Vec<_> = requests.iter().map(|(_, request)| request.operation.as_str()).collect();
        let dynamic =
            Service::from_operations(&source, &names).unwrap_or_else(|problem| panic!("{service}: {problem}"));
        for (name, request) in requests {
            let Some(input) = &models.service.operations[&request.operation].input else { continue };
            let shape = dynamic.operations[&request.operation].plan.input;
            let automatic = automatic(&models, request, &input.shape);
            let explicit = Sampler::new(&models.service).structure(&input.shape);
            let members = |json| values::structure(json, shape).unwrap_or_else(|it| panic!("{service}.{name}: {it}"));
            let (mut into, from) = (members(&automatic), members(&explicit));
            append(view(&from, shape), fill(&mut into, shape));
            let expect = merged(&automatic, &explicit);
            if let Err(problem) = values::compare(view(&into, shape), &expect) {
                panic!("{service}.{name}: {problem}\nexpected {expect}");
            }
            cases += 1;
        }
    }
    tests::say!("suite automatic parameters: {cases} passed, 0 failed, 0 skipped");
    // The collections and batch actions that `laws` counts.
    assert_eq!(cases, 87 + 15);
}
