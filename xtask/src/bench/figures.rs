//! The cases, what their runs cost, and the table. Knows no program.

use std::fmt;

use super::Count;
use crate::workspace::thousands;

/// A case of the benchmark.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// How many operations one run counts.
    pub(super) operations: u64,
    /// What one operation must read or write, in the unit beside it.
    units: u64,
    unit: &'static str,
}

/// The cases. A run takes half a second to two, so that CPU time, which some systems count in steps of 10 ms, is exact.
pub(super) const CASES: [Case; 21] = [
    Case { name: "get1k", operations: 20_000, units: 1024, unit: "bytes" },
    Case { name: "put1k", operations: 20_000, units: 1, unit: "entity tag" },
    Case { name: "sqs_send", operations: 20_000, units: 1, unit: "message id" },
    Case { name: "ddb_getitem", operations: 20_000, units: 12, unit: "attributes" },
    Case { name: "listbuckets", operations: 20_000, units: 10, unit: "buckets" },
    Case { name: "list1000", operations: 600, units: 1000, unit: "keys" },
    Case { name: "ddb_query1m", operations: 60, units: 1600, unit: "items" },
    Case { name: "ec2_describe200", operations: 200, units: 200, unit: "instances" },
    Case { name: "get256m", operations: 4, units: 256 << 20, unit: "bytes" },
    Case { name: "put256m", operations: 4, units: 256 << 20, unit: "bytes" },
    Case { name: "download1m", operations: 400, units: 1 << 20, unit: "bytes" },
    Case { name: "download256m", operations: 4, units: 256 << 20, unit: "bytes" },
    Case { name: "download_stream256m", operations: 4, units: 256 << 20, unit: "bytes" },
    Case { name: "download_file256m", operations: 4, units: 256 << 20, unit: "bytes" },
    Case { name: "download8g", operations: 1, units: 8 << 30, unit: "bytes" },
    Case { name: "download_folder10k", operations: 1, units: 10_000 << 20, unit: "bytes" },
    Case { name: "upload1m", operations: 400, units: 1 << 20, unit: "bytes" },
    Case { name: "upload_file256m", operations: 4, units: 256 << 20, unit: "bytes" },
    Case { name: "upload8g", operations: 1, units: 8 << 30, unit: "bytes" },
    Case { name: "upload_folder10k", operations: 1, units: 10_000 << 20, unit: "bytes" },
    Case { name: "start", operations: 1, units: 10, unit: "buckets" },
];

impl Case {
    pub(super) fn is_ec2(&self) -> bool {
        self.name.starts_with("ec2")
    }

    /// Whether it transfers an object, with a manager of transfers where a client has one.
    pub(super) fn is_transfer(&self) -> bool {
        self.name.starts_with("download") || self.name.starts_with("upload")
    }

    /// Whether one run takes so long that its figures are exact.
    pub(super) fn is_long(&self) -> bool {
        self.units >= 1 << 30
    }

    /// How many operations are enough where counts do not vary.
    pub(super) fn counted(&self) -> u64 {
        (self.operations / 100).max(1)
    }

    /// How many operations a profile covers.
    pub(super) fn profiled(&self) -> u64 {
        (self.operations / 10).max(1)
    }
}

/// What one run cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    /// CPU time in µs, instructions or allocations, of one operation.
    pub(super) cost: f64,
    /// What all operations read or wrote.
    pub(super) units: u64,
    pub(super) operations: u64,
    /// The peak of resident memory, in kB.
    pub(super) peak_kb: u64,
    /// How many connections the server accepted.
    pub(super) connections: u64,
    /// How many requests the server received for one operation.
    pub(super) requests: f64,
}

/// All runs of one case by one client.
pub(super) struct Figures {
    pub(super) client: &'static str,
    runs: Vec<Run>,
}

impl Figures {
    pub(super) fn new(client: &'static str) -> Self {
        Self { client, runs: Vec::new() }
    }

    pub(super) fn add(&mut self, run: Run) {
        self.runs.push(run);
    }

    /// The lowest cost: what disturbs a run only adds to it.
    pub(super) fn best(&self) -> Option<f64> {
        self.runs.iter().map(|it| it.cost).min_by(f64::total_cmp)
    }

    fn median(&self) -> Option<f64> {
        let mut costs: Vec<f64> = self.runs.iter().map(|it| it.cost).collect();
        costs.sort_by(f64::total_cmp);
        costs.get(costs.len() / 2).copied()
    }

    fn most(&self, of: impl Fn(&Run) -> u64) -> u64 {
        self.runs.iter().map(of).max().unwrap_or_default()
    }

    fn requests(&self) -> f64 {
        self.runs.iter().map(|it| it.requests).fold(0.0, f64::max)
    }

    /// Checks that every operation did its work. A bare client counts the bytes of bodies.
    pub(super) fn check_units(&self, case: &Case, is_bare: bool) -> Result<(), String> {
        for run in &self.runs {
            let expected = case.units * run.operations;
            if run.units != expected && !is_bare {
                let (client, units, unit) = (self.client, run.units, case.unit);
                return Err(format!("{client}, {}: {units} {unit}, expected {expected}", case.name));
            }
        }
        Ok(())
    }
}

/// A line of the table.
pub(super) struct Row<'a> {
    pub(super) case: &'a Case,
    pub(super) figures: &'a Figures,
    /// The best value of the bare client.
    pub(super) floor: Option<f64>,
}

impl Row<'_> {
    /// The lines above the table.
    pub(super) fn heading(count: Count, rounds: usize, tasks: u64) -> String {
        let what = match count {
            Count::Time => format!("CPU µs an operation, {rounds} rounds in turn, {tasks} at a time"),
            Count::Instructions => "instructions an operation (callgrind), one at a time".to_string(),
            Count::Allocations => "allocations an operation, one at a time".to_string(),
        };
        format!(
            "{what}\n\n| case | client | median | best | of hyper's | above hyper | peak memory, MB | connections | \
             requests |\n|---|---|---|---|---|---|---|---|---|"
        )
    }
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, figures, floor } = self;
        let (best, median) = (figures.best().unwrap_or_default(), figures.median().unwrap_or_default());
        let (ratio, above) = match floor {
            Some(floor) => (format!("{:.2}", best / floor), short(best - floor)),
            None => (String::new(), String::new()),
        };
        let memory = figures.most(|it| it.peak_kb) as f64 / 1024.0;
        let connections = figures.most(|it| it.connections);
        let (name, client) = (case.name, figures.client);
        let (median, best) = (short(median), short(best));
        let requests = figures.requests();
        let first = format!("| {name} | {client} | {median} | {best} | {ratio} | {above}");
        write!(f, "{first} | {memory:.1} | {connections} | {requests:.2} |")
    }
}

/// A number with as many digits as mean something.
fn short(number: f64) -> String {
    match number.abs() {
        0.0..100.0 => format!("{number:.1}"),
        _ if number < 0.0 => format!("-{}", thousands(-number as usize)),
        _ => thousands(number as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(cost: f64, units: u64) -> Run {
        Run { cost, units, operations: 2, peak_kb: 2048, connections: 1, requests: 1.0 }
    }

    #[test]
    fn a_row_has_median_best_value_and_ratio() {
        let mut figures = Figures::new("ours");
        for cost in [30.0, 24.0, 36.04] {
            figures.add(run(cost, 2048));
        }
        let row = Row { case: &CASES[0], figures: &figures, floor: Some(12.0) };
        assert_eq!(row.to_string(), "| get1k | ours | 30.0 | 24.0 | 2.00 | 12.0 | 2.0 | 1 | 1.00 |");
        let row = Row { floor: None, ..row };
        assert_eq!(row.to_string(), "| get1k | ours | 30.0 | 24.0 |  |  | 2.0 | 1 | 1.00 |");
    }

    #[test]
    fn a_client_that_did_less_is_reported() {
        let mut figures = Figures::new("ours");
        figures.add(run(1.0, 2048));
        assert_eq!(figures.check_units(&CASES[0], false), Ok(()));
        figures.add(run(1.0, 2047));
        assert_eq!(figures.check_units(&CASES[0], true), Ok(()));
        let expect = "ours, get1k: 2047 bytes, expected 2048";
        assert_eq!(figures.check_units(&CASES[0], false), Err(expect.to_string()));
    }

    #[test]
    fn numbers_are_short() {
        for (number, expect) in
            [(0.04, "0.0"), (99.94, "99.9"), (1234.5, "1,234"), (-12.34, "-12.3"), (-1234.0, "-1,234")]
        {
            assert_eq!(short(number), expect);
        }
    }
}
