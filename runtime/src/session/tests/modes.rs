//! Defaults modes: which settings they change, what overrides them, and how `auto` is resolved.

use std::sync::Arc;
use std::time::Duration;

use super::Home;
use crate::config::{Config, DefaultsMode, Environment, RegionalEndpoint, RetryMode, TimeoutConfig};
use crate::credential_providers::Imds;
use crate::doubles::{MockServer, ScriptedClient};
use crate::http::{HttpClient, HttpErrorKind, Method, Request, Url};
use crate::session::{Session, SessionBuilder};
use crate::testing::Reply;

fn config(home: &Home, variables: &[(&str, &str)], change: fn(SessionBuilder) -> SessionBuilder) -> Arc<Config> {
    Arc::clone(change(home.builder(variables)).build().expect("valid").config().expect("resolved"))
}

const SAME: fn(SessionBuilder) -> SessionBuilder = |it| it;

#[test]
fn a_defaults_mode_fills_settings_that_are_not_set() {
    let check = |text: &str, variables: &[(&str, &str)], change, connect: Option<u64>| {
        let found = config(&Home::new(text, ""), variables, change);
        assert_eq!(found.timeouts.connect, connect.map(Duration::from_millis), "{text} {variables:?}");
        found
    };
    check("", &[], SAME, Some(10_000));
    check("", &[("AWS_DEFAULTS_MODE", "legacy")], SAME, Some(10_000));
    for (mode, connect) in [("standard", 3100), ("in-region", 1100), ("Cross-Region", 3100), ("mobile", 30_000)] {
        let found = check("", &[("AWS_DEFAULTS_MODE", mode)], SAME, Some(connect));
        assert_eq!(found.s3.us_east_1_regional_endpoint, Some(RegionalEndpoint::Regional));
        assert_eq!((found.retry.mode, found.sts_regional_endpoints), (RetryMode::Standard, RegionalEndpoint::Regional));
        assert_eq!(found.timeouts.read, Some(Duration::from_secs(60)));
    }
    let text = "[default]\ndefaults_mode = mobile\nretry_mode = legacy\nsts_regional_endpoints = legacy\n";
    let found = check(text, &[], |it| it.connect_timeout(Duration::from_secs(10)), Some(10_000));
    assert_eq!((found.retry.mode, found.sts_regional_endpoints), (RetryMode::Legacy, RegionalEndpoint::Legacy));
    check(text, &[], |it| it.defaults_mode(DefaultsMode::InRegion), Some(1100));
    check(text, &[("AWS_DEFAULTS_MODE", "legacy")], SAME, Some(10_000));
    // Timeouts that differ from their defaults count as set, `None` included.
    check(text, &[], |it| it.timeouts(TimeoutConfig { connect: None, ..TimeoutConfig::default() }), None);
    check(text, &[], |it| it.timeouts(TimeoutConfig { total: None, ..TimeoutConfig::default() }), Some(30_000));
}

#[test]
fn auto_follows_the_execution_environment() {
    let home = Home::new("[default]\ndefaults_mode = auto\n", "");
    let check = |variables: &[(&str, &str)], change, connect: u64| {
        let found = config(&home, variables, change);
        assert_eq!(found.timeouts.connect, Some(Duration::from_millis(connect)), "{variables:?}");
    };
    let lambda = ("AWS_EXECUTION_ENV", "AWS_Lambda_rust");
    check(&[lambda, ("AWS_REGION", "eu-west-1")], SAME, 1100);
    check(&[lambda, ("AWS_DEFAULT_REGION", "eu-west-1")], SAME, 1100);
    check(&[lambda, ("AWS_REGION", "eu-west-1")], |it| it.region("eu-west-2"), 3100);
    // Unknown until IMDS has responded.
    check(&[("AWS_REGION", "eu-west-1")], SAME, 3100);
}

#[tokio::test]
async fn the_region_is_derived_from_the_availability_zone() {
    let zone = |zone: &str| [Reply::ok("token"), Reply::ok(zone.to_owned())];
    let region = async |replies: Vec<Reply>| {
        let client = ScriptedClient::new(replies).unverified();
        let session = Session::builder().environment(Environment::empty()).http_client(client.clone());
        let session = session.build().expect("valid");
        let found = Imds::from_context(Arc::new(session)).region().await;
        (found, client.requests().into_iter().map(|it| it.target).collect::<Vec<_>>())
    };
    let targets = ["/latest/api/token", "/latest/meta-data/placement/availability-zone/"];
    for (text, expect) in [
        ("us-west-2a", Some("us-west-2")),
        ("us-west-2-lax-1a\n", Some("us-west-2")),
        ("us-gov-east-1b", Some("us-gov-east-1")),
        ("ap-southeast-12c", Some("ap-southeast-12")),
        ("nowhere", None),
        ("<html>1", None),
    ] {
        assert_eq!(
            region(zone(text).into()).await,
            (expect.map(str::to_owned), targets.map(str::to_owned).into()),
            "{text}"
        );
    }
    assert_eq!(region(vec![Reply::failure(HttpErrorKind::Connect)]).await.0, None);
}

/// IMDS is asked by the first request only, even if that one fails.
#[tokio::test]
async fn auto_asks_imds_once_at_the_first_request() {
    let check = async |replies: Vec<Reply>, expect: &str| {
        let (server, count) = (MockServer::start(replies.clone()), replies.len());
        let variables = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()), ("AWS_REGION", "eu-west-1".to_owned())];
        let session = Session::builder().environment(Environment::from_iter(variables));
        let session = session.defaults_mode(DefaultsMode::Auto).build().expect("valid");
        let http = session.http().expect("a client");
        assert_eq!((server.requests().len(), &*format!("{http:?}")), (0, "AutoModeClient { chosen: None, .. }"));
        for _ in 0..2 {
            let closed = Url::parse("http://127.0.0.1:1/").expect("a URL");
            let error = http.send(Request::new(Method::GET, closed)).await.expect_err("nothing listens there");
            assert_eq!(error.kind(), HttpErrorKind::Connect);
            assert_eq!(server.requests().len(), count);
        }
        assert_eq!(format!("{http:?}"), format!("AutoModeClient {{ chosen: Some({expect}), .. }}"));
    };
    check(vec![Reply::ok("token"), Reply::ok("eu-west-1a")], "InRegion").await;
    check(vec![Reply::ok("token"), Reply::ok("eu-west-2a")], "CrossRegion").await;
    check(vec![Reply::ok("token"), Reply::new(404)], "Standard").await;
    // With an explicit connect timeout, the region of the program does not matter.
    let builder = Session::builder().environment(Environment::empty()).defaults_mode(DefaultsMode::Auto);
    let http = builder.connect_timeout(Duration::from_secs(5)).build().expect("valid").http().expect("a client");
    assert!(!format!("{http:?}").starts_with("AutoModeClient"), "{http:?}");
}
