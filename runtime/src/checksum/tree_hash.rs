//! The tree hash of Glacier: SHA-256 over every MiB, then over pairs of hashes until one is left. Knows no request.

use sha2::{Digest, Sha256};

use crate::text::hex;

const LEAF: usize = 1024 * 1024;

type Hash = [u8; 32];

/// A tree hash in the making. Holds one hash for each level of the tree, however many bytes there are.
///
/// ```
/// use aws_core::checksum::TreeHash;
///
/// let mut hash = TreeHash::new();
/// hash.update(b"an archive");
/// assert_eq!(hash.finish().len(), 64);
/// ```
#[derive(Clone, Debug, Default)]
pub struct TreeHash {
    leaf: Sha256,
    in_leaf: usize,
    /// Whole subtrees from left to right, with their heights, which fall.
    subtrees: Vec<(u32, Hash)>,
}

impl TreeHash {
    /// The hash of no bytes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(LEAF - self.in_leaf));
            self.leaf.update(now);
            self.in_leaf += now.len();
            bytes = later;
            if self.in_leaf == LEAF {
                self.end_leaf();
            }
        }
    }

    /// The hash in lower-case hexadecimal, as Glacier wants it.
    pub fn finish(mut self) -> String {
        if self.in_leaf > 0 || self.subtrees.is_empty() {
            self.end_leaf();
        }
        let mut right = self.subtrees.pop().map_or_else(Hash::default, |it| it.1);
        while let Some((_, left)) = self.subtrees.pop() {
            right = join(&left, &right);
        }
        hex::encode(right)
    }

    fn end_leaf(&mut self) {
        let mut node = (0, std::mem::take(&mut self.leaf).finalize().into());
        self.in_leaf = 0;
        while let Some((height, left)) = self.subtrees.pop_if(|it| it.0 == node.0) {
            node = (height + 1, join(&left, &node.1));
        }
        self.subtrees.push(node);
    }
}

fn join(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], step: usize) -> String {
        let mut hash = TreeHash::new();
        bytes.chunks(step).for_each(|it| hash.update(it));
        hash.finish()
    }

    /// Level by level, as Glacier's guide tells it.
    fn by_levels(bytes: &[u8]) -> String {
        let mut level: Vec<Hash> = bytes.chunks(LEAF).map(|it| Sha256::digest(it).into()).collect();
        if level.is_empty() {
            level.push(Sha256::digest(b"").into());
        }
        while level.len() > 1 {
            level = level
                .chunks(2)
                .map(|pair| match pair {
                    [left, right] => join(left, right),
                    rest => rest[0],
                })
                .collect();
        }
        hex::encode(level[0])
    }

    #[test]
    fn short_bodies_have_their_own_hash() {
        assert_eq!(of(b"", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(of(b"abc", 2), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn trees_of_all_forms() {
        for leaves in 1..=9_usize {
            for extra in [0, 1, LEAF - 1] {
                let bytes: Vec<u8> = (0..(leaves - 1) * LEAF + extra).map(|it| (it / 7919) as u8).collect();
                assert_eq!(of(&bytes, LEAF), by_levels(&bytes), "{leaves} leaves and {extra} bytes");
            }
        }
        let bytes = vec![7; 3 * LEAF + 17];
        for step in [1000, LEAF - 1, LEAF + 1, 5 * LEAF] {
            assert_eq!(of(&bytes, step), by_levels(&bytes), "in steps of {step}");
        }
    }
}
