//! A client: one method an operation, as the service has them. Lists the objects of a bucket and asks for each.

use aws_core::Session;
use aws_s3::Client;
use tests::moto;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::stage(); // a local stand-in for AWS, unless AWS_ENDPOINT_URL names another
    let session = Session::builder().region("us-west-2").build()?;
    moto::fill(&session, "mybucket", &["a.txt", "b.txt", "logs/today.txt"]).await?;

    let s3 = Client::new(&session);
    let page = s3.list_objects_v2("mybucket").send().await?;
    for object in page.contents {
        let key = object.key.unwrap_or_default();
        let answer = s3.get_object("mybucket", &key).send().await?;
        println!("{key} {:?}", answer.last_modified);
    }
    Ok(())
}
