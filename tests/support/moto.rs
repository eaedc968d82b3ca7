//! The servers that tests and walks run against: moto, and one that checks signatures. Knows no test.

use std::io::Write;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use aws_core::{Credentials, Session};

pub use ::moto::{Moto, create_bucket, python, target};

use crate::http2::ca_file;
use crate::tls_front;

/// How long a story may take. Our choice: it only bounds a failure, on a busy machine too.
const STORY_TIMEOUT: Duration = Duration::from_secs(300);

/// A server that the tests and walks run against.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name in failure messages.
    pub name: &'static str,
    /// Its URL.
    pub url: String,
    /// The credentials it accepts.
    pub credentials: Credentials,
    /// Whether it rejects wrong signatures.
    pub verifies: bool,
    /// A PEM file with the certificate authority of its certificate; `None` for plain HTTP or a public one.
    pub ca_bundle: Option<PathBuf>,
    /// Whether sessions use HTTP/2.
    pub http2: bool,
}

impl Server {
    /// A session that sends everything to the server.
    pub fn session(&self, region: &str) -> Session {
        self.builder(region).build().expect("valid settings")
    }

    /// The builder of such a session; it does not read the environment.
    pub fn builder(&self, region: &str) -> aws_core::SessionBuilder {
        let builder = Session::builder()
            .environment(aws_core::config::Environment::empty())
            .region(region)
            .endpoint_url(&self.url)
            .credentials(self.credentials.clone())
            .http2(self.http2);
        match &self.ca_bundle {
            Some(path) => builder.ca_bundle(path),
            None => builder,
        }
    }
}

/// The moto of this process; `None` if it cannot run, and then the reason is printed to standard error.
pub fn moto() -> Option<Server> {
    match Moto::shared() {
        Ok(moto) => Some(Server {
            name: "moto",
            url: moto.url(),
            credentials: Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            verifies: false,
            ca_bundle: None,
            http2: false,
        }),
        Err(why) => {
            static REPORTED: OnceLock<()> = OnceLock::new();
            // Not through the test harness, which captures it: a skipped test must be seen.
            REPORTED.get_or_init(|| {
                let _ =
                    writeln!(std::io::stderr(), "SKIPPED: all tests that need a server, since moto cannot run: {why}");
            });
            None
        }
    }
}

/// The server at the URL in `VERIFY_ENDPOINT`, which checks signatures; `None` if that is not set. Its keys are in
/// `VERIFY_ACCESS_KEY` and `VERIFY_SECRET_KEY`, which have defaults for a private test server; `VERIFY_CA_BUNDLE` is
/// the PEM file of a private certificate authority.
pub fn verifying_server() -> Option<Server> {
    let var = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    Some(Server {
        name: "VERIFY_ENDPOINT",
        url: std::env::var("VERIFY_ENDPOINT").ok().filter(|it| !it.is_empty())?,
        credentials: Credentials::new(
            var("VERIFY_ACCESS_KEY", "AKIDLABEXAMPLE000001"),
            var("VERIFY_SECRET_KEY", "labSecretKey/EXAMPLE+000000000000000000001"),
        ),
        verifies: true,
        ca_bundle: std::env::var_os("VERIFY_CA_BUNDLE").map(PathBuf::from),
        http2: false,
    })
}

/// All servers to run against: moto and the verifying server, as far as they are available.
pub fn servers() -> Vec<Server> {
    moto().into_iter().chain(verifying_server()).collect()
}

/// The moto of this process behind TLS, over HTTP/1.1 and over HTTP/2; empty if moto cannot run.
pub fn tls_servers() -> Vec<Server> {
    static URL: OnceLock<String> = OnceLock::new();
    let Some(moto) = moto() else { return Vec::new() };
    let port = Moto::shared().map_or(0, Moto::port);
    let url = URL.get_or_init(|| tls_front::start(port)).clone();
    let over = |name, http2| Server { name, url: url.clone(), ca_bundle: Some(ca_file()), http2, ..moto.clone() };
    vec![over("moto over TLS and HTTP/1.1", false), over("moto over TLS and HTTP/2", true)]
}

/// Runs a story against a server to its end. Pages or events that never end fail it.
///
/// # Panics
/// If the story fails or takes too long, naming the server.
pub async fn finish(server: &str, story: impl Future<Output = aws_core::Result<()>>) {
    match tokio::time::timeout(STORY_TIMEOUT, story).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => panic!("{server}: {error:?}"),
        Err(_) => panic!("{server}: the story did not end within {STORY_TIMEOUT:?}"),
    }
}

/// A bucket name that no other test uses.
pub fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_micros();
    format!("{prefix}-{time}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
