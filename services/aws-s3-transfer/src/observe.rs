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
    let (output, is_at_once) = observe_head(sent, permit, meter)?;
    if is_at_once {
        permit.completed(bytes);
    }
    Ok(output)
}

/// The same for one whose body follows. Also returns whether its first attempt was the one that succeeded.
pub(crate) fn observe_head<T>(
    sent: aws_core::Result<(T, ResponseMetadata)>,
    permit: &Permit,
    meter: &Meter,
) -> Result<(T, bool)> {
    match sent {
        Ok((output, metadata)) => {
            let retries = metadata.attempts.saturating_sub(1);
            meter.add_retries(retries.into());
            if retries > 0 {
                // The client has retried what the service rejected, or did not respond to.
                permit.overloaded();
            }
            Ok((output, retries == 0))
        }
        Err(error) => {
            if error.is_throttling() || error.is_timeout() {
                permit.overloaded();
            }
            Err(Error::of_call(error))
        }
    }
}
