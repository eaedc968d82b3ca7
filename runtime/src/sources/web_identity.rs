//! The credentials of a role for somebody another identity provider vouches for, as in EKS. Knows the call and the token's
//! file, not who names them.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::assume_role::{assumed, default_session_name, of_sts};
use super::call::Caller;
use super::role_cache::{Separators, key};
use super::services::sts;
use super::{Around, RoleCache, Surroundings, failed, failed_by, now};
use crate::Result;
use crate::credentials::{BoxFuture, Credentials, ProvideCredentials};

pub(super) const NAME: &str = "assume-role-with-web-identity";

/// The service takes 20,000 characters.
const MOST_BYTES: u64 = 64 * 1024;

/// Calls AssumeRoleWithWebIdentity, unsigned, with a token that is read from its file at each fetch.
#[derive(Clone, Debug)]
pub struct WebIdentity {
    around: Around,
    given: Arc<WebIdentityBuilder>,
    caller: Caller,
}

/// Says which role is assumed, and with which token.
#[derive(Clone, Debug)]
#[must_use]
pub struct WebIdentityBuilder {
    role_arn: String,
    token_file: PathBuf,
    session_name: Option<String>,
    region: Option<String>,
    cache: Option<RoleCache>,
}

impl WebIdentity {
    /// Starts a provider for the role with this ARN and the token in this file.
    pub fn builder(role_arn: impl Into<String>, token_file: impl Into<PathBuf>) -> WebIdentityBuilder {
        WebIdentityBuilder {
            role_arn: role_arn.into(),
            token_file: token_file.into(),
            session_name: None,
            region: None,
            cache: None,
        }
    }

    async fn fetch(&self) -> Result<Credentials> {
        let given = &*self.given;
        let time = now(&self.around.clock());
        let mut arguments = json!({ "RoleArn": given.role_arn });
        if let Some(name) = &given.session_name {
            arguments["RoleSessionName"] = name.as_str().into();
        }
        let key = key(&arguments, Separators::Spaced);
        if let Some(found) = given.cache.as_ref().and_then(|it| it.get(&key, time)) {
            return Ok(found.with_provider(NAME));
        }
        let path = given.token_file.display();
        let length = std::fs::metadata(&given.token_file).map_or(0, |it| it.len());
        let token = match length > MOST_BYTES {
            true => Err(std::io::ErrorKind::FileTooLarge.into()),
            false => std::fs::read_to_string(&given.token_file),
        };
        let token =
            token.map_err(|it| failed(format!("the token's file {path} cannot be read: {it}")).with_source(it))?;
        let input = sts::AssumeRoleWithWebIdentityInput {
            role_arn: Some(given.role_arn.clone()),
            role_session_name: Some(given.session_name.clone().unwrap_or_else(|| default_session_name(time.as_secs()))),
            web_identity_token: Some(token.trim().to_owned()),
            ..Default::default()
        };
        let answer = self.caller.call::<sts::AssumeRoleWithWebIdentity>(input).await;
        let what = || format!("the role {} was not given for the token in {path}", given.role_arn);
        let output = answer.map_err(|it| failed_by(what(), it))?;
        let credentials = of_sts(output.credentials, output.assumed_role_user.as_ref())?.with_provider(NAME);
        if let Some(cache) = &given.cache {
            cache.put(&key, &credentials, assumed(output.assumed_role_user.as_ref()));
        }
        Ok(credentials)
    }
}

impl WebIdentityBuilder {
    /// The name of the session, as CloudTrail shows it; by default `aws-core-session-` and the time in seconds.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// The region whose STS is called; by default the session's.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// A cache on disk for the role's credentials; by default none.
    pub fn cache(mut self, cache: RoleCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// The provider, over the settings and connections that `around`, a session, has.
    pub fn build<S: Surroundings + Clone + 'static>(self, around: &S) -> WebIdentity {
        self.over(Arc::new(around.clone()))
    }

    pub(super) fn over(self, around: Around) -> WebIdentity {
        let caller = Caller::anonymous(&around, &sts::SERVICE, self.region.clone());
        WebIdentity { around, caller, given: Arc::new(self) }
    }
}

impl ProvideCredentials for WebIdentity {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(self.fetch())
    }
}
