//! Event streams: a stream of typed events in the body of an answer.
//!
//! The slot is typed; frames are handed over undecoded, as the service sent them.

use std::fmt;
use std::marker::PhantomData;

use crate::value::ByteStream;

/// A stream of events of the union `T`, in `application/vnd.amazon.eventstream` frames.
pub struct EventStream<T> {
    frames: ByteStream,
    events: PhantomData<fn() -> T>,
}

impl<T> EventStream<T> {
    pub(crate) fn new(frames: ByteStream) -> Self {
        Self { frames, events: PhantomData }
    }

    /// The bytes of the frames as they arrive.
    pub fn into_frames(self) -> ByteStream {
        self.frames
    }
}

impl<T> Default for EventStream<T> {
    fn default() -> Self {
        Self::new(ByteStream::default())
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventStream")
    }
}
