//! Encodings of bytes as strings: percent-encoding, base64, hexadecimal, UUIDs. Knows no protocol and no header.

pub mod base64;
pub mod hex;
pub mod percent;
pub mod uuid;
