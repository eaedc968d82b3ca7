//! Two sessions in one program, one per region, with clients and resources of both.

use aws_core::Session;
use aws_s3::Client;
use aws_s3_resource::S3;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let west = Session::builder().region("us-west-2").build()?;
    let east = Session::builder().region("us-east-1").build()?;
    moto::create_bucket(&west, "west-bucket", &["w1.txt", "w2.txt"]).await?;
    moto::create_bucket(&east, "east-bucket", &["e1.txt"]).await?;

    let (west_client, east_client) = (Client::new(&west), Client::new(&east));
    for (client, bucket) in [(&west_client, "west-bucket"), (&east_client, "east-bucket")] {
        let page = client.list_objects_v2(bucket).send().await?;
        println!("{bucket}: {} objects", page.contents.len());
    }

    let (west_s3, east_s3) = (S3::new(&west), S3::new(&east));
    for (s3, bucket) in [(&west_s3, "west-bucket"), (&east_s3, "east-bucket")] {
        for object in s3.bucket(bucket).objects().all().try_collect().await? {
            println!("{bucket}: {}", object.key());
        }
    }
    Ok(())
}
