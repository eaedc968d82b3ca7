//! S3: buckets and their settings, objects, uploads in parts, listings.

#![allow(deprecated, reason = "what is deprecated is walked, too")]

mod listings;
mod objects;
mod settings;
mod waiters;

use aws_s3_resource::S3;

use super::walk::resources;

resources!(
    aws_s3_resource:
    Bucket, BucketAcl, BucketCors, BucketLifecycle, BucketLifecycleConfiguration, BucketLogging, BucketNotification,
    BucketPolicy, BucketRequestPayment, BucketTagging, BucketVersioning, BucketWebsite, MultipartUpload,
    MultipartUploadPart, Object, ObjectAcl, ObjectSummary, ObjectVersion,
);

#[tokio::test]
async fn resources_send_what_boto3_sends() {
    super::walk("s3", async |walk| {
        let s3 = S3::new(walk.session());
        settings::walk(walk, &s3).await;
        objects::walk(walk, &s3).await;
        listings::walk(walk, &s3).await;
        waiters::walk(walk, &s3).await;
    })
    .await;
}
