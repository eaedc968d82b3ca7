//! The hooks of one call: in which order they are called, that a panic or an error is reported as theirs, that none hangs or
//! recurses without end, and which changes of a request are refused. Knows no hook.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::{Hook, HookContext, HookInput, HookOutcome, RetryDecision};
use crate::BoxFuture;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HeaderName, Request, Response};
use crate::schema::{StructureMut, StructureView};
use crate::tokio_runtime;

/// How long the hook of one place may take. Our choice: the time that a server may be silent (`read_timeout`), which a hook
/// that asks one should not exceed.
const PLACE_TIMEOUT: Duration = Duration::from_secs(60);

/// How deeply calls may lie in hooks of calls. Our choice: a hook that fetches a token by a service has one level.
const MAX_DEPTH: u32 = 4;

/// Why a change of a URL is refused: what a request contains must not be readable on its way.
pub(crate) const TO_HTTP: &str = "it changed the scheme of the URL from https to http";

thread_local! {
    /// The hook that the code on this thread runs in.
    static CALLER: RefCell<Option<Caller>> = const { RefCell::new(None) };
}

/// A hook that is called at a place.
#[derive(Clone)]
struct Caller {
    hook: Arc<dyn Hook>,
    place: &'static str,
    /// How many hooks it lies in, with itself.
    depth: u32,
}

/// The hooks of a call, if it has any.
pub(crate) type Hooks = Option<Box<HookChain>>;

/// The hooks of one call, and what they see of it.
pub(crate) struct HookChain {
    hooks: Vec<Arc<dyn Hook>>,
    pub(crate) context: HookContext,
    /// The hook that makes the call.
    caller: Option<Caller>,
}

impl HookChain {
    /// The hooks of a call, those of its session first; `None` if there are none.
    pub(crate) fn new(
        of_session: &[Arc<dyn Hook>],
        of_call: &[Arc<dyn Hook>],
        context: impl FnOnce() -> HookContext,
    ) -> Option<Box<Self>> {
        if of_session.is_empty() && of_call.is_empty() {
            return None;
        }
        let hooks = of_session.iter().chain(of_call).cloned().collect();
        Some(Box::new(Self { hooks, context: context(), caller: CALLER.with_borrow(Clone::clone) }))
    }

    /// The hooks, what they see, and how many hooks they lie in.
    fn parts(&mut self) -> (&[Arc<dyn Hook>], &mut HookContext, u32) {
        (&self.hooks, &mut self.context, self.caller.as_ref().map_or(0, |it| it.depth))
    }

    /// `refuses` returns why an input cannot be accepted as a hook left it.
    pub(crate) fn before_build(
        &mut self,
        input: StructureMut<'_>,
        refuses: impl Fn(StructureView<'_>) -> Option<&'static str>,
    ) -> Result<()> {
        let mut input = HookInput(input);
        if let Some(Caller { hook, place, depth: MAX_DEPTH.. }) = &self.caller {
            let why = format!("it calls a client whose hooks call services in turn, {MAX_DEPTH} levels deep");
            return Err(failed(&**hook, place, &why));
        }
        let (hooks, context, depth) = self.parts();
        for hook in hooks {
            guard(hook, "before_build", depth, || hook.before_build(context, &mut input))?;
            if let Some(why) = refuses(input.0.view()) {
                return Err(failed(&**hook, "before_build", &why));
            }
        }
        Ok(())
    }

    pub(crate) async fn before_sign(&mut self, request: &mut Request) -> Result<()> {
        let (hooks, context, depth) = self.parts();
        context.skips_signature = false;
        for hook in hooks {
            let was_https = request.url.is_https();
            limit(hook, "before_sign", depth, || hook.before_sign(context, request)).await?;
            check_url(&**hook, "before_sign", was_https, request)?;
        }
        Ok(())
    }

    pub(crate) async fn before_send(&mut self, request: &mut Request) -> Result<()> {
        let (hooks, context, depth) = self.parts();
        for hook in hooks {
            let (was_https, was_signed) = (request.url.is_https(), is_signed(request));
            limit(hook, "before_send", depth, || hook.before_send(context, request)).await?;
            check_url(&**hook, "before_send", was_https, request)?;
            if was_signed && !is_signed(request) {
                let why = "it removed the signature: `HookContext::skip_signature` asks for none";
                return Err(failed(&**hook, "before_send", &why));
            }
        }
        Ok(())
    }

    pub(crate) async fn after_response(&mut self, response: &mut Response) -> Result<()> {
        let (hooks, context, depth) = self.parts();
        for hook in hooks.iter().rev() {
            limit(hook, "after_response", depth, || hook.after_response(context, response)).await?;
        }
        Ok(())
    }

    pub(crate) fn on_failure(&mut self, failure: &Error) -> Result<Option<RetryDecision>> {
        let (hooks, context, depth) = self.parts();
        for hook in hooks {
            let decision = guard(hook, "on_failure", depth, || hook.on_failure(context, failure))?;
            if decision.is_some() {
                return Ok(decision);
            }
        }
        Ok(None)
    }

    pub(crate) fn after_call(&mut self, outcome: &HookOutcome<'_>) {
        let (hooks, context, depth) = self.parts();
        for hook in hooks.iter().rev() {
            let called = guard(hook, "after_call", depth, || {
                hook.after_call(context, outcome);
                Ok(())
            });
            if let Err(error) = called {
                tracing::warn!(operation = context.operation(), %error, "a hook panicked after the call");
            }
        }
    }
}

impl fmt::Debug for HookChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.hooks.iter().map(|it| it.name())).finish()
    }
}

fn failed(hook: &dyn Hook, place: &str, why: &dyn fmt::Display) -> Error {
    Error::new(ErrorKind::Hook, format!("the hook {} failed in {place}: {why}", hook.name()))
}

/// The error of a hook: its own, named.
fn name(hook: &dyn Hook, place: &str, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Hook => error,
        _ => failed(hook, place, &error).with_source(error),
    }
}

fn check_url(hook: &dyn Hook, place: &str, was_https: bool, request: &Request) -> Result<()> {
    match was_https && !request.url.is_https() {
        true => Err(failed(hook, place, &TO_HTTP)),
        false => Ok(()),
    }
}

fn is_signed(request: &Request) -> bool {
    const AUTHORIZATION: HeaderName = HeaderName::from_static("authorization");
    request.headers.contains_key(AUTHORIZATION)
}

/// Calls a hook at a place that does not wait.
fn guard<T>(hook: &Arc<dyn Hook>, place: &'static str, depth: u32, call: impl FnOnce() -> Result<T>) -> Result<T> {
    let _inside = Inside::enter(hook, place, depth);
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|it| name(&**hook, place, it)),
        Err(panic) => Err(panicked(&**hook, place, &*panic)),
    }
}

fn panicked(hook: &dyn Hook, place: &str, panic: &(dyn std::any::Any + Send)) -> Error {
    let message = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    failed(hook, place, &format_args!("it panicked: {}", message.unwrap_or("no message")))
}

/// Calls a hook at a place that waits.
async fn limit<'a>(
    hook: &Arc<dyn Hook>,
    place: &'static str,
    depth: u32,
    call: impl FnOnce() -> BoxFuture<'a, Result<()>>,
) -> Result<()> {
    let future = guard(hook, place, depth, || Ok(call()))?;
    let guarded = Guarded { hook, place, depth, future };
    match tokio_runtime::current() {
        // A client of the program's own may send requests on another runtime.
        Err(_) => guarded.await,
        Ok(_) => match tokio::time::timeout(PLACE_TIMEOUT, guarded).await {
            Ok(result) => result,
            Err(_) => Err(failed(&**hook, place, &format_args!("it took longer than {PLACE_TIMEOUT:?}"))),
        },
    }
}

/// The future of a hook.
struct Guarded<'h, 'a> {
    hook: &'h Arc<dyn Hook>,
    place: &'static str,
    depth: u32,
    future: BoxFuture<'a, Result<()>>,
}

impl Future for Guarded<'_, '_> {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let _inside = Inside::enter(self.hook, self.place, self.depth);
        let polled = catch_unwind(AssertUnwindSafe(|| self.future.as_mut().poll(cx)));
        match polled {
            Ok(result) => Poll::Ready(ready!(result).map_err(|it| name(&**self.hook, self.place, it))),
            Err(panic) => Poll::Ready(Err(panicked(&**self.hook, self.place, &*panic))),
        }
    }
}

/// While it lives, calls that begin on this thread begin inside a hook.
struct Inside {
    before: Option<Caller>,
}

impl Inside {
    fn enter(hook: &Arc<dyn Hook>, place: &'static str, depth: u32) -> Self {
        let caller = Caller { hook: Arc::clone(hook), place, depth: depth + 1 };
        Self { before: CALLER.replace(Some(caller)) }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        CALLER.set(self.before.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;
    use crate::protocol::RestJson;
    use crate::schema::dynamic::Schema;

    struct Hanging;

    impl Hook for Hanging {
        fn name(&self) -> &str {
            "Hanging"
        }
        fn before_send<'a>(&'a self, _: &'a mut HookContext, _: &'a mut Request) -> BoxFuture<'a, Result<()>> {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_hook_that_hangs_ends_where_a_call_has_no_timeout() {
        let mut schema = Schema::new();
        schema.define("None", "", &[]);
        let shape = schema.shape("None").expect("defined");
        let plan = Box::leak(Box::new(crate::operation::OperationPlan::decode("DoIt POST /", shape, shape)));
        let hooks: [Arc<dyn Hook>; 1] = [Arc::new(Hanging)];
        let chain = HookChain::new(&hooks, &[], || HookContext::new("T", &RestJson, plan));
        let mut request = Request::new(Method::GET, crate::http::Url::default());
        let error = chain.expect("a hook").before_send(&mut request).await.expect_err("without end");
        assert_eq!(error.kind(), ErrorKind::Hook);
        assert_eq!(error.message(), "the hook Hanging failed in before_send: it took longer than 60s");
        assert!(HookChain::new(&[], &[], || HookContext::new("T", &RestJson, plan)).is_none());
    }
}
