//! The life of a call, from the input to the output or the error, with test doubles: a scripted HTTP client or a small
//! server, a fixed clock, and sleeps that return at once.

pub(crate) mod checksum_laws;
mod checksums;
mod errors;
mod evidence;
mod hangs;
mod hostile;
mod options;
mod requests;
mod responses;
mod retries;
mod secrets;
mod side_by_side;
mod timeouts;
mod user_agent;
mod wiring;

use aws_core::config::Environment;
use aws_core::session::Random;
use aws_core::testing::{FixedClock, RecordedSleep, Reply};
use aws_core::{Credentials, Session, SessionBuilder};
use aws_s3::Client;
use tests::doubles::{MockServer, ScriptedClient};

/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A session that reads neither the environment nor files.
fn session(sleep: &RecordedSleep) -> SessionBuilder {
    Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET).with_session_token("the-session-token"))
        .clock(FixedClock::from_secs(NOW).clock())
        .random(Random::fixed(1.0))
        .sleep(sleep.sleep())
}

/// A client of S3 whose HTTP client records the requests and returns the scripted replies. Its endpoint is that of the
/// rules, over https.
pub(super) struct ScriptedS3 {
    pub(super) s3: Client,
    pub(super) http: ScriptedClient,
    pub(super) sleep: RecordedSleep,
}

impl ScriptedS3 {
    pub(super) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::with_session(replies, |it| it)
    }

    pub(super) fn with_session(
        replies: impl IntoIterator<Item = Reply>,
        change: impl FnOnce(SessionBuilder) -> SessionBuilder,
    ) -> Self {
        Self::with_http(ScriptedClient::new(replies), change)
    }

    /// For calls that are not signed by the session's keys.
    pub(super) fn unverified(
        replies: impl IntoIterator<Item = Reply>,
        change: impl FnOnce(SessionBuilder) -> SessionBuilder,
    ) -> Self {
        Self::with_http(ScriptedClient::new(replies).unverified(), change)
    }

    fn with_http(http: ScriptedClient, change: impl FnOnce(SessionBuilder) -> SessionBuilder) -> Self {
        let sleep = RecordedSleep::new();
        let session = change(session(&sleep).http_client(http.clone())).build().expect("a session");
        Self { s3: Client::new(&session), http, sleep }
    }

    /// The one request that was sent.
    pub(super) fn only_request(&self) -> aws_core::testing::ReceivedRequest {
        let mut requests = self.http.requests();
        assert_eq!(requests.len(), 1, "one request");
        requests.remove(0)
    }

    /// The delays between attempts, in milliseconds.
    pub(super) fn waits(&self) -> Vec<u128> {
        self.sleep.waits().iter().map(|it| it.as_millis()).collect()
    }
}

/// Starts a server on the loopback interface. Returns it with a client of it.
pub(super) fn serve(
    replies: impl IntoIterator<Item = Reply>,
    change: impl FnOnce(SessionBuilder) -> SessionBuilder,
) -> (MockServer, Client) {
    let server = MockServer::start(replies);
    let session = change(session(&RecordedSleep::new()).endpoint_url(server.url())).build().expect("a session");
    let client = Client::new(&session);
    (server, client)
}

/// An error response of S3.
pub(super) fn error_reply(status: u16, code: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>what happened</Message>\
         <RequestId>REQ1</RequestId><HostId>host+1=</HostId></Error>"
    );
    Reply::new(status).header("content-type", "application/xml").body(body)
}
