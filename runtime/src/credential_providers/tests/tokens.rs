//! Tokens of IAM Identity Center and of `aws login`: used, refreshed and written back, and the errors when they
//! expired.

use std::time::Duration;

use serde_json::{Value, json};

use super::Fixture;
use crate::testing::Reply;

/// SHA-1 of `corp`.
const FILE: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

const CONFIG: &str =
    "[default]\nsso_session = corp\n[sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp\n";

/// A cache file whose token and client registration expire in so many seconds.
fn cached(fixture: &Fixture, lifetime: u64, registration_lifetime: u64) -> String {
    json!({
        "startUrl": "https://corp",
        "region": "eu-north-1",
        "accessToken": "old",
        "expiresAt": fixture.time_in(lifetime),
        "refreshToken": "hidden1",
        "clientId": "client",
        "clientSecret": "hidden2",
        "registrationExpiresAt": fixture.time_in(registration_lifetime),
    })
    .to_string()
}

fn refreshed() -> Reply {
    Reply::ok(r#"{"accessToken":"new","expiresIn":28800,"refreshToken":"hidden3","tokenType":"Bearer"}"#)
        .header("content-type", "application/json")
}

#[tokio::test]
async fn sso_tokens_are_refreshed_in_their_last_15_minutes() {
    let check =
        async |file: Option<fn(&Fixture) -> String>, replies: &[Reply], expect: Result<&str, &str>, calls: usize| {
            let fixture = Fixture::new(CONFIG);
            if let Some(file) = file {
                fixture.write(FILE, &file(&fixture));
            }
            replies.iter().for_each(|it| fixture.server.push(it.clone()));
            let provider = fixture.session(&[]).token_provider("codecatalyst").expect("resolved");
            match (provider.provide().await, expect) {
                (Ok(found), Ok(expect)) => {
                    assert_eq!((found.as_str(), found.provider()), (expect, "sso"));
                    assert_eq!(fixture.read(FILE)["accessToken"], expect);
                }
                (Err(error), Err(expect)) => {
                    let text = fixture.message(&error);
                    assert!(
                        text.contains(expect) && text.ends_with("log in with `aws sso login --profile default`"),
                        "{text}"
                    );
                    assert!(!format!("{text}{error:?}{provider:?}").contains("hidden"), "{text}");
                }
                (found, expect) => panic!("{found:?} instead of {expect:?}"),
            }
            assert_eq!(fixture.server.requests().len(), calls);
        };
    check(None, &[], Err("there is no token of sso-session \"corp\": no file ~/.aws/sso/cache/"), 0).await;
    check(Some(|_| "{".into()), &[], Err(".json is not valid JSON (line 1)"), 0).await;
    check(Some(|_| "{}".into()), &[], Err("has no accessToken or no expiresAt"), 0).await;
    check(Some(|it| cached(it, 3600, 3600)), &[], Ok("old"), 0).await;
    check(Some(|it| cached(it, 600, 3600)), &[refreshed()], Ok("new"), 1).await;
    check(Some(|it| cached(it, 0, 3600)), &[refreshed()], Ok("new"), 1).await;
    // A token that is still valid is used even if it cannot be refreshed.
    let invalid_grant = Reply::new(400).header("x-amzn-errortype", "InvalidGrantException").body("{}");
    check(Some(|it| cached(it, 600, 3600)), std::slice::from_ref(&invalid_grant), Ok("old"), 1).await;
    check(Some(|it| cached(it, 600, 0)), &[], Ok("old"), 0).await;
    check(
        Some(|it| cached(it, 0, 3600)),
        &[invalid_grant],
        Err("expired at 2026-01-01T00:00:00Z, and cannot be refreshed: An error occurred (InvalidGrantException)"),
        1,
    )
    .await;
    check(Some(|it| cached(it, 0, 0)), &[], Err("cannot be refreshed: the client registration expired"), 0).await;
    let bare = |it: &Fixture| json!({ "accessToken": "old", "expiresAt": it.time_in(0) }).to_string();
    check(
        Some(bare),
        &[],
        Err(
            "cannot be refreshed: the file has no refreshToken, no clientId, no clientSecret, no registrationExpiresAt",
        ),
        0,
    )
    .await;
}

#[tokio::test]
async fn refreshed_tokens_are_cached_and_written_back() {
    let fixture = Fixture::new(CONFIG);
    fixture.write(FILE, &cached(&fixture, 60, 86_400));
    fixture.server.push(refreshed());
    let session = fixture.session(&[]);
    for service in ["one", "two"] {
        assert_eq!(
            session.token_provider(service).expect("resolved").provide().await.expect("provided").as_str(),
            "new"
        );
    }
    let requests = fixture.server.requests();
    assert_eq!((requests.len(), requests[0].path(), requests[0].header("authorization")), (1, "/token", ""));
    let body: Value = serde_json::from_slice(&requests[0].body).expect("JSON");
    let expect = json!({ "clientId": "client", "clientSecret": "hidden2", "grantType": "refresh_token", "refreshToken": "hidden1" });
    assert_eq!(body, expect);
    let expect = json!({
        "startUrl": "https://corp",
        "region": "eu-north-1",
        "accessToken": "new",
        "expiresAt": "2026-01-01T08:00:00Z",
        "clientId": "client",
        "clientSecret": "hidden2",
        "registrationExpiresAt": "2026-01-02T00:00:00Z",
        "refreshToken": "hidden3",
    });
    assert_eq!(fixture.read(FILE), expect);
}

#[tokio::test]
async fn bearer_tokens_in_variables_win_over_sso_sessions() {
    let fixture = Fixture::new(CONFIG);
    let session = fixture.session(&[("AWS_BEARER_TOKEN_BEDROCK", "variable")]);
    let token = session.token_provider("bedrock").expect("resolved").provide().await.expect("provided");
    assert_eq!((token.as_str(), token.provider()), ("variable", "env"));
    let fixture = Fixture::new("");
    let error = fixture.session(&[]).token_provider("bedrock").expect("resolved").provide().await.expect_err("none");
    assert_eq!(
        error.to_string(),
        "no bearer token found; tried: env (AWS_BEARER_TOKEN_BEDROCK is not set), sso (there is no profile)"
    );
    let fixture = Fixture::new("[default]\nsso_session = other\n");
    let error = fixture.session(&[]).token_provider("x").expect("resolved").provide().await.expect_err("not defined");
    assert!(error.to_string().contains("names sso-session \"other\", which is not defined"), "{error}");
}

#[tokio::test]
async fn legacy_sso_tokens_are_not_refreshed() {
    let fixture = Fixture::new(
        "[default]\nsso_start_url = corp\nsso_region = eu-north-1\nsso_account_id = 1\nsso_role_name = r\n",
    );
    let provider = std::sync::Arc::clone(fixture.session(&[]).credentials().expect("resolved"));
    fixture.write(FILE, &cached(&fixture, 0, 3600));
    let error = provider.provide().await.expect_err("expired, and not refreshed");
    let text = fixture.message(&error);
    assert!(
        text.contains(
            "sso: the token of corp expired at 2026-01-01T00:00:00Z; log in with `aws sso login --profile default`"
        ),
        "{text}"
    );
    fixture.write(FILE, &cached(&fixture, 60, 3600));
    let body = r#"{"roleCredentials":{"accessKeyId":"k","secretAccessKey":"s","sessionToken":"t","expiration":1767229200000}}"#;
    fixture.server.push(Reply::ok(body).header("content-type", "application/json"));
    let found = provider.provide().await.expect("provided");
    assert_eq!((found.access_key_id(), found.account_id(), found.provider()), ("k", Some("1"), "sso"));
    let request = fixture.server.requests().pop().expect("a request");
    assert_eq!((request.path(), request.header("x-amz-sso_bearer_token")), ("/federation/credentials", "old"));
}

#[cfg(feature = "login")]
#[tokio::test]
async fn logins_are_refreshed_with_a_proof_of_possession() {
    let key = super::super::dpop::TEST_KEY;
    let name = crate::encoding::hex::encode(<sha2::Sha256 as sha2::Digest>::digest("me"));
    let file = format!(".aws/login/cache/{name}.json");
    let fixture = Fixture::new("[default]\nlogin_session = me\n");
    let login = |lifetime: u64| {
        json!({
            "accessToken": { "accessKeyId": "old", "secretAccessKey": "hidden", "sessionToken": "hidden", "accountId": "1", "expiresAt": fixture.time_in(lifetime) },
            "refreshToken": "hidden1", "clientId": "client", "dpopKey": key, "idToken": "kept",
        })
        .to_string()
    };
    let provider = std::sync::Arc::clone(fixture.session(&[]).credentials().expect("resolved"));
    let error = async |expect: &str| {
        let error = provider.provide().await.expect_err("unusable");
        let text = fixture.message(&error);
        assert!(text.contains(expect) && !format!("{text}{error:?}").contains("hidden"), "{text}");
    };
    error("login: login session \"me\": no file ~/.aws/login/cache/").await;
    fixture.write(&file, "{}");
    error("has no accessToken, no refreshToken, no clientId, no dpopKey; log in with `aws login --profile default`")
        .await;
    fixture.write(&file, &login(900));
    assert_eq!(provider.provide().await.expect("provided").access_key_id(), "old");
    assert_eq!(fixture.server.requests().len(), 0);
    // In its last five minutes the login is refreshed, with a proof.
    fixture.clock.advance(Duration::from_secs(800));
    let response = r#"{"accessToken":{"accessKeyId":"new","secretAccessKey":"hidden","sessionToken":"hidden"},"expiresIn":900,"refreshToken":"hidden2","tokenType":"aws_sigv4"}"#;
    fixture.server.push(Reply::ok(response).header("content-type", "application/json"));
    let found = provider.provide().await.expect("refreshed");
    assert_eq!((found.access_key_id(), found.account_id(), found.provider()), ("new", Some("1"), "login"));
    let request = fixture.server.requests().pop().expect("a request");
    assert_eq!((request.path(), request.header("dpop").split('.').count()), ("/v1/token", 3));
    let written = fixture.read(&file);
    assert_eq!((&written["refreshToken"], &written["idToken"]), (&json!("hidden2"), &json!("kept")));
    assert_eq!(written["accessToken"]["expiresAt"], fixture.time_in(900));
    for (code, expect) in [
        ("TOKEN_EXPIRED", "it expired, or the user's credentials changed; log in with `aws login --profile default`"),
        ("INSUFFICIENT_PERMISSIONS", "the user lacks the permission signin:CreateOAuth2Token"),
        ("other", "login session \"me\" cannot be refreshed: An error occurred (AccessDeniedException)"),
    ] {
        fixture.clock.advance(Duration::from_secs(900));
        let body = json!({ "error": code, "message": "no" }).to_string();
        fixture.server.push(Reply::new(400).header("x-amzn-errortype", "AccessDeniedException").body(body));
        error(expect).await;
    }
}

#[tokio::test]
async fn requests_are_sent_with_the_bearer_token_of_the_variable() {
    use crate::call::{Call, ClientState, Operation, OperationDescriptor};
    use crate::credential_providers::services::sts;
    use crate::doubles::ScriptedClient;

    /// The operation AssumeRole, if it accepted bearer tokens too.
    struct SignedOrBearer;
    impl Operation for SignedOrBearer {
        type Input = sts::AssumeRoleInput;
        type Output = <sts::AssumeRole as Operation>::Output;
        const DESCRIPTOR: OperationDescriptor = OperationDescriptor::new("AssumeRole POST /; bearer");
    }

    async fn check<O: Operation<Input = sts::AssumeRoleInput>>(variables: &[(&str, &str)], expect: Result<&str, &str>) {
        check_preferring::<O>(&[], variables, expect).await;
    }

    async fn check_preferring<O: Operation<Input = sts::AssumeRoleInput>>(
        schemes: &[&str],
        variables: &[(&str, &str)],
        expect: Result<&str, &str>,
    ) {
        let fixture = Fixture::new("");
        let client = ScriptedClient::new([super::assumed_role("AssumeRole", "k", &fixture.time_in(3600))]).unverified();
        let keys = crate::Credentials::new("AKID", "hidden");
        let mut builder = fixture.builder(variables).credentials(keys).http_client(client.clone());
        if !schemes.is_empty() {
            builder = builder.auth_scheme_preference(schemes.iter().copied());
        }
        let session = builder.build().expect("valid settings");
        let state = std::sync::Arc::new(ClientState::new(std::sync::Arc::new(session), &sts::SERVICE));
        let input = sts::AssumeRoleInput {
            role_arn: Some("arn:aws:iam::123456789012:role/r".to_owned()),
            role_session_name: Some("me".to_owned()),
            ..Default::default()
        };
        match (Call::<O>::new(state, input).send().await.map(drop), expect) {
            (Ok(()), Ok(expect)) => {
                let requests = client.requests();
                assert!(requests[0].header("authorization").starts_with(expect), "{requests:?}");
                assert!(!format!("{:?}", requests[0].headers).contains("tok"));
            }
            (Err(error), Err(expect)) => assert!(error.to_string().contains(expect), "{error}"),
            (found, expect) => panic!("{found:?} instead of {expect:?}"),
        }
    }
    let https = ("AWS_ENDPOINT_URL", "https://h");
    let token = ("AWS_BEARER_TOKEN_STS", "tok");
    // A header of the caller would be replaced by the token, whatever the credentials are.
    let fixture = Fixture::new("");
    let builder = fixture.builder(&[https, token]).credentials(crate::credentials::Anonymous);
    let session = std::sync::Arc::new(builder.http_client(ScriptedClient::new([])).build().expect("valid settings"));
    let state = std::sync::Arc::new(ClientState::new(session, &sts::SERVICE));
    let (role_arn, role_session_name) = (Some("arn:aws:iam::123456789012:role/r".to_owned()), Some("me".to_owned()));
    let input = sts::AssumeRoleInput { role_arn, role_session_name, ..Default::default() };
    let mut call = Call::<SignedOrBearer>::new(state, input);
    call.options = crate::Options::new().header("Authorization", "mine");
    let error = call.send().await.map(drop).expect_err("two authorizations");
    assert!(error.to_string().contains("\"Authorization\" is written by the signature"), "{error}");
    let signed = Ok("AWS4-HMAC-SHA256 Credential=AKID/");
    check::<SignedOrBearer>(&[https], signed).await;
    check::<sts::AssumeRole>(&[https, token], signed).await;
    check::<SignedOrBearer>(&[https, token], Ok("Bearer tok")).await;
    // An explicit preference wins over the token's variable, which wins over other preferences. Operations with one
    // scheme use only that.
    let preference = |it| ("AWS_AUTH_SCHEME_PREFERENCE", it);
    let bearer = Ok("Bearer tok");
    check::<SignedOrBearer>(&[https, token, preference("sigv4")], bearer).await;
    check::<SignedOrBearer>(&[https, token, preference("sigv4a, httpBearerAuth")], bearer).await;
    check::<SignedOrBearer>(&[https, preference("sigv4")], signed).await;
    check::<SignedOrBearer>(&[https, preference("httpBearerAuth")], Err("no bearer token found")).await;
    check::<sts::AssumeRole>(&[https, token, preference("httpBearerAuth")], signed).await;
    check_preferring::<SignedOrBearer>(&["aws.auth#sigv4"], &[https, token], signed).await;
    check_preferring::<SignedOrBearer>(&["smithy.api#httpBearerAuth", "sigv4"], &[https, token], bearer).await;
    check_preferring::<SignedOrBearer>(
        &["sigv4", "httpBearerAuth"],
        &[https, token, preference("httpBearerAuth")],
        signed,
    )
    .await;
    let spaced = ("AWS_BEARER_TOKEN_STS", "to k");
    check::<SignedOrBearer>(&[https, spaced], Err("the token in AWS_BEARER_TOKEN_STS has white space")).await;
    check::<SignedOrBearer>(&[token], Err("a bearer token is only sent over HTTPS, but the endpoint is http://")).await;
}
