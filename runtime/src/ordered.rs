//! Sorting values of any type by one compiled sort: of their numbers. std's stable sort takes 6 to 9 kB for each type, and
//! `BTreeMap` sorts what is collected into it. For short lists off the path of ordinary calls. Knows no values.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The numbers of `len` values in their order; equal ones stay in the order in which they came.
pub(crate) fn order(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by(|one, other| compare(*one, *other));
    order
}

/// The values in their order; equal ones stay in the order in which they came.
pub(crate) fn sorted<T>(values: Vec<T>, mut compare: impl FnMut(&T, &T) -> Ordering) -> Vec<T> {
    let order = order(values.len(), &mut |one, other| compare(&values[one], &values[other]));
    let mut values: Vec<Option<T>> = values.into_iter().map(Some).collect();
    order.into_iter().filter_map(|index| values[index].take()).collect()
}

/// The map with these entries; of equal keys the last one stays.
pub(crate) fn map<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(entries);
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_sorted_and_equal_ones_stay_in_order() {
        let by_first = |values: &[(u8, char)]| sorted(values.to_vec(), |one, other| one.0.cmp(&other.0));
        assert_eq!(by_first(&[]), []);
        assert_eq!(by_first(&[(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd')]), [(1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]);
        let many: Vec<_> = (0..100_u8).map(|it| (it % 7, char::from(it))).collect();
        let mut expect = many.clone();
        expect.sort_by_key(|it| it.0);
        assert_eq!(by_first(&many), expect);
    }

    #[test]
    fn of_equal_keys_the_last_one_stays() {
        assert_eq!(map([(2, 'a'), (1, 'b'), (2, 'c')]), BTreeMap::from([(1, 'b'), (2, 'c')]));
    }
}
