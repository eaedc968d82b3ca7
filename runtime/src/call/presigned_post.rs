//! Presigned POST: a URL and signed fields with which others can upload to a bucket, and a policy that limits what they
//! may upload.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::client_state::ClientState;
use super::deadline::Deadline;
use super::options::Options;
use super::pipeline::call_dynamic;
use super::sessions::Sessions;
use super::{address, bucket, scheme};
use crate::auth::{IdentityKind, Payload, check_expiry};
use crate::encoding::base64;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Url;
use crate::types::{Document, Format, Timestamp};

/// A presigned POST: its URL, and the form fields that must precede those that the sender adds, such as `file`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedPost {
    /// The URL to POST to, as `multipart/form-data`.
    pub url: String,
    /// Names and values, in the order they should have in the body. A secret: anyone who has them can upload.
    pub fields: Vec<(String, String)>,
}

impl PresignedPost {
    /// The value of the field `name`, or `None`.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }
}

impl fmt::Debug for PresignedPost {
    /// Without the values of the fields, which hold the signature.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.fields.iter().map(|it| &it.0).collect();
        f.debug_struct("PresignedPost").field("url", &self.url).field("fields", &names).finish()
    }
}

impl ClientState {
    /// Creates a presigned POST for uploads to `bucket`.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] if the bucket name is invalid; otherwise as for presigning a call.
    pub async fn presign_post(
        self: &Arc<Self>,
        bucket: &str,
        mut fields: Vec<(String, String)>,
        mut conditions: Vec<Document>,
        expires: Duration,
    ) -> Result<PresignedPost> {
        bucket::check(bucket)?;
        check_expiry(expires)?;
        let endpoint = address::of_bucket(self, bucket)?;
        let anonymous = || Error::new(ErrorKind::Credentials, "anonymous credentials cannot presign");
        let signing = scheme::without_operation(self, &endpoint)?.ok_or_else(anonymous)?;
        if !signing.scheme.signs_policies() {
            let why =
                format!("a POST cannot be presigned by {}, which bucket {bucket:?} requires", signing.scheme.name());
            return Err(Error::new(ErrorKind::Signing, why));
        }
        let options = Options::default();
        let deadline = Deadline::start(&*self.session, &options)?;
        let mut credentials = deadline.credentials(&**self.session.credentials()?).await?.ok_or_else(anonymous)?;
        if signing.scheme.identity() == IdentityKind::Session && !self.is_stubbed(&options.hooks) {
            let (options, bucket) = (&options, Some(bucket));
            let sessions = Sessions { client: self, options, deadline, make_call: call_dynamic, bucket };
            credentials = sessions.fetch(credentials).await?;
        }
        let now = self.clock.now();
        let expiration = Timestamp::from(now + expires);
        let expiration = Timestamp::from_secs(expiration.as_secs()).format(Format::DateTime)?;
        let params = signing.params(now, Payload::Empty);
        let signed_fields = self.signers.sigv4.sign_policy(&credentials, &params, |signed_fields| {
            conditions.extend(signed_fields.iter().map(|(name, value)| Document::from([(*name, value.as_str())])));
            let (expiration, conditions) = (Document::from(expiration), Document::Array(conditions));
            base64::encode(Document::from([("expiration", expiration), ("conditions", conditions)]).to_string())
        })?;
        fields.extend(signed_fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Ok(PresignedPost { url: Url::parse(endpoint.url.as_str())?.as_str().to_owned(), fields })
    }
}
