//! Which auth scheme the settings prefer. Knows no operation.

use crate::config::{Config, Environment};
use crate::credentials::EnvironmentTokenProvider;

/// Whether the settings prefer a bearer token over a signature. Only used for operations that accept both: botocore
/// lists their services beside the models, and the models agree with that list.
///
/// As in botocore, `auth_scheme_preference` decides if it is set in code; else a token provider that was set in code or
/// the environment variable of the token, such as `AWS_BEARER_TOKEN_BEDROCK`, which takes precedence over credentials;
/// else `auth_scheme_preference` of the environment or profile.
pub(crate) fn prefers_token(
    config: &Config,
    environment: Option<&Environment>,
    signing_name: &str,
    has_explicit_token: bool,
) -> bool {
    let preferred = config.auth_scheme_preference.iter().find_map(|it| match it.as_str() {
        "httpBearerAuth" => Some(true),
        "sigv4" => Some(false),
        _ => None,
    });
    let has_variable = || {
        environment.is_some_and(|environment| {
            let provider = EnvironmentTokenProvider::new(environment.clone(), signing_name);
            environment.get(provider.variable()).is_some()
        })
    };
    let has_token = || has_explicit_token || has_variable();
    preferred == Some(true) || (!config.auth_scheme_preference_is_explicit && has_token())
}
