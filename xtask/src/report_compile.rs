//! `cargo xtask report --compile`: the cost of compiling each generated crate alone, with its dependencies prebuilt,
//! and with `--peers` that of the crates of AWS's own SDK in the same run. To measure, this program runs between cargo
//! and rustc: cargo calls it as its `RUSTC_WRAPPER`, and it calls rustc and reads the resource usage of that child.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::report::Size;
use crate::workspace::{self, thousands};
use crate::{Failure, Outcome};

/// The variable with the wrapper's instructions: the crate to measure, a colon, and the file for its figures; without a
/// file the crate is not compiled.
const MEASURE_VARIABLE: &str = "XTASK_MEASURE";
/// How often a crate is compiled; the least time and the least memory count, since the rest is noise of the machine.
const RUNS: usize = 3;

/// The crates of one service that are compared.
pub(crate) struct CratePair {
    /// The generated crate: `aws-sqs`.
    pub(crate) ours: String,
    /// AWS's crate: `aws-sdk-sqs`.
    pub(crate) theirs: String,
}

impl CratePair {
    /// The crates of a service. AWS derives the name of its crate from the service id (`CloudWatch Logs` is
    /// `cloudwatchlogs`).
    pub(crate) fn new(ours: &str, id: &str) -> CratePair {
        let letters: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
        CratePair { ours: ours.to_string(), theirs: format!("aws-sdk-{}", letters.to_lowercase()) }
    }
}

/// The resource usage of one run of rustc, and the crate's size.
#[derive(Clone, Debug, Default, PartialEq)]
struct RustcUsage {
    /// CPU time in user mode, in seconds.
    user: f64,
    /// Peak memory, in bytes.
    memory: u64,
    /// The size of the rlib, in bytes.
    rlib: u64,
    /// The crate's version.
    version: String,
    /// Lines of source.
    lines: usize,
}

// ---- between cargo and rustc

/// Runs rustc and records its resource usage, if cargo called this program as its wrapper; `None` otherwise.
pub(crate) fn wrap() -> Option<ExitCode> {
    let instructions = env::var(MEASURE_VARIABLE).ok()?;
    let (crate_name, file) = instructions.split_once(':')?;
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let (rustc, arguments) = arguments.split_first()?;
    let is_measured = argument_after(arguments, "--crate-name").is_some_and(|it| it == crate_name);
    if is_measured && file.is_empty() {
        return Some(ExitCode::FAILURE);
    }
    let status = Command::new(rustc).args(arguments).status();
    let code = status.ok().and_then(|it| it.code()).unwrap_or(1);
    if is_measured && code == 0 {
        let is_written = record(crate_name, arguments).is_some_and(|it| fs::write(file, it).is_ok());
        if !is_written {
            eprintln!("{file}: cannot write the resource usage");
        }
    }
    Some(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// The argument after `name`.
fn argument_after<'a>(arguments: &'a [OsString], name: &str) -> Option<&'a OsString> {
    arguments.windows(2).find(|it| it[0] == name).map(|it| &it[1])
}

/// The figures of rustc's run, one per line.
fn record(crate_name: &str, arguments: &[OsString]) -> Option<String> {
    let (user, memory) = children_usage()?;
    let hash = arguments.iter().find_map(|it| it.to_str()?.strip_prefix("extra-filename=")).unwrap_or_default();
    let rlib = Path::new(argument_after(arguments, "--out-dir")?).join(format!("lib{crate_name}{hash}.rlib"));
    let rlib = fs::metadata(rlib).map_or(0, |it| it.len());
    let variable = |name: &str| env::var(name).unwrap_or_default();
    Some(format!("{user}\n{memory}\n{rlib}\n{}\n{}\n", variable("CARGO_PKG_VERSION"), variable("CARGO_MANIFEST_DIR")))
}

fn read(figures: &str) -> Option<RustcUsage> {
    let mut lines = figures.lines();
    let (user, memory, rlib) = (lines.next()?, lines.next()?, lines.next()?);
    let (version, folder) = (lines.next()?.to_string(), Path::new(lines.next()?));
    let lines = Size::measure(&folder.join("src")).map_or(0, |it| it.lines);
    Some(RustcUsage {
        user: user.parse().ok()?,
        memory: memory.parse().ok()?,
        rlib: rlib.parse().ok()?,
        version,
        lines,
    })
}

/// The resource usage of this process's children so far: CPU time in user mode in seconds, and the peak memory of the
/// largest child in bytes.
#[cfg(unix)]
pub(crate) fn children_usage() -> Option<(f64, u64)> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    // Linux counts kilobytes, macOS bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let memory = u64::try_from(usage.max_rss()).unwrap_or_default() * unit;
    Some((usage.user_time().num_microseconds() as f64 / 1e6, memory))
}

#[cfg(not(unix))]
pub(crate) fn children_usage() -> Option<(f64, u64)> {
    None
}

// ---- the comparison

/// Measures the crates and prints a table; with `peers` also AWS's crates of the same services, and the ratios.
pub(crate) fn run(pairs: &[CratePair], peers: bool) -> Outcome {
    let root = env::current_dir()?.join(workspace::root());
    println!(
        "rustc alone, dev profile without incremental compilation, dependencies prebuilt; the least of {RUNS} runs{}\n",
        if peers { ", but one run of AWS's crates" } else { "" }
    );
    println!("| crate | lines | user CPU | peak memory | rlib |\n|---|---|---|---|---|");
    let mut missing = Vec::new();
    for pair in pairs {
        let target = root.join("target/report");
        let ours = measure(&root, &target, &pair.ours, RUNS)?;
        println!("{}", row(&pair.ours, &ours));
        if peers {
            match measure_peer(&root, &pair.theirs) {
                Ok(theirs) => {
                    println!("{}", row(&format!("{} {}", pair.theirs, theirs.version), &theirs));
                    println!("{}", ratio(&ours, &theirs));
                }
                Err(Failure::Found(error) | Failure::Usage(error)) => missing.push(format!("{}: {error}", pair.theirs)),
            }
        }
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Failure::Found(missing.join("\n"))),
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn row(name: &str, usage: &RustcUsage) -> String {
    format!(
        "| {name} | {} | {:.2} s | {} MB | {:.1} MB |",
        thousands(usage.lines),
        usage.user,
        thousands(megabytes(usage.memory).round() as usize),
        megabytes(usage.rlib)
    )
}

fn ratio(ours: &RustcUsage, theirs: &RustcUsage) -> String {
    let ratio = |theirs: f64, ours: f64| match theirs / ours {
        ratio if ratio < 10.0 => format!("{ratio:.1}"),
        ratio => format!("{ratio:.0}"),
    };
    format!(
        "| ratio | {} | {} | {} | {} |",
        ratio(theirs.lines as f64, ours.lines.max(1) as f64),
        ratio(theirs.user, ours.user.max(0.001)),
        ratio(theirs.memory as f64, ours.memory.max(1) as f64),
        ratio(theirs.rlib as f64, ours.rlib.max(1) as f64)
    )
}

/// Measures AWS's crate from the registry, in its own workspace; the `Cargo.lock` of the first run fixes the versions.
fn measure_peer(root: &Path, name: &str) -> Outcome<RustcUsage> {
    let peers = root.join("target/peers");
    let folder = peers.join(name);
    fs::create_dir_all(folder.join("src"))?;
    let manifest =
        format!("[package]\nname = \"peer\"\nedition = \"2024\"\n\n[dependencies]\n{name} = \"1\"\n\n[workspace]\n");
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    measure(&folder, &peers.join("target"), name, 1)
}

/// Builds the dependencies of a crate, then the crate `runs` times.
fn measure(folder: &Path, target: &Path, name: &str, runs: usize) -> Outcome<RustcUsage> {
    let crate_name = name.replace('-', "_");
    fs::create_dir_all(target)?;
    let figures = target.join("xtask-measure.txt");
    let mut best: Option<RustcUsage> = None;
    for run in 0..=runs {
        // The first run builds only the dependencies.
        let file = if run == 0 { PathBuf::new() } else { figures.clone() };
        let _ = fs::remove_file(&figures);
        cargo(folder, target, "", &["clean", "--quiet", "--package", name]).status()?;
        let mut build = cargo(folder, target, &format!("{crate_name}:{}", file.display()), &["build", "--quiet"]);
        build.args(["--package", name]);
        if run == 0 {
            build.arg("--keep-going").stderr(Stdio::null()).status()?;
            continue;
        }
        if !build.status()?.success() {
            return Err(Failure::Found(format!("{name} does not compile")));
        }
        let usage = fs::read_to_string(&figures).ok().and_then(|it| read(&it));
        let usage = usage
            .ok_or_else(|| Failure::Found(format!("cannot measure {name}: this system reports no resource usage")))?;
        best = Some(match best {
            None => usage,
            Some(best) => {
                RustcUsage { user: best.user.min(usage.user), memory: best.memory.min(usage.memory), ..usage }
            }
        });
    }
    best.ok_or_else(|| Failure::Found(format!("{name} was not compiled")))
}

fn cargo(folder: &Path, target: &Path, instructions: &str, arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).arg("--target-dir").arg(target).current_dir(folder).env("CARGO_INCREMENTAL", "0");
    if let (false, Ok(program)) = (instructions.is_empty(), env::current_exe()) {
        cargo.env("RUSTC_WRAPPER", program).env(MEASURE_VARIABLE, instructions);
    }
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_and_printed() {
        let ours = RustcUsage { user: 2.5, memory: 123_400_000, rlib: 6_300_000, version: "1".into(), lines: 23_564 };
        assert_eq!(row("aws-s3", &ours), "| aws-s3 | 23,564 | 2.50 s | 123 MB | 6.3 MB |");
        let theirs =
            RustcUsage { user: 50.0, memory: 1_234_000_000, rlib: 630_000, version: "1".into(), lines: 235_640 };
        assert_eq!(ratio(&ours, &theirs), "| ratio | 10 | 20 | 10 | 0.1 |");
        assert_eq!(
            read("1.5\n2048\n10\n1.2.3\n/missing\n").map(|it| (it.user, it.version)),
            Some((1.5, "1.2.3".into()))
        );
        assert_eq!(read("1.5\n"), None);
    }

    #[test]
    fn peers_are_named_after_the_service_id() {
        for (id, expect) in [
            ("S3", "aws-sdk-s3"),
            ("CloudWatch Logs", "aws-sdk-cloudwatchlogs"),
            ("SFN", "aws-sdk-sfn"),
            ("Cognito Identity Provider", "aws-sdk-cognitoidentityprovider"),
        ] {
            assert_eq!(CratePair::new("aws-x", id).theirs, expect);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_usage_of_children_is_measured() {
        assert!(Command::new("true").status().is_ok_and(|it| it.success()));
        assert!(children_usage().is_some_and(|it| it.1 > 0));
    }
}
