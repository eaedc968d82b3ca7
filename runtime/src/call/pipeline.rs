//! The line of a call: input → address → request → (identity → signature → exchange → verdict)* → output. Each stage is a
//! file with one way in, and is given what the stages before it made. Type-erased, so that a program contains it once.
//!
//! | stage | file | makes |
//! |---|---|---|
//! | input | `input` | a complete and valid input |
//! | address | `address` | [`Address`](super::address::Address): the endpoint |
//! | request | `build` | [`Built`]: the request that all attempts have in common |
//! | identity | `identity` | credentials or a token |
//! | signature | `signature` | the signed request of one attempt |
//! | exchange | `exchange` | [`Received`], or an error |
//! | verdict | `verdict` | whether `attempts` begins again |
//! | output | `output` | the output, and its metadata |
//!
//! A presigned URL goes the same way up to the request, and ends in `presign`. A request to a service without a model has no
//! address and no protocol: the hooks see what it is made of, and its attempts are those of any call.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tracing::{Instrument, Span};

use super::build::{Built, build};
use super::client_state::ClientState;
use super::context::Context;
pub(crate) use super::context::Purpose;
use super::deadline::Deadline;
use super::exchange::Received;
use super::metadata::ResponseMetadata;
use super::options::Options;
use super::output;
use super::presign::{PresignedRequest, presign as presign_request};
use super::trace::{self, Started};
use super::{address, attempts, discovery, events, hook_places, input as input_stage};
use crate::BoxFuture;
use crate::auth::Signing;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::Hooks;
use crate::http::Request;
use crate::operation::OperationPlan;
use crate::schema::dynamic::{self, Value};
use crate::schema::{StructureMut, StructureView};

/// A call in flight: what is needed to read its response.
pub(crate) struct SentCall {
    client: Arc<ClientState>,
    plan: &'static OperationPlan,
    built: Built,
    span: Span,
    started: Started,
    /// There once it has been sent.
    received: Option<Received>,
}

pub(crate) type SendFuture = BoxFuture<'static, Result<Box<SentCall>>>;

/// A call that has begun, and what it has to wait for: usually nothing.
pub(crate) struct Begun<'a> {
    deadline: Deadline,
    wait: Option<BoxFuture<'a, Result<()>>>,
}

impl Begun<'_> {
    /// Waits.
    pub(crate) async fn ready(self) -> Result<Deadline> {
        match self.wait {
            Some(wait) => wait.await.map(|()| self.deadline),
            None => Ok(self.deadline),
        }
    }
}

/// Begins a call: its time runs, and the credentials are fetched if the endpoint depends on their account id. Their
/// errors are reported when the call is signed, except a timeout, which would be waited for twice.
pub(crate) fn begin<'a>(
    client: &'a ClientState,
    plan: &'static OperationPlan,
    options: &'a Options,
    purpose: Purpose,
) -> Result<Begun<'a>> {
    let failed = move |error: Error| {
        // Presigning is no call that is reported.
        let span = if purpose == Purpose::Send { trace::span(client, plan) } else { Span::none() };
        let started = Started::of_call(&span);
        let _inside = span.enter();
        let error = not_begun(client, plan, &mut client.hooks(&options.hooks, plan), purpose, error);
        trace::failed(&span, started, &error);
        error
    };
    let deadline = Deadline::start(&*client.session, options).map_err(failed)?;
    if client.is_stubbed(&options.hooks) {
        return Ok(Begun { deadline, wait: None });
    }
    let wait = address::prefetch_account_id(client, options, deadline).map(|prefetch| {
        Box::pin(async move {
            match prefetch.await {
                Err(error) if error.kind() == ErrorKind::Timeout => Err(failed(error)),
                _ => Ok(()),
            }
        }) as BoxFuture<'_, _>
    });
    Ok(Begun { deadline, wait })
}

/// The error of a call that ends before its first attempt, reported to its hooks. Presigning has no end that they see.
fn not_begun(client: &ClientState, plan: &OperationPlan, hooks: &mut Hooks, purpose: Purpose, error: Error) -> Error {
    let error = error.with_service(client.service.id).with_operation(plan.name, 0);
    if purpose == Purpose::Send {
        hook_places::failed(hooks, &error);
    }
    error
}

fn context<'a>(
    client: &'a Arc<ClientState>,
    plan: &'static OperationPlan,
    options: &'a Options,
    deadline: Deadline,
    purpose: Purpose,
) -> Context<'a> {
    Context { client, plan, options, deadline, purpose, make_call: call_dynamic }
}

/// The stages that need not wait: from the input to the request.
fn prepare(cx: Context<'_>, input: StructureMut<'_>) -> Result<Built> {
    let refuses_none = |_: StructureView<'_>| None;
    prepare_with(cx, input, refuses_none, |mut input| {
        let completed = input_stage::complete(cx, &mut input)?;
        trace::input(input.view());
        let address = address::resolve(cx, input.view())?;
        let discovery = discovery::plan(cx, &address, input.view())?;
        let mut built = build(cx, completed, address, input)?;
        built.discovery = discovery;
        Ok(built)
    })
}

/// The first place of the hooks, and the stages after it.
fn prepare_with<'a>(
    cx: Context<'_>,
    mut input: StructureMut<'a>,
    refuses: impl Fn(StructureView<'_>) -> Option<&'static str>,
    stages: impl FnOnce(StructureMut<'a>) -> Result<Built>,
) -> Result<Built> {
    let mut hooks = cx.client.hooks(&cx.options.hooks, cx.plan);
    let enabled = events::check_enabled(cx.plan);
    let seen = enabled.and_then(|()| hook_places::before_build(&mut hooks, &mut input, refuses));
    match seen.and_then(|()| stages(input)) {
        Ok(mut built) => {
            built.hooks = hooks;
            Ok(built)
        }
        Err(error) => Err(not_begun(cx.client, cx.plan, &mut hooks, cx.purpose, error)),
    }
}

/// Makes the request. The future that sends it holds all that is sent, and not the input.
pub(crate) fn start(
    client: Arc<ClientState>,
    plan: &'static OperationPlan,
    input: StructureMut<'_>,
    options: Options,
    deadline: Deadline,
) -> Result<SendFuture> {
    let cx = context(&client, plan, &options, deadline, Purpose::Send);
    let span = trace::span(&client, plan);
    let started = Started::of_call(&span);
    let prepared = span.in_scope(|| prepare(cx, input));
    send(client, plan, options, deadline, (span, started), prepared)
}

/// Sends a request to a service without a model. `make` makes it of the input that the hooks have seen; `refuses` returns why
/// an input cannot be accepted as one of these left it.
pub(crate) fn start_request(
    client: Arc<ClientState>,
    plan: &'static OperationPlan,
    input: StructureMut<'_>,
    options: Options,
    deadline: Deadline,
    refuses: impl Fn(StructureView<'_>) -> Option<&'static str>,
    make: impl FnOnce(StructureView<'_>) -> Result<(Request, Signing)>,
) -> Result<SendFuture> {
    let cx = context(&client, plan, &options, deadline, Purpose::Send);
    let span = trace::span(&client, plan);
    let started = Started::of_call(&span);
    let stages = |input: StructureMut<'_>| {
        let (request, signing) = make(input.view())?;
        Ok(Built::of_request(&client, request, signing))
    };
    let prepared = span.in_scope(|| prepare_with(cx, input, refuses, stages));
    send(client, plan, options, deadline, (span, started), prepared)
}

/// The stages that wait: the attempts.
fn send(
    client: Arc<ClientState>,
    plan: &'static OperationPlan,
    options: Options,
    deadline: Deadline,
    (span, started): (Span, Started),
    prepared: Result<Built>,
) -> Result<SendFuture> {
    let built = prepared.inspect_err(|it| trace::failed(&span, started, it))?;
    trace::region(&span, built.signing.as_ref().map(|it| &*it.region));
    // Boxed, since futures are moved.
    let mut sent = Box::new(SentCall { client, plan, built, span, started, received: None });
    Ok(Box::pin(async move {
        let SentCall { client, built, span, received, .. } = &mut *sent;
        let cx = context(client, plan, &options, deadline, Purpose::Send);
        let result = {
            let attempts = pin!(attempts::run(cx, built));
            attempts.instrument(span.clone()).await
        };
        *received = Some(result.inspect_err(|it| trace::failed(span, started, it))?);
        Ok(sent)
    }))
}

/// Reads the response into the output.
pub(crate) fn finish(mut sent: Box<SentCall>, mut output: StructureMut<'_>) -> Result<ResponseMetadata> {
    let SentCall { client, plan, built, span, started, received } = &mut *sent;
    let received = received.take().expect("a call that was sent has a response");
    let _inside = span.enter();
    let read = output::read(client, plan, built, received, output.reborrow());
    let hooks = &mut built.hooks;
    match &read {
        Ok(metadata) => {
            trace::succeeded(span, *started, metadata.status, metadata.request_id(), metadata.attempts);
            trace::output(output.view());
            trace::retries(span, metadata.retry_delay, None);
            hook_places::succeeded(hooks, metadata, output.view());
        }
        Err(error) => {
            trace::failed(span, *started, error);
            hook_places::failed(hooks, error);
        }
    }
    read
}

/// Presigns the request of an input. The future that does it does not hold the input.
pub(crate) fn presign<'a>(
    client: &'a Arc<ClientState>,
    plan: &'static OperationPlan,
    input: StructureMut<'_>,
    options: &'a Options,
    deadline: Deadline,
    expires: Duration,
) -> impl Future<Output = Result<PresignedRequest>> + use<'a> {
    let cx = context(client, plan, options, deadline, Purpose::Presign);
    let built = prepare(cx, input);
    async move {
        let presigned = match built {
            Ok(mut built) => match built.discover(cx).await {
                Ok(()) => presign_request(cx, built, expires).await,
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        presigned.map_err(|it| it.with_service(client.service.id).with_operation(plan.name, 0))
    }
}

/// A whole call whose input and output are the members of dynamic structures: for a stage that needs the service's response
/// to another operation. Stages get it as a [`MakeCall`](super::context::MakeCall), since none imports the pipeline.
pub(super) fn call_dynamic(
    client: Arc<ClientState>,
    plan: &'static OperationPlan,
    mut input: Vec<Value>,
    options: Options,
) -> BoxFuture<'static, Result<Vec<Value>>> {
    Box::pin(async move {
        let deadline = begin(&client, plan, &options, Purpose::Send)?.ready().await?;
        let sent = start(client, plan, dynamic::fill(&mut input, plan.input), options, deadline)?.await?;
        let mut output = Vec::new();
        finish(sent, dynamic::fill(&mut output, plan.output))?;
        Ok(output)
    })
}
