//! A resource carries its session: a function can take any bucket without knowing its region.

use aws_core::Session;
use aws_s3_resource::{Bucket, S3};

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
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let west = Session::builder().region("us-west-2").build()?;
    let east = Session::builder().region("us-east-1").build()?;
    moto::create_bucket(&west, "west-bucket", &["w1.txt", "w2.txt"]).await?;
    moto::create_bucket(&east, "east-bucket", &["e1.txt"]).await?;

    list(&S3::new(&west).bucket("west-bucket")).await?;
    list(&S3::new(&east).bucket("east-bucket")).await
}
