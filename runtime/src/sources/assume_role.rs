//! The credentials of a role, from AWS STS, on top of any other provider. Knows the call, not the profiles that ask for it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::call::Caller;
use super::role_cache::{Separators, key};
use super::services::sts;
use super::{Around, MfaPrompt, RoleCache, Surroundings, cached, failed, failed_by, now};
use crate::Result;
use crate::credentials::{BoxFuture, Credentials, ProvideCredentials};

pub(super) const NAME: &str = "assume-role";

/// Calls AssumeRole at each fetch, signed with the credentials of another provider.
///
/// Behind a [`Cache`](crate::credentials::Cache), which a session puts before it, it is a role that renews itself. See [`AssumeRole::builder`].
#[derive(Clone, Debug)]
pub struct AssumeRole {
    around: Around,
    role: Arc<AssumeRoleBuilder>,
    caller: Caller,
}

/// Says which role is assumed, and how.
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
    source: Option<Arc<dyn ProvideCredentials>>,
    cache: Option<RoleCache>,
    /// What asks for the role, for messages.
    place: Option<String>,
}

impl AssumeRole {
    /// Starts a provider for the role with this ARN.
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
            source: None,
            cache: None,
            place: None,
        }
    }

    async fn fetch(&self) -> Result<Credentials> {
        let role = &*self.role;
        let time = now(&self.around.clock());
        let key = role.cache_key();
        if let Some(found) = role.cache.as_ref().and_then(|it| it.get(&key, time)) {
            return Ok(found.with_provider(NAME));
        }
        let mut input = role.input();
        input.role_session_name.get_or_insert_with(|| default_session_name(time.as_secs()));
        if let Some(serial) = &role.mfa_serial {
            let Some(prompt) = &role.mfa_prompt else {
                let message = format!(
                    "the role {} wants the code of the device {serial}, and the session has nobody to ask: give it an MfaPrompt",
                    role.named()
                );
                return Err(failed(message));
            };
            let code =
                prompt.ask(serial).await.map_err(|it| failed_by(format!("the code of the device {serial}"), it))?;
            input.token_code = Some(code);
        }
        let answer = self.caller.call::<sts::AssumeRole>(input).await;
        let output = answer.map_err(|it| failed_by(format!("the role {} was not given", role.named()), it))?;
        let credentials = of_sts(output.credentials, output.assumed_role_user.as_ref())?.with_provider(NAME);
        if let Some(cache) = &role.cache {
            cache.put(&key, &credentials, assumed(output.assumed_role_user.as_ref()));
        }
        Ok(credentials)
    }
}

impl AssumeRoleBuilder {
    /// The name of the session, as CloudTrail shows it; by default `aws-core-session-` and the time in seconds.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// What the role's owner gave to tell callers apart.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// For how long the credentials shall live, in whole seconds; the service takes 15 minutes up to 12 hours. By default
    /// an hour.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// A policy, in JSON, that narrows what the session may do.
    pub fn policy(mut self, policy: impl Into<String>) -> Self {
        self.policy = Some(policy.into());
        self
    }

    /// A managed policy that narrows what the session may do.
    pub fn policy_arn(mut self, arn: impl Into<String>) -> Self {
        self.policy_arns.push(arn.into());
        self
    }

    /// A tag of the session.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// A tag that sessions assumed from this one keep.
    pub fn transitive_tag_key(mut self, key: impl Into<String>) -> Self {
        self.transitive_tag_keys.push(key.into());
        self
    }

    /// Who is behind the session.
    pub fn source_identity(mut self, identity: impl Into<String>) -> Self {
        self.source_identity = Some(identity.into());
        self
    }

    /// The multi-factor device whose code is asked of `prompt` at each fetch.
    pub fn mfa(self, serial: impl Into<String>, prompt: MfaPrompt) -> Self {
        self.mfa_serial(serial, Some(prompt))
    }

    pub(super) fn mfa_serial(mut self, serial: impl Into<String>, prompt: Option<MfaPrompt>) -> Self {
        self.mfa_serial = Some(serial.into());
        self.mfa_prompt = prompt;
        self
    }

    /// The region whose STS is called; by default the session's.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The provider whose credentials sign the call; by default the session's. It is put behind a cache unless it has
    /// credentials at hand.
    pub fn source(mut self, source: impl ProvideCredentials + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// A cache on disk for the role's credentials; by default none.
    pub fn cache(mut self, cache: RoleCache) -> Self {
        self.cache = Some(cache);
        self
    }

    pub(super) fn at(mut self, place: String) -> Self {
        self.place = Some(place);
        self
    }

    /// The provider, over the settings and connections that `around`, a session, has.
    ///
    /// # Errors
    /// Those of the session's credentials, if no other source is given.
    pub fn build<S: Surroundings + Clone + 'static>(self, around: &S) -> Result<AssumeRole> {
        let source = match &self.source {
            Some(source) => Arc::clone(source),
            None => Arc::clone(around.credentials()?),
        };
        Ok(self.over(Arc::new(around.clone()), source))
    }

    pub(super) fn over(self, around: Around, source: Arc<dyn ProvideCredentials>) -> AssumeRole {
        let source = cached(&around, source);
        let caller = Caller::signing(&around, &sts::SERVICE, self.region.clone(), source);
        AssumeRole { around, caller, role: Arc::new(self) }
    }

    fn input(&self) -> sts::AssumeRoleInput {
        let some = |items: &[String]| (!items.is_empty()).then(|| items.to_vec());
        let policies = self.policy_arns.iter().map(|arn| sts::PolicyDescriptorType { arn: Some(arn.clone()) });
        let tag = |(key, value): &(String, String)| sts::Tag { key: Some(key.clone()), value: Some(value.clone()) };
        sts::AssumeRoleInput {
            role_arn: Some(self.role_arn.clone()),
            role_session_name: self.session_name.clone(),
            policy_arns: (!self.policy_arns.is_empty()).then(|| policies.collect()),
            policy: self.policy.clone(),
            duration_seconds: self.duration.map(|it| i32::try_from(it.as_secs()).unwrap_or(i32::MAX)),
            tags: (!self.tags.is_empty()).then(|| self.tags.iter().map(tag).collect()),
            transitive_tag_keys: some(&self.transitive_tag_keys),
            external_id: self.external_id.clone(),
            serial_number: self.mfa_serial.clone(),
            source_identity: self.source_identity.clone(),
            ..Default::default()
        }
    }

    /// botocore's: of all arguments that do not change from call to call.
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
        put("PolicyArns", input.policy_arns.map(|it| it.into_iter().map(|it| json!({ "arn": it.arn })).collect()));
        put(
            "Tags",
            input.tags.map(|it| it.into_iter().map(|it| json!({ "Key": it.key, "Value": it.value })).collect()),
        );
        put("TransitiveTagKeys", input.transitive_tag_keys.map(Value::from));
        put("SourceIdentity", input.source_identity.map(Value::from));
        key(&Value::Object(arguments), Separators::Spaced)
    }

    /// The role, and who asks for it.
    fn named(&self) -> String {
        match &self.place {
            Some(place) => format!("{} of {place}", self.role_arn),
            None => self.role_arn.clone(),
        }
    }
}

pub(super) fn default_session_name(seconds: i64) -> String {
    format!("aws-core-session-{seconds}")
}

/// The credentials of an answer of STS, of the account in the role's ARN.
pub(super) fn of_sts(found: Option<sts::Credentials>, user: Option<&sts::AssumedRoleUser>) -> Result<Credentials> {
    let incomplete = || failed("the answer of AWS STS has no complete credentials");
    let found = found.ok_or_else(incomplete)?;
    let (Some(key), Some(secret), Some(token)) = (found.access_key_id, found.secret_access_key, found.session_token)
    else {
        return Err(incomplete());
    };
    let mut credentials = Credentials::new(key, secret).with_session_token(token);
    if let Some(expiry) = found.expiration {
        credentials = credentials.with_expiry(expiry);
    }
    let account_id = user.and_then(|it| it.arn.as_deref()?.split(':').nth(4)).filter(|it| !it.is_empty());
    if let Some(account_id) = account_id {
        credentials = credentials.with_account_id(account_id);
    }
    Ok(credentials)
}

/// The member that the AWS CLI keeps beside the credentials.
pub(super) fn assumed(user: Option<&sts::AssumedRoleUser>) -> Map<String, Value> {
    let user = user.map(|it| json!({ "AssumedRoleId": it.assumed_role_id, "Arn": it.arn }));
    user.map(|it| ("AssumedRoleUser".to_owned(), it)).into_iter().collect()
}

impl ProvideCredentials for AssumeRole {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(self.fetch())
    }
}
