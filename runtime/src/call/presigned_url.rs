//! Calls that bear themselves: a copy from another region is proved to it by a URL that makes the same call there, signed by
//! the caller. Knows no operation by name; its line says which members are concerned.

use std::time::Duration;

use super::address;
use super::core::Core;
use super::execute::{credentials, params};
use super::options::Options;
use super::prepare::{Signing, signing};
use crate::auth::{Payload, Signer};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, Method, Request, Url};
use crate::operation::Plan;
use crate::schema::dynamic::Value;
use crate::schema::{StructureMut, View};
use crate::text::percent;

/// How long the URL is good for, as in botocore.
const LIFE: Duration = Duration::from_secs(3600);

/// The call in the other region, not yet signed.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    name: &'static str,
    request: Request,
    signing: Signing,
}

/// The call in the region that the input names. None when it names none, or holds the URL already.
///
/// Members that only the URL needs are taken out of the input, those that the call needs too are put into it.
pub(super) fn plan(
    core: &Core,
    plan: &Plan,
    input: &mut StructureMut<'_>,
    options: &Options,
) -> Result<Option<Elsewhere>> {
    let Some(it) = plan.special.presigned_url else { return Ok(None) };
    let members = &input.shape().members;
    let (url, source) = (&members[it.url], &members[it.source]);
    let destination = it.destination.map(|it| &members[it]);
    let text = |input: &StructureMut<'_>, member| match input.view().get(member) {
        Some(View::String(text)) if !text.is_empty() => Some(text.to_owned()),
        _ => None,
    };
    let (given, region) = (text(input, url).is_some(), text(input, source));
    if destination.is_none() {
        input.clear(source);
    }
    let Some(region) = region.filter(|_| !given) else { return Ok(None) };
    if !is_region(&region) {
        let why = format!("Parameter validation failed:\nParameter {} is no region: {region:?}", source.name);
        return Err(Error::new(ErrorKind::Validation, why));
    }
    let here = match &options.region {
        Some(region) => region.clone(),
        None => core.config()?.region.clone().unwrap_or_default(),
    };
    if let Some(member) = destination {
        input.slot(member).put(Value::String(here.clone()));
    }
    let parts = core.service.protocol.serialize(plan, input.view())?;
    let mut form = String::from_utf8_lossy(&parts.body.unwrap_or_default()).into_owned();
    if destination.is_none() {
        form.push_str("&DestinationRegion=");
        percent::push(&mut form, &here);
    }
    let endpoint = address::elsewhere(core, plan, input.view(), &region)?;
    let Some(mut signing) = signing(core, plan, &endpoint, false)? else { return Ok(None) };
    if endpoint.auth_schemes.is_empty() {
        signing.region = region;
    }
    let request = Request::new(Method::GET, Url::join(&endpoint.url, &parts.path, &form)?);
    Ok(Some(Elsewhere { name: url.name, request, signing }))
}

impl Elsewhere {
    /// Signs the URL and puts it into the form of the call. Without credentials there is nothing to prove.
    pub(super) async fn fill(mut self, core: &Core, call: &mut Request) -> Result<()> {
        let Some(credentials) = credentials(core).await? else { return Ok(()) };
        let params = params(core, &self.signing, Payload::Empty);
        core.signer.presign(&mut self.request, &credentials, &params, LIFE)?;
        let mut form = String::from_utf8_lossy(call.body.as_bytes().unwrap_or_default()).into_owned();
        form.push('&');
        form.push_str(self.name);
        form.push('=');
        percent::push(&mut form, self.request.url.as_str());
        call.body = Body::from(form);
        Ok(())
    }
}

/// Whether a text may stand in a host's name as a region.
fn is_region(text: &str) -> bool {
    text.len() < 64 && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
}
