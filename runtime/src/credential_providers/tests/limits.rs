//! Credentials and tokens that never arrive, in calls without a timeout of their own: every fetch has a limit, and its
//! error names the provider. On a paused clock.

use std::future::pending;
use std::time::Duration;

use tokio::time::Instant;

use super::Fixture;
use crate::credential_providers::{MfaPrompt, Process};
use crate::credentials::{Credentials, CredentialsCache, ProvideCredentials, ProvideToken, Token, TokenCache};
use crate::http::{HttpClient, HttpError, Request, Response};
use crate::{BoxFuture, ErrorKind, Result, SessionBuilder};

/// A provider, or a server, that never responds.
#[derive(Clone, Copy, Debug)]
struct Silent;

impl ProvideCredentials for Silent {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(pending())
    }
}

impl ProvideToken for Silent {
    fn provide(&self) -> BoxFuture<'_, Result<Token>> {
        Box::pin(pending())
    }
}

impl HttpClient for Silent {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(pending())
    }
}

const KEYS: &str = "[profile keys]\naws_access_key_id = k\naws_secret_access_key = s\n";

/// A kind of hang: config file, variables, code, how long it may take in seconds, and what the error must contain.
type Case =
    (&'static str, &'static [(&'static str, &'static str)], fn(SessionBuilder) -> SessionBuilder, u64, &'static str);

const CASES: &[Case] = &[
    ("", &[], |it| it.credentials(Silent), 60, "tests::limits::Silent: fetching credentials timed out after 60s"),
    (
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\n",
        &[],
        |it| it,
        60,
        "assume-role: cannot assume role arn:aws:iam::123456789012:role/r of profile \"default\" (~/.aws/config, line 2): \
         assume-role: fetching credentials timed out after 60s",
    ),
    (
        // The user may need longer than a server, and so may the role behind.
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = mfa\n\
         [profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/s\nsource_profile = keys\nmfa_serial = arn:aws:iam::1:mfa/me\n",
        &[],
        |it| it.mfa_prompt(MfaPrompt::new(|_| Box::pin(pending()))),
        300,
        "no code of the MFA device arn:aws:iam::1:mfa/me: MFA prompt: fetching the code timed out after 300s",
    ),
    (
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = ~/token\n",
        &[],
        |it| it,
        60,
        "assume-role-with-web-identity: fetching credentials timed out after 60s",
    ),
    (
        "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n\
         [sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp\n",
        &[],
        |it| it,
        60,
        "sso: fetching credentials timed out after 60s",
    ),
    ("[default]\ncredential_process = sleep 600\n", &[], |it| it, 300, "sleep did not end within 300s"),
    ("", &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "@/a")], |it| it, 6, "container-role: @/a sent no response: "),
    ("", &[], |it| it, 9, "iam-role ("),
];

#[tokio::test(start_paused = true)]
async fn every_fetch_of_credentials_has_a_limit_and_names_its_provider() {
    for (config, variables, code, limit, expect) in CASES {
        let fixture = Fixture::new(&format!("{config}{KEYS}"));
        fixture.write("token", "token");
        let token = format!(r#"{{"accessToken":"t","expiresAt":"{}"}}"#, fixture.time_in(86_400));
        fixture.write(".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json", &token);
        let session = code(fixture.builder(variables).http_client(Silent)).build().expect("valid settings");
        let begin = Instant::now();
        let error = session.credentials().expect("resolved").provide().await.expect_err(expect);
        let text = fixture.message(&error);
        assert!(text.contains(expect), "{text}");
        let (elapsed, limit) = (begin.elapsed(), Duration::from_secs(*limit));
        assert!(elapsed <= limit + Duration::from_secs(1), "{expect}: {elapsed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_have_the_same_limit() {
    let error = TokenCache::new(Silent).provide().await.expect_err("none arrives");
    assert!(error.to_string().ends_with("Silent: fetching tokens timed out after 60s"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

/// A call with a token ends at its total timeout, too.
#[tokio::test(start_paused = true)]
async fn the_total_timeout_covers_tokens_and_names_their_provider() {
    use crate::call::{Call, ClientState, Operation, OperationDescriptor};
    use crate::credential_providers::services::sts;
    struct Bearer;
    impl Operation for Bearer {
        type Input = sts::AssumeRoleInput;
        type Output = <sts::AssumeRole as Operation>::Output;
        const DESCRIPTOR: OperationDescriptor = OperationDescriptor::new("AssumeRole POST /; bearer");
    }
    let config = "[default]\nsso_session = corp\n[sso-session corp]\nsso_region = eu-north-1\nsso_start_url = u\n";
    let fixture = Fixture::new(config);
    let (expired, registration) = (fixture.time_in(0), fixture.time_in(86_400));
    let token = format!(
        r#"{{"accessToken":"t","expiresAt":"{expired}","refreshToken":"r","clientId":"c","clientSecret":"s","registrationExpiresAt":"{registration}"}}"#
    );
    fixture.write(".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json", &token);
    let variables = [("AWS_ENDPOINT_URL", "https://h"), ("AWS_AUTH_SCHEME_PREFERENCE", "httpBearerAuth")];
    let session = fixture.builder(&variables).http_client(Silent).total_timeout(Duration::from_millis(500));
    let session = session.build().expect("valid settings");
    let client = std::sync::Arc::new(ClientState::new(std::sync::Arc::new(session), &sts::SERVICE));
    let (role_arn, role_session_name) = (Some("arn:aws:iam::123456789012:role/r".to_owned()), Some("me".to_owned()));
    let input = sts::AssumeRoleInput { role_arn, role_session_name, ..Default::default() };
    let begin = Instant::now();
    let error = Call::<Bearer>::new(client, input).send().await.map(drop).expect_err("no token");
    let expect = "the call timed out after 500ms while it waited for a token from sso";
    assert!(error.to_string().contains(expect), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
}

/// A provider of the program may need longer, or limit itself.
#[tokio::test(start_paused = true)]
async fn the_limit_is_that_of_the_provider() {
    let check = async |provider: &dyn ProvideCredentials, expect: u64| {
        let begin = Instant::now();
        provider.provide().await.expect_err("none arrive");
        assert_eq!(begin.elapsed().as_secs(), expect);
    };
    #[derive(Debug)]
    struct Browser;
    impl ProvideCredentials for Browser {
        fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
            Box::pin(pending())
        }

        fn fetch_timeout(&self) -> Option<Duration> {
            Some(Duration::from_secs(600))
        }
    }
    check(&CredentialsCache::new(Silent), 60).await;
    check(&CredentialsCache::new(Browser), 600).await;
    check(&CredentialsCache::new(CredentialsCache::new(Browser)), 600).await;
    let process = Process::new("sleep 6000").timeout(Duration::from_secs(1200));
    check(&CredentialsCache::new(process), 1200).await;
}

/// A pipe would block the thread, a device fill the memory.
#[cfg(unix)]
#[tokio::test]
async fn files_that_never_end_are_errors_that_name_file_and_setting() {
    let check = async |config: &str, variables: &[(&str, &str)], file: &str, expect: &str| {
        for device in [true, false] {
            let fixture = Fixture::new(config);
            let path = fixture.home.join(file);
            std::fs::create_dir_all(path.parent().expect("inside the home")).expect("temporary folder");
            match device {
                true => std::os::unix::fs::symlink("/dev/zero", &path).expect("a link"),
                false => {
                    assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
                }
            }
            let provide = async {
                let session = fixture.session(variables);
                match config.contains("only token") {
                    true => session.token_provider("x").expect("resolved").provide().await.map(drop),
                    false => session.credentials().expect("resolved").provide().await.map(drop),
                }
            };
            let error = tokio::time::timeout(Duration::from_secs(10), provide).await.expect("no hang");
            let text = fixture.message(&error.expect_err(expect));
            assert!(text.contains(expect) && text.contains("it is not a regular file"), "{text}");
        }
    };
    let arn = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r");
    check(
        "",
        &[arn, ("AWS_WEB_IDENTITY_TOKEN_FILE", "~/token")],
        "token",
        "token file ~/token named by AWS_WEB_IDENTITY_TOKEN_FILE cannot be read",
    )
    .await;
    check(
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = ~/token\n",
        &[],
        "token",
        "token file ~/token named by web_identity_token_file of profile \"default\" (~/.aws/config, line 3) cannot be read",
    )
    .await;
    check(
        "",
        &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "@/a"), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "~/token")],
        "token",
        "file ~/token named by AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read",
    )
    .await;
    let cache = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    let expect = "~/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json cannot be read";
    let session = "[sso-session corp]\nsso_region = eu-north-1\nsso_start_url = corp\n";
    check(&format!("# only token\n[default]\nsso_session = corp\n{session}"), &[], cache, expect).await;
    let account = "sso_account_id = 1\nsso_role_name = r\n";
    check(&format!("[default]\nsso_session = corp\n{account}{session}"), &[], cache, expect).await;
    let legacy = format!("[default]\nsso_region = eu-north-1\nsso_start_url = corp\n{account}");
    check(&legacy, &[], cache, expect).await;
    let login = crate::encoding::hex::encode(<sha2::Sha256 as sha2::Digest>::digest("me"));
    let login = format!(".aws/login/cache/{login}.json");
    check("[default]\nlogin_session = me\n", &[], &login, "cannot be read").await;
    check("", &[("AWS_CREDENTIAL_FILE", "~/keys")], "keys", "~/keys cannot be read").await;
    check("", &[("BOTO_CONFIG", "~/keys")], "keys", "~/keys cannot be read").await;
}
