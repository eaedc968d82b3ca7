//! The same program as `hello-ours`, with AWS's own SDK.

use aws_config::BehaviorVersion;

#[tokio::main]
async fn main() -> Result<(), aws_sdk_s3::Error> {
    let s3 = aws_sdk_s3::Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await);
    for bucket in s3.list_buckets().send().await?.buckets() {
        println!("{}", bucket.name().unwrap_or_default());
    }
    Ok(())
}
