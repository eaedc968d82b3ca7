//! The servers that tests and walks run against: moto, and one that checks signatures. Knows no test.

use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use aws_core::Session;

pub use ::moto::{Endpoint, Moto, create_bucket, python, target};

use crate::http2::ca_file;
use crate::tls_front;

/// How long a story may take. Our choice: it only bounds a failure, on a busy machine too.
const STORY_TIMEOUT: Duration = Duration::from_secs(300);

/// A server that the tests and walks run against.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name in failure messages.
    pub name: &'static str,
    /// Where it is.
    pub endpoint: Endpoint,
    /// Whether it rejects wrong signatures.
    pub verifies: bool,
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
        self.endpoint.builder(region).http2(self.http2)
    }
}

/// The moto of this process; `None` if it cannot run, and then the reason is printed to standard error.
pub fn moto() -> Option<Server> {
    match Moto::shared() {
        Ok(moto) => Some(Server { name: "moto", endpoint: Endpoint::of(moto), verifies: false, http2: false }),
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

/// The server at the URL in `VERIFY_ENDPOINT`, which checks signatures; `None` if that is not set.
pub fn verifying_server() -> Option<Server> {
    let endpoint = Endpoint::verifying()?;
    Some(Server { name: "VERIFY_ENDPOINT", endpoint, verifies: true, http2: false })
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
    let endpoint = Endpoint { url, ca_bundle: Some(ca_file()), ..moto.endpoint };
    let over = |name, http2| Server { name, endpoint: endpoint.clone(), verifies: false, http2 };
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
