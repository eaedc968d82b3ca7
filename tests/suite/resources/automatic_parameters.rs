//! Laws over every action, load, collection and batch action of boto3's resource models: after the user set every member
//! of the request, it still has what the model fills in. The expected input is merged by a second implementation, over
//! JSON.

use aws_core::internals::schema::Kind;
use aws_core::internals::schema::dynamic::{fill, view};
use aws_core::internals::schema::merge::combine;
use codegen::model::{self, Models, Request, ShapeKind};
use codegen::report::Report;
use codegen::source::ServiceSource;
use codegen::{emit, fixups, model::ParameterSource};
use serde_json::{Map, Value, json};
use tests::dynamic::Service;
use tests::sample::Sampler;
use tests::values;

use super::laws::{SERVICES, corpus, resolve_resources};

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

/// botocore has `MetricData[].MetricName` for a list to which the first element is added; every element gets the name.
fn merged_each(automatic: &Value, explicit: &Value, each: &[&str]) -> Value {
    let mut all = merged(automatic, explicit);
    for name in each {
        let Some(elements) = explicit[name].as_array().filter(|it| !it.is_empty()) else { continue };
        all[name] = elements.iter().map(|it| merged(&automatic[name][0], it)).collect();
    }
    all
}

/// The lists of a request that is no batch whose elements all get what is filled in.
fn each(request: &Request) -> Vec<&str> {
    let each = request.parameters.iter().filter_map(|it| it.target.split_once("[]."));
    each.map(|(list, _)| list).collect()
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

pub(super) fn read(source: &ServiceSource) -> Models {
    let mut report = Report::new();
    let mut models = model::read(source, &mut report).unwrap_or_else(|| panic!("{report}"));
    fixups::apply(&mut models, &mut report);
    assert!(report.is_empty(), "{report}");
    models
}

#[test]
fn requests_keep_what_their_model_fills_in() {
    let Some(store) = corpus() else {
        tests::say!("suite automatic parameters: skipped, no corpus; `cargo xtask report --corpus` downloads it");
        return;
    };
    let (mut cases, mut without_input) = (0, 0);
    for service in SERVICES {
        let mut report = Report::new();
        let source = store.load(service, &mut report).unwrap_or_else(|| panic!("{report}"));
        let models = read(&source);
        let resources = models.resources.as_ref().expect("a resource model");
        let all = resources.resources.values().chain([&resources.service]);
        let requests = all.flat_map(|it| {
            let load = it.load.iter().map(|load| ("load", load, false));
            let methods = it.actions.iter().chain(&it.has_many).map(|(name, it)| (name.as_str(), it, false));
            let batches = it.batch_actions.iter().map(|(name, it)| (name.as_str(), it, true));
            load.chain(methods).chain(batches)
        });
        let requests: Vec<_> = requests.map(|(name, action, batch)| (name, &action.request, batch)).collect();
        let names: Vec<_> = requests.iter().map(|(_, request, _)| request.operation.as_str()).collect();
        let dynamic =
            Service::from_operations(&source, &names).unwrap_or_else(|problem| panic!("{service}: {problem}"));
        for (name, request, batch) in requests {
            let Some(input) = &models.service.operations[&request.operation].input else {
                without_input += 1;
                continue;
            };
            let shape = dynamic.operations[&request.operation].plan.input;
            let automatic = automatic(&models, request, &input.shape);
            let mut explicit = Sampler::new(&models.service).structure(&input.shape);
            // A stream cannot be copied; it stays with the caller's input.
            for stream in shape.members.iter().filter(|it| matches!(it.node.kind, Kind::Stream)) {
                explicit.as_object_mut().expect("a structure").remove(stream.name);
            }
            let each = if batch { Vec::new() } else { each(request) };
            let members = |json| values::structure(json, shape).unwrap_or_else(|it| panic!("{service}.{name}: {it}"));
            let (mut to, from, base) = (Vec::new(), members(&explicit), members(&automatic));
            combine(view(&base, shape), view(&from, shape), &each, fill(&mut to, shape));
            let expect = merged_each(&automatic, &explicit, &each);
            if let Err(problem) = values::compare(view(&to, shape), &expect) {
                panic!("{service}.{name}: {problem}\nexpected {expect}");
            }
            cases += 1;
        }
    }
    tests::say!("suite automatic parameters: {cases} passed, 0 failed, 0 skipped");
    // The actions, loads, collections and batch actions that `laws` counts.
    assert_eq!(cases + without_input, 319 + 60 + 87 + 15);
    assert!(without_input < 10, "{without_input}");
}

/// Setters of lists and structures replace what they find, so the request of an action that returns no resource must
/// restore what the model fills in.
#[test]
fn plain_actions_that_fill_lists_or_structures_keep_them() {
    let Some(store) = corpus() else { return };
    let mut kept = Vec::new();
    for service in SERVICES {
        let krate = resolve_resources(&store, service).unwrap_or_else(|it| panic!("{it}"));
        let mut report = Report::new();
        let source = store.load(service, &mut report).unwrap_or_else(|| panic!("{report}"));
        let models = read(&source);
        let model = models.resources.as_ref().expect("a resource model");
        let emitted = emit::resource_crate(&krate).rust;
        for resource in &krate.resources {
            let actions = &model.resources[&resource.name].actions;
            let fills = |request: &Request| request.parameters.iter().any(|it| it.target.contains(['[', '.']));
            let expect = actions.values().filter(|it| it.resource.is_none() && fills(&it.request)).count();
            let text = emitted[&format!("src/{}.rs", resource.module.trim_start_matches("r#"))].to_string();
            assert_eq!(text.matches("__keep").count(), expect, "{service}.{}", resource.name);
            kept.extend(text.matches("__keep").map(|_| resource.name.clone()));
        }
    }
    assert_eq!(kept.len(), 16, "{kept:?}");
}
