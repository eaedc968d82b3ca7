//! Hexadecimal: digests, trace identifiers. Knows nothing about the meaning of the bytes.

use crate::{Error, ErrorKind, Result};

/// Encodes `bytes` in lower-case hexadecimal.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.extend(pair(*byte).map(char::from));
    }
    out
}

/// The lower-case hexadecimal digits of a SHA-256 digest, without an allocation.
pub(crate) fn of_sha256(digest: &[u8; 32]) -> [u8; 64] {
    let mut out = [0; 64];
    for (pair, byte) in out.as_chunks_mut::<2>().0.iter_mut().zip(digest) {
        *pair = self::pair(*byte);
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

/// The digits of a byte.
pub(super) fn pair(byte: u8) -> [u8; 2] {
    [byte >> 4, byte & 15].map(|it| if it < 10 { b'0' + it } else { b'a' + it - 10 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decode_inverts_encode() {
        assert_eq!(encode([0x00, 0x0f, 0xa9, 0xff]), "000fa9ff");
        assert_eq!(decode("000FA9ff").unwrap(), [0x00, 0x0f, 0xa9, 0xff]);
        assert_eq!(encode([]), "");
        let digest: [u8; 32] = std::array::from_fn(|it| (it * 8 + 7) as u8);
        assert_eq!(of_sha256(&digest), encode(digest).as_bytes());
        for invalid in ["0", "0g", "000", "é0", "+1"] {
            assert_eq!(decode(invalid).unwrap_err().kind(), ErrorKind::Parse, "{invalid}");
        }
    }
}
