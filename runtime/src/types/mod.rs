//! Types for values of AWS shapes that std has no type for. Knows no wire format except the strings of the values
//! themselves.

mod aggregated_bytes;
mod byte_stream;
mod document;
mod document_serde;
mod exact_length;
mod file_source;
mod into_member;
mod joined_chunks;
mod list;
mod make;
mod map;
mod map_entry;
#[cfg(test)]
mod map_tests;
mod timestamp;

pub use aggregated_bytes::AggregatedBytes;
pub(crate) use byte_stream::UnreadBody;
pub use byte_stream::{ByteStream, StreamReader};
pub(crate) use document::quote;
pub use document::{Document, Number};
pub(crate) use document_serde::{DocumentSeed, NUMBER, out_of_range};
pub use into_member::{FromText, IntoMember, IntoString};
pub(crate) use joined_chunks::JoinedChunks;
pub use list::List;
pub use make::{FromEntries, FromItems};
pub use map::Map;
pub use map_entry::{Entry, OccupiedEntry, VacantEntry};
pub use timestamp::{Format, Timestamp};
