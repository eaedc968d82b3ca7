//! The values of a defaults mode. Knows nothing of the settings that they are for.

use std::time::Duration;

use super::defaults_mode_table::MODES;
use super::setting_types::{DefaultsMode, RegionalEndpoint, RetryMode};

/// The values that a mode has for settings that are not set.
#[derive(Debug)]
pub(crate) struct ModeDefaults {
    pub(super) mode: DefaultsMode,
    pub(crate) retry_mode: RetryMode,
    pub(crate) sts_regional_endpoints: RegionalEndpoint,
    pub(crate) s3_us_east_1_regional_endpoint: RegionalEndpoint,
    pub(crate) connect_timeout: Duration,
}

impl ModeDefaults {
    /// Returns the values of `mode`; `None` for `legacy` and `auto`, which have none.
    pub(crate) fn for_mode(mode: DefaultsMode) -> Option<&'static Self> {
        MODES.iter().find(|it| it.mode == mode)
    }
}
