//! Whether and when a failed attempt is retried. Decisions read no clock and do not sleep; the caller supplies the
//! randomness and waits with [`Sleep`]. Knows no requests.

mod attempts;
mod backoff;
mod classify;
mod header;
mod policy;
mod quota;
mod random;
mod rate_limiter;
mod sleep;

pub use attempts::{Attempts, Next, Stop};
pub use backoff::Backoff;
pub(crate) use classify::FIRST_ERROR_STATUS;
pub use classify::{Class, Modeled, Outcome, classify};
pub use header::{invocation_id, parse_retry_after, request_header, ttl};
pub use policy::RetryPolicy;
pub use quota::RetryQuota;
pub use random::Random;
pub use rate_limiter::RateLimiter;
pub use sleep::Sleep;
