//! The credentials of a role: calls AWS STS with the credentials of another provider. Knows the operation, not the
//! profiles that use it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::role_cache::{Separators, hash};
use super::services::sts;
use super::{MfaPrompt, ProviderContext, RoleCache, SharedContext, cached, failed, failed_with, now};
use crate::BoxFuture;
use crate::Result;
use crate::credentials::{Credentials, FETCH_TIMEOUT, ProvideCredentials, limited};
use crate::make;

pub(super) const NAME: &str = "assume-role";

/// Provides the credentials of a role: calls AssumeRole at each fetch, signed with the credentials of another provider.
///
/// A session puts a [`CredentialsCache`](crate::credentials::CredentialsCache) in front of it, which refreshes them.
/// See [`AssumeRole::builder`].
#[derive(Clone, Debug)]
pub struct AssumeRole {
    context: SharedContext,
    role: Arc<AssumeRoleBuilder>,
    source_credentials: Arc<dyn ProvideCredentials>,
    caller: Caller,
}

/// Configures an [`AssumeRole`] provider.
#[derive(Clone, Debug)]
#[must_use]
pub struct AssumeRoleBuilder {
    role_arn: String,
    session_name: Option<String>,
    external_id: Option<String>,
    duration: Option<Duration>,
    policy: Option<String>,
    policy_arns: Vec<String>,
    tags: Vec<(String, String)>,
    transitive_tag_keys: Vec<String>,
    source_identity: Option<String>,
    mfa_serial: Option<String>,
    mfa_prompt: Option<MfaPrompt>,
    region: Option<String>,
    source_credentials: Option<Arc<dyn ProvideCredentials>>,
    cache: Option<RoleCache>,
    /// The profile that configures the role, for messages.
    origin: Option<String>,
}

impl AssumeRole {
    /// Starts a builder for the role with this ARN.
    pub fn builder(role_arn: impl Into<String>) -> AssumeRoleBuilder {
        AssumeRoleBuilder {
            role_arn: role_arn.into(),
            session_name: None,
            external_id: None,
            duration: None,
            policy: None,
            policy_arns: Vec::new(),
            tags: Vec::new(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            mfa_serial: None,
            mfa_prompt: None,
            region: None,
            source_credentials: None,
            cache: None,
            origin: None,
        }
    }

    async fn fetch(&self) -> Result<Credentials> {
        let role = &*self.role;
        let time = now(&self.context.clock());
        let key = role.cache_key();
        if let Some(cache) = &role.cache
            && let Some(found) = cache.get(&key, time).await
        {
            return Ok(found.with_provider(NAME));
        }
        let mut input = role.input();
        input.role_session_name.get_or_insert_with(|| default_session_name(time.as_secs()));
        if let Some(serial) = &role.mfa_serial {
            let Some(prompt) = &role.mfa_prompt else {
                return Err(failed(format!(
                    "role {} requires the code of the MFA device {serial}, but no `MfaPrompt` is set: see \
                     `SessionBuilder::mfa_prompt`",
                    role.description()
                )));
            };
            let code = prompt.code(serial).await;
            input.token_code = Some(code.map_err(|it| failed_with(format!("no code of the MFA device {serial}"), it))?);
        }
        let problem = |error| failed_with(format!("cannot assume role {}", role.description()), error);
        // The time of the source's fetch is not that of the call: a chain of roles may be long, and a user slow.
        if self.source_credentials.cached().is_none() && !self.source_credentials.is_anonymous() {
            self.source_credentials.provide().await.map_err(problem)?;
        }
        let call = self.caller.call::<sts::AssumeRole>(input);
        let output = limited("credentials", NAME, Some(FETCH_TIMEOUT), call).await.map_err(problem)?;
        let credentials = from_sts(output.credentials, output.assumed_role_user.as_ref()).map_err(problem)?;
        let credentials = credentials.with_provider(NAME);
        if let Some(cache) = &role.cache {
            cache.put(&key, &credentials, assumed_role_user(output.assumed_role_user.as_ref())).await;
        }
        Ok(credentials)
    }
}

impl AssumeRoleBuilder {
    /// Sets the role session name, which CloudTrail shows. By default `aws-core-session-` and the time in seconds.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// Sets the `ExternalId` that the role's trust policy requires. By default none.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// Sets the lifetime of the credentials, in whole seconds; the service accepts 15 minutes to 12 hours. By default
    /// the service chooses an hour.
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

    /// Adds a session tag.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// Adds the key of a transitive session tag: roles assumed with these credentials inherit the tag.
    pub fn transitive_tag_key(mut self, key: impl Into<String>) -> Self {
        self.transitive_tag_keys.push(key.into());
        self
    }

    /// Sets the `SourceIdentity`, which CloudTrail records. By default none.
    pub fn source_identity(mut self, identity: impl Into<String>) -> Self {
        self.source_identity = Some(identity.into());
        self
    }

    /// Sets the serial number or ARN of an MFA device, whose code `prompt` returns at each fetch. By default none.
    pub fn mfa(self, serial: impl Into<String>, prompt: MfaPrompt) -> Self {
        self.mfa_serial(serial, Some(prompt))
    }

    pub(super) fn mfa_serial(mut self, serial: impl Into<String>, prompt: Option<MfaPrompt>) -> Self {
        self.mfa_serial = Some(serial.into());
        self.mfa_prompt = prompt;
        self
    }

    /// Sets the region whose STS is called. By default the session's region.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets the provider whose credentials sign the AssumeRole request. By default that of the session. A cache is put
    /// in front of it, unless it has credentials in memory.
    pub fn source_credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.source_credentials = Some(Arc::new(provider));
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
    ///
    /// # Errors
    /// If [`source_credentials`](Self::source_credentials) is not set and the session's credentials cannot be resolved.
    pub fn build<S: ProviderContext + Clone + 'static>(self, session: &S) -> Result<AssumeRole> {
        let source_credentials = match &self.source_credentials {
            Some(provider) => Arc::clone(provider),
            None => Arc::clone(session.credentials()?),
        };
        Ok(self.build_with(Arc::new(session.clone()), source_credentials))
    }

    pub(super) fn build_with(
        self,
        context: SharedContext,
        source_credentials: Arc<dyn ProvideCredentials>,
    ) -> AssumeRole {
        let source_credentials = cached(&context, source_credentials);
        self.build_cached(context, source_credentials)
    }

    /// As [`build_with`](Self::build_with), with source credentials that are cached already.
    pub(super) fn build_cached(
        self,
        context: SharedContext,
        source_credentials: Arc<dyn ProvideCredentials>,
    ) -> AssumeRole {
        let caller = Caller::signing(&context, &sts::SERVICE, self.region.clone(), Arc::clone(&source_credentials));
        AssumeRole { context, caller, role: Arc::new(self), source_credentials }
    }

    fn input(&self) -> sts::AssumeRoleInput {
        fn non_empty<T, M>(items: &[T], member: impl Fn(&T) -> M) -> Option<Vec<M>> {
            (!items.is_empty()).then(|| items.iter().map(member).collect())
        }
        let policy = |arn: &String| make!(sts::PolicyDescriptorType { arn });
        let tag = |(key, value): &(String, String)| make!(sts::Tag { key, value });
        sts::AssumeRoleInput {
            role_arn: Some(self.role_arn.clone()),
            role_session_name: self.session_name.clone(),
            policy_arns: non_empty(&self.policy_arns, policy).into(),
            policy: self.policy.clone(),
            duration_seconds: self.duration.map(|it| i32::try_from(it.as_secs()).unwrap_or(i32::MAX)),
            tags: non_empty(&self.tags, tag).into(),
            transitive_tag_keys: non_empty(&self.transitive_tag_keys, String::clone).into(),
            external_id: self.external_id.clone(),
            serial_number: self.mfa_serial.clone(),
            source_identity: self.source_identity.clone(),
            ..Default::default()
        }
    }

    /// The key of botocore's role cache: the hash of all arguments that do not change from call to call.
    fn cache_key(&self) -> String {
        let input = self.input();
        let mut arguments = Map::new();
        let mut put = |name: &str, value: Option<Value>| arguments.extend(value.map(|it| (name.to_owned(), it)));
        put("RoleArn", input.role_arn.map(Value::from));
        put("RoleSessionName", input.role_session_name.map(Value::from));
        put("ExternalId", input.external_id.map(Value::from));
        put("SerialNumber", input.serial_number.map(Value::from));
        put("DurationSeconds", input.duration_seconds.map(Value::from));
        put("Policy", input.policy.map(|it| serde_json::from_str(&it).unwrap_or(Value::String(it))));
        let policy = |policy: sts::PolicyDescriptorType| json!({ "arn": policy.arn });
        put("PolicyArns", Option::from(input.policy_arns).map(|it: Vec<_>| it.into_iter().map(policy).collect()));
        let tag = |tag: sts::Tag| json!({ "Key": tag.key, "Value": tag.value });
        put("Tags", Option::from(input.tags).map(|it: Vec<_>| it.into_iter().map(tag).collect()));
        put("TransitiveTagKeys", Option::from(input.transitive_tag_keys).map(|it: Vec<_>| it.into()));
        put("SourceIdentity", input.source_identity.map(Value::from));
        hash(&Value::Object(arguments), Separators::Spaced)
    }

    /// The role's ARN, and the profile that configures it.
    fn description(&self) -> String {
        match &self.origin {
            Some(origin) => format!("{} of {origin}", self.role_arn),
            None => self.role_arn.clone(),
        }
    }
}

pub(super) fn default_session_name(seconds: i64) -> String {
    format!("aws-core-session-{seconds}")
}

/// The credentials in a response of STS. The account is that of the assumed role's ARN.
pub(super) fn from_sts(output: Option<sts::Credentials>, user: Option<&sts::AssumedRoleUser>) -> Result<Credentials> {
    let incomplete = || failed("the response of AWS STS has incomplete credentials");
    let output = output.ok_or_else(incomplete)?;
    let (Some(key), Some(secret), Some(token)) = (output.access_key_id, output.secret_access_key, output.session_token)
    else {
        return Err(incomplete());
    };
    let mut credentials = Credentials::new(key, secret).with_session_token(token);
    if let Some(expiry) = output.expiration {
        credentials = credentials.with_expiry(expiry);
    }
    let account_id = user.and_then(|it| it.arn.as_deref()?.split(':').nth(4)).filter(|it| !it.is_empty());
    if let Some(account_id) = account_id {
        credentials = credentials.with_account_id(account_id);
    }
    Ok(credentials)
}

/// The member that the AWS CLI stores beside the credentials.
pub(super) fn assumed_role_user(user: Option<&sts::AssumedRoleUser>) -> Map<String, Value> {
    let mut members = Map::new();
    if let Some(user) = user {
        let value = json!({ "AssumedRoleId": user.assumed_role_id, "Arn": user.arn });
        members.insert("AssumedRoleUser".to_owned(), value);
    }
    members
}

impl ProvideCredentials for AssumeRole {
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
