//! `cargo xtask generate`: which services, from which models, to where; then one call of the library a service, in
//! parallel. Nothing is written unless every service was generated without a problem.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use codegen::expr::partitions;
use codegen::generate;
use codegen::output::{self, CrateFiles, Summary};
use codegen::report::Report;
use codegen::source::{Library, Manifest, Plan, ServiceSource};

use crate::workspace::{self, plural};
use crate::{Failure, Outcome};

/// The words of `generate`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Services by their folder names [default: all in the manifest]
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    /// Every service the models hold
    #[arg(long, conflicts_with = "services")]
    all: bool,
    /// Write nothing; say what would be written or removed, and fail if there is anything
    #[arg(long)]
    check: bool,
    /// Only these operations of one service, with what they reach
    #[arg(long, value_name = "NAME", value_delimiter = ',', num_args = 1..)]
    operations: Vec<String>,
    /// The folder of models: laid out as models/ is, or as botocore's data folder [default: models]
    #[arg(long, value_name = "PATH")]
    models: Option<PathBuf>,
    /// The folder crates are written to [default: services]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A service in memory, generated.
struct Generated {
    service: String,
    /// Empty for a service that is read and checked only.
    crates: Vec<CrateFiles>,
    took: Duration,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let start = Instant::now();
    let models = arguments.models.clone().unwrap_or_else(workspace::models);
    if !models.is_dir() {
        return Err(Failure::Usage(format!("there is no folder {}", models.display())));
    }
    let library = Library::open(&models);
    let manifest = manifest(&models)?;
    let names = choose(arguments, &library, &manifest)?;

    let results = workspace::parallel(&names, |name| {
        let mut report = Report::new();
        (one(name, arguments, &library, &manifest, &mut report), report)
    });
    let (mut report, mut services) = (Report::new(), Vec::new());
    for (generated, problems) in results {
        services.extend(generated?);
        report.merge(problems);
    }
    workspace::fail_on(&report)?;

    let root = match &arguments.out {
        None => workspace::root(),
        Some(out) => {
            services.iter_mut().flat_map(|service| &mut service.crates).for_each(move_out);
            out.clone()
        }
    };
    let mut stale = Vec::new();
    for done in workspace::parallel(&services, |service| finish(service, &root, arguments.check)) {
        let (line, found) = done?;
        println!("{line}");
        stale.extend(found);
    }
    if arguments.models.is_none() && arguments.out.is_none() {
        stale.extend(write_partitions(arguments.check)?);
    }
    println!("{} in {}", plural(services.len(), "service"), seconds(start.elapsed()));
    match stale.is_empty() {
        true => Ok(()),
        false => Err(Failure::Found(format!(
            "{} not as generated; `cargo xtask generate` writes them\n{}",
            plural(stale.len(), "file"),
            stale.join("\n")
        ))),
    }
}

/// The manifest beside the models, or else the project's.
fn manifest(models: &Path) -> Outcome<Manifest> {
    let beside = models.join("manifest.toml");
    let path = if beside.is_file() { beside } else { workspace::models().join("manifest.toml") };
    let mut report = Report::new();
    let manifest = Manifest::load(&path, &mut report);
    workspace::fail_on(&report)?;
    Ok(manifest.unwrap_or_default())
}

/// The names of the services to generate; a name nobody knows is an error.
fn choose(arguments: &Arguments, library: &Library, manifest: &Manifest) -> Outcome<Vec<String>> {
    let known = library.services()?;
    let mut names = match () {
        () if arguments.all => known.clone(),
        () if arguments.services.is_empty() => {
            manifest.services.keys().filter(|name| known.contains(name)).cloned().collect()
        }
        () => arguments.services.clone(),
    };
    names.sort();
    names.dedup();
    let unknown: Vec<String> = names
        .iter()
        .filter(|name| !known.contains(name))
        .map(|name| workspace::unknown("service", name, known.iter().map(String::as_str)))
        .collect();
    if !unknown.is_empty() {
        return Err(Failure::Usage(unknown.join("\n")));
    }
    if names.is_empty() {
        let folder = library.folder().display();
        return Err(Failure::Usage(format!("there is nothing to generate in {folder}; name a service, or say --all")));
    }
    if !arguments.operations.is_empty() && names.len() != 1 {
        return Err(Failure::Usage("--operations wants one service".to_string()));
    }
    Ok(names)
}

/// Generates one service; `None` after complaints.
fn one(
    name: &str,
    arguments: &Arguments,
    library: &Library,
    manifest: &Manifest,
    report: &mut Report,
) -> Outcome<Option<Generated>> {
    let start = Instant::now();
    let Some(source) = library.load(name, report) else { return Ok(None) };
    let mut plan = manifest.plan(&source);
    if !arguments.operations.is_empty() {
        plan.operations = arguments.operations.clone();
    }
    check_operations(&source, &plan)?;
    let crates = generate(&source, &plan, report);
    let service = format!("{name} {}", source.version);
    Ok(crates.map(|crates| Generated { service, crates, took: start.elapsed() }))
}

/// An operation nobody knows is an error.
fn check_operations(source: &ServiceSource, plan: &Plan) -> Outcome {
    let Some(known) = source.service.value.get("operations").and_then(|it| it.as_object()) else {
        return Ok(());
    };
    let kind = format!("operation of {}", source.name);
    let unknown: Vec<String> = plan
        .operations
        .iter()
        .filter(|name| !known.contains_key(*name))
        .map(|name| workspace::unknown(&kind, name, known.keys().map(String::as_str)))
        .collect();
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(Failure::Usage(unknown.join("\n"))),
    }
}

/// Takes the crate out of the workspace's folder for crates, to lie in a folder of the caller's choice.
fn move_out(files: &mut CrateFiles) {
    if let Some((_, name)) = files.folder.rsplit_once('/') {
        files.folder = name.to_string();
    }
}

/// Writes or checks the crates of a service below `root`; says what was done, and names what is not as generated.
fn finish(service: &Generated, root: &Path, only_check: bool) -> Outcome<(String, Vec<String>)> {
    let (mut done, mut stale) = (Vec::new(), Vec::new());
    for files in &service.crates {
        let name = files.folder.rsplit('/').next().unwrap_or_default();
        if only_check {
            let found = output::check(root, files)?;
            done.push(format!("{name} {} stale of {}", found.len(), files.files.len()));
            stale.extend(found.iter().map(ToString::to_string));
        } else {
            let Summary { written, unchanged, removed } = output::write(root, files)?;
            let written = plural(written, "file");
            done.push(format!("{name} {written} written, {unchanged} unchanged, {removed} removed"));
        }
    }
    if done.is_empty() {
        done.push("read and checked, nothing to write".to_string());
    }
    Ok((format!("{}: {} ({})", service.service, done.join("; "), seconds(service.took)), stale))
}

/// Writes or checks the runtime's table of partitions; names the file if it is not as generated.
fn write_partitions(only_check: bool) -> Outcome<Option<String>> {
    let models = workspace::models().join("shared/partitions.json");
    let value = serde_json::from_slice(&fs::read(&models)?)
        .map_err(|error| Failure::Found(format!("{}: {error}", models.display())))?;
    let text = partitions::emit(&value).map_err(Failure::Found)?;
    let name = "runtime/src/endpoint/partitions.rs";
    let path = workspace::root().join(name);
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        println!("partitions: unchanged");
        return Ok(None);
    }
    if only_check {
        return Ok(Some(format!("{name}: out of date")));
    }
    fs::write(&path, text)?;
    println!("partitions: {name} written");
    Ok(None)
}

fn seconds(took: Duration) -> String {
    format!("{:.2} s", took.as_secs_f64())
}
