//! Laws over every model in `models/`, and over all that botocore and boto3 publish where they are at hand: in the folder
//! `CORPUS_DIR` names, or where `cargo xtask report --corpus` has put them. Here are those of the files; `kept` holds the
//! decided crates against the models, `calls` makes calls.

mod calls;
mod kept;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use codegen::json::{Map, Value};
use codegen::model::{self, Models};
use codegen::report::Report;
use codegen::source::{Library, Manifest, Plan, ServiceSource};
use codegen::{fixups, prose, resolve};
use tests::suite::{Suite, models};

use crate::prose::{descriptions, html_left};
use calls::Calls;
use kept::Counts;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What was counted in a service, and what breaks the laws.
#[derive(Default)]
struct Found {
    counts: Counts,
    calls: Calls,
    broken: Vec<String>,
}

/// The laws of one service.
fn laws(library: &Library, service: &str) -> Found {
    let (mut found, mut report) = (Found::default(), Report::new());
    let models = library.load(service, &mut report).and_then(|mut source| {
        // Prose has laws of its own, takes most of the time, and decides nothing here.
        without_prose(&mut source.service.value);
        let models = model::read(&source, &mut report)?;
        Some((source, models))
    });
    found.broken.extend(report.problems().iter().map(ToString::to_string));
    if let Some((source, mut models)) = models {
        let lost = everything_is_kept(&source, &models);
        found.broken.extend(lost.into_iter().map(|what| format!("{service}: {what}")));
        found.broken.extend(paths_lead_somewhere(&models));
        found.broken.extend(fixups_bite_once(&mut models));
        let mut report = Report::new();
        match resolve::resolve(&models, &source, &Plan::of(service), &mut report) {
            Some(krate) => {
                found.counts = kept::count(&models, &krate, &mut found.broken);
                found.calls = calls::all(&models, &krate);
                found.broken.append(&mut found.calls.failures);
            }
            None => found.broken.push(report.to_string()),
        }
    }
    found
}

/// Every description becomes Markdown without HTML, and has a summary of one line; returns how many there are.
fn prose_is_markdown(library: &Library, service: &str) -> (usize, Vec<String>) {
    let (mut texts, mut report) = (Vec::new(), Report::new());
    let source = library.load(service, &mut report);
    let mut broken: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
    if let Some(source) = &source {
        descriptions(&source.service.value, &mut texts);
    }
    for html in texts.iter().collect::<BTreeSet<_>>() {
        let (markdown, summary) = (prose::markdown(html), prose::summary(html));
        let left = html_left(&markdown).or_else(|| html_left(&summary));
        if let Some(left) = left.or((summary.contains('\n')).then(|| "a summary of several lines".to_owned())) {
            broken.push(format!("{service}: {left}: {html}"));
        }
    }
    (texts.len(), broken)
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

/// Paths of paginators and waiters whose members do not exist. botocore's own tests know no such law: these stand in its
/// files and find nothing at run time.
const BROKEN_PATHS: &[(&str, &str)] = &[];

/// Every path of a paginator or waiter can be followed through the output's shapes, but for those known to be broken.
fn paths_lead_somewhere(models: &Models) -> Vec<String> {
    let mut report = Report::new();
    codegen::resolve::paths::check_all(models, &mut report);
    let known = |text: &str| BROKEN_PATHS.iter().any(|(service, part)| models.name == *service && text.contains(part));
    report.problems().iter().map(ToString::to_string).filter(|it| !known(it)).collect()
}

fn keys(value: Option<&Value>) -> Vec<&String> {
    value.and_then(Value::as_object).map(|it| it.keys().collect()).unwrap_or_default()
}

fn names<T>(map: &Map<T>) -> Vec<&String> {
    map.keys().collect()
}

/// What is in the file is in the model, in the same order.
fn everything_is_kept(source: &ServiceSource, models: &Models) -> Vec<String> {
    let mut lost = Vec::new();
    let mut same = |what: &str, file: Vec<&String>, model: Vec<&String>| {
        if file != model {
            lost.push(format!("{what} are not as in the file"));
        }
    };
    let file = &source.service.value;
    same("operations", keys(file.get("operations")), names(&models.service.operations));
    same("shapes", keys(file.get("shapes")), names(&models.service.shapes));
    for (name, shape) in &models.service.shapes {
        let members = file.pointer(&format!("/shapes/{name}/members"));
        let kept = shape.structure().map(|it| names(&it.members)).unwrap_or_default();
        same(&format!("the members of {name}"), keys(members), kept);
    }
    let value = |document: &Option<codegen::source::Document>, key: &str| {
        document.as_ref().and_then(|it| it.value.get(key).cloned())
    };
    let paginators = value(&source.paginators, "pagination");
    same("paginators", keys(paginators.as_ref()), names(&models.paginators.paginators));
    let waiters = value(&source.waiters, "waiters");
    same("waiters", keys(waiters.as_ref()), names(&models.waiters.waiters));
    let examples = value(&source.examples, "examples");
    same("examples", keys(examples.as_ref()), names(&models.examples.examples));
    let resources = value(&source.resources, "resources");
    let kept = models.resources.as_ref().map(|it| names(&it.resources)).unwrap_or_default();
    same("resources", keys(resources.as_ref()), kept);
    lost
}

/// Every fixup finds its fault, and none finds it twice.
fn fixups_bite_once(models: &mut Models) -> Vec<String> {
    let mut report = Report::new();
    fixups::apply(models, &mut report);
    let mut broken: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
    let of_resources = models.resources.as_ref().map_or(&[][..], |_| fixups::of_resources(&models.name));
    for fixup in fixups::of(&models.name).iter().chain(of_resources) {
        if (fixup.apply)(models) {
            broken.push(format!("the fixup `{}` bites twice", fixup.name));
        }
        if fixup.reason.is_empty() {
            broken.push(format!("the fixup `{}` has no reason", fixup.name));
        }
    }
    broken
}

#[test]
fn the_manifest_and_its_models() {
    let folder = workspace().join("models");
    let mut report = Report::new();
    let manifest = Manifest::load(&folder.join("manifest.toml"), &mut report);
    assert!(report.is_empty(), "{report}");
    let manifest = manifest.expect("a manifest");
    let library = Library::open(&folder);
    // What is listed is there, and what is there is listed.
    assert_eq!(library.services().expect("models"), manifest.services.keys().cloned().collect::<Vec<_>>());
    for pin in [&manifest.botocore, &manifest.boto3] {
        assert!(pin.sha256.len() == 64 && !pin.version.is_empty(), "{pin:?}");
    }
    for service in manifest.services.keys() {
        assert_eq!(library.versions(service).len(), 1, "{service}");
    }
    for file in ["botocore/LICENSE", "botocore/NOTICE", "boto3/LICENSE", "boto3/NOTICE", "shared/partitions.json"] {
        assert!(folder.join(file).is_file(), "models/{file}");
    }
}

/// Does `work` for every service on all cores; the results are in the services' order.
fn each<T: Send>(services: &[String], work: impl Fn(&str) -> T + Sync) -> Vec<(&str, T)> {
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(service) = services.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let done = work(service);
                    all.lock().expect("no thread panicked").push((service.as_str(), done));
                }
            });
        }
    });
    let mut all = all.into_inner().expect("no thread panicked");
    all.sort_by_key(|(service, _)| *service);
    all
}

#[test]
#[ignore = "half a minute of CPU time: .ci/run names it"]
fn prose_of_every_service() {
    let library = models();
    let services = library.services().expect("models");
    let all = each(&services, |service| prose_is_markdown(&library, service));
    tests::say!("suite corpus prose: {} texts", all.iter().map(|(_, it)| it.0).sum::<usize>());
    let mut suite = Suite::new("corpus prose", &[]);
    for (service, (_, broken)) in all {
        suite.run(service, || if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) });
    }
    suite.finish();
}

#[test]
fn every_service() {
    let library = models();
    let services = library.services().expect("models");
    let all = each(&services, |service| laws(&library, service));
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
        "suite corpus: {} requests, {} answers, {} errors, {} broken answers",
        sum(|it| it.calls.requests),
        sum(|it| it.calls.answers),
        sum(|it| it.calls.errors),
        sum(|it| it.calls.broken),
    );
    // An entry of the list of ambiguous cases must still fail.
    let ambiguous: Vec<_> = all.iter().flat_map(|(_, it)| &it.calls.ambiguous).collect();
    let here = |case: &str| services.iter().any(|it| case.split(' ').next() == Some(it));
    let idle = calls::AMBIGUOUS.iter().filter(|(case, _)| here(case) && !ambiguous.iter().any(|it| it == case));
    let idle: Vec<_> = idle.collect();
    assert!(idle.is_empty(), "these are not ambiguous any more: {idle:?}");
    tests::say!("  {} answers left out, whose models give two members one place", ambiguous.len());
    let mut suite = Suite::new("corpus", &[]);
    for (service, found) in all {
        suite.run(service, || if found.broken.is_empty() { Ok(()) } else { Err(found.broken.join("\n")) });
    }
    suite.finish();
}
