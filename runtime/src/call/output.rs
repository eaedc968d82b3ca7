//! The last stage of a call: the response is read into the output, and what it says beside it becomes the metadata. Knows
//! no request.

use super::build::Built;
use super::client_state::ClientState;
use super::exchange::{Received, ReceivedBody};
use super::metadata::{ResponseMetadata, request_id};
use super::response::explain_stream;
use super::{customization, integrity};
use crate::error::{RawResponse, Result};
use crate::operation::OperationPlan;
use crate::protocol::ResponseParts;
use crate::schema::StructureMut;
use crate::schema::dynamic::Value;

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
