//! The table of settings that environment and profile can hold, and the readers of their values. Knows not what they are for.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::config::profile::Section;
use crate::config::{Config, Environment};

/// A setting: its name, the environment variables and the profile keys that hold it, each in order of precedence, and how
/// its text becomes part of a [`Config`]. Defaults are those of [`Config::default`].
pub(super) struct Setting {
    /// As at the session builder; marks what was given in code.
    pub(super) name: &'static str,
    variables: &'static [&'static str],
    /// `block.key` is a key in a nested block.
    keys: &'static [&'static str],
    read: Read,
}

/// Writes a value into a config; the error is what was expected.
type Read = fn(&mut Config, &str) -> Result<(), String>;

const fn row(
    name: &'static str,
    variables: &'static [&'static str],
    keys: &'static [&'static str],
    read: Read,
) -> Setting {
    Setting { name, variables, keys, read }
}

/// Every setting of environment and profile but the endpoint URLs, whose variables depend on the service. botocore knows
/// the same names, except AWS_REGION, which goes before AWS_DEFAULT_REGION here.
#[rustfmt::skip]
pub(super) static SETTINGS: &[Setting] = &[
    row("region", &["AWS_REGION", "AWS_DEFAULT_REGION"], &["region"], |c, v| set(&mut c.region, region(v).map(Some))),
    row("ignore_configured_endpoint_urls", &["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"], &["ignore_configured_endpoint_urls"], |c, v| set(&mut c.endpoint_urls.ignore_configured, flag(v))),
    row("use_fips", &["AWS_USE_FIPS_ENDPOINT"], &["use_fips_endpoint"], |c, v| set(&mut c.use_fips, flag(v).map(Some))),
    row("use_dual_stack", &["AWS_USE_DUALSTACK_ENDPOINT"], &["use_dualstack_endpoint"], |c, v| set(&mut c.use_dual_stack, flag(v).map(Some))),
    row("retry_mode", &["AWS_RETRY_MODE"], &["retry_mode"], |c, v| set(&mut c.retry.mode, choice(v))),
    row("max_attempts", &["AWS_MAX_ATTEMPTS"], &["max_attempts"], |c, v| set(&mut c.retry.max_attempts, number(v, MAX_ATTEMPTS).map(Some))),
    row("request_checksum_calculation", &["AWS_REQUEST_CHECKSUM_CALCULATION"], &["request_checksum_calculation"], |c, v| set(&mut c.request_checksum_calculation, choice(v).map(Some))),
    row("response_checksum_validation", &["AWS_RESPONSE_CHECKSUM_VALIDATION"], &["response_checksum_validation"], |c, v| set(&mut c.response_checksum_validation, choice(v).map(Some))),
    row("app_id", &["AWS_SDK_UA_APP_ID"], &["sdk_ua_app_id"], |c, v| set(&mut c.app_id, Ok(Some(v.to_owned())))),
    row("ca_bundle", &["AWS_CA_BUNDLE"], &["ca_bundle"], |c, v| set(&mut c.ca_bundle, Ok(Some(PathBuf::from(v))))),
    row("disable_host_prefix_injection", &["AWS_DISABLE_HOST_PREFIX_INJECTION"], &["disable_host_prefix_injection"], |c, v| set(&mut c.disable_host_prefix_injection, flag(v))),
    row("account_id_endpoint_mode", &["AWS_ACCOUNT_ID_ENDPOINT_MODE"], &["account_id_endpoint_mode"], |c, v| set(&mut c.account_id_endpoint_mode, choice(v))),
    row("parameter_validation", &[], &["parameter_validation"], |c, v| set(&mut c.parameter_validation, flag(v))),
    row("disable_request_compression", &["AWS_DISABLE_REQUEST_COMPRESSION"], &["disable_request_compression"], |c, v| set(&mut c.disable_request_compression, flag(v))),
    row("request_min_compression_size_bytes", &["AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES"], &["request_min_compression_size_bytes"], |c, v| set(&mut c.request_min_compression_size_bytes, number(v, MIN_COMPRESSION_SIZE))),
    row("metadata_service_timeout", &["AWS_METADATA_SERVICE_TIMEOUT"], &["metadata_service_timeout"], |c, v| set(&mut c.metadata.metadata_service_timeout, number(v, METADATA).map(|it| Duration::from_secs(it.into())))),
    row("metadata_service_num_attempts", &["AWS_METADATA_SERVICE_NUM_ATTEMPTS"], &["metadata_service_num_attempts"], |c, v| set(&mut c.metadata.metadata_service_num_attempts, number(v, METADATA))),
    row("ec2_metadata_service_endpoint", &["AWS_EC2_METADATA_SERVICE_ENDPOINT"], &["ec2_metadata_service_endpoint"], |c, v| set(&mut c.metadata.ec2_metadata_service_endpoint, Ok(Some(v.to_owned())))),
    row("ec2_metadata_service_endpoint_mode", &["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"], &["ec2_metadata_service_endpoint_mode"], |c, v| set(&mut c.metadata.ec2_metadata_service_endpoint_mode, choice(v).map(Some))),
    row("imds_use_ipv6", &["AWS_IMDS_USE_IPV6"], &["imds_use_ipv6"], |c, v| set(&mut c.metadata.imds_use_ipv6, flag(v))),
    row("ec2_metadata_v1_disabled", &["AWS_EC2_METADATA_V1_DISABLED"], &["ec2_metadata_v1_disabled"], |c, v| set(&mut c.metadata.ec2_metadata_v1_disabled, flag(v))),
    row("s3.addressing_style", &[], &["s3.addressing_style"], |c, v| set(&mut c.s3.addressing_style, choice(v).map(Some))),
    row("s3.use_accelerate_endpoint", &[], &["s3.use_accelerate_endpoint"], |c, v| set(&mut c.s3.use_accelerate_endpoint, flag(v).map(Some))),
    row("s3.use_dualstack_endpoint", &[], &["s3.use_dualstack_endpoint"], |c, v| set(&mut c.s3.use_dualstack_endpoint, flag(v).map(Some))),
    row("s3.payload_signing_enabled", &[], &["s3.payload_signing_enabled"], |c, v| set(&mut c.s3.payload_signing_enabled, flag(v).map(Some))),
    row("s3.use_arn_region", &["AWS_S3_USE_ARN_REGION"], &["s3_use_arn_region", "s3.use_arn_region"], |c, v| set(&mut c.s3.use_arn_region, flag(v).map(Some))),
    row("s3.us_east_1_regional_endpoint", &["AWS_S3_US_EAST_1_REGIONAL_ENDPOINT"], &["s3_us_east_1_regional_endpoint", "s3.us_east_1_regional_endpoint"], |c, v| set(&mut c.s3.us_east_1_regional_endpoint, choice(v).map(Some))),
    row("s3.disable_multiregion_access_points", &["AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS"], &["s3_disable_multiregion_access_points", "s3.s3_disable_multiregion_access_points"], |c, v| set(&mut c.s3.disable_multiregion_access_points, flag(v).map(Some))),
    row("s3.disable_express_session_auth", &["AWS_S3_DISABLE_EXPRESS_SESSION_AUTH"], &["s3_disable_express_session_auth"], |c, v| set(&mut c.s3.disable_express_session_auth, flag(v).map(Some))),
];

/// Seconds and tries of the instance metadata service: a minute of waiting is more than anybody means.
pub(super) const METADATA: RangeInclusive<u32> = 1..=60;
/// Attempts in all.
pub(super) const MAX_ATTEMPTS: RangeInclusive<u32> = 1..=u32::MAX;
/// Bytes.
pub(super) const MIN_COMPRESSION_SIZE: RangeInclusive<u32> = 1..=1_048_576;

impl Setting {
    #[cfg(test)]
    pub(super) fn variables(&self) -> &'static [&'static str] {
        self.variables
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> &'static [&'static str] {
        self.keys
    }

    /// Writes what environment or profile say into `config`; the error names place, value and what was expected.
    pub(super) fn apply(
        &self,
        config: &mut Config,
        environment: &Environment,
        profile: Option<&Section>,
    ) -> Result<(), String> {
        let of_environment = || self.variables.iter().find_map(|&it| Some((environment.get(it)?, it.to_owned())));
        let of_profile = || {
            let profile = profile?;
            self.keys.iter().find_map(|key| {
                let (first, value) = match key.split_once('.') {
                    Some((block, key)) => (block, profile.nested(block, key)?),
                    None => (*key, profile.get(key)?),
                };
                Some((value.to_owned(), place(profile, key, first)))
            })
        };
        let Some((value, place)) = of_environment().or_else(of_profile) else { return Ok(()) };
        (self.read)(config, &value).map_err(|expected| format!("{place} is {value:?}: expected {expected}"))
    }
}

/// `KEY of profile "NAME" (PATH, line N)`; `first` is the key whose line is told.
pub(super) fn place(profile: &Section, key: &str, first: &str) -> String {
    let line = profile.place_of(first).map(|it| format!(" ({it})")).unwrap_or_default();
    format!("{key} of profile {:?}{line}", profile.name())
}

fn set<T>(slot: &mut T, value: Result<T, String>) -> Result<(), String> {
    *slot = value?;
    Ok(())
}

fn flag(text: &str) -> Result<bool, String> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Ok(true),
        _ if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err("true or false".to_owned()),
    }
}

fn number(text: &str, range: RangeInclusive<u32>) -> Result<u32, String> {
    let value = text.parse().map_err(|_| expected(&range))?;
    in_range(value, range)
}

/// `value`, if it is in `range`.
pub(super) fn in_range(value: u32, range: RangeInclusive<u32>) -> Result<u32, String> {
    if range.contains(&value) { Ok(value) } else { Err(expected(&range)) }
}

fn expected(range: &RangeInclusive<u32>) -> String {
    match *range.end() {
        u32::MAX => format!("a whole number of at least {}", range.start()),
        end => format!("a whole number from {} to {end}", range.start()),
    }
}

fn choice<T: FromStr>(text: &str) -> Result<T, String>
where
    T::Err: Display,
{
    // The complaint reads `"x" is none of a, b`, and the value is already told.
    text.parse().map_err(|problem: T::Err| {
        let problem = problem.to_string();
        let texts = problem.split_once(" is none of ").map_or("", |(_, texts)| texts);
        format!("one of {texts}")
    })
}

/// A region is part of host names: 1 to 63 letters, digits and inner hyphens, not digits alone (the rule of botocore).
pub(super) fn region(text: &str) -> Result<String, String> {
    let is_label = (1..=63).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.bytes().all(|it| it.is_ascii_digit());
    if is_label { Ok(text.to_owned()) } else { Err("a region such as us-east-1".to_owned()) }
}
