//! Calls that carry a bearer token instead of a signature. Knows where the token goes, not where it comes from.

use std::sync::Arc;

use super::client_state::ClientState;
use super::deadline::Deadline;
use super::user_agent::Feature;
use crate::credentials::{EnvironmentTokenProvider, ProvideToken};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HeaderValue, Request, header};

/// Whether the settings prefer a bearer token over a signature. Only used for operations that accept both: botocore
/// lists their services beside the models, and the models agree with that list.
///
/// As in botocore, `auth_scheme_preference` decides if it is set in code; else a token provider that was set in code or
/// the environment variable of the token, such as `AWS_BEARER_TOKEN_BEDROCK`, which takes precedence over credentials; else `auth_scheme_preference` of the
/// environment or profile. Evaluated once.
pub(super) fn is_preferred(client: &ClientState) -> bool {
    *client.prefers_token.get_or_init(|| {
        let Ok(config) = client.config() else { return false };
        let preferred = config.auth_scheme_preference.iter().find_map(|it| match it.as_str() {
            "httpBearerAuth" => Some(true),
            "sigv4" => Some(false),
            _ => None,
        });
        let has_variable = || {
            client.session.environment().is_some_and(|environment| {
                let provider = EnvironmentTokenProvider::new(environment.clone(), client.service.signing_name);
                environment.get(provider.variable()).is_some()
            })
        };
        let has_token = || client.session.has_explicit_token() || has_variable();
        preferred == Some(true) || (!config.auth_scheme_preference_is_explicit && has_token())
    })
}

/// Adds the token to a request. Returns the feature for the user agent.
pub(super) async fn authorize(client: &ClientState, request: &mut Request) -> Result<Option<Feature>> {
    let rejected = |why: String| Error::new(ErrorKind::Signing, why);
    if !request.url.is_https() {
        let host = request.url.authority();
        return Err(rejected(format!("a bearer token is only sent over HTTPS, but the endpoint is http://{host}")));
    }
    let provider = provider(client)?;
    let token = match provider.cached() {
        Some(token) => token,
        None => provider.provide().await?,
    };
    let value = HeaderValue::from_str(&format!("Bearer {}", token.as_str()));
    let mut value = value
        .map_err(|_| rejected(format!("the bearer token from {} is not a valid header value", token.provider())))?;
    value.set_sensitive(true);
    request.headers.insert(header::AUTHORIZATION, value);
    Ok((token.provider() == "env").then_some(Feature::BearerEnvironment))
}

/// Fetches the token of a request that [`authorize`] accepts, within the call's total timeout.
pub(super) async fn wait_for_token(client: &ClientState, request: &Request, deadline: Deadline) -> Result<()> {
    if !request.url.is_https() {
        return Ok(());
    }
    let provider = provider(client)?;
    if provider.cached().is_some() {
        return Ok(());
    }
    let waiting = || format!(" while it waited for a token from {}", provider.provider_name());
    deadline.limit_with(provider.provide(), waiting).await.map(drop)
}

fn provider(client: &ClientState) -> Result<&Arc<dyn ProvideToken>> {
    if client.token.get().is_none() {
        let _ = client.token.set(client.session.token(client.service.signing_name)?);
    }
    client.token.get().ok_or_else(|| Error::new(ErrorKind::Credentials, "no bearer token provider"))
}
