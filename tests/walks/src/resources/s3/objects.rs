//! Objects, their summaries, uploads in parts.

use aws_s3::types::{CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier, RestoreRequest};
use aws_s3_resource::{Loaded, MultipartUploadPart, S3};

use crate::resources::Walk;

pub(super) async fn walk(walk: &mut Walk, s3: &S3) {
    let bucket =
        walk.get("bucket = s3.create_bucket(Bucket='walk-of-objects')", s3.create_bucket("walk-of-objects")).await;
    walk.call("bucket.Versioning().enable()", bucket.versioning().enable()).await;
    let one = walk
        .get("one = bucket.put_object(Key='one', Body=b'first')", bucket.put_object("one").with(|it| it.body("first")))
        .await;
    walk.value("s3.Object(bucket.name, 'one')", s3.object(bucket.name(), "one"));
    walk.call("one.wait_until_exists()", one.wait_until_exists()).await;
    let one = walk.call("one.load()", one.load()).await;
    walk.call(
        "one.put(Body=b'second', Metadata={'a': 'b'}, ContentType='text/plain')",
        one.put().body("second").metadata([("a", "b")]).content_type("text/plain"),
    )
    .await;
    walk.call("one.get()", one.get()).await;
    walk.call("one.get(Range='bytes=0-2')", one.get().range("bytes=0-2")).await;
    walk.value("one.Acl()", one.acl());
    walk.value("one.Bucket()", one.bucket());
    walk.value("one.MultipartUpload('id')", one.multipart_upload("id"));
    walk.value("one.Version('v')", one.version("v"));
    let acl = walk.value("acl = s3.ObjectAcl(bucket.name, 'one')", s3.object_acl(bucket.name(), "one"));
    let acl = walk.call("acl.load()", acl.load()).await;
    walk.call("acl.put(ACL='private')", acl.put().acl("private")).await;
    walk.value("acl.Object()", acl.object());
    let two = walk.value("two = bucket.Object('a folder/t&o?')", bucket.object("a folder/t&o?"));
    walk.call("two.copy_from(CopySource={'Bucket': bucket.name, 'Key': 'one'})", two.copy_from("walk-of-objects/one"))
        .await;
    walk.call(
        "two.copy_from(CopySource='walk-of-objects/one', MetadataDirective='COPY')",
        two.copy_from("walk-of-objects/one").metadata_directive("COPY"),
    )
    .await;
    walk.call("two.delete()", two.delete()).await;
    walk.call("two.wait_until_not_exists()", two.wait_until_not_exists()).await;
    let cold = walk
        .get(
            "cold = bucket.put_object(Key='cold', Body=b'cold', StorageClass='GLACIER')",
            bucket.put_object("cold").with(|it| it.body("cold").storage_class("GLACIER")),
        )
        .await;
    walk.call(
        "cold.restore_object(RestoreRequest={'Days': 1})",
        cold.restore_object().restore_request(RestoreRequest { days: Some(1), ..Default::default() }),
    )
    .await;
    let summary = walk.value("summary = s3.ObjectSummary(bucket.name, 'one')", s3.object_summary(bucket.name(), "one"));
    let summary = walk.call("summary.load()", summary.load()).await;
    walk.call("summary.wait_until_exists()", summary.wait_until_exists()).await;
    walk.call("summary.get()", summary.get()).await;
    walk.call("summary.put(Body=b'third')", summary.put().body("third")).await;
    walk.call(
        "summary.copy_from(CopySource={'Bucket': bucket.name, 'Key': 'cold'})",
        summary.copy_from("walk-of-objects/cold"),
    )
    .await;
    walk.response(202, &[], "<Response/>")
        .call(
            "summary.restore_object(RestoreRequest={'Days': 1})",
            summary.restore_object().restore_request(RestoreRequest { days: Some(1), ..Default::default() }),
        )
        .await;
    walk.get("summary.initiate_multipart_upload()", summary.initiate_multipart_upload()).await;
    walk.value("summary.Acl()", summary.acl());
    walk.value("summary.Bucket()", summary.bucket());
    walk.value("summary.MultipartUpload('id')", summary.multipart_upload("id"));
    walk.value("summary.Object()", summary.object());
    walk.value("summary.Version('v')", summary.version("v"));
    let upload = walk
        .get(
            "upload = s3.Object(bucket.name, 'large').initiate_multipart_upload(ContentType='text/plain')",
            s3.object(bucket.name(), "large").initiate_multipart_upload().with(|it| it.content_type("text/plain")),
        )
        .await;
    walk.value("s3.MultipartUpload(bucket.name, 'large', 'id')", s3.multipart_upload(bucket.name(), "large", "id"));
    walk.value("upload.Object()", upload.object());
    let part = walk.value("part = upload.Part(1)", upload.part(1));
    walk.value(
        "s3.MultipartUploadPart(bucket.name, 'large', 'id', 1)",
        s3.multipart_upload_part(bucket.name(), "large", "id", 1),
    );
    walk.value("part.MultipartUpload()", part.multipart_upload());
    walk.call("part.upload(Body=b'the only part')", part.upload().body("the only part")).await;
    let found = walk.get("found = list(upload.parts.all())", upload.parts().try_collect()).await;
    walk.get("list(bucket.multipart_uploads.all())", bucket.multipart_uploads().try_collect()).await;
    walk.python("parts = [{'PartNumber': it.part_number, 'ETag': it.e_tag} for it in found]");
    let part = |it: &Loaded<MultipartUploadPart>| CompletedPart {
        part_number: Some(it.part_number()),
        e_tag: it.e_tag().map(str::to_owned),
        ..Default::default()
    };
    let parts = found.iter().map(part).collect();
    walk.get(
        "upload.complete(MultipartUpload={'Parts': parts})",
        upload.complete().with(|it| it.multipart_upload(CompletedMultipartUpload { parts, ..Default::default() })),
    )
    .await;
    let other = walk
        .get(
            "other = s3.Object(bucket.name, 'other').initiate_multipart_upload()",
            s3.object(bucket.name(), "other").initiate_multipart_upload(),
        )
        .await;
    let second = walk.value("second = other.Part(2)", other.part(2));
    walk.call(
        "second.copy_from(CopySource={'Bucket': bucket.name, 'Key': 'one'}, CopySourceRange='bytes=0-1')",
        second.copy_from("walk-of-objects/one").copy_source_range("bytes=0-1"),
    )
    .await;
    walk.call("other.abort()", other.abort()).await;
    walk.call("summary.delete()", summary.delete()).await;
    walk.call("summary.wait_until_not_exists()", summary.wait_until_not_exists()).await;
    walk.call("bucket.object_versions.delete()", bucket.object_versions().delete()).await;
    walk.call("bucket.delete()", bucket.delete()).await;
    // Canned, since moto does not keep all of them apart.
    for key in ["a//b", "../x", "./k", "/k", "ü +%", "a b/c?d#e", "~t*'()", "a&b=c", "%2F", "<>"] {
        let object = s3.object("b-1", key);
        let python = format!("object = s3.Object('b-1', {key:?}); object = object.put(Body=b'')");
        walk.canned("").call(&python, object.put().body("")).await;
        let python = format!("s3.Object('b-1', {key:?}).delete()");
        walk.response(204, &[], "").call(&python, object.delete()).await;
        let python = format!("s3.Object('b-1', 'k').copy_from(CopySource={:?})", format!("b-1/{key}"));
        walk.canned("<R/>").call(&python, s3.object("b-1", "k").copy_from(format!("b-1/{key}"))).await;
        let python = format!("s3.Bucket('b-1').delete_objects(Delete={{'Objects': [{{'Key': {key:?}}}]}})");
        let delete = Delete {
            objects: vec![ObjectIdentifier { key: Some(key.into()), ..Default::default() }].into(),
            ..Default::default()
        };
        walk.canned("<R/>").call(&python, s3.bucket("b-1").delete_objects(delete)).await;
    }
}
