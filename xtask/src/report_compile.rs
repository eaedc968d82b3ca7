//! `cargo xtask report --compile`: what it costs to compile a generated crate alone, everything below it prebuilt, and
//! with `--peers` what the crate of AWS's own SDK costs in the same run. This program measures by standing between cargo
//! and rustc: cargo calls it as its `RUSTC_WRAPPER`, it calls rustc and asks the system what the child used.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::workspace::{self, thousands};
use crate::{Failure, Outcome};

/// Set for the wrapper: the crate to measure, a colon, the file the figures go to.
const VARIABLE: &str = "XTASK_MEASURE";
/// How often a crate is compiled; the cheapest run counts, since nothing but the machine's noise is in the others.
const RUNS: usize = 3;

/// What one run of rustc used.
#[derive(Clone, Copy)]
struct Used {
    user: f64,
    system: f64,
    /// Most memory at a time, in bytes.
    memory: u64,
    /// The rlib, in bytes.
    rlib: u64,
}

/// Runs rustc and notes what it used, when cargo called this program as its wrapper; `None` otherwise.
pub(crate) fn wrap() -> Option<ExitCode> {
    let wanted = env::var(VARIABLE).ok()?;
    let (wanted, file) = wanted.split_once(':')?;
    let words: Vec<_> = env::args_os().skip(1).collect();
    let (rustc, words) = words.split_first()?;
    let status = Command::new(rustc).args(words).status();
    let code = status.ok().and_then(|it| it.code()).unwrap_or(1);
    let named = words.windows(2).any(|it| it[0] == "--crate-name" && it[1] == wanted);
    if named && code == 0 {
        let noted = children().map(|it| fs::write(file, it)).is_some_and(|it| it.is_ok());
        if !noted {
            eprintln!("{file}: the figures could not be written");
        }
    }
    Some(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// What the children of this process used: user and system seconds, and the most memory of one.
#[cfg(unix)]
fn children() -> Option<String> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    let used = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let seconds = |it: nix::sys::time::TimeVal| it.num_microseconds() as f64 / 1e6;
    // Linux counts kilobytes, macOS bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    Some(format!("{} {} {}", seconds(used.user_time()), seconds(used.system_time()), used.max_rss() * unit))
}

#[cfg(not(unix))]
fn children() -> Option<String> {
    None
}

/// Measures the crates, and prints a line each; with `peers` also AWS's crates of the same services, and the ratio.
pub(crate) fn run(crates: &[String], peers: bool) -> Outcome {
    let root = workspace::root();
    let here = env::current_dir()?;
    let target = here.join(&root).join("target/report");
    println!("rustc alone, dev profile, no incremental compilation, dependencies prebuilt");
    for name in crates {
        let mut best: Option<Used> = None;
        for _ in 0..RUNS {
            cargo(&root, &target, name, &["clean", "--quiet", "--package", name])?;
            let used = measure(&root, &target, name)?;
            best = best.filter(|best| best.user <= used.user).or(Some(used));
        }
        let Some(ours) = best else { continue };
        println!("{name}: {}", line(&ours));
        if peers {
            let service = name.trim_start_matches("aws-");
            let peer = format!("aws-sdk-{service}");
            let theirs = self::peer(&root, &here, &peer)?;
            println!("{peer}: {}", line(&theirs));
            println!(
                "{peer} to {name}: {:.0} times the CPU, {:.1} times the memory, {:.0} times the rlib",
                theirs.user / ours.user.max(0.001),
                theirs.memory as f64 / ours.memory.max(1) as f64,
                theirs.rlib as f64 / ours.rlib.max(1) as f64,
            );
        }
    }
    Ok(())
}

fn line(used: &Used) -> String {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    format!(
        "{:.2} s user CPU, {:.2} s system CPU, {} MB peak memory, {:.1} MB rlib",
        used.user,
        used.system,
        thousands(megabytes(used.memory).round() as usize),
        megabytes(used.rlib)
    )
}

/// AWS's crate, from the registry, in a workspace of its own.
fn peer(root: &Path, here: &Path, name: &str) -> Outcome<Used> {
    let folder = here.join(root).join("target/peers").join(name);
    fs::create_dir_all(folder.join("src"))?;
    let manifest =
        format!("[package]\nname = \"peer\"\nedition = \"2024\"\n\n[dependencies]\n{name} = \"1\"\n\n[workspace]\n");
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    let target = folder.join("target");
    if target.is_dir() {
        cargo(&folder, &target, name, &["clean", "--quiet", "--package", name])?;
    }
    measure(&folder, &target, name)
}

/// Builds a crate, and reads what the wrapper noted.
fn measure(folder: &Path, target: &Path, name: &str) -> Outcome<Used> {
    let file = figures(target);
    let _ = fs::remove_file(&file);
    cargo(folder, target, name, &["build", "--quiet", "--package", name])?;
    let text = fs::read_to_string(&file)
        .map_err(|_| Failure::Found(format!("{name} was not compiled, or this system tells no figures")))?;
    let mut numbers = text.split(' ').map(|it| it.parse::<f64>().unwrap_or_default());
    let mut next = || numbers.next().unwrap_or_default();
    let (user, system, memory) = (next(), next(), next() as u64);
    Ok(Used { user, system, memory, rlib: rlib(target, &name.replace('-', "_"))? })
}

fn figures(target: &Path) -> PathBuf {
    target.join("xtask-measure.txt")
}

fn cargo(folder: &Path, target: &Path, name: &str, words: &[&str]) -> Outcome {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(words).arg("--target-dir").arg(target);
    if folder != Path::new("") {
        cargo.current_dir(folder);
    }
    let wanted = format!("{}:{}", name.replace('-', "_"), figures(target).display());
    cargo.env("CARGO_INCREMENTAL", "0").env("RUSTC_WRAPPER", env::current_exe()?).env(VARIABLE, wanted);
    match cargo.status()?.success() {
        true => Ok(()),
        false => Err(Failure::Found(format!("cargo {} failed", words.join(" ")))),
    }
}

/// The size of the newest library of this name among the compiled ones.
fn rlib(target: &Path, name: &str) -> Outcome<u64> {
    let mut newest = None;
    for entry in fs::read_dir(target.join("debug/deps"))? {
        let entry = entry?;
        let file = entry.file_name().to_string_lossy().into_owned();
        let hash = file.strip_prefix(&format!("lib{name}-")).and_then(|it| it.strip_suffix(".rlib"));
        if hash.is_some_and(|it| !it.contains('-')) {
            let data = entry.metadata()?;
            newest = newest.max(Some((data.modified()?, data.len())));
        }
    }
    Ok(newest.map_or(0, |it| it.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_readable() {
        let used = Used { user: 2.5, system: 0.25, memory: 1_234_000_000, rlib: 6_300_000 };
        assert_eq!(line(&used), "2.50 s user CPU, 0.25 s system CPU, 1,234 MB peak memory, 6.3 MB rlib");
    }

    #[cfg(unix)]
    #[test]
    fn a_child_is_measured() {
        assert!(Command::new("true").status().is_ok_and(|it| it.success()));
        let text = children().expect("figures");
        let numbers: Vec<f64> = text.split(' ').map(|it| it.parse().expect("a number")).collect();
        assert!(numbers.len() == 3 && numbers[2] > 0.0, "{text}");
    }
}
