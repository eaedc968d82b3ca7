//! A presigned URL lets anyone without credentials send one request: here plain HTTP puts an object and gets it back.

use std::time::Duration;

use aws_core::Session;
use aws_s3::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let session = Session::builder().region("us-west-2").build()?;
    moto::create_bucket(&session, "mybucket", &[]).await?;
    let s3 = Client::new(&session);
    // For reqwest as this workspace builds it, without a TLS provider; a program with its default features has one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();

    let put =
        s3.put_object("mybucket", "hello.txt").content_type("text/plain").presign(Duration::from_secs(900)).await?;
    // The content type is part of the signature: `headers` contains it and must be sent.
    let response = http.put(put.url()).headers(put.headers().clone()).body("hello").send().await?;
    println!("PUT {}", response.status());

    let get = s3.get_object("mybucket", "hello.txt").presign(Duration::from_secs(900)).await?;
    let response = http.get(get.url()).send().await?;
    println!("GET {}: {}", response.status(), response.text().await?);
    Ok(())
}
