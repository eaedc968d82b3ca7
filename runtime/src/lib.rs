//! The runtime of the generated AWS clients: sessions and credentials, and what all clients and resources have in
//! common.
//!
//! # Where to start
//!
//! A program depends on this crate, on the crate of each service that it uses, such as `aws-s3`, and on Tokio. It builds
//! a [`Session`], makes clients of it, and calls their methods:
//!
//! ```ignore
//! use aws_core::Session;
//! use aws_s3::Client;
//!
//! let session = Session::builder().region("us-west-2").build()?;
//! let s3 = Client::new(&session);
//! let mut objects = s3.list_objects_v2("mybucket").prefix("logs/").items();
//! while let Some(object) = objects.try_next().await? {
//!     let body = s3.get_object("mybucket", &object.key).send().await?.body.collect().await?;
//!     println!("{:?}: {} bytes", object.key, body.into_bytes().len());
//! }
//! ```
//!
//! The methods of a client, what they take and what they return are documented in the crate of the service: its `Client`
//! has a method for each operation, and its front page says what else there is.
//!
//! | to | use |
//! |---|---|
//! | set region, profile, retries, timeouts, endpoint, proxies | [`Session::builder`] |
//! | see which settings are in force, and why | [`Session::explain`] |
//! | give credentials, or write a provider of them | [`Credentials`], [`credentials`], [`credential_providers`] |
//! | change the settings of one call | [`Options`] |
//! | handle an error | [`Error`], [`ErrorKind`]; [`Exception`] for those that a service models |
//! | read the request id, the status, the headers of a response | [`ResponseMetadata`] |
//! | send or receive a body of any size | [`ByteStream`] |
//! | send and receive events | [`EventInput`], [`EventStream`] |
//! | read a listing page by page, or go on with it later | [`paginate`] |
//! | search outputs and pages by JMESPath | [`jmespath`] |
//! | wait until something is ready | [`wait`] |
//! | have a request sent by someone without credentials | [`PresignedRequest`] |
//! | write nested values as short as in boto3 | [`make!`], [`IntoMember`], [`IntoString`]; [`List`], [`Map`] |
//! | write times, JSON documents, bytes | [`Timestamp`], [`Document`], [`Bytes`] |
//! | use the objects of boto3 instead of operations | the crates `aws-…-resource`; [`resource`] has what they share |
//! | see, change and respond to calls: headers, gateways, caches, metrics | [`hooks`] |
//! | sign requests to services without a client, WebSockets, passwords of databases | [`signing`] |
//! | send requests another way | [`http`] |
//! | write code that is generic over services | [`Request`], [`Operation`], [`Pages`], [`Waiter`] |
//! | make one request out of what another says | [`shared_members`], [`copy_shared`] |
//! | test a program without AWS: stubs, recordings, faults | `testing` (feature `testing`) |
//! | read what calls log | [`hooks`](hooks#logs) |
//!
//! Calls need a Tokio runtime whose time and I/O are enabled, as in `#[tokio::main]`.
//!
//! # Crate features
//!
//! The crates of services have the same features, except `testing`, and only forward them. So a program that leaves
//! something out needs `default-features = false` at every `aws-…` crate that it depends on, and names what it wants at one.
//!
//! | feature | has | by default |
//! |---|---|---|
//! | `rustls` | [`http::HyperClient`] with TLS by rustls and ring | yes |
//! | `rustls-aws-lc` | the same with aws-lc. For its validated (FIPS) module, depend on `rustls` with its feature `fips`, too | |
//! | `native-tls` | the same with the TLS library of the system | |
//! | `hyper` | [`http::HyperClient`] without TLS; implied by those above | |
//! | `http2` | the setting `http2`, and operations that send events | of crates that have such operations |
//! | `reqwest` | `http::ReqwestClient`, for what reqwest can do beside: SOCKS proxies, for example | |
//! | `event-streams` | operations that receive events, or send them over HTTP/2 | yes |
//! | `compression` | compression of requests, where an operation allows it | yes |
//! | `sso` | credentials and tokens of IAM Identity Center | yes |
//! | `login` | credentials of `aws login` | yes |
//! | `process` | credentials that a program prints (`credential_process`) | yes |
//! | `sigv4a` | signatures that are valid in several regions, which S3's multi-region access points, CloudFront KeyValueStore and global endpoints of EventBridge and SES require | |
//! | `testing` | `testing`, for tests | |
//!
//! Of several TLS libraries, the one that was asked for beside the default is used: `native-tls` before `rustls-aws-lc`
//! before `rustls`. Without any of the four clients there is no HTTP, and a session needs an `http_client`.

#![cfg_attr(
    not(any(test, feature = "testing")),
    allow(
        dead_code,
        unreachable_pub,
        unused_imports,
        reason = "some items are there for the tests, which reach them by `internals`"
    )
)]

// The doubles name the crate as the other tests of the workspace do.
#[cfg(test)]
extern crate self as aws_core;

mod auth;
mod call;
mod checksum;
mod codec;
pub mod config;
pub mod credential_providers;
pub mod credentials;
#[cfg(test)]
#[allow(dead_code, unreachable_pub, unused_imports, reason = "the tests of the workspace use the rest")]
#[path = "../../tests/support/doubles/mod.rs"]
mod doubles;
mod encoding;
mod endpoint;
pub mod error;
mod eventstream;
mod future;
#[doc(hidden)]
pub mod generated;
pub mod hooks;
pub mod http;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod internals;
pub mod jmespath;
mod operation;
mod ordered;
pub mod paginate;
mod protocol;
mod regions;
pub mod resource;
mod retry;
mod schema;
pub mod session;
pub mod signing;
mod sync;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tokio_runtime;
pub mod types;
pub mod wait;

pub use bytes::Bytes;
pub use call::{Operation, Options, PresignedPost, PresignedRequest, Request, ResponseMetadata};
pub use checksum::TreeHash;
pub use credentials::Credentials;
pub use error::{Error, ErrorKind, Exception, Result};
pub use future::BoxFuture;
#[allow(unused_imports, reason = "generated code asks for it here")]
use generated::Enumeration;
pub use paginate::{Items, Pages, Paginated};
pub use schema::events::{EventInput, EventSender, EventStream};
pub use schema::share::{copy_shared, shared_members};
pub use session::{Session, SessionBuilder};
pub use types::{ByteStream, Document, IntoMember, IntoString, List, Map, Number, Timestamp};
pub use wait::{Waiter, WaiterFailure, WaiterOutcome};
