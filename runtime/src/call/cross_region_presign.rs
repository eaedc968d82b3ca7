//! Cross-region presigning: a call that copies from another region contains a presigned URL of the same call to that
//! region, as proof that the caller may copy from it. Knows no operation by name; the annotation `presigned-url` of its
//! descriptor names the members.

use std::time::Duration;

use super::context::Context;
use super::{address, identity, scheme};
use crate::auth::{Payload, Signing};
use crate::config::check_region;
use crate::encoding::percent;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, Method, Request, Url};
use crate::schema::dynamic::Value;
use crate::schema::{StructureMut, View};

/// How long the URL is valid: botocore's default (`signers.py`, `generate_presigned_url`).
const EXPIRES: Duration = Duration::from_secs(3600);

/// The call to the other region, not yet signed.
#[derive(Debug)]
pub(crate) struct CrossRegionPresign {
    /// The name of the parameter that takes the URL.
    parameter: &'static str,
    request: Request,
    signing: Signing,
}

/// Prepares the call to the region that the input names. `None` if it names no region, or already holds the URL.
///
/// Members that only the URL needs are removed from the input; the destination region, if it is a member, is set.
pub(super) fn prepare(cx: Context<'_>, input: &mut StructureMut<'_>) -> Result<Option<CrossRegionPresign>> {
    let Context { client, plan, options, .. } = cx;
    let Some(indexes) = plan.customizations.cross_region_url else { return Ok(None) };
    let members = &input.shape().members;
    let (url, source) = (&members[indexes.url], &members[indexes.source]);
    let destination = indexes.destination.map(|it| &members[it]);
    let string = |input: &StructureMut<'_>, member| match input.view().get(member) {
        Some(View::String(value)) if !value.is_empty() => Some(value.to_owned()),
        _ => None,
    };
    let (has_url, source_region) = (string(input, url).is_some(), string(input, source));
    if destination.is_none() {
        input.clear(source);
    }
    let Some(source_region) = source_region.filter(|_| !has_url) else { return Ok(None) };
    if let Err(expected) = check_region(&source_region) {
        let why = format!(
            "Parameter validation failed:\nInvalid region for parameter {}: {source_region:?}: expected {expected}",
            source.name
        );
        return Err(Error::new(ErrorKind::Validation, why));
    }
    let region = match &options.region {
        Some(region) => region.clone(),
        None => client.config()?.region.clone().unwrap_or_default(),
    };
    if let Some(member) = destination {
        input.slot(member).put(Value::String(region.clone()));
    }
    let parts = client.service.protocol.serialize(plan, input.view())?;
    let mut form = String::from_utf8_lossy(&parts.body.unwrap_or_default()).into_owned();
    if destination.is_none() {
        form.push_str("&DestinationRegion=");
        percent::push(&mut form, &region);
    }
    let endpoint = address::in_region(cx, input.view(), &source_region)?;
    let Some(signing) = scheme::choose(client, plan, options, &endpoint, Some(&source_region))? else {
        return Ok(None);
    };
    let request = Request::new(Method::GET, Url::join(&endpoint.url, &parts.path, &form)?);
    Ok(Some(CrossRegionPresign { parameter: url.name, request, signing }))
}

impl CrossRegionPresign {
    /// Signs the URL and adds it to the form-encoded body of the call. Without credentials there is nothing to prove.
    pub(super) async fn add_to(mut self, cx: Context<'_>, call: &mut Request) -> Result<()> {
        let (signing, client) = (&self.signing, cx.client);
        let Some(identity) = identity::fetch(cx, Some(signing), None, &self.request).await? else { return Ok(()) };
        let params = signing.params(client.clock.now(), Payload::Empty);
        signing.scheme.presign(&client.signers, &mut self.request, &identity, &params, EXPIRES)?;
        let mut form = String::from_utf8_lossy(call.body.as_bytes().unwrap_or_default()).into_owned();
        form.push('&');
        form.push_str(self.parameter);
        form.push('=');
        percent::push(&mut form, self.request.url.as_str());
        call.body = Body::from(form);
        Ok(())
    }
}
