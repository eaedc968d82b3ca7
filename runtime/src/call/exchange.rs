//! The stage that sends an attempt and receives its response, within the attempt's timeout. Knows no retry.

use std::time::Duration;

use super::context::Context;
use super::events::{self, EventSendGuard, ResponseEvents};
use super::{customization, hook_places, integrity, response, trace};
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::Hooks;
use crate::http::{HeaderMap, Request};
use crate::retry::FIRST_ERROR_STATUS;
use crate::schema::shape::Kind;
use crate::tokio_runtime;
use crate::types::ByteStream;

/// A successful response.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: ReceivedBody,
    pub(crate) attempts: u32,
    /// The pauses before retries.
    pub(crate) retry_delay: Duration,
}

#[derive(Debug)]
pub(crate) enum ReceivedBody {
    Buffered(bytes::Bytes),
    Streaming(ByteStream),
    /// Events, and the document with the members beside them.
    Events(Box<ResponseEvents>, bytes::Bytes),
}

/// Runs one exchange with the timeout of an attempt.
pub(super) async fn with_attempt_timeout<T>(cx: Context<'_>, exchange: impl Future<Output = Result<T>>) -> Result<T> {
    match cx.options.attempt_timeout.or(cx.client.config()?.timeouts.attempt) {
        None => exchange.await,
        Some(timeout) => {
            tokio_runtime::current()?;
            match tokio::time::timeout(timeout, exchange).await {
                Ok(result) => result,
                Err(_) => Err(timed_out("the attempt", timeout)),
            }
        }
    }
}

/// Sends a signed request, and returns the response if it is a successful one.
pub(super) async fn exchange(
    cx: Context<'_>,
    mut request: Request,
    send_guard: Option<EventSendGuard>,
    hooks: &mut Hooks,
) -> Result<Received> {
    let Context { client, plan, .. } = cx;
    let mut response = match hook_places::before_send(hooks, &mut request).await? {
        Some(response) => response,
        None => {
            let sent = client.http()?.send(request).await;
            sent.map_err(|it| EventSendGuard::explain(&send_guard, it.into()))?
        }
    };
    hook_places::after_response(hooks, &mut response).await?;
    let status = response.status.as_u16();
    trace::response(plan, status, &response.headers);
    if status < FIRST_ERROR_STATUS
        && let Some((_, union)) = events::event_stream_member(plan.output)
    {
        let head = (status, response.headers.clone());
        let mut events = Box::new(ResponseEvents::new(client, plan, head, response.body, send_guard)?);
        let initial = Box::pin(events.initial(union)).await?;
        let body = ReceivedBody::Events(events, initial);
        return Ok(Received { status, headers: response.headers, body, attempts: 0, retry_delay: Duration::ZERO });
    }
    let streams = plan.output.payload.is_some_and(|it| matches!(plan.output.members[it].node.kind, Kind::Stream));
    if status < FIRST_ERROR_STATUS && streams {
        let body = ReceivedBody::Streaming(response.body);
        return Ok(Received { status, headers: response.headers, body, attempts: 0, retry_delay: Duration::ZERO });
    }
    let response = response::read(response, client.config()?.max_response_bytes).await?;
    let is_error = || -> Result<bool> {
        integrity::verify_crc32(&response.headers, &response.body)?;
        Ok(status >= FIRST_ERROR_STATUS || customization::is_error(&plan.customizations, &response.body)?)
    };
    match is_error() {
        Ok(false) => {
            let body = ReceivedBody::Buffered(response.body);
            Ok(Received { status, headers: response.headers, body, attempts: 0, retry_delay: Duration::ZERO })
        }
        Ok(true) => Err(Error::from_response(client.service.as_ref(), response)),
        Err(error) => Err(error.with_response(response)),
    }
}

fn timed_out(what: &str, timeout: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("{what} timed out after {timeout:?}"))
}
