//! Requests to metadata servers: limited in time and size, and sent without a proxy. Knows no path.

use std::time::Duration;

use super::SharedContext;
use crate::call::user_agent;
use crate::codec::json;
use crate::http::{HttpError, HttpErrorKind, Request, header};
use crate::tokio_runtime;

/// Larger response bodies are an error. Our choice: no metadata server returns as much.
const MAX_BYTES: usize = 64 * 1024;
/// How much of a server's error message is quoted. Our choice, to keep our own messages readable.
const MAX_MESSAGE_CHARS: usize = 200;

/// A response with its complete body.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// The body as a string, trimmed; `None` if it is not UTF-8.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok().map(str::trim)
    }

    /// The status of an error response, and the message in its JSON body, if it has one.
    pub(super) fn status_and_message(&self) -> String {
        let document = json::value(&self.body).ok();
        let message = document.as_ref().and_then(|it| it.get("message").or_else(|| it.get("Message"))?.as_str());
        match message {
            Some(message) => {
                format!("status {}: {}", self.status, message.chars().take(MAX_MESSAGE_CHARS).collect::<String>())
            }
            None => format!("status {}", self.status),
        }
    }
}

/// Sends a request and reads its response, both together within `timeout`.
pub(super) async fn send(
    context: &SharedContext,
    mut request: Request,
    timeout: Duration,
) -> Result<Response, HttpError> {
    tokio_runtime::current().map_err(|_| HttpError::new(HttpErrorKind::Other, tokio_runtime::MISSING))?;
    let host = request.url.authority().to_owned();
    request.headers.insert(header::USER_AGENT, user_agent::for_metadata_server(context.variables()));
    let http = context.direct_http().map_err(|it| HttpError::new(HttpErrorKind::Other, it.to_string()))?;
    let exchange = async {
        let mut response = http.send(request).await?;
        let mut body = Vec::new();
        loop {
            match response.body.try_next().await {
                Ok(None) => break,
                Ok(Some(bytes)) if body.len() + bytes.len() <= MAX_BYTES => body.extend_from_slice(&bytes),
                Ok(Some(_)) => {
                    let message = format!("{host} returned more than {MAX_BYTES} bytes");
                    return Err(HttpError::new(HttpErrorKind::Other, message));
                }
                Err(problem) => return Err(HttpError::new(HttpErrorKind::Io, problem.to_string())),
            }
        }
        Ok(Response { status: response.status.as_u16(), body })
    };
    match tokio::time::timeout(timeout, exchange).await {
        Ok(response) => response,
        Err(_) => Err(HttpError::timed_out(&host, timeout)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::credential_providers::tests::Fixture;
    use crate::http::{Method, Url};
    use crate::testing::Reply;

    #[tokio::test]
    async fn requests_have_a_user_agent_and_use_no_proxy() {
        let fixture = Fixture::new("");
        let proxy = [("HTTP_PROXY", "http://127.0.0.1:1"), ("AWS_EXECUTION_ENV", "here")];
        let context: SharedContext = Arc::new(fixture.session(&proxy));
        fixture.server.push(Reply::ok(" role\n"));
        let url = Url::parse(format!("{}/latest", fixture.server.url())).expect("a URL");
        let request = Request::new(Method::GET, url);
        let response = send(&context, request, Duration::from_secs(60)).await.expect("a response");
        assert_eq!((response.status, response.text()), (200, Some("role")));
        let agent = fixture.server.requests()[0].header("user-agent").to_owned();
        assert!(agent.starts_with("aws-core-rust/") && agent.ends_with(" exec-env/here"), "{agent}");
    }
}
