//! The figures that were kept, from which the charts are drawn: `tests/bench/results.json`. Knows how to measure nothing.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{Outcome, workspace};

/// Figures by what was measured, then by client.
pub(super) struct Results(Value);

/// What a program costs to build.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Build {
    /// CPU seconds of a clean debug build.
    pub(super) debug_cpu: f64,
    /// The size of the stripped release binary.
    pub(super) bytes: u64,
}

impl Results {
    pub(super) fn load() -> Outcome<Self> {
        match fs::read_to_string(path()) {
            Ok(text) => Ok(Self(serde_json::from_str(&text)?)),
            Err(_) => Ok(Self(json!({}))),
        }
    }

    pub(super) fn save(&self) -> Outcome {
        Ok(fs::write(path(), format!("{:#}\n", self.0))?)
    }

    /// Sets the CPU time of a call in µs.
    pub(super) fn set_call(&mut self, case: &str, client: &str, cpu: f64) {
        self.0["calls"][case][client] = json!((cpu * 10.0).round() / 10.0);
    }

    /// The CPU times of a case in µs, by client, in the order in which they were kept.
    pub(super) fn call(&self, case: &str) -> Vec<(String, f64)> {
        entries(&self.0["calls"][case], |it| it.as_f64())
    }

    pub(super) fn set_build(&mut self, program: &str, build: Build) {
        let cpu = (build.debug_cpu * 10.0).round() / 10.0;
        self.0["builds"][program] = json!({ "debug_cpu_s": cpu, "stripped_release_bytes": build.bytes });
    }

    pub(super) fn builds(&self) -> Vec<(String, Build)> {
        entries(&self.0["builds"], |it| {
            Some(Build { debug_cpu: it["debug_cpu_s"].as_f64()?, bytes: it["stripped_release_bytes"].as_u64()? })
        })
    }
}

fn entries<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Vec<(String, T)> {
    let entries = value.as_object().into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.clone(), read(value)?))).collect()
}

fn path() -> PathBuf {
    workspace::root().join("tests/bench/results.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_read() {
        let mut results = Results(json!({}));
        results.set_call("get1k", "ours", 25.04);
        results.set_call("get1k", "hyper", 10.0);
        let build = Build { debug_cpu: 70.0, bytes: 6_000_000 };
        results.set_build("ours", build);
        assert_eq!(results.call("get1k"), [("ours".to_string(), 25.0), ("hyper".to_string(), 10.0)]);
        assert_eq!(results.builds(), [("ours".to_string(), build)]);
        assert!(results.call("put1k").is_empty());
    }
}
