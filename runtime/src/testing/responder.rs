//! What a rule of a stub responds with, written for the protocol of the call. Knows no rule.

use std::any::Any;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::{Reply, ServiceError};
use crate::call::encode_output;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HttpError, Method, Response, StatusCode};
use crate::operation::{Operation, OperationPlan};
use crate::protocol::{
    CONTENT_LENGTH, EventFormat, Protocol, WrittenError, WrittenResponse, event_exception, events_member, write_output,
};
use crate::schema::copy::copy_structure;
use crate::schema::dynamic;
use crate::schema::events::Incoming;
use crate::schema::shape::Kind;
use crate::schema::{Shape, StructureMut, StructureView};
use crate::sync::lock;
use crate::types::ByteStream;

/// What a rule responds with.
pub(super) enum Responder {
    Output(Box<Write>),
    Computed { copy: Box<CopyInput>, compute: Box<Compute> },
    Error(ServiceError),
    Reply(Reply),
}

type Write = dyn Fn(&'static dyn Protocol, &OperationPlan) -> Result<Response> + Send + Sync;
type CopyInput = dyn Fn(StructureView<'_>) -> Arc<dyn Any + Send + Sync> + Send + Sync;
type Compute =
    dyn Fn(&'static dyn Protocol, &OperationPlan, &(dyn Any + Send + Sync)) -> Result<Response> + Send + Sync;

/// An output that is written when its protocol is known.
enum Output<T> {
    Value(T),
    Written(WrittenResponse, Option<ByteStream>),
    /// A stream that can be read only once was given.
    UsedUp,
}

impl Responder {
    pub(super) fn output<O: Operation<Output: Send>>(output: O::Output) -> Self {
        let output = Mutex::new(Output::Value(output));
        Self::Output(Box::new(move |protocol, plan| {
            let mut output = lock(&output);
            if let Output::Value(value) = &mut *output {
                let (written, stream) = write(protocol, plan, StructureMut::new(value))?;
                *output = Output::Written(written, stream);
            }
            let (written, stream) = match &mut *output {
                Output::Written(written, stream) => (written.clone(), stream.take()),
                Output::Value(_) | Output::UsedUp => {
                    let why = "the stream of its output can be read only once: make it of bytes in memory";
                    return Err(Error::new(ErrorKind::Validation, why));
                }
            };
            match (&mut *output, stream.as_ref().map(ByteStream::try_clone)) {
                (Output::Written(_, kept), Some(Some(copy))) => *kept = Some(copy),
                (output, Some(None)) => *output = Output::UsedUp,
                _ => {}
            }
            response(plan, written, stream)
        }))
    }

    pub(super) fn computed<O: Operation<Input: Send + Sync>>(
        compute: impl Fn(&O::Input) -> O::Output + Send + Sync + 'static,
    ) -> Self {
        Self::Computed {
            copy: Box::new(|input| {
                let mut copy = O::Input::default();
                copy_structure(input, StructureMut::new(&mut copy));
                Arc::new(copy)
            }),
            compute: Box::new(move |protocol, plan, input| {
                let missing = || Error::new(ErrorKind::Validation, "the input is not that of the operation");
                let mut output = compute(input.downcast_ref::<O::Input>().ok_or_else(missing)?);
                let (written, stream) = write(protocol, plan, StructureMut::new(&mut output))?;
                response(plan, written, stream)
            }),
        }
    }

    /// The response to a call, or the failure in its place.
    ///
    /// # Errors
    /// The response cannot be written.
    pub(super) fn respond(
        &self,
        protocol: &'static dyn Protocol,
        plan: &OperationPlan,
        input: Option<&(dyn Any + Send + Sync)>,
        host: &str,
    ) -> Result<Result<Response, HttpError>> {
        Ok(match (self, input) {
            (Self::Output(write), _) => Ok(write(protocol, plan)?),
            (Self::Computed { compute, .. }, Some(input)) => Ok(compute(protocol, plan, input)?),
            (Self::Computed { .. }, None) => {
                return Err(Error::new(ErrorKind::Validation, "the rule was changed while the call was made"));
            }
            (Self::Error(error), _) => Ok(error_response(error, protocol, plan)?),
            (Self::Reply(reply), _) => reply.clone().into_response(host),
        })
    }
}

/// The response with an error.
pub(super) fn error_response(error: &ServiceError, protocol: &dyn Protocol, plan: &OperationPlan) -> Result<Response> {
    response(plan, error.write(protocol, plan)?, None)
}

fn response(plan: &OperationPlan, written: WrittenResponse, stream: Option<ByteStream>) -> Result<Response> {
    let WrittenResponse { status, mut headers, body } = written;
    let body = stream.unwrap_or_else(|| body.into());
    if plan.method != Method::HEAD
        && let Some(len) = body.len()
    {
        headers.entry(CONTENT_LENGTH).or_insert(len.into());
    }
    let invalid = |it| Error::new(ErrorKind::Validation, format!("{status} is not an HTTP status")).with_source(it);
    Ok(Response::new(StatusCode::from_u16(status).map_err(invalid)?, headers, body))
}

/// Writes an output, and takes its stream.
fn write(
    protocol: &dyn Protocol,
    plan: &OperationPlan,
    mut output: StructureMut<'_>,
) -> Result<(WrittenResponse, Option<ByteStream>)> {
    encode_output(&plan.customizations, &mut output);
    let mut written = write_output(protocol, plan, output.view())?;
    if let Some(member) = events_member(plan) {
        let Kind::Events(kind) = &member.node.kind else { return Ok((written, None)) };
        let format = EventFormat::for_protocol(protocol)?;
        let mut frames = Vec::new();
        if format.initial_message {
            frames.extend(format.initial_response(std::mem::take(&mut written.body))?.encode()?);
        }
        if let Some(events) = output.take_incoming(member) {
            write_events(format, kind.union.get(), events, &mut frames).map_err(|it| it.within(member.name))?;
        }
        written.body = frames.into();
        written
            .headers
            .entry("content-type")
            .or_insert(crate::http::HeaderValue::from_static(crate::eventstream::MEDIA_TYPE));
        return Ok((written, None));
    }
    let stream = plan.output.payload.map(|it| &plan.output.members[it]);
    let stream = stream.filter(|it| matches!(it.node.kind, Kind::Stream)).and_then(|it| output.take_stream(it));
    Ok((written, stream))
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
                let end: Bytes =
                    event_exception(format, dynamic::view(&members, union), &written, exception)?.encode()?;
                frames.extend(end);
                return Ok(());
            }
            Poll::Pending => {
                let why = "the events are not ready: a stub has them in memory, as `EventStream::from_results` does";
                return Err(Error::new(ErrorKind::Validation, why));
            }
        }
    }
}
