//! The time at which a call must have ended, with everything that it waits for: its `total_timeout`. An error names what
//! the call waited for. Knows no step of a call.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::options::Options;
use super::session_parts::SessionParts;
use crate::credentials::{Credentials, ProvideCredentials};
use crate::error::{Error, ErrorKind, Result};
use crate::tokio_runtime;

/// The end of the total timeout of one call; `None` if it has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<End>);

#[derive(Clone, Copy, Debug)]
struct End {
    at: Instant,
    timeout: Duration,
}

impl Deadline {
    /// The deadline of a call that begins now: that of its options, or else of the session.
    pub(crate) fn start(session: &dyn SessionParts, options: &Options) -> Result<Self> {
        let Some(timeout) = options.total_timeout.or(session.config()?.timeouts.total) else { return Ok(Self(None)) };
        // A time that a clock cannot represent is none.
        Ok(Self(Instant::now().checked_add(timeout).map(|at| End { at, timeout })))
    }

    /// Awaits work of the call itself.
    pub(crate) async fn limit<T>(self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.limit_with(work, String::new).await
    }

    /// Awaits credentials of `provider`.
    pub(crate) async fn limit_credentials<T>(
        self,
        provider: &dyn ProvideCredentials,
        fetch: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.limit_with(fetch, || format!(" while it waited for credentials from {}", provider.provider_name())).await
    }

    /// The credentials to sign with, without waiting if the provider has valid ones in memory; `None` to send unsigned
    /// requests.
    pub(crate) async fn credentials(self, provider: &dyn ProvideCredentials) -> Result<Option<Credentials>> {
        if provider.is_anonymous() {
            return Ok(None);
        }
        match provider.cached() {
            Some(credentials) => Ok(Some(credentials)),
            // Boxed, since the future of every call would have room for it.
            None => Box::pin(self.limit_credentials(provider, provider.provide())).await.map(Some),
        }
    }

    /// Awaits a part of the call, which `waiting` describes in an error.
    pub(crate) async fn limit_with<T>(
        self,
        work: impl Future<Output = Result<T>>,
        waiting: impl FnOnce() -> String,
    ) -> Result<T> {
        let Some(End { at, timeout }) = self.0 else { return work.await };
        tokio_runtime::current()?;
        match tokio::time::timeout_at(at, work).await {
            Ok(result) => result,
            Err(_) => {
                let message = format!("the call timed out after {timeout:?}{}", waiting());
                Err(Error::new(ErrorKind::Timeout, message))
            }
        }
    }
}
