//! Transfers as methods of resources.

use aws_s3::custom::CopySource;
use aws_s3_resource::S3;
use aws_s3_transfer::resource::{BucketTransfers, ObjectTransfers};
use aws_s3_transfer::{Source, Target};

use crate::server::Server;
use crate::{Folder, client, content, read};

#[tokio::test(flavor = "multi_thread")]
async fn buckets_and_objects_have_the_methods_of_boto3() {
    let (server, folder) = (Server::start(), Folder::create());
    let bytes = content(1000);
    let path = folder.write("source", &bytes);
    let s3 = S3::new(&client(&server.url()).meta().session().unwrap());
    let bucket = s3.bucket("b");
    bucket.upload_file(path.clone(), "a").await.unwrap();
    bucket.object("b").upload_file(Source::bytes(bytes.clone())).await.unwrap();
    bucket.copy(CopySource::new("b", "a"), "c").await.unwrap();
    bucket.object("d").copy(CopySource::new("b", "c")).await.unwrap();
    bucket.download_file("d", folder.path("target")).await.unwrap();
    assert_eq!(read(folder.path("target")), bytes);
    assert_eq!(bucket.object("b").download_file(Target::memory()).await.unwrap().bytes, bytes);
}
