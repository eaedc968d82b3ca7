//! The string inside a string enumeration. Unknown values survive a round trip; constants and short values that were
//! received need no allocation.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The string that every generated string enumeration wraps. Equality, order and hash depend on the string alone, not
/// on the variant.
#[derive(Clone)]
#[allow(missing_docs, reason = "the variants are explained by their fields")]
pub enum EnumString {
    Known(&'static str),
    Short(ShortString),
    Other(String),
}

/// How many bytes a [`ShortString`] holds: as many as fit beside its length without making [`EnumString`] larger than a
/// [`String`].
const SHORT: usize = 15;

/// A string of up to 15 bytes, in place.
#[derive(Clone, Copy)]
pub struct ShortString {
    len: u8,
    bytes: [u8; SHORT],
}

impl ShortString {
    /// Copies the string; `None` if it is too long.
    pub(crate) const fn new(value: &str) -> Option<Self> {
        let value = value.as_bytes();
        if value.len() > SHORT {
            return None;
        }
        let mut bytes = [0; SHORT];
        bytes.split_at_mut(value.len()).0.copy_from_slice(value);
        Some(Self { len: value.len() as u8, bytes })
    }

    pub(crate) const fn as_str(&self) -> &str {
        // Always whole and UTF-8, as `new` copied it.
        match std::str::from_utf8(self.bytes.split_at(self.len as usize).0) {
            Ok(value) => value,
            Err(_) => "",
        }
    }
}

impl EnumString {
    /// The string, as it is sent and received.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(value) => value,
            Self::Short(value) => value.as_str(),
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

impl From<Cow<'_, str>> for EnumString {
    fn from(value: Cow<'_, str>) -> Self {
        match ShortString::new(&value) {
            Some(short) => Self::Short(short),
            None => Self::Other(value.into_owned()),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::{BuildHasher, RandomState};

    #[test]
    fn a_short_string_costs_no_space() {
        assert_eq!(size_of::<EnumString>(), size_of::<String>());
        assert_eq!(size_of::<Option<EnumString>>(), size_of::<String>());
    }

    #[test]
    fn equality_order_hash_and_debug_depend_on_the_string_alone() {
        let hashes = RandomState::new();
        let values =
            ["", "a", "STANDARD", "ä", "ééééééé", "fifteen_bytes__", "sixteen_bytes___", "ééééééé ", "日本語日本語"];
        let variants = |value: &'static str| {
            [EnumString::Known(value), EnumString::from(Cow::Borrowed(value)), EnumString::from(value.to_owned())]
        };
        for left in values {
            for right in values {
                for (a, b) in variants(left).iter().flat_map(|a| variants(right).map(|b| (a.clone(), b))) {
                    assert_eq!((a.as_str(), b.as_str()), (left, right));
                    assert_eq!((a == b, a.cmp(&b)), (left == right, left.cmp(right)), "{a:?} {b:?}");
                    assert_eq!(hashes.hash_one(&a) == hashes.hash_one(&b), left == right, "{a:?} {b:?}");
                    assert_eq!(format!("{a:?}"), format!("{left:?}"));
                }
            }
        }
    }

    #[test]
    fn strings_of_up_to_15_bytes_are_held_in_place() {
        for length in 0..=40 {
            let value = "x".repeat(length);
            let copied = EnumString::from(Cow::Borrowed(&*value));
            assert_eq!(matches!(copied, EnumString::Short(_)), length <= SHORT, "{length}");
            assert_eq!(copied.as_str(), value);
        }
    }
}
