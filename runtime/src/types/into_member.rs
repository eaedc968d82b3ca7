//! What a setter, an argument or a field of `make!` accepts for a member of a type: conversions that lose nothing. Knows
//! no structure.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque, btree_map, hash_map};
use std::time::SystemTime;

use bytes::Bytes;

use super::{ByteStream, Document, List, Map, Number, Timestamp};

/// A value that can be a member of type `T`: what methods, setters and [`make!`](crate::make) accept.
///
/// Arguments of methods are required members, and take what setters take: `get_object("bucket", &object.key)` compiles
/// though the key of a listed object is an `Option`. If it is `None`, the member is missing, which is an error before
/// anything is sent.
///
/// | member | accepts |
/// |---|---|
/// | any | its type, a reference to it (which is cloned), and an `Option` of these: `None` leaves the member out |
/// | `String` | also `&str`, `Cow<str>`, `char` and enumerations |
/// | enumerations | also `&str`, `Cow<str>` and `String` |
/// | `f64`, `f32` | also whole numbers |
/// | `Bytes`, `ByteStream` | also `Vec<u8>`, `String` and references to them, `&'static str` and `&'static [u8]` |
/// | `Timestamp` | also `SystemTime` |
/// | `Document` | also what it can be made [`From`] |
/// | [`List`] | arrays, `Vec`, slices, sets and std's iterators, with elements that are converted in the same way |
/// | [`Map`] | arrays, `Vec` and std's iterators of pairs, maps, with keys and values that are converted in the same way |
///
/// What is empty needs a type, as everywhere in Rust: `List::empty()` instead of `[]`, `None::<&str>` instead of `None`.
/// The same holds for a value whose type follows only from the member, such as that of `.parse()?`, `.try_into()?` or
/// `.collect()`: `i32::try_from(number)?` names it.
///
/// An iterator of another crate is collected first: `.collect::<Vec<_>>()`. Implement the trait for a type of your own to
/// use it as a member: `impl IntoMember<Option<String>> for UserName`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a member of type `{T}`",
    label = "expected a value of `{T}`, or one that converts to it without loss",
    note = "numbers need the member's own type; an iterator that is not of std must be collected into a `Vec`"
)]
pub trait IntoMember<T> {
    /// Converts the value.
    fn into_member(self) -> T;
}

/// A value that can be a string: `&str`, `String`, `Cow<str>`, `char`, an enumeration, a reference to one of them, or an
/// `Option` of these, where `None` leaves the member out. What arguments and setters accept for members that are strings.
///
/// Each [`IntoMember<Option<String>>`](IntoMember) is one. Implement that trait, for a type of your own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a string",
    label = "expected a `String`, or a value that converts to one without loss: `&str`, an enumeration, an `Option` of these"
)]
pub trait IntoString: IntoMember<Option<String>> {}

impl<T: IntoMember<Option<String>>> IntoString for T {}

/// A type whose values are made from text: an enumeration.
pub trait FromText {
    /// The value of this text.
    fn from_text(text: &str) -> Self;
}

impl<T> IntoMember<T> for T {
    fn into_member(self) -> T {
        self
    }
}

impl<T> IntoMember<Option<T>> for T {
    fn into_member(self) -> Option<T> {
        Some(self)
    }
}

impl<T> IntoMember<Box<T>> for T {
    fn into_member(self) -> Box<T> {
        Box::new(self)
    }
}

impl<T> IntoMember<Option<Box<T>>> for T {
    fn into_member(self) -> Option<Box<T>> {
        Some(Box::new(self))
    }
}

impl<T> IntoMember<Option<Box<T>>> for Option<T> {
    fn into_member(self) -> Option<Box<T>> {
        self.map(Box::new)
    }
}

impl<T: Clone> IntoMember<T> for &T {
    fn into_member(self) -> T {
        self.clone()
    }
}

impl<T: Clone> IntoMember<Option<T>> for &T {
    fn into_member(self) -> Option<T> {
        Some(self.clone())
    }
}

impl<T: Clone> IntoMember<Option<T>> for Option<&T> {
    fn into_member(self) -> Option<T> {
        self.cloned()
    }
}

macro_rules! optional {
    ($([$($generics:ident),*] $ty:ty;)*) => {$(
        impl<$($generics),*> IntoMember<$ty> for Option<$ty> {
            fn into_member(self) -> $ty {
                self.unwrap_or_default()
            }
        }

        impl<$($generics: Clone),*> IntoMember<$ty> for Option<&$ty> {
            fn into_member(self) -> $ty {
                self.cloned().unwrap_or_default()
            }
        }
    )*};
}

optional! {
    [T] List<T>;
    [K, V] Map<K, V>;
}

/// `converts! { [generics] From => To }`: the three ways from one type to another.
macro_rules! converts {
    ($([$($generics:tt)*] $from:ty => $to:ty: $it:ident => $value:expr;)*) => {$(
        impl<$($generics)*> IntoMember<$to> for $from {
            fn into_member(self) -> $to {
                let $it = self;
                $value
            }
        }

        impl<$($generics)*> IntoMember<Option<$to>> for $from {
            fn into_member(self) -> Option<$to> {
                Some(IntoMember::<$to>::into_member(self))
            }
        }

        impl<$($generics)*> IntoMember<Option<$to>> for Option<$from> {
            fn into_member(self) -> Option<$to> {
                self.map(IntoMember::<$to>::into_member)
            }
        }
    )*};
}

converts! {
    [] &str => String: it => it.to_owned();
    [] &&str => String: it => (*it).to_owned();
    [] &&String => String: it => (*it).clone();
    [] char => String: it => it.into();
    [] Cow<'_, str> => String: it => it.into_owned();
    [] Box<str> => String: it => it.into_string();
    [] i16 => f32: it => it.into();
    [] i32 => f64: it => it.into();
    [] f32 => f64: it => it.into();
    [] &'static str => Bytes: it => it.into();
    [] &'static [u8] => Bytes: it => it.into();
    [const N: usize] &'static [u8; N] => Bytes: it => Bytes::from_static(it);
    [] Vec<u8> => Bytes: it => it.into();
    [] String => Bytes: it => it.into();
    [] &Vec<u8> => Bytes: it => Bytes::copy_from_slice(it);
    [] &String => Bytes: it => Bytes::copy_from_slice(it.as_bytes());
    [] &'static str => ByteStream: it => it.into();
    [] &'static [u8] => ByteStream: it => it.into();
    [const N: usize] &'static [u8; N] => ByteStream: it => Bytes::from_static(it).into();
    [] Vec<u8> => ByteStream: it => it.into();
    [] String => ByteStream: it => it.into();
    [] &Vec<u8> => ByteStream: it => it.clone().into();
    [] &String => ByteStream: it => it.clone().into();
    [] &Bytes => ByteStream: it => it.clone().into();
    [] Bytes => ByteStream: it => it.into();
    [] Vec<u8> => Box<Bytes>: it => Box::new(it.into());
    [] SystemTime => Timestamp: it => it.into();
    [] () => Document: it => it.into();
    [] bool => Document: it => it.into();
    [] i32 => Document: it => it.into();
    [] u32 => Document: it => it.into();
    [] i64 => Document: it => it.into();
    [] u64 => Document: it => it.into();
    [] f64 => Document: it => it.into();
    [] Number => Document: it => it.into();
    [] &str => Document: it => it.into();
    [] String => Document: it => it.into();
    [] serde_json::Value => Document: it => it.into();
    [T: Into<Document>] Vec<T> => Document: it => it.into();
    [K: Into<String>, T: Into<Document>] BTreeMap<K, T> => Document: it => it.into();
    [K: Into<String>, T: Into<Document>, const N: usize] [(K, T); N] => Document: it => it.into();
    [E: FromText] &str => E: it => E::from_text(it);
    [E: FromText] &&str => E: it => E::from_text(it);
    [E: FromText] &String => E: it => E::from_text(it);
    [E: FromText] String => E: it => E::from_text(&it);
    [E: FromText] Cow<'_, str> => E: it => E::from_text(&it);
}

/// Lists and maps from what iterates over their elements.
macro_rules! collects {
    ($([$($generics:tt)*] $from:ty;)*) => {$(
        impl<$($generics)* T> IntoMember<List<T>> for $from
        where
            Self: IntoIterator<Item: IntoMember<T>>,
        {
            fn into_member(self) -> List<T> {
                self.into_iter().map(IntoMember::into_member).collect()
            }
        }

        impl<$($generics)* T> IntoMember<List<T>> for Option<$from>
        where
            $from: IntoIterator<Item: IntoMember<T>>,
        {
            fn into_member(self) -> List<T> {
                self.map(IntoMember::into_member).unwrap_or_default()
            }
        }

        impl<$($generics)* K: Ord, V, A: IntoMember<K>, B: IntoMember<V>> IntoMember<Map<K, V>> for $from
        where
            Self: IntoIterator<Item = (A, B)>,
        {
            fn into_member(self) -> Map<K, V> {
                self.into_iter().map(|(key, value)| (key.into_member(), value.into_member())).collect()
            }
        }

        impl<$($generics)* K: Ord, V, A: IntoMember<K>, B: IntoMember<V>> IntoMember<Map<K, V>> for Option<$from>
        where
            $from: IntoIterator<Item = (A, B)>,
        {
            fn into_member(self) -> Map<K, V> {
                self.map(IntoMember::into_member).unwrap_or_default()
            }
        }
    )*};
}

collects! {
    [I,] Vec<I>;
    [I, const N: usize,] [I; N];
    ['a, I,] &'a [I];
    ['a, I,] &'a Vec<I>;
    ['a, I, const N: usize,] &'a [I; N];
    [I,] VecDeque<I>;
    [I,] BTreeSet<I>;
    ['a, I,] &'a BTreeSet<I>;
    [I, S,] HashSet<I, S>;
    ['a, I, S,] &'a HashSet<I, S>;
    [J, W,] BTreeMap<J, W>;
    ['a, J, W,] &'a BTreeMap<J, W>;
    [J, W, S,] HashMap<J, W, S>;
    ['a, J, W, S,] &'a HashMap<J, W, S>;
    ['a, I,] std::slice::Iter<'a, I>;
    [I,] std::vec::IntoIter<I>;
    [I, const N: usize,] std::array::IntoIter<I, N>;
    [J, W,] btree_map::IntoIter<J, W>;
    ['a, J, W,] btree_map::Keys<'a, J, W>;
    ['a, J, W,] btree_map::Values<'a, J, W>;
    [J, W,] btree_map::IntoKeys<J, W>;
    [J, W,] btree_map::IntoValues<J, W>;
    [J, W,] hash_map::IntoIter<J, W>;
    ['a, J, W,] hash_map::Keys<'a, J, W>;
    ['a, J, W,] hash_map::Values<'a, J, W>;
    [J, W,] hash_map::IntoKeys<J, W>;
    [J, W,] hash_map::IntoValues<J, W>;
    ['a,] std::str::Lines<'a>;
    ['a,] std::str::SplitWhitespace<'a>;
    ['a,] std::str::Split<'a, char>;
    ['a,] std::str::Split<'a, &'a str>;
    ['a, I,] Box<dyn Iterator<Item = I> + 'a>;
    [I, F,] std::iter::Map<I, F>;
    [I, F,] std::iter::Filter<I, F>;
    [I, F,] std::iter::FilterMap<I, F>;
    [I, U: IntoIterator, F,] std::iter::FlatMap<I, U, F>;
    [I: Iterator<Item: IntoIterator>,] std::iter::Flatten<I>;
    [I,] std::iter::Cloned<I>;
    [I,] std::iter::Copied<I>;
    [I, J,] std::iter::Chain<I, J>;
    [I, J,] std::iter::Zip<I, J>;
    [I,] std::iter::Take<I>;
    [I, F,] std::iter::TakeWhile<I, F>;
    [I,] std::iter::Skip<I>;
    [I, F,] std::iter::SkipWhile<I, F>;
    [I,] std::iter::StepBy<I>;
    [I,] std::iter::Rev<I>;
    [I: Iterator,] std::iter::Peekable<I>;
    [I, F,] std::iter::Inspect<I, F>;
    [I, F,] std::iter::MapWhile<I, F>;
    ['a, I,] std::vec::Drain<'a, I>;
    [I,] std::iter::Once<I>;
    [I,] std::iter::RepeatN<I>;
    [F,] std::iter::FromFn<F>;
}
