//! A program of one service, whose start is measured.

mod settings;

use bench_driver::{AnyError, Arguments, operation};

fn main() -> Result<(), AnyError> {
    bench_driver::main(async |Arguments { url, .. }| {
        let s3 = settings::s3(&settings::load(&url).await);
        Ok(operation(move || {
            let list = s3.list_buckets();
            async move { Ok(list.send().await?.buckets().len() as u64) }
        }))
    })
}
