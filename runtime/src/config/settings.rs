//! All settings in one table. This module has no code, only documentation, which a test compares with the settings of
//! sessions.
#![doc = ""]
#![doc = include_str!("settings.md")]
