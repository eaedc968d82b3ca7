//! What a program that lists buckets costs to build, from nothing: CPU time of a debug build, size of a release build. Knows no
//! call.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::clients::{cargo, folder};
use super::results::{Build, Results};
use crate::{Failure, Outcome};

/// A program, and the features it is built with.
struct Program {
    name: &'static str,
    package: &'static str,
    features: &'static [&'static str],
    is_peer: bool,
}

const PROGRAMS: [Program; 4] = [
    Program { name: "ours", package: "hello-ours", features: &[], is_peer: false },
    Program {
        name: "ours, only rustls",
        package: "hello-ours",
        features: &["--no-default-features", "--features", "rustls"],
        is_peer: false,
    },
    Program {
        name: "ours, without TLS",
        package: "hello-ours",
        features: &["--no-default-features", "--features", "hyper"],
        is_peer: false,
    },
    Program { name: "aws-sdk-rust", package: "hello-aws-sdk", features: &[], is_peer: true },
];

/// Builds each program, and prints what it cost.
pub(super) fn run(target: &Path, with_peers: bool, record: bool) -> Outcome {
    println!("| program | clean debug build, CPU s | stripped release binary, MB |\n|---|---|---|");
    let mut results = Results::load()?;
    for program in PROGRAMS.iter().filter(|it| with_peers || !it.is_peer) {
        let build = program.build(target)?;
        println!("| {} | {:.1} | {:.2} |", program.name, build.debug_cpu, build.bytes as f64 / 1e6);
        results.set_build(program.name, build);
    }
    if record { results.save() } else { Ok(()) }
}

impl Program {
    fn build(&self, target: &Path) -> Outcome<Build> {
        let target = target.join("builds");
        let _ = fs::remove_dir_all(&target);
        run_cargo(cargo("fetch").arg("--locked"))?;
        let before = cpu_of_children();
        run_cargo(&mut self.command(&target))?;
        let debug_cpu = cpu_of_children() - before;
        run_cargo(self.command(&target).arg("--release").env("CARGO_PROFILE_RELEASE_STRIP", "symbols"))?;
        let bytes = fs::metadata(target.join("release").join(self.package))?.len();
        fs::remove_dir_all(&target)?;
        Ok(Build { debug_cpu, bytes })
    }

    fn command(&self, target: &Path) -> Command {
        let mut command = cargo("build");
        command.args(["--quiet", "--locked", "--package", self.package]).args(self.features);
        // Defaults of cargo, whatever this machine sets for its own builds.
        command.arg("--target-dir").arg(target).env_remove("CARGO_PROFILE_DEV_DEBUG").env("CARGO_INCREMENTAL", "0");
        command
    }
}

fn run_cargo(command: &mut Command) -> Outcome {
    match command.current_dir(folder()).status()?.success() {
        true => Ok(()),
        false => Err(Failure::Found("a program of the benchmark does not compile".to_string())),
    }
}

/// CPU seconds, user and system, of all processes that ended so far and were started by this one.
#[cfg(unix)]
fn cpu_of_children() -> f64 {
    use nix::sys::resource::{UsageWho, getrusage};
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0.0, |it| seconds(it.user_time()) + seconds(it.system_time()))
}

#[cfg(not(unix))]
fn cpu_of_children() -> f64 {
    0.0
}
