//! Pages and items over scripted responses: tokens from one response to the next request, limits, and resume tokens.

mod beyond_items;
mod lossless;
mod resume_tokens;

use aws_core::config::Environment;
use aws_core::testing::Reply;
use aws_core::{Credentials, ErrorKind, Session};
use aws_s3::Client;
use aws_s3::types::Object;
use lossless::drain;
use tests::doubles::ScriptedClient;

/// A session with scripted responses, without retries.
fn session(replies: impl IntoIterator<Item = Reply>) -> (Session, ScriptedClient) {
    let http = ScriptedClient::new(replies);
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .max_attempts(1)
        .http_client(http.clone())
        .build()
        .expect("a session");
    (session, http)
}

/// A client of S3 with scripted responses, without retries.
fn client(replies: impl IntoIterator<Item = Reply>) -> (Client, ScriptedClient) {
    let (session, http) = session(replies);
    (Client::new(&session), http)
}

/// A page of ListObjectsV2 with these keys. With a token in `next` another page follows.
fn page(keys: &str, next: &str) -> Reply {
    let contents: String = keys.split_whitespace().map(|it| format!("<Contents><Key>{it}</Key></Contents>")).collect();
    let more = !next.is_empty();
    let next = if more { format!("<NextContinuationToken>{next}</NextContinuationToken>") } else { String::new() };
    Reply::ok(format!("<ListBucketResult><IsTruncated>{more}</IsTruncated>{next}{contents}</ListBucketResult>"))
}

/// Three pages: three keys, two, and one.
fn three_pages() -> [Reply; 3] {
    [page("a b c", "T/1=="), page("d e", "T2"), page("f", "")]
}

fn key(object: Object) -> String {
    object.key.unwrap_or_default()
}

/// The value of a parameter in the query of each request.
fn sent(http: &ScriptedClient, name: &str) -> Vec<Option<String>> {
    let value = |query: &str| {
        let found = query.split('&').find_map(|it| it.strip_prefix(name)?.strip_prefix('='));
        found.map(str::to_owned)
    };
    http.requests().iter().map(|it| value(it.query())).collect()
}

#[tokio::test]
async fn each_page_is_requested_lazily_with_the_token_of_the_page_before() {
    let (s3, http) = client(three_pages());
    let objects = s3.list_objects_v2("logs").prefix("p").items().try_collect().await.expect("all");
    assert_eq!(objects.into_iter().map(key).collect::<String>(), "abcdef");
    let tokens = sent(&http, "continuation-token");
    assert_eq!(tokens, [None, Some("T%2F1%3D%3D".to_owned()), Some("T2".to_owned())]);
    assert_eq!(sent(&http, "prefix"), vec![Some("p".to_owned()); 3]);

    let (s3, http) = client(three_pages());
    let mut pages = s3.list_objects_v2("logs").pages();
    assert_eq!(http.requests().len(), 0, "nothing is sent before the first page is requested");
    let mut count = 0;
    let (found, error) = drain(async || {
        count += 1;
        let page = pages.try_next().await?;
        assert_eq!(http.requests().len(), count.min(3), "one page at a time");
        Ok(page)
    })
    .await;
    assert_eq!(found.iter().map(|it| it.contents.len()).collect::<Vec<_>>(), [3, 2, 1]);
    assert!(error.is_none());
    assert_eq!(http.requests().len(), 3);
}

#[tokio::test]
async fn pages_without_items_do_not_end_the_stream() {
    let (s3, _) = client([page("", "1"), page("a", "2"), page("", "3"), page("", ""), page("never", "")]);
    let objects = s3.list_objects_v2("logs").items().try_collect().await.expect("all");
    assert_eq!(objects.into_iter().map(key).collect::<Vec<_>>(), ["a"]);
}

#[tokio::test]
async fn the_stream_ends_at_a_page_that_is_not_truncated_or_has_an_empty_token() {
    let last = "<ListBucketResult><IsTruncated>false</IsTruncated><NextContinuationToken>x</NextContinuationToken>\
                <Contents><Key>a</Key></Contents></ListBucketResult>";
    for end in [last.to_owned(), last.replace("false", "true").replace(">x<", "><")] {
        let (s3, http) = client([Reply::ok(end), page("b", "")]);
        let objects = s3.list_objects_v2("logs").items().try_collect().await.expect("all");
        let count = if http.requests().len() == 1 { 1 } else { 2 };
        assert_eq!((objects.len(), count), (1, 1));
    }
}

#[tokio::test]
async fn the_limit_counts_items_and_the_page_size_is_sent() {
    async fn check(limit: usize, expect: &str, requests: usize) {
        let (s3, http) = client(three_pages());
        let items = s3.list_objects_v2("logs").items().limit(limit).page_size(7);
        let objects = items.try_collect().await.expect("all");
        assert_eq!(objects.into_iter().map(key).collect::<String>(), expect, "limit {limit}");
        assert_eq!(sent(&http, "max-keys"), vec![Some("7".to_owned()); requests], "limit {limit}");
    }
    check(0, "", 0).await;
    check(1, "a", 1).await;
    check(3, "abc", 1).await;
    check(4, "abcd", 2).await;
    check(6, "abcdef", 3).await;
    check(100, "abcdef", 3).await;
}

#[tokio::test]
async fn a_resume_token_continues_at_the_next_item() {
    // After any item, the token leads to the remaining ones.
    for stop in 1..6 {
        let (s3, _) = client(three_pages());
        let mut items = s3.list_objects_v2("logs").items();
        let mut first = String::new();
        for _ in 0..stop {
            first.push_str(&key(items.try_next().await.expect("an item").expect("an item")));
        }
        let token = items.resume_token();
        let from = match stop {
            1 | 2 => 0,
            3 | 4 => 1,
            _ => 2,
        };
        let (s3, http) = client(three_pages().into_iter().skip(from));
        let mut rest = s3.list_objects_v2("logs").items();
        rest = rest.starting_token(&token.expect("there is more"));
        let (others, error) = drain(async || rest.try_next().await).await;
        assert!(error.is_none());
        first.extend(others.into_iter().map(key));
        assert_eq!(first, "abcdef", "after {stop}");
        assert_eq!(rest.resume_token(), None);
        assert_eq!(sent(&http, "continuation-token")[0].as_deref(), [None, Some("T%2F1%3D%3D"), Some("T2")][from]);
    }
}

#[tokio::test]
async fn starting_tokens_of_botocore_are_accepted_and_invalid_ones_rejected() {
    // base64 of {"ContinuationToken": "T2", "boto_truncate_amount": 1}
    let token = "eyJDb250aW51YXRpb25Ub2tlbiI6ICJUMiIsICJib3RvX3RydW5jYXRlX2Ftb3VudCI6IDF9";
    let (s3, http) = client([page("f g", "")]);
    let mut items = s3.list_objects_v2("logs").items().starting_token(token);
    assert!(items.resume_token().is_some_and(|it| it.len() > 20), "the starting token is not lost");
    assert_eq!(items.try_next().await.expect("an item").map(key).as_deref(), Some("g"));
    assert!(items.try_next().await.expect("an end").is_none());
    assert_eq!(sent(&http, "continuation-token"), [Some("T2".to_owned())]);

    for wrong in ["", "x", "e30", "bm8ganNvbg==", "eyJNYXJrZXIiOiAieCJ9", "W10="] {
        let (s3, http) = client([page("a", "")]);
        let mut items = s3.list_objects_v2("logs").items().starting_token(wrong);
        let response = items.try_next().await;
        if wrong == "e30" {
            continue;
        }
        let error = response.expect_err("an invalid token");
        assert_eq!((error.kind(), http.requests().len()), (ErrorKind::Pagination, 0), "{wrong}: {error}");
        assert!(items.try_next().await.expect("an end").is_none(), "after an error the stream has ended");
    }
}

#[tokio::test]
async fn errors_and_repeated_tokens_end_the_stream() {
    let (s3, _) = client([page("a b", "T1"), Reply::new(404), page("c", "")]);
    let mut items = s3.list_objects_v2("logs").items();
    assert_eq!(items.try_next().await.expect("an item").map(key).as_deref(), Some("a"));
    assert_eq!(items.try_next().await.expect("an item").map(key).as_deref(), Some("b"));
    let error = items.try_next().await.expect_err("the second page fails");
    assert_eq!((error.status(), error.operation()), (Some(404), Some("ListObjectsV2")));
    assert!(items.try_next().await.expect("an end").is_none());
    let mut rest = s3.list_objects_v2("logs").items().starting_token(&items.resume_token().expect("a token"));
    assert_eq!(rest.try_next().await.expect("an item").map(key).as_deref(), Some("c"));

    let (s3, http) = client([page("a", "same"), page("b", "same"), page("c", "same")]);
    let error = s3.list_objects_v2("logs").items().try_collect().await.expect_err("a repeated token");
    assert_eq!((error.kind(), http.requests().len()), (ErrorKind::Pagination, 2), "{error}");
    assert!(error.to_string().contains("same token"), "{error}");
}

#[tokio::test]
async fn several_tokens_numeric_tokens_and_tokens_from_the_last_key_are_sent() {
    let versions = |next: &str| {
        let more = !next.is_empty();
        Reply::ok(format!(
            "<ListVersionsResult><IsTruncated>{more}</IsTruncated>{next}<Version><Key>k</Key></Version></ListVersionsResult>"
        ))
    };
    let both = "<NextKeyMarker>k%2B1</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker><EncodingType>url</EncodingType>";
    let (s3, http) = client([versions(both), versions("<NextKeyMarker>k2</NextKeyMarker>"), versions("")]);
    let mut items = s3.list_object_versions("logs").items();
    let (found, error) = drain(async || items.try_next().await).await;
    assert_eq!((found.len(), error.is_none()), (3, true));
    assert_eq!(sent(&http, "key-marker"), [None, Some("k%2B1".to_owned()), Some("k2".to_owned())]);
    assert_eq!(sent(&http, "version-id-marker"), [None, Some("v1".to_owned()), None]);

    let parts = |more: bool, next: u32| {
        Reply::ok(format!(
            "<ListPartsResult><IsTruncated>{more}</IsTruncated><NextPartNumberMarker>{next}</NextPartNumberMarker>\
             <Part><PartNumber>{next}</PartNumber></Part></ListPartsResult>"
        ))
    };
    let (s3, http) = client([parts(true, 7), parts(false, 9)]);
    let found = s3.list_parts("logs", "k", "id").items().try_collect().await.expect("all");
    assert_eq!(found.iter().map(|it| it.part_number).collect::<Vec<_>>(), [Some(7), Some(9)]);
    assert_eq!(sent(&http, "part-number-marker"), [None, Some("7".to_owned())]);

    // ListObjects returns a token for the next page only with a delimiter. Otherwise the last key is the token.
    let objects_page = |keys: &str, more: bool| {
        let contents: String =
            keys.split_whitespace().map(|it| format!("<Contents><Key>{it}</Key></Contents>")).collect();
        Reply::ok(format!("<ListBucketResult><IsTruncated>{more}</IsTruncated>{contents}</ListBucketResult>"))
    };
    let (s3, http) = client([objects_page("a b", true), objects_page("c", false)]);
    let found = s3.list_objects("logs").items().try_collect().await.expect("all");
    assert_eq!((found.len(), sent(&http, "marker")), (3, vec![None, Some("b".to_owned())]));
}

#[tokio::test]
async fn each_other_list_of_a_page_has_its_own_stream() {
    let reply = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>k</Key></Contents>\
                 <CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes></ListBucketResult>";
    let (s3, _) = client([Reply::ok(reply)]);
    let prefixes = s3.list_objects_v2("logs").delimiter("/").items_common_prefixes().try_collect().await.expect("all");
    assert_eq!(prefixes.iter().map(|it| it.prefix.as_deref()).collect::<Vec<_>>(), [Some("a/"), Some("b/")]);
}
