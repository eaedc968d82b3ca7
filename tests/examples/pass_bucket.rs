//! A resource carries its session with it: a function takes any bucket and need not know where it lives.

use aws_core::Session;
use aws_s3_resource::{Bucket, S3};
use tests::moto;

async fn list(bucket: &Bucket) -> aws_core::Result<()> {
    println!("{}:", bucket.name());
    let mut objects = bucket.objects().all();
    while let Some(object) = objects.try_next().await? {
        let body = object.get().send().await?.body.collect().await?;
        println!("  {} {:?} {} bytes", object.key(), object.last_modified(), body.len());
    }
    Ok(())
}

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::stage(); // a local stand-in for AWS, unless AWS_ENDPOINT_URL names another
    let west = Session::builder().region("us-west-2").build()?;
    let east = Session::builder().region("us-east-1").build()?;
    moto::fill(&west, "west-bucket", &["w1.txt", "w2.txt"]).await?;
    moto::fill(&east, "east-bucket", &["e1.txt"]).await?;

    list(&S3::new(&west).bucket("west-bucket")).await?;
    list(&S3::new(&east).bucket("east-bucket")).await
}
