//! The program whose builds are measured: it lists buckets.

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    let s3 = aws_s3::Client::new(&aws_core::Session::default());
    for bucket in s3.list_buckets().send().await?.buckets {
        println!("{}", bucket.name.unwrap_or_default());
    }
    Ok(())
}
