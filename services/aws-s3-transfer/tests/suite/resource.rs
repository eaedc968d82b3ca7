//! Transfers as methods of resources.

use aws_core::make;
use aws_s3::custom::CopySource;
use aws_s3::types::{Delete, ObjectIdentifier};
use aws_s3_resource::S3;
use aws_s3_transfer::resource::{BucketTransfers, ObjectTransfers};
use aws_s3_transfer::{Source, Target};

use crate::directory_buckets::{BUCKET, assert_accepted};
use crate::server::Server;
use crate::{Folder, client, content, read};

#[tokio::test(flavor = "multi_thread")]
async fn buckets_and_objects_have_the_methods_of_boto3() {
    for name in ["b", BUCKET] {
        let (server, folder) = (Server::start(), Folder::create());
        let bytes = content(1000);
        let path = folder.write("source", &bytes);
        let s3 = S3::new(&client(&server.url()).meta().session().unwrap());
        let bucket = s3.bucket(name);
        bucket.upload_file(path.clone(), "a").await.unwrap();
        bucket.object("b").upload_file(Source::bytes(bytes.clone())).await.unwrap();
        bucket.copy(CopySource::new(name, "a"), "c").await.unwrap();
        bucket.object("d").copy(CopySource::new(name, "c")).await.unwrap();
        bucket.download_file("d", folder.path("target")).await.unwrap();
        assert_eq!(read(folder.path("target")), bytes);
        assert_eq!(bucket.object("b").download_file(Target::memory()).await.unwrap().bytes, bytes);
        assert_accepted(&server);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_a_directory_bucket_are_resources_as_others() {
    let server = Server::start();
    let s3 = S3::new(&client(&server.url()).meta().session().unwrap());
    let bucket = s3.bucket(BUCKET);
    let object = bucket.put_object("a/b").with(|it| it.body("hello")).await.unwrap();
    assert_eq!(object.load().await.unwrap().content_length(), Some(5));
    assert_eq!(object.get().range("bytes=1-3").await.unwrap().body.collect().await.unwrap().into_bytes(), "ell");
    bucket.object("c").copy_from(CopySource::new(BUCKET, "a/b")).await.unwrap();
    object.wait_until_exists().await.unwrap();
    object.delete().await.unwrap();
    let delete = make!(Delete { objects: [make!(ObjectIdentifier { key: "c" })] });
    bucket.delete_objects(delete).await.unwrap();
    assert_eq!(server.store().objects.len(), 0);
    assert_accepted(&server);
}
