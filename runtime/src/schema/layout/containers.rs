//! Lists and maps as the layout code sees them: tables of functions, one for each type. Knows no description.

use std::borrow::{Borrow, Cow};
use std::mem::{MaybeUninit, offset_of};

use super::{OptionOps, Repr, SchemaType, Type};
use crate::ordered::order;
use crate::types::{FromText, List, Map};

pub(crate) struct ListOps {
    /// Whether the list is absent, and how to make it present. Both return the list itself.
    pub(crate) own: OptionOps,
    /// The elements; none if the list is absent.
    pub(super) slice: unsafe fn(*const ()) -> (*const (), usize),
    pub(super) slice_mut: unsafe fn(*mut ()) -> (*mut (), usize),
    pub(super) push: unsafe fn(*mut ()) -> *mut (),
}

pub(crate) struct MapOps {
    /// Whether the map is absent, and how to make it present. Both return the map itself.
    pub(crate) own: OptionOps,
    /// The entries, in the order of their keys; none if the map is absent.
    pub(super) entries: unsafe fn(*const ()) -> (*const (), usize),
    pub(super) entries_mut: unsafe fn(*mut ()) -> (*mut (), usize),
    pub(super) entry_size: usize,
    /// The offset of the value in an entry.
    pub(super) value_offset: usize,
    /// The key of an entry.
    pub(super) key: unsafe fn(*const ()) -> *const str,
    pub(super) get: unsafe fn(*const (), &str) -> *const (),
    pub(super) insert: AddEntry,
    /// Adds an entry behind all others, whatever its key; [`settle`] makes the map a map again.
    pub(super) push: AddEntry,
    pub(super) reserve: unsafe fn(*mut (), usize),
    /// Removes the entries from this number on, and memory for many more.
    pub(super) truncate: unsafe fn(*mut (), usize),
}

/// Adds an entry with a default value to a map, and returns the value.
pub(super) type AddEntry = unsafe fn(*mut (), Cow<'_, str>) -> *mut ();

/// A key of a map: a string, or an enumeration, whose order is that of its string.
pub trait MapKey: Ord + Borrow<str> + 'static {
    /// The key of this text.
    fn from_key(text: Cow<'_, str>) -> Self;
}

impl MapKey for String {
    fn from_key(text: Cow<'_, str>) -> Self {
        text.into_owned()
    }
}

impl<E: FromText + Ord + Borrow<str> + 'static> MapKey for E {
    fn from_key(text: Cow<'_, str>) -> Self {
        Self::from_text(&text)
    }
}

// SAFETY (both): all functions are those of the type itself.
unsafe impl<T: SchemaType> SchemaType for List<T> {
    const TYPE: Type = Type::with_repr::<Self>(Repr::List(
        &const {
            ListOps {
                own: OptionOps { get: list_get::<T>, make: list_make::<T> },
                slice: list_slice::<T>,
                slice_mut: list_slice_mut::<T>,
                push: list_push::<T>,
            }
        },
        &T::TYPE,
    ));
}

unsafe impl<K: MapKey, T: SchemaType> SchemaType for Map<K, T> {
    const TYPE: Type = Type::with_repr::<Self>(Repr::Map(
        &const {
            MapOps {
                own: OptionOps { get: map_get_self::<K, T>, make: map_make::<K, T> },
                entries: map_entries::<K, T>,
                entries_mut: map_entries_mut::<K, T>,
                entry_size: size_of::<(K, T)>(),
                value_offset: offset_of!((K, T), 1),
                key: entry_key::<K, T>,
                get: map_get::<K, T>,
                insert: map_insert::<K, T>,
                push: map_push::<K, T>,
                reserve: map_reserve::<K, T>,
                truncate: map_truncate::<K, T>,
            }
        },
        &T::TYPE,
    ));
}

// The functions behind the tables. Each takes a pointer to a live value of the type it is instantiated for, and returns a
// pointer to it or into it. Those that take a mutable pointer have the value to themselves.

unsafe fn list_get<T>(pointer: *const ()) -> *const () {
    // SAFETY: `pointer` points to a live list.
    if unsafe { &*pointer.cast::<List<T>>() }.is_absent() { std::ptr::null() } else { pointer }
}

unsafe fn list_make<T>(pointer: *mut ()) -> *mut () {
    // SAFETY: `pointer` points to a live list, borrowed exclusively. A mutable reference to its elements makes it present.
    let _: &mut Vec<T> = unsafe { &mut *pointer.cast::<List<T>>() };
    pointer
}

unsafe fn list_slice<T>(pointer: *const ()) -> (*const (), usize) {
    // SAFETY: `pointer` points to a live list.
    let list = unsafe { &*pointer.cast::<List<T>>() };
    (list.as_ptr().cast(), list.len())
}

unsafe fn list_slice_mut<T>(pointer: *mut ()) -> (*mut (), usize) {
    // SAFETY: `pointer` points to a live list, borrowed exclusively.
    let list: &mut Vec<T> = unsafe { &mut *pointer.cast::<List<T>>() };
    (list.as_mut_ptr().cast(), list.len())
}

unsafe fn list_push<T: Default>(pointer: *mut ()) -> *mut () {
    // SAFETY: `pointer` points to a live list, borrowed exclusively.
    let list: &mut Vec<T> = unsafe { &mut *pointer.cast::<List<T>>() };
    list.push(T::default());
    let last = list.len() - 1;
    // SAFETY: the list is not empty.
    unsafe { list.as_mut_ptr().add(last) }.cast()
}

unsafe fn map_get_self<K, T>(pointer: *const ()) -> *const () {
    // SAFETY: `pointer` points to a live map.
    if unsafe { &*pointer.cast::<Map<K, T>>() }.is_absent() { std::ptr::null() } else { pointer }
}

unsafe fn map_make<K, T>(pointer: *mut ()) -> *mut () {
    // SAFETY: `pointer` points to a live map, borrowed exclusively.
    let _ = unsafe { &mut *pointer.cast::<Map<K, T>>() }.present();
    pointer
}

unsafe fn map_entries<K, T>(pointer: *const ()) -> (*const (), usize) {
    // SAFETY: `pointer` points to a live map.
    let entries = unsafe { &*pointer.cast::<Map<K, T>>() }.entries();
    (entries.as_ptr().cast(), entries.len())
}

unsafe fn map_entries_mut<K, T>(pointer: *mut ()) -> (*mut (), usize) {
    // SAFETY: `pointer` points to a live map, borrowed exclusively.
    let entries = unsafe { &mut *pointer.cast::<Map<K, T>>() }.entries_mut();
    (entries.as_mut_ptr().cast(), entries.len())
}

unsafe fn entry_key<K: MapKey, T>(pointer: *const ()) -> *const str {
    // SAFETY: `pointer` points to a live entry. Of its value nothing is read, so that a slot of it may exist.
    let key: &str = unsafe { &*pointer.byte_add(offset_of!((K, T), 0)).cast::<K>() }.borrow();
    key
}

unsafe fn map_get<K: MapKey, T>(pointer: *const (), key: &str) -> *const () {
    // SAFETY: `pointer` points to a live map.
    match unsafe { &*pointer.cast::<Map<K, T>>() }.get(key) {
        Some(value) => std::ptr::from_ref(value).cast(),
        None => std::ptr::null(),
    }
}

unsafe fn map_insert<K: MapKey, T: Default>(pointer: *mut (), key: Cow<'_, str>) -> *mut () {
    // SAFETY: `pointer` points to a live map, borrowed exclusively. A repeated key starts again from the default.
    let entry = unsafe { &mut *pointer.cast::<Map<K, T>>() }.entry(K::from_key(key));
    std::ptr::from_mut(entry.insert_entry(T::default()).into_mut()).cast()
}

unsafe fn map_push<K: MapKey, T: Default>(pointer: *mut (), key: Cow<'_, str>) -> *mut () {
    // SAFETY: `pointer` points to a live map, borrowed exclusively.
    let entries = unsafe { &mut *pointer.cast::<Map<K, T>>() }.present();
    let len = entries.len();
    if len == entries.capacity() {
        // Many maps have one entry or two; `Vec` would begin with four.
        entries.reserve_exact(len.max(2));
    }
    entries.push((K::from_key(key), T::default()));
    // SAFETY: the entry was just added.
    std::ptr::from_mut(unsafe { &mut entries.get_unchecked_mut(len).1 }).cast()
}

unsafe fn map_reserve<K, T>(pointer: *mut (), count: usize) {
    // SAFETY: `pointer` points to a live map, borrowed exclusively.
    unsafe { &mut *pointer.cast::<Map<K, T>>() }.present().reserve_exact(count);
}

unsafe fn map_truncate<K, T>(pointer: *mut (), len: usize) {
    // SAFETY: `pointer` points to a live map, borrowed exclusively.
    let entries = unsafe { &mut *pointer.cast::<Map<K, T>>() }.present();
    entries.truncate(len);
    if entries.capacity() - len > len / 4 {
        entries.shrink_to_fit();
    }
}

/// Sorts the entries that were pushed; of equal keys the last one stays. Returns such a key.
///
/// # Safety
///
/// The functions belong to the map at `map`, which is live and borrowed exclusively.
pub(super) unsafe fn settle(map: *mut (), ops: &MapOps) -> Option<String> {
    // SAFETY: as the caller promises.
    let (base, len) = unsafe { (ops.entries_mut)(map) };
    // SAFETY: entries are `entry_size` bytes apart, and all of them live until the last step. Nothing is written while a
    // key is borrowed.
    let key = |index: usize| unsafe { &*(ops.key)(base.byte_add(index * ops.entry_size)) };
    if (1..len).all(|index| key(index - 1) < key(index)) {
        // SAFETY: as the caller promises.
        unsafe { (ops.truncate)(map, len) };
        return None;
    }
    if len <= INSERTED && ops.entry_size <= MAX_ENTRY {
        // SAFETY: as the caller promises; the entries have this size.
        unsafe { insertion_sort(base, len, ops) };
        if (1..len).all(|index| key(index - 1) < key(index)) {
            // SAFETY: as the caller promises.
            unsafe { (ops.truncate)(map, len) };
            return None;
        }
    }
    // Stable, so that equal keys stay in the order in which they came.
    let mut order = order(len, &mut |one, other| key(one).cmp(key(other)));
    let replaced: Vec<usize> = order.windows(2).filter(|it| key(it[0]) == key(it[1])).map(|it| it[0]).collect();
    if !replaced.is_empty() {
        let mut is_replaced = vec![false; len];
        replaced.iter().for_each(|index| is_replaced[*index] = true);
        order.retain(|index| !is_replaced[*index]);
    }
    let repeated = replaced.first().map(|it| key(*it).to_owned());
    let kept = order.len();
    order.extend(replaced);
    let mut sorted: Vec<MaybeUninit<u8>> = Vec::with_capacity(len * ops.entry_size);
    let copy = sorted.as_mut_ptr().cast::<()>();
    for (to, from) in order.into_iter().enumerate() {
        // SAFETY: each of the `len` entries is copied once, to a place of its own in memory for all of them.
        unsafe { copy_bytes(base.byte_add(from * ops.entry_size), copy.byte_add(to * ops.entry_size), ops) };
    }
    // SAFETY: the copies are a permutation of the entries, so that each value is there once, as before; nothing between the
    // first copy and the last can panic. The functions belong to the map.
    unsafe {
        std::ptr::copy_nonoverlapping(copy.cast::<MaybeUninit<u8>>(), base.cast(), len * ops.entry_size);
        (ops.truncate)(map, kept);
    }
    repeated
}

/// Up to how many entries are sorted in place, as std does, and up to which size of each.
const INSERTED: usize = 20;
const MAX_ENTRY: usize = 256;

/// Sorts few entries without an allocation; equal keys stay in the order in which they came.
///
/// # Safety
///
/// `base` points to `len` live entries of a map with these functions, borrowed exclusively. They have at most `MAX_ENTRY` bytes.
unsafe fn insertion_sort(base: *mut (), len: usize, ops: &MapOps) {
    debug_assert!(ops.entry_size <= MAX_ENTRY);
    // SAFETY: `index` is below `len`.
    let at = |index: usize| unsafe { base.byte_add(index * ops.entry_size) };
    for index in 1..len {
        // SAFETY: the entries are live, and nothing is written while a key is borrowed.
        let key = |index: usize| unsafe { &*(ops.key)(at(index)) };
        let is_after = |before: &usize| key(*before - 1) > key(index);
        let place = (1..=index).rev().take_while(is_after).last().map_or(index, |it| it - 1);
        if place == index {
            continue;
        }
        let mut kept = [MaybeUninit::<u8>::uninit(); MAX_ENTRY];
        let kept = kept.as_mut_ptr().cast::<()>();
        // SAFETY: an entry fits into `kept`. The entries from `place` on move by one, onto the one that was copied, which
        // then takes their place; nothing in between can panic, so that each value is there once, as before.
        unsafe {
            copy_bytes(at(index), kept, ops);
            let moved = (index - place) * ops.entry_size;
            std::ptr::copy(at(place).cast::<MaybeUninit<u8>>(), at(place + 1).cast(), moved);
            copy_bytes(kept, at(place), ops);
        }
    }
}

/// # Safety
///
/// Both point to memory for an entry, and to different ones; `from` is live.
unsafe fn copy_bytes(from: *const (), to: *mut (), ops: &MapOps) {
    // SAFETY: as the caller promises; bytes of any kind may be copied as `MaybeUninit`.
    unsafe { std::ptr::copy_nonoverlapping(from.cast::<MaybeUninit<u8>>(), to.cast(), ops.entry_size) }
}
