//! Forms with which others upload to a bucket: where to, and a policy of what may be in them, signed.

use std::fmt;
use std::time::Duration;

use super::core::Core;
use super::execute::{credentials, params};
use super::prepare::signing_of;
use super::{address, bucket};
use crate::auth::{Payload, check_expiry};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Url;
use crate::text::base64;
use crate::value::{Document, Format, Timestamp};

/// Where a form goes to, and the fields it must hold before those that its sender adds.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedForm {
    /// The URL to send it to, by POST, as `multipart/form-data`.
    pub url: String,
    /// Names and values, in the order they should have in the form. A secret: who holds them needs no further proof.
    pub fields: Vec<(String, String)>,
}

impl PresignedForm {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }
}

impl fmt::Debug for PresignedForm {
    /// Without the values of the fields, which hold the signature.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.fields.iter().map(|it| &it.0).collect();
        f.debug_struct("PresignedForm").field("url", &self.url).field("fields", &names).finish()
    }
}

impl Core {
    /// Signs a form for uploads to `bucket`.
    ///
    /// # Errors
    /// There can be no such bucket; else as presigning a call.
    pub async fn presign_form(
        &self,
        bucket: &str,
        mut fields: Vec<(String, String)>,
        mut conditions: Vec<Document>,
        expires: Duration,
    ) -> Result<PresignedForm> {
        bucket::check(bucket)?;
        check_expiry(expires)?;
        let endpoint = address::of_bucket(self, bucket)?;
        let signing = signing_of(self, &endpoint)?;
        let Some(credentials) = credentials(self).await? else {
            return Err(Error::new(ErrorKind::Credentials, "anonymous credentials cannot presign"));
        };
        let expiration = Timestamp::from(self.clock.now() + expires);
        let expiration = Timestamp::from_secs(expiration.as_secs()).format(Format::DateTime)?;
        let params = params(self, &signing, Payload::Empty);
        let stamp = self.signer.sign_policy(&credentials, &params, |stamp| {
            conditions.extend(stamp.iter().map(|(name, value)| Document::from([(*name, value.as_str())])));
            let (expiration, conditions) = (Document::from(expiration), Document::Array(conditions));
            base64::encode(Document::from([("expiration", expiration), ("conditions", conditions)]).to_string())
        })?;
        fields.extend(stamp.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Ok(PresignedForm { url: Url::parse(endpoint.url.as_str())?.as_str().to_owned(), fields })
    }
}
