//! Stories of the S3 client against a server: each starts with an empty bucket of its own, and is told to every server
//! there is (moto, and the one that `VERIFY_ENDPOINT` names).

mod buckets;
mod keys;
mod objects;
mod reach;
mod trouble;

use aws_s3::Client;
use tests::moto::{self, Server};

/// Where a story happens.
struct Scene {
    server: Server,
    s3: Client,
    bucket: String,
}

/// Tells a story to every server.
async fn everywhere(story: impl AsyncFn(Scene) -> aws_core::Result<()>) {
    for server in moto::servers() {
        let s3 = Client::new(&server.session("us-east-1"));
        let bucket = moto::unique("story");
        s3.create_bucket(&bucket).send().await.expect("a bucket");
        let name = server.name;
        if let Err(error) = story(Scene { server, s3, bucket }).await {
            panic!("{name}: {error:?}");
        }
    }
}

/// What an object holds, as text.
async fn text(s3: &Client, bucket: &str, key: &str) -> aws_core::Result<String> {
    s3.get_object(bucket, key).send().await?.body.collect().await?.into_string()
}
