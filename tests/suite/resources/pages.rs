//! Collections, batches and loads against scripted responses.

use aws_core::config::Environment;
use aws_core::testing::Reply;
use aws_core::{Credentials, ErrorKind, Session};
use aws_s3::types::VersioningConfiguration;
use aws_s3_resource::{Bucket, Object, S3, batch, batch_stream};
use tests::doubles::ScriptedClient;

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

/// A page of a listing; the next page begins after the key `next`, `None` for the last page.
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
async fn a_page_is_requested_only_when_it_is_needed() {
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
async fn a_limit_truncates_the_last_page_and_stops_requests() {
    let (http, bucket) = bucket(&[&page(Some("b"), &["a", "b"]), &page(Some("d"), &["c", "d"])]);
    let objects = bucket.objects().filter(|list| list.prefix("x/")).page_size(2).limit(3).try_collect().await;
    let keys: Vec<String> = objects.expect("elements").iter().map(|it| it.key().to_owned()).collect();
    assert_eq!(keys, ["a", "b", "c"]);
    let requests = http.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[0].query().contains("max-keys=2") && requests[0].query().contains("prefix=x%2F"));
}

#[tokio::test]
async fn elements_without_identifiers_are_skipped() {
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
    // Each has the data of its own element, also after a skipped one.
    assert_eq!(found, [("b", "v2", Some(2), None, false), ("c", "v3", None, Some(true), true)]);
}

#[tokio::test]
async fn a_batch_skips_empty_pages_and_returns_the_errors_of_elements() {
    let (http, bucket) = bucket(&[
        &page(Some("a"), &[]),
        &page(None, &["a", "b"]),
        "<DeleteResult><Deleted><Key>a</Key></Deleted>\
         <Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>",
    ]);
    let responses = bucket.objects().delete().with(|it| it.bypass_governance_retention(true)).await.expect("responses");
    assert_eq!(responses.len(), 1);
    assert_eq!(responses.deleted().map(|it| it.key.as_deref()).collect::<Vec<_>>(), [Some("a")]);
    assert_eq!(responses.errors().map(|it| it.code.as_deref()).collect::<Vec<_>>(), [Some("AccessDenied")]);
    let delete = &http.requests()[2];
    let body = String::from_utf8_lossy(&delete.body).into_owned();
    assert!(body.contains("<Object><Key>a</Key></Object><Object><Key>b</Key></Object>"), "{body}");
    assert_eq!(delete.header("x-amz-bypass-governance-retention"), "true");
}

/// The bucket and the number of keys of each deletion, in order.
fn deletions(http: &ScriptedClient) -> Vec<(String, usize)> {
    let requests = http.requests();
    let deletions = requests.iter().filter(|it| it.query().starts_with("delete"));
    let bucket = |url: &str| url.trim_start_matches("https://").split('.').next().unwrap_or_default().to_owned();
    deletions.map(|it| (bucket(&it.url), String::from_utf8_lossy(&it.body).matches("<Key>").count())).collect()
}

#[tokio::test]
async fn a_batch_of_any_resources_is_split_by_bucket_client_and_limit() {
    let nothing = "<DeleteResult/>";
    let (http, books) = bucket(&[nothing; 6]);
    let (_, other_client) = bucket(&[]);
    let papers = S3::from_client(books.client().clone()).bucket("papers");
    let mixed: Vec<Object> = (0..2003)
        .map(|it| if it % 3 == 0 { papers.object(it.to_string()) } else { books.object(it.to_string()) })
        .collect();
    // By reference, by value, and of any iterator.
    let responses = batch(&mixed).delete().await.expect("responses");
    assert_eq!((responses.len(), responses.errors().count()), (3, 0));
    let split = [("papers", 668), ("books", 1000), ("books", 335)].map(|(name, keys)| (name.to_owned(), keys));
    assert_eq!(deletions(&http), split);
    batch(mixed.into_iter().take(2)).delete().with(|it| it.bypass_governance_retention(true)).await.expect("responses");
    assert_eq!(deletions(&http)[3..], [("papers".to_owned(), 1), ("books".to_owned(), 1)]);
    // The first request of a batch over two clients is sent by its own.
    let mut both = batch([books.object("a"), other_client.object("b")]).delete();
    assert!(both.try_next().await.expect("a response").is_some());
    assert!(both.try_next().await.is_err(), "the other client has no replies");
    assert!(batch(Vec::<Object>::new()).delete().await.expect("no request").is_empty());
}

#[tokio::test]
async fn a_batch_of_a_stream_fills_its_requests_across_pages() {
    let (http, books) = bucket(&[
        &page(Some("b"), &["a", "b"]),
        &page(None, &["c"]),
        "<DeleteResult><Error><Key>c</Key><Code>AccessDenied</Code></Error></DeleteResult>",
    ]);
    let responses = batch_stream(books.objects()).delete().await.expect("responses");
    assert_eq!(deletions(&http), [("books".to_owned(), 3)]);
    assert_eq!(responses.errors().map(|it| it.key.as_deref()).collect::<Vec<_>>(), [Some("c")]);
}

#[tokio::test]
async fn a_structure_that_an_action_fills_in_is_merged_with_that_of_the_caller() {
    let (http, books) = bucket(&[""]);
    let settings = VersioningConfiguration { mfa_delete: Some("Enabled".into()), ..Default::default() };
    let mut enable = books.versioning().enable();
    enable.as_mut().input_mut().versioning_configuration = Some(settings);
    enable.await.expect("a response");
    let body = String::from_utf8_lossy(&http.requests()[0].body).into_owned();
    assert!(body.contains("<MfaDelete>Enabled</MfaDelete>") && body.contains("<Status>Enabled</Status>"), "{body}");
}

#[tokio::test]
async fn a_batch_without_elements_sends_no_request() {
    let (http, bucket) = bucket(&[&page(None, &[])]);
    assert!(bucket.objects().delete().await.expect("responses").is_empty());
    assert_eq!(http.requests().len(), 1);
}

#[tokio::test]
async fn a_bucket_loads_from_the_listing_by_its_exact_name_or_is_not_found() {
    let list = "<ListAllMyBucketsResult><Buckets><Bucket><Name>books</Name><BucketRegion>eu-west-1</BucketRegion></Bucket>\
                <Bucket><Name>books-old</Name></Bucket></Buckets></ListAllMyBucketsResult>";
    let other =
        "<ListAllMyBucketsResult><Buckets><Bucket><Name>books-old</Name></Bucket></Buckets></ListAllMyBucketsResult>";
    let (http, bucket) = bucket(&[list, other, other]);
    let mut loaded = bucket.load().await.expect("a bucket");
    assert_eq!(loaded.bucket_region(), Some("eu-west-1"));
    assert!(http.requests()[0].query().contains("prefix=books"));
    assert_eq!(bucket.load().await.map_err(|it| it.kind()).err(), Some(ErrorKind::NotFound));
    // A failed reload keeps the old data.
    assert!(loaded.reload().await.is_err());
    assert_eq!(loaded.bucket_region(), Some("eu-west-1"));
}

#[test]
#[expect(clippy::mutable_key_type, reason = "hashed by identifiers, which do not change")]
fn resources_are_equal_by_their_identifiers() {
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
