//! The resolution of each setting, and its error messages.

use std::time::Duration;

use super::super::settings::{CompactOrigin, SETTINGS};
use super::{Home, message};
use crate::Result;
use crate::config::profile::Profiles;
use crate::config::{
    AccountIdEndpointMode, AddressingStyle, ChecksumMode, Config, DefaultsMode, EndpointDiscovery, Environment,
    ImdsConfig, MinThroughput, RegionalEndpoint, RetryConfig, RetryMode, S3Config, TimeoutConfig,
};
use crate::credentials::Credentials;
use crate::http::HttpConfig;
use crate::session::{Session, SessionBuilder};

#[test]
fn region_comes_from_code_then_environment_then_profile() {
    let home = Home::new("[default]\nregion = profile-1\n[profile other]\nregion = other-1\n[profile none]", "");
    let check = |code: Option<&str>, profile: Option<&str>, variables: &[(&str, &str)], expect: Option<&str>| {
        let mut builder = home.builder(variables);
        if let Some(region) = code {
            builder = builder.region(region);
        }
        if let Some(profile) = profile {
            builder = builder.profile(profile);
        }
        let session = builder.build().expect("valid");
        assert_eq!(session.region().expect("resolved"), expect, "{code:?} {profile:?} {variables:?}");
    };
    let both = [("AWS_REGION", "one-1"), ("AWS_DEFAULT_REGION", "two-1")];
    check(Some("code-1"), None, &both, Some("code-1"));
    check(None, None, &both, Some("one-1"));
    check(None, None, &both[1..], Some("two-1"));
    check(None, None, &[("AWS_REGION", ""), both[1]], Some("two-1"));
    check(None, None, &[], Some("profile-1"));
    check(None, Some("other"), &[], Some("other-1"));
    check(None, Some("other"), &both, Some("one-1"));
    check(None, Some("none"), &[], None);
    check(None, None, &[("AWS_PROFILE", "other")], Some("other-1"));
    check(None, None, &[("AWS_PROFILE", "other"), ("AWS_DEFAULT_PROFILE", "none")], None);
    check(None, Some("default"), &[("AWS_PROFILE", "other")], Some("profile-1"));
}

/// Two different values for each setting: the first for the profile, the second for the environment.
fn sample_values(name: &str) -> [&'static str; 2] {
    match name {
        "region" => ["eu-west-1", "eu-west-2"],
        "retry_mode" => ["adaptive", "legacy"],
        "max_attempts" | "request_min_compression_size_bytes" => ["7", "8"],
        "request_checksum_calculation" | "response_checksum_validation" => ["when_required", "WHEN_SUPPORTED"],
        "app_id" => ["one", "two"],
        "ca_bundle" => ["/one", "/two"],
        "account_id_endpoint_mode" => ["required", "disabled"],
        "metadata_service_timeout" | "metadata_service_num_attempts" => ["2", "3"],
        "ec2_metadata_service_endpoint" => ["http://one", "http://two"],
        "ec2_metadata_service_endpoint_mode" => ["ipv4", "IPv6"],
        "s3.addressing_style" => ["path", "virtual"],
        "s3.us_east_1_regional_endpoint" => ["legacy", "regional"],
        "parameter_validation" => ["false", "True"],
        "defaults_mode" => ["standard", "in-region"],
        "sts_regional_endpoints" => ["legacy", "REGIONAL"],
        "endpoint_discovery_enabled" => ["true", "False"],
        "auth_scheme_preference" => ["sigv4", "sigv4a, httpBearerAuth"],
        "sigv4a_signing_region_set" => ["*", "us-east-1,us-west-*"],
        "proxies_config.proxy_ca_bundle" | "proxies_config.proxy_client_cert" => ["/one", "/two"],
        _ => ["true", "False"],
    }
}

#[test]
fn every_setting_is_read_from_profile_and_environment() {
    let print = |config: &Config| format!("{config:?}");
    for setting in SETTINGS {
        let [in_profile, in_variable] = sample_values(setting.name);
        let resolve = |key: Option<&str>, variable: Option<&str>| {
            let text = key.map_or(String::new(), |key| match key.split_once('.') {
                Some((block, key)) => format!("{block} =\n  {key} = {in_profile}"),
                None => format!("{key} = {in_profile}"),
            });
            let profiles = Profiles::parse(Some(("/c", &format!("[default]\n{text}\n"))), None).expect("valid");
            let environment = Environment::from_iter(variable.map(|it| (it, in_variable)));
            let mut config = Config::default();
            let origin = setting.apply(&mut config, &environment, profiles.profile("default")).expect("valid");
            (print(&config), origin)
        };
        let default = print(&Config::default());
        assert_eq!(resolve(None, None), (default.clone(), CompactOrigin::Default));
        for (index, &key) in setting.keys.iter().enumerate() {
            let from_profile = resolve(Some(key), None);
            assert_ne!(from_profile.0, default, "{key} has no effect");
            assert_eq!(from_profile.1, CompactOrigin::Key(index as u8));
            for (index, &variable) in setting.variables.iter().enumerate() {
                let from_variable = resolve(None, Some(variable));
                assert_ne!(from_variable.0, from_profile.0, "{variable}");
                assert_eq!(from_variable.1, CompactOrigin::Variable(index as u8));
                assert_eq!(resolve(Some(key), Some(variable)), from_variable, "{variable} before {key}");
            }
        }
    }
}

#[test]
fn code_overrides_environment_and_profile() {
    let lines: String = SETTINGS
        .iter()
        .flat_map(|setting| setting.keys.iter().map(move |key| (setting, key)))
        .filter(|(_, key)| !key.contains('.'))
        .map(|(setting, key)| format!("{key} = {}\n", sample_values(setting.name)[0]))
        .collect();
    let home =
        Home::new(&format!("[default]\n{lines}s3 =\n addressing_style = path\n use_accelerate_endpoint = true\n"), "");
    let variables: Vec<_> = SETTINGS
        .iter()
        .flat_map(|setting| setting.variables.iter().map(|name| (*name, sample_values(setting.name)[1])))
        .collect();
    let session = home
        .builder(&variables)
        .region("code-1")
        .use_fips(true)
        .use_dual_stack(true)
        .ignore_configured_endpoint_urls(true)
        .retry(RetryConfig { mode: RetryMode::Standard, max_attempts: Some(2) })
        .request_checksum_calculation(ChecksumMode::WhenRequired)
        .response_checksum_validation(ChecksumMode::WhenRequired)
        .s3(S3Config {
            addressing_style: Some(AddressingStyle::Auto),
            use_accelerate_endpoint: Some(false),
            use_dualstack_endpoint: Some(false),
            payload_signing_enabled: Some(true),
            use_arn_region: Some(true),
            us_east_1_regional_endpoint: Some(RegionalEndpoint::Legacy),
            disable_multiregion_access_points: Some(true),
            disable_express_session_auth: Some(true),
        })
        .imds(ImdsConfig::default())
        .app_id("code")
        .ca_bundle("/code")
        .account_id_endpoint_mode(AccountIdEndpointMode::Preferred)
        .disable_host_prefix_injection(true)
        .parameter_validation(false)
        .disable_request_compression(true)
        .request_min_compression_size_bytes(1)
        .timeouts(TimeoutConfig { total: Some(Duration::from_secs(5)), ..TimeoutConfig::default() })
        .connect_timeout(Duration::from_secs(10))
        .min_throughput(MinThroughput::new(1, Duration::from_secs(5)))
        .defaults_mode(DefaultsMode::Mobile)
        .sts_regional_endpoints(RegionalEndpoint::Regional)
        .endpoint_discovery_enabled(EndpointDiscovery::Auto)
        .auth_scheme_preference(["httpBearerAuth"])
        .sigv4a_signing_region_set(["eu-west-1"])
        .use_ssl(false)
        .user_agent_extra("tool/1")
        .client_context_param("DisableAccessPoints", true)
        .build()
        .expect("valid");
    let config = session.config().expect("resolved");
    let expect = Config {
        region: Some("code-1".to_owned()),
        use_fips: Some(true),
        use_dual_stack: Some(true),
        retry: RetryConfig { mode: RetryMode::Standard, max_attempts: Some(2) },
        request_checksum_calculation: Some(ChecksumMode::WhenRequired),
        response_checksum_validation: Some(ChecksumMode::WhenRequired),
        s3: S3Config {
            addressing_style: Some(AddressingStyle::Auto),
            use_accelerate_endpoint: Some(false),
            use_dualstack_endpoint: Some(false),
            payload_signing_enabled: Some(true),
            use_arn_region: Some(true),
            us_east_1_regional_endpoint: Some(RegionalEndpoint::Legacy),
            disable_multiregion_access_points: Some(true),
            disable_express_session_auth: Some(true),
        },
        app_id: Some("code".to_owned()),
        ca_bundle: Some("/code".into()),
        account_id_endpoint_mode: AccountIdEndpointMode::Preferred,
        disable_host_prefix_injection: true,
        parameter_validation: false,
        disable_request_compression: true,
        request_min_compression_size_bytes: 1,
        timeouts: TimeoutConfig { total: Some(Duration::from_secs(5)), ..TimeoutConfig::default() },
        min_throughput: Some(MinThroughput::new(1, Duration::from_secs(5))),
        defaults_mode: DefaultsMode::Mobile,
        auth_scheme_preference: vec!["httpBearerAuth".to_owned()],
        auth_scheme_preference_is_explicit: true,
        sigv4a_signing_region_set: vec!["eu-west-1".to_owned()],
        use_ssl: false,
        user_agent_extra: Some("tool/1".to_owned()),
        client_context_params: [("DisableAccessPoints".to_owned(), true.into())].into(),
        // The setters of these are part of the HTTP settings: see `http`.
        tcp_keepalive: config.tcp_keepalive,
        proxies_config: config.proxies_config.clone(),
        endpoint_urls: config.endpoint_urls.clone(),
        ..Config::default()
    };
    assert_eq!(format!("{config:?}"), format!("{expect:?}"));
    assert!(config.endpoint_urls.ignore_configured);
    assert_eq!(session.http_config().expect("resolved").min_throughput, config.min_throughput);
    let of_http = Session::builder().environment(Environment::empty());
    let of_http = of_http.http_config(HttpConfig::new().min_throughput(MinThroughput::new(2, Duration::ZERO))).build();
    let of_http = of_http.expect("valid").http_config().expect("resolved").min_throughput;
    assert_eq!(of_http, Some(MinThroughput::new(2, Duration::ZERO)));
}

#[test]
fn invalid_values_are_reported_with_their_location() {
    let check = |config: &str, variables: &[(&str, &str)], expect: &str| {
        let home = Home::new(config, "");
        assert_eq!(message(&home, home.builder(variables).build()), expect);
    };
    check("", &[("AWS_MAX_ATTEMPTS", "0")], r#"AWS_MAX_ATTEMPTS is "0": expected a whole number of at least 1"#);
    check("", &[("AWS_MAX_ATTEMPTS", "many")], r#"AWS_MAX_ATTEMPTS is "many": expected a whole number of at least 1"#);
    check("", &[("AWS_DEFAULT_REGION", "a b")], r#"AWS_DEFAULT_REGION is "a b": expected a region such as us-east-1"#);
    check(
        "[default]\nretry_mode = fast",
        &[],
        r#"retry_mode of profile "default" (~/.aws/config, line 2) is "fast": expected standard, adaptive or legacy"#,
    );
    check(
        "[default]\ns3 =\n  addressing_style = up",
        &[],
        r#"s3.addressing_style of profile "default" (~/.aws/config, line 3) is "up": expected auto, path or virtual"#,
    );
    check(
        "",
        &[("AWS_DEFAULTS_MODE", "fast")],
        r#"AWS_DEFAULTS_MODE is "fast": expected legacy, standard, in-region, cross-region, mobile or auto"#,
    );
    check(
        "[default]\nendpoint_discovery_enabled = yes",
        &[],
        r#"endpoint_discovery_enabled of profile "default" (~/.aws/config, line 2) is "yes": expected auto, true or false"#,
    );
    check(
        "",
        &[("AWS_AUTH_SCHEME_PREFERENCE", "sigv4;sigv4a")],
        r#"AWS_AUTH_SCHEME_PREFERENCE is "sigv4;sigv4a": expected comma-separated scheme names such as sigv4a, sigv4, httpBearerAuth"#,
    );
    check(
        "",
        &[("AWS_SIGV4A_SIGNING_REGION_SET", "a b")],
        r#"AWS_SIGV4A_SIGNING_REGION_SET is "a b": expected * or comma-separated regions such as us-east-1, us-west-*"#,
    );
    check("", &[("AWS_USE_FIPS_ENDPOINT", "1")], r#"AWS_USE_FIPS_ENDPOINT is "1": expected true or false"#);
    check(
        "",
        &[("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "1048577")],
        r#"AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES is "1048577": expected a whole number from 1 to 1048576"#,
    );
    check(
        "",
        &[("AWS_ENDPOINT_URL", "localhost:1")],
        r#"invalid endpoint URL in AWS_ENDPOINT_URL: "localhost:1": it must start with http:// or https://"#,
    );
    check(
        "[default]\nendpoint_url = x",
        &[],
        r#"invalid endpoint URL in endpoint_url of profile "default" (~/.aws/config, line 2): "x": it must start with http:// or https://"#,
    );
    // All at once.
    check(
        "[default]\nmax_attempts = x",
        &[("AWS_REGION", "-"), ("AWS_ACCESS_KEY_ID", "k")],
        r#"3 invalid settings: AWS_REGION is "-": expected a region such as us-east-1; max_attempts of profile "default" (~/.aws/config, line 2) is "x": expected a whole number of at least 1; AWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not: both are needed"#,
    );
}

#[test]
fn invalid_explicit_settings_are_reported() {
    let home = Home::new("", "");
    let check = |change: fn(SessionBuilder) -> SessionBuilder, expect: &str| {
        assert_eq!(message(&home, change(home.builder(&[])).build()), expect);
    };
    check(|it| it.region(""), r#"region set in code is "": expected a region such as us-east-1"#);
    check(|it| it.region("123"), r#"region set in code is "123": expected a region such as us-east-1"#);
    check(|it| it.max_attempts(0), "max_attempts set in code is 0: expected a whole number of at least 1");
    check(
        |it| it.request_min_compression_size_bytes(0),
        "request_min_compression_size_bytes set in code is 0: expected a whole number from 1 to 1048576",
    );
    check(
        |it| it.auth_scheme_preference(["sigv4", "?"]),
        r#"auth_scheme_preference set in code is ["sigv4", "?"]: expected comma-separated scheme names such as sigv4a, sigv4, httpBearerAuth"#,
    );
    check(
        |it| it.sigv4a_signing_region_set([""; 1]),
        r#"sigv4a_signing_region_set set in code is [""]: expected * or comma-separated regions such as us-east-1, us-west-*"#,
    );
    check(
        |it| it.user_agent_extra("a\nb"),
        r#"user_agent_extra set in code is "a\nb": expected a string without control characters"#,
    );
    check(
        |it| it.imds(ImdsConfig { metadata_service_num_attempts: 0, ..ImdsConfig::default() }),
        "metadata_service_num_attempts set in code is 0: expected a whole number from 1 to 60",
    );
    for (timeout, shown) in
        [(Duration::ZERO, "0ns"), (Duration::from_secs(61), "61s"), (Duration::MAX, "18446744073709551615.999999999s")]
    {
        let builder = home.builder(&[]).imds(ImdsConfig { metadata_service_timeout: timeout, ..ImdsConfig::default() });
        let expect =
            format!("metadata_service_timeout set in code is {shown}: expected more than 0 and at most 60 seconds");
        assert_eq!(message(&home, builder.build()), expect);
    }
    check(
        |it| it.endpoint_url("x:1"),
        r#"invalid endpoint URL in `SessionBuilder::endpoint_url`: "x:1": it must start with http:// or https://"#,
    );
    check(
        |it| it.service_endpoint_url("Lex Runtime V2", "x:1"),
        r#"invalid endpoint URL in `SessionBuilder::service_endpoint_url` of lex_runtime_v2: "x:1": it must start with http:// or https://"#,
    );
    check(|it| it.credentials(Credentials::new("", "s")), "the access key id set in code is empty");
    let missing = message(&home, home.builder(&[]).config_file("/nonexistent/c").build());
    assert!(missing.starts_with("profile file /nonexistent/c cannot be read: "), "{missing}");
}

#[test]
fn invalid_profiles_are_reported() {
    let check = |config: &str, credentials: &str, variables: &[(&str, &str)], expect: &str| {
        let home = Home::new(config, credentials);
        assert_eq!(message(&home, home.builder(variables).build()), expect);
    };
    check("[default", "", &[], "~/.aws/config, line 1: Profile definition must end with ']'");
    check("", "[default]\nkey", &[], "~/.aws/credentials, line 2: Expected an '=' sign defining a property");
    check(
        "[profile a]\n[b]",
        "[c]",
        &[("AWS_PROFILE", "b")],
        r#"profile "b" (named by AWS_PROFILE) was not found; looked in ~/.aws/config and ~/.aws/credentials; known profiles: a, c; section [b] at ~/.aws/config, line 2 is ignored: the config file names a profile as [profile NAME]"#,
    );
    check(
        "",
        "",
        &[("AWS_DEFAULT_PROFILE", "b")],
        r#"profile "b" (named by AWS_DEFAULT_PROFILE) was not found; looked in ~/.aws/config and ~/.aws/credentials; known profiles: none"#,
    );
    check(
        "",
        "[default]\naws_access_key_id = k",
        &[],
        r#"profile "default" has aws_access_key_id (~/.aws/credentials, line 2) but no aws_secret_access_key in the same file: both are needed"#,
    );
    let home = Home::new("", "");
    let path = home.write("latin1", b"[default]\nname = \xe4\n");
    let result = home.builder(&[("AWS_CONFIG_FILE", path.to_str().expect("UTF-8"))]).build();
    assert_eq!(message(&home, result), "profile file ~/.aws/latin1 is not UTF-8 in line 2");
    // Missing files are no problem unless code names them. Nor is a missing default profile.
    assert!(home.builder(&[("AWS_CONFIG_FILE", "/nonexistent/c")]).build().is_ok());
    assert!(home.builder(&[("AWS_PROFILE", "default")]).build().is_ok());
    assert!(Session::builder().environment(Environment::empty()).build().is_ok());
}

#[test]
fn endpoint_urls_come_from_code_then_environment_then_section_then_profile() {
    let config = "[profile p]\nendpoint_url = http://profile\nservices = v\n[profile gone]\nservices = w\n\
                  [services v]\ns3 =\n endpoint_url = http://section\nsqs =\n endpoint_url = oops\n";
    let home = Home::new(config, "");
    let check = |profile: &str,
                 variables: &[(&str, &str)],
                 change: fn(SessionBuilder) -> SessionBuilder,
                 service: &str,
                 expect: Result<Option<&str>, &str>| {
        let session = change(home.builder(variables).profile(profile)).build().expect("valid");
        let found = session.config().expect("resolved").endpoint_url(service);
        match (&found, expect) {
            (Ok(found), Ok(expect)) => assert_eq!(*found, expect),
            (Err(found), Err(expect)) => assert!(found.to_string().contains(expect), "{found}"),
            _ => panic!("{found:?} instead of {expect:?}"),
        }
    };
    let same: fn(SessionBuilder) -> SessionBuilder = |it| it;
    let (global, s3) = (("AWS_ENDPOINT_URL", "http://global"), ("AWS_ENDPOINT_URL_S3", "http://s3"));
    check("p", &[global, s3], |it| it.endpoint_url("http://code"), "S3", Ok(Some("http://code")));
    check("p", &[global, s3], same, "S3", Ok(Some("http://s3")));
    check("p", &[global, s3], same, "DynamoDB", Ok(Some("http://global")));
    check("p", &[], same, "S3", Ok(Some("http://section")));
    check("p", &[], same, "DynamoDB", Ok(Some("http://profile")));
    check("p", &[], same, "SQS", Err(r#"endpoint_url of sqs in [services v] ("#));
    check(
        "p",
        &[("AWS_ENDPOINT_URL_DYNAMODB", "x")],
        same,
        "DynamoDB",
        Err("invalid endpoint URL in AWS_ENDPOINT_URL_DYNAMODB"),
    );
    check("p", &[global, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")], same, "S3", Ok(None));
    check(
        "p",
        &[global],
        |it| it.ignore_configured_endpoint_urls(true).endpoint_url("http://code"),
        "S3",
        Ok(Some("http://code")),
    );
    check("gone", &[], same, "S3", Err(r#"names [services w], which does not exist"#));
    check("gone", &[global], same, "S3", Ok(Some("http://global")));
}

/// A fault is an error of the session that uses its section, directly or by reference, and a warning otherwise.
#[tokio::test]
async fn a_malformed_section_is_an_error_only_where_it_is_used() {
    const FILE: &str = "[default]\nregion = eu-west-1\n[profile broken]\nregion eu-west-1\n\
        [profile role]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = broken\n\
        [profile token]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n\
        [sso-session corp]\nsso_region\n[profile urls]\nregion = eu-west-1\nservices = local\n[services local]\ns3 =\n  x\n\
        [preview]\nx\n";
    let check = async |profile: &str, expect: Option<&str>| {
        let home = Home::new(FILE, "");
        let session = home.builder(&[]).profile(profile).build();
        let outcome = match session {
            // Endpoint URLs and credentials are looked up when they are needed.
            Ok(session) => match session.config().expect("resolved").endpoint_url("S3") {
                Err(error) => Err(error),
                Ok(_) if profile == "default" || profile == "urls" => Ok(()),
                Ok(_) => session.credentials().expect("resolved").provide().await.map(drop),
            },
            Err(error) => Err(error),
        };
        let text = outcome.err().map(|it| it.to_string().replace(home.0.to_str().expect("UTF-8"), "~"));
        match (&text, expect) {
            (None, None) => {}
            (Some(text), Some(expect)) => assert!(text.contains(expect), "{profile}: {text}"),
            _ => panic!("{profile}: {text:?} instead of {expect:?}"),
        }
    };
    check("default", None).await;
    check("broken", Some("~/.aws/config, line 4: Expected an '=' sign defining a property")).await;
    check("role", Some("~/.aws/config, line 4: Expected an '=' sign defining a property")).await;
    check("token", Some("~/.aws/config, line 13: Expected an '=' sign defining a property")).await;
    check("urls", Some("~/.aws/config, line 19: Expected an '=' sign defining a sub-property")).await;
}
