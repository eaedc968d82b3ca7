//! Checksums of bodies: computing, sending in headers and trailers, checking when they come back. Knows no signatures, and no
//! service beyond the header names they share.

mod algorithm;
mod chunked;
mod tree_hash;
mod validate;

pub use algorithm::{Algorithm, Digest, Hasher, crc32};
pub use chunked::{add_trailer, aws_chunked, encoded_len};
pub use tree_hash::TreeHash;
pub use validate::{Expected, announced, check, hash_stream, validated};
