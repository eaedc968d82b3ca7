//! Pagination: a page of a listing has 1,000 objects at most. `items` yields the objects of all pages, `pages` the
//! pages.

use aws_core::Session;
use aws_s3::Client;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let session = Session::builder().region("us-west-2").build()?;
    moto::create_bucket(&session, "mybucket", &["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]).await?;

    let s3 = Client::new(&session);
    let mut objects = s3.list_objects_v2("mybucket").items().page_size(2);
    while let Some(object) = objects.try_next().await? {
        println!("{} {:?}", object.key.unwrap_or_default(), object.last_modified);
    }

    let mut pages = s3.list_objects_v2("mybucket").pages().page_size(2);
    while let Some(page) = pages.try_next().await? {
        println!("a page of {}", page.contents.len());
    }

    // Read three items now; the token continues after them, later or in another process.
    let mut first = s3.list_objects_v2("mybucket").items().limit(3);
    while first.try_next().await?.is_some() {}
    if let Some(token) = first.resume_token() {
        let rest = s3.list_objects_v2("mybucket").items().starting_token(&token).try_collect().await?;
        println!("{} more", rest.len());
    }
    Ok(())
}
