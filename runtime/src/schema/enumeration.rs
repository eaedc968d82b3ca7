//! The string inside a string enumeration. Unknown values survive a round trip; known values need no allocation.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The string that every generated string enumeration wraps. Equality, order and hash depend on the string alone, not
/// on the variant.
#[derive(Clone)]
#[expect(missing_docs, reason = "the variants are explained by their fields")]
pub enum EnumString {
    Known(&'static str),
    Other(String),
}

impl EnumString {
    /// The string, as it is sent and received.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(value) => value,
            Self::Other(value) => value,
        }
    }
}

impl Default for EnumString {
    /// The empty string.
    fn default() -> Self {
        Self::Known("")
    }
}

impl From<String> for EnumString {
    fn from(value: String) -> Self {
        Self::Other(value)
    }
}

impl PartialEq for EnumString {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for EnumString {}

impl Hash for EnumString {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialOrd for EnumString {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EnumString {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Debug for EnumString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}
