//! The credentials of a role for a web identity, whose token is in a file, as in Amazon EKS. Knows the operation and
//! the file, but no profile and no environment variable.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::assume_role::{assumed_role_user, default_session_name, from_sts};
use super::caller::Caller;
use super::role_cache::{Separators, hash};
use super::services::sts;
use super::{ProviderContext, RoleCache, SharedContext, failed_with, now};
use crate::BoxFuture;
use crate::Result;
use crate::credentials::{Credentials, ProvideCredentials, small_file};

pub(super) const NAME: &str = "assume-role-with-web-identity";

/// Larger token files are an error. Our choice: STS accepts a `WebIdentityToken` of at most 20,000 characters.
const MAX_TOKEN_BYTES: u64 = 64 * 1024;

/// Provides the credentials of a role for a web identity: calls AssumeRoleWithWebIdentity, unsigned, with the token in
/// a file, which is read at each fetch.
#[derive(Clone, Debug)]
pub struct WebIdentity {
    context: SharedContext,
    settings: Arc<WebIdentityBuilder>,
    caller: Caller,
}

/// Configures a [`WebIdentity`] provider.
#[derive(Clone, Debug)]
#[must_use]
pub struct WebIdentityBuilder {
    role_arn: String,
    token_file: PathBuf,
    session_name: Option<String>,
    region: Option<String>,
    cache: Option<RoleCache>,
    /// The setting that names the file, for messages.
    origin: Option<String>,
}

impl WebIdentity {
    /// Starts a builder for the role with this ARN, and the web identity token in this file.
    pub fn builder(role_arn: impl Into<String>, token_file: impl Into<PathBuf>) -> WebIdentityBuilder {
        WebIdentityBuilder {
            role_arn: role_arn.into(),
            token_file: token_file.into(),
            session_name: None,
            region: None,
            cache: None,
            origin: None,
        }
    }

    async fn fetch(&self) -> Result<Credentials> {
        let settings = &*self.settings;
        let time = now(&self.context.clock());
        let mut arguments = json!({ "RoleArn": settings.role_arn });
        if let Some(name) = &settings.session_name {
            arguments["RoleSessionName"] = name.as_str().into();
        }
        let key = hash(&arguments, Separators::Spaced);
        if let Some(cache) = &settings.cache
            && let Some(found) = cache.get(&key, time).await
        {
            return Ok(found.with_provider(NAME));
        }
        let path = settings.token_file.display();
        let origin = match &settings.origin {
            Some(setting) => format!("token file {path} named by {setting}"),
            None => format!("token file {path}"),
        };
        let token = small_file::read_text(&settings.token_file, MAX_TOKEN_BYTES, &origin).await?;
        let session_name = settings.session_name.clone();
        let input = sts::AssumeRoleWithWebIdentityInput {
            role_arn: Some(settings.role_arn.clone()),
            role_session_name: Some(session_name.unwrap_or_else(|| default_session_name(time.as_secs()))),
            web_identity_token: Some(token.trim().to_owned()),
            ..Default::default()
        };
        let response = self.caller.call::<sts::AssumeRoleWithWebIdentity>(input).await;
        let problem =
            |it| failed_with(format!("cannot assume role {} with the token in {path}", settings.role_arn), it);
        let output = response.map_err(problem)?;
        let credentials = from_sts(output.credentials, output.assumed_role_user.as_ref()).map_err(problem)?;
        let credentials = credentials.with_provider(NAME);
        if let Some(cache) = &settings.cache {
            cache.put(&key, &credentials, assumed_role_user(output.assumed_role_user.as_ref())).await;
        }
        Ok(credentials)
    }
}

impl WebIdentityBuilder {
    /// Sets the role session name, which CloudTrail shows. By default `aws-core-session-` and the time in seconds.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// Sets the region whose STS is called. By default the session's region.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets a cache on disk for the role's credentials. By default none.
    pub fn cache(mut self, cache: RoleCache) -> Self {
        self.cache = Some(cache);
        self
    }

    pub(super) fn origin(mut self, origin: String) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Builds the provider. It uses the session's settings, HTTP client, clock and environment.
    pub fn build<S: ProviderContext + Clone + 'static>(self, session: &S) -> WebIdentity {
        self.build_with(Arc::new(session.clone()))
    }

    pub(super) fn build_with(self, context: SharedContext) -> WebIdentity {
        let caller = Caller::anonymous(&context, &sts::SERVICE, self.region.clone());
        WebIdentity { context, caller, settings: Arc::new(self) }
    }
}

impl ProvideCredentials for WebIdentity {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(self.fetch())
    }

    fn provider_name(&self) -> &'static str {
        NAME
    }
}
