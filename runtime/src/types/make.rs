//! The macro `make!`: a structure or a value inside one, written as briefly as a dictionary of boto3. Knows no structure.

use std::collections::BTreeMap;

use super::{Document, IntoMember, List, Map};

/// Makes a structure, or a value inside one, from a literal as short as a dictionary of boto3.
///
/// A field takes whatever its setter takes ([`IntoMember`]): no `Some`, no `.into()`, no `Box::new`. Fields that are not
/// named are absent, so the literal compiles on when a service adds a member.
///
/// ```
/// # // As a generated crate has them.
/// # use aws_core::{List, Map};
/// # #[derive(Default, Debug, PartialEq)]
/// # struct Tag { key: Option<String>, value: Option<String> }
/// # #[derive(Default, Debug, PartialEq)]
/// # struct Rule { name: Option<String>, days: Option<i32>, tags: List<Tag>, labels: Map<String, String>, next: Option<Box<Rule>> }
/// use aws_core::make;
///
/// let prefix = String::from("logs/");
/// let days = Some(30);
/// let rule = make!(Rule {
///     name: &prefix,
///     days,
///     tags: [Tag { key: "stage", value: "beta" }, Tag { key: "empty" }],
///     labels: { "team" => "red", "owner" => prefix.trim_end_matches('/') },
///     next: Rule { name: "archive", days: 365 },
/// });
/// assert_eq!(rule.tags[0].key.as_deref(), Some("stage"));
/// assert_eq!(rule.labels["owner"], "logs");
/// assert_eq!(rule.next.unwrap().days, Some(365));
/// ```
///
/// * A structure inside is a literal without `make!`; so are those in a list, and in a call: `Choice::Rule(Rule { … })`.
/// * `[…]` is a list, `{ key => value, … }` a map. Both take a [`Document`] too, and what else implements
///   [`FromItems`] and [`FromEntries`].
/// * A name alone is a field and the variable of that name, as in Rust; `..base` at the end takes the other fields from
///   another structure.
/// * A list or a map of structures is a [`List`] or [`Map`] at the top, for setters and arguments:
///   `.tagging(make!([Tag { key: "a" }, Tag { key: "b" }]))`. Any other needs a type, as in `let names: Vec<String> =
///   make!(["a"])`; a setter takes `["a"]` itself, and `[("a", 1)]` as a map.
/// * A literal of more than about sixty elements or fields, unless each is a single name or literal, needs
///   `#![recursion_limit = "…"]` in the crate; a `Vec` of made structures does not.
/// * The value of a union's variant is converted at the top: `make!(Choice::Text("a"))`. Everything else is Rust.
///
/// ```
/// use aws_core::{Document, make};
///
/// let schema: Document = make!({
///     "type" => "object",
///     "properties" => { "city" => { "type" => "string" } },
///     "required" => ["city"],
/// });
/// assert_eq!(schema.to_string(), r#"{"properties":{"city":{"type":"string"}},"required":["city"],"type":"object"}"#);
/// ```
///
/// A field that the structure does not have, or a value of another type, is an error of the compiler:
///
/// ```compile_fail,E0560
/// # #[derive(Default)]
/// # struct Tag { key: Option<String>, value: Option<String> }
/// aws_core::make!(Tag { kye: "stage" });
/// ```
///
/// ```compile_fail,E0277
/// # #[derive(Default)]
/// # struct Tag { key: Option<String>, value: Option<String> }
/// aws_core::make!(Tag { key: 5 });
/// ```
// The internal rules, which begin with `@`: `@next` reads what stands before a value (a name, a key, nothing), `@take`
// the value, and both hand on what is done, as `[{before} {value}]`. A list or map of single tokens, or of literals of
// structures, needs no such recursion, so that its length has no limit.
#[macro_export]
macro_rules! make {
    (@one [$($items:tt)*]) => { $crate::make!(@list $($items)*) };
    (@one {$($entries:tt)*}) => { $crate::make!(@map $($entries)*) };
    (@one $value:expr) => { $crate::IntoMember::into_member($value) };

    (@list $($item:tt),* $(,)?) => { $crate::types::FromItems::from_items(::std::vec![$($crate::make!(@one $item)),*]) };
    (@list $($first:ident $(:: $path:ident)* {$($fields:tt)*}),* $(,)?) => {
        $crate::types::FromItems::from_items(::std::vec![
            $($crate::IntoMember::into_member($crate::make!($first $(:: $path)* {$($fields)*}))),*
        ])
    };
    (@list $($items:tt)*) => { $crate::make!(@next (list) {} $($items)* ,) };

    (@map $($key:tt => $value:tt),* $(,)?) => {
        $crate::types::FromEntries::from_entries(::std::vec![
            $(($crate::IntoMember::into_member($key), $crate::make!(@one $value))),*
        ])
    };
    (@map $($entries:tt)*) => { $crate::make!(@next (map) {} $($entries)* ,) };

    (@next (list) {$([{} $value:tt])*} $(,)?) => { $crate::types::FromItems::from_items(::std::vec![$($value),*]) };
    (@next (list) $done:tt $($rest:tt)+) => { $crate::make!(@take (list) $done {} $($rest)+) };

    (@next (map) {$([{$key:expr} $value:tt])*} $(,)?) => {
        $crate::types::FromEntries::from_entries(::std::vec![$(($crate::IntoMember::into_member($key), $value)),*])
    };
    (@next (map) $done:tt $key:expr => $($rest:tt)+) => { $crate::make!(@take (map) $done {$key} $($rest)+) };

    (@next (call $($path:tt)*) {[{} $value:tt]} $(,)?) => { $($path)*($value) };

    (@next (fields $($path:tt)*) {$([{$field:ident} $value:tt])*} $(,)?) => {{
        #[allow(clippy::needless_update)]
        let built = $($path)* { $($field: $value,)* ..::std::default::Default::default() };
        built
    }};
    (@next (fields $($path:tt)*) {$([{$field:ident} $value:tt])*} ..$base:expr,) => {{
        #[allow(clippy::needless_update)]
        let built = $($path)* { $($field: $value,)* ..$base };
        built
    }};
    (@next $fields:tt {$($done:tt)*} $field:ident, $($rest:tt)*) => {
        $crate::make!(@next $fields {$($done)* [{$field} {$crate::IntoMember::into_member($field)}]} $($rest)*)
    };
    (@next $fields:tt $done:tt $field:ident: $($rest:tt)+) => { $crate::make!(@take $fields $done {$field} $($rest)+) };

    (@take $to:tt {$($done:tt)*} $before:tt [$($items:tt)*], $($rest:tt)*) => {
        $crate::make!(@next $to {$($done)* [$before {$crate::make!(@list $($items)*)}]} $($rest)*)
    };
    (@take $to:tt {$($done:tt)*} $before:tt {$($entries:tt)*}, $($rest:tt)*) => {
        $crate::make!(@next $to {$($done)* [$before {$crate::make!(@map $($entries)*)}]} $($rest)*)
    };
    (@take $to:tt {$($done:tt)*} $before:tt $first:ident $(:: $path:ident)* {$($fields:tt)*}, $($rest:tt)*) => {
        $crate::make!(@next $to {$($done)* [$before {
            $crate::IntoMember::into_member($crate::make!($first $(:: $path)* {$($fields)*}))
        }]} $($rest)*)
    };
    (
        @take $to:tt {$($done:tt)*} $before:tt
        $first:ident $(:: $path:ident)* ($inner:ident $(:: $rest_of_inner:ident)* {$($fields:tt)*} $(,)?), $($rest:tt)*
    ) => {
        $crate::make!(@next $to {$($done)* [$before {
            $crate::IntoMember::into_member($first $(:: $path)* ($crate::make!($inner $(:: $rest_of_inner)* {$($fields)*})))
        }]} $($rest)*)
    };
    (@take $to:tt {$($done:tt)*} $before:tt $value:expr, $($rest:tt)*) => {
        $crate::make!(@next $to {$($done)* [$before {$crate::IntoMember::into_member($value)}]} $($rest)*)
    };

    // Without a type from outside, as that of a setter, which takes many.
    ([$($first:ident $(:: $path:ident)* {$($fields:tt)*}),+ $(,)?] $(,)?) => {
        $crate::List::from(::std::vec![$($crate::make!($first $(:: $path)* {$($fields)*})),+])
    };
    ({$($key:expr => $first:ident $(:: $path:ident)* {$($fields:tt)*}),+ $(,)?} $(,)?) => {
        <$crate::Map<::std::string::String, _> as $crate::types::FromEntries>::from_entries(::std::vec![
            $(($crate::IntoMember::into_member($key), $crate::make!($first $(:: $path)* {$($fields)*}))),+
        ])
    };
    ([$($items:tt)*] $(,)?) => { $crate::make!(@list $($items)*) };
    ({$($entries:tt)*} $(,)?) => { $crate::make!(@map $($entries)*) };
    ($first:ident $(:: $path:ident)* {$($fields:tt)*} $(,)?) => {
        $crate::make!(@next (fields $first $(:: $path)*) {} $($fields)* ,)
    };
    ($first:ident $(:: $path:ident)* ($($value:tt)+) $(,)?) => {
        $crate::make!(@take (call $first $(:: $path)*) {} {} $($value)+ ,)
    };
}

/// What a list in [`make!`](crate::make) can be: the type of a member, built from elements.
#[diagnostic::on_unimplemented(message = "a list cannot be the value of a member of type `{Self}`")]
pub trait FromItems {
    /// An element, which is converted by [`IntoMember`].
    type Item;

    /// Makes the value; a list without elements is present.
    fn from_items(items: Vec<Self::Item>) -> Self;
}

/// What a map in [`make!`](crate::make) can be: the type of a member, built from keys and values.
#[diagnostic::on_unimplemented(message = "a map cannot be the value of a member of type `{Self}`")]
pub trait FromEntries {
    /// A key, which is converted by [`IntoMember`].
    type Key;
    /// A value, which is converted by [`IntoMember`].
    type Value;

    /// Makes the value; a map without entries is present.
    fn from_entries(entries: Vec<(Self::Key, Self::Value)>) -> Self;
}

impl<T> FromItems for Vec<T> {
    type Item = T;

    fn from_items(items: Vec<T>) -> Self {
        items
    }
}

impl<T> FromItems for List<T> {
    type Item = T;

    fn from_items(items: Vec<T>) -> Self {
        items.into()
    }
}

impl FromItems for Document {
    type Item = Self;

    fn from_items(items: Vec<Self>) -> Self {
        Self::Array(items)
    }
}

impl<T: FromItems> FromItems for Option<T> {
    type Item = T::Item;

    fn from_items(items: Vec<T::Item>) -> Self {
        Some(T::from_items(items))
    }
}

impl<K: Ord, V> FromEntries for BTreeMap<K, V> {
    type Key = K;
    type Value = V;

    fn from_entries(entries: Vec<(K, V)>) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Ord, V> FromEntries for Map<K, V> {
    type Key = K;
    type Value = V;

    fn from_entries(entries: Vec<(K, V)>) -> Self {
        entries.into_iter().collect()
    }
}

impl FromEntries for Document {
    type Key = String;
    type Value = Self;

    fn from_entries(entries: Vec<(String, Self)>) -> Self {
        Self::Object(entries.into_iter().collect())
    }
}

impl<T: FromEntries> FromEntries for Option<T> {
    type Key = T::Key;
    type Value = T::Value;

    fn from_entries(entries: Vec<(T::Key, T::Value)>) -> Self {
        Some(T::from_entries(entries))
    }
}

/// An entry of a map that is written as a list of pairs.
#[derive(Debug)]
pub struct Pair<K, V>(K, V);

impl<K, V, A: IntoMember<K>, B: IntoMember<V>> IntoMember<Pair<K, V>> for (A, B) {
    fn into_member(self) -> Pair<K, V> {
        Pair(self.0.into_member(), self.1.into_member())
    }
}

impl<K: Ord, V> FromItems for Map<K, V> {
    type Item = Pair<K, V>;

    fn from_items(items: Vec<Pair<K, V>>) -> Self {
        items.into_iter().map(|Pair(key, value)| (key, value)).collect()
    }
}
