//! Writing maps: entries that are added in any order, and the slots of their values. Knows no other kind.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::containers::{self, AddEntry};
use super::slot::{Slot, Storage};
use crate::schema::dynamic::Value;
use crate::schema::shape::MapKind;
use crate::types::Map;

/// A map to extend.
pub struct MapMut<'a> {
    storage: Storage<'a, Map<String, Value>>,
    map: &'static MapKind,
    /// A key that was added twice to a dynamic map.
    repeated: Option<String>,
}

impl<'a> MapMut<'a> {
    pub(super) fn new(storage: Storage<'a, Map<String, Value>>, map: &'static MapKind) -> Self {
        Self { storage, map, repeated: None }
    }

    /// Returns the kind of the map.
    pub fn map(&self) -> &'static MapKind {
        self.map
    }

    /// Whether the map has an entry for `key`.
    pub fn contains(&self, key: &str) -> bool {
        match &self.storage {
            // SAFETY: the functions belong to the live map.
            Storage::Native(it, _) => !unsafe { (self.map.ops.get)(*it, key) }.is_null(),
            Storage::Dynamic(entries) => entries.contains_key(key),
        }
    }

    /// Inserts a default value for `key`, replacing an existing one, and returns its slot.
    pub fn insert<'k>(&mut self, key: impl Into<Cow<'k, str>>) -> Slot<'_> {
        self.add(key.into(), self.map.ops.insert)
    }

    /// Adds a default value for `key` behind all others and returns its slot. For many entries in any order:
    /// [`settle`](Self::settle) sorts them when all are there, and until then nothing is found.
    pub(crate) fn push<'k>(&mut self, key: impl Into<Cow<'k, str>>) -> Slot<'_> {
        self.add(key.into(), self.map.ops.push)
    }

    /// `function` is [`insert`](Self::insert) or [`push`](Self::push) of the map's own.
    fn add(&mut self, key: Cow<'_, str>, function: AddEntry) -> Slot<'_> {
        let storage = match &mut self.storage {
            // SAFETY: the functions belong to the live, exclusively borrowed map.
            Storage::Native(it, _) => Storage::Native(unsafe { function(*it, key) }, PhantomData),
            Storage::Dynamic(entries) => {
                if entries.contains_key(&*key) {
                    self.repeated.get_or_insert_with(|| key.clone().into_owned());
                }
                let value = entries.entry(key.into_owned()).or_insert(Value::Absent);
                *value = Value::Absent;
                Storage::Dynamic(value)
            }
        };
        Slot { storage, node: &self.map.value }
    }

    /// Sorts the entries that were pushed; of equal keys the last one stays. Returns such a key.
    pub(crate) fn settle(&mut self) -> Option<String> {
        match &self.storage {
            // SAFETY: the functions belong to the live, exclusively borrowed map.
            Storage::Native(it, _) => unsafe { containers::settle(*it, self.map.ops) },
            Storage::Dynamic(_) => self.repeated.take(),
        }
    }

    /// Makes room for `count` more entries, if that many are expected.
    pub(crate) fn reserve(&mut self, count: usize) {
        if let Storage::Native(it, _) = &self.storage {
            // SAFETY: the functions belong to the live, exclusively borrowed map.
            unsafe { (self.map.ops.reserve)(*it, count) }
        }
    }

    /// Returns the keys in order, with the slots of their values.
    pub(crate) fn into_entries(self) -> impl Iterator<Item = (&'a str, Slot<'a>)> {
        let (ops, node) = (self.map.ops, &self.map.value);
        let (native, mut dynamic) = match self.storage {
            // SAFETY: the functions belong to the live map, exclusively borrowed for `'a`.
            Storage::Native(it, _) => (Some(unsafe { (ops.entries_mut)(it) }), None),
            Storage::Dynamic(entries) => (None, Some(entries.iter_mut())),
        };
        let mut index = 0;
        std::iter::from_fn(move || {
            let (key, storage) = match native {
                Some((base, len)) if index < len => {
                    // SAFETY: `index` is below the number of entries, `entry_size` bytes apart; each is visited once. Key
                    // and value do not overlap.
                    unsafe {
                        let entry = base.byte_add(index * ops.entry_size);
                        (&*(ops.key)(entry), Storage::Native(entry.byte_add(ops.value_offset), PhantomData))
                    }
                }
                Some(_) => return None,
                None => dynamic.as_mut()?.next().map(|(key, value)| (key.as_str(), Storage::Dynamic(value)))?,
            };
            index += 1;
            Some((key, Slot { storage, node }))
        })
    }
}
