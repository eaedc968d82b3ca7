//! The text of a string enumeration. Unknown values survive a round trip; known ones cost no allocation.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// What every generated string enumeration wraps. Which of the two it is makes no difference to what it is equal to.
#[derive(Clone)]
#[expect(missing_docs, reason = "what the variants are is what their fields are")]
pub enum EnumText {
    Known(&'static str),
    Other(String),
}

impl EnumText {
    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(text) => text,
            Self::Other(text) => text,
        }
    }
}

impl Default for EnumText {
    /// The empty text.
    fn default() -> Self {
        Self::Known("")
    }
}

impl From<String> for EnumText {
    fn from(text: String) -> Self {
        Self::Other(text)
    }
}

impl PartialEq for EnumText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for EnumText {}

impl Hash for EnumText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialOrd for EnumText {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EnumText {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Debug for EnumText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}
