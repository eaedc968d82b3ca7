//! botocore as the oracle: the request of every operation, from a sample of its input and from its required members
//! alone, equals the one that botocore builds from the same input, and botocore parses the response that the runtime
//! writes to the sample of the output. Both read the same models. Without a Python that has botocore, nothing is compared,
//! and a line says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aws_core::http::HeaderMap;
use aws_core::internals::encoding::base64;
use aws_core::internals::protocol::write_output;
use aws_core::internals::schema::dynamic::view;
use codegen::model;
use codegen::report::Report;
use codegen::source::{Manifest, ModelStore, ServicePlan};
use codegen::{fixups, resolve};
use serde_json::{Value, json};
use tests::dynamic::{Operation, Service};
use tests::sample::Sampler;
use tests::suite::{Suite, models};
use tests::values;

use super::calls::write_exception;
use super::{for_each_service, manifest, without_prose, workspace};

const ORACLE: &str = include_str!("botocore.py");

/// What differs from botocore, and why it should.
const DIFFERENT: &[(&str, &str)] = &[
    ("autoscaling CreateLaunchConfiguration request", "botocore encodes the user data before it serializes"),
    ("ec2 RunInstances request", "botocore encodes the user data before it serializes"),
    ("s3 GetBucketLocation response", "botocore reads it again after it parsed it, by a handler"),
    ("s3 GetBucketNotification response", "`Event` is a deprecated single event and a flattened list"),
    ("s3 GetObject response", "`Expires` and `ExpiresString` read one header"),
    ("s3 HeadObject response", "`Expires` and `ExpiresString` read one header"),
];

#[test]
fn calls_of_the_manifest_are_those_of_botocore() {
    check("manifest", &ModelStore::open(&workspace().join("models")));
}

#[test]
#[ignore = "minutes of CPU time: every operation of the corpus"]
fn calls_of_every_service_are_those_of_botocore() {
    check("corpus", &models());
}

fn check(name: &str, store: &ModelStore) {
    let python = match tests::moto::python() {
        Ok(python) => python,
        Err(why) => return tests::say!("SKIPPED: comparing calls with botocore's: {why}"),
    };
    let folder = workspace().join(format!("target/tmp/botocore-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder below target");
    let (services, manifest) = (store.services().expect("models"), manifest());
    let results = for_each_service(&services, |service| {
        let file = folder.join(format!("{service}.json"));
        write_calls(store, &manifest, service, &file)?;
        let differences = compare(&python, &file);
        let _ = fs::remove_file(&file);
        differences
    });
    let _ = fs::remove_dir(&folder);
    let compared: usize = results.iter().map(|(_, it)| it.as_ref().map_or(0, |it| it.compared)).sum();
    tests::say!("suite botocore: {compared} requests and responses compared");
    let mut suite = Suite::new("botocore", DIFFERENT);
    for (service, result) in results {
        match result {
            Err(why) => suite.run(service, || Err(why)),
            Ok(found) => {
                suite.run(service, || Ok(()));
                // An entry of the list must still differ.
                let is_equal = |case: &str| found.differences.iter().all(|it| it.0 != case);
                let listed = DIFFERENT.iter().map(|it| it.0).filter(|it| it.split(' ').next() == Some(service));
                listed.filter(|it| is_equal(it)).for_each(|case| suite.run(case, || Ok(())));
                for (case, difference) in &found.differences {
                    suite.run(case, || Err(difference.clone()));
                }
            }
        }
    }
    suite.finish();
}

struct Compared {
    compared: usize,
    differences: Vec<(String, String)>,
}

/// Runs botocore on the calls in the file.
fn compare(python: &Path, file: &Path) -> Result<Compared, String> {
    let output = Command::new(python).args(["-c", ORACLE]).arg(file).stdin(Stdio::null()).output();
    let output = output.map_err(|it| format!("{}: {it}", python.display()))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let Some((differences, compared)) = printed.trim_end().rsplit_once("compared ") else {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    };
    let differences = differences.lines().map(|it| it.split_once(": ").unwrap_or((it, "")));
    Ok(Compared {
        compared: compared.parse().map_err(|_| format!("not a number: {compared}"))?,
        differences: differences.map(|(case, what)| (case.to_owned(), what.to_owned())).collect(),
    })
}

/// Writes the model of a service, and for each operation its samples with the request and the response.
fn write_calls(store: &ModelStore, manifest: &Manifest, service: &str, file: &PathBuf) -> Result<(), String> {
    let mut report = Report::new();
    let mut source = store.load(service, &mut report).ok_or_else(|| report.to_string())?;
    without_prose(&mut source.service.value);
    let plan = ServicePlan { emit: true, operations: Vec::new(), ..manifest.plan(&source) };
    let mut resolved = || {
        let mut models = model::read(&source, &mut report)?;
        fixups::apply(&mut models, &mut report);
        let krate = resolve::resolve(&models, &source, &plan, &mut report)?;
        Some((models, krate))
    };
    let (models, krate) = resolved().ok_or_else(|| report.to_string())?;
    let service = Service::from_crate(&krate);
    let (mut inputs, mut outputs) = (Sampler::new(&models.service), Sampler::new(&models.service));
    let mut calls = Vec::new();
    for (name, operation) in &service.operations {
        let model = &models.service.operations[name];
        let shape = |it: &Option<model::StructureReference>| it.as_ref().map(|it| it.shape.clone());
        let cases = |sampler: &mut Sampler<'_>, shape: Option<String>| {
            let all = shape.as_ref().map_or_else(|| json!({}), |it| sampler.structure(it));
            // Callers may leave out a part of the path only where a customization fills it.
            let is_kept = |structure: &model::Structure, name: &String| {
                structure.required.contains(name) || structure.members[name].location.as_deref() == Some("uri")
            };
            let structure = shape.and_then(|it| models.service.structure(&it));
            let mut least = all.clone();
            let members = least.as_object_mut().expect("a structure");
            members.retain(|name, _| structure.is_some_and(|it| is_kept(it, name)));
            [("", all), ("least ", least)]
        };
        let mut add = |kind: &str, what: &str, value: Value, wire: Result<Value, String>| {
            let wire = wire.map_err(|why| format!("{name}: {why}"))?;
            calls.push(
                json!({"operation": name, "kind": kind, "case": format!("{what}{kind}"), "value": value, "wire": wire}),
            );
            Ok::<_, String>(())
        };
        for (what, input) in cases(&mut inputs, shape(&model.input)) {
            let wire = request(&service, operation, &input);
            add("request", what, input, wire)?;
        }
        for (what, output) in cases(&mut outputs, shape(&model.output)) {
            let wire = response(&service, operation, &output);
            add("response", what, output, wire)?;
        }
        for error in &model.errors {
            let written = write_exception(&service, operation, &krate, &error.shape, &mut outputs);
            if let Some(it) = written.map_err(|why| format!("{name}: {why}"))? {
                let value = json!({"code": it.code, "message": it.message, "members": it.members});
                let wire = response_json(it.wire.status, &it.wire.headers, &it.wire.body);
                add("error", &format!("{} ", error.shape), value, Ok(wire))?;
            }
        }
    }
    let json = json!({"name": models.name, "model": source.service.value, "calls": calls});
    fs::write(file, json.to_string()).map_err(|it| format!("{}: {it}", file.display()))
}

fn request(service: &Service, operation: &Operation, input: &Value) -> Result<Value, String> {
    let plan = operation.plan;
    let members = values::structure(input, plan.input)?;
    let parts = service.protocol.serialize(plan, view(&members, plan.input)).map_err(|it| it.to_string())?;
    Ok(json!({
        "method": parts.method.as_str(),
        "path": parts.path,
        "query": parts.query,
        "headers": headers(&parts.headers),
        "body": base64::encode(parts.body.as_deref().unwrap_or_default()),
        "streaming": parts.streaming,
    }))
}

fn response(service: &Service, operation: &Operation, output: &Value) -> Result<Value, String> {
    let plan = operation.plan;
    let members = values::structure(output, plan.output)?;
    let written = write_output(service.protocol, plan, view(&members, plan.output)).map_err(|it| it.to_string())?;
    Ok(response_json(written.status, &written.headers, &written.body))
}

fn response_json(status: u16, fields: &HeaderMap, body: &[u8]) -> Value {
    json!({"status": status, "headers": headers(fields), "body": base64::encode(body)})
}

fn headers(map: &HeaderMap) -> Vec<(&str, String)> {
    map.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect()
}
