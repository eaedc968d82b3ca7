//! Passes the version of the compiler to the crate, for the user agent.

use std::process::Command;

#[allow(clippy::disallowed_methods, clippy::print_stdout, reason = "cargo passes variables and reads the output")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Invariant: this variable is set by cargo for the build; the program does not read it.
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    // rustc 1.95.0 (59807616e 2026-04-14)
    let version = Command::new(rustc).arg("--version").output().ok().and_then(|it| String::from_utf8(it.stdout).ok());
    if let Some(version) = version.as_deref().and_then(|it| it.split(' ').nth(1)) {
        println!("cargo::rustc-env=COMPILER_VERSION={version}");
    }
}
