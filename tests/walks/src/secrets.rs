//! The law that no log and no recording has a secret: the kinds of credentials that the walks run with, and what must not be
//! in their logs and recordings. Knows no walk.

use std::collections::BTreeSet;
use std::path::PathBuf;

use aws_core::config::Environment;
use aws_core::credential_providers::{AssumeRole, Sso, SsoTokenProvider};
use aws_core::credentials::Token;
use aws_core::internals::encoding::{base64, percent};
use aws_core::testing::{Mode, Recording, Reply};
use aws_core::{Credentials, Result, Session, SessionBuilder};
use serde_json::Value;
use tests::doubles::MockServer;
use tests::logs::Log;
use tests::moto::{self, Server};
use tracing::Level;

use crate::sensitive::{Sensitive, strings, unmasked};

/// What the credentials of a walk are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Keys,
    SessionToken,
    AssumedRole,
    Sso,
    BearerToken,
    SsoToken,
}

/// The kinds of the walks. Bearer tokens, which no service of the walks accepts, have a test of their own.
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

/// A walk with one kind of credentials, while everything that it logs at the level `trace` is kept and its calls are recorded.
pub struct Watch<'a> {
    pub kind: Kind,
    server: &'a Server,
    log: Log,
    _guard: tracing::subscriber::DefaultGuard,
    recording: Recording,
    file: File,
    sensitive: Sensitive,
    portal: Portal,
    secrets: Vec<String>,
}

/// A file that is removed at the end of a walk.
struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Runs a walk on a server with each kind of credentials.
pub async fn for_every_kind(
    server: &Server,
    settings: &impl Fn(SessionBuilder) -> SessionBuilder,
    walk: &impl AsyncFn(Session) -> Result<()>,
) {
    for mut watch in watches(server) {
        let session = watch.session(settings(server.builder("us-east-1"))).await;
        moto::finish(server.name, walk(session)).await;
        watch.check();
    }
}

/// The runs of a walk on a server, with each kind of credentials.
pub fn watches(server: &Server) -> impl Iterator<Item = Watch<'_>> {
    KINDS.into_iter().map(move |kind| Watch::start(server, kind))
}

impl<'a> Watch<'a> {
    fn start(server: &'a Server, kind: Kind) -> Self {
        let log = Log::new(Level::TRACE);
        let file = File(std::env::temp_dir().join(moto::unique("walk-recording")));
        Self {
            kind,
            server,
            _guard: tracing::subscriber::set_default(log.clone()),
            log,
            recording: Recording::new(&file.0, Mode::Record).expect("a file"),
            file,
            sensitive: Sensitive::default(),
            portal: Portal::start(),
            secrets: Vec::new(),
        }
    }

    /// The session of the walk, with the settings of the builder.
    pub async fn session(&mut self, builder: SessionBuilder) -> Session {
        let server = self.server;
        let builder = match self.kind {
            Kind::Keys => builder,
            Kind::SessionToken => {
                builder.credentials(server.endpoint.credentials.clone().with_session_token(SESSION_TOKEN))
            }
            Kind::AssumedRole => {
                let role = AssumeRole::builder("arn:aws:iam::123456789012:role/walk")
                    .build(&caller(&server.endpoint.url, "/nowhere"));
                builder.credentials(role.expect("a provider"))
            }
            Kind::Sso => {
                let sso = Sso::builder("123456789012", "walk", "us-east-1", "https://corp.awsapps.com/start");
                builder.credentials(sso.session("walks").build(&self.portal.session()))
            }
            Kind::BearerToken => builder.token_provider(Token::new(BEARER_TOKEN)),
            Kind::SsoToken => {
                let url = "https://corp.awsapps.com/start";
                builder.token_provider(SsoTokenProvider::new(&self.portal.session(), "walks", "us-east-1", url))
            }
        };
        let session = builder.hook(self.sensitive.clone()).hook(self.recording.clone()).build();
        let session = session.expect("valid settings");
        let keys = session.credentials().expect("a provider").provide().await.expect("credentials");
        let token = keys.session_token().unwrap_or(SESSION_TOKEN);
        let secrets = [keys.secret_access_key(), token, SOURCE_KEY, SSO_TOKEN, BEARER_TOKEN];
        self.secrets = secrets.map(str::to_owned).to_vec();
        session
    }

    /// Checks that neither the log nor the recording has a secret: of the credentials, or of members that the walk sent and
    /// received.
    pub fn check(self) {
        let (log, recording) = (self.log.text(), std::fs::read_to_string(&self.file.0).expect("a recording"));
        self.recording.verify();
        assert!(log.contains("TRACE"), "{:?}: nothing is logged", self.kind);
        assert!(recording.lines().count() > 1, "{:?}: nothing is recorded", self.kind);
        let secrets: Vec<_> = self.secrets.into_iter().chain(self.sensitive.values()).collect();
        check(&format!("the log with {:?}", self.kind), &log, &secrets);
        check(&format!("the recording with {:?}", self.kind), &decoded(&recording), &secrets);
        let unmasked = unmasked(&recording);
        assert!(unmasked.is_empty(), "the recording with {:?}: {unmasked:?} are sensitive", self.kind);
    }
}

/// The lines of a recording, and what is in their strings: bodies may be JSON in JSON, or bytes in base64.
fn decoded(recording: &str) -> String {
    let (mut out, mut open): (_, Vec<_>) = (String::new(), recording.lines().map(str::to_owned).collect());
    while let Some(text) = open.pop() {
        let mut inner = BTreeSet::new();
        if let Ok(value @ (Value::Array(_) | Value::Object(_))) = serde_json::from_str(&text) {
            strings(&value, &mut inner);
        }
        open.extend(inner);
        out += &text;
        out.push('\n');
        out += &base64::decode(&text).map_or_else(|_| String::new(), |it| String::from_utf8_lossy(&it).into_owned());
    }
    out
}

/// Checks that a text has no secret.
fn check(what: &str, text: &str, secrets: &[String]) {
    for secret in secrets {
        let quoted = format!("{secret:?}");
        let quoted = quoted[1..quoted.len() - 1].to_owned();
        let spellings = [secret.clone(), quoted, percent::encode(secret).into_owned(), base64::encode(secret)];
        if let Some(at) = spellings.iter().find_map(|it| text.find(it)) {
            let line = text[..at].lines().next_back().unwrap_or_default();
            panic!("{what}: the secret {secret:?} after {line:?}");
        }
    }
    for name in MEMBERS {
        let shown = text.split(&format!(" {name}: ")).skip(1).find(|it| !it.starts_with("***"));
        assert!(shown.is_none(), "{what}: the member {name}: {:.80}", shown.unwrap_or_default());
    }
    let signature = text.split("Signature=").skip(1).find(|it| !it.starts_with("***"));
    assert!(signature.is_none(), "{what}: a signature: {:.80}", signature.unwrap_or_default());
}

#[tokio::test]
async fn a_bearer_token_is_in_no_log_and_in_no_recording() {
    for server in moto::tls_servers() {
        for kind in [Kind::BearerToken, Kind::SsoToken] {
            let mut watch = Watch::start(&server, kind);
            let builder = server.builder("us-east-1").auth_scheme_preference(["httpBearerAuth"]).max_attempts(1);
            let bedrock = aws_bedrock_runtime::Client::new(&watch.session(builder).await);
            // Whatever moto makes of it: it is sent with the token.
            let _ = bedrock.invoke_model("model").body("{}").send().await;
            assert!(watch.log.text().contains("\"authorization\": \"***\""), "{}", watch.log.text());
            watch.check();
        }
    }
}
