//! How the requests of a call are signed: the facts that the choice of an auth scheme is made from. Knows no scheme.

use super::client_state::ClientState;
use super::options::Options;
use crate::auth::{self, Facts, Signing};
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::operation::{Auth, OperationPlan};

/// How a call of this operation to this endpoint is signed; `None` if it is not signed.
pub(super) fn choose(
    client: &ClientState,
    plan: &OperationPlan,
    options: &Options,
    endpoint: &Endpoint,
) -> Result<Option<Signing>> {
    let prefers_token = plan.accepts_token && options.credentials.is_none() && client.prefers_token();
    of_facts(client, plan.auth, prefers_token, endpoint)
}

/// How requests to this endpoint are signed that belong to no operation.
pub(super) fn without_operation(client: &ClientState, endpoint: &Endpoint) -> Result<Option<Signing>> {
    of_facts(client, Auth::Sigv4, false, endpoint)
}

fn of_facts(client: &ClientState, auth: Auth, prefers_token: bool, endpoint: &Endpoint) -> Result<Option<Signing>> {
    let service = client.service;
    auth::choose(&Facts {
        auth,
        prefers_token,
        signing_name: service.signing_name,
        s3: service.s3_signature,
        region: client.config()?.region.as_deref(),
        endpoint,
    })
}
