//! The credentials of each provider over their lifetime: fetched, cached and refreshed, and what a failure does in each
//! window.

use std::time::Duration;

use super::{Fixture, START, access_denied, assumed_role, metadata_credentials};
use crate::testing::Reply;

/// A provider: how it is configured, and what its server returns.
struct Provider {
    name: &'static str,
    config: &'static str,
    variables: &'static [(&'static str, &'static str)],
    /// Makes the next fetch return credentials with an access key id and an expiry.
    prepare_success: fn(&Fixture, &str, &str),
    /// Makes the next fetch fail.
    prepare_failure: fn(&Fixture),
    /// The beginning of the error message after a failure.
    error: &'static str,
}

const KEYS: &str = "[profile keys]\naws_access_key_id = base\naws_secret_access_key = hidden\n";

const PROVIDERS: &[Provider] = &[
    Provider {
        name: "assume-role",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\n",
        variables: &[],
        prepare_success: |fixture, key, expiry| fixture.server.push(assumed_role("AssumeRole", key, expiry)),
        prepare_failure: |fixture| fixture.server.push(access_denied()),
        error: "assume-role: cannot assume role arn:aws:iam::123456789012:role/r of profile \"default\" \
                (~/.aws/config, line 2): An error occurred (AccessDenied) when calling the AssumeRole operation: no",
    },
    Provider {
        name: "assume-role-with-web-identity",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = ~/token\n",
        variables: &[],
        prepare_success: |fixture, key, expiry| {
            fixture.write("token", &format!("hidden-{}", fixture.seconds()));
            fixture.server.push(assumed_role("AssumeRoleWithWebIdentity", key, expiry));
        },
        prepare_failure: |fixture| fixture.server.push(access_denied()),
        error: "assume-role-with-web-identity: cannot assume role arn:aws:iam::123456789012:role/r with the token in \
                ~/token: An error occurred (AccessDenied)",
    },
    Provider {
        name: "sso",
        config: "[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n\
                 [sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp\n",
        variables: &[],
        prepare_success: |fixture, key, expiry| {
            // SHA-1 of `corp`.
            let name = "ee0bfd2552fbd840c02cc48b6e823320543c450f";
            let until = fixture.time_in(86_400);
            let token = format!(r#"{{"accessToken":"hidden","expiresAt":"{until}"}}"#);
            fixture.write(&format!(".aws/sso/cache/{name}.json"), &token);
            let millis = super::super::credentials_json::timestamp(expiry).expect("a time").as_millis();
            let body = format!(
                r#"{{"roleCredentials":{{"accessKeyId":"{key}","secretAccessKey":"hidden","sessionToken":"hidden","expiration":{millis}}}}}"#
            );
            fixture.server.push(Reply::ok(body).header("content-type", "application/json"));
        },
        prepare_failure: |fixture| {
            let reply = Reply::new(401).header("x-amzn-errortype", "UnauthorizedException").body(r#"{"message":"no"}"#);
            fixture.server.push(reply);
        },
        error: "sso: cannot get the credentials of role r in account 123456789012: An error occurred \
                (UnauthorizedException) when calling the GetRoleCredentials operation: no (status 401); log in with \
                `aws sso login --profile default`",
    },
    Provider {
        name: "custom-process",
        config: "[default]\ncredential_process = sh ~/process\n",
        variables: &[],
        prepare_success: |fixture, key, expiry| {
            let json = format!(
                r#"{{"Version":1,"AccessKeyId":"{key}","SecretAccessKey":"hidden","SessionToken":"hidden","Expiration":"{expiry}"}}"#
            );
            fixture.write("process", &format!("echo '{json}'"));
        },
        prepare_failure: |fixture| drop(fixture.write("process", "echo hidden; echo sorry >&2; exit 1")),
        error: "custom-process: credential_process of profile \"default\" (~/.aws/config, line 2): sh failed with exit \
                status: 1, standard error: sorry",
    },
    Provider {
        name: "container-role",
        config: "",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "@/creds"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden"),
        ],
        prepare_success: |fixture, key, expiry| fixture.server.push(Reply::ok(metadata_credentials(key, expiry))),
        prepare_failure: |fixture| {
            (0..3).for_each(|_| fixture.server.push(Reply::new(500).body(r#"{"message":"busy"}"#)))
        },
        error: "container-role: @/creds returned status 500: busy (3 attempts)",
    },
    Provider {
        name: "iam-role",
        config: "",
        variables: &[],
        prepare_success: |fixture, key, expiry| {
            for body in ["hidden-token", "my-role", &metadata_credentials(key, expiry)] {
                fixture.server.push(Reply::ok(body.to_owned()));
            }
        },
        prepare_failure: |fixture| {
            fixture.server.push(Reply::ok("hidden-token"));
            fixture.server.push(Reply::new(404));
        },
        error: "iam-role: no longer returns credentials: @/latest/meta-data/iam/security-credentials/ returned \
                status 404",
    },
];

#[tokio::test]
async fn credentials_are_refreshed_before_they_expire() {
    for Provider { name, config, variables, prepare_success, prepare_failure, error: expected_error } in PROVIDERS {
        let fixture = Fixture::new(&format!("{config}{KEYS}"));
        let session = fixture.session(variables);
        let provider = session.credentials().expect("resolved");
        let provide =
            async || provider.provide().await.map(|it| (it.access_key_id().to_owned(), it.provider().to_owned()));
        let advance_to =
            |minutes: u64| fixture.clock.advance(Duration::from_secs(START + minutes * 60 - fixture.seconds()));
        let expect = async |key: &str| {
            let found = provide().await.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(found, (key.to_owned(), (*name).to_owned()));
        };
        prepare_success(&fixture, "first", &fixture.time_in(3600));
        expect("first").await;
        // Cached: no request is sent.
        let requests = fixture.server.requests().len();
        advance_to(44);
        expect("first").await;
        assert_eq!(provider.cached().map(|it| it.access_key_id().to_owned()).as_deref(), Some("first"));
        assert_eq!(fixture.server.requests().len(), requests, "{name}");
        // Less than 15 minutes left: a failure is tolerated, and the refresh is not tried again for a minute.
        advance_to(46);
        prepare_failure(&fixture);
        expect("first").await;
        expect("first").await;
        advance_to(48);
        prepare_success(&fixture, "second", &fixture.time_in(3600));
        expect("second").await;
        // Less than 10 minutes left: a failure is an error.
        advance_to(48 + 51);
        prepare_success(&fixture, "third", &fixture.time_in(3600));
        expect("third").await;
        advance_to(48 + 51 + 51);
        prepare_failure(&fixture);
        let error = provide().await.expect_err("it fails");
        let text = fixture.message(&error);
        assert!(text.starts_with(expected_error), "{text}");
        assert!(!format!("{text} {error:?} {provider:?}").contains("hidden"), "{text} {error:?} {provider:?}");
        // The next fetch may succeed again.
        prepare_success(&fixture, "fourth", &fixture.time_in(3600));
        expect("fourth").await;
    }
}

#[tokio::test]
async fn a_thousand_concurrent_calls_share_one_fetch() {
    let fixture = Fixture::new("");
    let session = fixture.session(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "@/creds")]);
    let expect_all = async |key: &'static str| {
        let provider = session.credentials().expect("resolved");
        let call = |_| {
            let provider = std::sync::Arc::clone(provider);
            tokio::spawn(async move { provider.provide().await })
        };
        let calls: Vec<_> = (0..1000).map(call).collect();
        for call in calls {
            assert_eq!(call.await.expect("no panic").expect("provided").access_key_id(), key);
        }
    };
    fixture.server.push(Reply::ok(metadata_credentials("one", &fixture.time_in(3600))));
    expect_all("one").await;
    fixture.clock.advance(Duration::from_secs(3001));
    fixture.server.push(Reply::ok(metadata_credentials("two", &fixture.time_in(3600))));
    expect_all("two").await;
    assert_eq!(fixture.server.requests().len(), 2);
}

#[tokio::test]
async fn credentials_that_imds_did_not_refresh_are_extended_for_12_hours() {
    let fixture = Fixture::new("");
    let session = fixture.session(&[]);
    let provider = session.credentials().expect("resolved");
    let push_credentials = |expiry: &str| {
        for body in ["token", "role", &metadata_credentials("old", expiry)] {
            fixture.server.push(Reply::ok(body.to_owned()));
        }
    };
    let expiry = fixture.time_in(3600);
    push_credentials(&expiry);
    provider.provide().await.expect("provided");
    // IMDS still returns the same credentials when they are expired. They are extended, and IMDS is called again later.
    for hour in 1..13 {
        fixture.clock.advance(Duration::from_secs(START + hour * 3600 - fixture.seconds()));
        push_credentials(&expiry);
        let found = provider.provide().await.expect("extended");
        let left = found.expiry().expect("temporary").as_secs() as u64 - fixture.seconds();
        assert_eq!((found.access_key_id(), left), ("old", 17 * 60));
    }
    // More than 12 hours after their expiry they are not extended.
    fixture.clock.advance(Duration::from_secs(START + 14 * 3600 - fixture.seconds()));
    push_credentials(&expiry);
    let error = provider.provide().await.expect_err("too old");
    let expect = "refreshed credentials from iam-role are already expired (at 2026-01-01T01";
    assert!(error.to_string().starts_with(expect), "{error}");
}

#[tokio::test]
async fn imds_v1_is_used_only_if_v2_fails_and_v1_is_enabled() {
    let check = async |variables: &[(&str, &str)], replies: &[Reply], expect: &str, tokens: &[bool]| {
        let fixture = Fixture::new("");
        replies.iter().for_each(|it| fixture.server.push(it.clone()));
        let found = fixture.session(variables).credentials().expect("resolved").provide().await;
        let text = found.map_or_else(|it| fixture.message(&it), |it| it.access_key_id().to_owned());
        assert!(text.contains(expect), "{text}");
        let requests = fixture.server.requests();
        let found: Vec<_> = requests.iter().map(|it| !it.header("x-aws-ec2-metadata-token").is_empty()).collect();
        assert_eq!(found, tokens, "{expect}");
    };
    let credentials = || Reply::ok(metadata_credentials("key", "2026-01-01T01:00:00Z"));
    let fast = ("AWS_METADATA_SERVICE_TIMEOUT", "1");
    check(&[fast], &[Reply::ok("t"), Reply::ok("r"), credentials()], "key", &[false, true, true]).await;
    for status in [403, 404, 405] {
        check(&[], &[Reply::new(status), Reply::ok("r"), credentials()], "key", &[false, false, false]).await;
    }
    let never = ("AWS_EC2_METADATA_V1_DISABLED", "true");
    check(
        &[never],
        &[Reply::new(403)],
        "iam-role: no IMDSv2 token, and IMDSv1 is disabled: @/latest/api/token returned status 403",
        &[false],
    )
    .await;
    check(&[], &[Reply::new(400)], "iam-role (@/latest/api/token returned status 400)", &[false]).await;
    let twice = ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "2");
    check(
        &[twice],
        &[Reply::new(500), Reply::ok("t"), Reply::ok(""), Reply::ok("r"), Reply::ok("no JSON"), credentials()],
        "key",
        &[false, false, true, true, true, true],
    )
    .await;
    // Once the service has responded, a failure is a passing one: a request is attempted three times, without a setting.
    let busy = || Reply::new(503);
    check(
        &[],
        &[busy(), busy(), Reply::ok("t"), Reply::ok("r"), credentials()],
        "key",
        &[false, false, false, true, true],
    )
    .await;
    check(
        &[],
        &[Reply::ok("t"), busy(), Reply::close(), Reply::ok("r"), busy(), Reply::ok(""), credentials()],
        "key",
        &[false, true, true, true, true, true, true],
    )
    .await;
    check(&[], &[Reply::ok("t"), busy(), busy(), busy()], "returned status 503", &[false, true, true, true]).await;
    check(&[], &[Reply::ok("t"), Reply::new(404)], "returned status 404", &[false, true]).await;
    let failure = r#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"not trusted"}"#;
    check(
        &[],
        &[Reply::ok("t"), Reply::ok("r"), Reply::ok(failure)],
        "has no AccessKeyId and no SecretAccessKey and no Token and no Expiration: not trusted",
        &[false, true, true],
    )
    .await;
    check(&[("AWS_EC2_METADATA_DISABLED", "TRUE")], &[], "iam-role (AWS_EC2_METADATA_DISABLED is true)", &[]).await;
    let large = Reply::ok(vec![b'x'; 70_000]);
    check(&[], &[Reply::ok("t"), large], "returned more than 65536 bytes", &[false, true]).await;
    // A server that stalls delays a call no longer than the timeouts.
    let fixture = Fixture::new("");
    (0..2).for_each(|_| fixture.server.push(Reply::silence()));
    let provider =
        crate::credential_providers::Imds::builder().timeout(Duration::from_millis(20)).build(&fixture.session(&[]));
    let error = crate::credentials::ProvideCredentials::provide(&provider).await.expect_err("a timeout");
    assert!(error.to_string().contains("no data sent or received for 20ms"), "{error}");
}

#[tokio::test]
async fn container_credentials_are_requested_from_allowed_hosts_only() {
    let check = async |variables: &[(&str, &str)], expect: &str| {
        let fixture = Fixture::new("");
        fixture.write("token", "hidden");
        fixture.write("line", "hidden\r\n");
        fixture.write("broken", "hidden\r\nx-more: 1");
        fixture.server.push(Reply::ok(metadata_credentials("key", "2026-01-01T01:00:00Z")));
        let found = fixture.session(variables).credentials().expect("resolved").provide().await;
        let sent = fixture.server.requests().first().map(|it| format!(" {} {}", it.path(), it.header("authorization")));
        let text = found
            .map_or_else(|it| fixture.message(&it), |it| it.access_key_id().to_owned() + &sent.unwrap_or_default());
        assert!(text.contains(expect), "{text}");
    };
    let full = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "@/a");
    let token = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "plain");
    check(&[full], "key /a ").await;
    check(&[full, token], "key /a plain").await;
    check(&[full, token, ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "~/token")], "key /a hidden").await;
    // A line break at the end of a file is no part of its content.
    check(&[full, token, ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "~/line")], "key /a hidden").await;
    check(
        &[full, ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "~/broken")],
        "the token in file ~/broken named by AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be sent in a header",
    )
    .await;
    check(
        &[full, ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "~/none")],
        "~/none named by AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read: ",
    )
    .await;
    let host = |url: &'static str| [("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)];
    let rejected = "which is not allowed: expected https, a loopback address, or one of 169.254.170.2";
    for url in ["http://example.com/a", "http://169.254.169.254/a", "http://[fd00:ec2::24]/a"] {
        check(&host(url), rejected).await;
    }
    check(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ".evil.com/a")], "expected a path that starts with /").await;
}

/// Nothing that does not respond is asked twice: it would delay every program on a machine without the service.
#[tokio::test]
async fn an_absent_metadata_service_is_asked_once() {
    use crate::doubles::ScriptedClient;
    use crate::http::HttpErrorKind;
    for (kind, requests) in [(HttpErrorKind::Connect, 1), (HttpErrorKind::Timeout, 2)] {
        let fixture = Fixture::new("");
        let http = ScriptedClient::new((0..9).map(|_| Reply::failure(kind))).unverified();
        let session = fixture.builder(&[]).http_client(http.clone()).build().expect("valid settings");
        session.credentials().expect("resolved").provide().await.expect_err("no service");
        // After a timeout of the token's request IMDSv1 is tried, once.
        assert_eq!(http.requests().len(), requests, "{kind:?}");
    }
}

#[tokio::test]
async fn a_token_file_may_end_with_a_line_break() {
    for end in ["", "\n", "\r\n", " \n\n"] {
        let fixture = Fixture::new("");
        fixture.write("token", &format!("my.web.token{end}"));
        let role = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r");
        let session = fixture.session(&[role, ("AWS_WEB_IDENTITY_TOKEN_FILE", "~/token")]);
        fixture.server.push(assumed_role("AssumeRoleWithWebIdentity", "key", &fixture.time_in(3600)));
        session.credentials().expect("resolved").provide().await.expect("provided");
        let body = String::from_utf8_lossy(&fixture.server.requests()[0].body).into_owned();
        assert!(body.split('&').any(|it| it == "WebIdentityToken=my.web.token"), "{body}");
    }
}

/// A client that cannot be built is the cause, and not that there are no credentials.
#[tokio::test]
async fn a_malformed_ca_bundle_is_named_first() {
    for variables in [&[][..], &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "@/a")]] {
        let fixture = Fixture::new("");
        let variables = [variables, &[("AWS_CA_BUNDLE", "~/missing.pem")]].concat();
        let error = fixture.session(&variables).credentials().expect("resolved").provide().await.expect_err("no file");
        let text = fixture.message(&error);
        let cause = text.find("ca_bundle ~/missing.pem: cannot be read").unwrap_or(usize::MAX);
        assert!(cause < 20 && !text.contains("no credentials found"), "{text}");
    }
}
