//! `cargo xtask`: the subcommands, each with the module that runs it.

mod bench;
mod check_all;
mod check_state;
mod generate;
mod models;
mod packages;
mod progress;
mod report;
mod report_compile;
mod runtime_files;
mod standalone_crate;
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
    Generate(generate::Arguments),
    CheckAll(check_all::Arguments),
    /// Update and compare the models that the crates are generated from
    #[command(subcommand)]
    Models(models::Command),
    Report(report::Arguments),
    Bench(bench::Arguments),
    /// Check project rules that the compiler cannot
    Tidy,
}

/// How a command fails.
#[derive(Debug)]
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
        Command::Bench(arguments) => bench::run(&arguments),
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    /// The long help of every subcommand has its short help as first sentence, and what the short help leaves out.
    #[test]
    fn long_help_begins_with_the_short_help() {
        let mut command = Arguments::command();
        command.build();
        let mut described = Vec::new();
        let mut pending: Vec<_> = command.get_subcommands().collect();
        while let Some(command) = pending.pop() {
            pending.extend(command.get_subcommands());
            let Some(long) = command.get_long_about() else { continue };
            let short = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(long.to_string().starts_with(&short), "{}", command.get_name());
            described.push(command.get_name());
        }
        described.sort_unstable();
        // A command whose arguments have more than a summary joins this list.
        assert_eq!(described, ["check-all", "generate", "update"]);
    }

    /// A hint names an option of the command that prints it.
    #[test]
    fn hints_name_options_that_exist() {
        let command = Arguments::command();
        let check = |path: &[&str], hint: &str| {
            let find = |command: Option<&clap::Command>, name: &&str| command?.find_subcommand(name).cloned();
            let found = path.iter().try_fold(command.clone(), |command, name| find(Some(&command), name));
            let options: Vec<_> = found.iter().flat_map(|it| it.get_opts()).filter_map(|it| it.get_long()).collect();
            let named: Vec<_> = hint.split("--").skip(1).filter_map(|it| it.split(' ').next()).collect();
            assert!(!named.is_empty() && named.iter().all(|it| options.contains(it)), "{path:?}: {hint}");
        };
        check(&["generate"], super::generate::WITHOUT_NETWORK);
        for path in [&["report"][..], &["models", "update"], &["models", "diff"]] {
            check(path, super::packages::USE_WHEELS);
        }
    }
}
