//! The law that no log has a secret: the kinds of credentials that the walks run with, and what must not be in their logs.

use std::path::PathBuf;

use aws_core::config::Environment;
use aws_core::credential_providers::{AssumeRole, Sso, SsoTokenProvider};
use aws_core::credentials::Token;
use aws_core::internals::encoding::{base64, percent};
use aws_core::testing::{MockServer, Reply};
use aws_core::{Credentials, Result, Session};
use tests::logs::Log;
use tests::moto::{self, Server};
use tracing::Level;

/// What the credentials of a walk are.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Keys,
    SessionToken,
    AssumedRole,
    Sso,
}

/// All kinds. Bearer tokens, which no service of the walks accepts, have a test of their own.
const KINDS: [Kind; 4] = [Kind::Keys, Kind::SessionToken, Kind::AssumedRole, Kind::Sso];

const SESSION_TOKEN: &str = "FwoGZXIvYXdzEXAMPLE/walk+token==";
const SOURCE_KEY: &str = "bPxRfiCYEXAMPLE/source+key";
const SSO_TOKEN: &str = "eyJhbGciOi-EXAMPLE-sso-token";
const BEARER_TOKEN: &str = "bedrock-api-key-EXAMPLE-bearer";

/// Members that are secrets in the models of the walks, or by their names.
const MEMBERS: [&str; 6] = ["SecretAccessKey", "SessionToken", "SecretString", "SecretBinary", "Password", "Plaintext"];

/// How often a walk makes providers that ask the portal, at most.
const MOST_REPLIES: usize = 16;

/// The token that `aws sso login` leaves for the `sso-session` with the name `walks`, and a portal that accepts it.
struct Portal {
    home: PathBuf,
    server: MockServer,
}

impl Portal {
    fn start() -> Self {
        let home = std::env::temp_dir().join(moto::unique("walk-sso"));
        let cache = home.join(".aws/sso/cache");
        std::fs::create_dir_all(&cache).expect("a folder");
        // The name of the file is the SHA-1 of that of the session.
        let file = cache.join("125fedab2d4a823c9b4f26da149bf27566a3eb80.json");
        let token = format!(r#"{{"accessToken":"{SSO_TOKEN}","expiresAt":"2199-01-01T00:00:00Z"}}"#);
        std::fs::write(file, token).expect("a file");
        let keys =
            r#"{"accessKeyId":"ASIASSO","secretAccessKey":"sso/secret+EXAMPLE","sessionToken":"sso/token+EXAMPLE"}"#;
        let body = format!(r#"{{"roleCredentials":{}}}"#, keys.replace('}', ",\"expiration\":7226582400000}"));
        Self { home, server: MockServer::start(std::iter::repeat_n(Reply::ok(body), MOST_REPLIES)) }
    }

    fn session(&self) -> Session {
        let home = self.home.display().to_string();
        caller(&self.server.url(), &home)
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// The session of a provider, which calls services at the URL in its environment.
fn caller(url: &str, home: &str) -> Session {
    let environment = Environment::from_iter([("AWS_ENDPOINT_URL", url), ("HOME", home)]);
    let keys = Credentials::new("AKIDEXAMPLE", SOURCE_KEY);
    Session::builder().environment(environment).region("us-east-1").credentials(keys).build().expect("valid settings")
}

/// Runs a walk on a server with each kind of credentials, and reads what it logs at the level `trace`.
pub async fn walk_with_all(server: &Server, walk: &impl AsyncFn(Session) -> Result<()>) {
    for kind in KINDS {
        let log = Log::new(Level::TRACE);
        let guard = tracing::subscriber::set_default(log.clone());
        let builder = || server.builder("us-east-1");
        let portal = Portal::start();
        let session = match kind {
            Kind::Keys => builder().build(),
            Kind::SessionToken => {
                builder().credentials(server.credentials.clone().with_session_token(SESSION_TOKEN)).build()
            }
            Kind::AssumedRole => {
                let role =
                    AssumeRole::builder("arn:aws:iam::123456789012:role/walk").build(&caller(&server.url, "/nowhere"));
                builder().credentials(role.expect("a provider")).build()
            }
            Kind::Sso => {
                let sso = Sso::builder("123456789012", "walk", "us-east-1", "https://corp.awsapps.com/start");
                builder().credentials(sso.session("walks").build(&portal.session())).build()
            }
        };
        let session = session.expect("valid settings");
        let keys = session.credentials().expect("a provider").provide().await.expect("credentials");
        moto::finish(server.name, walk(session)).await;
        drop(guard);
        let text = log.text();
        assert!(text.contains("TRACE"), "{kind:?}: nothing is logged");
        let token = keys.session_token().unwrap_or(SESSION_TOKEN);
        check(&format!("{kind:?}"), &text, &[keys.secret_access_key(), token, SOURCE_KEY, SSO_TOKEN]);
    }
}

/// Checks that a log of something has no secret.
fn check(what: &str, text: &str, secrets: &[&str]) {
    for secret in secrets {
        let spellings = [(*secret).to_owned(), percent::encode(secret).into_owned(), base64::encode(secret)];
        let line = text.lines().find(|line| spellings.iter().any(|it| line.contains(it)));
        assert!(line.is_none(), "{what}: a secret in the log: {line:?}");
    }
    for name in MEMBERS {
        let shown = text.split(&format!("{name}: ")).skip(1).find(|it| !it.starts_with("***"));
        assert!(shown.is_none(), "{what}: the member {name} in the log: {:.80}", shown.unwrap_or_default());
    }
    let signature = text.split("Signature=").skip(1).find(|it| !it.starts_with("***"));
    assert!(signature.is_none(), "{what}: a signature in the log: {:.80}", signature.unwrap_or_default());
}

#[tokio::test]
async fn a_bearer_token_is_in_no_log() {
    for server in moto::tls_servers() {
        let portal = Portal::start();
        let sso = SsoTokenProvider::new(&portal.session(), "walks", "us-east-1", "https://corp.awsapps.com/start");
        let builder = || server.builder("us-east-1").auth_scheme_preference(["httpBearerAuth"]).max_attempts(1);
        for session in [builder().token_provider(Token::new(BEARER_TOKEN)), builder().token_provider(sso)] {
            let log = Log::new(Level::TRACE);
            let _guard = tracing::subscriber::set_default(log.clone());
            let bedrock = aws_bedrock_runtime::Client::new(&session.build().expect("valid settings"));
            // Whatever moto makes of it: it is sent with the token.
            let _ = bedrock.invoke_model("model").body("{}").send().await;
            let text = log.text();
            check(server.name, &text, &[BEARER_TOKEN, SSO_TOKEN]);
            assert!(text.contains("\"authorization\": \"***\""), "{text}");
        }
    }
}
