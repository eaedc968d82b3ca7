//! How requests are authenticated: the schemes and the choice among them, the signatures, and the clock that dates them.
//! Knows neither where credentials come from nor which service requires which kind of signature: it is given the facts.
//!
//! A new scheme is one file in `schemes` and one line in its list.

mod canonical;
mod clock;
mod date;
mod event_signatures;
mod payload;
mod preference;
mod scheme;
mod schemes;
mod signed_request;
mod signer;
mod sigv2;
mod sigv4;
#[cfg(feature = "sigv4a")]
mod sigv4a;

pub use canonical::CanonicalRequest;
pub use clock::Clock;
pub(crate) use event_signatures::EventSignatures;
pub use payload::{Payload, hash_payload};
pub(crate) use preference::prefers_token;
pub(crate) use scheme::{Facts, Identity, IdentityKind, Signers, Signing};
pub(crate) use schemes::{choose, signing_for};
pub use signer::{SessionToken, Signer, SigningParams, check_expiry};
pub use sigv4::SigV4;
#[cfg(feature = "sigv4a")]
pub use sigv4a::SigV4a;
