//! The programs of the benchmark: builds the server and the drivers of `tests/bench/drivers`, and runs them. Knows nothing
//! of the table.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::figures::{Case, Run};
use super::{Arguments, Count};
use crate::workspace;
use crate::{Failure, Outcome};

/// A client that is measured.
pub(super) struct Client {
    pub(super) name: &'static str,
    /// The package of its driver; none for boto3.
    package: &'static str,
    pub(super) is_peer: bool,
    /// By how much fewer operations it runs than the others.
    slower: u64,
}

/// The clients: this project's first.
pub(super) const CLIENTS: [Client; 7] = [
    Client { name: "ours", package: "bench-ours", is_peer: false, slower: 1 },
    Client { name: "hyper", package: "bench-hyper", is_peer: false, slower: 1 },
    Client { name: "reqwest", package: "bench-reqwest", is_peer: true, slower: 1 },
    Client { name: "object_store", package: "bench-object-store", is_peer: true, slower: 1 },
    Client { name: "aws-sdk-rust", package: "bench-aws-sdk", is_peer: true, slower: 4 },
    Client { name: "aws-s3-transfer-manager", package: "bench-aws-transfer-manager", is_peer: true, slower: 1 },
    Client { name: "boto3", package: "", is_peer: true, slower: 30 },
];

/// Whether a client only sends bytes and counts those that it receives.
pub(super) fn is_bare(client: &str) -> bool {
    matches!(client, "hyper" | "reqwest")
}

impl Client {
    /// Builds the driver. An error says why it cannot be had.
    pub(super) fn build(&self, target: &Path, count: Count, with_ec2: bool) -> Result<(), String> {
        if self.package.is_empty() {
            let is_time = count == Count::Time;
            let found = Command::new(python()).args(["-c", "import boto3"]).stderr(Stdio::null()).status();
            return match found {
                Ok(status) if status.success() && is_time => Ok(()),
                Ok(status) if status.success() => Err("only its time can be measured".to_string()),
                _ => Err("Python has no boto3; the tests install one in target/moto".to_string()),
            };
        }
        let mut features = Vec::new();
        features.extend((count == Count::Allocations).then_some("bench-driver/allocations"));
        features.extend((with_ec2 && self.package == "bench-aws-sdk").then_some("bench-aws-sdk/ec2"));
        build(target, self.package, &features)
    }

    /// Whether the client has the case; AWS's, EC2's only if it was built with it.
    pub(super) fn has(&self, case: &Case, with_ec2: bool) -> bool {
        match self.name {
            "ours" => true,
            // For the memory that they take, which others do not limit.
            _ if case.name.ends_with("8g") => false,
            "aws-s3-transfer-manager" => case.is_transfer(),
            // All others transfer one object a call, and boto3 streams none in parts.
            _ if case.name.contains("folder") => false,
            "boto3" => case.name != "download_stream256m",
            "aws-sdk-rust" => !case.is_transfer() && (with_ec2 || !case.is_ec2()),
            "object_store" => case.is_transfer() || ["get1k", "get256m", "put1k", "list1000"].contains(&case.name),
            "reqwest" => !case.is_transfer(),
            _ => true,
        }
    }

    /// The program that has the case. A start is that of a program of one service: ours and AWS's have one for it.
    fn program(&self, target: &Path, case: &Case) -> PathBuf {
        let has_services = matches!(self.name, "ours" | "aws-sdk-rust");
        let suffix = if case.name == "start" && has_services { "-start" } else { "" };
        target.join("release").join(format!("{}{suffix}", self.package))
    }

    /// Runs the case once.
    pub(super) fn run(
        &self,
        target: &Path,
        server: &Server,
        case: &Case,
        arguments: &Arguments,
        file: &Path,
    ) -> Outcome<Run> {
        let operations = match arguments.count {
            Count::Time => (case.operations / self.slower).max(arguments.tasks),
            Count::Instructions | Count::Allocations => case.counted(),
        };
        let before = server.counts()?;
        let mut command = match self.package {
            "" => Command::new(python()),
            _ => Command::new(self.program(target, case)),
        };
        if self.package.is_empty() {
            command.arg(folder().join("boto3_driver.py"));
        }
        pass(&mut command, server, case, operations, arguments.tasks, file);
        let printed =
            output(&mut command).map_err(|it| Failure::Found(format!("{}, {}: {it}", self.name, case.name)))?;
        let printed: serde_json::Value = serde_json::from_str(printed.trim())?;
        let number = |name: &str| printed[name].as_u64().unwrap_or_default();
        let after = server.counts()?;
        // Less the one that asked.
        let (connections, requests) = (after.0 - before.0 - 1, after.1 - before.1 - 1);
        let requests = requests as f64 / number("all_operations").max(1) as f64;
        let cost = match arguments.count {
            Count::Time => number("cpu_us") as f64,
            Count::Allocations => number("allocations") as f64,
            Count::Instructions => {
                // The start costs the same whatever follows, so the difference of two runs is without it.
                let nowhere = Path::new("/dev/null");
                let count = |operations| self.count_instructions(target, server, case, operations, file, nowhere);
                (count(2 * operations).map_err(Failure::Found)? - count(operations).map_err(Failure::Found)?) as f64
            }
        };
        let (units, peak_kb) = (number("units"), number("peak_kb"));
        Ok(Run { cost: cost / operations as f64, units, operations, peak_kb, connections, requests })
    }

    /// Runs the case as the child of `command`, such as a profiler.
    pub(super) fn run_under(
        &self,
        command: &mut Command,
        target: &Path,
        server: &Server,
        case: &Case,
        operations: u64,
        file: &Path,
    ) -> Result<String, String> {
        command.arg(self.program(target, case));
        pass(command, server, case, operations, 1, file);
        output(command)
    }

    /// Counts the instructions of a whole run, and writes a profile.
    pub(super) fn count_instructions(
        &self,
        target: &Path,
        server: &Server,
        case: &Case,
        operations: u64,
        file: &Path,
        profile: &Path,
    ) -> Result<u64, String> {
        let mut command = Command::new("valgrind");
        command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", profile.display()));
        command.arg(self.program(target, case));
        pass(&mut command, server, case, operations, 1, file);
        let ran = command.output().map_err(|it| format!("cannot run valgrind: {it}"))?;
        let log = String::from_utf8_lossy(&ran.stderr);
        let counted = log.lines().find_map(|it| it.split_once("Collected : ")?.1.trim().parse().ok());
        counted.filter(|_| ran.status.success()).ok_or_else(|| format!("{}: {log}", self.name))
    }
}

/// Passes the arguments that all drivers have.
fn pass(command: &mut Command, server: &Server, case: &Case, operations: u64, tasks: u64, file: &Path) {
    command.args([case.name, &server.url]).args([operations.to_string(), tasks.to_string()]).arg(file);
}

/// Runs a program to its end. Returns what it printed.
fn output(command: &mut Command) -> Result<String, String> {
    let ran = command.stdin(Stdio::null()).output().map_err(|it| it.to_string())?;
    match ran.status.success() {
        true => Ok(String::from_utf8_lossy(&ran.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&ran.stderr).into_owned()),
    }
}

/// The workspace of the drivers.
pub(super) fn folder() -> PathBuf {
    workspace::root().join("tests/bench/drivers")
}

fn build(target: &Path, package: &str, features: &[&str]) -> Result<(), String> {
    let mut cargo = cargo("build");
    cargo.args(["--release", "--locked", "--package", package, "--manifest-path"]);
    cargo.arg(folder().join("Cargo.toml")).arg("--target-dir").arg(target).args(["--features", &features.join(",")]);
    match cargo.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("it does not compile".to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// A command of the cargo that runs this program.
pub(super) fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg(command);
    cargo
}

/// The Python that the tests installed boto3 for, or the system's.
fn python() -> PathBuf {
    let own = workspace::root().join("target/moto/venv/bin/python");
    if own.exists() { own } else { "python3".into() }
}

/// The server with the canned responses. It ends when this value is dropped.
pub(super) struct Server {
    process: Child,
    url: String,
}

impl Server {
    /// Builds and starts the server.
    pub(super) fn start(target: &Path) -> Outcome<Self> {
        build(target, "bench-server", &[]).map_err(Failure::Found)?;
        let mut command = Command::new(target.join("release/bench-server"));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        Ok(Self { process, url: url.trim().to_string() })
    }

    /// How many connections the server accepted so far, and how many requests, with those that ask.
    fn counts(&self) -> Outcome<(u64, u64)> {
        let mut stream = TcpStream::connect(self.url.trim_start_matches("http://"))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(b"GET /counts HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        let body = response.rsplit("\r\n\r\n").next().unwrap_or_default();
        let counts =
            body.trim().split_once(' ').and_then(|(first, second)| Some((first.parse().ok()?, second.parse().ok()?)));
        counts.ok_or_else(|| Failure::Found(format!("unexpected response of the server: {response}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
