//! The map of a structure: sorted entries in one piece of memory, which read as none when the map is absent. Knows no wire
//! format.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::ops::{Bound, Index, RangeBounds};
use std::{iter, slice, vec};

use super::map_entry::{Entry, OccupiedEntry, VacantEntry};

/// The map of a structure's member, and of lists and maps inside: it knows whether it is absent.
///
/// It is to a map what [`List`](super::List) is to [`Vec`]: it reads as an empty one if it is absent, and when it is sent,
/// an absent map leaves the member out. What can add to the map makes it present; what can only change or remove entries
/// leaves it absent.
///
/// It has the methods of [`BTreeMap`] and its order, but holds the entries as a sorted vector. The maps of services are
/// small and many: two entries of DynamoDB take 112 bytes, where a node of `BTreeMap` takes 720. So a single insertion
/// moves the entries behind it; to add many, use [`Extend`] or collect, which sort once. Of equal keys the last one stays.
///
/// ```
/// use aws_core::Map;
///
/// let mut map = Map::from([("stage".to_owned(), "beta".to_owned())]);
/// map.insert("owner".to_owned(), "me".to_owned());
/// assert_eq!(map["stage"], "beta");
/// assert_eq!(map.keys().collect::<Vec<_>>(), ["owner", "stage"]);
/// assert_eq!(Map::<String, String>::default().get("stage"), None);
/// ```
pub struct Map<K, V>(Option<Vec<(K, V)>>);

/// An iterator over parts of the entries: one of std's, which setters take, too.
type Parts<I, Entry, Part> = iter::Map<I, fn(Entry) -> Part>;
type Pairs<'a, K, V> = Parts<slice::Iter<'a, (K, V)>, &'a (K, V), (&'a K, &'a V)>;
type PairsMut<'a, K, V> = Parts<slice::IterMut<'a, (K, V)>, &'a mut (K, V), (&'a K, &'a mut V)>;

impl<K, V> Map<K, V> {
    /// A map that is sent although it has no entries.
    pub const fn empty() -> Self {
        Self(Some(Vec::new()))
    }

    /// Whether the member is left out, which is not the same as an empty map when it is sent.
    pub const fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    /// Iterates over the entries in the order of their keys.
    pub fn iter(&self) -> Pairs<'_, K, V> {
        self.entries().iter().map(pair)
    }

    /// Iterates over the entries, with the values to change; an absent map stays absent.
    pub fn iter_mut(&mut self) -> PairsMut<'_, K, V> {
        self.entries_mut().iter_mut().map(|(key, value)| (key, value))
    }

    /// Iterates over the keys in order.
    pub fn keys(&self) -> Parts<slice::Iter<'_, (K, V)>, &(K, V), &K> {
        self.entries().iter().map(|(key, _)| key)
    }

    /// Iterates over the values in the order of their keys.
    pub fn values(&self) -> Parts<slice::Iter<'_, (K, V)>, &(K, V), &V> {
        self.entries().iter().map(|(_, value)| value)
    }

    /// Iterates over the values, to change them; an absent map stays absent.
    pub fn values_mut(&mut self) -> Parts<slice::IterMut<'_, (K, V)>, &mut (K, V), &mut V> {
        self.entries_mut().iter_mut().map(|(_, value)| value)
    }

    /// Iterates over the keys in order, without their values.
    pub fn into_keys(self) -> Parts<vec::IntoIter<(K, V)>, (K, V), K> {
        self.into_iter().map(|(key, _)| key)
    }

    /// Iterates over the values in the order of their keys.
    pub fn into_values(self) -> Parts<vec::IntoIter<(K, V)>, (K, V), V> {
        self.into_iter().map(|(_, value)| value)
    }

    /// The first key and its value.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.entries().first().map(pair)
    }

    /// The last key and its value.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.entries().last().map(pair)
    }

    /// Removes the first entry; an absent map stays absent.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.is_empty()).then(|| self.present().remove(0))
    }

    /// Removes the last entry; an absent map stays absent.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        self.0.as_mut()?.pop()
    }

    /// Keeps the entries for which `keep` returns true; an absent map stays absent.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        if let Some(entries) = &mut self.0 {
            entries.retain_mut(|(key, value)| keep(key, value));
        }
    }

    /// Removes all entries, and makes the map present: it is sent as an empty one.
    pub fn clear(&mut self) {
        self.present().clear();
    }

    /// The entries, of which an absent map has none.
    pub(crate) fn entries(&self) -> &[(K, V)] {
        self.0.as_deref().unwrap_or_default()
    }

    pub(crate) fn entries_mut(&mut self) -> &mut [(K, V)] {
        self.0.as_deref_mut().unwrap_or_default()
    }

    /// The entries to add to. Until they are read they must be sorted, without equal keys.
    pub(crate) fn present(&mut self) -> &mut Vec<(K, V)> {
        self.0.get_or_insert_default()
    }
}

impl<K: Ord, V> Map<K, V> {
    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.get_key_value(key).map(|(_, value)| value)
    }

    /// The key in the map that equals `key`, and its value.
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.position(key).ok().map(|at| pair(&self.entries()[at]))
    }

    /// Whether there is an entry for a key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.position(key).is_ok()
    }

    /// The value of a key, to change it; an absent map stays absent.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.position(key).ok()?;
        Some(&mut self.entries_mut()[at].1)
    }

    /// Sets the value of a key, and returns the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.entry(key) {
            Entry::Occupied(mut entry) => Some(entry.insert(value)),
            Entry::Vacant(entry) => {
                entry.insert(value);
                None
            }
        }
    }

    /// The entry of a key, to look at it and to set it with one search. The map is present from here on.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let entries = self.0.get_or_insert_default();
        // Keys often come in order.
        let found = match entries.last() {
            Some((last, _)) if *last < key => Err(entries.len()),
            _ => search(entries, &key),
        };
        match found {
            Ok(at) => Entry::Occupied(OccupiedEntry { entries, at }),
            Err(at) => Entry::Vacant(VacantEntry { entries, at, key }),
        }
    }

    /// Removes a key and returns its value; an absent map stays absent.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// Removes a key and returns it with its value; an absent map stays absent.
    pub fn remove_entry<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        let at = self.position(key).ok()?;
        Some(self.present().remove(at))
    }

    /// Moves all entries of `other` into the map, whose values they replace.
    pub fn append(&mut self, other: &mut Self) {
        if let Some(entries) = &mut other.0 {
            self.extend(entries.drain(..));
        }
    }

    /// Iterates over the entries whose keys are in a range.
    pub fn range<Q: Ord + ?Sized, R: RangeBounds<Q>>(&self, range: R) -> Pairs<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let entries = self.entries();
        let end = entries.partition_point(|(key, _)| match range.end_bound() {
            Bound::Included(end) => key.borrow() <= end,
            Bound::Excluded(end) => key.borrow() < end,
            Bound::Unbounded => true,
        });
        let start = entries[..end].partition_point(|(key, _)| match range.start_bound() {
            Bound::Included(start) => key.borrow() < start,
            Bound::Excluded(start) => key.borrow() <= start,
            Bound::Unbounded => false,
        });
        entries[start..end].iter().map(pair)
    }

    fn position<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        search(self.entries(), key)
    }

    fn from_unsorted(mut entries: Vec<(K, V)>) -> Self {
        sort(&mut entries);
        Self(Some(entries))
    }
}

fn search<K: Borrow<Q>, V, Q: Ord + ?Sized>(entries: &[(K, V)], key: &Q) -> Result<usize, usize> {
    entries.binary_search_by(|(it, _)| it.borrow().cmp(key))
}

/// Sorts the entries by their keys; of equal keys the last one stays.
fn sort<K: Ord, V>(entries: &mut Vec<(K, V)>) {
    if entries.is_sorted_by(|one, next| one.0 < next.0) {
        return;
    }
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    entries.dedup_by(|later, kept| {
        let equal = later.0 == kept.0;
        if equal {
            std::mem::swap(later, kept);
        }
        equal
    });
}

fn pair<K, V>((key, value): &(K, V)) -> (&K, &V) {
    (key, value)
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K: Clone, V: Clone> Clone for Map<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Absent and empty differ, as they do when they are sent.
impl<K: PartialEq, V: PartialEq> PartialEq for Map<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K: Eq, V: Eq> Eq for Map<K, V> {}

/// Compares the entries: an absent map equals an empty one here.
impl<K: PartialEq, V: PartialEq> PartialEq<BTreeMap<K, V>> for Map<K, V> {
    fn eq(&self, other: &BTreeMap<K, V>) -> bool {
        self.iter().eq(other)
    }
}

/// Compares the entries: an absent map equals an empty one here.
impl<K: Eq + Hash, V: PartialEq, S: BuildHasher> PartialEq<HashMap<K, V, S>> for Map<K, V> {
    fn eq(&self, other: &HashMap<K, V, S>) -> bool {
        self.len() == other.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

/// The order of the entries; an absent map comes before an empty one.
impl<K: PartialOrd, V: PartialOrd> PartialOrd for Map<K, V> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.partial_cmp(&other.0)
    }
}

impl<K: Ord, V: Ord> Ord for Map<K, V> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K: Hash, V: Hash> Hash for Map<K, V> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Map<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_absent() {
            true => f.write_str("absent"),
            false => f.debug_map().entries(self).finish(),
        }
    }
}

impl<K: Borrow<Q> + Ord, V, Q: Ord + ?Sized> Index<&Q> for Map<K, V> {
    type Output = V;

    /// The value of a key.
    ///
    /// # Panics
    /// If there is no such key.
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("no entry found for key")
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self::from_unsorted(entries.into_iter().collect())
    }
}

/// Adds the entries, whose values replace those that keys have already. Without entries, an absent map stays absent.
impl<K: Ord, V> Extend<(K, V)> for Map<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, added: I) {
        let mut added = added.into_iter().peekable();
        if added.peek().is_some() {
            let entries = self.present();
            entries.extend(added);
            sort(entries);
        }
    }
}

impl<'a, K: Ord + Copy, V: Copy> Extend<(&'a K, &'a V)> for Map<K, V> {
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, added: I) {
        self.extend(added.into_iter().map(|(key, value)| (*key, *value)));
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for Map<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Ord, V> From<Vec<(K, V)>> for Map<K, V> {
    fn from(entries: Vec<(K, V)>) -> Self {
        Self::from_unsorted(entries)
    }
}

impl<K, V> From<BTreeMap<K, V>> for Map<K, V> {
    fn from(map: BTreeMap<K, V>) -> Self {
        Self(Some(map.into_iter().collect()))
    }
}

impl<K: Ord, V, S> From<HashMap<K, V, S>> for Map<K, V> {
    fn from(map: HashMap<K, V, S>) -> Self {
        map.into_iter().collect()
    }
}

/// `None` is an absent map.
impl<K, V, M: Into<Self>> From<Option<M>> for Map<K, V> {
    fn from(map: Option<M>) -> Self {
        map.map_or(Self(None), Into::into)
    }
}

impl<K: Ord, V> From<Map<K, V>> for BTreeMap<K, V> {
    fn from(map: Map<K, V>) -> Self {
        map.into_iter().collect()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Default> From<Map<K, V>> for HashMap<K, V, S> {
    fn from(map: Map<K, V>) -> Self {
        map.into_iter().collect()
    }
}

impl<K, V> From<Map<K, V>> for Vec<(K, V)> {
    fn from(map: Map<K, V>) -> Self {
        map.0.unwrap_or_default()
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.unwrap_or_default().into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a Map<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Pairs<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut Map<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = PairsMut<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
