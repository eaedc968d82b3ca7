//! Where a call spends its instructions: functions of our driver, by callgrind or, without it, by perf's samples. Knows no
//! table.

use std::path::Path;
use std::process::Command;

use super::Count;
use super::clients::{CLIENTS, Server};
use super::figures::Case;
use crate::{Failure, Outcome};

/// How many lines are printed. Our choice: what follows costs less than a percent each.
const LINES: usize = 80;

/// Prints the functions in which most of a case is spent.
pub(super) fn run(target: &Path, server: &Server, case: &Case, file: &Path) -> Outcome {
    let ours = &CLIENTS[0];
    ours.build(target, Count::Instructions, false).map_err(Failure::Found)?;
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success());
    let report = match (has("valgrind"), has("perf")) {
        (true, _) => {
            let profile = target.join(format!("{}.callgrind", case.name));
            ours.count_instructions(target, server, case, case.profiled(), file, &profile).map_err(Failure::Found)?;
            println!("{} operations and the start", case.profiled());
            ("callgrind_annotate", vec![profile.display().to_string()])
        }
        (false, true) => {
            let profile = target.join(format!("{}.perf", case.name)).display().to_string();
            let mut command = Command::new("perf");
            command.args(["record", "--quiet", "--output", &profile]);
            ours.run_under(&mut command, target, server, case, case.operations, file).map_err(Failure::Found)?;
            ("perf", ["report", "--stdio", "--input", &profile].map(str::to_owned).to_vec())
        }
        (false, false) => return Err(Failure::Found("a profile needs valgrind or perf".to_string())),
    };
    let (program, arguments) = report;
    let output = Command::new(program).args(&arguments).output()?;
    String::from_utf8_lossy(&output.stdout).lines().take(LINES).for_each(|it| println!("{it}"));
    println!("all of it: {program} {}", arguments.join(" "));
    Ok(())
}
