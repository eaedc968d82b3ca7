//! What the outcome of a request means for the number of requests in flight, and for the progress. Knows no operation.

use aws_core::ResponseMetadata;

use crate::engine::gate::Permit;
use crate::engine::meter::Meter;
use crate::{Error, Result};

/// Reports the outcome of a request that moves `bytes` to the gate that admitted it, and returns its output.
pub(crate) fn observe<T>(
    sent: aws_core::Result<(T, ResponseMetadata)>,
    permit: &Permit,
    bytes: u64,
    meter: &Meter,
) -> Result<T> {
    match sent {
        Ok((output, metadata)) => {
            let retries = metadata.attempts.saturating_sub(1);
            meter.add_retries(retries.into());
            match retries {
                0 => permit.completed(bytes),
                // The client has retried what the service rejected, or did not respond to.
                _ => permit.overloaded(),
            }
            Ok(output)
        }
        Err(error) => {
            if error.is_throttling() || error.is_timeout() {
                permit.overloaded();
            }
            Err(Error::of_call(error))
        }
    }
}
