//! The shared config and credentials files: profiles, sso-sessions and services sections, merged. Reads text, not files;
//! knows no key by name.

mod parse;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::Arc;

use crate::{Error, ErrorKind, Result};
use parse::RawProperty;

/// Everything the shared config file and the shared credentials file say.
///
/// The format is the one of the AWS SDKs and tools: `[default]`, `[profile NAME]`, `[sso-session NAME]` and
/// `[services NAME]` in the config file, `[NAME]` in the credentials file; `key = value` lines; nested blocks of one level
/// under a key without a value; `#` and `;` comments. Names with spaces are quoted: `[profile "my profile"]`. Keys are
/// case-insensitive. A later value replaces an earlier one, the credentials file the config file, and
/// `[profile default]` replaces `[default]`. Sections with another name are ignored, as are keys with spaces.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    profiles: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
    ignored: Vec<Ignored>,
}

/// One profile, sso-session or services section. `Debug` prints keys, never values.
#[derive(Clone)]
pub struct Section {
    name: String,
    place: Place,
    properties: BTreeMap<String, Property>,
}

#[derive(Clone)]
struct Property {
    value: String,
    place: Place,
    /// The lines of the continuations.
    continued: Vec<usize>,
}

/// Where something stands: displayed as `PATH, line N`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    file: ProfileFile,
    path: Arc<str>,
    line: usize,
}

/// One of the two shared files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileFile {
    /// The config file, by default `~/.aws/config`.
    Config,
    /// The credentials file, by default `~/.aws/credentials`.
    Credentials,
}

/// A section that is no profile because of how its name is written.
#[derive(Clone, Debug)]
struct Ignored {
    text: String,
    name: String,
    place: Place,
    reason: &'static str,
}

impl Profiles {
    /// Reads the two files, each given as its path (for messages) and its text.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with path and line of the first line that breaks the format.
    pub fn parse(config: Option<(&str, &str)>, credentials: Option<(&str, &str)>) -> Result<Self> {
        let mut profiles = Self::default();
        let files = [(ProfileFile::Config, config), (ProfileFile::Credentials, credentials)];
        for (file, given) in files {
            if let Some((path, text)) = given {
                profiles.add(file, path, text)?;
            }
        }
        Ok(profiles)
    }

    /// The profile `name`.
    pub fn profile(&self, name: &str) -> Option<&Section> {
        self.profiles.get(name)
    }

    /// The section `[sso-session NAME]`.
    pub fn sso_session(&self, name: &str) -> Option<&Section> {
        self.sso_sessions.get(name)
    }

    /// The section `[services NAME]`.
    pub fn services(&self, name: &str) -> Option<&Section> {
        self.services.get(name)
    }

    /// The names of all profiles, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// The names of all sso-sessions, sorted.
    pub fn sso_session_names(&self) -> impl Iterator<Item = &str> {
        self.sso_sessions.keys().map(String::as_str)
    }

    /// Why a section that looks as if it were meant to be the profile `name` is none.
    pub fn near_miss(&self, name: &str) -> Option<String> {
        let Ignored { text, place, reason, .. } = self.ignored.iter().find(|it| it.name == name)?;
        Some(format!("section [{text}] at {place} is ignored: {reason}"))
    }

    fn add(&mut self, file: ProfileFile, path: &str, text: &str) -> Result<()> {
        let sections = parse::parse(text).map_err(|problem| {
            let message = format!("{path}, line {}: {}", problem.line, problem.message);
            Error::new(ErrorKind::Config, message)
        })?;
        let path = Arc::<str>::from(path);
        let place = |line| Place { file, path: Arc::clone(&path), line };
        let kinds: Vec<_> = sections.iter().map(|it| classify(it.name, file)).collect();
        let is_default_prefixed = kinds
            .iter()
            .flatten()
            .any(|(kind, name)| *kind == Kind::Profile { prefixed: true } && name == DEFAULT_PROFILE);
        for (raw, kind) in sections.into_iter().zip(kinds) {
            let (kind, name) = match kind {
                Ok(found) => found,
                Err((name, reason)) => {
                    let text = raw.name.to_owned();
                    self.ignored.push(Ignored { text, name, place: place(raw.line), reason });
                    continue;
                }
            };
            let sections = match kind {
                Kind::Profile { prefixed } => {
                    let is_replaced = is_default_prefixed && !prefixed && name == DEFAULT_PROFILE;
                    if is_replaced {
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
                    let properties = BTreeMap::new();
                    entry.insert(Section { name, place: place(raw.line), properties })
                }
            };
            for property in raw.properties.into_iter().filter(|it| is_plain_name(it.key)) {
                let place = place(property.line);
                let RawProperty { key, value, continued, .. } = property;
                section.properties.insert(key.to_ascii_lowercase(), Property { value, place, continued });
            }
        }
        Ok(())
    }
}

impl Section {
    /// The name, without the word `profile` and without quotes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the section first opens.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The value of `key` (in lower case), `None` if it is missing or empty. Continuation lines are joined by `\n`, and a
    /// nested block starts with one.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.raw(key).filter(|value| !value.is_empty())
    }

    /// The value of `key` inside the nested block `block` (both in lower case), `None` if it is missing or empty.
    pub fn nested(&self, block: &str, key: &str) -> Option<&str> {
        let found = parse::nested(self.get(block)?).filter(|(name, ..)| name == key).last();
        found.map(|(_, value, _)| value).filter(|value| !value.is_empty())
    }

    /// Where `key` stands.
    pub fn place_of(&self, key: &str) -> Option<&Place> {
        self.properties.get(key).map(|it| &it.place)
    }

    /// Where `key` stands inside the nested block `block`.
    pub fn place_of_nested(&self, block: &str, key: &str) -> Option<Place> {
        let Property { value, place, continued } = self.properties.get(block)?;
        let (.., at) = parse::nested(value).filter(|(name, ..)| name == key).last()?;
        Some(Place { line: *continued.get(at)?, ..place.clone() })
    }

    /// All keys, sorted, with their values; empty ones included.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.properties.iter().map(|(key, it)| (key.as_str(), it.value.as_str()))
    }

    fn raw(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(|it| it.value.as_str())
    }
}

impl Place {
    /// Which of the two files.
    pub fn file(&self) -> ProfileFile {
        self.file
    }

    /// The path of the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The number of the line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for Place {
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

/// The profile that is used when none is named, and the only one that may be missing.
pub const DEFAULT_PROFILE: &str = "default";

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Profile { prefixed: bool },
    SsoSession,
    Services,
}

type Classified = Result<(Kind, String), (String, &'static str)>;

/// What the text between the brackets says in `file`; if nothing, the bare name and the reason.
fn classify(text: &str, file: ProfileFile) -> Classified {
    let (word, rest) = match text.split_once([' ', '\t']) {
        Some((word, rest)) => (word, rest.trim_matches([' ', '\t'])),
        None => (text, ""),
    };
    let bare = |name: &str| unquote(name).unwrap_or_else(|| name.to_owned());
    let (kind, name) = match (file, word, rest) {
        (ProfileFile::Config, "profile", name) => (Kind::Profile { prefixed: true }, name),
        (ProfileFile::Config, "sso-session", name) => (Kind::SsoSession, name),
        (ProfileFile::Config, "services", name) => (Kind::Services, name),
        (ProfileFile::Config, DEFAULT_PROFILE, "") => (Kind::Profile { prefixed: false }, DEFAULT_PROFILE),
        (ProfileFile::Config, ..) => {
            return Err((bare(text), "the config file names a profile as [profile NAME]"));
        }
        (ProfileFile::Credentials, "profile", name) if !name.is_empty() => {
            return Err((bare(name), "the credentials file names a profile as [NAME]"));
        }
        (ProfileFile::Credentials, ..) => (Kind::Profile { prefixed: false }, text),
    };
    unquote(name)
        .map(|name| (kind, name))
        .ok_or_else(|| (name.to_owned(), "a name with spaces or special characters must be in quotes"))
}

/// A name as a shell would read it, if that is a single word: parts may stand in single or double quotes. Outside quotes
/// only letters, digits and `_-./%@:+` are names.
fn unquote(text: &str) -> Option<String> {
    let mut name = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if !matches!(char, '"' | '\'') {
            if !is_plain(char) {
                return None;
            }
            name.push(char);
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
