//! Calls that carry a bearer token in place of a signature. Knows where the token goes, not where it comes from.

use std::sync::Arc;

use super::core::Core;
use crate::credentials::{EnvironmentToken, ProvideToken};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HeaderValue, Request, header};

/// Whether the user chose a token for the service's calls that could be signed too: by its variable,
/// `AWS_BEARER_TOKEN_BEDROCK`. As in botocore it is looked at once.
pub(super) fn is_chosen(core: &Core) -> bool {
    *core.prefers_token.get_or_init(|| {
        core.provider.environment().is_some_and(|environment| {
            let source = EnvironmentToken::new(environment.clone(), core.service.signing_name);
            environment.get(source.variable()).is_some()
        })
    })
}

/// Puts the token into a request.
pub(super) async fn authorize(core: &Core, request: &mut Request) -> Result<()> {
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
    Ok(())
}

fn provider(core: &Core) -> Result<&Arc<dyn ProvideToken>> {
    if core.token.get().is_none() {
        let _ = core.token.set(core.provider.token(core.service.signing_name)?);
    }
    core.token.get().ok_or_else(|| Error::new(ErrorKind::Credentials, "there is no source of bearer tokens"))
}
