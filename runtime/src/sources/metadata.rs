//! Requests to metadata servers: bounded in time and size, by the connections that go through no proxy. Knows no path.

use std::time::Duration;

use serde_json::Value;

use super::Around;
use crate::call::user_agent;
use crate::http::{HttpError, HttpErrorKind, Request, header};

/// More than any metadata server answers.
const MOST_BYTES: usize = 64 * 1024;
/// More of an error's text is not told.
const MOST_CHARS: usize = 200;

/// An answer, whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The body as text, trimmed.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok().map(str::trim)
    }

    /// What a refusal says about itself: its status, and its message if it is such a document.
    pub(super) fn refusal(&self) -> String {
        let document = serde_json::from_slice::<Value>(&self.body).ok();
        let said = document.as_ref().and_then(|it| it.get("message").or_else(|| it.get("Message"))?.as_str());
        match said {
            Some(said) => format!("status {}: {}", self.status, said.chars().take(MOST_CHARS).collect::<String>()),
            None => format!("status {}", self.status),
        }
    }
}

/// Sends a request and reads its answer, all within `limit`.
pub(super) async fn exchange(around: &Around, mut request: Request, limit: Duration) -> Result<Answer, HttpError> {
    let host = request.url.authority().to_owned();
    request.headers.insert(header::USER_AGENT, user_agent::of_metadata(around.variables()));
    let http = around.direct_http().map_err(|it| HttpError::new(HttpErrorKind::Other, it.to_string()))?;
    let talk = async {
        let mut response = http.send(request).await?;
        let mut body = Vec::new();
        loop {
            match response.body.try_next().await {
                Ok(None) => break,
                Ok(Some(bytes)) if body.len() + bytes.len() <= MOST_BYTES => body.extend_from_slice(&bytes),
                Ok(Some(_)) => {
                    let message = format!("{host} answered with more than {MOST_BYTES} bytes");
                    return Err(HttpError::new(HttpErrorKind::Other, message));
                }
                Err(problem) => return Err(HttpError::new(HttpErrorKind::Io, problem.to_string())),
            }
        }
        Ok(Answer { status: response.status.as_u16(), body })
    };
    match tokio::time::timeout(limit, talk).await {
        Ok(answer) => answer,
        Err(_) => Err(HttpError::timed_out(&host, limit)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::http::{Method, Url};
    use crate::sources::tests::Scene;
    use crate::test_util::Reply;

    #[tokio::test]
    async fn servers_are_told_who_asks_and_asked_without_a_proxy() {
        let scene = Scene::new("");
        let proxy = [("HTTP_PROXY", "http://127.0.0.1:1"), ("AWS_EXECUTION_ENV", "here")];
        let around: Around = Arc::new(scene.session(&proxy));
        scene.server.push(Reply::ok(" role\n"));
        let url = Url::parse(format!("{}/latest", scene.server.url())).expect("a URL");
        let request = Request::new(Method::GET, url);
        let answer = exchange(&around, request, Duration::from_secs(60)).await.expect("an answer");
        assert_eq!((answer.status, answer.text()), (200, Some("role")));
        let agent = scene.server.requests()[0].header("user-agent").to_owned();
        assert!(agent.starts_with("aws-core-rust/") && agent.ends_with(" exec-env/here"), "{agent}");
    }
}
