//! Stories of the S3 client against a server: each starts with an empty bucket of its own, and runs against every
//! server that is available: moto, moto behind TLS over HTTP/1.1 and HTTP/2, and the one that `VERIFY_ENDPOINT` names.

mod access;
mod buckets;
mod errors;
mod keys;
mod objects;

use aws_s3::Client;
use tests::moto::{self, Server};

/// What a story starts with: a server, a client of it, and the name of an empty bucket.
struct Fixture {
    server: Server,
    s3: Client,
    bucket: String,
}

/// Runs a story against every server.
async fn on_every_server(story: impl AsyncFn(Fixture) -> aws_core::Result<()>) {
    for server in moto::servers().into_iter().chain(moto::tls_servers()) {
        let s3 = Client::new(&server.session("us-east-1"));
        let bucket = moto::unique("story");
        s3.create_bucket(&bucket).send().await.expect("a bucket");
        let name = server.name;
        moto::finish(name, story(Fixture { server, s3, bucket })).await;
    }
}

/// The content of an object, which must be UTF-8.
async fn read_string(s3: &Client, bucket: &str, key: &str) -> aws_core::Result<String> {
    s3.get_object(bucket, key).send().await?.body.collect().await?.into_string()
}
