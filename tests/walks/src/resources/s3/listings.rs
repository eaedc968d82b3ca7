//! Listings of objects and versions, and actions on all of them.

use aws_s3::types::{Delete, ObjectIdentifier};
use aws_s3_resource::S3;

use crate::resources::Walk;

pub(super) async fn walk(walk: &mut Walk, s3: &S3) {
    let bucket =
        walk.get("bucket = s3.create_bucket(Bucket='walk-of-listings')", s3.create_bucket("walk-of-listings")).await;
    walk.call("bucket.Versioning().enable()", bucket.versioning().enable()).await;
    for key in ["one", "only", "two"] {
        let python = format!("bucket.put_object(Key='{key}', Body=b'{key}')");
        walk.get(&python, bucket.put_object(key).with(|it| it.body(key))).await;
    }
    walk.get("list(bucket.objects.all())", bucket.objects().try_collect()).await;
    walk.get("list(bucket.objects.filter(Prefix='o'))", bucket.objects().filter(|it| it.prefix("o")).try_collect())
        .await;
    walk.get(
        "list(bucket.objects.filter(Prefix='o').filter(Delimiter='/'))",
        bucket.objects().filter(|it| it.prefix("o")).filter(|it| it.delimiter("/")).try_collect(),
    )
    .await;
    walk.get("list(bucket.objects.limit(1))", bucket.objects().limit(1).try_collect()).await;
    walk.get("list(bucket.objects.page_size(1))", bucket.objects().page_size(1).try_collect()).await;
    let mut pages = bucket.objects().page_size(2).pages();
    walk.get("next(bucket.objects.page_size(2).pages())", async { pages.try_next().await }).await;
    walk.get(
        "list(bucket.objects.filter(Prefix='none'))",
        bucket.objects().filter(|it| it.prefix("none")).try_collect(),
    )
    .await;
    walk.differs("with a limit of 0 nothing has to be requested")
        .get("list(bucket.objects.limit(0))", bucket.objects().limit(0).try_collect())
        .await;
    walk.get(
        "list(bucket.object_versions.filter(Prefix='one'))",
        bucket.object_versions().filter(|it| it.prefix("one")).try_collect(),
    )
    .await;
    let versions = bucket.object_versions().filter(|it| it.prefix("one")).try_collect();
    let versions = walk.get("versions = list(bucket.object_versions.filter(Prefix='one'))", versions).await;
    let version = &versions[0];
    walk.python("version = versions[0]");
    walk.value("s3.ObjectVersion(bucket.name, 'one', 'v')", s3.object_version(bucket.name(), "one", "v"));
    walk.call("version.head()", version.head()).await;
    walk.call("version.get()", version.get()).await;
    walk.value("version.Object()", version.object());
    walk.call("version.delete()", version.delete()).await;
    walk.call(
        "bucket.delete_objects(Delete={'Objects': [{'Key': 'none'}], 'Quiet': True})",
        bucket.delete_objects(Delete {
            objects: vec![ObjectIdentifier { key: Some("none".into()), ..Default::default() }].into(),
            quiet: Some(true),
            ..Default::default()
        }),
    )
    .await;
    walk.call(
        "bucket.objects.filter(Prefix='none').delete()",
        bucket.objects().filter(|it| it.prefix("none")).delete(),
    )
    .await;
    walk.call("bucket.objects.page_size(1).delete()", bucket.objects().page_size(1).delete()).await;
    walk.call("bucket.objects.delete()", bucket.objects().delete()).await;
    walk.canned("<ListBucketResult><IsTruncated>true</IsTruncated><NextMarker>a</NextMarker></ListBucketResult>")
        .canned(
            "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>b</Key></Contents></ListBucketResult>",
        )
        .canned("<DeleteResult/>")
        .differs("boto3 ends a batch at the first empty page (O17), and one reply is left")
        .call("bucket.objects.delete()", bucket.objects().delete())
        .await;
    walk.canned(
        "<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>k</Key></Version><Version><Key>k</Key>\
        <VersionId>2</VersionId></Version></ListVersionsResult>",
    )
    .differs("boto3 gives the data of one version to another (O11), and fails")
    .get("list(bucket.object_versions.all())", bucket.object_versions().try_collect())
    .await;
    walk.call("bucket.object_versions.delete()", bucket.object_versions().delete()).await;
    walk.call("bucket.delete()", bucket.delete()).await;
    walk.call("bucket.wait_until_not_exists()", bucket.wait_until_not_exists()).await;
    let objects = s3.bucket("b-1").objects().filter(|it| it.prefix("a b/").delimiter("/").request_payer("requester"));
    let python =
        "s3.Bucket('b-1').objects.filter(Prefix='a b/', Delimiter='/', RequestPayer='requester').delete(MFA='s 1')";
    walk.canned("<R><IsTruncated>false</IsTruncated><Contents><Key>a b/1</Key></Contents></R>").canned("<R/>");
    walk.call(python, objects.delete().with(|it| it.mfa("s 1"))).await;
}
