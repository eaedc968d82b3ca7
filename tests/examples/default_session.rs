//! Without a session of one's own there is the default one: settings and keys of the environment and the profile files.

use aws_core::Session;
use aws_s3_resource::S3;
use tests::moto;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::stage(); // a local stand-in for AWS, unless AWS_ENDPOINT_URL names another
    moto::fill(&Session::default(), "mybucket", &["a.txt", "b.txt"]).await?;

    // Both share the default session: its settings, its keys and its connections.
    let client = aws_s3::Client::new(&Session::default());
    let s3 = S3::new(&Session::default());

    println!("{} objects", client.list_objects_v2("mybucket").send().await?.contents.len());
    let mut buckets = s3.buckets().all();
    while let Some(bucket) = buckets.try_next().await? {
        println!("{} {:?}", bucket.name(), bucket.creation_date());
    }
    Ok(())
}
