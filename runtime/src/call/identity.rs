//! The stage before a signature: the credentials or the token that a request is signed with, without waiting if they are
//! in memory. Knows no signature.

use super::context::Context;
use crate::auth::{Identity, IdentityKind, Signing};
use crate::error::Result;
use crate::http::Request;

/// The identity that the request is signed with; `None` to send it unsigned.
pub(super) async fn fetch(cx: Context<'_>, signing: Option<&Signing>, request: &Request) -> Result<Option<Identity>> {
    let Some(signing) = signing else { return Ok(None) };
    signing.scheme.check(request)?;
    match signing.scheme.identity() {
        IdentityKind::Credentials => {
            let provider = cx.options.credentials_provider(cx.client)?;
            Ok(cx.deadline.credentials(provider).await?.map(Identity::Credentials))
        }
        IdentityKind::Token => {
            let provider = cx.client.token_provider()?;
            if let Some(token) = provider.cached() {
                return Ok(Some(Identity::Token(token)));
            }
            let waiting = || format!(" while it waited for a token from {}", provider.provider_name());
            cx.deadline.limit_with(provider.provide(), waiting).await.map(|it| Some(Identity::Token(it)))
        }
    }
}
