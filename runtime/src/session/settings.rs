//! The table of settings: names, variables, profile keys, and how their values are parsed and formatted. Knows nothing
//! of what the settings do.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::profile::{FileLine, Section};
use crate::config::{
    AccountIdEndpointMode, AddressingStyle, ChecksumMode, Choice, Config, ContextParam, DefaultsMode,
    EndpointDiscovery, Environment, ImdsEndpointMode, MinThroughput, ModeDefaults, RegionalEndpoint, RetryMode,
    check_region,
};

/// A setting: its name, the environment variables and the profile keys that hold it, each in order of precedence, and
/// how its value is parsed into a [`Config`] and formatted. Defaults are those of [`Config::default`].
pub(super) struct Setting {
    /// The name in reports and messages. `SessionBuilder::explicit_settings` holds it if code set the setting.
    pub(super) name: &'static str,
    pub(super) variables: &'static [&'static str],
    /// `block.key` is a key in a nested block.
    pub(super) keys: &'static [&'static str],
    /// `None` if only code can set it.
    parse: Option<Parse>,
    /// The value in the syntax of a profile; `None` if it is unset.
    pub(super) format_value: fn(&Config) -> Option<String>,
    /// Writes the value of a defaults mode into a config, if modes have one.
    pub(super) apply_mode: Option<fn(&mut Config, &ModeDefaults)>,
}

/// Parses a value and writes it into a config; the error is what was expected.
type Parse = fn(&mut Config, &str) -> Result<(), String>;

/// Where a value came from. As small as possible, because every session stores it for every setting; users see
/// `Origin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CompactOrigin {
    Code,
    /// The index of the setting's variable.
    Variable(u8),
    /// The index of the setting's profile key.
    Key(u8),
    /// The FIPS pseudo-region that `region` was set to.
    Region,
    Mode,
    Default,
}

/// `"name" [variables] [keys] field = parser, mode value;` The parser is missing if only code can set the setting.
macro_rules! rows {
    ($($name:literal $variables:tt $keys:tt $($field:ident).+ $(= $parse:expr)? $(, mode $mode:ident)?;)*) => {
        &[$(Setting {
            name: $name,
            variables: &$variables,
            keys: &$keys,
            parse: rows!(@parse $($field).+ $(= $parse)?),
            format_value: |c| c.$($field).+.format_value(),
            apply_mode: rows!(@mode $($field).+ $(= $mode)?),
        }),*]
    };
    (@parse $($field:ident).+ = $parse:expr) => {
        Some(|c, v| { c.$($field).+ = ($parse)(v)?; Ok(()) })
    };
    (@mode $($field:ident).+ = $mode:ident) => {
        Some(|c, d| c.$($field).+ = d.$mode.into())
    };
    (@$_:ident $($field:ident).+) => { None };
}

/// Every setting that is part of a [`Config`], except the endpoint URLs, whose variables depend on the service.
/// botocore has the same variables and keys, except AWS_REGION, which takes precedence over AWS_DEFAULT_REGION here,
/// AWS_ENABLE_ENDPOINT_DISCOVERY, which other SDKs read, and the key `s3_disable_multiregion_access_points` outside `s3`, which other SDKs read.
#[rustfmt::skip]
pub(super) static SETTINGS: &[Setting] = rows! {
    "region" ["AWS_REGION", "AWS_DEFAULT_REGION"] ["region"] region = |v| some(region(v));
    "ignore_configured_endpoint_urls" ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] ["ignore_configured_endpoint_urls"] endpoint_urls.ignore_configured = flag;
    "use_fips" ["AWS_USE_FIPS_ENDPOINT"] ["use_fips_endpoint"] use_fips = |v| some(flag(v));
    "use_dual_stack" ["AWS_USE_DUALSTACK_ENDPOINT"] ["use_dualstack_endpoint"] use_dual_stack = |v| some(flag(v));
    "use_ssl" [] [] use_ssl;
    "account_id_endpoint_mode" ["AWS_ACCOUNT_ID_ENDPOINT_MODE"] ["account_id_endpoint_mode"] account_id_endpoint_mode = choice;
    "sts_regional_endpoints" ["AWS_STS_REGIONAL_ENDPOINTS"] ["sts_regional_endpoints"] sts_regional_endpoints = choice, mode sts_regional_endpoints;
    "endpoint_discovery_enabled" ["AWS_ENDPOINT_DISCOVERY_ENABLED", "AWS_ENABLE_ENDPOINT_DISCOVERY"] ["endpoint_discovery_enabled"] endpoint_discovery_enabled = choice;
    "disable_host_prefix_injection" ["AWS_DISABLE_HOST_PREFIX_INJECTION"] ["disable_host_prefix_injection"] disable_host_prefix_injection = flag;
    "client_context_params" [] [] client_context_params;
    "defaults_mode" ["AWS_DEFAULTS_MODE"] ["defaults_mode"] defaults_mode = choice;
    "retry_mode" ["AWS_RETRY_MODE"] ["retry_mode"] retry.mode = choice, mode retry_mode;
    "max_attempts" ["AWS_MAX_ATTEMPTS"] ["max_attempts"] retry.max_attempts = |v| some(number(v, MAX_ATTEMPTS_RANGE));
    "connect_timeout" [] [] timeouts.connect, mode connect_timeout;
    "read_timeout" [] [] timeouts.read;
    "attempt_timeout" [] [] timeouts.attempt;
    "total_timeout" [] [] timeouts.total;
    "max_response_bytes" [] [] max_response_bytes;
    "min_throughput" [] [] min_throughput;
    "tcp_keepalive" ["BOTOCORE_TCP_KEEPALIVE"] ["tcp_keepalive"] tcp_keepalive = |v| some(flag(v));
    "ca_bundle" ["AWS_CA_BUNDLE"] ["ca_bundle"] ca_bundle = |v| some(path(v));
    "proxies_config.proxy_ca_bundle" [] ["proxy_ca_bundle"] proxies_config.proxy_ca_bundle = |v| some(path(v));
    "proxies_config.proxy_client_cert" [] ["proxy_client_cert"] proxies_config.proxy_client_cert = |v| some(path(v));
    "proxies_config.proxy_use_forwarding_for_https" [] ["proxy_use_forwarding_for_https"] proxies_config.proxy_use_forwarding_for_https = |v| some(flag(v));
    "app_id" ["AWS_SDK_UA_APP_ID"] ["sdk_ua_app_id"] app_id = |v| some(string(v));
    "user_agent_extra" [] [] user_agent_extra;
    "auth_scheme_preference" ["AWS_AUTH_SCHEME_PREFERENCE"] ["auth_scheme_preference"] auth_scheme_preference = |v| schemes(comma_separated(v));
    "sigv4a_signing_region_set" ["AWS_SIGV4A_SIGNING_REGION_SET"] ["sigv4a_signing_region_set"] sigv4a_signing_region_set = |v| region_set(comma_separated(v));
    "request_checksum_calculation" ["AWS_REQUEST_CHECKSUM_CALCULATION"] ["request_checksum_calculation"] request_checksum_calculation = |v| some(choice(v));
    "response_checksum_validation" ["AWS_RESPONSE_CHECKSUM_VALIDATION"] ["response_checksum_validation"] response_checksum_validation = |v| some(choice(v));
    "disable_request_compression" ["AWS_DISABLE_REQUEST_COMPRESSION"] ["disable_request_compression"] disable_request_compression = flag;
    "request_min_compression_size_bytes" ["AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES"] ["request_min_compression_size_bytes"] request_min_compression_size_bytes = |v| number(v, MIN_COMPRESSION_SIZE_RANGE);
    "parameter_validation" [] ["parameter_validation"] parameter_validation = flag;
    "metadata_service_timeout" ["AWS_METADATA_SERVICE_TIMEOUT"] ["metadata_service_timeout"] imds.metadata_service_timeout = |v| number(v, IMDS_RANGE).map(|seconds| Duration::from_secs(seconds.into()));
    "metadata_service_num_attempts" ["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] ["metadata_service_num_attempts"] imds.metadata_service_num_attempts = |v| number(v, IMDS_RANGE);
    "ec2_metadata_service_endpoint" ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ["ec2_metadata_service_endpoint"] imds.ec2_metadata_service_endpoint = |v| some(string(v));
    "ec2_metadata_service_endpoint_mode" ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] ["ec2_metadata_service_endpoint_mode"] imds.ec2_metadata_service_endpoint_mode = |v| some(choice(v));
    "imds_use_ipv6" ["AWS_IMDS_USE_IPV6"] ["imds_use_ipv6"] imds.imds_use_ipv6 = flag;
    "ec2_metadata_v1_disabled" ["AWS_EC2_METADATA_V1_DISABLED"] ["ec2_metadata_v1_disabled"] imds.ec2_metadata_v1_disabled = flag;
    "s3.addressing_style" [] ["s3.addressing_style"] s3.addressing_style = |v| some(choice(v));
    "s3.use_accelerate_endpoint" [] ["s3.use_accelerate_endpoint"] s3.use_accelerate_endpoint = |v| some(flag(v));
    "s3.use_dualstack_endpoint" [] ["s3.use_dualstack_endpoint"] s3.use_dualstack_endpoint = |v| some(flag(v));
    "s3.payload_signing_enabled" [] ["s3.payload_signing_enabled"] s3.payload_signing_enabled = |v| some(flag(v));
    "s3.use_arn_region" ["AWS_S3_USE_ARN_REGION"] ["s3_use_arn_region", "s3.use_arn_region"] s3.use_arn_region = |v| some(flag(v));
    "s3.us_east_1_regional_endpoint" ["AWS_S3_US_EAST_1_REGIONAL_ENDPOINT"] ["s3_us_east_1_regional_endpoint", "s3.us_east_1_regional_endpoint"] s3.us_east_1_regional_endpoint = |v| some(choice(v)), mode s3_us_east_1_regional_endpoint;
    "s3.disable_multiregion_access_points" ["AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS"] ["s3_disable_multiregion_access_points", "s3.s3_disable_multiregion_access_points"] s3.disable_multiregion_access_points = |v| some(flag(v));
    "s3.disable_express_session_auth" ["AWS_S3_DISABLE_EXPRESS_SESSION_AUTH"] ["s3_disable_express_session_auth"] s3.disable_express_session_auth = |v| some(flag(v));
};

/// The timeout in seconds and the attempts of the instance metadata service. Our choice: waiting longer than a minute
/// is never intended.
pub(super) const IMDS_RANGE: RangeInclusive<u32> = 1..=60;
/// Attempts of a call, the first one included.
pub(super) const MAX_ATTEMPTS_RANGE: RangeInclusive<u32> = 1..=u32::MAX;
/// Bytes; the limits of botocore (`args.py`).
pub(super) const MIN_COMPRESSION_SIZE_RANGE: RangeInclusive<u32> = 1..=1_048_576;

impl Setting {
    /// Writes the value from environment or profile into `config` and returns its origin. The error names the location,
    /// the value and what was expected.
    pub(super) fn apply(
        &self,
        config: &mut Config,
        environment: &Environment,
        profile: Option<&Section>,
    ) -> Result<CompactOrigin, String> {
        let Some(parse) = self.parse else { return Ok(CompactOrigin::Default) };
        let compact = |index: usize| u8::try_from(index).unwrap_or(u8::MAX);
        let mut found = None;
        for (index, variable) in self.variables.iter().enumerate() {
            if let Some(value) = environment.get(variable) {
                found = Some((value, CompactOrigin::Variable(compact(index))));
                break;
            }
        }
        if let (None, Some(profile)) = (&found, profile) {
            let value = |key: &str| match key.split_once('.') {
                Some((block, key)) => profile.nested(block, key),
                None => profile.get(key),
            };
            let first = self.keys.iter().enumerate().find_map(|(index, key)| Some((value(key)?, index)));
            found = first.map(|(value, index)| (value.to_owned(), CompactOrigin::Key(compact(index))));
        }
        let Some((value, origin)) = found else { return Ok(CompactOrigin::Default) };
        parse(config, &value).map(|()| origin).map_err(|expected| {
            let location = match (origin, profile) {
                (CompactOrigin::Key(index), Some(profile)) => key_location(profile, self.keys[usize::from(index)]),
                (CompactOrigin::Variable(index), _) => self.variables[usize::from(index)].to_owned(),
                _ => self.name.to_owned(),
            };
            format!("{location} is {value:?}: expected {expected}")
        })
    }
}

/// `KEY of profile "NAME" (PATH, line N)`; `block.key` is a key in a nested block.
pub(super) fn key_location(profile: &Section, key: &str) -> String {
    let line = line_of(profile, key).map(|it| format!(" ({it})")).unwrap_or_default();
    format!("{key} of profile {:?}{line}", profile.name())
}

/// The file and line of a key, which is written `key` or `block.key`.
pub(super) fn line_of(profile: &Section, key: &str) -> Option<FileLine> {
    match key.split_once('.') {
        Some((block, key)) => profile.location_of_nested(block, key),
        None => profile.location_of(key).cloned(),
    }
}

fn some<T>(value: Result<T, String>) -> Result<Option<T>, String> {
    value.map(Some)
}

#[allow(clippy::unnecessary_wraps, reason = "a parser like the others")]
fn string(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

#[allow(clippy::unnecessary_wraps, reason = "a parser like the others")]
fn path(text: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(text))
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

fn choice<T: Choice>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| T::expected())
}

fn comma_separated(text: &str) -> Vec<String> {
    text.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

/// Checks names of authentication schemes and removes their namespace (`aws.auth#sigv4`).
pub(super) fn schemes(names: Vec<String>) -> Result<Vec<String>, String> {
    let is_name = |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let names: Vec<_> =
        names.iter().map(|full| full.rsplit_once('#').map_or(full.as_str(), |(_, name)| name).to_owned()).collect();
    match !names.is_empty() && names.iter().all(is_name) {
        true => Ok(names),
        false => Err("comma-separated scheme names such as sigv4a, sigv4, httpBearerAuth".to_owned()),
    }
}

/// Checks regions, whose characters may be replaced by `*`.
pub(super) fn region_set(regions: Vec<String>) -> Result<Vec<String>, String> {
    match !regions.is_empty() && regions.iter().all(|it| check_region(&it.replace('*', "a")).is_ok()) {
        true => Ok(regions),
        false => Err("* or comma-separated regions such as us-east-1, us-west-*".to_owned()),
    }
}

fn region(text: &str) -> Result<String, String> {
    check_region(text).map(|()| text.to_owned())
}

/// Formats the value of a setting.
trait FormatValue {
    /// The value in the syntax of a profile; `None` if it is unset.
    fn format_value(&self) -> Option<String>;
}

macro_rules! format_value {
    ($($type:ty: |$it:ident| $formatted:expr;)*) => {
        $(impl FormatValue for $type {
            fn format_value(&self) -> Option<String> { let $it = self; $formatted.into() }
        })*
    };
}

format_value! {
    bool: |it| it.to_string();
    u32: |it| it.to_string();
    u64: |it| it.to_string();
    String: |it| it.clone();
    PathBuf: |it| it.display().to_string();
    Duration: |it| format!("{it:?}");
    Vec<String>: |it| (!it.is_empty()).then(|| it.join(", "));
    BTreeMap<String, ContextParam>: |it| (!it.is_empty()).then(|| format!("{it:?}"));
    AccountIdEndpointMode: |it| it.as_str().to_owned();
    AddressingStyle: |it| it.as_str().to_owned();
    ChecksumMode: |it| it.as_str().to_owned();
    DefaultsMode: |it| it.as_str().to_owned();
    EndpointDiscovery: |it| it.as_str().to_owned();
    ImdsEndpointMode: |it| it.as_str().to_owned();
    MinThroughput: |it| format!("{} bytes per second, {:?} behind", it.bytes_per_second, it.grace);
    RegionalEndpoint: |it| it.as_str().to_owned();
    RetryMode: |it| it.as_str().to_owned();
}

impl<T: FormatValue> FormatValue for Option<T> {
    fn format_value(&self) -> Option<String> {
        self.as_ref().and_then(T::format_value)
    }
}
