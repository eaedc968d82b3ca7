//! All settings in one table. It has no code, only a text, which a test compares with what sessions read.
#![doc = ""]
#![doc = include_str!("settings.md")]
