//! Finds the values of a defaults mode. Knows nothing of the settings that they are for.

use super::defaults_mode_table::MODES;
use super::setting_types::{DefaultsMode, ModeDefaults};

impl ModeDefaults {
    /// Returns the values of `mode`; `None` for `legacy` and `auto`, which have none.
    pub(crate) fn for_mode(mode: DefaultsMode) -> Option<&'static Self> {
        MODES.iter().find(|it| it.mode == mode)
    }
}
