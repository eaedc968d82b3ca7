//! The session of the driver. Knows no service.

use aws_core::config::{AddressingStyle, ChecksumMode, S3Config};
use aws_core::{Credentials, Session};
use bench_driver::{AnyError, Arguments};

pub fn session(arguments: &Arguments) -> Result<Session, AnyError> {
    let is_set = |name| std::env::var_os(name).is_some();
    let mut s3 = S3Config::new().addressing_style(AddressingStyle::Path);
    if is_set("BENCH_SIGNED") {
        s3 = s3.payload_signing_enabled(true);
    }
    let mut builder = Session::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
        .endpoint_url(&arguments.url)
        .s3(s3);
    if is_set("BENCH_CHECKSUMS") {
        builder = builder.request_checksum_calculation(ChecksumMode::WhenSupported);
    }
    Ok(builder.build()?)
}
