//! A hash table from names to positions: finds the member of a shape whatever the order of a response. Knows no shapes.

/// Positions by name. The names are compared by the caller, who has them.
pub(crate) struct NameTable {
    /// Position + 1 at the slot of the name's hash or the next free one; 0 if the slot is free. At least half of the
    /// slots are free, so every search ends soon.
    slots: Box<[u32]>,
}

impl NameTable {
    /// The table of these names and positions. Of equal names, the first one is found.
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = (&'n str, usize)>) -> Self {
        let names: Vec<_> = names.into_iter().collect();
        let mut table = Self { slots: vec![0; (names.len() * 2).next_power_of_two()].into_boxed_slice() };
        for (name, position) in names {
            let mut slot = table.slot(name);
            while table.slots[slot] != 0 {
                slot = table.after(slot);
            }
            table.slots[slot] = u32::try_from(position + 1).expect("a shape has fewer members");
        }
        table
    }

    /// The position of `name`; `is` compares it with the name at a position.
    pub(crate) fn find(&self, name: &str, is: impl Fn(usize) -> bool) -> Option<usize> {
        let mut slot = self.slot(name);
        while let Some(position) = (self.slots[slot] as usize).checked_sub(1) {
            if is(position) {
                return Some(position);
            }
            slot = self.after(slot);
        }
        None
    }

    fn slot(&self, name: &str) -> usize {
        hash(name.as_bytes()) as usize & (self.slots.len() - 1)
    }

    fn after(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }
}

/// Mixes eight bytes at a time. The names in a table come from models, so no input can make them collide.
fn hash(name: &[u8]) -> u32 {
    /// An odd number without pattern: 2^64 divided by the golden ratio.
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |hash: u64, word: u64| {
        let product = (hash ^ word).wrapping_mul(FACTOR);
        product ^ (product >> 32)
    };
    let mut hash = name.len() as u64;
    let (words, rest) = name.as_chunks::<8>();
    for word in words {
        hash = mix(hash, u64::from_le_bytes(*word));
    }
    let rest = rest.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte));
    (mix(hash, rest) >> 16) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Names as models have them: long common starts, numbered, of one letter.
    fn names(count: usize) -> Vec<String> {
        let name = |it: usize| match it % 3 {
            0 => format!("PrivateDnsNameOptions{it}"),
            1 => format!("{it}Set"),
            _ => char::from_u32(0x41 + it as u32).map_or_else(String::new, |it| it.to_string()),
        };
        (0..count).map(name).collect()
    }

    #[test]
    fn every_name_is_found_after_few_comparisons_and_no_other_name_is_found() {
        for count in [0, 1, 2, 3, 9, 64, 65, 500] {
            let names = names(count);
            let table = NameTable::new(names.iter().enumerate().map(|(position, name)| (&**name, position)));
            let compared = Cell::new(0);
            let find = |name: &str| {
                table.find(name, |position| {
                    compared.set(compared.get() + 1);
                    names[position] == name
                })
            };
            for (position, name) in names.iter().enumerate() {
                assert_eq!(find(name), Some(position), "{name} of {count}");
            }
            assert!(compared.get() <= count * 2, "{} comparisons for {count} names", compared.get());
            for name in ["", "PrivateDnsNameOptions", "7", "Sets", "éé"] {
                assert_eq!(find(name), None, "{name} of {count}");
            }
            assert!(compared.get() <= count * 2 + 5 * 8, "{} comparisons for unknown names", compared.get());
        }
    }

    #[test]
    fn of_equal_names_the_first_is_found() {
        let names = ["a", "b", "a", "b", "c", "b"];
        let table = NameTable::new(names.iter().enumerate().map(|(position, name)| (*name, position)));
        for (name, position) in [("a", 0), ("b", 1), ("c", 4)] {
            assert_eq!(table.find(name, |it| names[it] == name), Some(position));
        }
    }
}
