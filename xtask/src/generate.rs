//! `cargo xtask generate`: selects services, models and the output folder, and calls the generator for each service, in
//! parallel. Nothing is written unless every service was generated without a problem.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use codegen::generate;
use codegen::output::{self, CrateFiles, Summary};
use codegen::report::Report;
use codegen::source::{Manifest, ModelStore, ServicePlan, ServiceSource};

use crate::packages::Packages;
use crate::progress::Progress;
use crate::standalone_crate::{self, Runtime, quoted};
use crate::standalone_workspace::{self, FileChanges};
use crate::workspace::{self, plural, thousands};
use crate::{Failure, Outcome};

/// Generate the crates of all services in the manifest, or of the named ones
///
/// Without names: the services of models/manifest.toml, from the models in models/, to services/. Other crates in
/// services/ are not changed, and --check ignores them.
///
/// A service that is not in the manifest is generated if it is named, as in boto3 (`athena`, `cognito-idp`): its model
/// comes from the pinned botocore and boto3 packages, which pip fetches once into target/models. The lines for the
/// Cargo.toml of a crate that uses it are printed.
///
/// With --out each crate is a package of its own in that folder, to be copied or committed with a program: it inherits
/// from no workspace, refers to the runtime by relative path or by --runtime, and has copies of its handwritten files
/// and of the licence. With --all, the folder is a workspace of the crates, and generated crates of services that no
/// longer exist are removed. Files that are up to date are not written.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Services, named as in boto3 [default: all in the manifest]
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    /// All services: those in the folder of --models, or else in the pinned packages
    #[arg(long, conflicts_with = "services")]
    all: bool,
    /// Write nothing; list the files that would be written or removed, and fail if there are any
    #[arg(long)]
    check: bool,
    /// Only these operations of one service, with the shapes that they use; needs --out
    #[arg(long, value_name = "NAME", value_delimiter = ',', num_args = 1..)]
    operations: Vec<String>,
    /// The folder of models, with the layout of models/ or of botocore's data folder [default: models, then the
    /// packages]
    #[arg(long, value_name = "PATH")]
    models: Option<PathBuf>,
    /// Write the crates to this folder, each for itself [default: the project's services]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// With --out: what the crates depend on as aws-core, a folder or a version [default: the project's runtime]
    #[arg(long, value_name = "PATH|VERSION", requires = "out")]
    runtime: Option<String>,
}

/// Where models come from if PyPI cannot be reached.
pub(crate) const WITHOUT_NETWORK: &str = "read a folder of models with --models";
/// The dependency that every program with clients has beside them: its runtime of asynchronous code.
const TOKIO: &str = r#"tokio = { version = "1", features = ["macros", "rt-multi-thread"] }"#;

/// How many changed crates are listed; more are only counted. Our choice: about a screen.
const MAX_LISTED: usize = 40;

/// A service to generate, and its models.
struct SelectedService<'a> {
    name: String,
    store: &'a ModelStore,
    /// The size of its newest model in bytes, which predicts the time that generating takes.
    weight: u64,
}

/// The generated files of a service; no crates if the manifest only has it checked.
struct GeneratedService {
    name: String,
    crates: Vec<CrateFiles>,
    /// The name of its resource crate, if there is one.
    resource_crate: String,
    operations: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let start = Instant::now();
    if !arguments.operations.is_empty() && arguments.out.is_none() {
        let problem = "--operations needs --out DIR: in services/ the operations that are not named would be removed";
        return Err(Failure::Usage(problem.to_string()));
    }
    let runtime = Runtime::parse(arguments.runtime.as_deref())?;
    let models = arguments.models.clone().unwrap_or_else(workspace::models);
    if !models.is_dir() {
        return Err(Failure::Usage(format!("{} is not a folder", models.display())));
    }
    let manifest = manifest(&models)?;
    let own = ModelStore::open(&models);
    let package = match arguments.models.is_none() && needs_package(arguments, &own)? {
        true => Some(Packages::obtain(&manifest.botocore, &manifest.boto3, &[], WITHOUT_NETWORK)?.store()),
        false => None,
    };
    let selected = select(arguments, &manifest, &own, package.as_ref())?;
    let services = generate_all(&selected, arguments, &manifest, &runtime)?;
    let root = arguments.out.clone().unwrap_or_else(workspace::root);
    let changes = write_all(&services, &root, arguments)?;

    // The first crate of a service is the client, the second the resources.
    let count = |index: usize| services.iter().filter(|it| it.crates.len() > index).count();
    let operations = services.iter().map(|it| it.operations).sum();
    println!(
        "{}, {}, {}: {} written, {} unchanged, {} removed in {:.1} s",
        plural(count(0), "client"),
        plural(count(1), "resource crate"),
        plural(operations, "operation"),
        plural(changes.summary.written, "file"),
        thousands(changes.summary.unchanged),
        thousands(changes.summary.removed),
        start.elapsed().as_secs_f64()
    );
    if !changes.stale.is_empty() {
        let count = plural(changes.stale.len(), "file");
        let stale = changes.stale.join("\n");
        return Err(Failure::Found(format!("{count} out of date; run `cargo xtask generate`\n{stale}")));
    }
    let is_new_crate = |it: &&GeneratedService| arguments.out.is_some() || !manifest.services.contains_key(&it.name);
    if !arguments.check && !arguments.all && !arguments.services.is_empty() {
        print_dependencies(services.iter().filter(is_new_crate), &root, &runtime)?;
    }
    if let Some(out) = arguments.out.as_ref().filter(|_| !arguments.check)
        && let Some(note) = standalone_workspace::enclosing_workspace(out)?
    {
        println!("\n{note}");
    }
    Ok(())
}

/// The manifest in the folder of models, or else the project's.
fn manifest(models: &Path) -> Outcome<Manifest> {
    let beside = models.join("manifest.toml");
    let path = if beside.is_file() { beside } else { workspace::models().join("manifest.toml") };
    let mut report = Report::new();
    let manifest = Manifest::load(&path, &mut report);
    workspace::fail_on(&report)?;
    Ok(manifest.unwrap_or_default())
}

// ---- selection of services

/// Whether a requested service is not among the project's models.
fn needs_package(arguments: &Arguments, own: &ModelStore) -> Outcome<bool> {
    let known = own.services()?;
    Ok(arguments.all || arguments.services.iter().any(|name| find_service(name, &known).is_none()))
}

/// The services to generate, the largest first; an unknown name is an error.
fn select<'a>(
    arguments: &Arguments,
    manifest: &Manifest,
    own: &'a ModelStore,
    package: Option<&'a ModelStore>,
) -> Outcome<Vec<SelectedService<'a>>> {
    let own_names = own.services()?;
    let package_names = package.map(ModelStore::services).transpose()?.unwrap_or_default();
    let mut names: Vec<(String, &ModelStore)> = Vec::new();
    let mut unknown = Vec::new();
    if arguments.all {
        let (store, known) = package.map_or((own, own_names), |package| (package, package_names));
        names.extend(known.into_iter().map(|name| (name, store)));
    } else if arguments.services.is_empty() {
        names.extend(manifest.services.keys().filter(|it| own_names.contains(it)).map(|it| (it.clone(), own)));
    } else {
        for name in &arguments.services {
            let found = find_service(name, &own_names).map(|it| (it, own));
            match found.or_else(|| find_service(name, &package_names).zip(package)) {
                Some((name, store)) => names.push((name.clone(), store)),
                None => {
                    let known = if package_names.is_empty() { &own_names } else { &package_names };
                    unknown.push(workspace::unknown_name("service", name, known.iter().map(String::as_str)));
                }
            }
        }
    }
    if !unknown.is_empty() {
        return Err(Failure::Usage(unknown.join("\n")));
    }
    names.sort_by(|a, b| a.0.cmp(&b.0));
    names.dedup_by(|a, b| a.0 == b.0);
    if names.is_empty() {
        let folder = own.folder().display();
        return Err(Failure::Usage(format!("there is nothing to generate in {folder}; name a service or use --all")));
    }
    if !arguments.operations.is_empty() && names.len() != 1 {
        return Err(Failure::Usage("--operations requires exactly one service".to_string()));
    }
    let service =
        |(name, store): (String, &'a ModelStore)| SelectedService { weight: model_size(store, &name), name, store };
    let mut selected: Vec<SelectedService<'a>> = names.into_iter().map(service).collect();
    selected.sort_by_key(|it| std::cmp::Reverse(it.weight));
    Ok(selected)
}

/// The known service with this name; case, hyphens, underscores and a leading `aws-` are ignored.
fn find_service<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let normalized = |name: &str| name.to_lowercase().replace(['-', '_', ' '], "");
    let normalized_name = normalized(name.strip_prefix("aws-").unwrap_or(name));
    known.iter().find(|it| *it == name).or_else(|| known.iter().find(|it| normalized(it) == normalized_name))
}

/// The size of a service's newest model, in bytes.
fn model_size(store: &ModelStore, name: &str) -> u64 {
    let folder = store.versions(name).pop().map(|version| store.folder().join(name).join(version));
    let files = folder.and_then(|it| fs::read_dir(it).ok()).into_iter().flatten();
    files.filter_map(|it| it.ok()?.metadata().ok()).map(|it| it.len()).sum()
}

// ---- one service

/// Generates all services in parallel; sorted by name.
fn generate_all(
    selected: &[SelectedService<'_>],
    arguments: &Arguments,
    manifest: &Manifest,
    runtime: &Runtime,
) -> Outcome<Vec<GeneratedService>> {
    let progress = Progress::new("generated", selected.len(), selected.iter().map(|it| it.weight).sum());
    let results = workspace::parallel(selected, |it| {
        let mut report = Report::new();
        let generated = generate_one(it, arguments, manifest, runtime, &mut report);
        progress.step(it.weight);
        (generated, report)
    });
    progress.clear();
    let (mut report, mut services) = (Report::new(), Vec::new());
    for (generated, problems) in results {
        services.extend(generated?);
        report.merge(problems);
    }
    workspace::fail_on(&report)?;
    services.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(services)
}

/// Generates one service; `None` if the report has problems.
fn generate_one(
    selected: &SelectedService<'_>,
    arguments: &Arguments,
    manifest: &Manifest,
    runtime: &Runtime,
    report: &mut Report,
) -> Outcome<Option<GeneratedService>> {
    let Some(source) = selected.store.load(&selected.name, report) else { return Ok(None) };
    let mut plan = manifest.plan(&source);
    if !arguments.operations.is_empty() {
        plan.operations = arguments.operations.clone();
    }
    // A service that the manifest only has checked is written if it is requested.
    plan.emit |= arguments.all || !arguments.services.is_empty();
    check_operations(&source, &plan)?;
    let Some(mut crates) = generate(&source, &plan, report) else { return Ok(None) };
    if let Some(out) = &arguments.out {
        crates.iter_mut().try_for_each(|it| standalone_crate::move_out(it, out, runtime))?;
    }
    let is_operation = |path: &&String| path.starts_with("src/operation/");
    let operations = crates.first().map_or(0, |client| client.files.keys().filter(is_operation).count());
    let (name, resource_crate) = (selected.name.clone(), plan.resource_crate);
    Ok(Some(GeneratedService { name, crates, resource_crate, operations }))
}

/// Rejects unknown operations.
fn check_operations(source: &ServiceSource, plan: &ServicePlan) -> Outcome {
    let Some(known) = source.service.value.get("operations").and_then(|it| it.as_object()) else {
        return Ok(());
    };
    let kind = format!("operation of {}", source.name);
    let unknown: Vec<String> = plan
        .operations
        .iter()
        .filter(|name| !known.contains_key(*name))
        .map(|name| workspace::unknown_name(&kind, name, known.keys().map(String::as_str)))
        .collect();
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(Failure::Usage(unknown.join("\n"))),
    }
}

// ---- files

/// Writes or checks all crates below `root` and the files around them, and prints the crates that changed.
fn write_all(services: &[GeneratedService], root: &Path, arguments: &Arguments) -> Outcome<FileChanges> {
    let crates: Vec<&CrateFiles> = services.iter().flat_map(|it| &it.crates).collect();
    let (mut all, mut changed) = (FileChanges::default(), Vec::new());
    let weight = |it: &CrateFiles| it.files.len() as u64;
    let verb = if arguments.check { "compared" } else { "written" };
    let progress = Progress::new(verb, crates.len(), crates.iter().map(|it| weight(it)).sum());
    let results = workspace::parallel(&crates, |it| {
        let changes = write_crate(it, root, arguments.check);
        progress.step(weight(it));
        changes
    });
    progress.clear();
    for (files, changes) in crates.iter().zip(results) {
        let changes = changes?;
        let Summary { written, unchanged, removed } = changes.summary;
        if written + removed > 0 {
            let written = plural(written, "file");
            changed.push(format!("{}: {written} written, {unchanged} unchanged, {removed} removed", crate_name(files)));
        }
        merge(&mut all, changes);
    }
    if changed.len() <= MAX_LISTED {
        changed.iter().for_each(|line| println!("{line}"));
    }
    if let Some(out) = &arguments.out {
        // A slim client comes without resources, and those of an earlier run would not compile with it.
        let slim = services.iter().filter(|it| it.crates.len() == 1);
        slim.map(|it| &it.resource_crate)
            .try_for_each(|name| standalone_workspace::remove(out, name, arguments.check, &mut all))?;
        if arguments.all || standalone_workspace::is_generated(&out.join("Cargo.toml")) {
            merge(&mut all, standalone_workspace::write_workspace(out, arguments.check)?);
        }
        if arguments.all {
            let current: BTreeSet<String> = crates.iter().map(|it| crate_name(it).to_string()).collect();
            merge(&mut all, standalone_workspace::remove_others(out, &current, arguments.check)?);
        }
    } else if arguments.models.is_none() {
        all.stale.extend(crate::runtime_files::write(arguments.check)?);
    }
    Ok(all)
}

fn write_crate(files: &CrateFiles, root: &Path, only_check: bool) -> Outcome<FileChanges> {
    Ok(match only_check {
        true => FileChanges {
            stale: output::check(root, files)?.iter().map(ToString::to_string).collect(),
            ..FileChanges::default()
        },
        false => FileChanges { summary: output::write(root, files)?, ..FileChanges::default() },
    })
}

fn merge(all: &mut FileChanges, other: FileChanges) {
    all.summary += other.summary;
    all.stale.extend(other.stale);
}

/// The crate's name, which is that of its folder.
fn crate_name(files: &CrateFiles) -> &str {
    files.folder.rsplit('/').next().unwrap_or_default()
}

/// Prints the lines of a Cargo.toml with which a program uses the generated crates.
fn print_dependencies<'a>(
    services: impl Iterator<Item = &'a GeneratedService>,
    root: &Path,
    runtime: &Runtime,
) -> Outcome {
    let mut lines = Vec::new();
    for files in services.flat_map(|it| &it.crates) {
        let folder = standalone_crate::resolved(&root.join(&files.folder))?;
        lines.push(format!("{} = {{ path = {} }}", crate_name(files), quoted(&folder.display().to_string())));
    }
    if !lines.is_empty() {
        println!("\nTo use it, add to Cargo.toml:\n\n[dependencies]\naws-core = {}", runtime.dependency(Path::new("")));
        lines.iter().for_each(|line| println!("{line}"));
        println!("{TOKIO}");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
