//! The life of each source's credentials: fetched, kept, renewed in time, and what a failure does at each age.

use std::time::Duration;

use super::{START, Scene, document, refusal, role};
use crate::test_util::Reply;

/// A source: the profile, the variables, and what its server answers.
struct Life {
    name: &'static str,
    config: &'static str,
    variables: &'static [(&'static str, &'static str)],
    /// Prepares for a fetch that gives this key until then.
    good: fn(&Scene, &str, &str),
    /// Prepares for a fetch that fails.
    bad: fn(&Scene),
    /// How the message of a failure begins.
    error: &'static str,
}

const KEYS: &str = "[profile keys]\naws_access_key_id = base\naws_secret_access_key = hidden\n";

const LIVES: &[Life] = &[
    Life {
        name: "assume-role",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\n",
        variables: &[],
        good: |scene, key, expiry| scene.server.push(role("AssumeRole", key, expiry)),
        bad: |scene| scene.server.push(refusal()),
        error: "assume-role: the role arn:aws:iam::123456789012:role/r of profile \"default\" (~/.aws/config, line 2) was not given: \
                An error occurred (AccessDenied) when calling the AssumeRole operation: no",
    },
    Life {
        name: "assume-role-with-web-identity",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = ~/token\n",
        variables: &[],
        good: |scene, key, expiry| {
            scene.write("token", &format!("hidden-{}", scene.seconds()));
            scene.server.push(role("AssumeRoleWithWebIdentity", key, expiry));
        },
        bad: |scene| scene.server.push(refusal()),
        error: "assume-role-with-web-identity: the role arn:aws:iam::123456789012:role/r was not given for the token in ~/token: \
                An error occurred (AccessDenied)",
    },
    Life {
        name: "sso",
        config: "[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n\
                 [sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp\n",
        variables: &[],
        good: |scene, key, expiry| {
            // SHA-1 of `corp`.
            let name = "ee0bfd2552fbd840c02cc48b6e823320543c450f";
            let until = scene.ahead(86_400);
            let token = format!(r#"{{"accessToken":"hidden","expiresAt":"{until}"}}"#);
            scene.write(&format!(".aws/sso/cache/{name}.json"), &token);
            let millis = super::super::document::timestamp(expiry).expect("a time").as_millis();
            let body = format!(
                r#"{{"roleCredentials":{{"accessKeyId":"{key}","secretAccessKey":"hidden","sessionToken":"hidden","expiration":{millis}}}}}"#
            );
            scene.server.push(Reply::ok(body).header("content-type", "application/json"));
        },
        bad: |scene| {
            let reply = Reply::new(401).header("x-amzn-errortype", "UnauthorizedException").body(r#"{"message":"no"}"#);
            scene.server.push(reply);
        },
        error: "sso: the role r in the account 123456789012 was not given: An error occurred (UnauthorizedException) when calling \
                the GetRoleCredentials operation: no (status 401); log in with `aws sso login --profile default`",
    },
    Life {
        name: "custom-process",
        config: "[default]\ncredential_process = sh ~/process\n",
        variables: &[],
        good: |scene, key, expiry| {
            let json = format!(
                r#"{{"Version":1,"AccessKeyId":"{key}","SecretAccessKey":"hidden","SessionToken":"hidden","Expiration":"{expiry}"}}"#
            );
            scene.write("process", &format!("echo '{json}'"));
        },
        bad: |scene| drop(scene.write("process", "echo hidden; echo sorry >&2; exit 1")),
        error: "custom-process: credential_process of profile \"default\" (~/.aws/config, line 2): sh ended with exit status: 1, and \
                said: sorry",
    },
    Life {
        name: "container-role",
        config: "",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "@/creds"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden"),
        ],
        good: |scene, key, expiry| scene.server.push(Reply::ok(document(key, expiry))),
        bad: |scene| (0..3).for_each(|_| scene.server.push(Reply::new(500).body(r#"{"message":"busy"}"#))),
        error: "container-role: @/creds answered with status 500: busy (3 tries)",
    },
    Life {
        name: "iam-role",
        config: "",
        variables: &[],
        good: |scene, key, expiry| {
            for body in ["hidden-token", "my-role", &document(key, expiry)] {
                scene.server.push(Reply::ok(body.to_owned()));
            }
        },
        bad: |scene| {
            scene.server.push(Reply::ok("hidden-token"));
            scene.server.push(Reply::new(404));
        },
        error: "iam-role: gave credentials before, but now @/latest/meta-data/iam/security-credentials/ answered with status 404",
    },
];

#[tokio::test]
async fn credentials_are_renewed_in_time() {
    for life in LIVES {
        let scene = Scene::new(&format!("{}{KEYS}", life.config));
        let session = scene.session(life.variables);
        let provider = session.credentials().expect("resolved");
        let key = async || provider.provide().await.map(|it| (it.access_key_id().to_owned(), it.provider().to_owned()));
        let at = |minutes: u64| scene.clock.advance(Duration::from_secs(START + minutes * 60 - scene.seconds()));
        let expect = async |wanted: &str| {
            let found = key().await.unwrap_or_else(|error| panic!("{}: {error}", life.name));
            assert_eq!(found, (wanted.to_owned(), life.name.to_owned()));
        };
        (life.good)(&scene, "first", &scene.ahead(3600));
        expect("first").await;
        // Kept: nothing is asked.
        let asked = scene.server.requests().len();
        at(44);
        expect("first").await;
        assert_eq!(provider.cached().map(|it| it.access_key_id().to_owned()).as_deref(), Some("first"));
        assert_eq!(scene.server.requests().len(), asked, "{}", life.name);
        // Less than 15 minutes left: a failure is put up with, and not repeated for a minute.
        at(46);
        (life.bad)(&scene);
        expect("first").await;
        expect("first").await;
        at(48);
        (life.good)(&scene, "second", &scene.ahead(3600));
        expect("second").await;
        // Less than 10 minutes left.
        at(48 + 51);
        (life.good)(&scene, "third", &scene.ahead(3600));
        expect("third").await;
        at(48 + 51 + 51);
        (life.bad)(&scene);
        let error = key().await.expect_err("it fails");
        let text = scene.shown(&error);
        assert!(text.starts_with(life.error), "{text}");
        assert!(!format!("{text} {error:?} {provider:?}").contains("hidden"), "{text} {error:?} {provider:?}");
        // A failure is not for ever.
        (life.good)(&scene, "fourth", &scene.ahead(3600));
        expect("fourth").await;
    }
}

#[tokio::test]
async fn a_thousand_calls_cause_one_fetch() {
    let scene = Scene::new("");
    let session = scene.session(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "@/creds")]);
    let all_have = async |key: &'static str| {
        let provider = session.credentials().expect("resolved");
        let call = |_| {
            let provider = std::sync::Arc::clone(provider);
            tokio::spawn(async move { provider.provide().await })
        };
        let calls: Vec<_> = (0..1000).map(call).collect();
        for call in calls {
            assert_eq!(call.await.expect("no panic").expect("given").access_key_id(), key);
        }
    };
    scene.server.push(Reply::ok(document("one", &scene.ahead(3600))));
    all_have("one").await;
    scene.clock.advance(Duration::from_secs(3001));
    scene.server.push(Reply::ok(document("two", &scene.ahead(3600))));
    all_have("two").await;
    assert_eq!(scene.server.requests().len(), 2);
}

#[tokio::test]
async fn credentials_that_imds_did_not_renew() {
    let scene = Scene::new("");
    let session = scene.session(&[]);
    let provider = session.credentials().expect("resolved");
    let gives = |expiry: &str| {
        for body in ["token", "role", &document("old", expiry)] {
            scene.server.push(Reply::ok(body.to_owned()));
        }
    };
    let end = scene.ahead(3600);
    gives(&end);
    provider.provide().await.expect("given");
    // IMDS goes on to give what is nearly expired, and then what is: it is used on, and asked again later.
    for hour in 1..13 {
        scene.clock.advance(Duration::from_secs(START + hour * 3600 - scene.seconds()));
        gives(&end);
        let found = provider.provide().await.expect("used on");
        let left = found.expiry().expect("temporary").as_secs() as u64 - scene.seconds();
        assert_eq!((found.access_key_id(), left), ("old", 17 * 60));
    }
    // But not for ever.
    scene.clock.advance(Duration::from_secs(START + 14 * 3600 - scene.seconds()));
    gives(&end);
    let error = provider.provide().await.expect_err("too old");
    assert!(
        error.to_string().starts_with("the credentials iam-role gave anew expired already at 2026-01-01T01"),
        "{error}"
    );
}

#[tokio::test]
async fn versions_of_imds() {
    let check = async |variables: &[(&str, &str)], replies: &[Reply], expect: &str, tokens: &[bool]| {
        let scene = Scene::new("");
        replies.iter().for_each(|it| scene.server.push(it.clone()));
        let found = scene.session(variables).credentials().expect("resolved").provide().await;
        let text = found.map_or_else(|it| scene.shown(&it), |it| it.access_key_id().to_owned());
        assert!(text.contains(expect), "{text}");
        let requests = scene.server.requests();
        let found: Vec<_> = requests.iter().map(|it| !it.header("x-aws-ec2-metadata-token").is_empty()).collect();
        assert_eq!(found, tokens, "{expect}");
    };
    let given = document("key", "2026-01-01T01:00:00Z");
    let given = || Reply::ok(given.clone());
    let fast = ("AWS_METADATA_SERVICE_TIMEOUT", "1");
    check(&[fast], &[Reply::ok("t"), Reply::ok("r"), given()], "key", &[false, true, true]).await;
    for status in [403, 404, 405] {
        check(&[], &[Reply::new(status), Reply::ok("r"), given()], "key", &[false, false, false]).await;
    }
    let never = ("AWS_EC2_METADATA_V1_DISABLED", "true");
    check(
        &[never],
        &[Reply::new(403)],
        "iam-role: no token of IMDSv2, and IMDSv1 is disabled: @/latest/api/token answered with status 403",
        &[false],
    )
    .await;
    check(&[], &[Reply::new(400)], "iam-role (@/latest/api/token answered with status 400)", &[false]).await;
    let twice = ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "2");
    check(
        &[twice],
        &[Reply::new(500), Reply::ok("t"), Reply::ok(""), Reply::ok("r"), Reply::ok("no JSON"), given()],
        "key",
        &[false, false, true, true, true, true],
    )
    .await;
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
    check(&[], &[Reply::ok("t"), large], "answered with more than 65536 bytes", &[false, true]).await;
    // A server that stalls holds nobody up for longer than the limits.
    let scene = Scene::new("");
    (0..2).for_each(|_| scene.server.push(Reply::silence()));
    let source = crate::sources::Imds::builder().timeout(Duration::from_millis(20)).build(&scene.session(&[]));
    let error = crate::credentials::ProvideCredentials::provide(&source).await.expect_err("nobody answers");
    assert!(error.to_string().contains("sent and took nothing for 20ms"), "{error}");
}

#[tokio::test]
async fn containers() {
    let check = async |variables: &[(&str, &str)], expect: &str| {
        let scene = Scene::new("");
        scene.write("token", "hidden");
        scene.write("broken", "hidden\r\nx-more: 1");
        scene.server.push(Reply::ok(document("key", "2026-01-01T01:00:00Z")));
        let found = scene.session(variables).credentials().expect("resolved").provide().await;
        let sent = scene.server.requests().first().map(|it| format!(" {} {}", it.path(), it.header("authorization")));
        let text =
            found.map_or_else(|it| scene.shown(&it), |it| it.access_key_id().to_owned() + &sent.unwrap_or_default());
        assert!(text.contains(expect), "{text}");
    };
    let full = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "@/a");
    let token = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "plain");
    check(&[full], "key /a ").await;
    check(&[full, token], "key /a plain").await;
    check(&[full, token, ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "~/token")], "key /a hidden").await;
    check(
        &[full, ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "~/broken")],
        "the token in file ~/broken named by AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot stand in a header",
    )
    .await;
    check(
        &[full, ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "~/none")],
        "~/none named by AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read: ",
    )
    .await;
    let host = |url: &'static str| [("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)];
    let refused = "which may not be asked: expected https, a loopback address, or one of 169.254.170.2";
    for url in ["http://example.com/a", "http://169.254.169.254/a", "http://[fd00:ec2::24]/a"] {
        check(&host(url), refused).await;
    }
    check(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ".evil.com/a")], "expected a path that starts with /").await;
}
