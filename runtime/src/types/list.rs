//! The list of a structure: std's own, which reads as empty when it is absent. Knows no wire format.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};

/// The list of a structure's member, and of lists and maps inside: a [`Vec`] that knows whether it is absent.
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

impl<T> Deref for List<T> {
    type Target = Vec<T>;

    #[inline]
    fn deref(&self) -> &Vec<T> {
        self.0.as_ref().unwrap_or(const { &Vec::new() })
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        self.0.get_or_insert_default()
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Clone> Clone for List<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Absent and empty differ, as they do when they are sent.
impl<T: PartialEq> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Eq> Eq for List<T> {}

/// Compares the elements: an absent list equals an empty one here.
impl<T: PartialEq> PartialEq<Vec<T>> for List<T> {
    fn eq(&self, other: &Vec<T>) -> bool {
        **self == *other
    }
}

/// The order of the elements; an absent list comes before an empty one.
impl<T: PartialOrd> PartialOrd for List<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.partial_cmp(&other.0)
    }
}

impl<T: Ord> Ord for List<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<T: Hash> Hash for List<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(it) => fmt::Debug::fmt(it, f),
            None => f.write_str("absent"),
        }
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(value: Vec<T>) -> Self {
        Self(Some(value))
    }
}

impl<T> From<Option<Vec<T>>> for List<T> {
    fn from(value: Option<Vec<T>>) -> Self {
        Self(value)
    }
}

impl<T> From<List<T>> for Vec<T> {
    fn from(value: List<T>) -> Self {
        value.0.unwrap_or_default()
    }
}

impl<T> From<List<T>> for Option<Vec<T>> {
    fn from(value: List<T>) -> Self {
        value.0
    }
}

impl<T, const N: usize> From<[T; N]> for List<T> {
    fn from(values: [T; N]) -> Self {
        Self(Some(values.into()))
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(Some(values.into_iter().collect()))
    }
}

/// Adds the elements. Without elements, an absent list stays absent.
impl<T> Extend<T> for List<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        let mut values = values.into_iter().peekable();
        if values.peek().is_some() {
            (**self).extend(values);
        }
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.unwrap_or_default().into_iter()
    }
}

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
