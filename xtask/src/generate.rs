//! `cargo xtask generate`: which services, from which models, to where; then one call of the library a service, in
//! parallel. Nothing is written unless every service was generated without a problem.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use codegen::generate;
use codegen::output::{self, CrateFiles, Summary};
use codegen::report::Report;
use codegen::source::{Library, Manifest, Plan, ServiceSource};

use crate::elsewhere::{self, Done};
use crate::packages::Packages;
use crate::progress::Progress;
use crate::workspace::{self, plural, thousands};
use crate::{Failure, Outcome};

/// The words of `generate`.
///
/// Without names: the services of models/manifest.toml, from the models in models/, to services/. Other crates that lie
/// in services/ are left as they are, and --check does not look at them.
///
/// A service that is not in the manifest is generated when it is named, as boto3 names it (`athena`, `cognito-idp`): its
/// model comes from the pinned botocore and boto3 packages, which pip fetches once and which are then kept below
/// target/models. What to write in a Cargo.toml to use it is printed.
///
/// With --out the crates are a workspace of their own in that folder: with a Cargo.toml that says where the runtime is,
/// and copies of what is written by hand for them. Files that are as they should be are not touched; with --all,
/// generated crates of services that are gone are removed.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Services as boto3 names them [default: all in the manifest]
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    /// Every service there is: those of the folder of --models, or else of the pinned packages
    #[arg(long, conflicts_with = "services")]
    all: bool,
    /// Write nothing; say what would be written or removed, and fail if there is anything
    #[arg(long)]
    check: bool,
    /// Only these operations of one service, with what they reach
    #[arg(long, value_name = "NAME", value_delimiter = ',', num_args = 1..)]
    operations: Vec<String>,
    /// The folder of models, laid out as models/ is or as botocore's data folder [default: models, then the packages]
    #[arg(long, value_name = "PATH")]
    models: Option<PathBuf>,
    /// A folder that becomes a workspace of the crates [default: the project's services]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// More changed crates than this are only counted.
const NAMED: usize = 40;

/// A service to generate, and the models it is read from.
struct Chosen<'a> {
    name: String,
    library: &'a Library,
    /// Bytes of its model.
    weight: u64,
}

/// A service in memory, generated; without crates if it is read and checked only.
struct Generated {
    name: String,
    crates: Vec<CrateFiles>,
    operations: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let start = Instant::now();
    let models = arguments.models.clone().unwrap_or_else(workspace::models);
    if !models.is_dir() {
        return Err(Failure::Usage(format!("there is no folder {}", models.display())));
    }
    let manifest = manifest(&models)?;
    let own = Library::open(&models);
    let package = match arguments.models.is_none() && wants_package(arguments, &own)? {
        true => Some(Packages::obtain(&manifest.botocore, &manifest.boto3, &[])?.library()),
        false => None,
    };
    let chosen = choose(arguments, &manifest, &own, package.as_ref())?;
    let services = generate_all(&chosen, arguments, &manifest)?;
    let root = arguments.out.clone().unwrap_or_else(workspace::root);
    let done = finish(&services, &root, arguments)?;

    // The client comes first, then the resources.
    let count = |at: usize| services.iter().filter(|it| it.crates.len() > at).count();
    let operations = services.iter().map(|it| it.operations).sum();
    println!(
        "{}, {}, {}: {} written, {} unchanged, {} removed in {:.1} s",
        plural(count(0), "client"),
        plural(count(1), "resource crate"),
        plural(operations, "operation"),
        plural(done.summary.written, "file"),
        thousands(done.summary.unchanged),
        thousands(done.summary.removed),
        start.elapsed().as_secs_f64()
    );
    if !done.stale.is_empty() {
        let count = plural(done.stale.len(), "file");
        let stale = done.stale.join("\n");
        return Err(Failure::Found(format!("{count} not as generated; `cargo xtask generate` writes them\n{stale}")));
    }
    let told = |it: &&Generated| arguments.out.is_some() || !manifest.services.contains_key(&it.name);
    if !arguments.check && !arguments.services.is_empty() {
        tell(services.iter().filter(told), &root)?;
    }
    Ok(())
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

// ---- which services

/// Whether something is asked for that the project's own models do not hold.
fn wants_package(arguments: &Arguments, own: &Library) -> Outcome<bool> {
    let known = own.services()?;
    Ok(arguments.all || arguments.services.iter().any(|name| find(name, &known).is_none()))
}

/// The services to generate, the largest first; a name nobody knows is an error.
fn choose<'a>(
    arguments: &Arguments,
    manifest: &Manifest,
    own: &'a Library,
    package: Option<&'a Library>,
) -> Outcome<Vec<Chosen<'a>>> {
    let ours = own.services()?;
    let theirs = package.map(Library::services).transpose()?.unwrap_or_default();
    let mut names: Vec<(String, &Library)> = Vec::new();
    let mut unknown = Vec::new();
    if arguments.all {
        let (library, known) = package.map_or((own, ours), |package| (package, theirs));
        names.extend(known.into_iter().map(|name| (name, library)));
    } else if arguments.services.is_empty() {
        names.extend(manifest.services.keys().filter(|it| ours.contains(it)).map(|it| (it.clone(), own)));
    } else {
        for name in &arguments.services {
            let found = find(name, &ours).map(|it| (it, own));
            match found.or_else(|| find(name, &theirs).zip(package)) {
                Some((name, library)) => names.push((name.clone(), library)),
                None => {
                    let known = if theirs.is_empty() { &ours } else { &theirs };
                    unknown.push(workspace::unknown("service", name, known.iter().map(String::as_str)));
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
        return Err(Failure::Usage(format!("there is nothing to generate in {folder}; name a service, or say --all")));
    }
    if !arguments.operations.is_empty() && names.len() != 1 {
        return Err(Failure::Usage("--operations wants one service".to_string()));
    }
    let weigh = |(name, library): (String, &'a Library)| Chosen { weight: weight(library, &name), name, library };
    let mut chosen: Vec<Chosen<'a>> = names.into_iter().map(weigh).collect();
    chosen.sort_by_key(|it| std::cmp::Reverse(it.weight));
    Ok(chosen)
}

/// The service of this name among those known; capitals, hyphens, underscores and the crate's `aws-` make no difference.
fn find<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let bare = |name: &str| name.to_lowercase().replace(['-', '_', ' '], "");
    let wanted = bare(name.strip_prefix("aws-").unwrap_or(name));
    known.iter().find(|it| *it == name).or_else(|| known.iter().find(|it| bare(it) == wanted))
}

/// The size of a service's newest model.
fn weight(library: &Library, name: &str) -> u64 {
    let folder = library.versions(name).pop().map(|version| library.folder().join(name).join(version));
    let files = folder.and_then(|it| fs::read_dir(it).ok()).into_iter().flatten();
    files.filter_map(|it| it.ok()?.metadata().ok()).map(|it| it.len()).sum()
}

// ---- one service

/// Generates all, in parallel; sorted by name.
fn generate_all(chosen: &[Chosen<'_>], arguments: &Arguments, manifest: &Manifest) -> Outcome<Vec<Generated>> {
    let progress = Progress::new("generated", chosen.len(), chosen.iter().map(|it| it.weight).sum());
    let results = workspace::parallel(chosen, |it| {
        let mut report = Report::new();
        let generated = one(it, arguments, manifest, &mut report);
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

/// Generates one service; `None` after complaints.
fn one(
    chosen: &Chosen<'_>,
    arguments: &Arguments,
    manifest: &Manifest,
    report: &mut Report,
) -> Outcome<Option<Generated>> {
    let Some(source) = chosen.library.load(&chosen.name, report) else { return Ok(None) };
    let mut plan = manifest.plan(&source);
    if !arguments.operations.is_empty() {
        plan.operations = arguments.operations.clone();
    }
    // What the manifest only reads is written when it is asked for.
    plan.emit |= arguments.all || !arguments.services.is_empty();
    check_operations(&source, &plan)?;
    let Some(mut crates) = generate(&source, &plan, report) else { return Ok(None) };
    if arguments.out.is_some() {
        crates.iter_mut().try_for_each(elsewhere::move_out)?;
    }
    let file = |path: &&String| path.starts_with("src/operation/");
    let operations = crates.first().map_or(0, |client| client.files.keys().filter(file).count());
    Ok(Some(Generated { name: chosen.name.clone(), crates, operations }))
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

// ---- files

/// Writes or checks all crates below `root` and what belongs to them, and names those that changed.
fn finish(services: &[Generated], root: &Path, arguments: &Arguments) -> Outcome<Done> {
    let crates: Vec<&CrateFiles> = services.iter().flat_map(|it| &it.crates).collect();
    let (mut all, mut changed) = (Done::default(), Vec::new());
    let weight = |it: &CrateFiles| it.files.len() as u64;
    let verb = if arguments.check { "compared" } else { "written" };
    let progress = Progress::new(verb, crates.len(), crates.iter().map(|it| weight(it)).sum());
    let results = workspace::parallel(&crates, |it| {
        let done = put(it, root, arguments.check);
        progress.step(weight(it));
        done
    });
    progress.clear();
    for (files, done) in crates.iter().zip(results) {
        let done = done?;
        let Summary { written, unchanged, removed } = done.summary;
        if written + removed > 0 {
            let written = plural(written, "file");
            changed.push(format!("{}: {written} written, {unchanged} unchanged, {removed} removed", name(files)));
        }
        add(&mut all, done);
    }
    if changed.len() <= NAMED {
        changed.iter().for_each(|line| println!("{line}"));
    }
    if let Some(out) = &arguments.out {
        add(&mut all, elsewhere::workspace(out, arguments.check)?);
        if arguments.all {
            let kept: BTreeSet<String> = crates.iter().map(|it| name(it).to_string()).collect();
            add(&mut all, elsewhere::remove_others(out, &kept, arguments.check)?);
        }
    } else if arguments.models.is_none() {
        all.stale.extend(crate::tables::write(arguments.check)?);
    }
    Ok(all)
}

fn put(files: &CrateFiles, root: &Path, only_check: bool) -> Outcome<Done> {
    Ok(match only_check {
        true => {
            Done { stale: output::check(root, files)?.iter().map(ToString::to_string).collect(), ..Done::default() }
        }
        false => Done { summary: output::write(root, files)?, ..Done::default() },
    })
}

fn add(all: &mut Done, done: Done) {
    all.summary += done.summary;
    all.stale.extend(done.stale);
}

/// The crate's name: that of its folder.
fn name(files: &CrateFiles) -> &str {
    files.folder.rsplit('/').next().unwrap_or_default()
}

/// Says what a Cargo.toml needs to use the crates.
fn tell<'a>(services: impl Iterator<Item = &'a Generated>, root: &Path) -> Outcome {
    let mut lines = Vec::new();
    for files in services.flat_map(|it| &it.crates) {
        let folder = root.join(&files.folder).canonicalize()?;
        lines.push(format!("{} = {{ path = {:?} }}", name(files), folder.display().to_string()));
    }
    if !lines.is_empty() {
        let runtime = workspace::root().join("runtime").canonicalize()?.display().to_string();
        println!("\nTo use it, in a Cargo.toml:\n\n[dependencies]\naws-core = {{ path = {runtime:?} }}");
        lines.iter().for_each(|line| println!("{line}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_by_their_names() {
        let known = ["cognito-idp", "iot", "iot-data", "sso-oidc", "sesv2"].map(str::to_string);
        let check = |name: &str, expect: Option<&str>| {
            assert_eq!(find(name, &known).map(String::as_str), expect, "{name}");
        };
        check("iot", Some("iot"));
        check("iot-data", Some("iot-data"));
        check("CognitoIDP", Some("cognito-idp"));
        check("sso_oidc", Some("sso-oidc"));
        check("aws-sesv2", Some("sesv2"));
        check("cognito", None);
        check("", None);
    }
}
