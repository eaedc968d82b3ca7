//! What a session of a bucket is for, by which a client keeps it. Does not know how sessions are created.

use crate::credentials::Credentials;

/// What a session is for, and what it was created with. Two calls with the same key share it.
#[derive(Debug)]
pub(super) struct SessionKey {
    pub(super) bucket: String,
    /// The credentials that the session was created with.
    pub(super) credentials: Credentials,
    /// Region and endpoint URL in the options of the call: buckets of the same name may exist there.
    pub(super) region: Option<String>,
    pub(super) endpoint_url: Option<String>,
}
