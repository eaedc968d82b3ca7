//! `cargo xtask report`: statistics. With `--corpus` it reads every model that botocore and boto3 publish, counts them
//! and lists what the generator does not support; else it prints the size of the generated crates.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use codegen::model::{self, ResourceModel};
use codegen::report::Report;
use codegen::source::{Manifest, ModelStore, ServicePlan};

use crate::packages::{Packages, USE_WHEELS};
use crate::report_compile::{self, CratePair};
use crate::workspace::{self, plural, thousands};
use crate::{Failure, Outcome};

/// Print statistics of generated services, or of all published models
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Services whose generated crates are measured [default: all in the manifest]
    #[arg(value_name = "SERVICE", conflicts_with = "corpus")]
    services: Vec<String>,
    /// Read all models of the pinned packages and list problems
    #[arg(long)]
    corpus: bool,
    /// Compile each client crate alone, in target/report, and print rustc's CPU time and memory
    #[arg(long, conflicts_with = "corpus")]
    compile: bool,
    /// With --compile: also compile the crates of AWS's own SDK, in target/peers, and print the ratios. EC2's takes 7
    /// minutes and 9 GB of memory. The versions are the newest at the first run; delete target/peers to update them
    #[arg(long, requires = "compile")]
    peers: bool,
    /// With --corpus: read these wheels, folders of wheels, unpacked packages or data folders instead of the pinned
    /// packages
    #[arg(long, value_name = "PATH", num_args = 1.., requires = "corpus")]
    from: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut report = Report::new();
    let manifest = Manifest::load(&workspace::models().join("manifest.toml"), &mut report);
    workspace::fail_on(&report)?;
    let Some(manifest) = manifest else { return Ok(()) };
    match arguments.corpus {
        true => corpus(&manifest, &arguments.from),
        false if arguments.compile => {
            report_compile::run(&crate_pairs(&manifest, &arguments.services)?, arguments.peers)
        }
        false => sizes(&manifest, &arguments.services),
    }
}

/// The named services, or all that are generated, with their plans; an unknown name is an error.
fn select<'a>(manifest: &'a Manifest, services: &[String]) -> Outcome<Vec<(&'a str, &'a ServicePlan)>> {
    let generated = || manifest.services.iter().filter(|(_, plan)| plan.emit).map(|(name, plan)| (name.as_str(), plan));
    if services.is_empty() {
        return Ok(generated().collect());
    }
    let find = |name: &String| {
        generated()
            .find(|it| it.0 == name)
            .ok_or_else(|| Failure::Usage(workspace::unknown_name("service", name, generated().map(|it| it.0))))
    };
    services.iter().map(find).collect()
}

/// The crates to compile, with the names of AWS's crates for the same services.
fn crate_pairs(manifest: &Manifest, services: &[String]) -> Outcome<Vec<CratePair>> {
    let store = ModelStore::open(&workspace::models());
    let mut pairs = Vec::new();
    for (service, plan) in select(manifest, services)? {
        let mut report = Report::new();
        let source = store.load(service, &mut report);
        workspace::fail_on(&report)?;
        let metadata = source.as_ref().map(|it| &it.service.value["metadata"]["serviceId"]);
        let id = metadata.and_then(|it| it.as_str()).unwrap_or(service);
        pairs.push(CratePair::new(&plan.client_crate, id));
    }
    Ok(pairs)
}

// ---- the corpus

/// A model to read: a version of a service, or a version with only an endpoint rule set.
struct ModelVersion {
    service: String,
    version: String,
    newest: bool,
    rules_only: bool,
}

/// The contents of one version of a service, or of all versions.
#[derive(Default)]
struct Counts {
    services: usize,
    operations: usize,
    shapes: usize,
    paginators: usize,
    waiters: usize,
    rule_sets: usize,
    examples: usize,
    resource_files: usize,
    resources: usize,
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.services += other.services;
        self.operations += other.operations;
        self.shapes += other.shapes;
        self.paginators += other.paginators;
        self.waiters += other.waiters;
        self.rule_sets += other.rule_sets;
        self.examples += other.examples;
        self.resource_files += other.resource_files;
        self.resources += other.resources;
    }
}

fn corpus(manifest: &Manifest, from: &[PathBuf]) -> Outcome {
    let store = Packages::obtain(&manifest.botocore, &manifest.boto3, from, USE_WHEELS)?.store();
    let start = Instant::now();
    let mut models = Vec::new();
    for service in fs::read_dir(store.folder())?.filter_map(Result::ok) {
        let service = service.file_name().to_string_lossy().into_owned();
        let versions = store.versions(&service);
        let rules = store.versions_with(&service, "endpoint-rule-set-1");
        let rules_only = rules.into_iter().filter(|it| !versions.contains(it)).map(|version| (version, false, true));
        let newest = versions.len().saturating_sub(1);
        let complete = versions.clone().into_iter().enumerate().map(|(i, version)| (version, i == newest, false));
        models.extend(complete.chain(rules_only).map(|(version, newest, rules_only)| ModelVersion {
            service: service.clone(),
            version,
            newest,
            rules_only,
        }));
    }
    models.sort_by(|a, b| (&a.service, &a.version).cmp(&(&b.service, &b.version)));

    let (mut newest, mut all, mut report) = (Counts::default(), Counts::default(), Report::new());
    for (model, (counts, problems)) in models.iter().zip(workspace::parallel(&models, |it| read(&store, it))) {
        all.add(&counts);
        if model.newest {
            newest.add(&counts);
        }
        report.merge(problems);
    }
    print_corpus(&newest, &all, &report);
    println!("read in {:.1} s", start.elapsed().as_secs_f64());
    workspace::fail_on(&report)
}

fn read(store: &ModelStore, version: &ModelVersion) -> (Counts, Report) {
    let mut report = Report::new();
    let mut counts = Counts::default();
    if version.rules_only {
        let document = store.document(&version.service, &version.version, "endpoint-rule-set-1", &mut report);
        if let Some(document) = document {
            codegen::json::read(&mut report, document.location.clone(), &document.value, model::endpoints::read);
            counts.rule_sets = 1;
        }
        return (counts, report);
    }
    let mut source = store.load_version(&version.service, &version.version, &mut report);
    // Two old resource files of EC2 use waiters that their version does not have; only the newest is ever generated.
    if let Some(source) = source.as_mut().filter(|_| !version.newest) {
        source.resources = None;
    }
    if let Some(models) = source.and_then(|source| model::read(&source, &mut report)) {
        counts = Counts {
            services: 1,
            operations: models.service.operations.len(),
            shapes: models.service.shapes.len(),
            paginators: models.paginators.paginators.len(),
            waiters: models.waiters.waiters.len(),
            rule_sets: usize::from(models.rules.is_some()),
            examples: models.examples.examples.values().map(Vec::len).sum(),
            resource_files: usize::from(models.resources.is_some()),
            resources: models.resources.as_ref().map_or(0, |ResourceModel { resources, .. }| resources.len()),
        };
    }
    (counts, report)
}

fn print_corpus(newest: &Counts, all: &Counts, report: &Report) {
    let kinds = [
        (
            "service-2",
            format!(
                "{} services, {} operations, {} shapes ({} versions, {} operations, {} shapes)",
                newest.services,
                thousands(newest.operations),
                thousands(newest.shapes),
                all.services,
                thousands(all.operations),
                thousands(all.shapes)
            ),
        ),
        ("paginators-1", format!("{} paginators ({})", thousands(newest.paginators), thousands(all.paginators))),
        ("waiters-2", format!("{} waiters ({})", newest.waiters, all.waiters)),
        ("endpoint-rule-set-1", format!("{} rule sets ({})", newest.rule_sets, all.rule_sets)),
        ("examples-1", format!("{} examples ({})", thousands(newest.examples), thousands(all.examples))),
        ("resources-1", format!("{} files, {} resources", newest.resource_files, newest.resources)),
    ];
    println!("newest version of each service (all versions in parentheses)");
    let problems = report.problems();
    for (kind, counts) in kinds {
        let count = problems.iter().filter(|problem| problem.location.file().contains(kind)).count();
        println!("{kind}: {counts}: {}", plural(count, "problem"));
    }
    println!("all: {}", plural(problems.len(), "problem"));
}

// ---- generated crates

fn sizes(manifest: &Manifest, services: &[String]) -> Outcome {
    let store = ModelStore::open(&workspace::models());
    for (service, plan) in select(manifest, services)? {
        let mut report = Report::new();
        let source = store.load(service, &mut report);
        workspace::fail_on(&report)?;
        let operations: Vec<String> = source
            .and_then(|source| Some(source.service.value.get("operations")?.as_object()?.keys().cloned().collect()))
            .unwrap_or_default();
        for name in [&plan.client_crate, &plan.resource_crate] {
            let folder = workspace::root().join("services").join(name);
            if !folder.is_dir() {
                println!("{name}: not generated");
                continue;
            }
            let size = Size::measure(&folder.join("src"))?;
            let present = operations.iter().filter(|name| size.identifiers.contains(*name)).count();
            println!("{name}: {}", size.summary(present, operations.len(), name == &plan.client_crate));
        }
    }
    Ok(())
}

/// The size of a crate's source.
#[derive(Default)]
pub(crate) struct Size {
    files: usize,
    pub(crate) lines: usize,
    code: usize,
    bytes: usize,
    /// All identifiers in code.
    identifiers: BTreeSet<String>,
}

impl Size {
    pub(crate) fn measure(folder: &Path) -> Outcome<Size> {
        let mut size = Size::default();
        size.walk(folder)?;
        Ok(size)
    }

    fn walk(&mut self, folder: &Path) -> Outcome {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            // `custom` is handwritten.
            if path.is_dir() && !path.ends_with("custom") {
                self.walk(&path)?;
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                self.file(&fs::read_to_string(&path)?);
            }
        }
        Ok(())
    }

    fn file(&mut self, text: &str) {
        self.files += 1;
        self.bytes += text.len();
        for line in text.lines() {
            self.lines += 1;
            let line = line.trim();
            if line.is_empty() || line.starts_with("//") {
                continue;
            }
            self.code += 1;
            let identifiers = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|it| !it.is_empty());
            self.identifiers.extend(identifiers.map(str::to_string));
        }
    }

    fn summary(&self, present: usize, operations: usize, client: bool) -> String {
        let text = format!(
            "{}, {} lines, {} of them code, {} bytes",
            plural(self.files, "file"),
            thousands(self.lines),
            thousands(self.code),
            thousands(self.bytes)
        );
        match client {
            false => text,
            true => {
                let each = self.code as f64 / operations.max(1) as f64;
                format!("{present} of {operations} operations, {text}, {each:.1} lines of code per operation")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_not_code() {
        let mut size = Size::default();
        size.file("//! Module.\n\n/// Doc of GetObject.\npub struct PutObject; // note\n  // comment\n");
        assert_eq!((size.files, size.lines, size.code), (1, 5, 1));
        assert!(size.identifiers.contains("PutObject") && !size.identifiers.contains("GetObject"));
        assert_eq!(
            size.summary(1, 2, true),
            "1 of 2 operations, 1 file, 5 lines, 1 of them code, 78 bytes, 0.5 lines of code per operation"
        );
    }
}
