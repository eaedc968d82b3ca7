//! Hooks: code of a program that sees and changes its calls, and responds in a service's place. Here are the trait and what
//! it sees; the call decides when. Knows no call and no session.
//!
//! A hook of a session is added by [`SessionBuilder::hook`](crate::SessionBuilder::hook), one of a single call by
//! [`Options::hook`](crate::Options::hook). One client has hooks of its own if it is made of a session derived for it, which
//! shares credentials and connections: `Client::new(&session.to_builder().hook(hook).build()?)`. For the common cases there
//! are functions:
//!
//! ```
//! use aws_core::{Session, hooks};
//!
//! let session = Session::builder()
//!     .hook(hooks::header("x-amzn-logs-format", "json/emf"))
//!     .hook(hooks::after_call(|call, outcome| {
//!         println!("{} took {:?}: {:?}", call.operation(), call.elapsed(), outcome.status());
//!     }));
//! ```
//!
//! # Places and order
//!
//! | place | when | what a hook does there |
//! |---|---|---|
//! | [`before_build`](Hook::before_build) | once, before the input is validated | reads and changes the input |
//! | [`before_sign`](Hook::before_sign) | before each attempt is signed | changes URL, headers and body; signs by itself |
//! | [`before_send`](Hook::before_send) | before each attempt is sent | adds what must not be signed; responds |
//! | [`after_response`](Hook::after_response) | after the head of each response | reads and changes status, headers and body |
//! | [`on_failure`](Hook::on_failure) | after each attempt that failed | decides whether it is retried |
//! | [`after_call`](Hook::after_call) | once, after the output was read or the call failed | measures, logs |
//!
//! The hooks of the session come first, in the order in which they were added, then those of the call. After the response
//! the order is the reverse, so that a hook encloses those that were added later. The first decision of `on_failure` is
//! taken. A call that was dropped has no end: `after_call` is then not called.
//!
//! Presigning has `before_build` only: nothing is sent.
//!
//! # Limits
//!
//! An error or a panic of a hook ends the call with an error of [`ErrorKind::Hook`](crate::ErrorKind::Hook) that names the
//! hook and the place; it is not retried. After the call there is nothing to end: a panic is logged. The total timeout of a
//! call holds for the three places that wait, that of an attempt for `before_send` and `after_response`, and in a tokio runtime
//! a hook has a minute at each of them. The other places must not block. A hook may call services, also with the client that it
//! belongs to, but not without end: calls made by hooks of calls made by hooks end four levels deep. A hook cannot send an `https` request over `http`, and cannot remove a
//! signature from the header `authorization`: [`HookContext::skip_signature`] asks for none.
//!
//! # Logs
//!
//! Calls need no hook to be seen: each is a span of the crate `tracing`, with the fields `aws.service`, `aws.operation`,
//! `cloud.region`, `aws.attempts`, `aws.retry_delay_ms` (the pauses, if there were retries), `aws.not_retried` (`quota`,
//! `max_attempts` or `body`), `aws.request_id`, `http.response.status_code`, `error.type` and `duration_ms`, and with
//! OpenTelemetry's `otel.name` and `rpc.system`. Each attempt is an event at the level `debug`; `trace` adds inputs, outputs
//! and headers, without secrets. The target of all is `aws_core::call`. What boto3's `set_stream_logger` prints, a program
//! prints by one line, with the crate `tracing-subscriber`:
//! `tracing_subscriber::fmt().with_max_level(Level::DEBUG).init()`. A span of the program, such as that of a web server's
//! request, encloses those of its calls.
//!
//! # botocore's events
//!
//! | event | place |
//! |---|---|
//! | `provide-client-params`, `before-parameter-build` | `before_build` |
//! | `before-endpoint-resolution` | `before_build`, by the input; another URL: `before_sign` |
//! | `before-call`, `request-created` | `before_sign`; to respond: [`HookContext::respond`] |
//! | `choose-signer` | `before_sign`, with [`HookContext::skip_signature`] and an own signature |
//! | `before-sign` | `before_sign` |
//! | `before-send` | `before_send` |
//! | `response-received`, `before-parse` | `after_response` |
//! | `needs-retry` | `on_failure` |
//! | `after-call`, `after-call-error` | `after_call` |
//! | `creating-client-class`, `creating-resource-class`, `getattr`, `docs.*` | none: methods are added by extension traits |

mod chain;
mod closures;
mod context;

pub(crate) use chain::{HookChain, Hooks, TO_HTTP};
pub use closures::{after_call, after_response, before_send, header, on_failure, on_input, on_request};
pub use context::{HookContext, HookInput, HookOutcome, RetryDecision};

use std::future::ready;
use std::sync::Arc;

use crate::BoxFuture;
use crate::error::{Error, Result};
use crate::http::{Request, Response};

/// Code that takes part in calls. Every place has a default that does nothing; the [module](self) says when they are called.
///
/// A hook is shared by all calls at the same time: what belongs to one call goes into its
/// [state](HookContext::insert).
///
/// ```
/// use aws_core::hooks::{Hook, HookContext};
/// use aws_core::http::Request;
/// use aws_core::{BoxFuture, Result};
///
/// /// Sends all calls through a gateway, which knows the service by a header.
/// struct Gateway(String);
///
/// impl Hook for Gateway {
///     fn before_sign<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
///         Box::pin(async move {
///             request.headers.insert("x-service", call.service().parse().expect("an id is a header value"));
///             request.url.set_authority(&self.0)
///         })
///     }
/// }
/// ```
pub trait Hook: Send + Sync + 'static {
    /// The name of the hook in errors. By default that of its type.
    fn name(&self) -> &str {
        std::any::type_name::<Self>()
    }

    /// Whether the hook responds to every attempt in place of the service, as stubs and replays do. Then nothing else is asked
    /// of the service for the call: no session of a directory bucket, no discovered endpoint, and no credentials before
    /// [`before_build`](Self::before_build) for an endpoint that depends on their account id. By default `false`.
    fn responds_always(&self) -> bool {
        false
    }

    /// Called once, before the input is completed, validated and built.
    ///
    /// # Errors
    /// End the call: nothing is sent.
    fn before_build(&self, call: &mut HookContext, input: &mut HookInput<'_>) -> Result<()> {
        let _ = (call, input);
        Ok(())
    }

    /// Called before each attempt is signed. The headers that the request has here are signed.
    ///
    /// # Errors
    /// End the call.
    fn before_sign<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        let _ = (call, request);
        Box::pin(ready(Ok(())))
    }

    /// Called before each attempt is sent, when the request is signed: what is changed here must not be part of the
    /// signature.
    ///
    /// # Errors
    /// End the call.
    fn before_send<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        let _ = (call, request);
        Box::pin(ready(Ok(())))
    }

    /// Called when the head of a response has arrived. Its body streams: who reads it puts it back.
    ///
    /// # Errors
    /// End the call.
    fn after_response<'a>(
        &'a self,
        call: &'a mut HookContext,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>> {
        let _ = (call, response);
        Box::pin(ready(Ok(())))
    }

    /// Called after each attempt that failed. `None` leaves the decision to the next hook, and at last to the retry mode.
    ///
    /// # Errors
    /// End the call.
    fn on_failure(&self, call: &mut HookContext, failure: &Error) -> Result<Option<RetryDecision>> {
        let _ = (call, failure);
        Ok(None)
    }

    /// Called once, after the output was read or the call failed: also for a reason that the call found before any other
    /// place, such as an invalid setting. Not called by presigning. A panic here is logged, and changes nothing.
    fn after_call(&self, call: &mut HookContext, outcome: &HookOutcome<'_>) {
        let _ = (call, outcome);
    }
}

/// A hook that is shared, by several sessions or by the program that reads what it has collected.
impl<H: Hook + ?Sized> Hook for Arc<H> {
    fn name(&self) -> &str {
        (**self).name()
    }
    fn responds_always(&self) -> bool {
        (**self).responds_always()
    }
    fn before_build(&self, call: &mut HookContext, input: &mut HookInput<'_>) -> Result<()> {
        (**self).before_build(call, input)
    }
    fn before_sign<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        (**self).before_sign(call, request)
    }
    fn before_send<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        (**self).before_send(call, request)
    }
    fn after_response<'a>(
        &'a self,
        call: &'a mut HookContext,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>> {
        (**self).after_response(call, response)
    }
    fn on_failure(&self, call: &mut HookContext, failure: &Error) -> Result<Option<RetryDecision>> {
        (**self).on_failure(call, failure)
    }
    fn after_call(&self, call: &mut HookContext, outcome: &HookOutcome<'_>) {
        (**self).after_call(call, outcome);
    }
}
