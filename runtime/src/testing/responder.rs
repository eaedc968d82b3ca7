//! What responds to a call in a service's place, written for the protocol of the call. Knows no rule.

use std::any::Any;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::{Reply, ServiceError};
use crate::call::encode_output;
use crate::error::{Error, ErrorKind, Result};
use crate::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use crate::http::{HeaderValue, HttpError, Method, Response, StatusCode};
use crate::operation::{Operation, OperationPlan};
use crate::protocol::{EventFormat, Protocol, WrittenError, WrittenResponse, event_exception, write_output};
use crate::schema::copy::copy_structure;
use crate::schema::dynamic;
use crate::schema::events::Incoming;
use crate::schema::shape::Kind;
use crate::schema::{Shape, StructureMut, StructureView};
use crate::sync::lock;
use crate::types::ByteStream;

/// Responds to an attempt, or fails in place of a response. The outer error: the response cannot be written.
pub(super) type Responder = Arc<dyn Fn(&Attempt<'_>) -> Result<Result<Response, HttpError>> + Send + Sync>;

/// An attempt to call a service, as a responder sees it.
pub(super) struct Attempt<'a> {
    pub(super) protocol: &'static dyn Protocol,
    pub(super) plan: &'static OperationPlan,
    pub(super) host: &'a str,
    /// A copy of the input, if it was asked for.
    pub(super) input: Option<&'a Input>,
}

/// An input of any operation.
pub(super) type Input = dyn Any + Send + Sync;

/// Responds with an output. A stream in it is given as often as it can be read.
pub(super) fn output<O: Operation<Output: Send>>(output: O::Output) -> Responder {
    // The output until its protocol is known; what was written of it, until its stream is used up.
    let state = Mutex::new((Some(output), None::<(WrittenResponse, Option<ByteStream>)>));
    Arc::new(move |attempt| {
        let (output, written) = &mut *lock(&state);
        if let Some(it) = output {
            *written = Some(write(attempt, StructureMut::new(it))?);
            *output = None;
        }
        let used_up = || {
            let why = "the stream of its output can be read only once: make it of bytes in memory";
            Error::new(ErrorKind::Validation, why)
        };
        let (head, stream) = written.take().ok_or_else(used_up)?;
        match stream.as_ref().map(ByteStream::try_clone) {
            Some(None) => {}
            copy => *written = Some((head.clone(), copy.flatten())),
        }
        Ok(Ok(response(attempt, head, stream)?))
    })
}

/// Responds with an output that is computed from a copy of the input.
pub(super) fn computed<O: Operation>(compute: impl Fn(&O::Input) -> O::Output + Send + Sync + 'static) -> Responder {
    Arc::new(move |attempt| {
        let missing = || Error::new(ErrorKind::Validation, "the rule was changed while the call was made");
        let input = attempt.input.and_then(|it| it.downcast_ref::<O::Input>()).ok_or_else(missing)?;
        let (head, stream) = write(attempt, StructureMut::new(&mut compute(input)))?;
        Ok(Ok(response(attempt, head, stream)?))
    })
}

/// Responds with an error as the called service sends it.
pub(super) fn error(error: ServiceError) -> Responder {
    Arc::new(move |attempt| Ok(Ok(response(attempt, error.write(attempt.protocol, attempt.plan)?, None)?)))
}

/// Responds with a reply, or fails as it does.
pub(super) fn reply(reply: Reply) -> Responder {
    Arc::new(move |attempt| Ok(reply.clone().into_response(attempt.host)))
}

/// A copy of an input, without its streams.
pub(super) fn copy_input<O: Operation<Input: Send + Sync>>(input: StructureView<'_>) -> Box<Input> {
    let mut copy = O::Input::default();
    copy_structure(input, StructureMut::new(&mut copy));
    Box::new(copy)
}

fn response(attempt: &Attempt<'_>, written: WrittenResponse, stream: Option<ByteStream>) -> Result<Response> {
    let WrittenResponse { status, mut headers, body } = written;
    let body = stream.unwrap_or_else(|| body.into());
    if attempt.plan.method != Method::HEAD
        && let Some(len) = body.len()
    {
        headers.entry(CONTENT_LENGTH).or_insert(len.into());
    }
    let invalid = |it| Error::new(ErrorKind::Validation, format!("{status} is not an HTTP status")).with_source(it);
    Ok(Response::new(StatusCode::from_u16(status).map_err(invalid)?, headers, body))
}

/// Writes an output, and takes its stream.
fn write(attempt: &Attempt<'_>, mut output: StructureMut<'_>) -> Result<(WrittenResponse, Option<ByteStream>)> {
    let Attempt { protocol, plan, .. } = *attempt;
    encode_output(&plan.customizations, &mut output);
    let mut written = write_output(protocol, plan, output.view())?;
    let Some(member) = plan.output.payload.map(|it| &plan.output.members[it]) else { return Ok((written, None)) };
    let Kind::Events(kind) = &member.node.kind else { return Ok((written, output.take_stream(member))) };
    let format = EventFormat::for_protocol(protocol)?;
    let mut frames = Vec::new();
    if format.initial_message {
        frames.extend(format.initial_response(std::mem::take(&mut written.body))?.encode()?);
    }
    if let Some(events) = output.take_incoming(member) {
        write_events(format, kind.union.get(), events, &mut frames).map_err(|it| it.within(member.name))?;
    }
    written.body = frames.into();
    let media_type = HeaderValue::from_static(crate::eventstream::MEDIA_TYPE);
    written.headers.entry(CONTENT_TYPE).or_insert(media_type);
    Ok((written, None))
}

/// Writes events until the end of the stream, or the exception that ends it.
fn write_events(
    format: &EventFormat,
    union: &'static Shape,
    mut events: Box<dyn Incoming>,
    frames: &mut Vec<u8>,
) -> Result<()> {
    let mut context = Context::from_waker(Waker::noop());
    loop {
        let mut members = Vec::new();
        match events.poll_event(&mut context, dynamic::fill(&mut members, union)) {
            Poll::Ready(None) => return Ok(()),
            Poll::Ready(Some(Ok(()))) => frames.extend(format.write(dynamic::view(&members, union))?.encode()?),
            Poll::Ready(Some(Err(error))) => {
                let Some(code) = error.code() else { return Err(error) };
                let written = WrittenError { code, message: error.message(), status: None };
                let exception = error.exception_value().and_then(|it| it.view());
                let end = event_exception(format, dynamic::view(&members, union), &written, exception)?;
                frames.extend(end.encode()?);
                return Ok(());
            }
            Poll::Pending => {
                let why = "the events are not ready: a stub has them in memory, as `EventStream::from_results` does";
                return Err(Error::new(ErrorKind::Validation, why));
            }
        }
    }
}
