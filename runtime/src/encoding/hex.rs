//! Hexadecimal: digests, trace identifiers. Knows nothing about the meaning of the bytes.

use crate::{Error, ErrorKind, Result};

/// Encodes `bytes` in lower-case hexadecimal.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(digit(byte >> 4));
        out.push(digit(byte & 15));
    }
    out
}

/// Decodes hexadecimal, in upper or lower case.
///
/// # Errors
/// [`ErrorKind::Parse`] for any other character or an odd length.
pub fn decode(text: &str) -> Result<Vec<u8>> {
    let value = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some((value(*high)? * 16 + value(*low)?) as u8),
        _ => None,
    });
    pairs
        .collect::<Option<_>>()
        .ok_or_else(|| Error::new(ErrorKind::Parse, format!("invalid hexadecimal ({} bytes)", text.len())))
}

/// The digit of a number below 16.
pub(super) fn digit(value: u8) -> char {
    char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decode_inverts_encode() {
        assert_eq!(encode([0x00, 0x0f, 0xa9, 0xff]), "000fa9ff");
        assert_eq!(decode("000FA9ff").unwrap(), [0x00, 0x0f, 0xa9, 0xff]);
        assert_eq!(encode([]), "");
        for invalid in ["0", "0g", "000", "é0", "+1"] {
            assert_eq!(decode(invalid).unwrap_err().kind(), ErrorKind::Parse, "{invalid}");
        }
    }
}
