//! The two shared files on disk: their paths, and reading them. Knows no format.

use std::fs::File;
use std::io::{ErrorKind as Io, Read};
use std::path::{Path, PathBuf};

use crate::config::Environment;
use crate::config::profile::Profiles;
use crate::{Error, ErrorKind, Result};

/// Larger files are an error. Our choice: thousands of profiles have some hundred KiB, and a device may never end.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The paths of the shared config file and the shared credentials file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileFiles {
    /// The config file; `None` if there is no home directory to look in.
    pub config: Option<PathBuf>,
    /// The credentials file; `None` in the same case.
    pub credentials: Option<PathBuf>,
    pub(super) config_origin: PathOrigin,
    pub(super) credentials_origin: PathOrigin,
}

/// Where the path of a file came from: decides whether the file may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathOrigin {
    /// Code: it must exist.
    Code,
    /// A variable: it may be missing, because tools set the variable before they write the file.
    Variable,
    /// The default path: it may be missing or unreadable for lack of permission.
    Default,
}

impl ProfileFiles {
    /// Determines the paths from `environment`: `AWS_CONFIG_FILE`, else `.aws/config` in the home directory, and
    /// `AWS_SHARED_CREDENTIALS_FILE`, else `.aws/credentials`. A `~` at the start and variables (`$NAME`, `${NAME}`) in
    /// the paths are replaced.
    pub fn locate(environment: &Environment) -> Self {
        Self::locate_with(environment, None, None)
    }

    /// As [`locate`](Self::locate), with paths set in code, which win.
    pub(super) fn locate_with(environment: &Environment, config: Option<&Path>, credentials: Option<&Path>) -> Self {
        let find = |explicit: Option<&Path>, variable, name| {
            if let Some(path) = explicit {
                (Some(expand_path(path.to_owned(), environment)), PathOrigin::Code)
            } else if let Some(path) = environment.path(variable) {
                (Some(expand_path(path, environment)), PathOrigin::Variable)
            } else {
                (environment.home().map(|home| home.join(".aws").join(name)), PathOrigin::Default)
            }
        };
        let (config, config_origin) = find(config, "AWS_CONFIG_FILE", "config");
        let (credentials, credentials_origin) = find(credentials, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
        Self { config, credentials, config_origin, credentials_origin }
    }

    /// Reads and parses both files.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] naming the file that is malformed, not UTF-8, cannot be read, or is missing although its
    /// path was set in code.
    pub fn read(&self) -> Result<Profiles> {
        let config = read(self.config.as_deref(), self.config_origin)?;
        let credentials = read(self.credentials.as_deref(), self.credentials_origin)?;
        Profiles::parse(
            config.as_ref().map(|(path, text)| (&**path, &**text)),
            credentials.as_ref().map(|(path, text)| (&**path, &**text)),
        )
    }

    /// Both paths, for messages: `/a and /b`.
    pub(super) fn describe(&self) -> String {
        let paths: Vec<_> = [&self.config, &self.credentials].into_iter().flatten().map(|it| it.display()).collect();
        match &paths[..] {
            [one, other] => format!("{one} and {other}"),
            [one] => one.to_string(),
            _ => "no file, because there is no home directory".to_owned(),
        }
    }
}

/// Returns path and contents of a file; `None` if it is missing and may be.
fn read(path: Option<&Path>, origin: PathOrigin) -> Result<Option<(String, String)>> {
    let Some(path) = path else { return Ok(None) };
    let printable = path.display().to_string();
    let config_error = |problem: String| Error::new(ErrorKind::Config, format!("profile file {printable} {problem}"));
    let bytes = match read_limited(path) {
        Ok(bytes) => bytes,
        Err(problem) => match (problem.kind(), origin) {
            (Io::NotFound | Io::NotADirectory, PathOrigin::Variable | PathOrigin::Default) => return Ok(None),
            (Io::PermissionDenied, PathOrigin::Default) => {
                tracing::warn!(path = %printable, "no permission to read the profile file, continuing without it");
                return Ok(None);
            }
            _ => {
                return Err(config_error(format!("cannot be read: {problem}")).with_source(problem));
            }
        },
    };
    let text = String::from_utf8(bytes).map_err(|problem| {
        let valid = &problem.as_bytes()[..problem.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|&&it| it == b'\n').count() + 1;
        config_error(format!("is not UTF-8 in line {line}"))
    })?;
    Ok(Some((printable, text)))
}

/// The contents of a file, which may be a pipe or empty device, as in a shell's `<(…)`.
fn read_limited(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_BYTES {
        true => Err(std::io::Error::new(Io::FileTooLarge, format!("it has more than {MAX_BYTES} bytes"))),
        false => Ok(bytes),
    }
}

/// Replaces a `~` at the start, then variables; a variable that is not set stays in the path.
pub(super) fn expand_path(path: PathBuf, environment: &Environment) -> PathBuf {
    let Some(text) = path.to_str() else { return path };
    let (mut out, mut rest) = match (text.strip_prefix('~'), environment.home()) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with(std::path::is_separator) => {
            (home.to_string_lossy().into_owned(), rest)
        }
        _ => (String::with_capacity(text.len()), text),
    };
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let is_name_char = |char: char| char.is_ascii_alphanumeric() || char == '_';
        let (length, name) = match after.strip_prefix('{').and_then(|it| it.split_once('}')) {
            Some((name, _)) => (name.len() + 2, name),
            None => {
                let end = after.find(|char| !is_name_char(char)).unwrap_or(after.len());
                (end, &after[..end])
            }
        };
        match environment.get(name) {
            Some(value) => out.push_str(&value),
            None => {
                out.push('$');
                out.push_str(&after[..length]);
            }
        }
        rest = &after[length..];
    }
    out.push_str(rest);
    PathBuf::from(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_from_variables_then_the_home_directory() {
        let check = |pairs: &[(&str, &str)], config: Option<&str>, credentials: Option<&str>| {
            let files = ProfileFiles::locate(&Environment::from_iter(pairs.iter().copied()));
            let paths = [files.config, files.credentials];
            assert_eq!(paths, [config, credentials].map(|it| it.map(PathBuf::from)), "{pairs:?}");
        };
        check(&[], None, None);
        check(&[("HOME", "/h")], Some("/h/.aws/config"), Some("/h/.aws/credentials"));
        check(&[("HOME", "/h"), ("AWS_CONFIG_FILE", "/c")], Some("/c"), Some("/h/.aws/credentials"));
        check(&[("AWS_SHARED_CREDENTIALS_FILE", "/k")], None, Some("/k"));
        check(
            &[("HOME", "/h"), ("AWS_CONFIG_FILE", "~/c"), ("AWS_SHARED_CREDENTIALS_FILE", "~x/k")],
            Some("/h/c"),
            Some("~x/k"),
        );
        check(
            &[("A", "/a"), ("AWS_CONFIG_FILE", "$A/${A}b/$B/${B}/$"), ("AWS_SHARED_CREDENTIALS_FILE", "${A")],
            Some("/a//ab/$B/${B}/$"),
            Some("${A"),
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_device_may_be_empty_but_not_endless() {
        let read = |path: &str| ProfileFiles::locate(&Environment::from_iter([("AWS_CONFIG_FILE", path)])).read();
        assert_eq!(read("/dev/null").expect("empty").names().count(), 0);
        let error = read("/dev/zero").expect_err("endless");
        assert_eq!(error.to_string(), "profile file /dev/zero cannot be read: it has more than 16777216 bytes");
    }

    #[test]
    fn both_paths_are_described() {
        let describe =
            |pairs: &[(&str, &str)]| ProfileFiles::locate(&Environment::from_iter(pairs.iter().copied())).describe();
        assert_eq!(describe(&[("HOME", "/h")]), "/h/.aws/config and /h/.aws/credentials");
        assert_eq!(describe(&[("AWS_CONFIG_FILE", "/c")]), "/c");
        assert_eq!(describe(&[]), "no file, because there is no home directory");
    }
}
