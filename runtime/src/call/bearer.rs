//! Calls that carry a bearer token in place of a signature. Knows where the token goes, not where it comes from.

use std::sync::Arc;

use super::core::Core;
use super::user_agent::Feature;
use crate::credentials::{EnvironmentToken, ProvideToken};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HeaderValue, Request, header};

/// Whether the user chose a token for the service's calls that could be signed too. Only calls whose service takes tokens
/// as well as signatures ask: botocore has such services in a list beside their models, which agree with it.
///
/// As in botocore `auth_scheme_preference` decides if code gives it, else the token's variable, `AWS_BEARER_TOKEN_BEDROCK`,
/// which goes before credentials, else a preference from elsewhere. It is looked at once.
pub(super) fn is_chosen(core: &Core) -> bool {
    *core.prefers_token.get_or_init(|| {
        let Ok(config) = core.config() else { return false };
        let preferred = config.auth_scheme_preference.iter().find_map(|it| match it.as_str() {
            "httpBearerAuth" => Some(true),
            "sigv4" => Some(false),
            _ => None,
        });
        let has_variable = || {
            core.provider.environment().is_some_and(|environment| {
                let source = EnvironmentToken::new(environment.clone(), core.service.signing_name);
                environment.get(source.variable()).is_some()
            })
        };
        preferred == Some(true) || (!config.insists_on_auth_scheme && has_variable())
    })
}

/// Puts the token into a request.
pub(super) async fn authorize(core: &Core, request: &mut Request) -> Result<Option<Feature>> {
    let refused = |why: String| Error::new(ErrorKind::Signing, why);
    if !request.url.is_https() {
        let host = request.url.authority();
        return Err(refused(format!("a bearer token is sent by https only, and the endpoint is http://{host}")));
    }
    let provider = provider(core)?;
    let token = match provider.cached() {
        Some(token) => token,
        None => provider.provide().await?,
    };
    let value = HeaderValue::from_str(&format!("Bearer {}", token.as_str()));
    let mut value =
        value.map_err(|_| refused(format!("the token of {} cannot stand in a header", token.provider())))?;
    value.set_sensitive(true);
    request.headers.insert(header::AUTHORIZATION, value);
    Ok((token.provider() == "env").then_some(Feature::BearerEnvironment))
}

fn provider(core: &Core) -> Result<&Arc<dyn ProvideToken>> {
    if core.token.get().is_none() {
        let _ = core.token.set(core.provider.token(core.service.signing_name)?);
    }
    core.token.get().ok_or_else(|| Error::new(ErrorKind::Credentials, "there is no source of bearer tokens"))
}
