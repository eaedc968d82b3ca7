//! How the requests of a call are signed: the facts that the choice of an auth scheme is made from. Knows no scheme.

use super::client_state::ClientState;
use super::options::Options;
use crate::auth::{self, Facts, Signing};
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::operation::{Auth, OperationPlan, SIGV4};

/// How a call of this operation to this endpoint is signed; `None` if it is not signed. An endpoint that names no region is
/// that of `region`, else that of the call.
pub(super) fn choose(
    client: &ClientState,
    plan: &OperationPlan,
    options: &Options,
    endpoint: &Endpoint,
    region: Option<&str>,
) -> Result<Option<Signing>> {
    auth::choose(&Facts {
        auth: plan.auth,
        schemes: plan.schemes,
        prefers_token: plan.accepts_token && options.credentials.is_none() && client.prefers_token(),
        ..facts(client, region.or(options.region.as_deref()), endpoint)?
    })
}

/// How requests to this endpoint are signed that belong to no operation.
pub(super) fn without_operation(client: &ClientState, endpoint: &Endpoint) -> Result<Option<Signing>> {
    auth::choose(&facts(client, None, endpoint)?)
}

/// What does not depend on an operation.
fn facts<'a>(client: &'a ClientState, region: Option<&'a str>, endpoint: &'a Endpoint) -> Result<Facts<'a>> {
    let (service, config) = (client.service, client.config()?);
    Ok(Facts {
        auth: Auth::Sigv4,
        schemes: SIGV4,
        prefers_token: false,
        preference: &config.auth_scheme_preference,
        signing_name: service.signing_name,
        s3: service.s3_signature,
        region: region.or(config.region.as_deref()),
        region_set: &config.sigv4a_signing_region_set,
        endpoint,
    })
}
