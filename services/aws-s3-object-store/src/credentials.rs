//! The credentials of a session for object_store's own store of S3. Knows no call.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use aws_core::{Credentials, Session};
use object_store::aws::AwsCredential;
use object_store::{CredentialProvider, Result};

use crate::error::failure;

/// Provides object_store's own store with the credentials of a session, refreshed as they expire: for libraries that build
/// an `AmazonS3` by themselves and take only its credentials.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use aws_core::Session;
/// use aws_s3_object_store::SessionCredentials;
/// use object_store::aws::AmazonS3Builder;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let session = Session::builder().profile("analytics").build()?;
/// let builder = AmazonS3Builder::new()
///     .with_bucket_name("mybucket")
///     .with_region(session.region()?.unwrap_or("us-east-1"))
///     .with_credentials(Arc::new(SessionCredentials::new(&session)));
/// # Ok(())
/// # }
/// ```
pub struct SessionCredentials {
    session: Session,
    /// The last credentials, converted.
    last: Mutex<Option<(Credentials, Arc<AwsCredential>)>>,
}

impl SessionCredentials {
    /// The credentials of this session. Fetches none yet.
    pub fn new(session: &Session) -> Self {
        Self { session: session.clone(), last: Mutex::new(None) }
    }
}

impl fmt::Debug for SessionCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionCredentials").field(&self.session).finish()
    }
}

#[async_trait]
impl CredentialProvider for SessionCredentials {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> Result<Arc<AwsCredential>> {
        let provider = self.session.credentials().map_err(|it| failure("", it))?;
        let credentials = match provider.cached() {
            Some(credentials) => credentials,
            None => provider.provide().await.map_err(|it| failure("", it))?,
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, converted)) = &*last
            && known.ptr_eq(&credentials)
        {
            return Ok(Arc::clone(converted));
        }
        let converted = Arc::new(AwsCredential {
            key_id: credentials.access_key_id().to_owned(),
            secret_key: credentials.secret_access_key().to_owned(),
            token: credentials.session_token().map(str::to_owned),
        });
        *last = Some((credentials, Arc::clone(&converted)));
        Ok(converted)
    }
}
