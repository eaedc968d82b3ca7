//! Credentials for identities of other providers, which only code configures: SAML and identity pools of Cognito.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Fixture, access_denied, assumed_role};
use crate::credential_providers::{AssumeRole, CognitoIdentity, IdentityToken, SamlRole, WebIdentity};
use crate::credentials::ProvideCredentials;
use crate::testing::Reply;
use crate::{ErrorKind, Session};

const ROLE: &str = "arn:aws:iam::123456789012:role/r";
const PRINCIPAL: &str = "arn:aws:iam::123456789012:saml-provider/corp";
const POOL: &str = "eu-north-1:11111111-2222-3333-4444-555555555555";

/// A token that is another one each time.
fn tokens() -> IdentityToken {
    let count = Arc::new(AtomicUsize::new(1));
    IdentityToken::new(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move { Ok(format!(" hidden{number}\n")) })
    })
}

fn session_with(base: &Session, provider: impl ProvideCredentials + 'static) -> Session {
    base.to_builder().credentials(provider).build().expect("a session")
}

async fn key(session: &Session) -> crate::Result<String> {
    Ok(session.credentials()?.provide().await?.access_key_id().to_owned())
}

fn json(body: String) -> Reply {
    Reply::ok(body).header("content-type", "application/x-amz-json-1.1")
}

fn identity(id: &str) -> Reply {
    json(format!(r#"{{"IdentityId":"{id}"}}"#))
}

fn credentials(fixture: &Fixture, key: &str) -> Reply {
    let until = fixture.seconds() + 3600;
    json(format!(
        r#"{{"Credentials":{{"AccessKeyId":"{key}","SecretKey":"hidden","SessionToken":"hidden","Expiration":{until}}}}}"#
    ))
}

#[tokio::test]
async fn saml_roles_are_assumed_unsigned_and_refreshed_with_another_assertion() {
    let fixture = Fixture::new("");
    let base = fixture.session(&[]);
    let role = SamlRole::builder(ROLE, PRINCIPAL, tokens())
        .duration(Duration::from_secs(3600))
        .policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess");
    let session = session_with(&base, role.build(&base));
    for (number, name) in [(1, "first"), (2, "second")] {
        fixture.server.push(assumed_role("AssumeRoleWithSAML", name, &fixture.time_in(3600)));
        for _ in 0..2 {
            assert_eq!(key(&session).await.expect("credentials"), name);
        }
        let requests = fixture.server.requests();
        assert_eq!(requests.len(), number);
        let (request, body) = (&requests[number - 1], String::from_utf8_lossy(&requests[number - 1].body).into_owned());
        assert!(!request.headers.contains_key("authorization"));
        for part in [
            "Action=AssumeRoleWithSAML",
            &format!("SAMLAssertion=hidden{number}&"),
            "DurationSeconds=3600",
            "PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess",
            "PrincipalArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Asaml-provider%2Fcorp",
        ] {
            assert!(format!("{body}&").contains(part), "{part}: {body}");
        }
        fixture.clock.advance(Duration::from_secs(3500));
    }
    let provided = session.credentials().expect("resolved").cached();
    assert!(
        provided.is_none_or(|it| it.account_id() == Some("123456789012") && it.provider() == "assume-role-with-saml")
    );
    fixture.server.push(access_denied());
    let error = key(&session).await.expect_err("denied");
    let text = fixture.message(&error);
    assert!(text.starts_with("cannot assume role arn:aws:iam::123456789012:role/r by SAML: "), "{text}");
    assert!(!format!("{text} {error:?} {session:?}").contains("hidden"));
}

#[tokio::test]
async fn identities_of_a_pool_are_kept_and_their_credentials_refreshed() {
    let fixture = Fixture::new("");
    let base = fixture.session(&[]);
    let user = CognitoIdentity::builder(POOL).login("accounts.google.com", tokens()).custom_role_arn(ROLE).build(&base);
    assert_eq!(user.identity_id(), None);
    let session = session_with(&base, user.clone());
    fixture.server.push(identity("eu-north-1:one"));
    fixture.server.push(credentials(&fixture, "first"));
    assert_eq!(key(&session).await.expect("credentials"), "first");
    assert_eq!(user.identity_id().as_deref(), Some("eu-north-1:one"));
    fixture.clock.advance(Duration::from_secs(3500));
    fixture.server.push(credentials(&fixture, "second"));
    assert_eq!(key(&session).await.expect("credentials"), "second");
    // The identity was deleted: the login gets another one.
    fixture.clock.advance(Duration::from_secs(3500));
    let gone = r#"{"__type":"ResourceNotFoundException","message":"Identity 'eu-north-1:one' not found."}"#;
    fixture.server.push(Reply::new(400).header("content-type", "application/x-amz-json-1.1").body(gone));
    fixture.server.push(identity("eu-north-1:two"));
    fixture.server.push(credentials(&fixture, "third"));
    assert_eq!(key(&session).await.expect("credentials"), "third");
    assert_eq!(user.identity_id().as_deref(), Some("eu-north-1:two"));

    let requests = fixture.server.requests();
    let calls: Vec<_> = requests.iter().map(|it| it.header("x-amz-target").rsplit('.').next().unwrap_or("")).collect();
    let (id, keys) = ("GetId", "GetCredentialsForIdentity");
    assert_eq!(calls, [id, keys, keys, keys, id, keys]);
    assert!(requests.iter().all(|it| !it.headers.contains_key("authorization")));
    let bodies: Vec<serde_json::Value> =
        requests.iter().map(|it| serde_json::from_slice(&it.body).expect("JSON")).collect();
    assert_eq!(bodies[0]["IdentityPoolId"], POOL);
    assert_eq!(bodies[1]["CustomRoleArn"], ROLE);
    // Each fetch has a token of its own.
    let tokens: Vec<_> = bodies.iter().map(|it| it["Logins"]["accounts.google.com"].as_str().unwrap_or("")).collect();
    assert_eq!(tokens, ["hidden1", "hidden1", "hidden2", "hidden3", "hidden3", "hidden3"]);
    assert!(!format!("{user:?} {session:?}").contains("hidden"));
}

#[tokio::test]
async fn guests_and_known_identities_need_no_login() {
    let fixture = Fixture::new("");
    let base = fixture.session(&[]);
    fixture.server.push(credentials(&fixture, "guest"));
    let guest = CognitoIdentity::builder(POOL).identity_id("eu-north-1:kept").build(&base);
    assert_eq!(guest.provide().await.expect("credentials").access_key_id(), "guest");
    let body: serde_json::Value = serde_json::from_slice(&fixture.server.requests()[0].body).expect("JSON");
    assert_eq!(body["IdentityId"], "eu-north-1:kept");
    // An identity that the program set is not replaced.
    let gone = r#"{"__type":"ResourceNotFoundException","message":"gone"}"#;
    fixture.server.push(Reply::new(400).header("content-type", "application/x-amz-json-1.1").body(gone));
    let error = guest.provide().await.expect_err("gone");
    assert!(error.to_string().contains("ResourceNotFoundException"), "{error}");
    assert_eq!(fixture.server.requests().len(), 2);
}

#[tokio::test]
async fn an_incomplete_response_of_sts_is_an_error_that_names_the_role() {
    let fixture = Fixture::new("");
    let base = fixture.session(&[]);
    let token = fixture.write("token", "hidden");
    let source = crate::Credentials::new("k", "hidden");
    let providers: Vec<(&str, Box<dyn ProvideCredentials>)> = vec![
        ("AssumeRole", {
            let role = AssumeRole::builder(ROLE).source_credentials(source).build(&base);
            Box::new(role.expect("valid"))
        }),
        ("AssumeRoleWithSAML", Box::new(SamlRole::builder(ROLE, PRINCIPAL, "hidden").build(&base))),
        ("AssumeRoleWithWebIdentity", Box::new(WebIdentity::builder(ROLE, token).build(&base))),
    ];
    for (operation, provider) in providers {
        fixture.server.push(Reply::ok(format!("<{operation}Response><{operation}Result/></{operation}Response>")));
        let error = provider.provide().await.expect_err(operation);
        let text = error.to_string();
        assert!(text.contains(&format!("cannot assume role {ROLE}")), "{operation}: {text}");
        assert!(text.contains("incomplete credentials"), "{operation}: {text}");
    }
}

#[tokio::test]
async fn what_is_missing_is_reported_before_anything_is_sent() {
    let fixture = Fixture::new("");
    let base = fixture.session(&[]);
    let saml = |assertion: IdentityToken| SamlRole::builder(ROLE, PRINCIPAL, assertion).build(&base);
    let denied = || IdentityToken::new(|| Box::pin(async { Err(crate::Error::new(ErrorKind::Io, "no browser")) }));
    let no_file = fixture.home.join("none").display().to_string();
    let cases: Vec<(Box<dyn ProvideCredentials>, &str)> = vec![
        (Box::new(saml(IdentityToken::from(" \n"))), "by SAML: the SAML assertion is empty"),
        (Box::new(saml(denied())), "by SAML: no browser"),
        (Box::new(saml(IdentityToken::from_path(no_file))), "file ~/none of the SAML assertion"),
        (Box::new(CognitoIdentity::builder("pool").build(&base)), "the identity pool id \"pool\" is not valid"),
        (
            Box::new(CognitoIdentity::builder(POOL).login("a", "").build(&base)),
            "no credentials of identity pool eu-north-1:11111111-2222-3333-4444-555555555555: the login token is empty",
        ),
    ];
    for (provider, expect) in cases {
        let error = provider.provide().await.expect_err(expect);
        assert!(fixture.message(&error).contains(expect), "{error}");
        assert_eq!(error.kind(), ErrorKind::Credentials);
    }
    assert!(fixture.server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_login_that_never_ends_fails_after_five_minutes() {
    let fixture = Fixture::new("");
    let base = fixture.session(&[]);
    let silent = IdentityToken::new(|| Box::pin(pending()));
    let start = tokio::time::Instant::now();
    let error = SamlRole::builder(ROLE, PRINCIPAL, silent).build(&base).provide().await.expect_err("a limit");
    assert_eq!((error.kind(), start.elapsed().as_secs()), (ErrorKind::Timeout, 300), "{error}");
}
