//! The typed shell of a call: an input, options, and one generic `send`. Everything behind it is erased.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::address::account;
use super::core::Core;
use super::execute::{Received, ReceivedBody, execute};
use super::integrity;
use super::options::Options;
use super::prepare::{Prepared, Purpose, prepare};
use super::presign::{PresignedRequest, presign};
use super::special;
use crate::error::Result;
use crate::http::{BoxFuture, HeaderMap};
use crate::operation::{Operation, Plan};
use crate::protocol::Answer;
use crate::schema::StructureMut;
use crate::schema::dynamic::Value;

/// A call that was not made yet.
pub struct Call<O: Operation> {
    /// What all calls of the client share.
    pub core: Arc<Core>,
    /// The input.
    pub input: O::Input,
    /// Changes for this call.
    pub options: Options,
}

/// The head of an answer beside its output: what boto3 calls `ResponseMetadata`.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// How many times the request was sent.
    pub attempts: u32,
    /// The id that only the body told.
    request_id: Option<String>,
}

impl Metadata {
    /// The id that the service gave the request.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers).or(self.request_id.as_deref())
    }

    /// S3's second id, `x-amz-id-2`.
    pub fn extended_request_id(&self) -> Option<&str> {
        self.headers.get("x-amz-id-2")?.to_str().ok()
    }
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|it| headers.get(*it)?.to_str().ok())
}

impl<O: Operation> Call<O> {
    /// A call of `input`.
    pub fn new(core: Arc<Core>, input: O::Input) -> Self {
        Self { core, input, options: Options::default() }
    }

    /// Makes the call.
    pub async fn send(self) -> Result<(O::Output, Metadata)> {
        let Self { core, mut input, options } = self;
        let plan = Plan::of::<O>();
        if let Some(account) = account(&core) {
            account.await;
        }
        let sent = start(core, plan, StructureMut::new(&mut input), options);
        // The request holds all it needs, and large inputs need not live while it is on its way.
        drop(input);
        let (sent, received) = sent?.await?;
        let mut output = O::Output::default();
        let metadata = finish(&sent, received, StructureMut::new(&mut output))?;
        Ok((output, metadata))
    }

    /// Signs a URL that makes the call for whoever has it.
    pub async fn presign(self, expires: Duration) -> Result<PresignedRequest> {
        let Self { core, mut input, options } = self;
        let plan = Plan::of::<O>();
        if let Some(account) = account(&core) {
            account.await;
        }
        let prepared = prepare(&core, plan, StructureMut::new(&mut input), &options, Purpose::Presign);
        drop(input);
        let prepared = prepared.map_err(|it| it.of_call(plan.name, 0))?;
        presign(&core, prepared, expires).await.map_err(|it| it.of_call(plan.name, 0))
    }
}

impl<O: Operation<Input: fmt::Debug>> fmt::Debug for Call<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { core, input, options } = self;
        f.debug_struct("Call").field("core", core).field("input", input).field("options", options).finish()
    }
}

impl<O: Operation> Clone for Call<O>
where
    O::Input: Clone,
{
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core), input: self.input.clone(), options: self.options.clone() }
    }
}

/// A call on its way: what its answer is finished with.
pub(crate) struct Sent {
    core: Arc<Core>,
    prepared: Prepared,
}

pub(crate) type Sending = BoxFuture<'static, Result<(Sent, Received)>>;

pub(crate) fn start(
    core: Arc<Core>,
    plan: &'static Plan,
    input: StructureMut<'_>,
    options: Options,
) -> Result<Sending> {
    let mut prepared = prepare(&core, plan, input, &options, Purpose::Send).map_err(|it| it.of_call(plan.name, 0))?;
    Ok(Box::pin(async move {
        let received = execute(&core, &mut prepared, &options).await?;
        Ok((Sent { core, prepared }, received))
    }))
}

/// Reads the answer into the output.
pub(crate) fn finish(sent: &Sent, received: Received, mut output: StructureMut<'_>) -> Result<Metadata> {
    let Sent { core, prepared } = sent;
    let plan = prepared.plan;
    let Received { status, headers, body, attempts } = received;
    let empty = bytes::Bytes::new();
    let mut told = None;
    let mut read = || -> Result<()> {
        let whole = match &body {
            ReceivedBody::Whole(bytes) | ReceivedBody::Events(_, bytes) => bytes,
            ReceivedBody::Streaming(_) => &empty,
        };
        if prepared.integrity.verify {
            integrity::verify_whole(plan, &headers, &body)?;
        }
        let answer = Answer { status, headers: &headers, body: whole };
        if request_id(&headers).is_none() {
            told = core.service.protocol.request_id(answer);
        }
        core.service.protocol.parse(plan, answer, output.reborrow())
    };
    read().map_err(|it| it.of_call(plan.name, attempts))?;
    let payload = plan.output.payload.map(|it| &plan.output.members[it]);
    match (body, payload) {
        (ReceivedBody::Streaming(stream), Some(member)) => {
            let verify = prepared.integrity.verify;
            let stream = if verify { integrity::verify_stream(plan, &headers, stream) } else { stream };
            output.slot(member).put(Value::Stream(stream));
        }
        (ReceivedBody::Events(mut answers, _), Some(member)) => {
            answers.attempts = attempts;
            output.set_events(member, answers);
        }
        _ => {}
    }
    special::read(&plan.special, prepared.asked_encoded, &mut output);
    Ok(Metadata { status, headers, attempts, request_id: told })
}
