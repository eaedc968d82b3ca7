//! `cargo xtask report`: figures. `--corpus` reads every model botocore and boto3 publish and says how many there are
//! and what the generator does not understand in them; a service's name gives the size of its generated crates.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use codegen::model::{self, ResourceModel};
use codegen::report::Report;
use codegen::source::{Library, Manifest, Plan};

use crate::packages::Packages;
use crate::report_compile::{self, Subject};
use crate::workspace::{self, plural, thousands};
use crate::{Failure, Outcome};

/// The words of `report`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Services whose generated crates are measured [default: all in the manifest]
    #[arg(value_name = "SERVICE", conflicts_with = "corpus")]
    services: Vec<String>,
    /// Read every model there is
    #[arg(long)]
    corpus: bool,
    /// Compile each client crate alone, below target/report, and say what rustc used
    #[arg(long, conflicts_with = "corpus")]
    compile: bool,
    /// With --compile: also the crates of AWS's own SDK, below target/peers, and the ratios. EC2's takes 7 minutes and
    /// 9 GB of memory. The versions are the newest of the first run; delete target/peers to look them up again
    #[arg(long, requires = "compile")]
    peers: bool,
    /// With --corpus: wheels, folders of wheels, unpacked packages or data folders, instead of the pinned packages
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
        false if arguments.compile => report_compile::run(&subjects(&manifest, &arguments.services)?, arguments.peers),
        false => sizes(&manifest, &arguments.services),
    }
}

/// The services named, or all that are generated, with their plans; a name nobody knows is an error.
fn chosen<'a>(manifest: &'a Manifest, services: &[String]) -> Outcome<Vec<(&'a str, &'a Plan)>> {
    let emitted = || manifest.services.iter().filter(|(_, plan)| plan.emit).map(|(name, plan)| (name.as_str(), plan));
    if services.is_empty() {
        return Ok(emitted().collect());
    }
    let find = |name: &String| {
        emitted()
            .find(|it| it.0 == name)
            .ok_or_else(|| Failure::Usage(workspace::unknown("service", name, emitted().map(|it| it.0))))
    };
    services.iter().map(find).collect()
}

/// The services whose crates are compiled, with the names of AWS's crates.
fn subjects(manifest: &Manifest, services: &[String]) -> Outcome<Vec<Subject>> {
    let library = Library::open(&workspace::models());
    let mut subjects = Vec::new();
    for (service, plan) in chosen(manifest, services)? {
        let mut report = Report::new();
        let source = library.load(service, &mut report);
        workspace::fail_on(&report)?;
        let metadata = source.as_ref().map(|it| &it.service.value["metadata"]["serviceId"]);
        let id = metadata.and_then(|it| it.as_str()).unwrap_or(service);
        subjects.push(Subject::new(&plan.client_crate, id));
    }
    Ok(subjects)
}

// ---- the corpus

/// One thing to read: a version of a service, or a rule set without a service.
struct Item {
    service: String,
    version: String,
    newest: bool,
    rules_only: bool,
}

/// What is in one version of one service, or in all of them.
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
    let library = Packages::obtain(&manifest.botocore, &manifest.boto3, from)?.library();
    let start = Instant::now();
    let mut items = Vec::new();
    for service in fs::read_dir(library.folder())?.filter_map(Result::ok) {
        let service = service.file_name().to_string_lossy().into_owned();
        let versions = library.versions(&service);
        let rules = library.versions_with(&service, "endpoint-rule-set-1");
        let rules_only = rules.into_iter().filter(|it| !versions.contains(it)).map(|version| (version, false, true));
        let newest = versions.len().saturating_sub(1);
        let whole = versions.clone().into_iter().enumerate().map(|(i, version)| (version, i == newest, false));
        items.extend(whole.chain(rules_only).map(|(version, newest, rules_only)| Item {
            service: service.clone(),
            version,
            newest,
            rules_only,
        }));
    }
    items.sort_by(|a, b| (&a.service, &a.version).cmp(&(&b.service, &b.version)));

    let (mut newest, mut all, mut report) = (Counts::default(), Counts::default(), Report::new());
    for (item, (counts, problems)) in items.iter().zip(workspace::parallel(&items, |item| read(&library, item))) {
        all.add(&counts);
        if item.newest {
            newest.add(&counts);
        }
        report.merge(problems);
    }
    print_corpus(&newest, &all, &report);
    println!("read in {:.1} s", start.elapsed().as_secs_f64());
    workspace::fail_on(&report)
}

fn read(library: &Library, item: &Item) -> (Counts, Report) {
    let mut report = Report::new();
    let mut counts = Counts::default();
    if item.rules_only {
        let document = library.document(&item.service, &item.version, "endpoint-rule-set-1", &mut report);
        if let Some(document) = document {
            codegen::json::read(&mut report, document.place.clone(), &document.value, model::endpoints::read);
            counts.rule_sets = 1;
        }
        return (counts, report);
    }
    let mut source = library.load_version(&item.service, &item.version, &mut report);
    // Two old resource files of EC2 wait for what their version has no waiter for; only the newest is ever generated.
    if let Some(source) = source.as_mut().filter(|_| !item.newest) {
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
    println!("newest version of each service (all versions)");
    let problems = report.problems();
    for (kind, counts) in kinds {
        let count = problems.iter().filter(|problem| problem.place.file().contains(kind)).count();
        println!("{kind}: {counts}: {}", plural(count, "problem"));
    }
    println!("all: {}", plural(problems.len(), "problem"));
}

// ---- generated crates

fn sizes(manifest: &Manifest, services: &[String]) -> Outcome {
    let library = Library::open(&workspace::models());
    for (service, plan) in chosen(manifest, services)? {
        let mut report = Report::new();
        let source = library.load(service, &mut report);
        workspace::fail_on(&report)?;
        let names: Vec<String> = source
            .and_then(|source| Some(source.service.value.get("operations")?.as_object()?.keys().cloned().collect()))
            .unwrap_or_default();
        for name in [&plan.client_crate, &plan.resource_crate] {
            let folder = workspace::root().join("services").join(name);
            if !folder.is_dir() {
                println!("{name}: not generated");
                continue;
            }
            let size = Size::of(&folder.join("src"))?;
            let present = names.iter().filter(|name| size.words.contains(*name)).count();
            println!("{name}: {}", size.line(present, names.len(), name == &plan.client_crate));
        }
    }
    Ok(())
}

/// How much text a crate is.
#[derive(Default)]
pub(crate) struct Size {
    files: usize,
    pub(crate) lines: usize,
    code: usize,
    bytes: usize,
    /// Every identifier in code.
    words: BTreeSet<String>,
}

impl Size {
    pub(crate) fn of(folder: &Path) -> Outcome<Size> {
        let mut size = Size::default();
        size.walk(folder)?;
        Ok(size)
    }

    fn walk(&mut self, folder: &Path) -> Outcome {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            // `custom` is written by hand.
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
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
            self.words.extend(words.map(str::to_string));
        }
    }

    fn line(&self, present: usize, operations: usize, client: bool) -> String {
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
                format!("{present} of {operations} operations, {text}, {each:.1} lines of code an operation")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docs_and_blank_lines_are_no_code() {
        let mut size = Size::default();
        size.file("//! Module.\n\n/// Doc of GetObject.\npub struct PutObject; // note\n  // comment\n");
        assert_eq!((size.files, size.lines, size.code), (1, 5, 1));
        assert!(size.words.contains("PutObject") && !size.words.contains("GetObject"));
        assert_eq!(
            size.line(1, 2, true),
            "1 of 2 operations, 1 file, 5 lines, 1 of them code, 78 bytes, 0.5 lines of code an operation"
        );
    }
}
