//! The default session takes its settings and credentials from the environment and the profile files.

use aws_core::Session;
use aws_s3_resource::S3;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    moto::create_bucket(&Session::default(), "mybucket", &["a.txt", "b.txt"]).await?;

    // Both share the default session: its settings, credentials and connections.
    let client = aws_s3::Client::new(&Session::default());
    let s3 = S3::new(&Session::default());

    println!("{} objects", client.list_objects_v2("mybucket").send().await?.contents.len());
    let mut buckets = s3.buckets().all();
    while let Some(bucket) = buckets.try_next().await? {
        println!("{} {:?}", bucket.name(), bucket.creation_date());
    }
    Ok(())
}
