//! Collections, batches and loads against answers out of a script.

use aws_core::config::Environment;
use aws_core::test_util::{Reply, ScriptedClient};
use aws_core::{Credentials, ErrorKind, Session};
use aws_s3_resource::{Bucket, S3};

fn bucket(replies: &[&str]) -> (ScriptedClient, Bucket) {
    let http = ScriptedClient::new(replies.iter().map(|it| Reply::ok((*it).to_owned())));
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .http_client(http.clone())
        .build()
        .expect("a session");
    (http, S3::new(&session).bucket("books"))
}

/// A page of a listing; one that is not the last is followed by the page after its `next` key.
fn page(next: Option<&str>, keys: &[&str]) -> String {
    let contents: String =
        keys.iter().map(|it| format!("<Contents><Key>{it}</Key><Size>3</Size></Contents>")).collect();
    let more = match next {
        Some(next) => format!("<IsTruncated>true</IsTruncated><NextMarker>{next}</NextMarker>"),
        None => "<IsTruncated>false</IsTruncated>".to_owned(),
    };
    format!("<ListBucketResult>{more}{contents}</ListBucketResult>")
}

#[tokio::test]
async fn nothing_is_called_before_it_is_needed() {
    let (http, bucket) = bucket(&[&page(Some("b"), &["a", "b"]), &page(None, &["c"])]);
    let mut objects = bucket.objects().all();
    let copy = objects.clone();
    assert_eq!(http.requests().len(), 0);
    assert!(objects.try_next().await.expect("an element").is_some());
    assert!(objects.try_next().await.expect("an element").is_some());
    assert_eq!(http.requests().len(), 1);
    assert!(objects.try_next().await.expect("an element").is_some());
    assert!(objects.try_next().await.expect("an end").is_none());
    assert_eq!(http.requests().len(), 2);
    assert!(copy.limit(0).try_next().await.expect("an end").is_none());
    assert_eq!(http.requests().len(), 2);
}

#[tokio::test]
async fn a_limit_cuts_a_page_and_the_calls() {
    let (http, bucket) = bucket(&[&page(Some("b"), &["a", "b"]), &page(Some("d"), &["c", "d"])]);
    let objects = bucket.objects().filter(|list| list.prefix("x/")).page_size(2).limit(3).try_collect().await;
    let keys: Vec<String> = objects.expect("elements").iter().map(|it| it.key().to_owned()).collect();
    assert_eq!(keys, ["a", "b", "c"]);
    let requests = http.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[0].query().contains("max-keys=2") && requests[0].query().contains("prefix=x%2F"));
}

#[tokio::test]
async fn elements_without_identifiers_are_passed_over() {
    let (_, bucket) = bucket(&["<ListVersionsResult><IsTruncated>false</IsTruncated>\
         <Version><Key>a</Key><ETag>\"1\"</ETag><Size>1</Size></Version>\
         <Version><Key>b</Key><VersionId>v2</VersionId><ETag>\"2\"</ETag><Size>2</Size></Version>\
         <DeleteMarker><Key>c</Key><VersionId>v3</VersionId><IsLatest>true</IsLatest></DeleteMarker>\
         </ListVersionsResult>"]);
    let versions = bucket.object_versions().try_collect().await.expect("elements");
    let found: Vec<_> = versions
        .iter()
        .map(|it| (it.object_key(), it.id(), it.size(), it.is_latest(), it.is_delete_marker()))
        .collect();
    // The data are those of the element itself, whatever stood before it.
    assert_eq!(found, [("b", "v2", Some(2), None, false), ("c", "v3", None, Some(true), true)]);
}

#[tokio::test]
async fn a_batch_goes_past_empty_pages_and_keeps_what_was_refused() {
    let (http, bucket) = bucket(&[
        &page(Some("a"), &[]),
        &page(None, &["a", "b"]),
        "<DeleteResult><Deleted><Key>a</Key></Deleted>\
         <Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>",
    ]);
    let answers = bucket.objects().delete().with(|it| it.bypass_governance_retention(true)).await.expect("answers");
    assert_eq!(answers.len(), 1);
    assert_eq!(answers.deleted().map(|it| it.key.as_deref()).collect::<Vec<_>>(), [Some("a")]);
    assert_eq!(answers.errors().map(|it| it.code.as_deref()).collect::<Vec<_>>(), [Some("AccessDenied")]);
    let delete = &http.requests()[2];
    let body = String::from_utf8_lossy(&delete.body).into_owned();
    assert!(body.contains("<Object><Key>a</Key></Object><Object><Key>b</Key></Object>"), "{body}");
    assert_eq!(delete.header("x-amz-bypass-governance-retention"), "true");
}

#[tokio::test]
async fn a_batch_of_nothing_calls_nothing() {
    let (http, bucket) = bucket(&[&page(None, &[])]);
    assert!(bucket.objects().delete().await.expect("answers").is_empty());
    assert_eq!(http.requests().len(), 1);
}

#[tokio::test]
async fn loading_finds_the_bucket_itself_or_nothing() {
    let list = "<ListAllMyBucketsResult><Buckets><Bucket><Name>books</Name><BucketRegion>eu-west-1</BucketRegion></Bucket>\
                <Bucket><Name>books-old</Name></Bucket></Buckets></ListAllMyBucketsResult>";
    let other =
        "<ListAllMyBucketsResult><Buckets><Bucket><Name>books-old</Name></Bucket></Buckets></ListAllMyBucketsResult>";
    let (http, bucket) = bucket(&[list, other, other]);
    let mut loaded = bucket.load().await.expect("a bucket");
    assert_eq!(loaded.bucket_region(), Some("eu-west-1"));
    assert!(http.requests()[0].query().contains("prefix=books"));
    assert_eq!(bucket.load().await.map_err(|it| it.kind()).err(), Some(ErrorKind::NotFound));
    // A reload that fails leaves what was there.
    assert!(loaded.reload().await.is_err());
    assert_eq!(loaded.bucket_region(), Some("eu-west-1"));
}

#[test]
#[expect(clippy::mutable_key_type, reason = "hashed by identifiers, which do not change")]
fn identifiers_tell_resources_apart() {
    let (_, one) = bucket(&[]);
    let (_, two) = bucket(&[]);
    assert_eq!(one, two);
    assert_ne!(one.object("a"), two.object("b"));
    assert_eq!(format!("{:?}", one.object("a")), r#"Object { bucket_name: "books", key: "a" }"#);
    let part = one.object("a").multipart_upload("u").part(3);
    assert_eq!(part.part_number(), 3);
    assert_eq!(part.multipart_upload().object(), one.object("a"));
    let set: std::collections::HashSet<_> = [one.object("a"), two.object("a"), one.object("b")].into();
    assert_eq!(set.len(), 2);
}
