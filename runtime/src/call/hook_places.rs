//! Where the stages of a call have places for hooks, and what a hook's decision means there. A call without hooks passes
//! through a check of one pointer. Knows no hook.

use super::build::Built;
use super::context::Context;
use super::metadata::ResponseMetadata;
use crate::auth::IdentityKind;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::{HookOutcome, Hooks, RetryDecision};
use crate::http::{Request, Response};
use crate::retry::{Attempts, Next, Outcome, Stop};
use crate::schema::{StructureMut, StructureView};

/// Lets the hooks see an input before the first stage. `refuses` returns why an input cannot be accepted as a hook left it.
pub(super) fn before_build(
    hooks: &mut Hooks,
    input: &mut StructureMut<'_>,
    refuses: impl Fn(StructureView<'_>) -> Option<&'static str>,
) -> Result<()> {
    match hooks {
        Some(hooks) => hooks.before_build(input.reborrow(), refuses),
        None => Ok(()),
    }
}

/// Lets the hooks change the request of an attempt. Whether it is still to be signed.
pub(super) async fn before_sign(cx: Context<'_>, built: &mut Built, request: &mut Request) -> Result<bool> {
    let Some(hooks) = &mut built.hooks else { return Ok(true) };
    let call = &mut hooks.context;
    call.attempt += 1;
    if call.attempt > 1 {
        // That of an attempt which was given up before it was sent.
        call.response = None;
    }
    call.region = built.signing.as_ref().map(|it| it.region.clone()).filter(|it| !it.is_empty());
    call.credentials_source = match &built.signing {
        Some(signing) if signing.scheme.identity() != IdentityKind::Token => {
            Some(cx.options.credentials_provider(cx.client)?.provider_name())
        }
        _ => None,
    };
    hooks.before_sign(request).await?;
    Ok(!hooks.context.skips_signature && hooks.context.response.is_none())
}

/// Lets the hooks see a request that is about to be sent; the response of the hook that responds.
pub(super) async fn before_send(hooks: &mut Hooks, request: &mut Request) -> Result<Option<Response>> {
    let Some(hooks) = hooks else { return Ok(None) };
    hooks.before_send(request).await?;
    Ok(hooks.context.response.take().transpose()?)
}

/// Lets the hooks see a response.
pub(super) async fn after_response(hooks: &mut Hooks, response: &mut Response) -> Result<()> {
    match hooks {
        Some(hooks) => hooks.after_response(response).await,
        None => Ok(()),
    }
}

/// What follows a failure: the decision of a hook, else that of the retry policy.
pub(super) fn after_failure(hooks: &mut Hooks, attempts: &mut Attempts<'_>, failure: &Error) -> Result<Next> {
    let decision = match hooks {
        Some(hooks) if failure.kind() != ErrorKind::Hook => hooks.on_failure(failure)?,
        _ => None,
    };
    Ok(match decision {
        None => attempts.failed(&Outcome::from_error(failure)),
        Some(RetryDecision::Retry(pause)) => attempts.retry_after(pause),
        Some(RetryDecision::Stop) => Next::Stop(Stop::Final),
    })
}

/// Reports the failure of a call to its hooks.
pub(super) fn failed(hooks: &mut Hooks, error: &Error) {
    if let Some(hooks) = hooks {
        hooks.after_call(&HookOutcome::failure(error));
    }
}

/// Reports the success of a call to its hooks.
pub(super) fn succeeded(hooks: &mut Hooks, metadata: &ResponseMetadata, output: StructureView<'_>) {
    if let Some(hooks) = hooks {
        hooks.after_call(&HookOutcome {
            status: Some(metadata.status),
            request_id: metadata.request_id(),
            headers: Some(&metadata.headers),
            attempts: metadata.attempts,
            result: Ok(output),
        });
    }
}
