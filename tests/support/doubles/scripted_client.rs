//! An HTTP client with scripted responses that verifies signatures. Opens no connection.

use std::sync::{Arc, Mutex, PoisonError};

use aws_core::http::{HttpClient, HttpError, Request, Response};
use aws_core::testing::{self, ReceivedRequest, Reply};
use aws_core::{BoxFuture, Credentials};

use super::signature::{known, verify_signature};

/// A [`testing::ScriptedClient`] that verifies the signature (version 4) of each request, as the service would: use
/// [`testing::credentials`] for the session, or name others by [`signed_by`](Self::signed_by). A test of requests without
/// such a signature says so, by [`unverified`](Self::unverified).
///
/// # Panics
/// If a request is not signed by the expected credentials, and when the last clone is dropped then: the runtime may have
/// sent it in a task of its own, whose panic it reports as an error. Not even a test that expects an error passes.
#[derive(Clone, Debug)]
pub struct ScriptedClient {
    client: testing::ScriptedClient,
    rejected: Arc<Rejected>,
    /// The credentials that requests must be signed by; `None` if signatures are not verified.
    keys: Option<Vec<Credentials>>,
}

/// Why the first request was rejected.
#[derive(Debug, Default)]
struct Rejected(Mutex<Option<String>>);

impl Drop for Rejected {
    fn drop(&mut self) {
        if let Some(why) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
            && !std::thread::panicking()
        {
            panic!("{why}");
        }
    }
}

impl Default for ScriptedClient {
    fn default() -> Self {
        Self::new([])
    }
}

impl ScriptedClient {
    /// A client that responds with `replies` in order, and then with errors.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { client: testing::ScriptedClient::new(replies), rejected: Arc::default(), keys: Some(known()) }
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
            let why =
                format!("the service would reject the signature of {method} {url} (see `ScriptedClient`): {problem}");
            self.rejected.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| why.clone());
            panic!("{why}");
        }
        self.client.send(request).await
    }
}

impl HttpClient for ScriptedClient {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(self.respond(request))
    }
}

#[cfg(test)]
mod tests {
    use aws_core::http::{Method, Url};

    use super::*;

    #[tokio::test]
    #[should_panic(expected = "the service would reject the signature of GET https://h/")]
    async fn a_wrong_signature_fails_a_test_that_expects_an_error() {
        let client = ScriptedClient::new([]);
        let (in_task, request) = (client.clone(), Request::new(Method::GET, Url::parse("https://h/").expect("a URL")));
        tokio::spawn(async move { in_task.send(request).await }).await.expect_err("the task's own panic");
        drop(client);
    }
}
