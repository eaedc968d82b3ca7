//! Base64 with the standard alphabet and padding. Knows nothing of what the bytes are.

use crate::{Error, ErrorKind, Result};

/// `bytes` as base64 text.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    // Compiled once, here, and not in every crate that calls it.
    fn of_slice(bytes: &[u8]) -> String {
        base64_simd::STANDARD.encode_to_string(bytes)
    }
    of_slice(bytes.as_ref())
}

/// Appends the base64 text of `bytes` to `out`.
pub fn push(out: &mut String, bytes: &[u8]) {
    base64_simd::STANDARD.encode_append(bytes, out);
}

/// The bytes of base64 `text`; white space in it and missing padding at its end are forgiven.
///
/// # Errors
/// [`ErrorKind::Parse`] if anything else is wrong. The text itself is not told: it may be a secret.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>> {
    let text = text.as_ref();
    base64_simd::STANDARD
        .decode_to_vec(text)
        .or_else(|_| base64_simd::forgiving_decode_to_vec(text))
        .map_err(|_| Error::new(ErrorKind::Parse, format!("not base64: text of {} bytes", text.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
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
    fn forgives_white_space_and_padding() {
        for text in ["Zm9v\nYmFy", " Zm9vYmFy ", "Zm 9v\r\n\tYmFy"] {
            assert_eq!(decode(text).unwrap(), b"foobar");
        }
        assert_eq!(decode("Zg").unwrap(), b"f");
    }

    #[test]
    fn refuses_the_rest_without_telling_it() {
        for text in ["Zg=", "Z", "Zm9v!", "_-==", "Zm9vé"] {
            let error = decode(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Parse, "{text}");
            assert!(!error.to_string().contains(text));
        }
    }
}
