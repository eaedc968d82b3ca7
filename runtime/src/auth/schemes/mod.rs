//! The auth schemes, one file and one line each, and the choice among them. Knows how no scheme signs.

mod bearer;
mod sigv2;
mod sigv4;

use super::scheme::{Facts, Scheme, Signing, rejected};
use crate::error::Result;
use crate::operation::Auth;

/// All schemes.
const SCHEMES: [&dyn Scheme; 3] = [&sigv4::Scheme, &sigv2::Scheme, &bearer::Scheme];

/// Chooses the scheme of requests to an address. `None` if they are not signed.
///
/// # Errors
/// [`ErrorKind::Signing`](crate::ErrorKind::Signing) if the operation or the endpoint has only schemes that are not
/// supported.
pub(crate) fn choose(facts: &Facts<'_>) -> Result<Option<Signing>> {
    let name = match facts.auth {
        Auth::None => return Ok(None),
        Auth::Sigv4 | Auth::UnsignedBody if facts.prefers_token => bearer::NAME,
        Auth::Sigv4 | Auth::UnsignedBody => sigv4::NAME,
        Auth::Sigv2 => sigv2::NAME,
        Auth::Bearer => bearer::NAME,
        Auth::Other(name) => name,
    };
    let scheme = SCHEMES.into_iter().find(|it| it.name() == name);
    let scheme =
        scheme.ok_or_else(|| rejected(format!("unsupported auth scheme of the operation: {name}; expected sigv4")))?;
    scheme.signing(facts).map(Some)
}
