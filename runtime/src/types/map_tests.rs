//! The map beside std's, whose methods it has: every operation on both, with equal results.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use super::map::Map;
use super::map_entry::Entry;

/// Numbers without pattern, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn key(&mut self) -> String {
        format!("k{}", self.below(20))
    }
}

#[track_caller]
fn check(map: &Map<String, u64>, expect: &BTreeMap<String, u64>) {
    assert_eq!(map, expect);
    assert_eq!((map.len(), map.is_empty()), (expect.len(), expect.is_empty()));
    assert!(
        map.keys().eq(expect.keys()) && map.values().eq(expect.values()) && map.iter().rev().eq(expect.iter().rev())
    );
    assert_eq!(map.first_key_value(), expect.first_key_value());
    assert_eq!(map.last_key_value(), expect.last_key_value());
}

#[test]
fn every_method_does_what_it_does_for_a_map_of_std() {
    let mut random = Random(7);
    for _ in 0..if cfg!(miri) { 5 } else { 200 } {
        let (mut map, mut std) = (Map::default(), BTreeMap::new());
        for step in 0..40 {
            let (key, value) = (random.key(), random.below(1000));
            match random.below(12) {
                0..=2 => assert_eq!(map.insert(key.clone(), value), std.insert(key, value)),
                3 => assert_eq!(map.remove(&key), std.remove(&key)),
                4 => assert_eq!(map.remove_entry(key.as_str()), std.remove_entry(key.as_str())),
                5 => {
                    *map.entry(key.clone()).and_modify(|it| *it += 1).or_insert(value) += 2;
                    *std.entry(key).and_modify(|it| *it += 1).or_insert(value) += 2;
                }
                6 => {
                    let added: Vec<_> = (0..random.below(6)).map(|it| (random.key(), it)).collect();
                    map.extend(added.clone());
                    std.extend(added);
                }
                7 => {
                    map.retain(|_, it| *it % 3 != 0);
                    std.retain(|_, it| *it % 3 != 0);
                }
                8 => assert_eq!((map.pop_first(), map.pop_last()), (std.pop_first(), std.pop_last())),
                9 => {
                    map.values_mut().for_each(|it| *it += step);
                    std.values_mut().for_each(|it| *it += step);
                    map.iter_mut().for_each(|(key, it)| *it += key.len() as u64);
                    std.iter_mut().for_each(|(key, it)| *it += key.len() as u64);
                }
                10 => {
                    let mut more = Map::from([(key.clone(), value), ("k5".to_owned(), 5)]);
                    map.append(&mut more);
                    std.append(&mut BTreeMap::from([(key, value), ("k5".to_owned(), 5)]));
                    assert!(more.is_empty());
                }
                _ => {
                    assert_eq!((map.get(&key), map.contains_key(&key)), (std.get(&key), std.contains_key(&key)));
                    assert_eq!(map.get_mut(&key), std.get_mut(&key));
                    assert_eq!(map.get_key_value(&key), std.get_key_value(&key));
                    let (low, high) = (format!("k{}", random.below(10)), "k9".to_owned());
                    assert!(map.range(low.clone()..=high.clone()).eq(std.range(low.clone()..=high.clone())));
                    let after = (Bound::Excluded(low.as_str()), Bound::Unbounded);
                    assert!(map.range::<str, _>(after).eq(std.range::<str, _>(after)));
                }
            }
            check(&map, &std);
        }
    }
}

#[test]
fn entries_are_vacant_or_occupied() {
    let mut map = Map::from([("b", 1)]);
    match map.entry("a") {
        Entry::Vacant(entry) => assert_eq!((*entry.key(), *entry.insert(3)), ("a", 3)),
        Entry::Occupied(_) => panic!("there is no such key"),
    }
    match map.entry("b") {
        Entry::Occupied(mut entry) => {
            assert_eq!((*entry.key(), entry.insert(2), *entry.get()), ("b", 1, 2));
            assert_eq!(entry.remove_entry(), ("b", 2));
        }
        Entry::Vacant(_) => panic!("there is such a key"),
    }
    assert_eq!(*map.entry("c").or_default(), 0);
    assert_eq!(map.entry("d").or_insert_with_key(|key| key.len()), &1);
    assert_eq!(map.entry("a").insert_entry(4).into_mut(), &4);
    assert_eq!(map, BTreeMap::from([("a", 4), ("c", 0), ("d", 1)]));
    assert_eq!(map.into_keys().collect::<Vec<_>>(), ["a", "c", "d"]);
}

#[test]
fn of_equal_keys_the_last_one_stays_and_the_order_is_that_of_the_keys() {
    let pairs = [("b", 1), ("a", 2), ("b", 3), ("c", 4), ("a", 5), ("b", 6)];
    let expect = BTreeMap::from([("a", 5), ("b", 6), ("c", 4)]);
    for map in [Map::from(pairs), pairs.into_iter().collect(), Map::from(pairs.to_vec())] {
        assert_eq!(map, expect);
        assert_eq!(map["b"], 6);
        assert_eq!(Vec::from(map.clone()), [("a", 5), ("b", 6), ("c", 4)]);
        assert_eq!(map, HashMap::from([("a", 5), ("b", 6), ("c", 4)]));
        assert_eq!(Map::from(HashMap::<_, _>::from(map.clone())), map);
        assert_eq!(Map::from(BTreeMap::from(map.clone())), map);
        assert_eq!(format!("{map:?}"), format!("{expect:?}"));
    }
}

#[test]
fn what_only_reads_or_removes_leaves_an_absent_map_absent() {
    let mut map = Map::<String, i32>::default();
    assert_eq!((map.get("a"), map.contains_key("a")), (None, false));
    assert_eq!((map.remove("a"), map.get_mut("a")), (None, None));
    assert_eq!((map.pop_first(), map.pop_last(), map.iter_mut().count()), (None, None, 0));
    map.retain(|_, _| true);
    map.extend([]);
    assert!(map.is_absent() && map != Map::empty() && map == BTreeMap::new());
    assert_eq!(format!("{map:?}"), "absent");
    for present in [|it: &mut Map<_, _>| it.clear(), |it: &mut Map<_, _>| drop(it.entry("a".to_owned()))] {
        let mut map = Map::<String, i32>::default();
        present(&mut map);
        assert!(!map.is_absent() && map.is_empty() && map == Map::empty());
    }
    assert!(Map::<String, i32>::from(None::<BTreeMap<_, _>>).is_absent());
}

#[test]
fn a_map_takes_the_memory_of_its_entries() {
    assert_eq!(size_of::<Map<String, String>>(), size_of::<Vec<u8>>());
    let map: Map<_, _> = (0..100).map(|it| (it, it)).collect();
    assert_eq!(Vec::from(map).capacity(), 100);
}
