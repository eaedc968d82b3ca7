//! The lowest speed of bodies, as a setting. Data without behaviour.

use std::time::Duration;

/// The lowest speed at which a body must be sent or received. A transfer fails once it is more than
/// [`grace`](Self::grace) behind that speed: one that stops ends after `grace`, one at half the speed after twice that time.
/// Time in which the program reads no body, or supplies no bytes of one, does not count, nor does waiting for a response. While
/// the program supplies none, the server catches up with what it was sent before. Time that a transfer gains counts up to
/// `grace`. Streams of events have no lowest speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MinThroughput {
    /// The bytes that must pass in a second. 0 is no limit: so one call can be without that of its session.
    pub bytes_per_second: u64,
    /// How far a transfer may be behind. Less than two seconds count as two, since bytes pass in pieces.
    /// An operating system takes what it sends in steps, of megabytes if the connection is fast and the server slow: half a
    /// minute is long enough for most.
    pub grace: Duration,
}

impl MinThroughput {
    /// So many bytes a second, with this much time for pauses.
    ///
    /// ```
    /// # use std::time::Duration;
    /// // Ends a transfer that moves less than a kilobyte a second for half a minute.
    /// let limit = aws_core::config::MinThroughput::new(1024, Duration::from_secs(30));
    /// ```
    pub const fn new(bytes_per_second: u64, grace: Duration) -> Self {
        Self { bytes_per_second, grace }
    }
}
