//! Helpers of all commands: paths in the workspace, messages, and work in parallel.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use codegen::report::{Report, nearest_few};

use crate::{Failure, Outcome};

/// The workspace's root folder; empty if it is the current folder, so that paths in messages are short.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = manifest.parent().unwrap_or(manifest);
    match std::env::current_dir() {
        Ok(current) if current == root => PathBuf::new(),
        _ => root.to_path_buf(),
    }
}

/// The folder of the manifest and the models.
pub(crate) fn models() -> PathBuf {
    root().join("models")
}

/// The folder of fetched packages.
pub(crate) fn cache() -> PathBuf {
    root().join("target/models")
}

/// Fails with all problems of the report, if it has any.
pub(crate) fn fail_on(report: &Report) -> Outcome {
    match report.problems().len() {
        0 => Ok(()),
        1 => Err(Failure::Found(format!("1 problem\n{report}"))),
        count => Err(Failure::Found(format!("{count} problems\n{report}"))),
    }
}

/// The message for an unknown name, with similar known names.
pub(crate) fn unknown_name<'a>(kind: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let similar: Vec<String> = nearest_few(name, known, 5).into_iter().map(|it| format!("`{it}`")).collect();
    match similar.is_empty() {
        true => format!("unknown {kind} `{name}`"),
        false => format!("unknown {kind} `{name}` (did you mean {}?)", similar.join(", ")),
    }
}

/// Calls `work` for every item, on all cores; the results are in the order of the items.
pub(crate) fn parallel<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    done.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// A count with a comma between thousands: `1,234`.
pub(crate) fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 file`, `2 files`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{} {noun}s", thousands(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators_and_plurals() {
        for (count, expect) in [(0, "0"), (999, "999"), (1000, "1,000"), (126940, "126,940"), (1234567, "1,234,567")] {
            assert_eq!(thousands(count), expect);
        }
        assert_eq!([plural(1, "file"), plural(2000, "file")], ["1 file", "2,000 files"]);
    }

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        assert_eq!(parallel(&items, |item| item * 2), (0..2000).step_by(2).collect::<Vec<_>>());
        assert!(parallel(&[] as &[usize], |item| *item).is_empty());
    }
}
