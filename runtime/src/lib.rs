//! What every generated AWS client stands on: session, credentials, signing, endpoints, retries, protocols, pagination, waiters.

pub mod auth;
pub mod call;
pub mod checksum;
pub mod codec;
#[doc(hidden)]
pub mod codegen;
pub mod config;
pub mod credentials;
pub mod endpoint;
pub mod error;
pub mod eventstream;
pub mod http;
pub mod jmespath;
pub mod operation;
pub mod paginate;
pub mod protocol;
mod regions;
pub mod resource;
pub mod retry;
pub mod schema;
pub mod session;
pub mod sources;
#[cfg(any(test, feature = "test-util"))]
pub mod test_util;
pub mod text;
pub mod value;
pub mod wait;

pub use bytes::Bytes;
pub use call::{Metadata, Options, PresignedRequest};
#[allow(unused_imports, reason = "generated code asks for it here")]
use codegen::Enumeration;
pub use credentials::Credentials;
pub use error::{Error, ErrorKind, Exception, Result};
pub use schema::events::{EventInput, EventSender, EventStream};
pub use session::{Session, SessionBuilder};
pub use value::{ByteStream, Document, Number, Timestamp};
