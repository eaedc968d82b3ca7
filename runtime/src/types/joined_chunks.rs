//! Joins the chunks of a body in memory. Knows no source of the chunks.

use bytes::Bytes;

/// How many bytes are allocated in advance at most. Our choice: the buffer of a longer body grows as bytes are received, so
/// that a false length costs no memory.
const ALLOCATE_AHEAD: u64 = 16 * 1024 * 1024;

/// The chunks of a body that were received so far. A single one is kept as it came, without a copy.
#[derive(Default)]
pub(crate) struct JoinedChunks {
    first: Bytes,
    joined: Vec<u8>,
}

impl JoinedChunks {
    /// Appends a chunk, after which the body is said to have `remaining` bytes more. The memory is allocated for all of them
    /// at once or, if they are more than [`ALLOCATE_AHEAD`], in steps that double.
    pub(crate) fn push(&mut self, chunk: Bytes, remaining: Option<u64>) {
        let joined = &mut self.joined;
        if joined.is_empty() && self.first.is_empty() {
            self.first = chunk;
            return;
        }
        let first = std::mem::take(&mut self.first);
        let needed = first.len() + chunk.len();
        if joined.capacity() - joined.len() < needed
            && let Some(remaining) = remaining
        {
            let ahead = (joined.len() as u64).max(ALLOCATE_AHEAD).min(remaining);
            joined.reserve_exact(needed + ahead as usize);
        }
        joined.extend_from_slice(&first);
        joined.extend_from_slice(&chunk);
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_in_order_and_one_is_not_copied() {
        fn check(chunks: &[&'static str], expect: &str) {
            let total: usize = chunks.iter().map(|it| it.len()).sum();
            for declared in [None, Some(0), Some(total as u64), Some(u64::MAX)] {
                let mut joined = JoinedChunks::default();
                let mut remaining = declared;
                for chunk in chunks {
                    remaining = remaining.map(|it: u64| it.saturating_sub(chunk.len() as u64));
                    joined.push(Bytes::from_static(chunk.as_bytes()), remaining);
                }
                let joined = joined.into_bytes();
                assert_eq!(joined, expect, "{declared:?}");
                if let [one] = chunks {
                    assert_eq!(joined.as_ptr(), one.as_ptr());
                }
            }
        }
        check(&[], "");
        check(&["one"], "one");
        check(&["a", "bc", "", "d"], "abcd");
        check(&["", "a", "b"], "ab");
    }

    #[test]
    fn memory_is_allocated_for_the_declared_length_up_to_a_limit() {
        let check = |chunk: usize, remaining: u64, expect: usize| {
            let mut joined = JoinedChunks::default();
            joined.push(vec![0; chunk].into(), Some(remaining.saturating_add(chunk as u64)));
            joined.push(vec![0; chunk].into(), Some(remaining));
            assert_eq!(joined.joined.capacity(), 2 * chunk + expect, "{remaining}");
        };
        check(1000, 0, 0);
        check(1000, 5000, 5000);
        check(1000, u64::MAX, ALLOCATE_AHEAD as usize);
    }
}
