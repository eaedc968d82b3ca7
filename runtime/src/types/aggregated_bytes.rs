//! The bytes of a body that was read to its end. Knows no source of the bytes.

use bytes::Bytes;

use crate::{Error, ErrorKind, Result};

/// The bytes of a body that was read to its end, returned by [`ByteStream::collect`](super::ByteStream::collect).
/// Dereferences to a slice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AggregatedBytes(pub(super) Bytes);

impl AggregatedBytes {
    /// Returns the bytes, without a copy.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// Returns the bytes as a vector; copies them only if they are shared.
    pub fn into_vec(self) -> Vec<u8> {
        self.0.into()
    }

    /// Returns the bytes as a string.
    ///
    /// # Errors
    /// [`ErrorKind::Parse`] if they are not UTF-8, with the position of the first invalid byte.
    pub fn into_string(self) -> Result<String> {
        String::from_utf8(self.0.into()).map_err(|e| {
            let position = e.utf8_error().valid_up_to();
            Error::new(ErrorKind::Parse, format!("the body is not UTF-8 at byte {position}"))
                .with_source(e.utf8_error())
        })
    }
}

impl std::ops::Deref for AggregatedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for AggregatedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<AggregatedBytes> for Bytes {
    fn from(body: AggregatedBytes) -> Self {
        body.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_convert_to_slice_string_and_vector() {
        let all = AggregatedBytes(Bytes::from_static(b"text"));
        assert_eq!((&*all, all.as_ref(), all.to_vec()), (&b"text"[..], &b"text"[..], b"text".to_vec()));
        assert_eq!(all.clone().into_string().unwrap(), "text");
        assert_eq!(all.clone().into_vec(), b"text");
        assert_eq!(all.into_bytes(), "text");
    }

    #[test]
    fn invalid_utf8_is_an_error_with_its_position() {
        let error = AggregatedBytes(Bytes::from_static(b"ab\xff")).into_string().unwrap_err();
        assert!(error.to_string().contains("byte 2"), "{error}");
    }
}
