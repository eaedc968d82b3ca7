//! Buffers that are used again: pages of memory that the system must clear and map for each part cost as much as sending
//! the part does. Knows no file.

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;

/// Unused buffers. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Buffers(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    unused: Vec<Vec<u8>>,
    /// Bytes of all buffers, in use or not.
    bytes: usize,
    /// Unused buffers are freed rather than let all together exceed this.
    max: usize,
}

impl Buffers {
    pub(crate) fn new(max: u64) -> Self {
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        Self(Arc::new(Mutex::new(State { unused: Vec::new(), bytes: 0, max })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|it| it.into_inner())
    }

    /// A buffer of exactly `size` bytes, with any content.
    pub(crate) fn filled(&self, size: usize) -> Buffer {
        let mut buffer = self.take(size);
        buffer.bytes.resize(size, 0);
        buffer
    }

    /// An empty buffer with room for at least `size` bytes.
    pub(crate) fn empty(&self, size: usize) -> Buffer {
        let mut buffer = self.take(size);
        buffer.bytes.clear();
        buffer
    }

    fn take(&self, size: usize) -> Buffer {
        let mut state = self.lock();
        // One that is much larger would take more than what the part was given of the budget.
        let fits = |capacity: usize| capacity >= size && capacity - size <= size / 8;
        let fitting = state.unused.iter().position(|it| fits(it.capacity()));
        if let Some(index) = fitting {
            return Buffer { bytes: state.unused.swap_remove(index), counted: 0, home: self.clone() }.counted();
        }
        while state.bytes + size > state.max
            && let Some(unused) = state.unused.pop()
        {
            state.bytes -= unused.capacity();
        }
        state.bytes += size;
        drop(state);
        Buffer { bytes: Vec::with_capacity(size), counted: size, home: self.clone() }
    }

    pub(crate) fn has_unused(&self) -> bool {
        !self.lock().unused.is_empty()
    }

    /// Frees all unused buffers.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        let unused = std::mem::take(&mut state.unused);
        state.bytes -= unused.iter().map(Vec::capacity).sum::<usize>().min(state.bytes);
    }
}

/// A buffer, which is kept for others when it is dropped.
pub(crate) struct Buffer {
    pub(crate) bytes: Vec<u8>,
    /// What it was counted as.
    counted: usize,
    home: Buffers,
}

impl Buffer {
    fn counted(mut self) -> Self {
        self.counted = self.bytes.capacity();
        self
    }

    /// The content, which gives the buffer back once its last clone is dropped.
    pub(crate) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        let mut state = self.home.lock();
        // It may have grown since it was counted.
        state.bytes = (state.bytes + bytes.capacity()).saturating_sub(self.counted);
        match state.bytes <= state.max {
            true => state.unused.push(bytes),
            false => state.bytes -= bytes.capacity(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_once_its_content_is_dropped() {
        let buffers = Buffers::new(10_000);
        let mut buffer = buffers.empty(1000);
        buffer.bytes.extend_from_slice(b"text");
        let place = buffer.bytes.as_ptr();
        let content = buffer.freeze();
        let clone = content.clone();
        drop(content);
        assert_ne!(buffers.filled(900).bytes.as_ptr(), place, "a clone still has it");
        buffers.clear();
        drop(clone);
        let again = buffers.filled(900);
        assert_eq!((again.bytes.as_ptr(), again.bytes.len()), (place, 900));
        drop(again);
        assert!(buffers.empty(10).bytes.capacity() < 1000, "a small part does not hold a large buffer");
    }

    #[test]
    fn unused_buffers_make_room_for_those_in_use() {
        let buffers = Buffers::new(1000);
        let many: Vec<_> = (0..5).map(|_| buffers.empty(200)).collect();
        drop(many);
        let all = || buffers.lock().bytes;
        assert_eq!(all(), 1000);
        let large = buffers.empty(900);
        assert!(all() <= 1000);
        let larger = buffers.empty(5000);
        drop((large, larger));
        assert!(all() <= 1000);
        buffers.clear();
        assert_eq!(all(), 0);
    }
}
