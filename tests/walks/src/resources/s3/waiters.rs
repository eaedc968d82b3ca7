//! Waiters: how often they ask, and what ends them.

use aws_s3_resource::S3;

use crate::resources::Walk;

pub(super) async fn walk(walk: &mut Walk, s3: &S3) {
    let (there, gone) = ([(404, ""), (200, "")], [(200, ""), (404, "")]);
    let (bucket, object, summary) = (s3.bucket("b-1"), s3.object("b-1", "k"), s3.object_summary("b-1", "k"));
    walk.waits("s3.Bucket('b-1').wait_until_exists()", || bucket.wait_until_exists(), 20, there, None).await;
    walk.waits("s3.Bucket('b-1').wait_until_not_exists()", || bucket.wait_until_not_exists(), 20, gone, None).await;
    walk.waits("s3.Object('b-1', 'k').wait_until_exists()", || object.wait_until_exists(), 20, there, None).await;
    walk.waits("s3.Object('b-1', 'k').wait_until_not_exists()", || object.wait_until_not_exists(), 20, gone, None)
        .await;
    let python = "s3.ObjectSummary('b-1', 'k').wait_until_exists()";
    walk.waits(python, || summary.wait_until_exists(), 20, there, None).await;
    let python = "s3.ObjectSummary('b-1', 'k').wait_until_not_exists()";
    walk.waits(python, || summary.wait_until_not_exists(), 20, gone, None).await;
}
