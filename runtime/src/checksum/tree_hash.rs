//! The tree hash of Glacier: the SHA-256 of every MiB, then of pairs of hashes until one is left. Knows no request.

use sha2::{Digest, Sha256};

use crate::encoding::hex;

/// As Glacier defines it.
const LEAF_LEN: usize = 1024 * 1024;

type Hash = [u8; 32];

/// An incremental tree hash. It keeps one hash per level of the tree, regardless of the number of bytes.
///
/// ```
/// use aws_core::TreeHash;
///
/// let mut hash = TreeHash::new();
/// hash.update(b"an archive");
/// assert_eq!(hash.finish().len(), 64);
/// ```
#[derive(Clone, Debug, Default)]
pub struct TreeHash {
    leaf: Sha256,
    leaf_len: usize,
    /// Complete subtrees from left to right, with their heights, which decrease.
    subtrees: Vec<(u32, Hash)>,
}

impl TreeHash {
    /// A hash of no bytes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (part, rest) = bytes.split_at(bytes.len().min(LEAF_LEN - self.leaf_len));
            self.leaf.update(part);
            self.leaf_len += part.len();
            bytes = rest;
            if self.leaf_len == LEAF_LEN {
                self.end_leaf();
            }
        }
    }

    /// The hash in lower-case hexadecimal, as Glacier expects it.
    pub fn finish(mut self) -> String {
        if self.leaf_len > 0 || self.subtrees.is_empty() {
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
        self.leaf_len = 0;
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

    fn tree_hash(bytes: &[u8], step: usize) -> String {
        let mut hash = TreeHash::new();
        bytes.chunks(step).for_each(|it| hash.update(it));
        hash.finish()
    }

    /// Computed level by level, as in Glacier's developer guide.
    fn reference_hash(bytes: &[u8]) -> String {
        let mut level: Vec<Hash> = bytes.chunks(LEAF_LEN).map(|it| Sha256::digest(it).into()).collect();
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
    fn short_bodies_have_their_sha256() {
        assert_eq!(tree_hash(b"", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(tree_hash(b"abc", 2), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn trees_of_all_shapes_equal_the_reference() {
        for leaves in 1..=9_usize {
            for extra in [0, 1, LEAF_LEN - 1] {
                let bytes: Vec<u8> = (0..(leaves - 1) * LEAF_LEN + extra).map(|it| (it / 7919) as u8).collect();
                assert_eq!(tree_hash(&bytes, LEAF_LEN), reference_hash(&bytes), "{leaves} leaves and {extra} bytes");
            }
        }
        let bytes = vec![7; 3 * LEAF_LEN + 17];
        for step in [1000, LEAF_LEN - 1, LEAF_LEN + 1, 5 * LEAF_LEN] {
            assert_eq!(tree_hash(&bytes, step), reference_hash(&bytes), "in steps of {step}");
        }
    }
}
