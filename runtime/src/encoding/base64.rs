//! Base64 with the standard alphabet and padding. Knows nothing about the meaning of the bytes.

use crate::{Error, ErrorKind, Result};

/// Encodes `bytes` as base64.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    // Not generic, so that it is compiled once, here, and not in every crate that calls `encode`.
    fn encode_slice(bytes: &[u8]) -> String {
        base64_simd::STANDARD.encode_to_string(bytes)
    }
    encode_slice(bytes.as_ref())
}

/// Appends `bytes` in base64 to `out`.
pub fn push(out: &mut String, bytes: &[u8]) {
    base64_simd::STANDARD.encode_append(bytes, out);
}

/// Decodes base64. White space and missing padding are accepted.
///
/// # Errors
/// [`ErrorKind::Parse`] if anything else is wrong. The message does not contain `text`: it may be a secret.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>> {
    let text = text.as_ref();
    base64_simd::STANDARD
        .decode_to_vec(text)
        .or_else(|_| base64_simd::forgiving_decode_to_vec(text))
        .map_err(|_| Error::new(ErrorKind::Parse, format!("invalid base64 ({} bytes)", text.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decode_inverts_encode() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("\u{ff}>?", "w78+Pw==")]
        {
            assert_eq!(encode(bytes), text);
            let mut out = String::from(":");
            push(&mut out, bytes.as_bytes());
            assert_eq!(out, format!(":{text}"));
            assert_eq!(decode(text).unwrap(), bytes.as_bytes());
        }
    }

    #[test]
    fn white_space_and_missing_padding_are_accepted() {
        for text in ["Zm9v\nYmFy", " Zm9vYmFy ", "Zm 9v\r\n\tYmFy"] {
            assert_eq!(decode(text).unwrap(), b"foobar");
        }
        assert_eq!(decode("Zg").unwrap(), b"f");
    }

    #[test]
    fn invalid_base64_is_rejected_without_showing_it() {
        for text in ["Zg=", "Z", "Zm9v!", "_-==", "Zm9vé"] {
            let error = decode(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Parse, "{text}");
            assert!(!error.to_string().contains(text));
        }
    }
}
