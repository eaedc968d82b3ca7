//! The typed part of a call: an input, options, and one generic `send`. Everything below it is type-erased.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::sync::Arc;
use std::time::Duration;

use super::client_state::ClientState;
use super::customization;
use super::deadline::Deadline;
use super::execute::{Received, ReceivedBody, execute};
use super::integrity;
use super::options::Options;
use super::prepare::{Prepared, Purpose, prepare};
use super::presign::{PresignedRequest, presign};
use super::resolve_endpoint::prefetch_account_id;
use super::response::explain_stream;
use crate::BoxFuture;
use crate::error::{Error, ErrorKind, RawResponse, Result};
use crate::http::HeaderMap;
use crate::operation::{Operation, OperationPlan};
use crate::protocol::ResponseParts;
use crate::schema::StructureMut;
use crate::schema::dynamic::Value;
use crate::schema::merge::{Each, Kept, merge};

/// A request of any service that has not been sent yet: its client, input and options.
///
/// Every client crate has its own `Request`, with the setters of its operations, and this one inside: `From`, `AsRef` and
/// `AsMut` lead here. Code that is generic over services stores and names this type, and has all methods of a request here;
/// those that a client crate's `Request` has too are the ones that no member of an input is named after.
///
/// ```
/// use aws_core::{Operation, Request, Result};
///
/// /// Sends requests of one operation, one after the other.
/// async fn send_all<O: Operation>(requests: Vec<impl Into<Request<O>>>) -> Result<Vec<O::Output>> {
///     let mut outputs = Vec::new();
///     for request in requests {
///         outputs.push(request.into().send().await?);
///     }
///     Ok(outputs)
/// }
/// ```
#[must_use = "a request does nothing until it is sent"]
pub struct Request<O: Operation> {
    pub(crate) client: Arc<ClientState>,
    // Public for the setters of client crates: a method for each would cost the compiler one more expression.
    #[doc(hidden)]
    pub input: O::Input,
    pub(crate) options: Options,
    /// The members of the input that it still has when it is sent, whatever the caller set.
    pub(crate) kept: Option<Kept>,
}

/// Status, headers and number of attempts of a response: what boto3 calls `ResponseMetadata`.
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
    /// The request id, if only the body has it.
    request_id: Option<String>,
}

#[cfg(any(test, feature = "test-util"))]
impl ResponseMetadata {
    /// The metadata of a response with this status, after one attempt and without headers, for tests.
    pub fn new(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), attempts: 1, request_id: None }
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

impl<O: Operation> Request<O> {
    /// A request with `input`, without options.
    #[doc(hidden)]
    pub fn new(client: Arc<ClientState>, input: O::Input) -> Self {
        Self { client, input, options: Options::default(), kept: None }
    }

    /// Keeps the members that the input has now.
    #[doc(hidden)]
    pub fn keep(&mut self, each: Each)
    where
        O::Input: Send + Sync,
    {
        self.kept = Some(Kept::new(&self.input, each));
    }

    /// Adds the input to `before`, as [`merge`] does.
    #[doc(hidden)]
    pub fn merge(&mut self, mut before: O::Input) {
        merge(&mut before, std::mem::take(&mut self.input), self.kept.as_ref().map_or(&[], Kept::each));
        self.input = before;
    }

    /// The input with the members that were set so far.
    pub fn input(&self) -> &O::Input {
        &self.input
    }

    /// The input, to change it.
    pub fn input_mut(&mut self) -> &mut O::Input {
        &mut self.input
    }

    /// The options that were set.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Sets the options of this request: credentials, region, endpoint URL, retries, timeouts, checksums, additional headers
    /// and query parameters. They replace options that were set before.
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// The name of the operation, as in the service's model: `GetObject`.
    pub fn operation(&self) -> &'static str {
        O::DESCRIPTOR.name()
    }

    /// The id of the service: `S3`.
    pub fn service(&self) -> &'static str {
        self.client.service.id
    }

    /// Sends the request and returns the output of the operation. Awaiting the request does the same.
    ///
    /// Retryable errors are retried according to the retry mode of the session.
    ///
    /// # Errors
    /// Any kind of [`Error`]. An input that is not valid is an error before anything is sent.
    pub fn send(self) -> impl Future<Output = Result<O::Output>> {
        let sent = self.send_with_metadata();
        async move { sent.await.map(|(output, _)| output) }
    }

    /// Sends the request and returns the output together with the response metadata: HTTP status, headers, request id and
    /// the number of attempts.
    ///
    /// # Errors
    /// The same as for [`send`](Self::send).
    pub fn send_with_metadata(self) -> impl Future<Output = Result<(O::Output, ResponseMetadata)>> {
        // An input may have thousands of bytes, and futures are moved: into tasks, into other futures.
        let call = Box::new(self);
        async move {
            let plan = OperationPlan::for_operation::<O>();
            let deadline = begin(&call.client, plan, &call.options).await?;
            let (sent, received) = call.start(plan, deadline)?.await?;
            let mut output = O::Output::default();
            let metadata = finish(&sent, received, StructureMut::new(&mut output))?;
            Ok((output, metadata))
        }
    }

    /// Makes the request. It holds all that is sent, so a large input need not stay in memory while it is in flight.
    #[expect(clippy::boxed_local, reason = "the future of `send` must never hold the input itself")]
    fn start(self: Box<Self>, plan: &'static OperationPlan, deadline: Deadline) -> Result<SendFuture> {
        let Self { client, mut input, options, kept } = *self;
        if let Some(kept) = kept {
            kept.restore(StructureMut::new(&mut input));
        }
        start(client, plan, StructureMut::new(&mut input), options, deadline)
    }

    /// Creates a presigned URL, with which anyone can send the request until `expires` has passed. Nothing is sent to the
    /// service. Some operations need headers or a body with the URL: they are part of the result.
    ///
    /// # Errors
    /// The input is not valid, `expires` is not between one second and seven days, or there are no credentials.
    pub async fn presign(self, expires: Duration) -> Result<PresignedRequest> {
        let Self { client, mut input, options, kept } = self;
        let plan = OperationPlan::for_operation::<O>();
        if let Some(kept) = kept {
            kept.restore(StructureMut::new(&mut input));
        }
        let deadline = begin(&client, plan, &options).await?;
        let prepared = prepare(&client, plan, StructureMut::new(&mut input), &options, Purpose::Presign);
        drop(input);
        let presigned = match prepared {
            Ok(prepared) => presign(&client, prepared, &options, expires, deadline).await,
            Err(error) => Err(error),
        };
        presigned.map_err(|it| it.with_service(client.service.id).with_operation(plan.name, 0))
    }
}

impl<O: Operation<Input: Send, Output: Send>> IntoFuture for Request<O> {
    type Output = Result<O::Output>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Begins a call: its time runs, and the credentials are fetched if the endpoint depends on their account id. Their
/// errors are reported when the call is signed, except a timeout, which would be waited for twice.
pub(crate) async fn begin(client: &ClientState, plan: &OperationPlan, options: &Options) -> Result<Deadline> {
    let with_operation = |error: Error| error.with_service(client.service.id).with_operation(plan.name, 0);
    let deadline = Deadline::start(&*client.session, options).map_err(with_operation)?;
    if let Some(prefetch) = prefetch_account_id(client, options, deadline) {
        match prefetch.await {
            Err(error) if error.kind() == ErrorKind::Timeout => return Err(with_operation(error)),
            _ => {}
        }
    }
    Ok(deadline)
}

impl<O: Operation<Input: fmt::Debug>> fmt::Debug for Request<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, input, options, kept: _ } = self;
        f.debug_struct("Request").field("client", client).field("input", input).field("options", options).finish()
    }
}

impl<O: Operation> Clone for Request<O>
where
    O::Input: Clone,
{
    fn clone(&self) -> Self {
        Self {
            client: Arc::clone(&self.client),
            input: self.input.clone(),
            options: self.options.clone(),
            kept: self.kept.clone(),
        }
    }
}

/// A call in flight: what is needed to read its response.
pub(crate) struct SentCall {
    client: Arc<ClientState>,
    prepared: Prepared,
}

pub(crate) type SendFuture = BoxFuture<'static, Result<(SentCall, Received)>>;

pub(crate) fn start(
    client: Arc<ClientState>,
    plan: &'static OperationPlan,
    input: StructureMut<'_>,
    options: Options,
    deadline: Deadline,
) -> Result<SendFuture> {
    let mut prepared = prepare(&client, plan, input, &options, Purpose::Send)
        .map_err(|it| it.with_service(client.service.id).with_operation(plan.name, 0))?;
    Ok(Box::pin(async move {
        let received = execute(&client, &mut prepared, &options, deadline).await?;
        Ok((SentCall { client, prepared }, received))
    }))
}

/// Reads the response into the output.
pub(crate) fn finish(sent: &SentCall, received: Received, mut output: StructureMut<'_>) -> Result<ResponseMetadata> {
    let SentCall { client, prepared } = sent;
    let plan = prepared.plan;
    let Received { status, headers, body, attempts } = received;
    let empty = bytes::Bytes::new();
    let mut body_request_id = None;
    let bytes = match &body {
        ReceivedBody::Buffered(bytes) | ReceivedBody::Events(_, bytes) => bytes,
        ReceivedBody::Streaming(_) => &empty,
    };
    let mut parse = || -> Result<()> {
        if prepared.integrity.verify {
            integrity::verify_buffered(plan, &headers, &body)?;
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
            let verify = prepared.integrity.verify;
            let stream = if verify { integrity::verify_stream(plan, &headers, stream) } else { stream };
            let stream = explain_stream(
                stream,
                (client.service.id, plan.name),
                &prepared.request.url,
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
    customization::decode_output(&plan.customizations, prepared.requested_url_encoding, &mut output);
    Ok(ResponseMetadata { status, headers, attempts, request_id: body_request_id })
}
