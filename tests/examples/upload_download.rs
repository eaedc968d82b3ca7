//! Uploads and downloads a file as a stream: memory use stays constant for any size, and the download reports progress.

use aws_core::{ByteStream, Session};
use aws_s3::Client;
use tokio::io::AsyncWriteExt;

const SIZE: usize = 8 * 1024 * 1024;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let session = Session::builder().region("us-west-2").build()?;
    moto::create_bucket(&session, "mybucket", &[]).await?;
    let folder = std::env::temp_dir().join(format!("upload-download-{}", std::process::id()));
    tokio::fs::create_dir_all(&folder).await?;
    let (source, copy) = (folder.join("source"), folder.join("copy"));
    tokio::fs::write(&source, vec![7; SIZE]).await?;

    let s3 = Client::new(&session);
    s3.put_object("mybucket", "big").body(ByteStream::from_path(&source).await?).send().await?;
    println!("up: {SIZE} bytes");

    let mut body = s3.get_object("mybucket", "big").send().await?.body;
    let mut file = tokio::fs::File::create(&copy).await?;
    let mut done = 0;
    while let Some(chunk) = body.try_next().await? {
        file.write_all(&chunk).await?;
        done += chunk.len();
        print!("\rdown: {} %", 100 * done / SIZE);
    }
    file.flush().await?;
    println!();

    assert!(tokio::fs::read(&source).await? == tokio::fs::read(&copy).await?);
    tokio::fs::remove_dir_all(&folder).await?;
    Ok(())
}
