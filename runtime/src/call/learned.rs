//! What a call learned from the responses that it got. It is kept for other calls only if it worked.

use super::bucket;
use super::client_state::ClientState;
use crate::error::{Error, Result};
use crate::operation::OperationPlan;

/// What a call learned.
#[derive(Default)]
pub(super) struct Learned {
    /// The region that the call was redirected to.
    pub(super) region: Option<String>,
    /// The clock skew before it was corrected, in milliseconds.
    pub(super) previous_skew: Option<i64>,
    /// Whether the service rejected a discovered endpoint, and was asked for another.
    pub(super) rediscovered: bool,
    /// Whether the service rejected the session of a bucket, and another was created.
    pub(super) has_new_session: bool,
    /// How many milliseconds the service's clock was ahead of the local one at its last response.
    pub(super) ahead: Option<i64>,
}

impl Learned {
    /// Keeps or forgets what was learned, at the end of a call to `bucket`.
    pub(super) fn settle<T>(
        self,
        client: &ClientState,
        plan: &OperationPlan,
        bucket: Option<&str>,
        result: &Result<T>,
    ) {
        if let (Some(previous), Err(failure)) = (self.previous_skew, result) {
            client.skew.forget(previous, failure);
        }
        if let Some(bucket) = bucket {
            learn_region(client, plan, bucket, self.region, result.as_ref().err());
        }
    }
}

/// Caches the region that a redirect led to once the service responded there, and forgets the region of a bucket that was
/// redirected in turn. Other failures say nothing about the region: a body that can be read only once needs it next time.
fn learn_region(
    client: &ClientState,
    plan: &OperationPlan,
    bucket: &str,
    redirected: Option<String>,
    failure: Option<&Error>,
) {
    match (failure, redirected) {
        (Some(error), _) if bucket::redirect_from_error(plan, error).is_some() => client.forget_region(bucket),
        (Some(error), _) if error.status().is_none() => {}
        (_, Some(region)) => client.cache_region(bucket, &region),
        (_, None) => {}
    }
}
