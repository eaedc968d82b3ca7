//! The metadata of responses that resources hide: of actions, collections and batches.

use aws_core::config::Environment;
use aws_core::testing::{RecordedSleep, Reply};
use aws_core::{Credentials, Session};
use aws_s3_resource::{Bucket, S3, batch};
use tests::doubles::ScriptedClient;

fn bucket(replies: impl IntoIterator<Item = Reply>) -> Bucket {
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .http_client(ScriptedClient::new(replies))
        .sleep(RecordedSleep::new().sleep())
        .build()
        .expect("a session");
    S3::new(&session).bucket("books")
}

fn page(key: &str, more: bool, id: &str) -> Reply {
    Reply::ok(format!(
        "<ListBucketResult><IsTruncated>{more}</IsTruncated><Contents><Key>{key}</Key></Contents></ListBucketResult>"
    ))
    .header("x-amz-request-id", id)
}

#[tokio::test]
async fn an_action_returns_the_resource_with_the_metadata() {
    let reply = Reply::ok("").header("x-amz-request-id", "R1").header("etag", "\"e\"");
    let (object, metadata) = bucket([Reply::new(500), reply.clone()])
        .put_object("k")
        .with(|put| put.body("x"))
        .send_with_metadata()
        .await
        .expect("an object");
    assert_eq!((object.key(), metadata.status, metadata.attempts, metadata.request_id()), ("k", 200, 2, Some("R1")));
    let (loaded, metadata) = bucket([reply]).object("k").load().send_with_metadata().await.expect("loaded");
    assert_eq!((loaded.e_tag(), metadata.request_id()), (Some("\"e\""), Some("R1")));
}

#[tokio::test]
async fn a_collection_has_the_metadata_of_its_current_page() {
    let replies = || [page("a", true, "R1"), page("b", false, "R2")];
    let mut objects = bucket(replies()).objects().all();
    assert!(objects.metadata().is_none());
    for id in ["R1", "R2"] {
        objects.try_next().await.expect("an object").expect("an object");
        assert_eq!(objects.metadata().and_then(|it| it.request_id()), Some(id));
    }
    assert!(objects.try_next().await.expect("the end").is_none());
    assert_eq!(objects.metadata().and_then(|it| it.request_id()), Some("R2"), "that of the last page");
    let mut pages = bucket(replies()).objects().limit(1).pages();
    assert_eq!(pages.try_next().await.expect("a page").map(|it| it.len()), Some(1));
    assert_eq!(pages.metadata().map(|it| it.status), Some(200));
    // An operation without pagination.
    let zones = "<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>";
    let reply = Reply::ok(zones).header("x-amz-request-id", "R3");
    let session_of = bucket([reply]);
    let mut buckets = S3::from_client(session_of.client().clone()).buckets().all();
    buckets.try_next().await.expect("a bucket").expect("a bucket");
    assert_eq!(buckets.metadata().and_then(|it| it.request_id()), Some("R3"));
}

#[tokio::test]
async fn a_batch_returns_each_response_with_its_metadata() {
    let deleted = |id: &str| Reply::ok("<DeleteResult/>").header("x-amz-request-id", id);
    let replies = [page("a", true, "L1"), deleted("D1"), page("b", false, "L2"), deleted("D2")];
    let responses = bucket(replies).objects().all().delete().send_with_metadata().await.expect("deleted");
    let ids: Vec<_> = responses.iter().map(|(_, metadata)| metadata.request_id().unwrap_or_default()).collect();
    assert_eq!(ids, ["D1", "D2"]);
    let books = bucket([deleted("D3")]);
    let mut deletion = batch([books.object("a")]).delete();
    let (_, metadata) = deletion.try_next_with_metadata().await.expect("deleted").expect("a response");
    assert_eq!((metadata.status, metadata.request_id()), (200, Some("D3")));
    assert!(deletion.try_next_with_metadata().await.expect("the end").is_none());
}
