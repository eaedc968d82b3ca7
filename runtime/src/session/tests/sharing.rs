//! What sessions share: credentials and connections; lazy and default sessions.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::Home;
use crate::BoxFuture;
use crate::config::profile::Section;
use crate::config::{Environment, TimeoutConfig};
use crate::credentials::{Anonymous, Credentials, ProvideCredentials};
use crate::http::HttpConfig;
use crate::session::{Session, SessionBuilder};
use crate::{ErrorKind, Result};

#[tokio::test]
async fn credentials_come_from_code_then_environment_then_profile() {
    let pair = |name: &str| format!("aws_access_key_id = {name}\naws_secret_access_key = s\n");
    let config = format!(
        "[profile other]\n{}[profile role]\nrole_arn = r\nsource_profile = missing\n[profile process]\ncredential_process = /no/such\n[profile none]\nregion = r",
        pair("other")
    );
    let home = Home::new(&config, &format!("[default]\n{}", pair("default")));
    let check =
        async |variables: &[(&str, &str)], change: fn(SessionBuilder) -> SessionBuilder, expect: Result<&str, &str>| {
            let session = change(home.builder(variables)).build().expect("valid");
            let provider = session.credentials().expect("resolved");
            let found = provider.provide().await;
            match (&found, expect) {
                (Ok(found), Ok(expect)) => {
                    assert_eq!(found.access_key_id(), expect);
                    assert_eq!(provider.cached().as_ref(), Some(found));
                }
                (Err(found), Err(expect)) => {
                    let found = found.to_string().replace(home.0.to_str().expect("UTF-8"), "~");
                    assert!(found.contains(expect), "{found}");
                }
                _ => panic!("{found:?} instead of {expect:?}"),
            }
        };
    let same: fn(SessionBuilder) -> SessionBuilder = |it| it;
    let env = [("AWS_ACCESS_KEY_ID", "env"), ("AWS_SECRET_ACCESS_KEY", "s")];
    check(&env, |it| it.credentials(Credentials::new("code", "s")), Ok("code")).await;
    check(&env, same, Ok("env")).await;
    check(&[], same, Ok("default")).await;
    // Credentials in variables override a profile that is chosen by a variable, but not one that is chosen in code.
    check(&[env[0], env[1], ("AWS_PROFILE", "other")], same, Ok("env")).await;
    check(&env, |it| it.profile("other"), Ok("other")).await;
    check(&env[..1], |it| it.profile("other"), Ok("other")).await;
    check(
        &[],
        |it| it.profile("none"),
        Err(r#"no credentials found; tried: assume-role (profile "none" has no role_arn), assume-role-with-web-identity"#),
    )
    .await;
    check(
        &[],
        |it| it.profile("role"),
        Err(
            r#"assume-role: source_profile of profile "role" (~/.aws/config, line 6) is "missing", which does not exist"#,
        ),
    )
    .await;
    check(
        &[],
        |it| it.profile("process"),
        Err(
            r#"custom-process: credential_process of profile "process" (~/.aws/config, line 8): cannot run /no/such: "#,
        ),
    )
    .await;
    check(&[], |it| it.credentials(Anonymous), Err("anonymous")).await;

    let bare = Environment::from_iter([("AWS_EC2_METADATA_DISABLED", "true"), ("BOTO_CONFIG", "/no/such")]);
    let bare = Session::builder().environment(bare).build().expect("valid");
    let error = bare.credentials().expect("resolved").provide().await.expect_err("nothing configured");
    assert_eq!(error.kind(), ErrorKind::Credentials);
    let none = r#"no profile "default""#;
    let expect = format!(
        "no credentials found; tried: env (AWS_ACCESS_KEY_ID is not set), assume-role ({none}), \
         assume-role-with-web-identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set, {none}), sso ({none}), \
         shared-credentials-file ({none} in no file, because there is no home directory), login ({none}), custom-process ({none}), config-file ({none}), \
         ec2-credentials-file (AWS_CREDENTIAL_FILE is not set), boto-config (no file /no/such), container-role \
         (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set), iam-role \
         (AWS_EC2_METADATA_DISABLED is true). Set "
    );
    assert!(error.to_string().starts_with(&expect), "{error}");
    assert!(
        home.builder(&[])
            .credentials(Anonymous)
            .build()
            .expect("valid")
            .credentials()
            .expect("resolved")
            .is_anonymous()
    );
}

/// A provider that returns a new key at each call.
#[derive(Debug, Default)]
struct Counter(AtomicUsize);

impl ProvideCredentials for Counter {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(Ok(Credentials::new(number.to_string(), "s"))))
    }
}

#[tokio::test]
async fn derived_sessions_share_what_they_can() {
    let home = Home::new("[default]\n[profile other]", "");
    let west = home.builder(&[]).region("us-west-2").credentials(Counter::default()).build().expect("valid");
    let key = async |session: &Session| {
        let provider = Arc::clone(session.credentials().expect("resolved"));
        provider.provide().await.expect("credentials").access_key_id().to_owned()
    };
    assert_eq!(key(&west).await, "0");
    let east = west.to_builder().region("us-east-1").build().expect("valid");
    assert_eq!((east.region().ok().flatten(), west.region().ok().flatten()), (Some("us-east-1"), Some("us-west-2")));
    assert_eq!(key(&east).await, "0");
    assert_eq!(key(&west.clone()).await, "0");
    // A chain without a region cannot call most services: a derived session with a region builds its own chain.
    let without_region =
        home.builder(&[("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")]).build().expect("valid");
    let with_region = without_region.to_builder().region("eu-west-1").build().expect("valid");
    let shares = |one: &Session, other: &Session| {
        Arc::ptr_eq(one.credentials().expect("resolved"), other.credentials().expect("resolved"))
    };
    assert!(!shares(&without_region, &with_region));
    assert!(shares(&with_region, &with_region.to_builder().region("eu-west-2").build().expect("valid")));
    // Another profile is another identity, even with the same explicit provider: it has its own cache.
    assert_eq!(key(&west.to_builder().profile("other").build().expect("valid")).await, "1");
    assert_eq!(key(&west.to_builder().credentials(Credentials::new("new", "s")).build().expect("valid")).await, "new");

    let same =
        |one: &Session, other: &Session| Arc::ptr_eq(&one.http().expect("client"), &other.http().expect("client"));
    assert!(same(&west, &west) && same(&west, &east));
    let timeouts = TimeoutConfig { connect: Some(Duration::from_secs(1)), ..TimeoutConfig::default() };
    let impatient = west.to_builder().timeouts(timeouts).build().expect("valid");
    assert!(!same(&west, &impatient) && same(&impatient, &impatient));
    let total = TimeoutConfig { total: Some(Duration::from_secs(1)), ..TimeoutConfig::default() };
    assert!(same(&west, &west.to_builder().timeouts(total).build().expect("valid")));
    assert!(!same(&west, &home.builder(&[]).build().expect("valid")));
}

#[test]
fn the_http_config_comes_from_code_then_environment_then_profile() {
    let http_config = |builder: SessionBuilder| builder.build().expect("valid").http_config().expect("resolved");
    let resolved = |it: &HttpConfig| it.resolved(&Environment::empty());
    let home = Home::new("", "");
    let default = HttpConfig::default();
    assert_eq!(http_config(home.builder(&[])), resolved(&default));
    let explicit = HttpConfig { read_timeout: None, pool_max_idle_per_host: 3, ..HttpConfig::default() };
    assert_eq!(http_config(home.builder(&[]).http_config(explicit.clone())), resolved(&explicit));
    let found = http_config(home.builder(&[("AWS_CA_BUNDLE", "/ca")]).http_config(explicit.clone()));
    assert_eq!((found.ca_bundle.as_deref(), found.pool_max_idle_per_host), (Some(Path::new("/ca")), 3));
    let timeouts = TimeoutConfig { connect: None, read: Some(Duration::from_secs(9)), ..TimeoutConfig::default() };
    let found = http_config(home.builder(&[]).http_config(explicit).timeouts(timeouts));
    assert_eq!((found.connect_timeout, found.read_timeout), (None, Some(Duration::from_secs(9))));
    // Code overrides environment and profile here too.
    let keepalive = |variable: &str, change: fn(SessionBuilder) -> SessionBuilder| {
        http_config(change(home.builder(&[("BOTOCORE_TCP_KEEPALIVE", variable)]))).tcp_keepalive
    };
    let explicit = Duration::from_secs(30);
    assert_eq!((keepalive("false", |it| it), keepalive("true", |it| it)), (None, default.tcp_keepalive));
    assert_eq!(keepalive("false", |it| it.tcp_keepalive(Duration::from_secs(30))), Some(explicit));
    assert_eq!(keepalive("true", |it| it.tcp_keepalive(None)), None);
    let without_keepalive =
        |it: SessionBuilder| it.http_config(HttpConfig { tcp_keepalive: None, ..HttpConfig::default() });
    assert_eq!(keepalive("true", without_keepalive), None);
    let home = Home::new("[default]\nca_bundle = ~/ca.pem\nproxy_ca_bundle = ~x/ca.pem\n", "");
    let found = http_config(home.builder(&[]));
    assert_eq!(found.ca_bundle, Some(home.0.join("ca.pem")));
    assert_eq!(found.proxy_ca_bundle.as_deref(), Some(Path::new("~x/ca.pem")));
    let profile = "[default]\nproxy_ca_bundle = /pca\nproxy_client_cert = /cert\n\
                   proxy_use_forwarding_for_https = true\ntcp_keepalive = false\n";
    let found = http_config(Home::new(profile, "").builder(&[]));
    let expect = HttpConfig {
        proxy_ca_bundle: Some("/pca".into()),
        proxy_client_certificate: Some("/cert".into()),
        proxy_use_forwarding_for_https: true,
        tcp_keepalive: None,
        ..default
    };
    assert_eq!(found, resolved(&expect));
}

#[test]
fn lazy_sessions_keep_the_error_of_their_first_use() {
    let home = Home::new("[default", "");
    let session = home.builder(&[]).build_lazy();
    home.write("config", "[default]");
    assert!(session.config().is_ok(), "nothing was read before");
    home.write("config", "[default");
    let session = home.builder(&[]).build_lazy();
    assert!(session.config().is_err());
    home.write("config", "[default]");
    let error = session.config().expect_err("resolved once");
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn the_default_session_can_be_set_once() {
    let one = Session::default();
    assert!(Arc::ptr_eq(&one.0, &Session::default().0));
    let error = Session::set_default(Session::builder().build_lazy()).expect_err("in use");
    assert!(error.to_string().contains("already has a default session"), "{error}");
}

#[test]
fn debug_shows_no_secrets_and_types_are_send_and_sync() {
    fn check<T: Send + Sync + fmt::Debug>(it: &T) -> String {
        format!("{it:?}")
    }
    let home = Home::new("", "[default]\naws_access_key_id = k\naws_secret_access_key = hidden\n");
    let session = home.builder(&[("AWS_SECRET_ACCESS_KEY", "hidden"), ("AWS_ACCESS_KEY_ID", "k"), ("AWS_REGION", "r")]);
    let session = session.credentials(Credentials::new("k", "hidden")).build().expect("valid");
    let outputs = [
        check(&session),
        check(&session.to_builder()),
        check(session.config().expect("resolved")),
        check(session.credentials().expect("resolved")),
        check(session.profiles().expect("resolved")),
        check(session.environment()),
    ];
    for text in outputs {
        assert!(!text.contains("hidden"), "{text}");
    }
    assert_eq!(check(&session), r#"Session { region: Some("r"), profile: "default", .. }"#);
    assert_eq!(session.available_profiles().expect("resolved"), ["default"]);
    assert_eq!(session.profiles().expect("resolved").profile("default").map(Section::name), Some("default"));
}
