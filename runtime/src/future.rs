//! The boxed future that object-safe traits return. Knows nothing of its output.

use std::pin::Pin;

/// A boxed future that can be sent between threads. [`HttpClient`](crate::http::HttpClient) and
/// [`ProvideCredentials`](crate::credentials::ProvideCredentials) return it, since `async fn` is not object-safe.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
