//! Attribute values from Rust's own types, and back. The same file is in the crates of DynamoDB and of its streams.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

use aws_core::types::{FromEntries, FromItems};
use aws_core::{Bytes, IntoMember, List, Map};

use crate::types::AttributeValue;

/// What is stored as a string, number, set, … has an accessor of the name that DynamoDB has for the type; it is `None` for
/// a value of another type.
impl AttributeValue {
    /// The string.
    #[inline]
    pub fn as_s(&self) -> Option<&str> {
        if let Self::S(it) = self { Some(it) } else { None }
    }

    /// The number, as the text that DynamoDB has for it: up to 38 digits, more than any type of Rust keeps.
    #[inline]
    pub fn as_n(&self) -> Option<&str> {
        if let Self::N(it) = self { Some(it) } else { None }
    }

    /// The number in a type of Rust, if it fits: `value.as_number::<i64>()`.
    #[inline]
    pub fn as_number<T: FromStr>(&self) -> Option<T> {
        self.as_n()?.parse().ok()
    }

    /// The bytes.
    #[inline]
    pub fn as_b(&self) -> Option<&Bytes> {
        if let Self::B(it) = self { Some(it) } else { None }
    }

    /// The Boolean.
    #[inline]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(it) = self { Some(*it) } else { None }
    }

    /// Whether it is null.
    #[inline]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null(true))
    }

    /// The values of a list.
    #[inline]
    pub fn as_l(&self) -> Option<&[Self]> {
        if let Self::L(it) = self { Some(it) } else { None }
    }

    /// The values of a map, by name.
    #[inline]
    pub fn as_m(&self) -> Option<&Map<String, Self>> {
        if let Self::M(it) = self { Some(it) } else { None }
    }

    /// The strings of a set.
    #[inline]
    pub fn as_ss(&self) -> Option<&[String]> {
        if let Self::Ss(it) = self { Some(it) } else { None }
    }

    /// The numbers of a set, as text.
    #[inline]
    pub fn as_ns(&self) -> Option<&[String]> {
        if let Self::Ns(it) = self { Some(it) } else { None }
    }

    /// The byte strings of a set.
    #[inline]
    pub fn as_bs(&self) -> Option<&[Bytes]> {
        if let Self::Bs(it) = self { Some(it) } else { None }
    }
}

/// `From`, and `IntoMember`, by which setters and `make!` take the type as it is.
macro_rules! from {
    ($([$($generics:tt)*] $from:ty: $it:ident => $value:expr;)*) => {$(
        impl<$($generics)*> From<$from> for AttributeValue {
            #[inline]
            fn from($it: $from) -> Self {
                $value
            }
        }

        impl<$($generics)*> IntoMember<AttributeValue> for $from {
            #[inline]
            fn into_member(self) -> AttributeValue {
                self.into()
            }
        }
    )*};
}

// No `u8`: a list of bytes is bytes, not a list of numbers.
from! {
    [] &str: it => Self::S(it.to_owned());
    [] String: it => Self::S(it);
    [] &String: it => Self::S(it.clone());
    [] i16: it => Self::N(it.to_string());
    [] i32: it => Self::N(it.to_string());
    [] i64: it => Self::N(it.to_string());
    [] i128: it => Self::N(it.to_string());
    [] isize: it => Self::N(it.to_string());
    [] u16: it => Self::N(it.to_string());
    [] u32: it => Self::N(it.to_string());
    [] u64: it => Self::N(it.to_string());
    [] u128: it => Self::N(it.to_string());
    [] usize: it => Self::N(it.to_string());
    [] f32: it => Self::N(it.to_string());
    [] f64: it => Self::N(it.to_string());
    [] bool: it => Self::Bool(it);
    [] (): _it => Self::Null(true);
    [] Bytes: it => Self::B(it.into());
    [] Vec<u8>: it => Self::B(Box::new(it.into()));
    [] &[u8]: it => Self::B(Box::new(Bytes::copy_from_slice(it)));
    [const N: usize] &[u8; N]: it => Self::B(Box::new(Bytes::copy_from_slice(it)));
    [T: Into<AttributeValue>] Vec<T>: it => it.into_iter().collect();
    [T: Into<AttributeValue>, const N: usize] [T; N]: it => it.into_iter().collect();
    [T: Into<AttributeValue>] List<T>: it => it.into_iter().collect();
    [K: Into<String>, V: Into<AttributeValue>] BTreeMap<K, V>: it => it.into_iter().collect();
    [K: Into<String>, V: Into<AttributeValue>, S] HashMap<K, V, S>: it => it.into_iter().collect();
    [K: Into<String>, V: Into<AttributeValue>] Map<K, V>: it => it.into_iter().collect();
    [K: Into<String>, V: Into<AttributeValue>, const N: usize] [(K, V); N]: it => it.into_iter().collect();
}

/// A list.
impl<T: Into<AttributeValue>> FromIterator<T> for AttributeValue {
    #[inline]
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::L(values.into_iter().map(Into::into).collect())
    }
}

/// A map.
impl<K: Into<String>, V: Into<AttributeValue>> FromIterator<(K, V)> for AttributeValue {
    #[inline]
    fn from_iter<I: IntoIterator<Item = (K, V)>>(values: I) -> Self {
        Self::M(values.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

/// `[…]` in `make!`.
impl FromItems for AttributeValue {
    type Item = Self;

    #[inline]
    fn from_items(items: Vec<Self>) -> Self {
        Self::L(items.into())
    }
}

/// `{ … }` in `make!`.
impl FromEntries for AttributeValue {
    type Key = String;
    type Value = Self;

    #[inline]
    fn from_entries(entries: Vec<(String, Self)>) -> Self {
        Self::M(entries.into_iter().collect())
    }
}
