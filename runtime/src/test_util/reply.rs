//! What a double answers. Plain data.

use bytes::Bytes;

use crate::http::{HeaderMap, HeaderName, HeaderValue, HttpErrorKind};

/// One answer of a [`MockServer`](super::MockServer) or a [`ScriptedClient`](super::ScriptedClient).
#[derive(Clone, Debug)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    None,
    /// The body ends after so many bytes and the connection closes.
    Truncated(usize),
    /// The body stops after so many bytes and the connection stays open.
    Stalled(usize),
    /// Nothing is answered and the connection stays open.
    Silent,
    /// Nothing is answered and the connection closes.
    Closed,
    /// The client of a script reports an error of this kind.
    Failed(HttpErrorKind),
}

impl Reply {
    /// A response with `status` and no body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), fault: Fault::None }
    }

    /// A response with status 200 and `body`.
    pub fn ok(body: impl Into<Bytes>) -> Self {
        Self::new(200).body(body)
    }

    /// The connection closes without a response.
    pub fn close() -> Self {
        Self { fault: Fault::Closed, ..Self::new(200) }
    }

    /// No response comes, and the connection stays open.
    pub fn silence() -> Self {
        Self { fault: Fault::Silent, ..Self::new(200) }
    }

    /// An error of `kind` in place of a response. A server closes the connection, whatever the kind.
    pub fn failure(kind: HttpErrorKind) -> Self {
        Self { fault: Fault::Failed(kind), ..Self::new(200) }
    }

    /// The same response with one more header.
    ///
    /// # Panics
    /// If name or value cannot stand in a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("the name of a header");
        self.headers.append(name, HeaderValue::try_from(value).expect("the value of a header"));
        self
    }

    /// The same response with this body. Its length is announced by `content-length` unless the headers say something else.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The same response, whose body ends after `sent` bytes although all are announced.
    #[must_use]
    pub fn truncated(mut self, sent: usize) -> Self {
        self.fault = Fault::Truncated(sent);
        self
    }

    /// The same response, whose body stops after `sent` bytes and neither goes on nor ends.
    #[must_use]
    pub fn stalled(mut self, sent: usize) -> Self {
        self.fault = Fault::Stalled(sent);
        self
    }

    /// What is sent of the body.
    pub(super) fn sent(&self) -> Bytes {
        match self.fault {
            Fault::Truncated(sent) | Fault::Stalled(sent) => self.body.slice(..sent.min(self.body.len())),
            _ => self.body.clone(),
        }
    }
}
