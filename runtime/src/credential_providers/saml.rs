//! The credentials of a role for a SAML assertion, as identity providers of companies issue it. Knows the operation, not
//! where the assertion comes from.

use std::sync::Arc;
use std::time::Duration;

use super::assume_role::from_sts;
use super::caller::Caller;
use super::services::sts;
use super::{IdentityToken, ProviderContext, SharedContext, failed_with};
use crate::BoxFuture;
use crate::Result;
use crate::credentials::{Credentials, FETCH_TIMEOUT, ProvideCredentials, limited};
use crate::make;

const NAME: &str = "assume-role-with-saml";

/// Provides the credentials of a role for a SAML assertion: calls AssumeRoleWithSAML, unsigned, at each fetch.
///
/// ```no_run
/// use aws_core::Session;
/// use aws_core::credential_providers::{IdentityToken, SamlRole};
///
/// # async fn log_in() -> aws_core::Result<String> { Ok(String::new()) }
/// # fn main() -> aws_core::Result<()> {
/// let base = Session::builder().region("eu-west-1").build()?;
/// let assertion = IdentityToken::new(|| Box::pin(async { log_in().await }));
/// let (role, provider) = ("arn:aws:iam::123456789012:role/dev", "arn:aws:iam::123456789012:saml-provider/corp");
/// let session = base.to_builder().credentials(SamlRole::builder(role, provider, assertion).build(&base)).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SamlRole {
    settings: Arc<SamlRoleBuilder>,
    caller: Caller,
}

/// Configures a [`SamlRole`] provider.
#[derive(Clone, Debug)]
#[must_use]
pub struct SamlRoleBuilder {
    role_arn: String,
    principal_arn: String,
    assertion: IdentityToken,
    duration: Option<Duration>,
    policy: Option<String>,
    policy_arns: Vec<String>,
    region: Option<String>,
}

impl SamlRole {
    /// Starts a builder for the role with this ARN. `principal_arn` is the ARN of the SAML provider in IAM, and `assertion` the
    /// response of the identity provider, in base64.
    pub fn builder(
        role_arn: impl Into<String>,
        principal_arn: impl Into<String>,
        assertion: impl Into<IdentityToken>,
    ) -> SamlRoleBuilder {
        SamlRoleBuilder {
            role_arn: role_arn.into(),
            principal_arn: principal_arn.into(),
            assertion: assertion.into(),
            duration: None,
            policy: None,
            policy_arns: Vec::new(),
            region: None,
        }
    }

    async fn fetch(&self) -> Result<Credentials> {
        let settings = &*self.settings;
        let problem = |error| failed_with(format!("cannot assume role {} by SAML", settings.role_arn), error);
        let assertion = settings.assertion.get("the SAML assertion", NAME).await.map_err(problem)?;
        let policies = settings.policy_arns.iter().map(|arn| make!(sts::PolicyDescriptorType { arn }));
        let input = sts::AssumeRoleWithSamlInput {
            role_arn: Some(settings.role_arn.clone()),
            principal_arn: Some(settings.principal_arn.clone()),
            saml_assertion: Some(assertion),
            policy_arns: (!settings.policy_arns.is_empty()).then(|| policies.collect::<Vec<_>>()).into(),
            policy: settings.policy.clone(),
            duration_seconds: settings.duration.map(|it| i32::try_from(it.as_secs()).unwrap_or(i32::MAX)),
            ..Default::default()
        };
        let call = self.caller.call::<sts::AssumeRoleWithSaml>(input);
        let output = limited("credentials", NAME, Some(FETCH_TIMEOUT), call).await.map_err(problem)?;
        let credentials = from_sts(output.credentials, output.assumed_role_user.as_ref()).map_err(problem)?;
        Ok(credentials.with_provider(NAME))
    }
}

impl SamlRoleBuilder {
    /// Sets the lifetime of the credentials, in whole seconds; the service accepts 15 minutes to 12 hours, and the assertion
    /// may limit it. By default the service chooses an hour.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// Sets a session policy, in JSON, that limits the role's permissions. By default none.
    pub fn policy(mut self, policy: impl Into<String>) -> Self {
        self.policy = Some(policy.into());
        self
    }

    /// Adds the ARN of a managed policy that limits the role's permissions.
    pub fn policy_arn(mut self, arn: impl Into<String>) -> Self {
        self.policy_arns.push(arn.into());
        self
    }

    /// Sets the region whose STS is called. By default the session's region.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Builds the provider. It uses the session's settings, HTTP client, clock and environment.
    pub fn build<S: ProviderContext + Clone + 'static>(self, session: &S) -> SamlRole {
        let context: SharedContext = Arc::new(session.clone());
        let caller = Caller::anonymous(&context, &sts::SERVICE, self.region.clone());
        SamlRole { settings: Arc::new(self), caller }
    }
}

impl ProvideCredentials for SamlRole {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(self.fetch())
    }

    fn provider_name(&self) -> &'static str {
        NAME
    }

    /// It limits each of its steps.
    fn fetch_timeout(&self) -> Option<Duration> {
        None
    }
}
