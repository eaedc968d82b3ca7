//! `cargo xtask check-all`: compiles every crate of a folder that `generate --all --out` made. Crates go to cargo in
//! chunks, and what cargo made of a chunk is deleted after it, so that disk and memory stay bounded; what passed is
//! remembered, so that the next run goes on where this one ended. It knows no service.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::checked::{self, Item, State};
use crate::progress::{Progress, span};
use crate::workspace::{plural, thousands};
use crate::{Failure, Outcome, elsewhere, report_compile};

/// The words of `check-all`.
///
/// DIR is a workspace as `cargo xtask generate --all --out DIR` makes it. Each of its crates must compile; a warning is a
/// failure too. The exit code is 1 if any fails, and the summary names it with its first message.
///
/// Crates are compiled in chunks of at most 16 MB of source, the largest first, and what cargo wrote for a chunk is
/// deleted before the next. All 439 clients and 9 resource crates of botocore 1.44.5 need about 2 minutes on 2 cores,
/// 400 MB of disk, and up to 720 MB of memory for a job (EC2; most need 200 MB).
///
/// What passed is written to check-all.json in the target folder: a crate is compiled again when its files, those of the
/// runtime or of the crates it stands on, or the compiler have changed. An interrupted run goes on where it was.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The folder of crates
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Only these crates [default: all]
    #[arg(value_name = "CRATE")]
    crates: Vec<String>,
    /// What cargo does with the crates
    #[arg(long, value_enum, default_value_t = Tool::Check)]
    with: Tool,
    /// Where cargo writes [default: DIR/target]
    #[arg(long, value_name = "PATH")]
    target_dir: Option<PathBuf>,
    /// How many crates cargo compiles at a time [default: one a core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Forget what passed before
    #[arg(long)]
    fresh: bool,
}

/// The cargo command that reads the crates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Tool {
    /// The compiler, up to borrow checking
    Check,
    /// The linter
    Clippy,
    /// The documentation, with its links
    Doc,
}

impl Tool {
    fn words(self) -> &'static [&'static str] {
        match self {
            Tool::Check => &["check"],
            Tool::Clippy => &["clippy"],
            Tool::Doc => &["doc", "--no-deps"],
        }
    }
}

/// What cargo said of the crates of a chunk.
#[derive(Default)]
struct Said {
    /// Crates that are compiled.
    made: BTreeSet<String>,
    /// First message by crate, and how many there are.
    wrong: BTreeMap<String, (String, usize)>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let start = Instant::now();
    let folder = arguments.folder.canonicalize().map_err(|error| {
        Failure::Usage(format!("{}: {error}; `cargo xtask generate --all --out` makes it", arguments.folder.display()))
    })?;
    let target = match &arguments.target_dir {
        None => folder.join("target"),
        Some(path) => env::current_dir()?.join(path),
    };
    fs::create_dir_all(&target)?;
    let items = items(&folder, &arguments.crates, &format!("{:?} {}", arguments.with, compiler()?))?;
    let path = target.join("check-all.json");
    let mut state = if arguments.fresh { State::default() } else { State::load(&path) };
    let (known, open): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|it| state.passed(it));
    let chunks = checked::chunks(&open);
    if !known.is_empty() {
        println!("{} passed in an earlier run", plural(known.len(), "crate"));
    }

    let progress = Progress::new("checked", open.len(), open.iter().map(|it| it.size).sum());
    let (mut failed, mut disk) = (BTreeMap::new(), 0);
    for chunk in &chunks {
        let said = compile(&folder, &target, chunk, arguments, &progress)?;
        for item in chunk {
            match verdict(item, &said) {
                None => state.pass(item),
                Some(why) => drop(failed.insert(item.name.clone(), why)),
            }
        }
        state.save(&path)?;
        disk = disk.max(size(&target));
        clean(&target, chunk)?;
    }
    progress.clear();

    let resources = |it: &&Item| it.name.ends_with("-resource");
    let passed: Vec<&Item> = items.iter().filter(|it| !failed.contains_key(&it.name)).collect();
    let (all_resources, good_resources) =
        (items.iter().filter(resources).count(), passed.iter().copied().filter(resources).count());
    for (name, why) in &failed {
        println!("{name}: {why}");
    }
    println!(
        "{} of {} and {good_resources} of {} pass `cargo {}` without warnings",
        passed.len() - good_resources,
        plural(items.len() - all_resources, "client"),
        plural(all_resources, "resource crate"),
        arguments.with.words().join(" "),
    );
    if let Some((cpu, memory)) = report_compile::children() {
        println!(
            "took {} and {cpu:.0} s of CPU; at most {} MB of memory in one process and {} MB of disk",
            span(start.elapsed()),
            thousands((memory / 1_000_000) as usize),
            thousands((disk / 1_000_000) as usize)
        );
    }
    match failed.len() {
        0 => Ok(()),
        count => Err(Failure::Found(format!("{} failed", plural(count, "crate")))),
    }
}

/// The crates to compile, with the key of what they are made of.
fn items(folder: &Path, wanted: &[String], tool: &str) -> Outcome<Vec<Item>> {
    let found = elsewhere::crates(folder)?;
    let known = || found.iter().map(|it| it.0.as_str());
    let unknown: Vec<String> = wanted
        .iter()
        .filter(|name| !known().any(|it| it == *name))
        .map(|name| crate::workspace::unknown("crate", name, known()))
        .collect();
    if !unknown.is_empty() || found.is_empty() {
        let nothing = || format!("there are no generated crates in {}", folder.display());
        return Err(Failure::Usage(if unknown.is_empty() { nothing() } else { unknown.join("\n") }));
    }
    let root = fs::read_to_string(folder.join("Cargo.toml"))
        .map_err(|error| Failure::Usage(format!("{}: {error}", folder.join("Cargo.toml").display())))?;
    let runtime = checked::runtime(&root).map(|it| folder.join(it)).filter(|it| it.is_dir());
    let mut below = format!("{tool}\n{root}");
    if let Some(runtime) = runtime {
        below.push_str(&checked::digest(&runtime)?.0);
    }
    checked::items(&found, wanted, &below)
}

/// The compiler's version, which says what a success was worth.
fn compiler() -> Outcome<String> {
    let rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV").output()?;
    Ok(String::from_utf8_lossy(&rustc.stdout).into_owned())
}

/// Gives a chunk to cargo, and reads what it says.
fn compile(folder: &Path, target: &Path, chunk: &[&Item], arguments: &Arguments, progress: &Progress) -> Outcome<Said> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments.with.words()).args(["--keep-going", "--quiet", "--message-format=json"]);
    cargo.args(chunk.iter().flat_map(|it| ["--package", &it.name])).arg("--target-dir").arg(target);
    if let Some(jobs) = arguments.jobs {
        cargo.arg("--jobs").arg(jobs.to_string());
    }
    cargo.current_dir(folder).env("CARGO_INCREMENTAL", "0").env("RUSTDOCFLAGS", "-Dwarnings");
    let mut child = cargo.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // Cargo says little on this side, but a full pipe would stop it.
    let complaints =
        child.stderr.take().map(|it| std::thread::spawn(move || std::io::read_to_string(it).unwrap_or_default()));
    let sizes: BTreeMap<&str, u64> = chunk.iter().map(|it| (it.name.as_str(), it.size)).collect();
    let mut said = Said::default();
    for line in child.stdout.take().into_iter().flat_map(|it| BufReader::new(it).lines()) {
        if let Some(name) = hear(&line?, &mut said)
            && let Some(size) = sizes.get(name.as_str())
        {
            progress.step(*size);
        }
    }
    let good = child.wait()?.success();
    let complaints = complaints.and_then(|it| it.join().ok()).unwrap_or_default();
    if good && arguments.with == Tool::Doc {
        // Cargo tells nothing of a crate whose documents it wrote.
        said.made.extend(chunk.iter().map(|it| it.name.clone()));
    }
    // Nothing wrong with a crate of ours: cargo itself cannot work, or what they stand on does not compile.
    let others = said.wrong.iter().find(|it| !sizes.contains_key(it.0.as_str()) && it.1.0.starts_with("error"));
    if let Some((name, (message, _))) = others {
        return Err(Failure::Found(format!("{name}, which the crates stand on, does not compile: {message}")));
    }
    if !good && said.wrong.is_empty() {
        return Err(Failure::Found(complaints));
    }
    Ok(said)
}

/// One message of cargo; the name of the crate if it says that one is done.
fn hear(line: &str, said: &mut Said) -> Option<String> {
    let message: Value = serde_json::from_str(line).ok()?;
    let name = message["target"]["name"].as_str()?.replace('_', "-");
    match message["reason"].as_str()? {
        "compiler-artifact" => said.made.insert(name.clone()).then_some(name),
        "compiler-message" => {
            let level = message["message"]["level"].as_str()?;
            if level == "warning" || level.starts_with("error") {
                let rendered = message["message"]["rendered"].as_str().unwrap_or_default().trim();
                // After the errors themselves rustc says that there were some.
                if !rendered.starts_with("error: aborting") {
                    said.wrong.entry(name).or_insert_with(|| (rendered.to_string(), 0)).1 += 1;
                }
            }
            None
        }
        _ => None,
    }
}

/// Why a crate does not pass; `None` if it does.
fn verdict(item: &Item, said: &Said) -> Option<String> {
    match said.wrong.get(&item.name) {
        Some((first, 1)) => Some(first.clone()),
        Some((first, count)) => Some(format!("{first}\n… and {} more", count - 1)),
        None if said.made.contains(&item.name) => None,
        None => Some("not reached, since a crate that it stands on fails".to_string()),
    }
}

/// Bytes in a folder.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let bytes = |entry: fs::DirEntry| match entry.metadata() {
        Ok(data) if data.is_dir() => size(&entry.path()),
        data => data.map_or(0, |it| it.len()),
    };
    entries.map(bytes).sum()
}

/// Deletes what cargo wrote for the crates of a chunk.
fn clean(target: &Path, chunk: &[&Item]) -> Outcome {
    let ours: BTreeSet<String> = chunk.iter().map(|it| it.name.replace('-', "_")).collect();
    for place in ["debug/deps", "debug/.fingerprint", "debug/build", "doc"] {
        for entry in fs::read_dir(target.join(place)).into_iter().flatten() {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !ours.contains(&artifact(&name)) {
                continue;
            }
            let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
    }
    Ok(())
}

/// The crate that a file or folder of cargo's belongs to: `libaws_s3-0123456789abcdef.rmeta` is `aws_s3`'s.
fn artifact(name: &str) -> String {
    let stem = name.split('.').next().unwrap_or_default();
    let named = stem.rsplit_once('-').filter(|it| it.1.len() == 16).map_or(stem, |it| it.0);
    named.strip_prefix("lib").unwrap_or(named).replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_writes_is_known_by_its_crate() {
        for (name, expect) in [
            ("libaws_s3-0123456789abcdef.rmeta", "aws_s3"),
            ("aws_s3_resource-0123456789abcdef.d", "aws_s3_resource"),
            ("aws-s3-resource-0123456789abcdef", "aws_s3_resource"),
            ("aws_s3", "aws_s3"),
            ("aws-s3", "aws_s3"),
        ] {
            assert_eq!(artifact(name), expect);
        }
    }

    #[test]
    fn messages_decide() {
        let mut said = Said::default();
        let message = |name: &str, level: &str, text: &str| {
            format!(
                r#"{{"reason":"compiler-message","target":{{"name":"{name}"}},"message":{{"level":"{level}","rendered":"{text}"}}}}"#
            )
        };
        let made = |name: &str| format!(r#"{{"reason":"compiler-artifact","target":{{"name":"{name}"}}}}"#);
        assert_eq!(hear(&made("aws_good"), &mut said).as_deref(), Some("aws-good"));
        for line in [
            message("aws_warned", "warning", "warning: first"),
            message("aws_warned", "warning", "warning: second"),
            made("aws_warned"),
            message("aws_bad", "error", "error[E1]: wrong"),
            message("aws_bad", "error", "error: aborting due to 1 previous error"),
            message("aws_good", "note", "note: harmless"),
            "not json".to_string(),
        ] {
            hear(&line, &mut said);
        }
        let check = |name: &str, expect: Option<&str>| {
            let item = Item { name: name.to_string(), ..Item::default() };
            assert_eq!(verdict(&item, &said).as_deref(), expect, "{name}");
        };
        check("aws-good", None);
        check("aws-warned", Some("warning: first\n… and 1 more"));
        check("aws-bad", Some("error[E1]: wrong"));
        check("aws-bad-resource", Some("not reached, since a crate that it stands on fails"));
    }
}
