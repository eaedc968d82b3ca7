//! A page of a listing holds a thousand objects at most. `items` goes through all of them, and `pages` through the pages.

use aws_core::Session;
use aws_s3::Client;
use tests::moto;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::stage(); // a local stand-in for AWS, unless AWS_ENDPOINT_URL names another
    let session = Session::builder().region("us-west-2").build()?;
    moto::fill(&session, "mybucket", &["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]).await?;

    let s3 = Client::new(&session);
    let mut objects = s3.list_objects_v2("mybucket").items().page_size(2);
    while let Some(object) = objects.try_next().await? {
        println!("{} {:?}", object.key.unwrap_or_default(), object.last_modified);
    }

    let mut pages = s3.list_objects_v2("mybucket").pages().page_size(2);
    while let Some(page) = pages.try_next().await? {
        println!("a page of {}", page.contents.len());
    }

    // Three items now; the token leads to the rest, today or in another process.
    let mut first = s3.list_objects_v2("mybucket").items().limit(3);
    while first.try_next().await?.is_some() {}
    if let Some(token) = first.resume_token() {
        let rest = s3.list_objects_v2("mybucket").items().starting_token(&token).try_collect().await?;
        println!("{} more", rest.len());
    }
    Ok(())
}
