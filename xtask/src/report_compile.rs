//! `cargo xtask report --compile`: what it costs to compile generated crates alone, everything below them prebuilt, and
//! with `--peers` what the crates of AWS's own SDK cost in the same run. This program measures by standing between cargo
//! and rustc: cargo calls it as its `RUSTC_WRAPPER`, it calls rustc and asks the system what the child used.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::report::Size;
use crate::workspace::{self, thousands};
use crate::{Failure, Outcome};

/// Set for the wrapper: the crate to measure, a colon, the file the figures go to; without a file it is not compiled.
const VARIABLE: &str = "XTASK_MEASURE";
/// How often a crate is compiled; the cheapest run counts, since nothing but the machine's noise is in the others.
const RUNS: usize = 3;

/// A service whose crates are compared.
pub(crate) struct Subject {
    /// `aws-sqs`.
    pub(crate) ours: String,
    /// `aws-sdk-sqs`.
    pub(crate) theirs: String,
}

impl Subject {
    /// The crates of a service; AWS names its own for the service's id (`CloudWatch Logs` is `cloudwatchlogs`).
    pub(crate) fn new(ours: &str, id: &str) -> Subject {
        let bare: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
        Subject { ours: ours.to_string(), theirs: format!("aws-sdk-{}", bare.to_lowercase()) }
    }
}

/// What one run of rustc used, and what for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Used {
    /// Seconds.
    user: f64,
    /// Most memory at a time, in bytes.
    memory: u64,
    /// The rlib, in bytes.
    rlib: u64,
    version: String,
    lines: usize,
}

// ---- between cargo and rustc

/// Runs rustc and notes what it used, when cargo called this program as its wrapper; `None` otherwise.
pub(crate) fn wrap() -> Option<ExitCode> {
    let wanted = env::var(VARIABLE).ok()?;
    let (wanted, file) = wanted.split_once(':')?;
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let (rustc, words) = words.split_first()?;
    let named = after(words, "--crate-name").is_some_and(|it| it == wanted);
    if named && file.is_empty() {
        return Some(ExitCode::FAILURE);
    }
    let status = Command::new(rustc).args(words).status();
    let code = status.ok().and_then(|it| it.code()).unwrap_or(1);
    if named && code == 0 {
        let noted = note(wanted, words).map(|it| fs::write(file, it)).is_some_and(|it| it.is_ok());
        if !noted {
            eprintln!("{file}: the figures could not be written");
        }
    }
    Some(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// The word after `name`.
fn after<'a>(words: &'a [OsString], name: &str) -> Option<&'a OsString> {
    words.windows(2).find(|it| it[0] == name).map(|it| &it[1])
}

/// The figures of rustc's run, one a line.
fn note(name: &str, words: &[OsString]) -> Option<String> {
    let (user, memory) = children()?;
    let hash = words.iter().find_map(|it| it.to_str()?.strip_prefix("extra-filename=")).unwrap_or_default();
    let rlib = Path::new(after(words, "--out-dir")?).join(format!("lib{name}{hash}.rlib"));
    let rlib = fs::metadata(rlib).map_or(0, |it| it.len());
    let told = |name: &str| env::var(name).unwrap_or_default();
    Some(format!("{user}\n{memory}\n{rlib}\n{}\n{}\n", told("CARGO_PKG_VERSION"), told("CARGO_MANIFEST_DIR")))
}

fn read(figures: &str) -> Option<Used> {
    let mut lines = figures.lines();
    let (user, memory, rlib) = (lines.next()?, lines.next()?, lines.next()?);
    let (version, folder) = (lines.next()?.to_string(), Path::new(lines.next()?));
    let lines = Size::of(&folder.join("src")).map_or(0, |it| it.lines);
    Some(Used { user: user.parse().ok()?, memory: memory.parse().ok()?, rlib: rlib.parse().ok()?, version, lines })
}

/// What the children of this process used so far: seconds in user mode, and the most memory of one of them in bytes.
#[cfg(unix)]
pub(crate) fn children() -> Option<(f64, u64)> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    let used = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    // Linux counts kilobytes, macOS bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let memory = u64::try_from(used.max_rss()).unwrap_or_default() * unit;
    Some((used.user_time().num_microseconds() as f64 / 1e6, memory))
}

#[cfg(not(unix))]
pub(crate) fn children() -> Option<(f64, u64)> {
    None
}

// ---- the comparison

/// Measures the crates, and prints a table; with `peers` also AWS's crates of the same services, and the ratios.
pub(crate) fn run(subjects: &[Subject], peers: bool) -> Outcome {
    let root = env::current_dir()?.join(workspace::root());
    println!(
        "rustc alone, dev profile without incremental compilation, dependencies prebuilt; the cheapest of {RUNS} runs{}\n",
        if peers { ", of AWS's crates one" } else { "" }
    );
    println!("| crate | lines | user CPU | peak memory | rlib |\n|---|---|---|---|---|");
    let mut missing = Vec::new();
    for subject in subjects {
        let target = root.join("target/report");
        let ours = measure(&root, &target, &subject.ours, RUNS)?;
        println!("{}", row(&subject.ours, &ours));
        if peers {
            match peer(&root, &subject.theirs) {
                Ok(theirs) => {
                    println!("{}", row(&format!("{} {}", subject.theirs, theirs.version), &theirs));
                    println!("{}", ratio(&ours, &theirs));
                }
                Err(Failure::Found(why) | Failure::Usage(why)) => missing.push(format!("{}: {why}", subject.theirs)),
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

fn row(name: &str, used: &Used) -> String {
    format!(
        "| {name} | {} | {:.2} s | {} MB | {:.1} MB |",
        thousands(used.lines),
        used.user,
        thousands(megabytes(used.memory).round() as usize),
        megabytes(used.rlib)
    )
}

fn ratio(ours: &Used, theirs: &Used) -> String {
    let times = |theirs: f64, ours: f64| match theirs / ours {
        it if it < 10.0 => format!("{it:.1}"),
        it => format!("{it:.0}"),
    };
    format!(
        "| ratio | {} | {} | {} | {} |",
        times(theirs.lines as f64, ours.lines.max(1) as f64),
        times(theirs.user, ours.user.max(0.001)),
        times(theirs.memory as f64, ours.memory.max(1) as f64),
        times(theirs.rlib as f64, ours.rlib.max(1) as f64)
    )
}

/// AWS's crate, from the registry, in a workspace of its own; its versions stay as they were found first.
fn peer(root: &Path, name: &str) -> Outcome<Used> {
    let peers = root.join("target/peers");
    let folder = peers.join(name);
    fs::create_dir_all(folder.join("src"))?;
    let manifest =
        format!("[package]\nname = \"peer\"\nedition = \"2024\"\n\n[dependencies]\n{name} = \"1\"\n\n[workspace]\n");
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    measure(&folder, &peers.join("target"), name, 1)
}

/// Builds what a crate stands on, then the crate, as often as told; the cheapest run counts.
fn measure(folder: &Path, target: &Path, name: &str, runs: usize) -> Outcome<Used> {
    let crate_name = name.replace('-', "_");
    fs::create_dir_all(target)?;
    let figures = target.join("xtask-measure.txt");
    let mut best: Option<Used> = None;
    for run in 0..=runs {
        // The first run leaves the crate out.
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
        let used = fs::read_to_string(&figures).ok().and_then(|it| read(&it));
        let used = used.ok_or_else(|| Failure::Found(format!("this system does not tell what {name} used")))?;
        best = best.filter(|best| best.user <= used.user).or(Some(used));
    }
    best.ok_or_else(|| Failure::Found(format!("{name} was not compiled")))
}

fn cargo(folder: &Path, target: &Path, wanted: &str, words: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(words).arg("--target-dir").arg(target).current_dir(folder).env("CARGO_INCREMENTAL", "0");
    if let (false, Ok(program)) = (wanted.is_empty(), env::current_exe()) {
        cargo.env("RUSTC_WRAPPER", program).env(VARIABLE, wanted);
    }
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_readable() {
        let ours = Used { user: 2.5, memory: 123_400_000, rlib: 6_300_000, version: "1".into(), lines: 23_564 };
        assert_eq!(row("aws-s3", &ours), "| aws-s3 | 23,564 | 2.50 s | 123 MB | 6.3 MB |");
        let theirs = Used { user: 50.0, memory: 1_234_000_000, rlib: 630_000, version: "1".into(), lines: 235_640 };
        assert_eq!(ratio(&ours, &theirs), "| ratio | 10 | 20 | 10 | 0.1 |");
        assert_eq!(
            read("1.5\n2048\n10\n1.2.3\n/nowhere\n").map(|it| (it.user, it.version)),
            Some((1.5, "1.2.3".into()))
        );
        assert_eq!(read("1.5\n"), None);
    }

    #[test]
    fn peers_are_named_for_the_id() {
        for (id, expect) in [
            ("S3", "aws-sdk-s3"),
            ("CloudWatch Logs", "aws-sdk-cloudwatchlogs"),
            ("SFN", "aws-sdk-sfn"),
            ("Cognito Identity Provider", "aws-sdk-cognitoidentityprovider"),
        ] {
            assert_eq!(Subject::new("aws-x", id).theirs, expect);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_child_is_measured() {
        assert!(Command::new("true").status().is_ok_and(|it| it.success()));
        assert!(children().is_some_and(|it| it.1 > 0));
    }
}
