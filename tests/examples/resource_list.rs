//! A resource is a value with an identity, attributes and actions. Lists the objects of a bucket with their attributes.

use aws_core::Session;
use aws_s3_resource::S3;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let session = Session::builder().region("us-west-2").build()?;
    moto::create_bucket(&session, "mybucket", &["a.txt", "b.txt", "logs/today.txt"]).await?;

    let s3 = S3::new(&session);
    let bucket = s3.bucket("mybucket");
    let mut objects = bucket.objects().all();
    while let Some(object) = objects.try_next().await? {
        println!("{} {:?}", object.key(), object.last_modified());
    }
    Ok(())
}
