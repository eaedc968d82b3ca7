//! `cargo xtask bench`: what a call costs, in CPU time, instructions or allocations. Builds the server and the drivers in
//! `tests/bench/drivers`, runs the drivers in turn against the server, checks that all did the same work, and prints the
//! figures beside those of hyper alone. Enforces no limit.

mod builds;
mod clients;
mod figures;
mod plot;
mod profile;
mod results;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clients::{CLIENTS, Client, Server};
use figures::{Case, Figures, Row};
use results::Results;

use crate::workspace::{self, unknown_name};
use crate::{Failure, Outcome};

/// How often each client runs a case, at least, unless it takes long: with fewer rounds neither median nor best value says
/// much.
const ROUNDS: usize = 5;
/// The client that all others are compared to, since it does what none can leave out.
const BARE: &str = "hyper";
/// The length of the file that is uploaded.
const FILE_BYTES: usize = 256 * 1024 * 1024;

/// Measure what a call costs, beside a bare HTTP client and other SDKs
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Cases to measure: get1k, put1k, …; `transfer` is those of transfers [default: all]
    #[arg(value_name = "CASE")]
    cases: Vec<String>,
    /// Also measure reqwest, object_store, aws-sdk-rust and boto3 with their managers of transfers, each if it can be built
    /// here. AWS's EC2 crate, which takes many minutes and 8 GB of memory, is built only if its case is named
    #[arg(long)]
    peers: bool,
    /// How often each client runs each case, at least 5
    #[arg(long, default_value_t = ROUNDS)]
    rounds: usize,
    /// How many tasks make the calls; with one, on a runtime of one thread
    #[arg(long, default_value_t = 1, conflicts_with = "count")]
    tasks: u64,
    /// What to count. Instructions need valgrind and do not depend on the machine's load; SHA-256 counts for more of
    /// them than its time
    #[arg(long, value_enum, default_value_t = Count::Time)]
    count: Count,
    /// Print which functions spend the instructions of one case (needs valgrind)
    #[arg(long, conflicts_with_all = ["peers", "count", "tasks"])]
    profile: bool,
    /// Measure clean builds of a program that lists buckets, and its size, instead of calls
    #[arg(long, conflicts_with_all = ["cases", "count", "tasks", "profile"])]
    builds: bool,
    /// Keep the figures in tests/bench/results.json
    #[arg(long, conflicts_with_all = ["count", "tasks", "profile"])]
    record: bool,
    /// Draw the charts of the README from the figures that were kept; measures nothing
    #[arg(long, conflicts_with_all = ["cases", "peers", "count", "tasks", "profile", "builds", "record"])]
    plot: bool,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Count {
    Time,
    Instructions,
    Allocations,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    if arguments.plot {
        return plot::run();
    }
    let target = workspace::root().join("target/bench");
    fs::create_dir_all(&target)?;
    let target = target.canonicalize()?;
    if arguments.builds {
        return builds::run(&target, arguments.peers, arguments.record);
    }
    if arguments.record && (arguments.count != Count::Time || arguments.tasks != 1) {
        return Err(Failure::Usage("--record keeps the CPU time of one call at a time".to_string()));
    }
    let cases = select(&arguments.cases)?;
    let file = upload_file(&target)?;
    let server = Server::start(&target)?;
    if arguments.profile {
        let [case] = cases[..] else { return Err(Failure::Usage("--profile takes one case".to_string())) };
        return profile::run(&target, &server, case, &file);
    }
    let names_ec2 = !arguments.cases.is_empty() && cases.iter().any(|it| it.is_ec2());
    let mut clients: Vec<&Client> = Vec::new();
    let has_any = |client: &Client| cases.iter().any(|case| client.has(case, names_ec2));
    for client in CLIENTS.iter().filter(|it| (arguments.peers || !it.is_peer) && has_any(it)) {
        match client.build(&target, arguments.count, names_ec2) {
            Ok(()) => clients.push(client),
            Err(why) if client.is_peer => eprintln!("{} is left out: {why}", client.name),
            Err(why) => return Err(Failure::Found(format!("{}: {why}", client.name))),
        }
    }
    // What one thread allocates is always the same.
    let rounds = if arguments.count == Count::Time { arguments.rounds.max(ROUNDS) } else { 1 };
    println!("{}", Row::heading(arguments.count, rounds, arguments.tasks));
    let mut results = Results::load()?;
    for case in cases {
        let rounds = if case.is_long() { 1 } else { rounds };
        let mut figures: Vec<Figures> = clients.iter().map(|it| Figures::new(it.name)).collect();
        for _ in 0..rounds {
            for (client, figures) in clients.iter().zip(&mut figures) {
                if client.has(case, names_ec2) {
                    figures.add(client.run(&target, &server, case, arguments, &file)?);
                }
            }
        }
        remove_copies(&file)?;
        let floor = figures.iter().find(|it| it.client == BARE).and_then(Figures::best);
        for figures in figures.iter().filter(|it| it.best().is_some()) {
            figures.check_units(case, clients::is_bare(figures.client)).map_err(Failure::Found)?;
            println!("{}", Row { case, figures, floor });
            results.set_call(case.name, figures.client, figures.best().unwrap_or_default());
        }
        // After each case, so that a run that fails later loses none.
        if arguments.record {
            results.save()?;
        }
    }
    Ok(())
}

/// The named cases, or all.
fn select(names: &[String]) -> Outcome<Vec<&'static Case>> {
    if names.is_empty() {
        return Ok(figures::CASES.iter().collect());
    }
    let known = || figures::CASES.iter().map(|it| it.name);
    let mut selected = Vec::new();
    for name in names {
        let before = selected.len();
        selected.extend(figures::CASES.iter().filter(|it| it.name == name || (name == "transfer" && it.is_transfer())));
        if selected.len() == before {
            return Err(Failure::Usage(unknown_name("case", name, known())));
        }
    }
    Ok(selected)
}

/// Removes what the drivers created beside the file to upload.
fn remove_copies(file: &Path) -> Outcome {
    for extension in ["bin.downloaded", "files"] {
        let path = file.with_extension(extension);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path)?,
            Ok(_) => fs::remove_file(path)?,
            Err(_) => {}
        }
    }
    Ok(())
}

/// The file to upload; written once.
fn upload_file(target: &Path) -> Outcome<PathBuf> {
    let path = target.join("256m.bin");
    if fs::metadata(&path).is_ok_and(|it| it.len() == FILE_BYTES as u64) {
        return Ok(path);
    }
    let block: Vec<u8> = (0..1 << 20).map(|it: usize| (it * 131 + it / 256) as u8).collect();
    let mut file = BufWriter::new(File::create(&path)?);
    for _ in 0..FILE_BYTES / block.len() {
        file.write_all(&block)?;
    }
    file.flush()?;
    Ok(path)
}
