//! Keys that differ only by case, where the file system takes their names for the same. Knows no transfer.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// The name of the file that `path` leads to, if that differs by case from the name asked for.
pub(crate) fn other_case(path: &Path) -> Option<OsString> {
    let real = std::fs::canonicalize(path).ok()?.file_name()?.to_owned();
    differs_by_case(path.file_name()?, &real).then_some(real)
}

fn differs_by_case(asked: &OsStr, real: &OsStr) -> bool {
    asked != real && fold(&asked.to_string_lossy()) == fold(&real.to_string_lossy())
}

/// The same for all keys that differ only by case.
pub(crate) fn fold(key: &str) -> String {
    key.to_lowercase()
}

/// The keys that are being downloaded, without case: of two that differ only by case, the second waits for the first, so
/// that the file system can be asked about it.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    folded: HashSet<String>,
}

impl InFlight {
    /// Whether the key may begin; then it is in flight.
    pub(crate) fn begin(&mut self, key: &str) -> bool {
        self.folded.insert(fold(key))
    }

    pub(crate) fn end(&mut self, key: &str) {
        self.folded.remove(&fold(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_by_case_only_if_they_are_equal_without_it() {
        let check = |asked: &str, real: &str, expect: bool| {
            assert_eq!(differs_by_case(asked.as_ref(), real.as_ref()), expect, "{asked} {real}");
        };
        check("a.txt", "A.TXT", true);
        check("ä", "Ä", true);
        check("a.txt", "a.txt", false);
        check("link", "target", false);
    }

    #[test]
    fn of_two_keys_that_differ_by_case_one_is_in_flight() {
        let mut in_flight = InFlight::default();
        assert!(in_flight.begin("Dir/a"));
        assert!(!in_flight.begin("dir/A"));
        assert!(in_flight.begin("dir/b"));
        in_flight.end("Dir/a");
        assert!(in_flight.begin("dir/A"));
    }
}
