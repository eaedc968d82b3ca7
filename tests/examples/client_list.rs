//! A client has one method per operation of the service. Lists the objects of a bucket and gets each.

use aws_core::Session;
use aws_s3::Client;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let session = Session::builder().region("us-west-2").build()?;
    moto::create_bucket(&session, "mybucket", &["a.txt", "b.txt", "logs/today.txt"]).await?;

    let s3 = Client::new(&session);
    let page = s3.list_objects_v2("mybucket").send().await?;
    for object in page.contents {
        let key = object.key.unwrap_or_default();
        let response = s3.get_object("mybucket", &key).send().await?;
        println!("{key} {:?}", response.last_modified);
    }
    Ok(())
}
