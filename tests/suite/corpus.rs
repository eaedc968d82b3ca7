//! Laws over every model in `models/`, and over all that botocore and boto3 publish where they are at hand: in the folder
//! `CORPUS_DIR` names, or where `cargo xtask report --corpus` has put them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use codegen::fixups;
use codegen::json::{Map, Value};
use codegen::model::{self, Models};
use codegen::report::Report;
use codegen::source::{Library, Manifest, ServiceSource};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The laws of one service; what breaks them.
fn laws(library: &Library, service: &str) -> Vec<String> {
    let mut report = Report::new();
    let models = library.load(service, &mut report).and_then(|source| {
        let models = model::read(&source, &mut report)?;
        Some((source, models))
    });
    let mut broken: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
    if let Some((source, models)) = models {
        broken.extend(everything_is_kept(&source, &models).into_iter().map(|what| format!("{service}: {what}")));
        broken.extend(paths_lead_somewhere(&models));
        broken.extend(fixups_bite_once(models));
    }
    broken
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
fn fixups_bite_once(mut models: Models) -> Vec<String> {
    let mut report = Report::new();
    fixups::apply(&mut models, &mut report);
    let mut broken: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
    for fixup in fixups::of(&models.name) {
        if (fixup.apply)(&mut models) {
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
        assert_eq!(laws(&library, service), Vec::<String>::new());
        assert_eq!(library.versions(service).len(), 1, "{service}");
    }
    for file in ["botocore/LICENSE", "botocore/NOTICE", "boto3/LICENSE", "boto3/NOTICE", "shared/partitions.json"] {
        assert!(folder.join(file).is_file(), "models/{file}");
    }
}

/// Where all models are, if they are anywhere.
fn corpus() -> Option<Library> {
    if let Some(folder) = std::env::var_os("CORPUS_DIR") {
        return Some(Library::open(Path::new(&folder)));
    }
    let cache = workspace().join("target/models");
    let unpacked = |name: &str| {
        let folders = fs::read_dir(&cache).ok()?.filter_map(Result::ok).map(|entry| entry.path());
        folders.filter(|path| path.join(name).join("data").is_dir()).max()
    };
    let library = Library::open(&unpacked("botocore")?);
    Some(match unpacked("boto3") {
        Some(boto3) => library.with_resources(&boto3),
        None => library,
    })
}

#[test]
fn the_whole_corpus() {
    let Some(library) = corpus() else {
        tests::say!("suite corpus: skipped, no corpus");
        return;
    };
    let services = library.services().expect("a corpus");
    let (next, broken) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let failed = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(service) = services.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = laws(&library, service);
                    failed.fetch_add(usize::from(!found.is_empty()), Ordering::Relaxed);
                    broken.lock().expect("no thread panicked").extend(found);
                }
            });
        }
    });
    let broken = broken.into_inner().expect("no thread panicked");
    let failed = failed.into_inner();
    tests::say!("suite corpus: {} passed, {failed} failed, 0 skipped", services.len() - failed);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
