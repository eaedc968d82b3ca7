//! An HTTP client with scripted responses. Opens no connection.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::{ReceivedRequest, Reply};
use crate::BoxFuture;
use crate::credentials::Credentials;
use crate::http::{HttpClient, HttpError, HttpErrorKind, Request, Response};
use crate::sync::lock;

/// Credentials for tests.
pub fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

/// An HTTP client that responds with a queue of replies and records the requests. Clones share both.
#[derive(Clone, Debug, Default)]
pub struct ScriptedClient {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    requests: Arc<Mutex<Vec<ReceivedRequest>>>,
}

impl ScriptedClient {
    /// A client that responds with `replies` in order, and then with errors.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { replies: Arc::new(Mutex::new(replies.into_iter().collect())), ..Self::default() }
    }

    /// Appends a reply to the queue.
    pub fn push(&self, reply: Reply) {
        lock(&self.replies).push_back(reply);
    }

    /// The requests received so far, with their bodies.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        lock(&self.requests).clone()
    }

    /// The number of replies that are not used yet.
    pub fn remaining(&self) -> usize {
        lock(&self.replies).len()
    }

    async fn respond(&self, mut request: Request) -> Result<Response, HttpError> {
        let host = request.url.authority().to_owned();
        let received = ReceivedRequest::receive(&mut request).await?;
        lock(&self.requests).push(received);
        let Some(reply) = lock(&self.replies).pop_front() else {
            return Err(HttpError::new(
                HttpErrorKind::Other,
                format!("the test has no network, and no scripted reply left for the request to {host}"),
            ));
        };
        reply.into_response(&host)
    }
}

impl HttpClient for ScriptedClient {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(self.respond(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::http::{Method, Url};

    fn request(body: &'static str) -> Request {
        Request { body: body.into(), ..Request::new(Method::PUT, Url::parse("https://h:1/p?q").unwrap()) }
    }

    #[tokio::test]
    async fn replies_are_sent_in_order_and_requests_recorded() {
        let replies = [Reply::ok("one").header("x-a", "1"), Reply::failure(HttpErrorKind::Connect)];
        let client = ScriptedClient::new(replies);
        let first = client.send(request("body")).await.unwrap();
        assert_eq!((first.status.as_u16(), first.headers["x-a"].as_bytes()), (200, &b"1"[..]));
        assert_eq!(&*first.body.collect().await.unwrap(), b"one");
        assert_eq!(client.send(request("")).await.unwrap_err().kind(), HttpErrorKind::Connect);
        assert_eq!(client.remaining(), 0);
        assert_eq!(client.send(request("")).await.unwrap_err().kind(), HttpErrorKind::Other);
        let seen = client.requests();
        assert_eq!((seen.len(), seen[0].method.as_str(), seen[0].target.as_str()), (3, "PUT", "/p?q"));
        assert_eq!(&seen[0].body[..], b"body");
    }

    #[tokio::test]
    async fn the_target_of_a_request_is_its_path_whatever_that_contains() {
        let client = ScriptedClient::new([]);
        for (url, target) in [("https://p/p/p?p", "/p/p?p"), ("https://h?q", "/?q"), ("https://tps://", "//")] {
            let _ = client.send(Request::new(Method::GET, Url::parse(url).unwrap())).await;
            assert_eq!(client.requests().pop().unwrap().target, target, "{url}");
        }
    }

    #[tokio::test]
    async fn faults_are_reported_as_errors() {
        let replies =
            [Reply::ok("12345").truncated(2), Reply::ok("12345").stalled(2), Reply::close(), Reply::silence()];
        let client = ScriptedClient::new(replies);
        for kind in [ErrorKind::Io, ErrorKind::Timeout] {
            let reply = client.send(request("")).await.unwrap();
            assert_eq!(reply.body.collect().await.unwrap_err().kind(), kind);
        }
        for kind in [HttpErrorKind::Io, HttpErrorKind::Timeout] {
            assert_eq!(client.send(request("")).await.unwrap_err().kind(), kind);
        }
    }
}
