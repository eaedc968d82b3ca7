//! The last stage of a call: the response is read into the output, and what it says beside it becomes the metadata. Knows
//! no request.

use std::time::Duration;

use super::build::Built;
use super::client_state::ClientState;
use super::exchange::{Received, ReceivedBody};
use super::response::explain_stream;
use super::{customization, integrity};
use crate::error::{RawResponse, Result};
use crate::http::HeaderMap;
use crate::operation::OperationPlan;
use crate::protocol::ResponseParts;
use crate::schema::StructureMut;
use crate::schema::dynamic::Value;

/// Status, headers, attempts and pauses of a response: what boto3 calls `ResponseMetadata`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResponseMetadata {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// How many times the request was sent: the first attempt, retries, and repetitions with another clock or in another
    /// region.
    pub attempts: u32,
    /// The pauses before retries, all together. Waiting for the rate of the adaptive mode is not part of it.
    pub retry_delay: Duration,
    /// The request id, if only the body has it.
    request_id: Option<String>,
}

#[cfg(any(test, feature = "testing"))]
impl ResponseMetadata {
    /// The metadata of a response with this status, after one attempt and without headers, for tests.
    pub fn new(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), attempts: 1, retry_delay: Duration::ZERO, request_id: None }
    }

    /// Sets the request id, for tests.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// Adds a header, for tests.
    ///
    /// # Panics
    /// If the name or the value is invalid.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let name = crate::http::HeaderName::try_from(name).expect("a valid header name");
        self.headers.append(name, value.parse().expect("a valid header value"));
        self
    }

    /// Sets the number of attempts, for tests.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }
}

impl ResponseMetadata {
    /// The id that the service gave the request.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers).or(self.request_id.as_deref())
    }

    /// S3's second request id, `x-amz-id-2`.
    pub fn extended_request_id(&self) -> Option<&str> {
        self.headers.get("x-amz-id-2")?.to_str().ok()
    }
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|it| headers.get(*it)?.to_str().ok())
}

/// Reads the response into the output.
pub(super) fn read(
    client: &ClientState,
    plan: &'static OperationPlan,
    built: &Built,
    received: Received,
    mut output: StructureMut<'_>,
) -> Result<ResponseMetadata> {
    let Received { status, headers, body, attempts, retry_delay } = received;
    let empty = bytes::Bytes::new();
    let mut body_request_id = None;
    let bytes = match &body {
        ReceivedBody::Buffered(bytes) | ReceivedBody::Events(_, bytes) => bytes,
        ReceivedBody::Streaming(_) => &empty,
    };
    let mut parse = || -> Result<()> {
        if built.integrity.verify && matches!(body, ReceivedBody::Buffered(_)) {
            integrity::verify_buffered(plan, &headers, bytes)?;
        }
        let response = ResponseParts { status, headers: &headers, body: bytes };
        if request_id(&headers).is_none() {
            body_request_id = client.service.protocol.request_id(response);
        }
        client.service.protocol.parse(plan, response, output.reborrow())
    };
    parse().map_err(|it| {
        let response = RawResponse { status, headers: headers.clone(), body: bytes.clone() };
        it.with_service(client.service.id).with_operation(plan.name, attempts).with_response(response)
    })?;
    let payload = plan.output.payload.map(|it| &plan.output.members[it]);
    match (body, payload) {
        (ReceivedBody::Streaming(stream), Some(member)) => {
            let verify = built.integrity.verify;
            let stream = if verify { integrity::verify_stream(plan, &headers, stream) } else { stream };
            let stream = explain_stream(
                stream,
                (client.service.id, plan.name),
                &built.request.url,
                attempts,
                (status, &headers),
            );
            output.slot(member).put(Value::Stream(stream));
        }
        (ReceivedBody::Events(mut events, _), Some(member)) => {
            events.attempts = attempts;
            output.set_events(member, events);
        }
        _ => {}
    }
    customization::decode_output(&plan.customizations, built.completed.requested_url_encoding, &mut output);
    Ok(ResponseMetadata { status, headers, attempts, retry_delay, request_id: body_request_id })
}
