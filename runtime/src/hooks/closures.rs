//! Hooks made of closures, for the common cases. Knows no call.

use std::marker::PhantomData;

use super::{Hook, HookContext, HookInput, HookOutcome, RetryDecision};
use crate::BoxFuture;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HeaderName, HeaderValue, Request, Response};
use crate::operation::Operation;

/// Changes every request before it is signed: URL, headers, body.
///
/// ```
/// aws_core::hooks::on_request(|request| {
///     request.headers.insert("x-tenant", "blue".parse().expect("a header value"));
/// });
/// ```
pub fn on_request(change: impl Fn(&mut Request) + Send + Sync + 'static) -> impl Hook {
    OnRequest(move |request: &mut Request| {
        change(request);
        Ok(())
    })
}

/// Sets a header on every request. It is signed; [`Options::header`](crate::Options::header) lists the names that never
/// are.
///
/// An invalid name or value is an error of each call.
pub fn header(name: impl Into<String>, value: impl Into<String>) -> impl Hook {
    let (name, value) = (name.into(), value.into());
    OnRequest(move |request: &mut Request| {
        let invalid = |what| Error::new(ErrorKind::Validation, format!("invalid {what} of the header {name:?}"));
        let parsed = name.parse::<HeaderName>().map_err(|it| invalid("name").with_source(it))?;
        request.headers.insert(parsed, value.parse::<HeaderValue>().map_err(|it| invalid("value").with_source(it))?);
        Ok(())
    })
}

/// Changes the input of every call of the operation `O`.
///
/// ```
/// # fn add<PutObject: aws_core::Operation>(set_owner: fn(&mut PutObject::Input)) -> impl aws_core::hooks::Hook {
/// aws_core::hooks::on_input::<PutObject>(move |input| set_owner(input))
/// # }
/// ```
pub fn on_input<O: Operation>(change: impl Fn(&mut O::Input) + Send + Sync + 'static) -> impl Hook {
    OnInput::<O, _>(change, PhantomData)
}

/// Sees every request as it is sent, signed. What is changed must not be part of the signature.
pub fn before_send(change: impl Fn(&mut HookContext, &mut Request) + Send + Sync + 'static) -> impl Hook {
    BeforeSend(change)
}

/// Sees the head of every response.
pub fn after_response(see: impl Fn(&mut HookContext, &mut Response) + Send + Sync + 'static) -> impl Hook {
    AfterResponse(see)
}

/// Decides whether attempts that failed are retried; `None` leaves it to the retry mode.
///
/// ```
/// use aws_core::hooks::{RetryDecision, on_failure};
///
/// // A gateway responds with 401 until it knows a new token.
/// let hook = on_failure(|call, error| {
///     (error.status() == Some(401) && call.attempt() < 3).then_some(RetryDecision::Retry(Default::default()))
/// });
/// ```
pub fn on_failure(
    decide: impl Fn(&mut HookContext, &Error) -> Option<RetryDecision> + Send + Sync + 'static,
) -> impl Hook {
    OnFailure(decide)
}

/// Sees the end of every call: how long it took, how often it was sent, and what came of it.
pub fn after_call(see: impl Fn(&mut HookContext, &HookOutcome<'_>) + Send + Sync + 'static) -> impl Hook {
    AfterCall(see)
}

struct OnRequest<F>(F);
struct OnInput<O, F>(F, PhantomData<fn() -> O>);
struct BeforeSend<F>(F);
struct AfterResponse<F>(F);
struct OnFailure<F>(F);
struct AfterCall<F>(F);

/// A future that is ready with the result of a closure, which runs when it is polled.
fn now<'a>(run: impl FnOnce() -> Result<()> + Send + 'a) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move { run() })
}

impl<F: Fn(&mut Request) -> Result<()> + Send + Sync + 'static> Hook for OnRequest<F> {
    fn before_sign<'a>(&'a self, _: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        now(|| (self.0)(request))
    }
}

impl<O: Operation, F: Fn(&mut O::Input) + Send + Sync + 'static> Hook for OnInput<O, F> {
    fn before_build(&self, _: &mut HookContext, input: &mut HookInput<'_>) -> Result<()> {
        if let Some(input) = input.of_mut::<O>() {
            (self.0)(input);
        }
        Ok(())
    }
}

impl<F: Fn(&mut HookContext, &mut Request) + Send + Sync + 'static> Hook for BeforeSend<F> {
    fn before_send<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        now(|| {
            (self.0)(call, request);
            Ok(())
        })
    }
}

impl<F: Fn(&mut HookContext, &mut Response) + Send + Sync + 'static> Hook for AfterResponse<F> {
    fn after_response<'a>(
        &'a self,
        call: &'a mut HookContext,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>> {
        now(|| {
            (self.0)(call, response);
            Ok(())
        })
    }
}

impl<F: Fn(&mut HookContext, &Error) -> Option<RetryDecision> + Send + Sync + 'static> Hook for OnFailure<F> {
    fn on_failure(&self, call: &mut HookContext, failure: &Error) -> Result<Option<RetryDecision>> {
        Ok((self.0)(call, failure))
    }
}

impl<F: Fn(&mut HookContext, &HookOutcome<'_>) + Send + Sync + 'static> Hook for AfterCall<F> {
    fn after_call(&self, call: &mut HookContext, outcome: &HookOutcome<'_>) {
        (self.0)(call, outcome);
    }
}
