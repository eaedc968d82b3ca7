//! A program of one service, whose start is measured: what the system loads for it and relocates in it is its own. The other
//! driver contains four services.

mod session;

use bench_driver::{AnyError, operation};
use session::session;

fn main() -> Result<(), AnyError> {
    bench_driver::main(async |arguments| {
        let s3 = aws_s3::Client::new(&session(&arguments)?);
        Ok(operation(move || {
            let s3 = s3.clone();
            async move { Ok(s3.list_buckets().send().await?.buckets.len() as u64) }
        }))
    })
}
