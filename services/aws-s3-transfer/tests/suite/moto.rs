//! Transfers against moto, another implementation of S3's rules than the store of these tests, and against a server that
//! checks signatures if there is one.

use aws_s3::Client;
use aws_s3::custom::CopySource;
use aws_s3_transfer::{Checksum, Source, Target, Transfers};
use moto::{Endpoint, Moto};

use crate::{Folder, MIB, PART, content, read};

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_all_sizes_go_there_and_back() {
    match Moto::shared() {
        Ok(moto) => there_and_back(&Endpoint::of(moto), &[Checksum::Auto, Checksum::Crc32, Checksum::Sha256]).await,
        Err(why) => eprintln!("SKIPPED, since moto cannot run: {why}"),
    }
    // It takes the CRC of the object, which completes an upload, for that of the request's body.
    if let Some(endpoint) = Endpoint::verifying() {
        there_and_back(&endpoint, &[Checksum::Auto, Checksum::Sha256]).await;
    }
}

async fn there_and_back(endpoint: &Endpoint, checksums: &[Checksum]) {
    let client = Client::new(&endpoint.builder("us-east-1").build().unwrap());
    let bucket = format!("transfer-{}-{}", std::process::id(), endpoint.url.len());
    client.create_bucket(&bucket).send().await.unwrap();
    let folder = Folder::create();
    for &checksum in checksums {
        let transfers = Transfers::builder(&client).part_size(PART).checksum(checksum).build().unwrap();
        for size in [0, 1000, 12 * MIB] {
            let bytes = content(size);
            let path = folder.write("source", &bytes);
            let upload = transfers.upload(&bucket, "a", Source::path(&path)).with(|it| it.content_type("text/x"));
            upload.send().await.unwrap();
            transfers.copy(&bucket, "b", CopySource::new(&bucket, "a")).part_size(PART).send().await.unwrap();
            let target = folder.path("target");
            let downloaded = transfers.download(&bucket, "b", Target::path(&target)).send().await.unwrap();
            assert_eq!(downloaded.size, size as u64);
            assert_eq!(downloaded.output.content_type.as_deref(), Some("text/x"));
            assert!(read(&target) == bytes, "{size} {checksum:?}");
        }
        let stream = Source::reader(std::io::Cursor::new(content(12 * MIB)));
        transfers.upload(&bucket, "c", stream).send().await.unwrap();
    }
    assert!(client.list_multipart_uploads(&bucket).send().await.unwrap().uploads.is_empty());
}
