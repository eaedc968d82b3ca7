//! Support for the tests: conformance data and how its suites are counted, shapes and calls made from a model at run
//! time, and XML as trees. Knows no particular suite.

pub mod cbor;
pub mod dynamic;
pub mod http2;
pub mod sample;
pub mod suite;
pub mod values;
pub mod wire;
pub mod xml;

pub mod moto;

/// Prints a line past the capture of the test harness, so that a run that passes tells its counts too.
#[macro_export]
macro_rules! say {
    ($($argument:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout().lock(), $($argument)*);
    }};
}
