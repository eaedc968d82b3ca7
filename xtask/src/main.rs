//! `cargo xtask`: the subcommands, each with the module that runs it.

mod check_all;
mod check_state;
mod generate;
mod models;
mod packages;
mod progress;
mod report;
mod report_compile;
mod runtime_files;
mod standalone_workspace;
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
    /// Generate the crates of all services in the manifest, or of the named ones
    Generate(generate::Arguments),
    /// Compile every crate that `generate --all --out` wrote, and list those that fail
    CheckAll(check_all::Arguments),
    /// Update and compare the models that the crates are generated from
    #[command(subcommand)]
    Models(models::Command),
    /// Print statistics of generated services, or of all published models
    Report(report::Arguments),
    /// Check project rules that the compiler cannot
    Tidy,
}

/// How a command fails.
pub(crate) enum Failure {
    /// The command ran and found a problem: exit code 1.
    Found(String),
    /// The command cannot run with these arguments: exit code 2.
    Usage(String),
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Found(error.to_string())
    }
}

/// The result of a command.
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
