//! The list and the map of a structure: std's own, which read as empty when they are absent. Knows no wire format.

use std::borrow::Borrow;
use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// The list of a structure's member: a [`Vec`] that knows whether it is absent.
///
/// It has the methods of [`Vec`] and reads as an empty one if it is absent, so a response needs no unwrapping: `for
/// object in page.contents`. When it is sent, absent and empty differ: an absent list leaves the member out, an empty
/// one is sent as such, which clears a setting of some services. The default is absent. What can add to
/// the list makes it present, and so does a mutable reference to the [`Vec`] inside: [`clear`](Vec::clear) sends an empty
/// list. What can only change or remove elements leaves it absent.
///
/// ```
/// use aws_core::List;
///
/// let absent = List::<i32>::default();
/// assert!(absent.is_absent() && absent.is_empty());
/// assert_eq!(absent.iter().sum::<i32>(), 0);
///
/// let mut list = List::from([1, 2]);
/// list.push(3);
/// assert_eq!(list, [1, 2, 3]);
/// assert_eq!(Vec::from(list), [1, 2, 3]);
/// assert!(!List::<i32>::empty().is_absent());
/// ```
#[repr(transparent)]
pub struct List<T>(Option<Vec<T>>);

/// The map of a structure's member: a [`BTreeMap`] that knows whether it is absent.
///
/// It is to `BTreeMap` what [`List`] is to `Vec`: it has its methods, reads as an empty one if it is absent, and when it
/// is sent, an absent map leaves the member out.
///
/// ```
/// use aws_core::Map;
///
/// let map = Map::from([("stage".to_owned(), "beta".to_owned())]);
/// assert_eq!(map["stage"], "beta");
/// assert_eq!(Map::<String, String>::default().get("stage"), None);
/// ```
#[repr(transparent)]
pub struct Map<K, V>(Option<BTreeMap<K, V>>);

impl<T> List<T> {
    /// A list that is sent although it has no elements.
    pub const fn empty() -> Self {
        Self(Some(Vec::new()))
    }

    /// Whether the member is left out, which is not the same as an empty list when it is sent.
    pub const fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    /// Iterates over mutable references; an absent list stays absent.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.elements().iter_mut()
    }

    /// The element at `index`, to change it; an absent list stays absent.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.elements().get_mut(index)
    }

    /// The first element, to change it; an absent list stays absent.
    pub fn first_mut(&mut self) -> Option<&mut T> {
        self.elements().first_mut()
    }

    /// The last element, to change it; an absent list stays absent.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.elements().last_mut()
    }

    /// Removes the last element; an absent list stays absent.
    pub fn pop(&mut self) -> Option<T> {
        self.0.as_mut()?.pop()
    }

    /// Keeps the elements for which `keep` returns true; an absent list stays absent.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        if let Some(list) = &mut self.0 {
            list.retain(keep);
        }
    }

    /// Removes the elements from `len` on; an absent list stays absent.
    pub fn truncate(&mut self, len: usize) {
        if let Some(list) = &mut self.0 {
            list.truncate(len);
        }
    }

    /// Sorts the elements; an absent list stays absent.
    pub fn sort(&mut self)
    where
        T: Ord,
    {
        self.elements().sort();
    }

    /// Sorts the elements by `compare`; an absent list stays absent.
    pub fn sort_by(&mut self, compare: impl FnMut(&T, &T) -> std::cmp::Ordering) {
        self.elements().sort_by(compare);
    }

    /// Sorts the elements by a key; an absent list stays absent.
    pub fn sort_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K) {
        self.elements().sort_by_key(key);
    }

    /// Reverses the order; an absent list stays absent.
    pub fn reverse(&mut self) {
        self.elements().reverse();
    }

    /// Removes repeated elements beside each other; an absent list stays absent.
    pub fn dedup(&mut self)
    where
        T: PartialEq,
    {
        if let Some(list) = &mut self.0 {
            list.dedup();
        }
    }

    fn elements(&mut self) -> &mut [T] {
        self.0.as_deref_mut().unwrap_or_default()
    }
}

impl<K: Ord, V> Map<K, V> {
    /// The value of a key, to change it; an absent map stays absent.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.as_mut()?.get_mut(key)
    }

    /// Removes a key and returns its value; an absent map stays absent.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.0.as_mut()?.remove(key)
    }

    /// Keeps the entries for which `keep` returns true; an absent map stays absent.
    pub fn retain(&mut self, keep: impl FnMut(&K, &mut V) -> bool) {
        if let Some(map) = &mut self.0 {
            map.retain(keep);
        }
    }

    /// Removes the first entry; an absent map stays absent.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        self.0.as_mut()?.pop_first()
    }

    /// Removes the last entry; an absent map stays absent.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        self.0.as_mut()?.pop_last()
    }
}

impl<K, V> Map<K, V> {
    /// A map that is sent although it has no entries.
    pub const fn empty() -> Self {
        Self(Some(BTreeMap::new()))
    }

    /// Iterates over the entries, with the values to change; an absent map stays absent.
    pub fn iter_mut(&mut self) -> btree_map::IterMut<'_, K, V> {
        self.0.as_mut().map(BTreeMap::iter_mut).unwrap_or_default()
    }

    /// Iterates over the values, to change them; an absent map stays absent.
    pub fn values_mut(&mut self) -> btree_map::ValuesMut<'_, K, V> {
        self.0.as_mut().map(BTreeMap::values_mut).unwrap_or_default()
    }

    /// Whether the member is left out, which is not the same as an empty map when it is sent.
    pub const fn is_absent(&self) -> bool {
        self.0.is_none()
    }
}

impl<T> Deref for List<T> {
    type Target = Vec<T>;

    #[inline]
    fn deref(&self) -> &Vec<T> {
        self.0.as_ref().unwrap_or(const { &Vec::new() })
    }
}

impl<K, V> Deref for Map<K, V> {
    type Target = BTreeMap<K, V>;

    #[inline]
    fn deref(&self) -> &BTreeMap<K, V> {
        self.0.as_ref().unwrap_or(const { &BTreeMap::new() })
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        self.0.get_or_insert_default()
    }
}

impl<K, V> DerefMut for Map<K, V> {
    fn deref_mut(&mut self) -> &mut BTreeMap<K, V> {
        self.0.get_or_insert_default()
    }
}

macro_rules! both {
    ([$($ordered:tt)+] $name:ident<$($parameter:ident),+> is $inner:ty, of $item:ty) => {
        impl<$($parameter),+> Default for $name<$($parameter),+> {
            fn default() -> Self {
                Self(None)
            }
        }

        impl<$($parameter: Clone),+> Clone for $name<$($parameter),+> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        /// Absent and empty differ, as they do when they are sent.
        impl<$($parameter: PartialEq),+> PartialEq for $name<$($parameter),+> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<$($parameter: Eq),+> Eq for $name<$($parameter),+> {}

        /// Compares the elements: an absent one equals an empty one here.
        impl<$($parameter: PartialEq),+> PartialEq<$inner> for $name<$($parameter),+> {
            fn eq(&self, other: &$inner) -> bool {
                **self == *other
            }
        }

        impl<$($parameter: fmt::Debug),+> fmt::Debug for $name<$($parameter),+> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match &self.0 {
                    Some(it) => fmt::Debug::fmt(it, f),
                    None => f.write_str("absent"),
                }
            }
        }

        impl<$($parameter),+> From<$inner> for $name<$($parameter),+> {
            fn from(value: $inner) -> Self {
                Self(Some(value))
            }
        }

        impl<$($parameter),+> From<Option<$inner>> for $name<$($parameter),+> {
            fn from(value: Option<$inner>) -> Self {
                Self(value)
            }
        }

        impl<$($parameter),+> From<$name<$($parameter),+>> for $inner {
            fn from(value: $name<$($parameter),+>) -> Self {
                value.0.unwrap_or_default()
            }
        }

        impl<$($parameter),+> From<$name<$($parameter),+>> for Option<$inner> {
            fn from(value: $name<$($parameter),+>) -> Self {
                value.0
            }
        }

        impl<$($ordered)+, const N: usize> From<[$item; N]> for $name<$($parameter),+> {
            fn from(values: [$item; N]) -> Self {
                Self(Some(values.into()))
            }
        }

        impl<$($ordered)+> FromIterator<$item> for $name<$($parameter),+> {
            fn from_iter<I: IntoIterator<Item = $item>>(values: I) -> Self {
                Self(Some(values.into_iter().collect()))
            }
        }

        impl<$($ordered)+> Extend<$item> for $name<$($parameter),+> {
            fn extend<I: IntoIterator<Item = $item>>(&mut self, values: I) {
                let mut values = values.into_iter().peekable();
                if values.peek().is_some() {
                    (**self).extend(values);
                }
            }
        }

        impl<$($parameter),+> IntoIterator for $name<$($parameter),+> {
            type Item = $item;
            type IntoIter = <$inner as IntoIterator>::IntoIter;

            fn into_iter(self) -> Self::IntoIter {
                self.0.unwrap_or_default().into_iter()
            }
        }
    };
}

both!([T] List<T> is Vec<T>, of T);
both!([K: Ord, V] Map<K, V> is BTreeMap<K, V>, of (K, V));

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut List<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<'a, K, V> IntoIterator for &'a mut Map<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = btree_map::IterMut<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<'a, K, V> IntoIterator for &'a Map<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = btree_map::Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: PartialEq<U>, U> PartialEq<[U]> for List<T> {
    fn eq(&self, other: &[U]) -> bool {
        **self == *other
    }
}

impl<T: PartialEq<U>, U> PartialEq<&[U]> for List<T> {
    fn eq(&self, other: &&[U]) -> bool {
        **self == **other
    }
}

impl<T: PartialEq<U>, U, const N: usize> PartialEq<[U; N]> for List<T> {
    fn eq(&self, other: &[U; N]) -> bool {
        **self == *other
    }
}
