//! Requests, responses and the clients that exchange them. Knows TCP, TLS and HTTP, and nothing of AWS: no signing, no
//! retries, no redirects.

mod client;
mod config;
mod config_setters;
mod connect;
mod connection;
mod error;
mod established;
mod hyper_client;
mod hyper_error;
mod idle_timeout;
mod message;
mod pool;
mod proxy;
mod request_body;
#[cfg(feature = "reqwest")]
mod reqwest_client;
mod resolver;
mod response_body;
#[cfg(feature = "rustls")]
mod tls;
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
#[path = "native_tls.rs"]
mod tls;
#[cfg(not(any(feature = "native-tls", feature = "rustls")))]
#[path = "no_tls.rs"]
mod tls;
mod url;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

pub use client::HttpClient;
pub use config::{ClientCertificate, HttpConfig};
pub use error::{HttpError, HttpErrorKind};
pub use hyper_client::HyperClient;
pub(crate) use message::RedactedHeaders;
pub use message::{Body, Request, RequestTimeouts, Response};
pub use proxy::{Proxies, ProxySource};
#[cfg(feature = "reqwest")]
pub use reqwest_client::ReqwestClient;
// Set by `testing` only: not a public hook yet.
#[doc(hidden)]
pub use resolver::{ResolveHost, Resolver};
pub use url::Url;
