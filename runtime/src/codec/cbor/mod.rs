//! CBOR (RFC 8949), as the Smithy RPC protocol uses it. Knows no operation and no HTTP.

mod read;
#[cfg(test)]
mod tests;
mod token;
mod write;

pub use read::{read, skip};
pub use token::{Token, Tokens};
pub use write::write;
pub(crate) use write::{write_map, write_members};
