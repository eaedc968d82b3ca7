//! An HTTP client with scripted responses that verifies signatures. Opens no connection.

use aws_core::http::{HttpClient, HttpError, Request, Response};
use aws_core::testing::{self, ReceivedRequest, Reply};
use aws_core::{BoxFuture, Credentials};

use super::signature::{known, verify_signature};

/// A [`testing::ScriptedClient`] that verifies the signature (version 4) of each request, as the service would: use
/// [`testing::credentials`] for the session, or name others by [`signed_by`](Self::signed_by). A test of requests without
/// such a signature says so, by [`unverified`](Self::unverified).
///
/// # Panics
/// If a request is not signed by the expected credentials: not even a test that expects an error passes then.
#[derive(Clone, Debug)]
pub struct ScriptedClient {
    client: testing::ScriptedClient,
    /// The credentials that requests must be signed by; `None` if signatures are not verified.
    keys: Option<Vec<Credentials>>,
}

impl Default for ScriptedClient {
    fn default() -> Self {
        Self::new([])
    }
}

impl ScriptedClient {
    /// A client that responds with `replies` in order, and then with errors.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { client: testing::ScriptedClient::new(replies), keys: Some(known()) }
    }

    /// Accepts requests that are signed by `credentials`, too.
    #[must_use]
    pub fn signed_by(mut self, credentials: Credentials) -> Self {
        self.keys.get_or_insert_default().push(credentials);
        self
    }

    /// Does not verify signatures: for requests that are not signed, or in another way, or with keys made up by a reply.
    #[must_use]
    pub fn unverified(mut self) -> Self {
        self.keys = None;
        self
    }

    /// Appends a reply to the queue.
    pub fn push(&self, reply: Reply) {
        self.client.push(reply);
    }

    /// The requests received so far, with their bodies.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.client.requests()
    }

    /// The number of replies that are not used yet.
    pub fn remaining(&self) -> usize {
        self.client.remaining()
    }

    async fn respond(&self, mut request: Request) -> Result<Response, HttpError> {
        let received = ReceivedRequest::receive(&mut request).await?;
        if let Some(keys) = &self.keys
            && let Err(problem) = verify_signature(&received, keys)
        {
            let ReceivedRequest { method, url, .. } = received;
            panic!("the service would reject the signature of {method} {url} (see `ScriptedClient`): {problem}");
        }
        self.client.send(request).await
    }
}

impl HttpClient for ScriptedClient {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(self.respond(request))
    }
}
