//! The settings report: values, where they came from, and no secrets.

use super::Home;
use crate::Session;
use crate::config::{ContextParam, DefaultsMode};
use crate::credentials::{Anonymous, Credentials};
use crate::session::{Origin, SessionBuilder};

const CONFIG: &str = "[default]
region = profile-1
retry_mode = adaptive
services = local
endpoint_url = http://one
s3 =
  # a comment
  addressing_style = path
[services local]
s3 =
  endpoint_url = http://two
sqs =
  endpoint_url = http://three
";

#[test]
fn every_origin_is_reported() {
    let home = Home::new(CONFIG, "");
    let check = |variables: &[(&str, &str)],
                 change: fn(SessionBuilder) -> SessionBuilder,
                 name: &str,
                 value: Option<&str>,
                 origin: &str| {
        let session = change(home.builder(variables)).build().expect("valid");
        let explained = session.explain().expect("resolved");
        let Some(found) = explained.get(name) else {
            assert_eq!((value, origin), (None, "nothing"), "{name}");
            return;
        };
        let found_origin = found.origin.to_string().replace(home.0.to_str().expect("UTF-8"), "~");
        assert_eq!((found.value.as_deref(), &*found_origin), (value, origin), "{name} {variables:?}");
    };
    let same: fn(SessionBuilder) -> SessionBuilder = |it| it;
    let region = ("AWS_DEFAULT_REGION", "variable-1");
    check(&[region], |it| it.region("code-1"), "region", Some("code-1"), "code");
    check(&[region], same, "region", Some("variable-1"), "AWS_DEFAULT_REGION");
    check(&[], same, "region", Some("profile-1"), r#"region of profile "default" (~/.aws/config, line 2)"#);
    check(&[], same, "use_fips", None, "default");
    check(&[("AWS_REGION", "fips-us-east-1")], same, "region", Some("us-east-1"), "AWS_REGION");
    check(&[("AWS_REGION", "fips-us-east-1")], same, "use_fips", Some("true"), "AWS_REGION");
    check(&[], |it| it.region("us-gov-west-1-fips").use_fips(false), "use_fips", Some("true"), "code");
    check(
        &[],
        same,
        "s3.addressing_style",
        Some("path"),
        r#"s3.addressing_style of profile "default" (~/.aws/config, line 8)"#,
    );
    check(&[], same, "connect_timeout", Some("10s"), "default");
    let mode = ("AWS_DEFAULTS_MODE", "standard");
    check(&[mode], same, "connect_timeout", Some("3.1s"), "defaults mode standard");
    check(&[mode], same, "retry_mode", Some("adaptive"), r#"retry_mode of profile "default" (~/.aws/config, line 3)"#);
    check(&[mode], same, "sts_regional_endpoints", Some("regional"), "defaults mode standard");
    check(&[], |it| it.client_context_param("a", true), "client_context_params", Some(r#"{"a": Bool(true)}"#), "code");

    check(&[], same, "profile", Some("default"), "default");
    check(&[("AWS_PROFILE", "default")], same, "profile", Some("default"), "AWS_PROFILE");
    check(&[], |it| it.profile("default"), "profile", Some("default"), "code");
    check(
        &[("AWS_SHARED_CREDENTIALS_FILE", "/k")],
        same,
        "credentials_file",
        Some("/k"),
        "AWS_SHARED_CREDENTIALS_FILE",
    );
    let chain = "env, assume-role, assume-role-with-web-identity, sso, shared-credentials-file, login, custom-process, \
                 config-file, ec2-credentials-file, boto-config, container-role, iam-role";
    check(&[], same, "credentials", Some(chain), "default");
    check(&[], |it| it.profile("default"), "credentials", chain.strip_prefix("env, "), "default");
    check(&[], |it| it.credentials(Anonymous), "credentials", Some("none: requests are not signed"), "code");
    check(&[], |it| it.credentials(Credentials::new("k", "s")), "credentials", Some("a provider"), "code");

    let requests = ("REQUESTS_CA_BUNDLE", "/requests.pem");
    check(&[requests], same, "ca_bundle", Some("/requests.pem"), "REQUESTS_CA_BUNDLE");
    check(&[requests, ("AWS_CA_BUNDLE", "/aws.pem")], same, "ca_bundle", Some("/aws.pem"), "AWS_CA_BUNDLE");
    check(&[], |it| it.max_pool_connections(3), "max_pool_connections", Some("3"), "code");
    check(&[], |it| it.client_certificate("/c.pem"), "client_certificate", Some("/c.pem"), "code");

    let one = r#"endpoint_url of profile "default" (~/.aws/config, line 5)"#;
    check(&[], same, "endpoint_url", Some("http://one"), one);
    check(
        &[],
        same,
        "endpoint_url[sqs]",
        Some("http://three"),
        "sqs.endpoint_url of [services local] (~/.aws/config, line 13)",
    );
    let (global, s3) = (("AWS_ENDPOINT_URL", "http://g"), ("AWS_ENDPOINT_URL_S3", "http://s"));
    check(&[global, s3], same, "endpoint_url", Some("http://g"), "AWS_ENDPOINT_URL");
    check(&[s3], same, "endpoint_url[s3]", Some("http://s"), "AWS_ENDPOINT_URL_S3");
    // URLs that never apply are not reported.
    check(&[global], same, "endpoint_url[sqs]", None, "nothing");
    check(&[s3], |it| it.endpoint_url("http://c"), "endpoint_url[s3]", None, "nothing");
    check(&[s3], |it| it.endpoint_url("http://c"), "endpoint_url", Some("http://c"), "code");
    check(&[s3], |it| it.service_endpoint_url("S3", "http://c"), "endpoint_url[s3]", Some("http://c"), "code");
    // Those that still apply to the calls of credentials providers are.
    let code: fn(SessionBuilder) -> SessionBuilder = |it| it.endpoint_url("http://c");
    let sts = ("AWS_ENDPOINT_URL_STS", "http://t");
    check(&[], code, "credentials.endpoint_url", Some("http://one"), one);
    check(&[global, s3, sts], code, "credentials.endpoint_url", Some("http://g"), "AWS_ENDPOINT_URL");
    check(&[global, s3, sts], code, "credentials.endpoint_url[sts]", Some("http://t"), "AWS_ENDPOINT_URL_STS");
    check(&[global, s3, sts], code, "credentials.endpoint_url[s3]", None, "nothing");
    check(&[global, sts], same, "credentials.endpoint_url", None, "nothing");
    let code_sts: fn(SessionBuilder) -> SessionBuilder =
        |it| it.endpoint_url("http://c").service_endpoint_url("STS", "http://d");
    check(&[sts], code_sts, "credentials.endpoint_url[sts]", None, "nothing");
    check(&[sts], code_sts, "endpoint_url[sts]", Some("http://d"), "code");
    check(
        &[sts],
        |it| it.endpoint_url("http://c").ignore_configured_endpoint_urls(true),
        "credentials.endpoint_url",
        None,
        "nothing",
    );
    let both: fn(SessionBuilder) -> SessionBuilder =
        |it| it.endpoint_url("http://all").service_endpoint_url("Lex Runtime V2", "http://lex");
    check(&[], both, "endpoint_url[lex_runtime_v2]", Some("http://lex"), "code");
    let ignored: fn(SessionBuilder) -> SessionBuilder = |it| it.ignore_configured_endpoint_urls(true);
    check(&[global, s3], ignored, "endpoint_url", None, "default");
    check(&[global, s3], ignored, "endpoint_url[s3]", None, "nothing");
}

#[test]
fn the_report_agrees_with_the_session() {
    let home = Home::new(CONFIG, "");
    let session = home.builder(&[("AWS_DEFAULTS_MODE", "mobile")]).build().expect("valid");
    let explained = session.explain().expect("resolved");
    assert_eq!(explained.get("connect_timeout").map(|it| &it.origin), Some(&Origin::Mode(DefaultsMode::Mobile)));
    // A derived session reports its own values and those it inherits.
    let other = session.to_builder().region("code-1").build().expect("valid").explain().expect("resolved");
    assert_eq!(other.get("region").map(|it| &it.origin), Some(&Origin::Code));
    assert!(matches!(explained.get("region").map(|it| &it.origin), Some(Origin::Profile { .. })));
    assert_eq!(explained.get("no such setting"), None);
    let names: Vec<_> = explained.iter().map(|it| &it.name).collect();
    let mut unique = names.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), names.len());
    // Later changes of files change neither the session nor its report.
    home.write("config", "[default]\nregion = other-1\n");
    let again = session.explain().expect("resolved");
    assert_eq!(again.get("region"), explained.get("region"));
    let wrong = home.builder(&[("AWS_MAX_ATTEMPTS", "x")]).build_lazy();
    assert!(wrong.explain().expect_err("wrong").to_string().starts_with("AWS_MAX_ATTEMPTS"));
}

#[test]
fn no_secret_is_reported() {
    let keys =
        "[default]\naws_access_key_id = AKIDHIDDEN\naws_secret_access_key = hunter2\naws_session_token = hunter2\n";
    let home = Home::new("[default]\nec2_metadata_service_endpoint = http://me:hunter2@host/\n", keys);
    let variables = [
        ("AWS_ACCESS_KEY_ID", "AKIDHIDDEN"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_BEARER_TOKEN_BEDROCK", "hunter2"),
        ("HTTPS_PROXY", "http://me:hunter2@proxy:1"),
        ("HTTP_PROXY", "me:hunter2@proxy:1"),
    ];
    let session =
        home.builder(&variables).credentials(Credentials::new("AKIDHIDDEN", "hunter2")).build().expect("valid");
    for session in [session.clone(), home.builder(&variables).build().expect("valid")] {
        let explained = session.explain().expect("resolved");
        let config = session.config().expect("resolved");
        let text = format!("{explained}\n{explained:?}\n{config:?}");
        assert!(!text.contains("hunter2") && !text.contains("AKIDHIDDEN"), "{text}");
        assert!(text.contains("proxy:1") && text.contains("…@host"), "{text}");
    }
}

#[test]
fn the_report_prints_an_aligned_table() {
    let home = Home::new("[default]\nregion = eu-west-1\n", "");
    let session = home.builder(&[("AWS_MAX_ATTEMPTS", "7")]).use_fips(true).build().expect("valid");
    let text = session.explain().expect("resolved").to_string().replace(home.0.to_str().expect("UTF-8"), "~");
    for line in [
        "setting                                        value                                    from",
        "use_fips                                       true                                     code",
        "use_dual_stack                                 -                                        default",
        "max_attempts                                   7                                        AWS_MAX_ATTEMPTS",
    ] {
        let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.lines().any(|other| squeezed(other) == squeezed(line)), "{line}\n{text}");
    }
    assert!(text.contains(r#"region of profile "default" (~/.aws/config, line 2)"#), "{text}");
    // The columns are aligned.
    let from = text.find("from").expect("a head");
    let region = text.lines().find(|it| it.starts_with("max_attempts")).expect("a line");
    assert_eq!(region.find("AWS_MAX_ATTEMPTS"), Some(from), "{text}");
    let param = ContextParam::from("x");
    assert_eq!(param, ContextParam::String("x".to_owned()));
    assert!(
        Session::builder().environment(crate::config::Environment::empty()).build().expect("valid").explain().is_ok()
    );
}
