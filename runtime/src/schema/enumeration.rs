//! The string inside a string enumeration. Unknown values survive a round trip, and equal strings are equal piece by
//! piece, so that constants are patterns. Knows no enumeration by name.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The string that every generated string enumeration wraps.
///
/// Each string has one form. That is what makes the derived equality, which `match` demands of a constant, the equality
/// of strings: up to 22 bytes are held in place; longer, it is a known value of the enumeration or the value's own copy.
/// So an enumeration makes it from a string with its own known values only.
#[derive(Clone, PartialEq, Eq)]
pub struct EnumString(Form);

#[derive(Clone, PartialEq, Eq)]
enum Form {
    /// The length and the bytes, of which those after the length are zero.
    Short(u8, [u8; SHORT]),
    /// One of the known values; longer than a short one.
    Known(&'static str),
    /// None of the known values; longer than a short one.
    Unknown(Box<str>),
}

/// How many bytes are held in place: as many as fit without making [`EnumString`] larger than a [`String`]. Nine of ten
/// values in the models do.
pub const SHORT: usize = 22;

/// Finds a string that is too long to be held in place among the known values of an enumeration.
pub(crate) type FindLong = fn(&str) -> Option<&'static str>;

/// The known values of an enumeration, which its tag carries.
pub trait EnumValues: PartialEq + Sized + 'static {
    /// The strings, as they are sent and received.
    const VALUES: &'static [&'static str];
}

/// [`FindLong`] of what has no long known values.
pub(crate) const NO_LONG: FindLong = |_| None;

/// [`FindLong`] of an enumeration.
pub(crate) fn find_long<N: EnumValues>(value: &str) -> Option<&'static str> {
    find_value(N::VALUES, value)
}

fn find_value(values: &[&'static str], value: &str) -> Option<&'static str> {
    values.iter().find(|it| **it == value).copied()
}

/// What the enumeration `E` is made from and compared with: strings, but no other enumeration.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value of `{E}`",
    label = "expected a constant of `{E}` or a string"
)]
pub trait EnumValue<E> {
    /// The string.
    fn enum_value(&self) -> &str;
}

macro_rules! strings {
    ($($ty:ty),*) => {$(
        impl<E> EnumValue<E> for $ty {
            #[inline]
            fn enum_value(&self) -> &str {
                self
            }
        }
    )*};
}

strings!(str, String, Cow<'_, str>, Box<str>);

impl<E, T: EnumValue<E> + ?Sized> EnumValue<E> for &T {
    #[inline]
    fn enum_value(&self) -> &str {
        (**self).enum_value()
    }
}

impl EnumString {
    /// Returns a known value, for constants: if it is longer than [`SHORT`], it must be among the values that the
    /// enumeration makes other strings with.
    pub const fn known(value: &'static str) -> Self {
        match short(value) {
            Some((len, bytes)) => Self(Form::Short(len, bytes)),
            None => Self(Form::Known(value)),
        }
    }

    /// Returns the form of a string for the enumeration with the tag `N`.
    pub fn new<N: EnumValues>(value: &str) -> Self {
        Self::with_long(value, find_long::<N>)
    }

    /// Returns the form of a string; `find` knows the long values of the enumeration.
    pub(crate) fn with_long(value: &str, find: FindLong) -> Self {
        Self(match short(value) {
            Some((len, bytes)) => Form::Short(len, bytes),
            None => find(value).map_or_else(|| Form::Unknown(value.into()), Form::Known),
        })
    }

    /// The string, as it is sent and received.
    pub const fn as_str(&self) -> &str {
        match &self.0 {
            // Always whole and UTF-8, as `short` copied it.
            Form::Short(len, bytes) => match str::from_utf8(bytes.split_at(*len as usize).0) {
                Ok(value) => value,
                Err(_) => "",
            },
            Form::Known(value) => value,
            Form::Unknown(value) => value,
        }
    }
}

/// The length and the bytes of a string that is held in place; `None` if it is too long.
const fn short(value: &str) -> Option<(u8, [u8; SHORT])> {
    let value = value.as_bytes();
    if value.len() > SHORT {
        return None;
    }
    let mut bytes = [0; SHORT];
    bytes.split_at_mut(value.len()).0.copy_from_slice(value);
    Some((value.len() as u8, bytes))
}

impl Default for EnumString {
    /// The empty string.
    fn default() -> Self {
        Self::known("")
    }
}

/// The hash of the string, so that a map is searched with a string too.
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

    #[derive(PartialEq)]
    enum Tag {}

    const LONG: &str = "a value of thirty-one bytes ...";

    impl EnumValues for Tag {
        const VALUES: &'static [&'static str] = &["STANDARD", LONG, "twenty-two bytes long."];
    }

    #[test]
    fn a_string_in_place_costs_no_space() {
        assert_eq!(size_of::<EnumString>(), size_of::<String>());
        assert_eq!(size_of::<Option<EnumString>>(), size_of::<String>());
    }

    #[test]
    fn equality_order_hash_and_debug_are_those_of_strings() {
        let hashes = RandomState::new();
        let values = [
            "",
            "a",
            "STANDARD",
            "STANDARD\0",
            "ä",
            "日本語日本語日",
            "twenty-two bytes long.",
            "twenty-three bytes long",
            "twenty-three bytes lonG",
            LONG,
            "no value of the enumeration, and long",
        ];
        let forms = |value: &'static str| {
            let copied = [EnumString::new::<Tag>(value), EnumString::with_long(value, find_long::<Tag>)];
            let constant = Tag::VALUES.iter().find(|it| **it == value).map(|it| EnumString::known(it));
            copied.into_iter().chain(constant)
        };
        for left in values {
            for right in values {
                for (a, b) in forms(left).flat_map(|a| forms(right).map(move |b| (a.clone(), b))) {
                    assert_eq!((a.as_str(), b.as_str()), (left, right));
                    assert_eq!((a == b, a.cmp(&b)), (left == right, left.cmp(right)), "{a:?} {b:?}");
                    assert_eq!(hashes.hash_one(&a) == hashes.hash_one(&b), left == right, "{a:?} {b:?}");
                    assert_eq!(hashes.hash_one(&a), hashes.hash_one(left));
                    assert_eq!(format!("{a:?}"), format!("{left:?}"));
                }
            }
        }
    }

    #[test]
    fn only_long_unknown_values_are_copied_to_the_heap() {
        for length in 0..=40 {
            let value = "x".repeat(length);
            let copied = EnumString::new::<Tag>(&value);
            assert_eq!(matches!(copied.0, Form::Short(..)), length <= SHORT, "{length}");
            assert_eq!(matches!(copied.0, Form::Unknown(_)), length > SHORT, "{length}");
        }
        assert!(matches!(EnumString::new::<Tag>(LONG).0, Form::Known(_)));
    }
}
