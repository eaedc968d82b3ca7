//! The runtime of the generated AWS clients: sessions, credentials, signing, endpoints, retries, protocols, pagination
//! and waiters.
//!
//! Programs use [`Session`], [`Options`], [`Error`] and the value types that are re-exported here; generated crates use
//! `generated`. The modules, from the highest layer to the lowest; each imports only from its own layer and those below
//! it. Those without a link are internal:
//!
//! | module | concern |
//! |---|---|
//! | [`resource`] | collections, actions and batches of the resource crates |
//! | [`session`] | resolves the settings; holds what all clients of a session share |
//! | [`credential_providers`] | providers that call a service, a metadata server or a process |
//! | [`paginate`] | streams of pages and items, resume tokens |
//! | [`wait`] | waiters: polling an operation until a condition holds |
//! | `call` | one call: input, endpoint, request, signature, attempts, output |
//! | `auth` | Signature Version 4 and 2 |
//! | `checksum` | digests, trailers, verification while reading |
//! | `endpoint` | interprets compiled endpoint rule sets |
//! | `regions` | which services exist, and in which regions |
//! | `protocol` | input to request, response to output, one file per protocol |
//! | `retry` | whether and when to retry |
//! | `codec` | XML, JSON, CBOR and forms, read and written through descriptions |
//! | [`credentials`] | credentials and tokens, and the local providers: environment, files, cache, chain |
//! | [`http`] | requests, responses, connections, proxies, TLS, timeouts |
//! | `operation` | the descriptor of an operation, decoded |
//! | [`config`] | settings as data, the profile format, the environment |
//! | `schema` | descriptions of types, and views that read and write values through them |
//! | [`jmespath`] | parses expressions, evaluates them over any tree |
//! | `encoding` | base64, hexadecimal, percent-encoding, UUIDs |
//! | `eventstream` | messages of event streams |
//! | [`types`] | timestamps, documents, byte streams |
//! | [`error`] | the error type |
//! | `future` | the boxed future of object-safe traits |
//! | `sync` | locks whose data outlives a panic |
//!
//! Beside the layers: `generated`, the only module that generated code may name; `test_util` (feature `test-util`), test
//! doubles for programs that use a client; and `internals` (the same feature), by which the tests of this workspace reach the
//! internal modules.
//!
//! Calls need a Tokio runtime whose time and I/O are enabled, as in `#[tokio::main]`.
//!
//! Crate features: `rustls` (default), or `native-tls` for the TLS library of the system; `reqwest` (default) for
//! `http::ReqwestClient`, an HTTP client with SOCKS proxies; `test-util`.

#![cfg_attr(
    not(any(test, feature = "test-util")),
    allow(
        dead_code,
        unreachable_pub,
        unused_imports,
        reason = "some items are there for the tests, which reach them by `internals`"
    )
)]

mod auth;
mod call;
mod checksum;
mod codec;
pub mod config;
pub mod credential_providers;
pub mod credentials;
mod encoding;
mod endpoint;
pub mod error;
mod eventstream;
mod future;
#[doc(hidden)]
pub mod generated;
pub mod http;
#[cfg(any(test, feature = "test-util"))]
#[doc(hidden)]
pub mod internals;
pub mod jmespath;
mod operation;
pub mod paginate;
mod protocol;
mod regions;
pub mod resource;
mod retry;
mod schema;
pub mod session;
mod sync;
#[cfg(any(test, feature = "test-util"))]
pub mod test_util;
mod tokio_runtime;
pub mod types;
pub mod wait;

pub use bytes::Bytes;
pub use call::db_auth_token::{db_auth_token, db_connect_admin_auth_token, db_connect_auth_token};
pub use call::{Operation, Options, PresignedPost, PresignedRequest, Request, ResponseMetadata};
pub use checksum::TreeHash;
pub use credentials::Credentials;
pub use error::{Error, ErrorKind, Exception, Result};
pub use future::BoxFuture;
#[allow(unused_imports, reason = "generated code asks for it here")]
use generated::Enumeration;
pub use paginate::{Items, Pages, Paginated};
pub use schema::events::{EventInput, EventSender, EventStream};
pub use session::{Session, SessionBuilder};
pub use types::{ByteStream, Document, Number, Timestamp};
pub use wait::{Waiter, WaiterFailure, WaiterOutcome};
