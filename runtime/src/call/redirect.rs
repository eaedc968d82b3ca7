//! Redirects of a call to the region of its bucket: which region a failure leads to, looked up if the response does not
//! name it. Knows no retry.

use super::bucket::{self, RedirectTarget};
use super::build::Built;
use super::context::Context;
use super::exchange::with_attempt_timeout;
use super::{identity, scheme, signature};
use crate::error::{Error, Result};
use crate::http::{Method, Request, Url, header};

/// The region to send the request to instead, if the failure is a redirect to another region.
pub(super) async fn region(cx: Context<'_>, built: &Built, failure: &Error) -> Option<String> {
    built.redirect.as_ref()?;
    let region = match bucket::redirect_from_error(cx.plan, failure)? {
        RedirectTarget::Region(region) => region.to_owned(),
        // If the region cannot be looked up, the failure is reported as received.
        RedirectTarget::Unknown => with_attempt_timeout(cx, look_up_region(cx, built)).await.ok()??,
    };
    (built.signing.as_ref().is_none_or(|it| it.region != region)).then_some(region)
}

/// Looks up the region of a bucket by a HEAD request, whose response has it in a header whatever its status.
async fn look_up_region(cx: Context<'_>, built: &Built) -> Result<Option<String>> {
    let Some(redirect) = &built.redirect else { return Ok(None) };
    let endpoint = redirect.original_endpoint(cx.client)?;
    let mut request = Request::new(Method::HEAD, Url::join(&endpoint.url, "/", "")?);
    request.timeouts = cx.options.timeouts;
    let signing = scheme::choose(cx.client, cx.plan, cx.options, &endpoint, None)?;
    let identity = identity::fetch(cx, signing.as_ref(), Some(redirect.bucket()), &request).await?;
    signature::sign(cx, signing.as_ref(), identity.as_ref(), false, None, &mut request).await?;
    if let Some(features) = built.features {
        request.headers.insert(header::USER_AGENT, cx.client.user_agent(features)?);
    }
    let response = cx.client.http()?.send(request).await?;
    Ok(bucket::region_from_headers(&response.headers).map(str::to_owned))
}
