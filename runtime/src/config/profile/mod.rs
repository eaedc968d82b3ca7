//! The shared config and credentials files: profiles, sso-sessions and services sections, merged. Parses strings, opens
//! no files, and knows no key by name.

mod parse;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::types::{Entry, Map};
use crate::{Error, ErrorKind, Result};
use parse::RawProperty;

/// The merged contents of the shared config file and the shared credentials file.
///
/// The format is the one of the AWS SDKs and tools: `[default]`, `[profile NAME]`, `[sso-session NAME]` and `[services
/// NAME]` in the config file, `[NAME]` in the credentials file; `key = value` or `key: value` lines; nested blocks of one
/// level under a key without a value; `#` and `;` comments. In the config file, names with spaces are quoted: `[profile
/// "my profile"]`. Keys are case-insensitive. A later value replaces an earlier one, a value of the credentials file
/// replaces one of the config file, and `[profile default]` replaces `[default]`. Sections with other names are ignored, as
/// are keys with spaces.
///
/// A section with a line that breaks the format is an error where it is used: see [`Section::check`].
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    profiles: Map<String, Section>,
    sso_sessions: Map<String, Section>,
    services: Map<String, Section>,
    ignored: Vec<IgnoredSection>,
    /// The faults of sections that are ignored.
    ignored_faults: Vec<Fault>,
}

/// One profile, sso-session or services section. `Debug` prints keys, never values.
#[derive(Clone)]
pub struct Section {
    name: String,
    location: FileLine,
    properties: Map<String, Property>,
    faults: Vec<Fault>,
}

/// A line that breaks the format.
#[derive(Clone)]
struct Fault {
    location: FileLine,
    message: &'static str,
}

#[derive(Clone)]
struct Property {
    value: String,
    location: FileLine,
    /// The line numbers of the continuations.
    continued: Vec<usize>,
}

/// A location in one of the two files: displayed as `PATH, line N`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLine {
    file: ProfileFile,
    path: Arc<str>,
    line: usize,
}

/// One of the two shared files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileFile {
    /// The config file, by default `~/.aws/config`.
    Config,
    /// The credentials file, by default `~/.aws/credentials`.
    Credentials,
}

/// A section that is not a profile because of how its name is written.
#[derive(Clone, Debug)]
struct IgnoredSection {
    /// The text between the brackets.
    header: String,
    name: String,
    location: FileLine,
    reason: &'static str,
}

impl Profiles {
    /// Parses the two files, each passed as its path (for messages) and its contents.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with path and line, if a file does not begin with a section. Faults in a section are returned
    /// by [`Section::check`].
    pub fn parse(config: Option<(&str, &str)>, credentials: Option<(&str, &str)>) -> Result<Self> {
        let mut profiles = Self::default();
        let files = [(ProfileFile::Config, config), (ProfileFile::Credentials, credentials)];
        for (file, contents) in files {
            if let Some((path, text)) = contents {
                profiles.add(file, path, text)?;
            }
        }
        Ok(profiles)
    }

    /// Returns the profile `name`.
    pub fn profile(&self, name: &str) -> Option<&Section> {
        self.profiles.get(name)
    }

    /// Returns the section `[sso-session NAME]`.
    pub fn sso_session(&self, name: &str) -> Option<&Section> {
        self.sso_sessions.get(name)
    }

    /// Returns the section `[services NAME]`.
    pub fn services(&self, name: &str) -> Option<&Section> {
        self.services.get(name)
    }

    /// Returns the names of all profiles, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// Returns the names of all sso-sessions, sorted.
    pub fn sso_session_names(&self) -> impl Iterator<Item = &str> {
        self.sso_sessions.keys().map(String::as_str)
    }

    /// Explains why a section that was probably meant as the profile `name` is ignored, if there is one.
    pub fn near_miss(&self, name: &str) -> Option<String> {
        let IgnoredSection { header, location, reason, .. } = self.ignored.iter().find(|it| it.name == name)?;
        Some(format!("section [{header}] at {location} is ignored: {reason}"))
    }

    /// Describes all lines that break the format, in sections that are used or not: `PATH, line N: PROBLEM`.
    pub fn faults(&self) -> impl Iterator<Item = String> {
        let sections = [&self.profiles, &self.sso_sessions, &self.services].into_iter().flat_map(Map::values);
        sections.flat_map(|it| &it.faults).chain(&self.ignored_faults).map(ToString::to_string)
    }

    fn add(&mut self, file: ProfileFile, path: &str, text: &str) -> Result<()> {
        let path = Arc::<str>::from(path);
        let location = |line| FileLine { file, path: Arc::clone(&path), line };
        let fault = |it: parse::Fault| Fault { location: location(it.line), message: it.message };
        let sections = parse::parse(text).map_err(|it| fault(it).into_error())?;
        let kinds: Vec<_> = sections.iter().map(|it| classify(it.name, file)).collect();
        let is_default_prefixed = kinds
            .iter()
            .flatten()
            .any(|(kind, name)| *kind == Kind::Profile { prefixed: true } && name == DEFAULT_PROFILE);
        for (raw, kind) in sections.into_iter().zip(kinds) {
            let (kind, name) = match kind {
                Ok(found) => found,
                Err((name, reason)) => {
                    let header = raw.name.to_owned();
                    self.ignored.push(IgnoredSection { header, name, location: location(raw.line), reason });
                    self.ignored_faults.extend(raw.faults.into_iter().map(fault));
                    continue;
                }
            };
            let sections = match kind {
                Kind::Profile { prefixed } => {
                    let is_replaced = is_default_prefixed && !prefixed && name == DEFAULT_PROFILE;
                    if is_replaced {
                        self.ignored_faults.extend(raw.faults.into_iter().map(fault));
                        continue;
                    }
                    &mut self.profiles
                }
                Kind::SsoSession => &mut self.sso_sessions,
                Kind::Services => &mut self.services,
            };
            let section = match sections.entry(name) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    let name = entry.key().clone();
                    let (properties, faults) = (Map::empty(), Vec::new());
                    entry.insert(Section { name, location: location(raw.line), properties, faults })
                }
            };
            section.faults.extend(raw.faults.into_iter().map(fault));
            for property in raw.properties.into_iter().filter(|it| is_plain_name(it.key)) {
                let location = location(property.line);
                let RawProperty { key, value, continued, .. } = property;
                section.properties.insert(key.to_ascii_lowercase(), Property { value, location, continued });
            }
        }
        Ok(())
    }
}

impl Fault {
    fn into_error(self) -> Error {
        Error::new(ErrorKind::Config, self.to_string())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.message)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Section {
    /// Checks that the section has the format of a profile file. A session checks the sections that it uses, and warns of
    /// faults in others.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with path and line of the first line that breaks the format.
    pub fn check(&self) -> Result<()> {
        self.faults.first().map_or(Ok(()), |it| Err(it.clone().into_error()))
    }

    /// Returns the name, without the keyword `profile` and without quotes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the location of the section's first header.
    pub fn location(&self) -> &FileLine {
        &self.location
    }

    /// Returns the value of `key` (in lower case), `None` if it is missing or empty. Continuation lines are joined by
    /// `\n`, and a nested block starts with one.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.raw(key).filter(|value| !value.is_empty())
    }

    /// Returns the value of `key` inside the nested block `block` (both in lower case), `None` if it is missing or
    /// empty.
    pub fn nested(&self, block: &str, key: &str) -> Option<&str> {
        let found = parse::nested(self.get(block)?).filter(|(name, ..)| name == key).last();
        found.map(|(_, value, _)| value).filter(|value| !value.is_empty())
    }

    /// Returns the location of `key`.
    pub fn location_of(&self, key: &str) -> Option<&FileLine> {
        self.properties.get(key).map(|it| &it.location)
    }

    /// Returns the location of `key` inside the nested block `block`.
    pub fn location_of_nested(&self, block: &str, key: &str) -> Option<FileLine> {
        let Property { value, location, continued } = self.properties.get(block)?;
        let (.., index) = parse::nested(value).filter(|(name, ..)| name == key).last()?;
        Some(FileLine { line: *continued.get(index)?, ..location.clone() })
    }

    /// Returns all keys, sorted, with their values, including empty ones.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.properties.iter().map(|(key, it)| (key.as_str(), it.value.as_str()))
    }

    fn raw(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(|it| it.value.as_str())
    }
}

impl FileLine {
    /// Returns which of the two files it is.
    pub fn file(&self) -> ProfileFile {
        self.file
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the number of the line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for FileLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.path, self.line)
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.properties.keys().collect();
        f.debug_struct("Section").field("name", &self.name).field("keys", &keys).finish()
    }
}

/// The profile that is used if none is named, and the only one that may be missing.
pub const DEFAULT_PROFILE: &str = "default";

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Profile { prefixed: bool },
    SsoSession,
    Services,
}

type Classified = Result<(Kind, String), (String, &'static str)>;

/// The kind and name of a section, from the text between its brackets in `file`. For a section to ignore, the unquoted
/// name and the reason.
fn classify(header: &str, file: ProfileFile) -> Classified {
    let (keyword, rest) = match header.split_once([' ', '\t']) {
        Some((keyword, rest)) => (keyword, rest.trim_matches([' ', '\t'])),
        None => (header, ""),
    };
    let unquoted = |name: &str| unquote(name).unwrap_or_else(|| name.to_owned());
    let (kind, name) = match (file, keyword, rest) {
        (ProfileFile::Config, "profile", name) => (Kind::Profile { prefixed: true }, name),
        (ProfileFile::Config, "sso-session", name) => (Kind::SsoSession, name),
        (ProfileFile::Config, "services", name) => (Kind::Services, name),
        (ProfileFile::Config, DEFAULT_PROFILE, "") => (Kind::Profile { prefixed: false }, DEFAULT_PROFILE),
        (ProfileFile::Config, ..) => {
            return Err((unquoted(header), "the config file names a profile as [profile NAME]"));
        }
        (ProfileFile::Credentials, "profile", name) if !name.is_empty() => {
            return Err((unquoted(name), "the credentials file names a profile as [NAME]"));
        }
        // As boto3 reads it: the whole text between the brackets.
        (ProfileFile::Credentials, ..) if !header.is_empty() => {
            return Ok((Kind::Profile { prefixed: false }, unquoted(header)));
        }
        (ProfileFile::Credentials, ..) => (Kind::Profile { prefixed: false }, header),
    };
    unquote(name).map(|name| (kind, name)).ok_or_else(|| (name.to_owned(), "a name with spaces must be in quotes"))
}

/// Unquotes a name as a shell does with a single word, parts of which may be in single or double quotes; `None` if it is
/// more than one. boto3 does the same (`shlex.split`).
fn unquote(text: &str) -> Option<String> {
    let mut name = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if !matches!(char, '"' | '\'') {
            match char {
                '\\' => name.push(chars.next()?),
                _ if char.is_whitespace() => return None,
                _ => name.push(char),
            }
            continue;
        }
        loop {
            match chars.next()? {
                end if end == char => break,
                '\\' if char == '"' => match chars.next()? {
                    escaped @ ('"' | '\\') => name.push(escaped),
                    other => name.extend(['\\', other]),
                },
                inside => name.push(inside),
            }
        }
    }
    Some(name).filter(|name| !name.is_empty())
}

fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_plain)
}

fn is_plain(char: char) -> bool {
    char.is_alphanumeric() || "_-./%@:+".contains(char)
}
