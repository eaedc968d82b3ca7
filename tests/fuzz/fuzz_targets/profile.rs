//! Strings as a config or credentials file: profiles or an error with its line, never a panic.

#![no_main]

use aws_core::config::profile::Profiles;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (config, credentials) = ("config", "credentials");
    let _ = Profiles::parse(Some((config, text)), None);
    let _ = Profiles::parse(None, Some((credentials, text)));
});
