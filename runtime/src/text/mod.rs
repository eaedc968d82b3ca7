//! Encodings between bytes and text: percent, base64, hexadecimal, UUIDs. Knows no protocol and no header.

pub mod base64;
pub mod hex;
pub mod percent;
pub mod uuid;
