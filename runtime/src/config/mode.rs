//! The defaults of a defaults mode. Knows not where a value goes.

use std::time::Duration;

use super::kind::{DefaultsMode, RegionalEndpoint, RetryMode};
use super::modes::MODES;

/// What a mode says of settings that nobody gives.
#[derive(Debug)]
pub(crate) struct ModeDefaults {
    pub(super) mode: DefaultsMode,
    pub(crate) retry_mode: RetryMode,
    pub(crate) sts_regional_endpoints: RegionalEndpoint,
    pub(crate) s3_us_east_1_regional_endpoint: RegionalEndpoint,
    pub(crate) connect_timeout: Duration,
}

impl ModeDefaults {
    /// Those of `mode`, if it has any of its own.
    pub(crate) fn of(mode: DefaultsMode) -> Option<&'static Self> {
        MODES.iter().find(|it| it.mode == mode)
    }
}
