//! A body that was read to its end. Knows not where it came from.

use bytes::Bytes;

use crate::{Error, ErrorKind, Result};

/// A body read to its end. Dereferences to its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AggregatedBytes(pub(super) Bytes);

impl AggregatedBytes {
    /// The bytes, without a copy.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The bytes as a vector; copies only when they are shared.
    pub fn into_vec(self) -> Vec<u8> {
        self.0.into()
    }

    /// The bytes as text.
    ///
    /// # Errors
    /// [`ErrorKind::Parse`] when they are not UTF-8; the message says at which byte.
    pub fn into_string(self) -> Result<String> {
        String::from_utf8(self.0.into()).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            Error::new(ErrorKind::Parse, format!("the body is not UTF-8 at byte {at}")).with_source(e.utf8_error())
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
    fn from(all: AggregatedBytes) -> Self {
        all.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let all = AggregatedBytes(Bytes::from_static(b"text"));
        assert_eq!((&*all, all.as_ref(), all.to_vec()), (&b"text"[..], &b"text"[..], b"text".to_vec()));
        assert_eq!(all.clone().into_string().unwrap(), "text");
        assert_eq!(all.clone().into_vec(), b"text");
        assert_eq!(all.into_bytes(), "text");
    }

    #[test]
    fn not_utf8() {
        let error = AggregatedBytes(Bytes::from_static(b"ab\xff")).into_string().unwrap_err();
        assert!(error.to_string().contains("byte 2"), "{error}");
    }
}
