//! What a client is: its service, region, endpoint and session. Knows no operation.

use std::fmt;

use super::Session;
use crate::call::integrity::is_aws;
use crate::call::{ClientState, SessionParts, address};
use crate::config::{ChecksumMode, Config};
use crate::error::{Error, ErrorKind, Result};

/// What a client is: its service, region, endpoint and session. boto3's `client.meta`.
///
/// ```no_run
/// # fn example(meta: aws_core::session::ClientMeta<'_>) -> aws_core::Result<()> {
/// println!("{} {} at {}", meta.service_id(), meta.api_version(), meta.endpoint_url()?);
/// let another_service = meta.session()?; // for a client with the same settings
/// # Ok(())
/// # }
/// ```
pub struct ClientMeta<'a>(&'a ClientState);

/// What the client with this state is.
pub fn client_meta(state: &ClientState) -> ClientMeta<'_> {
    ClientMeta(state)
}

impl<'a> ClientMeta<'a> {
    /// The id of the service, as in its model: `S3`, `DynamoDB`. boto3's `service_model.service_id`.
    pub fn service_id(&self) -> &'static str {
        self.0.service.id
    }

    /// The version of the service's API: `2006-03-01`.
    pub fn api_version(&self) -> &'static str {
        self.0.service.api_version
    }

    /// The name that requests are signed for, unless the endpoint has another: `s3`.
    pub fn signing_name(&self) -> &'static str {
        self.0.service.signing_name
    }

    /// The region, if one is set. boto3's `region_name`.
    ///
    /// # Errors
    /// Those of [`Session::config`].
    pub fn region(&self) -> Result<Option<&'a str>> {
        Ok(self.config()?.region.as_deref())
    }

    /// The URL of the service's endpoint in that region, or the one that was set. Calls whose endpoint depends on their
    /// input, such as a bucket's, are sent to others.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a region; [`ErrorKind::Endpoint`] if there is no endpoint without an input.
    pub fn endpoint_url(&self) -> Result<String> {
        address::of_client(self.0).map(|it| it.url.to_string())
    }

    /// Whether requests carry a checksum unless a call says otherwise: the setting `request_checksum_calculation`, else
    /// whether the endpoint is AWS's, since other stores reject the newer kinds.
    ///
    /// # Errors
    /// Those of [`endpoint_url`](Self::endpoint_url).
    pub fn adds_checksums(&self) -> Result<bool> {
        match self.config()?.request_checksum_calculation {
            Some(mode) => Ok(mode == ChecksumMode::WhenSupported),
            None => self.endpoint_url().map(|it| is_aws(&it)),
        }
    }

    /// All settings.
    ///
    /// # Errors
    /// Those of [`Session::config`].
    pub fn config(&self) -> Result<&'a Config> {
        self.0.config()
    }

    /// The session that the client was made with.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if it was made with none, as the clients of credentials providers are.
    pub fn session(&self) -> Result<Session> {
        let session = SessionParts::as_any(&*self.0.session).and_then(|it| it.downcast_ref::<Session>());
        session.cloned().ok_or_else(|| Error::new(ErrorKind::Config, "the client was made without a session"))
    }
}

impl fmt::Debug for ClientMeta<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (service, version) = (self.service_id(), self.api_version());
        let region = self.region().ok().flatten();
        let mut out = f.debug_struct("ClientMeta");
        out.field("service_id", &service)
            .field("api_version", &version)
            .field("region", &region)
            .finish_non_exhaustive()
    }
}
