//! The life of a call, from the input to the output or the error, against doubles: a scripted client or a small server, a
//! clock that stands still, waits that are over at once.

mod answers;
mod checksums;
mod errors;
mod limits;
mod retries;
mod secrets;
mod user_agent;

use aws_core::config::Environment;
use aws_core::retry::Random;
use aws_core::test_util::{FixedClock, MockServer, RecordedSleep, Reply, ScriptedClient};
use aws_core::{Credentials, Session, SessionBuilder};
use aws_s3::Client;

/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A session that depends on nothing outside.
fn session(sleep: &RecordedSleep) -> SessionBuilder {
    Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET).with_session_token("the-session-token"))
        .clock(FixedClock::at_epoch(NOW).clock())
        .random(Random::fixed(1.0))
        .sleep(sleep.sleep())
}

/// A client whose requests are remembered and answered by a script; the endpoint is that of the rules, over https.
struct Script {
    s3: Client,
    http: ScriptedClient,
    sleep: RecordedSleep,
}

impl Script {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::with(replies, |it| it)
    }

    fn with(replies: impl IntoIterator<Item = Reply>, change: impl FnOnce(SessionBuilder) -> SessionBuilder) -> Self {
        let (http, sleep) = (ScriptedClient::new(replies), RecordedSleep::new());
        let session = change(session(&sleep).http_client(http.clone())).build().expect("a session");
        Self { s3: Client::new(&session), http, sleep }
    }

    /// The one request that was sent.
    fn only(&self) -> aws_core::test_util::Received {
        let mut requests = self.http.requests();
        assert_eq!(requests.len(), 1, "one request");
        requests.remove(0)
    }

    fn waits(&self) -> Vec<u128> {
        self.sleep.waits().iter().map(|it| it.as_millis()).collect()
    }
}

/// A client of a server on the loopback.
fn served(
    replies: impl IntoIterator<Item = Reply>,
    change: impl FnOnce(SessionBuilder) -> SessionBuilder,
) -> (MockServer, Client) {
    let server = MockServer::start(replies);
    let session = change(session(&RecordedSleep::new()).endpoint_url(server.url())).build().expect("a session");
    let client = Client::new(&session);
    (server, client)
}

/// An error as S3 sends it.
fn fault(status: u16, code: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>what happened</Message>\
         <RequestId>REQ1</RequestId><HostId>host+1=</HostId></Error>"
    );
    Reply::new(status).header("content-type", "application/xml").body(body)
}
