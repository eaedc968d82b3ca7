//! `cargo xtask`: argument words and the module that answers each of them.

mod check_all;
mod checked;
mod elsewhere;
mod generate;
mod models;
mod packages;
mod progress;
mod report;
mod report_compile;
mod tables;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate the crates of all services in the manifest, or of those named
    Generate(generate::Arguments),
    /// Compile every crate of a folder that `generate --all --out` made, and say which fail
    CheckAll(check_all::Arguments),
    /// The models the crates are generated from
    #[command(subcommand)]
    Models(models::Command),
    /// Figures about a generated service, or about all models there are
    Report(report::Arguments),
    /// The rules of the house that a compiler does not hold
    Tidy,
}

/// How a command ends, when it does not end well.
pub(crate) enum Failure {
    /// Something is wrong with what was worked on: exit code 1.
    Found(String),
    /// The command cannot be carried out as given: exit code 2.
    Usage(String),
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Found(error.to_string())
    }
}

/// What a command yields.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

fn main() -> ExitCode {
    if let Some(code) = report_compile::wrap() {
        return code;
    }
    let outcome = match Arguments::parse().command {
        Command::Generate(arguments) => generate::run(&arguments),
        Command::CheckAll(arguments) => check_all::run(&arguments),
        Command::Models(command) => models::run(&command),
        Command::Report(arguments) => report::run(&arguments),
        Command::Tidy => tidy::run(),
    };
    let (code, message) = match outcome {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Found(message)) => (1, message),
        Err(Failure::Usage(message)) => (2, message),
    };
    eprintln!("error: {}", message.trim_end());
    ExitCode::from(code)
}
