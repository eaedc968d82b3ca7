//! What a client uses of a session. Knows no client.

use std::sync::Arc;

use crate::auth::Clock;
use crate::config::{Config, Environment};
use crate::credentials::{ProvideCredentials, ProvideToken};
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::Hook;
use crate::http::HttpClient;
use crate::retry::{Random, Sleep};

/// The parts of a session that a client uses: settings, providers, the HTTP client, and what tests replace.
pub trait SessionParts: Send + Sync + std::fmt::Debug {
    /// The settings.
    fn config(&self) -> Result<&Arc<Config>>;
    /// The credentials provider.
    fn credentials(&self) -> Result<&Arc<dyn ProvideCredentials>>;
    /// The HTTP client.
    fn http(&self) -> Result<Arc<dyn HttpClient>>;
    /// The clock to sign with.
    fn clock(&self) -> Clock;
    /// The sleep between attempts.
    fn sleep(&self) -> Sleep;
    /// The random numbers for jitter and ids.
    fn random(&self) -> Random;
    /// The environment, for variables that may change while the program runs, such as Lambda's trace ID.
    fn environment(&self) -> Option<&Environment> {
        None
    }
    /// The bearer token provider for the service with this signing name.
    fn token(&self, signing_name: &str) -> Result<Arc<dyn ProvideToken>> {
        Err(Error::new(ErrorKind::Credentials, format!("no bearer token provider for {signing_name}")))
    }
    /// Whether code set a bearer token provider.
    fn has_explicit_token(&self) -> bool {
        false
    }
    /// The hooks of all calls, in their order.
    fn hooks(&self) -> &[Arc<dyn Hook>] {
        &[]
    }
    /// The session itself, for the layers above calls, which know its type.
    fn as_any(&self) -> Option<&dyn std::any::Any> {
        None
    }
}
