//! The typed part of a call: an input, options, and one generic `send`. Everything below it is type-erased.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::sync::Arc;
use std::time::Duration;

use super::client_state::ClientState;
use super::deadline::Deadline;
use super::metadata::ResponseMetadata;
use super::options::Options;
use super::pipeline::{self, Purpose, SendFuture};
use super::presign::PresignedRequest;
use crate::BoxFuture;
use crate::error::Result;
use crate::operation::{Operation, OperationPlan};
use crate::schema::StructureMut;
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
    /// Any kind of [`Error`](crate::Error). An input that is not valid is an error before anything is sent.
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
            let deadline = pipeline::begin(&call.client, plan, &call.options, Purpose::Send)?.ready().await?;
            let sent = call.start(plan, deadline)?.await?;
            let mut output = O::Output::default();
            let metadata = pipeline::finish(sent, StructureMut::new(&mut output))?;
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
        pipeline::start(client, plan, StructureMut::new(&mut input), options, deadline)
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
        let deadline = pipeline::begin(&client, plan, &options, Purpose::Presign)?.ready().await?;
        let presigned = pipeline::presign(&client, plan, StructureMut::new(&mut input), &options, deadline, expires);
        drop(input);
        presigned.await
    }
}

impl<O: Operation<Input: Send, Output: Send>> IntoFuture for Request<O> {
    type Output = Result<O::Output>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
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
