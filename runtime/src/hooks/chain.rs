//! The hooks of one call: in which order they are called, that a panic or an error is reported as theirs, that none hangs or
//! recurses without end, and which changes of a request are refused. Knows no hook.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::{Hook, HookContext, HookInput, HookOutcome, RetryDecision};
use crate::BoxFuture;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Request, Response, header};
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

    /// The hooks at a place, and what they see.
    fn at(&mut self, place: &'static str) -> (impl DoubleEndedIterator<Item = Caller>, &mut HookContext) {
        let depth = self.caller.as_ref().map_or(0, |it| it.depth) + 1;
        let callers = self.hooks.iter().map(move |it| Caller { hook: Arc::clone(it), place, depth });
        (callers, &mut self.context)
    }

    /// `refuses` returns why an input cannot be accepted as a hook left it.
    pub(crate) fn before_build(
        &mut self,
        input: StructureMut<'_>,
        refuses: impl Fn(StructureView<'_>) -> Option<&'static str>,
    ) -> Result<()> {
        let mut input = HookInput(input);
        if let Some(caller @ Caller { depth: MAX_DEPTH.., .. }) = &self.caller {
            let why = format!("it calls a client whose hooks call services in turn, {MAX_DEPTH} levels deep");
            return Err(caller.failed(&why));
        }
        let (mut callers, context) = self.at("before_build");
        callers.try_for_each(|caller| {
            caller.call(|hook| hook.before_build(context, &mut input))?;
            refuses(input.0.view()).map_or(Ok(()), |why| Err(caller.failed(&why)))
        })
    }

    pub(crate) async fn before_sign(&mut self, request: &mut Request) -> Result<()> {
        let (callers, context) = self.at("before_sign");
        context.skips_signature = false;
        for caller in callers {
            let was_https = request.url.is_https();
            caller.wait(|hook| hook.before_sign(context, request)).await?;
            caller.check_url(was_https, request)?;
        }
        Ok(())
    }

    pub(crate) async fn before_send(&mut self, request: &mut Request) -> Result<()> {
        let (callers, context) = self.at("before_send");
        for caller in callers {
            let (was_https, was_signed) = (request.url.is_https(), is_signed(request));
            caller.wait(|hook| hook.before_send(context, request)).await?;
            caller.check_url(was_https, request)?;
            if was_signed && !is_signed(request) {
                let why = "it removed the signature: `HookContext::skip_signature` asks for none";
                return Err(caller.failed(&why));
            }
        }
        Ok(())
    }

    pub(crate) async fn after_response(&mut self, response: &mut Response) -> Result<()> {
        let (callers, context) = self.at("after_response");
        for caller in callers.rev() {
            caller.wait(|hook| hook.after_response(context, response)).await?;
        }
        Ok(())
    }

    pub(crate) fn on_failure(&mut self, failure: &Error) -> Result<Option<RetryDecision>> {
        let (mut callers, context) = self.at("on_failure");
        let decision = callers.find_map(|it| it.call(|hook| hook.on_failure(context, failure)).transpose());
        decision.transpose()
    }

    pub(crate) fn after_call(&mut self, outcome: &HookOutcome<'_>) {
        let (callers, context) = self.at("after_call");
        for caller in callers.rev() {
            let called = caller.call(|hook| {
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

impl Caller {
    fn failed(&self, why: &dyn fmt::Display) -> Error {
        let message = format!("the hook {} failed in {}: {why}", self.hook.name(), self.place);
        Error::new(ErrorKind::Hook, message)
    }

    /// The error of the hook: its own, named.
    fn name(&self, error: Error) -> Error {
        match error.kind() {
            ErrorKind::Hook => error,
            _ => self.failed(&error).with_source(error),
        }
    }

    /// Runs code of the hook: calls that begin meanwhile on this thread begin inside of it.
    fn guard<T>(&self, run: impl FnOnce() -> T) -> Result<T> {
        let _inside = Inside { before: CALLER.replace(Some(self.clone())) };
        catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
            let message = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
            self.failed(&format_args!("it panicked: {}", message.unwrap_or("no message")))
        })
    }

    /// Calls the hook at a place that does not wait.
    fn call<T>(&self, call: impl FnOnce(&dyn Hook) -> Result<T>) -> Result<T> {
        self.guard(|| call(&*self.hook))?.map_err(|it| self.name(it))
    }

    /// Calls the hook at a place that waits.
    async fn wait<'a>(&'a self, call: impl FnOnce(&'a dyn Hook) -> BoxFuture<'a, Result<()>>) -> Result<()> {
        let mut future = self.guard(|| call(&*self.hook))?;
        let guarded = poll_fn(|cx| {
            let polled = self.guard(|| future.as_mut().poll(cx));
            polled.map_or_else(|panicked| Poll::Ready(Err(panicked)), |done| done.map_err(|it| self.name(it)))
        });
        match tokio_runtime::current() {
            // A client of the program's own may send requests on another runtime.
            Err(_) => guarded.await,
            Ok(_) => match tokio::time::timeout(PLACE_TIMEOUT, guarded).await {
                Ok(result) => result,
                Err(_) => Err(self.failed(&format_args!("it took longer than {PLACE_TIMEOUT:?}"))),
            },
        }
    }

    fn check_url(&self, was_https: bool, request: &Request) -> Result<()> {
        match was_https && !request.url.is_https() {
            true => Err(self.failed(&TO_HTTP)),
            false => Ok(()),
        }
    }
}

fn is_signed(request: &Request) -> bool {
    request.headers.contains_key(header::AUTHORIZATION)
}

/// Ends that the code on this thread runs in a hook.
struct Inside {
    before: Option<Caller>,
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
