//! Requests, responses and the clients that exchange them. Knows TCP, TLS and HTTP, and nothing of AWS: no signing, no
//! retries, no redirects.

mod client;
mod dial;
mod error;
mod expect;
mod message;
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
mod native_tls;
mod proxy;
mod receive;
mod reqwest_client;
mod reqwest_error;
mod settings;
#[cfg(feature = "rustls")]
mod tls;
mod url;
mod verbatim;
mod watch;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

pub use client::{BoxFuture, HttpClient};
pub use error::{HttpError, HttpErrorKind};
pub use message::{Body, Request, Response};
pub use proxy::{Proxies, ProxySetting};
pub use reqwest_client::ReqwestClient;
pub use settings::{ClientCertificate, HttpSettings};
pub use url::Url;
