//! Requests, responses and the clients that exchange them. Knows TCP, TLS and HTTP, and nothing of AWS: no signing, no
//! retries, no redirects.

mod causes;
mod client;
mod config;
mod config_setters;
#[cfg(feature = "hyper")]
mod connect;
#[cfg(feature = "hyper")]
mod connection;
mod default_client;
mod error;
#[cfg(feature = "hyper")]
mod established;
#[cfg(all(feature = "hyper", feature = "http2"))]
mod http2;
#[cfg(all(feature = "hyper", not(feature = "http2")))]
#[path = "no_http2.rs"]
mod http2;
#[cfg(feature = "hyper")]
mod hyper_client;
#[cfg(feature = "hyper")]
mod hyper_error;
#[cfg(feature = "hyper")]
mod idle_timeout;
mod message;
#[cfg(feature = "hyper")]
mod pool;
mod proxy;
#[cfg(feature = "hyper")]
mod request_body;
#[cfg(feature = "reqwest")]
mod reqwest_client;
mod resolver;
#[cfg(feature = "hyper")]
mod response_body;
// One TLS library: that which a program asked for wins over the default.
#[cfg(feature = "hyper")]
mod throughput;
#[cfg(all(feature = "__rustls", not(feature = "native-tls")))]
mod tls;
#[cfg(feature = "native-tls")]
#[path = "native_tls.rs"]
mod tls;
#[cfg(all(feature = "hyper", not(any(feature = "native-tls", feature = "__rustls"))))]
#[path = "no_tls.rs"]
mod tls;
mod url;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

pub use client::HttpClient;
pub use config::{ClientCertificate, HttpConfig};
pub(crate) use default_client::default_client;
pub use error::{HttpError, HttpErrorKind};
#[cfg(feature = "hyper")]
pub use hyper_client::HyperClient;
pub use message::{Body, Request, RequestTimeouts, Response};
pub(crate) use message::{RedactedHeaders, is_secret_header};
pub use proxy::{Proxies, ProxySource};
#[cfg(feature = "reqwest")]
pub use reqwest_client::ReqwestClient;
// Set by `testing` only: not a public hook yet.
#[doc(hidden)]
pub use resolver::{ResolveHost, Resolver};
pub use url::Url;
