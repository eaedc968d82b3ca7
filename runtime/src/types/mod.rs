//! Types for values of AWS shapes that std has no type for. Knows no wire format except the strings of the values
//! themselves.

mod aggregated_bytes;
mod byte_stream;
mod document;
mod exact_length;
mod file_source;
mod inspect;
mod joined_chunks;
mod stream_reader;
mod timestamp;
mod unread_body;

pub use aggregated_bytes::AggregatedBytes;
pub use byte_stream::ByteStream;
pub(crate) use document::quote;
pub use document::{Document, Number};
pub(crate) use joined_chunks::JoinedChunks;
pub use stream_reader::StreamReader;
pub use timestamp::{Format, Timestamp};
pub(crate) use unread_body::UnreadBody;
