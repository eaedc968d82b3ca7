//! Support for the tests: conformance data and how its suites are counted, services built from a model at run time,
//! doubles of services, and CBOR and XML as trees. Knows no particular suite.

pub mod cbor;
pub mod doubles;
pub mod dynamic;
pub mod http2;
pub mod logs;
pub mod moto;
pub mod pages;
pub mod rounds;
pub mod sample;
pub mod suite;
pub mod surface;
pub mod tls_front;
pub mod values;
pub mod wire;
pub mod xml;

/// Prints a line to the real standard output, which the test harness does not capture: a run that passes shows its
/// counts too.
#[macro_export]
macro_rules! say {
    ($($argument:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout().lock(), $($argument)*);
    }};
}
