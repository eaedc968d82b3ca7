//! Checksums of bodies: computing them, sending them in headers and trailers, and validating those of responses. Knows
//! no signatures, and no service; only the header names that all services share.

mod algorithm;
mod chunked;
mod tree_hash;
mod validate;

pub use algorithm::{Algorithm, Digest, Hasher, crc32};
pub use chunked::{add_trailer, aws_chunked, encoded_len};
pub use tree_hash::TreeHash;
pub use validate::{Expected, check, expected_in_headers, hash_stream, validated};
