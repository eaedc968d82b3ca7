//! `cargo xtask check-all`: compiles every crate in a folder that `generate --all --out` wrote. Cargo compiles the
//! crates in chunks, and its output for a chunk is deleted after it, to limit disk and memory; the crates that passed
//! are recorded, so that the next run continues where this one ended. Knows no service.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::check_state::{self, CheckedCrate, PassedCrates};
use crate::progress::{Progress, format_duration};
use crate::workspace::{plural, thousands};
use crate::{Failure, Outcome, report_compile, standalone_workspace};

/// Compile every crate that `generate --all --out` wrote, and list those that fail
///
/// DIR is a workspace that `cargo xtask generate --all --out DIR` wrote. Each of its crates must compile; a warning is
/// a failure too. The exit code is 1 if any crate fails, and the summary has its name and its first message.
///
/// Crates are compiled in chunks of at most 16 MB of source, the largest first, and the output for a chunk is deleted
/// before the next. All 439 clients and 9 resource crates of botocore 1.44.5 need about 2 minutes on 2 cores,
/// 400 MB of disk, and up to 720 MB of memory for a job (EC2; most need 200 MB).
///
/// The crates that passed are recorded in check-all.json in the target folder: a crate is compiled again if its files,
/// those of the runtime or of its client crate, or the compiler changed. An interrupted run continues where it was.
/// One run at a time uses the target folder; another waits.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The folder of crates
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Only these crates [default: all]
    #[arg(value_name = "CRATE")]
    crates: Vec<String>,
    /// The cargo command to run
    #[arg(long, value_enum, default_value_t = Tool::Check)]
    with: Tool,
    /// Where cargo writes [default: DIR/target]
    #[arg(long, value_name = "PATH")]
    target_dir: Option<PathBuf>,
    /// How many crates cargo compiles at a time [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Compile all crates, including those that passed before
    #[arg(long)]
    fresh: bool,
}

/// The cargo command to run on the crates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Tool {
    /// The compiler, up to borrow checking
    Check,
    /// The linter
    Clippy,
    /// The documentation, with its links
    Doc,
    /// The examples in the documentation, which are compiled and not run
    Doctest,
}

impl Tool {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Tool::Check => &["check"],
            Tool::Clippy => &["clippy"],
            Tool::Doc => &["doc", "--no-deps"],
            // Cargo has one program of all examples of a crate: those of edition 2024 are merged.
            Tool::Doctest => &["test", "--doc", "--no-fail-fast"],
        }
    }
}

/// Cargo's messages about the crates of a chunk.
#[derive(Default)]
struct CargoOutput {
    /// The crates that were compiled.
    compiled: BTreeSet<String>,
    /// The first error or warning of a crate, and how many there are.
    problems: BTreeMap<String, (String, usize)>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let start = Instant::now();
    let folder = arguments.folder.canonicalize().map_err(|error| {
        Failure::Usage(format!(
            "{}: {error}; create it with `cargo xtask generate --all --out`",
            arguments.folder.display()
        ))
    })?;
    let target = match &arguments.target_dir {
        None => folder.join("target"),
        Some(path) => env::current_dir()?.join(path),
    };
    fs::create_dir_all(&target)?;
    let _lock = lock(&target)?;
    let crates = crates(&folder, &arguments.crates, &format!("{:?} {}", arguments.with, compiler()?))?;
    let path = target.join("check-all.json");
    let mut recorded = if arguments.fresh { PassedCrates::default() } else { PassedCrates::load(&path) };
    let (skipped, pending): (Vec<&CheckedCrate>, Vec<&CheckedCrate>) =
        crates.iter().partition(|it| recorded.contains(it));
    let chunks = check_state::chunks(&pending);
    if !skipped.is_empty() {
        println!("{} passed in an earlier run", plural(skipped.len(), "crate"));
    }

    let progress = Progress::new("checked", pending.len(), pending.iter().map(|it| it.size).sum());
    let (mut failed, mut disk) = (BTreeMap::new(), 0);
    for chunk in &chunks {
        let output = compile(&folder, &target, chunk, arguments, &progress)?;
        for checked in chunk {
            match problem(checked, &output) {
                None => recorded.insert(checked),
                Some(problem) => drop(failed.insert(checked.name.clone(), problem)),
            }
        }
        recorded.save(&path)?;
        disk = disk.max(size(&target));
        clean(&target, chunk)?;
    }
    progress.clear();

    let is_resource = |it: &&CheckedCrate| it.name.ends_with("-resource");
    let passed: Vec<&CheckedCrate> = crates.iter().filter(|it| !failed.contains_key(&it.name)).collect();
    let (all_resources, passed_resources) =
        (crates.iter().filter(is_resource).count(), passed.iter().copied().filter(is_resource).count());
    for (name, problem) in &failed {
        println!("{name}: {problem}");
    }
    println!(
        "{} of {} and {passed_resources} of {} pass `cargo {}` without warnings",
        passed.len() - passed_resources,
        plural(crates.len() - all_resources, "client"),
        plural(all_resources, "resource crate"),
        arguments.with.arguments().join(" "),
    );
    if let Some((cpu, memory)) = report_compile::children_usage() {
        println!(
            "took {} and {cpu:.0} s of CPU; at most {} MB of memory in one process and {} MB of disk",
            format_duration(start.elapsed()),
            thousands((memory / 1_000_000) as usize),
            thousands((disk / 1_000_000) as usize)
        );
    }
    match failed.len() {
        0 => Ok(()),
        count => Err(Failure::Found(format!("{} failed", plural(count, "crate")))),
    }
}

/// Waits until no other run uses the folder: it would delete what this one compiles.
fn lock(target: &Path) -> Outcome<File> {
    let file = File::create(target.join("check-all.lock"))?;
    if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
        eprintln!("waiting for another check-all in {}", target.display());
        file.lock()?;
    }
    Ok(file)
}

/// The crates to compile, with their keys.
fn crates(folder: &Path, requested: &[String], tool: &str) -> Outcome<Vec<CheckedCrate>> {
    let found = standalone_workspace::crates(folder)?;
    let known = || found.iter().map(|it| it.0.as_str());
    let unknown: Vec<String> = requested
        .iter()
        .filter(|name| !known().any(|it| it == *name))
        .map(|name| crate::workspace::unknown_name("crate", name, known()))
        .collect();
    if !unknown.is_empty() || found.is_empty() {
        let empty = || format!("there are no generated crates in {}", folder.display());
        return Err(Failure::Usage(if unknown.is_empty() { empty() } else { unknown.join("\n") }));
    }
    let root = fs::read_to_string(folder.join("Cargo.toml"))
        .map_err(|error| Failure::Usage(format!("{}: {error}", folder.join("Cargo.toml").display())))?;
    let (_, first) = &found[0];
    let manifest = fs::read_to_string(first.join("Cargo.toml"))?;
    let runtime = check_state::runtime(&manifest).map(|it| first.join(it)).filter(|it| it.is_dir());
    let mut common = format!("{tool}\n{root}");
    if let Some(runtime) = runtime {
        common.push_str(&check_state::digest(&runtime)?.0);
    }
    check_state::crates(&found, requested, &common)
}

/// The compiler's version; a success counts for this version only.
fn compiler() -> Outcome<String> {
    let rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV").output()?;
    Ok(String::from_utf8_lossy(&rustc.stdout).into_owned())
}

/// Runs cargo on a chunk and reads its messages.
fn compile(
    folder: &Path,
    target: &Path,
    chunk: &[&CheckedCrate],
    arguments: &Arguments,
    progress: &Progress,
) -> Outcome<CargoOutput> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments.with.arguments()).args(["--quiet", "--message-format=json"]);
    if arguments.with != Tool::Doctest {
        cargo.arg("--keep-going");
    }
    cargo.args(chunk.iter().flat_map(|it| ["--package", &it.name])).arg("--target-dir").arg(target);
    if let Some(jobs) = arguments.jobs {
        cargo.arg("--jobs").arg(jobs.to_string());
    }
    cargo.current_dir(folder).env("CARGO_INCREMENTAL", "0").env("RUSTDOCFLAGS", "-Dwarnings");
    let mut child = cargo.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // Cargo writes little to stderr, but a full pipe would block it.
    let errors =
        child.stderr.take().map(|it| std::thread::spawn(move || std::io::read_to_string(it).unwrap_or_default()));
    let sizes: BTreeMap<&str, u64> = chunk.iter().map(|it| (it.name.as_str(), it.size)).collect();
    let mut output = CargoOutput::default();
    for line in child.stdout.take().into_iter().flat_map(|it| BufReader::new(it).lines()) {
        if let Some(name) = parse_message(&line?, &mut output)
            && let Some(size) = sizes.get(name.as_str())
        {
            progress.step(*size);
        }
    }
    let succeeded = child.wait()?.success();
    let errors = errors.and_then(|it| it.join().ok()).unwrap_or_default();
    for name in failed_doctests(&errors) {
        let message = format!("an example does not compile: see `cargo test --doc -p {name}`");
        output.problems.entry(name).or_insert((message, 1));
    }
    if succeeded && arguments.with == Tool::Doc {
        // `cargo doc` has no message for a crate that it documented.
        output.compiled.extend(chunk.iter().map(|it| it.name.clone()));
    }
    // A problem outside the chunk: a dependency of the crates does not compile, or cargo itself fails.
    let dependency =
        output.problems.iter().find(|it| !sizes.contains_key(it.0.as_str()) && it.1.0.starts_with("error"));
    if let Some((name, (message, _))) = dependency {
        return Err(Failure::Found(format!("the dependency {name} does not compile: {message}")));
    }
    if !succeeded && output.problems.is_empty() {
        return Err(Failure::Found(errors));
    }
    Ok(output)
}

/// The crates whose examples fail, from the lines with which cargo ends: "`-p aws-s3 --doc`".
fn failed_doctests(errors: &str) -> BTreeSet<String> {
    let quoted = errors.split('`').filter_map(|it| it.strip_prefix("-p ")?.strip_suffix(" --doc"));
    quoted.map(str::to_owned).collect()
}

/// Reads one message of cargo; returns the crate's name if the message reports that the crate is done.
fn parse_message(line: &str, output: &mut CargoOutput) -> Option<String> {
    let message: Value = serde_json::from_str(line).ok()?;
    let name = message["target"]["name"].as_str()?.replace('_', "-");
    match message["reason"].as_str()? {
        "compiler-artifact" => output.compiled.insert(name.clone()).then_some(name),
        "compiler-message" => {
            let level = message["message"]["level"].as_str()?;
            if level == "warning" || level.starts_with("error") {
                let rendered = message["message"]["rendered"].as_str().unwrap_or_default().trim();
                // The summary that rustc prints after the errors does not count as one.
                if !rendered.starts_with("error: aborting") {
                    output.problems.entry(name).or_insert_with(|| (rendered.to_string(), 0)).1 += 1;
                }
            }
            None
        }
        _ => None,
    }
}

/// The problem because of which a crate does not pass; `None` if it passes.
fn problem(checked: &CheckedCrate, output: &CargoOutput) -> Option<String> {
    match output.problems.get(&checked.name) {
        Some((first, 1)) => Some(first.clone()),
        Some((first, count)) => Some(format!("{first}\n… and {} more", count - 1)),
        None if output.compiled.contains(&checked.name) => None,
        None => Some("not compiled, because a dependency failed".to_string()),
    }
}

/// The total size of a folder's files, in bytes.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let bytes = |entry: fs::DirEntry| match entry.metadata() {
        Ok(data) if data.is_dir() => size(&entry.path()),
        data => data.map_or(0, |it| it.len()),
    };
    entries.map(bytes).sum()
}

/// Deletes cargo's output for the crates of a chunk.
fn clean(target: &Path, chunk: &[&CheckedCrate]) -> Outcome {
    let names: BTreeSet<String> = chunk.iter().map(|it| it.name.replace('-', "_")).collect();
    for subfolder in ["debug/deps", "debug/.fingerprint", "debug/build", "doc"] {
        for entry in fs::read_dir(target.join(subfolder)).into_iter().flatten() {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !names.contains(&crate_of_artifact(&name)) {
                continue;
            }
            let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
    }
    Ok(())
}

/// The crate to which a file or folder in `target` belongs: `libaws_s3-0123456789abcdef.rmeta` belongs to `aws_s3`.
fn crate_of_artifact(name: &str) -> String {
    let stem = name.split('.').next().unwrap_or_default();
    let named = stem.rsplit_once('-').filter(|it| it.1.len() == 16).map_or(stem, |it| it.0);
    named.strip_prefix("lib").unwrap_or(named).replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifacts_belong_to_the_crate_in_their_name() {
        for (name, expect) in [
            ("libaws_s3-0123456789abcdef.rmeta", "aws_s3"),
            ("aws_s3_resource-0123456789abcdef.d", "aws_s3_resource"),
            ("aws-s3-resource-0123456789abcdef", "aws_s3_resource"),
            ("aws_s3", "aws_s3"),
            ("aws-s3", "aws_s3"),
        ] {
            assert_eq!(crate_of_artifact(name), expect);
        }
    }

    #[test]
    fn failed_examples_are_read_from_the_list_of_targets() {
        let errors = "error: doctest failed, to rerun pass `-p aws-s3 --doc`\nerror: 2 targets failed:\n    \
                      `-p aws-s3 --doc`\n    `-p aws-sqs-resource --doc`\n";
        assert_eq!(failed_doctests(errors).into_iter().collect::<Vec<_>>(), ["aws-s3", "aws-sqs-resource"]);
        assert!(failed_doctests("warning: `aws-s3` (lib) generated 1 warning\n").is_empty());
    }

    #[test]
    fn crates_pass_without_errors_and_warnings() {
        let mut output = CargoOutput::default();
        let message = |name: &str, level: &str, text: &str| {
            format!(
                r#"{{"reason":"compiler-message","target":{{"name":"{name}"}},"message":{{"level":"{level}","rendered":"{text}"}}}}"#
            )
        };
        let compiled = |name: &str| format!(r#"{{"reason":"compiler-artifact","target":{{"name":"{name}"}}}}"#);
        assert_eq!(parse_message(&compiled("aws_good"), &mut output).as_deref(), Some("aws-good"));
        for line in [
            message("aws_warned", "warning", "warning: first"),
            message("aws_warned", "warning", "warning: second"),
            compiled("aws_warned"),
            message("aws_bad", "error", "error[E1]: wrong"),
            message("aws_bad", "error", "error: aborting due to 1 previous error"),
            message("aws_good", "note", "note: harmless"),
            "not json".to_string(),
        ] {
            parse_message(&line, &mut output);
        }
        let check = |name: &str, expect: Option<&str>| {
            let checked = CheckedCrate { name: name.to_string(), ..CheckedCrate::default() };
            assert_eq!(problem(&checked, &output).as_deref(), expect, "{name}");
        };
        check("aws-good", None);
        check("aws-warned", Some("warning: first\n… and 1 more"));
        check("aws-bad", Some("error[E1]: wrong"));
        check("aws-bad-resource", Some("not compiled, because a dependency failed"));
    }
}
