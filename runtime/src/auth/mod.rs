//! Request signatures, and the clock that dates them. Knows neither where credentials come from nor which service
//! requires which kind of signature.

mod canonical;
mod clock;
mod date;
mod payload;
mod signer;
pub(crate) mod sigv2;
mod sigv4;

pub use canonical::CanonicalRequest;
pub use clock::Clock;
pub use payload::{Payload, hash_payload};
pub use signer::{SessionToken, Signer, SigningParams, check_expiry};
pub use sigv4::SigV4;
