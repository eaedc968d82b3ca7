//! A resource: an object that knows what it is and what can be done with it. Lists a bucket and asks each object.

use aws_core::Session;
use aws_s3_resource::S3;
use tests::moto;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::stage(); // a local stand-in for AWS, unless AWS_ENDPOINT_URL names another
    let session = Session::builder().region("us-west-2").build()?;
    moto::fill(&session, "mybucket", &["a.txt", "b.txt", "logs/today.txt"]).await?;

    let s3 = S3::new(&session);
    let bucket = s3.bucket("mybucket");
    let mut objects = bucket.objects().all();
    while let Some(object) = objects.try_next().await? {
        println!("{} {:?}", object.key(), object.last_modified());
    }
    Ok(())
}
