//! Requests, responses and the clients that exchange them. Knows TCP, TLS and HTTP, and nothing of AWS: no signing, no
//! retries, no redirects.

mod client;
mod config;
mod connect;
mod error;
mod expect;
mod hyper_client;
mod idle_timeout;
mod message;
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
mod native_tls;
mod proxy;
mod reqwest_client;
mod reqwest_error;
mod response_body;
#[cfg(feature = "rustls")]
mod tls;
mod url;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

pub use client::HttpClient;
pub use config::{ClientCertificate, HttpConfig};
pub use error::{HttpError, HttpErrorKind};
pub use message::{Body, Request, Response};
pub use proxy::{Proxies, ProxySource};
pub use reqwest_client::ReqwestClient;
pub use url::Url;
