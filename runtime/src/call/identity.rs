//! The stage before a signature: the credentials, the session or the token that a request is signed with, without waiting if
//! they are in memory. Knows no signature.

use super::context::Context;
use super::sessions::Sessions;
use crate::auth::{Identity, IdentityKind, Signing};
use crate::error::Result;
use crate::http::Request;

/// The identity that the request is signed with; `None` to send it unsigned. `bucket` is that of the call, if it has one.
pub(super) async fn fetch(
    cx: Context<'_>,
    signing: Option<&Signing>,
    bucket: Option<&str>,
    request: &Request,
) -> Result<Option<Identity>> {
    let Some(signing) = signing else { return Ok(None) };
    signing.scheme.check(request)?;
    let kind = signing.scheme.identity();
    match kind {
        IdentityKind::Credentials | IdentityKind::Session => {
            let provider = cx.options.credentials_provider(cx.client)?;
            let Some(credentials) = cx.deadline.credentials(provider).await? else { return Ok(None) };
            // In place of the service there is no one that creates or checks sessions.
            if kind == IdentityKind::Credentials || cx.client.is_stubbed(&cx.options.hooks) {
                return Ok(Some(Identity::Credentials(credentials)));
            }
            let Context { client, options, deadline, make_call, .. } = cx;
            // Boxed, since the future of every call would have room for it.
            let session = Box::pin(Sessions { client, options, deadline, make_call, bucket }.fetch(credentials));
            session.await.map(|it| Some(Identity::Credentials(it)))
        }
        IdentityKind::Token => {
            let provider = cx.client.token_provider()?;
            if let Some(token) = provider.cached() {
                return Ok(Some(Identity::Token(token)));
            }
            let waiting = || format!(" while it waited for a token from {}", provider.provider_name());
            Box::pin(cx.deadline.limit_with(provider.provide(), waiting)).await.map(|it| Some(Identity::Token(it)))
        }
    }
}
