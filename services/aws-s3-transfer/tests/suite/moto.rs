//! Transfers against moto: another implementation of S3's rules than the store of these tests.

use aws_core::Session;
use aws_s3::Client;
use aws_s3::custom::CopySource;
use aws_s3_transfer::{Source, Target, Transfers};
use moto::Moto;

use crate::{Folder, MIB, PART, content, read};

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_all_sizes_go_there_and_back() {
    let moto = match Moto::shared() {
        Ok(moto) => moto,
        Err(why) => return eprintln!("SKIPPED, since moto cannot run: {why}"),
    };
    let session = Session::builder()
        .environment(aws_core::config::Environment::empty())
        .region("us-east-1")
        .endpoint_url(moto.url())
        .credentials(aws_core::Credentials::new("AKIDEXAMPLE", "secret"))
        .build()
        .unwrap();
    let client = Client::new(&session);
    let bucket = format!("transfer-{}", std::process::id());
    client.create_bucket(&bucket).send().await.unwrap();
    let transfers = Transfers::builder(&client).part_size(PART).build().unwrap();
    let folder = Folder::create();
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
        assert!(read(&target) == bytes, "{size}");
    }
    assert!(client.list_multipart_uploads(&bucket).send().await.unwrap().uploads.is_empty());
}
