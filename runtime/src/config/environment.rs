//! Environment variables: those of the process, or a fixed set for tests. The only module that reads them from the
//! process. Knows no variable by name, except those of the home directory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::ordered;

/// The environment that variables are read from.
///
/// [`Environment::process`] reads the variables of the process at each lookup. Any other environment is a fixed set:
///
/// ```
/// use aws_core::config::Environment;
///
/// let environment = Environment::from_iter([("AWS_REGION", "eu-west-1"), ("HOME", "/home/me")]);
/// assert_eq!(environment.get("AWS_REGION").as_deref(), Some("eu-west-1"));
/// ```
///
/// A variable with an empty value counts as unset. `Debug` prints names, never values.
#[derive(Clone)]
pub struct Environment(Variables);

#[derive(Clone)]
enum Variables {
    Process,
    Fixed(Arc<BTreeMap<String, String>>),
}

impl Environment {
    /// Returns the environment of this process.
    pub const fn process() -> Self {
        Self(Variables::Process)
    }

    /// Returns an environment without any variable, and without a home directory.
    pub fn empty() -> Self {
        Self(Variables::Fixed(Arc::default()))
    }

    /// Returns the value of the variable `name`; `None` if it is unset or empty. Bytes that are not Unicode become
    /// U+FFFD, so that whatever parses the value rejects it instead of treating the variable as unset.
    pub fn get(&self, name: &str) -> Option<String> {
        self.get_os(name).map(lossy)
    }

    /// Returns the value of the variable `name` as a path, byte for byte; `None` if it is unset or empty.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.get_os(name).map(PathBuf::from)
    }

    /// Returns all variables whose name starts with `prefix` and whose value is not empty: the name after the prefix,
    /// and the value, sorted by name.
    pub fn with_prefix(&self, prefix: &str) -> BTreeMap<String, String> {
        let pair = |name: &str, value: String| {
            let rest = name.strip_prefix(prefix).filter(|_| !value.is_empty())?;
            Some((rest.to_owned(), value))
        };
        match &self.0 {
            #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment of the process")]
            Variables::Process => {
                ordered::map(std::env::vars_os().filter_map(|(name, value)| pair(name.to_str()?, lossy(value))))
            }
            Variables::Fixed(map) => ordered::map(map.iter().filter_map(|(name, value)| pair(name, value.clone()))),
        }
    }

    /// Returns the home directory: `HOME`; on Windows then `USERPROFILE`, then `HOMEDRIVE` and `HOMEPATH` together; for
    /// the process finally the one that the operating system reports.
    pub fn home(&self) -> Option<PathBuf> {
        if let Some(home) = self.path("HOME") {
            return Some(home);
        }
        if cfg!(windows) {
            if let Some(home) = self.path("USERPROFILE") {
                return Some(home);
            }
            if let (Some(mut drive), Some(path)) = (self.get_os("HOMEDRIVE"), self.get_os("HOMEPATH")) {
                drive.push(path);
                return Some(drive.into());
            }
        }
        match self.0 {
            Variables::Process => std::env::home_dir(),
            Variables::Fixed(_) => None,
        }
    }

    fn get_os(&self, name: &str) -> Option<OsString> {
        match &self.0 {
            #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment of the process")]
            Variables::Process => std::env::var_os(name),
            Variables::Fixed(map) => map.get(name).map(OsString::from),
        }
        .filter(|value| !value.is_empty())
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self::process()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let map = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self(Variables::Fixed(Arc::new(map)))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Variables::Process => f.write_str("Environment(process)"),
            Variables::Fixed(map) => f.debug_list().entries(map.keys()).finish(),
        }
    }
}

fn lossy(value: OsString) -> String {
    value.into_string().unwrap_or_else(|value| value.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_count_as_unset() {
        let environment = Environment::from_iter([("A", ""), ("B", "b")]);
        assert_eq!(environment.get("A"), None);
        assert_eq!(environment.get("B").as_deref(), Some("b"));
        assert_eq!(environment.get("C"), None);
        assert_eq!(environment.home(), None);
    }

    #[test]
    fn with_prefix_strips_the_prefix_and_omits_empty_values() {
        let environment = Environment::from_iter([("X_A", "1"), ("X_B", ""), ("X_", "2"), ("XA", "3")]);
        let found = environment.with_prefix("X_");
        let found: Vec<_> = found.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(found, [("", "2"), ("A", "1")]);
    }

    #[test]
    fn debug_shows_names_only() {
        let environment = Environment::from_iter([("AWS_SECRET_ACCESS_KEY", "hidden")]);
        assert_eq!(format!("{environment:?}"), r#"["AWS_SECRET_ACCESS_KEY"]"#);
    }

    #[test]
    fn the_process_environment_is_read() {
        assert!(Environment::process().get("PATH").is_some());
        assert!(!Environment::process().with_prefix("PAT").is_empty());
    }
}
