//! Tests of whole rooms, over buckets in memory.

mod listing;
mod store;
mod sync;
