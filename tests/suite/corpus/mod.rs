//! Laws over every model in `models/`, and over all that botocore and boto3 publish, if those are available: in the
//! folder `CORPUS_DIR`, or where `cargo xtask report --corpus` unpacked them. This file has the laws of model files;
//! `completeness` compares resolved crates with their models, `calls` checks requests and responses, `waiters` acceptors,
//! `positions` the arguments of methods, `botocore` calls with botocore's own code.

mod botocore;
mod calls;
mod completeness;
mod positions;
mod secrets;
mod waiters;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use codegen::json::{Map, Value};
use codegen::model::{self, Models};
use codegen::report::Report;
use codegen::source::{Manifest, ModelStore, ServicePlan, ServiceSource};
use codegen::{fixups, prose, resolve};
use tests::suite::{Suite, models};

use crate::prose::{descriptions, remaining_html};
use calls::Calls;
use completeness::Counts;
use positions::Positions;
use waiters::Waiters;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The counts of a service, and the violations of laws.
#[derive(Default)]
struct Found {
    counts: Counts,
    calls: Calls,
    waiters: Waiters,
    positions: Positions,
    broken: Vec<String>,
}

/// Checks the laws for one service.
fn check_laws(store: &ModelStore, manifest: &Manifest, service: &str) -> Found {
    let (mut found, mut report) = (Found::default(), Report::new());
    let models = store.load(service, &mut report).and_then(|mut source| {
        // Prose is tested separately; converting it takes most of the time and does not affect these laws.
        without_prose(&mut source.service.value);
        let models = model::read(&source, &mut report)?;
        Some((source, models))
    });
    found.broken.extend(report.problems().iter().map(ToString::to_string));
    if let Some((source, mut models)) = models {
        let lost = lost_in_reading(&source, &models);
        found.broken.extend(lost.into_iter().map(|what| format!("{service}: {what}")));
        found.broken.extend(broken_paths(&models));
        if let Some(rules) = &source.rules {
            unsigned_endpoints(&rules.value, &mut |names| {
                found.broken.push(format!("{service}: an endpoint has none of the auth schemes: {names:?}"));
            });
        }
        found.broken.extend(broken_fixups(&mut models));
        let mut report = Report::new();
        let plan = ServicePlan { emit: true, operations: Vec::new(), ..manifest.plan(&source) };
        resolve::arguments::check_orders(&models, &plan.signatures, &mut report);
        if let Some(krate) = resolve::resolve(&models, &source, &plan, &mut report) {
            let resources = resolve::resources::resolve(&models, &krate, &plan, &mut report);
            found.positions =
                positions::check(&models, &krate, resources.as_ref(), &plan.signatures, &mut found.broken);
            found.counts = completeness::count(&models, &krate, &mut found.broken);
            completeness::check_setters(&models, &krate, &mut found.broken);
            secrets::check(&models, &krate, &mut found.broken);
            completeness::check_discovery(&models, &krate, &mut found.broken);
            found.calls = calls::check_all(&models, &krate);
            found.broken.append(&mut found.calls.failures);
            found.waiters = waiters::check_all(&models, &krate);
            found.broken.append(&mut found.waiters.failures);
        }
        found.broken.extend(report.problems().iter().map(ToString::to_string));
    }
    found
}

/// Checks that every description becomes Markdown without HTML and has a summary of one line; returns their number and
/// the violations.
fn check_prose(store: &ModelStore, service: &str) -> (usize, Vec<String>) {
    let (mut found, mut report) = (Vec::new(), Report::new());
    let source = store.load(service, &mut report);
    let mut broken: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
    if let Some(source) = &source {
        descriptions(&source.service.value, &mut found);
    }
    for html in found.iter().collect::<BTreeSet<_>>() {
        let (markdown, summary) = (prose::markdown(html), prose::summary(html));
        let rest = remaining_html(&markdown).or_else(|| remaining_html(&summary));
        if let Some(rest) = rest.or((summary.contains('\n')).then(|| "a summary of several lines".to_owned())) {
            broken.push(format!("{service}: {rest}: {html}"));
        }
    }
    (found.len(), broken)
}

fn without_prose(value: &mut Value) {
    match value {
        Value::Object(it) => {
            it.retain(|key, value| key != "documentation" || !value.is_string());
            it.values_mut().for_each(without_prose);
        }
        Value::Array(it) => it.iter_mut().for_each(without_prose),
        _ => {}
    }
}

/// Known paths of paginators and waiters whose members do not exist: service and part of the problem. botocore's own
/// tests do not check this; in boto3 such a path has no value at run time.
const BROKEN_PATHS: &[(&str, &str)] = &[];

/// Paths of paginators and waiters that cannot be resolved in the output's shapes, except for [`BROKEN_PATHS`].
fn broken_paths(models: &Models) -> Vec<String> {
    let mut report = Report::new();
    codegen::resolve::paths::check_all(models, &mut report);
    let is_known =
        |problem: &str| BROKEN_PATHS.iter().any(|(service, part)| models.name == *service && problem.contains(part));
    report.problems().iter().map(ToString::to_string).filter(|it| !is_known(it)).collect()
}

fn keys(value: Option<&Value>) -> Vec<&String> {
    value.and_then(Value::as_object).map(|it| it.keys().collect()).unwrap_or_default()
}

fn names<T>(map: &Map<T>) -> Vec<&String> {
    map.keys().collect()
}

/// Differences between the file and the model: both must have the same names in the same order.
fn lost_in_reading(source: &ServiceSource, models: &Models) -> Vec<String> {
    let mut lost = Vec::new();
    let mut compare = |what: &str, file: Vec<&String>, model: Vec<&String>| {
        if file != model {
            lost.push(format!("{what} differ from the file"));
        }
    };
    let file = &source.service.value;
    compare("operations", keys(file.get("operations")), names(&models.service.operations));
    compare("shapes", keys(file.get("shapes")), names(&models.service.shapes));
    for (name, shape) in &models.service.shapes {
        let members = file.pointer(&format!("/shapes/{name}/members"));
        let found = shape.structure().map(|it| names(&it.members)).unwrap_or_default();
        compare(&format!("the members of {name}"), keys(members), found);
    }
    let value = |document: &Option<codegen::source::Document>, key: &str| {
        document.as_ref().and_then(|it| it.value.get(key).cloned())
    };
    let paginators = value(&source.paginators, "pagination");
    compare("paginators", keys(paginators.as_ref()), names(&models.paginators.paginators));
    let waiters = value(&source.waiters, "waiters");
    compare("waiters", keys(waiters.as_ref()), names(&models.waiters.waiters));
    let examples = value(&source.examples, "examples");
    compare("examples", keys(examples.as_ref()), names(&models.examples.examples));
    let resources = value(&source.resources, "resources");
    let found = models.resources.as_ref().map(|it| names(&it.resources)).unwrap_or_default();
    compare("resources", keys(resources.as_ref()), found);
    lost
}

/// Reports the lists of auth schemes in a rule set that contain none that can be signed.
fn unsigned_endpoints(rules: &Value, report: &mut dyn FnMut(Vec<&str>)) {
    if let Some(schemes) = rules.get("authSchemes").and_then(Value::as_array) {
        let names: Vec<_> = schemes.iter().filter_map(|it| it.get("name")?.as_str()).collect();
        if !names.iter().any(|it| calls::SIGNED.contains(it)) {
            report(names);
        }
    }
    let objects = rules.as_object().into_iter().flat_map(|it| it.values());
    objects.chain(rules.as_array().into_iter().flatten()).for_each(|it| unsigned_endpoints(it, report));
}

/// Fixups that change nothing, that change something again when they are applied twice, or that have no reason.
fn broken_fixups(models: &mut Models) -> Vec<String> {
    let mut report = Report::new();
    fixups::apply(models, &mut report);
    let mut broken: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
    let resource_fixups = models.resources.as_ref().map_or(&[][..], |_| fixups::for_resources(&models.name));
    for fixup in fixups::for_service(&models.name).iter().chain(resource_fixups) {
        if (fixup.apply)(models) {
            broken.push(format!("the fixup `{}` changes the model again when it is applied twice", fixup.name));
        }
        if fixup.reason.is_empty() {
            broken.push(format!("the fixup `{}` has no reason", fixup.name));
        }
    }
    broken
}

fn manifest() -> Manifest {
    let mut report = Report::new();
    let manifest = Manifest::load(&workspace().join("models/manifest.toml"), &mut report);
    assert!(report.is_empty(), "{report}");
    manifest.expect("a manifest")
}

#[test]
fn the_manifest_lists_exactly_the_models_of_the_repository() {
    let folder = workspace().join("models");
    let manifest = manifest();
    let store = ModelStore::open(&folder);
    // Every listed service has a model, and every model is listed.
    assert_eq!(store.services().expect("models"), manifest.services.keys().cloned().collect::<Vec<_>>());
    for pin in [&manifest.botocore, &manifest.boto3] {
        assert!(pin.sha256.len() == 64 && !pin.version.is_empty(), "{pin:?}");
    }
    for service in manifest.services.keys() {
        assert_eq!(store.versions(service).len(), 1, "{service}");
    }
    for file in ["botocore/LICENSE", "botocore/NOTICE", "boto3/LICENSE", "boto3/NOTICE", "shared/partitions.json"] {
        assert!(folder.join(file).is_file(), "models/{file}");
    }
}

/// Runs `check` for every service on all cores; the results are in the order of the services.
fn for_each_service<T: Send>(services: &[String], check: impl Fn(&str) -> T + Sync) -> Vec<(&str, T)> {
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(service) = services.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = check(service);
                    all.lock().expect("no thread panicked").push((service.as_str(), result));
                }
            });
        }
    });
    let mut all = all.into_inner().expect("no thread panicked");
    all.sort_by_key(|(service, _)| *service);
    all
}

#[test]
#[ignore = "half a minute of CPU time: .ci/run runs it by name"]
fn the_prose_of_every_service_becomes_markdown() {
    let store = models();
    let services = store.services().expect("models");
    let all = for_each_service(&services, |service| check_prose(&store, service));
    tests::say!("suite corpus prose: {} descriptions", all.iter().map(|(_, it)| it.0).sum::<usize>());
    let mut suite = Suite::new("corpus prose", &[]);
    for (service, (_, broken)) in all {
        suite.run(service, || if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) });
    }
    suite.finish();
}

#[test]
fn models_of_every_service_resolve_completely_and_their_calls_round_trip() {
    let store = models();
    let services = store.services().expect("models");
    let manifest = manifest();
    let all = for_each_service(&services, |service| check_laws(&store, &manifest, service));
    let sum = |count: fn(&Found) -> usize| all.iter().map(|(_, it)| count(it)).sum::<usize>();
    tests::say!(
        "suite corpus: {} operations, {} members, {} values, {} exceptions, {} paginators, {} waiters",
        sum(|it| it.counts.operations),
        sum(|it| it.counts.members),
        sum(|it| it.counts.values),
        sum(|it| it.counts.errors),
        sum(|it| it.counts.paginators),
        sum(|it| it.counts.waiters),
    );
    tests::say!(
        "suite corpus: {} requests, {} responses, {} errors, {} broken responses, {} that stubs write",
        sum(|it| it.calls.requests),
        sum(|it| it.calls.responses),
        sum(|it| it.calls.errors),
        sum(|it| it.calls.broken),
        sum(|it| it.calls.written),
    );
    tests::say!(
        "suite corpus: {} methods, {} of them in an order that a person wrote down, {} required setters",
        sum(|it| it.positions.methods),
        sum(|it| it.positions.ordered),
        sum(|it| it.positions.setters),
    );
    let unbuilt: Vec<_> = all.iter().flat_map(|(_, it)| &it.waiters.unbuilt).collect();
    let acceptors = sum(|it| it.waiters.checked);
    tests::say!("suite corpus: {acceptors} acceptors of waiters, no output for the paths of {} others", unbuilt.len());
    assert!(unbuilt.len() * 20 <= acceptors, "more than a twentieth: {unbuilt:#?}");
    // An entry of the list of ambiguous cases must still fail.
    let ambiguous: Vec<_> = all.iter().flat_map(|(_, it)| &it.calls.ambiguous).collect();
    let is_available = |case: &str| services.iter().any(|it| case.split(' ').next() == Some(it));
    let unused =
        calls::AMBIGUOUS.iter().filter(|(case, _)| is_available(case) && !ambiguous.iter().any(|it| it == case));
    let unused: Vec<_> = unused.collect();
    assert!(unused.is_empty(), "no longer ambiguous: remove from the list {unused:?}");
    tests::say!("  {} responses not compared, whose models give two members the same wire name", ambiguous.len());
    let mut suite = Suite::new("corpus", &[]);
    for (service, found) in all {
        suite.run(service, || if found.broken.is_empty() { Ok(()) } else { Err(found.broken.join("\n")) });
    }
    suite.finish();
}
