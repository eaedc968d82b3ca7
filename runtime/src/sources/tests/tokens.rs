//! Tokens of IAM Identity Center and logins: used, renewed, written back, and what is said when they are over.

use std::time::Duration;

use serde_json::{Value, json};

use super::Scene;
use crate::test_util::Reply;

/// SHA-1 of `corp`.
const FILE: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

const CONFIG: &str =
    "[default]\nsso_session = corp\n[sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp\n";

fn cached(scene: &Scene, life: u64, registered: u64) -> String {
    json!({
        "startUrl": "https://corp",
        "region": "eu-north-1",
        "accessToken": "old",
        "expiresAt": scene.ahead(life),
        "refreshToken": "hidden1",
        "clientId": "client",
        "clientSecret": "hidden2",
        "registrationExpiresAt": scene.ahead(registered),
    })
    .to_string()
}

fn renewed() -> Reply {
    Reply::ok(r#"{"accessToken":"new","expiresIn":28800,"refreshToken":"hidden3","tokenType":"Bearer"}"#)
        .header("content-type", "application/json")
}

#[tokio::test]
async fn sso_tokens() {
    let check =
        async |file: Option<fn(&Scene) -> String>, replies: &[Reply], expect: Result<&str, &str>, calls: usize| {
            let scene = Scene::new(CONFIG);
            if let Some(file) = file {
                scene.write(FILE, &file(&scene));
            }
            replies.iter().for_each(|it| scene.server.push(it.clone()));
            let provider = scene.session(&[]).token_provider("codecatalyst").expect("resolved");
            match (provider.provide().await, expect) {
                (Ok(found), Ok(expect)) => {
                    assert_eq!((found.as_str(), found.provider()), (expect, "sso"));
                    assert_eq!(scene.read(FILE)["accessToken"], expect);
                }
                (Err(error), Err(expect)) => {
                    let text = scene.shown(&error);
                    assert!(
                        text.contains(expect) && text.ends_with("log in with `aws sso login --profile default`"),
                        "{text}"
                    );
                    assert!(!format!("{text}{error:?}{provider:?}").contains("hidden"), "{text}");
                }
                (found, expect) => panic!("{found:?} instead of {expect:?}"),
            }
            assert_eq!(scene.server.requests().len(), calls);
        };
    check(None, &[], Err("there is no token of sso-session \"corp\": no file ~/.aws/sso/cache/"), 0).await;
    check(Some(|_| "{".into()), &[], Err(".json is no JSON, line 1"), 0).await;
    check(Some(|_| "{}".into()), &[], Err("has no accessToken or no expiresAt"), 0).await;
    check(Some(|it| cached(it, 3600, 3600)), &[], Ok("old"), 0).await;
    check(Some(|it| cached(it, 600, 3600)), &[renewed()], Ok("new"), 1).await;
    check(Some(|it| cached(it, 0, 3600)), &[renewed()], Ok("new"), 1).await;
    // While it lives a token is used, whatever becomes of its renewal.
    let refused = Reply::new(400).header("x-amzn-errortype", "InvalidGrantException").body("{}");
    check(Some(|it| cached(it, 600, 3600)), std::slice::from_ref(&refused), Ok("old"), 1).await;
    check(Some(|it| cached(it, 600, 0)), &[], Ok("old"), 0).await;
    check(
        Some(|it| cached(it, 0, 3600)),
        &[refused],
        Err("expired at 2026-01-01T00:00:00Z, and was not renewed: An error occurred (InvalidGrantException)"),
        1,
    )
    .await;
    check(Some(|it| cached(it, 0, 0)), &[], Err("cannot be renewed: the registration of the client expired"), 0).await;
    let bare = |it: &Scene| json!({ "accessToken": "old", "expiresAt": it.ahead(0) }).to_string();
    check(
        Some(bare),
        &[],
        Err("cannot be renewed: the file has no refreshToken, no clientId, no clientSecret, no registrationExpiresAt"),
        0,
    )
    .await;
}

#[tokio::test]
async fn a_renewed_token_is_kept_and_written() {
    let scene = Scene::new(CONFIG);
    scene.write(FILE, &cached(&scene, 60, 86_400));
    scene.server.push(renewed());
    let session = scene.session(&[]);
    for service in ["one", "two"] {
        assert_eq!(session.token_provider(service).expect("resolved").provide().await.expect("given").as_str(), "new");
    }
    let requests = scene.server.requests();
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
    assert_eq!(scene.read(FILE), expect);
}

#[tokio::test]
async fn bearer_tokens_of_variables_go_first() {
    let scene = Scene::new(CONFIG);
    let session = scene.session(&[("AWS_BEARER_TOKEN_BEDROCK", "variable")]);
    let token = session.token_provider("bedrock").expect("resolved").provide().await.expect("given");
    assert_eq!((token.as_str(), token.provider()), ("variable", "env"));
    let scene = Scene::new("");
    let error = scene.session(&[]).token_provider("bedrock").expect("resolved").provide().await.expect_err("none");
    assert_eq!(
        error.to_string(),
        "no bearer token found; tried: env (AWS_BEARER_TOKEN_BEDROCK is not set), sso (there is no profile)"
    );
    let scene = Scene::new("[default]\nsso_session = other\n");
    let error = scene.session(&[]).token_provider("x").expect("resolved").provide().await.expect_err("not defined");
    assert!(error.to_string().contains("names sso-session \"other\", which is not defined"), "{error}");
}

#[tokio::test]
async fn legacy_sso() {
    let scene =
        Scene::new("[default]\nsso_start_url = corp\nsso_region = eu-north-1\nsso_account_id = 1\nsso_role_name = r\n");
    let provider = std::sync::Arc::clone(scene.session(&[]).credentials().expect("resolved"));
    scene.write(FILE, &cached(&scene, 0, 3600));
    let error = provider.provide().await.expect_err("expired, and nobody renews it");
    let text = scene.shown(&error);
    assert!(
        text.contains(
            "sso: the token of corp expired at 2026-01-01T00:00:00Z; log in with `aws sso login --profile default`"
        ),
        "{text}"
    );
    scene.write(FILE, &cached(&scene, 60, 3600));
    let body = r#"{"roleCredentials":{"accessKeyId":"k","secretAccessKey":"s","sessionToken":"t","expiration":1767229200000}}"#;
    scene.server.push(Reply::ok(body).header("content-type", "application/json"));
    let found = provider.provide().await.expect("given");
    assert_eq!((found.access_key_id(), found.account_id(), found.provider()), ("k", Some("1"), "sso"));
    let request = scene.server.requests().pop().expect("a request");
    assert_eq!((request.path(), request.header("x-amz-sso_bearer_token")), ("/federation/credentials", "old"));
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn logins() {
    let key = super::super::dpop::TEST_KEY;
    let name = crate::text::hex::encode(<sha2::Sha256 as sha2::Digest>::digest("me"));
    let file = format!(".aws/login/cache/{name}.json");
    let scene = Scene::new("[default]\nlogin_session = me\n");
    let login = |life: u64| {
        json!({
            "accessToken": { "accessKeyId": "old", "secretAccessKey": "hidden", "sessionToken": "hidden", "accountId": "1", "expiresAt": scene.ahead(life) },
            "refreshToken": "hidden1", "clientId": "client", "dpopKey": key, "idToken": "kept",
        })
        .to_string()
    };
    let provider = std::sync::Arc::clone(scene.session(&[]).credentials().expect("resolved"));
    let error = async |expect: &str| {
        let error = provider.provide().await.expect_err("wrong");
        let text = scene.shown(&error);
        assert!(text.contains(expect) && !format!("{text}{error:?}").contains("hidden"), "{text}");
    };
    error("login: login session \"me\": no file ~/.aws/login/cache/").await;
    scene.write(&file, "{}");
    error("has no accessToken, no refreshToken, no clientId, no dpopKey; log in with `aws login --profile default`")
        .await;
    scene.write(&file, &login(900));
    assert_eq!(provider.provide().await.expect("given").access_key_id(), "old");
    assert_eq!(scene.server.requests().len(), 0);
    // Renewed in the last minutes, with a proof.
    scene.clock.advance(Duration::from_secs(800));
    let answer = r#"{"accessToken":{"accessKeyId":"new","secretAccessKey":"hidden","sessionToken":"hidden"},"expiresIn":900,"refreshToken":"hidden2","tokenType":"aws_sigv4"}"#;
    scene.server.push(Reply::ok(answer).header("content-type", "application/json"));
    let found = provider.provide().await.expect("renewed");
    assert_eq!((found.access_key_id(), found.account_id(), found.provider()), ("new", Some("1"), "login"));
    let request = scene.server.requests().pop().expect("a request");
    assert_eq!((request.path(), request.header("dpop").split('.').count()), ("/v1/token", 3));
    let kept = scene.read(&file);
    assert_eq!((&kept["refreshToken"], &kept["idToken"]), (&json!("hidden2"), &json!("kept")));
    assert_eq!(kept["accessToken"]["expiresAt"], scene.ahead(900));
    for (code, expect) in [
        ("TOKEN_EXPIRED", "it expired, or the user's credentials changed; log in with `aws login --profile default`"),
        ("INSUFFICIENT_PERMISSIONS", "the user lacks the permission signin:CreateOAuth2Token"),
        ("other", "login session \"me\" was not renewed: An error occurred (AccessDeniedException)"),
    ] {
        scene.clock.advance(Duration::from_secs(900));
        let body = json!({ "error": code, "message": "no" }).to_string();
        scene.server.push(Reply::new(400).header("x-amzn-errortype", "AccessDeniedException").body(body));
        error(expect).await;
    }
}

#[tokio::test]
async fn calls_carry_the_token_that_a_variable_chooses() {
    use crate::call::{Call, Core, Info, Operation};
    use crate::sources::services::sts;
    use crate::test_util::ScriptedClient;

    /// The same operation of a service that takes tokens too.
    struct Either;
    impl Operation for Either {
        type Input = sts::AssumeRoleInput;
        type Output = <sts::AssumeRole as Operation>::Output;
        const INFO: Info = Info::new("AssumeRole POST /; bearer");
    }

    async fn check<O: Operation<Input = sts::AssumeRoleInput>>(variables: &[(&str, &str)], expect: Result<&str, &str>) {
        preferring::<O>(&[], variables, expect).await;
    }

    async fn preferring<O: Operation<Input = sts::AssumeRoleInput>>(
        schemes: &[&str],
        variables: &[(&str, &str)],
        expect: Result<&str, &str>,
    ) {
        let scene = Scene::new("");
        let client = ScriptedClient::new([super::role("AssumeRole", "k", &scene.ahead(3600))]);
        let keys = crate::Credentials::new("AKID", "hidden");
        let mut builder = scene.builder(variables).credentials(keys).http_client(client.clone());
        if !schemes.is_empty() {
            builder = builder.auth_scheme_preference(schemes.iter().copied());
        }
        let session = builder.build().expect("valid settings");
        let core = std::sync::Arc::new(Core::new(std::sync::Arc::new(session), &sts::SERVICE));
        let input = sts::AssumeRoleInput {
            role_arn: Some("arn:aws:iam::123456789012:role/r".to_owned()),
            role_session_name: Some("me".to_owned()),
            ..Default::default()
        };
        match (Call::<O>::new(core, input).send().await.map(drop), expect) {
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
    let signed = Ok("AWS4-HMAC-SHA256 Credential=AKID/");
    check::<Either>(&[https], signed).await;
    check::<sts::AssumeRole>(&[https, token], signed).await;
    check::<Either>(&[https, token], Ok("Bearer tok")).await;
    // A preference of code goes before the variable, others after it; and what takes one scheme only takes that.
    let preference = |it| ("AWS_AUTH_SCHEME_PREFERENCE", it);
    let bearer = Ok("Bearer tok");
    check::<Either>(&[https, token, preference("sigv4")], bearer).await;
    check::<Either>(&[https, token, preference("sigv4a, httpBearerAuth")], bearer).await;
    check::<Either>(&[https, preference("sigv4")], signed).await;
    check::<Either>(&[https, preference("httpBearerAuth")], Err("no bearer token found")).await;
    check::<sts::AssumeRole>(&[https, token, preference("httpBearerAuth")], signed).await;
    preferring::<Either>(&["aws.auth#sigv4"], &[https, token], signed).await;
    preferring::<Either>(&["smithy.api#httpBearerAuth", "sigv4"], &[https, token], bearer).await;
    preferring::<Either>(&["sigv4", "httpBearerAuth"], &[https, token, preference("httpBearerAuth")], signed).await;
    let spaced = ("AWS_BEARER_TOKEN_STS", "to k");
    check::<Either>(&[https, spaced], Err("the token in AWS_BEARER_TOKEN_STS has white space")).await;
    check::<Either>(&[token], Err("a bearer token is sent by https only, and the endpoint is http://")).await;
}
