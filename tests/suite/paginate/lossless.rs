//! What was received is returned before an error, by pages, items, collections and batches; and tokens that repeat, at
//! whatever distance, end the stream.

use aws_core::testing::Reply;
use aws_core::{Error, ErrorKind, Result};
use tests::doubles::ScriptedClient;

use super::{client, key, page, session};

/// Takes everything up to the end or the first error, and checks that nothing comes after it. No stream of these tests
/// has as many elements as the limit.
pub(super) async fn drain<T>(mut next: impl AsyncFnMut() -> Result<Option<T>>) -> (Vec<T>, Option<Error>) {
    const LIMIT: usize = 500;
    let mut all = Vec::new();
    let end = loop {
        assert!(all.len() < LIMIT, "the stream does not end");
        match next().await {
            Ok(Some(it)) => all.push(it),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    assert!(next().await.is_ok_and(|it| it.is_none()), "the stream has ended");
    (all, end)
}

/// Pages of one key each, `k0`, `k1`, … The first tokens differ, the others repeat after `length` pages.
fn cyclic(start: usize, length: usize) -> impl Iterator<Item = Reply> {
    let token = move |page: usize| if page < start { page } else { start + (page - start) % length };
    (0..300).map(move |it| page(&format!("k{it}"), &format!("T{}", token(it))))
}

#[tokio::test]
async fn a_cycle_of_tokens_of_any_length_ends_with_an_error_after_all_that_was_received() {
    for (start, length) in [(0, 1), (0, 2), (0, 3), (1, 2), (5, 4), (3, 7), (10, 1), (20, 2), (17, 30)] {
        let (s3, http) = client(cyclic(start, length));
        let mut pages = s3.list_objects_v2("logs").pages();
        let (found, error) = drain(async || pages.try_next().await).await;
        let (error, sent) = (error.expect("an error"), http.requests().len());
        let shown = format!("{length} after {start}: {error}");
        assert_eq!(found.len(), sent, "{shown}");
        let keys: Vec<_> = found.into_iter().flat_map(|it| it.contents).map(key).collect();
        assert_eq!(keys, (0..sent).map(|it| format!("k{it}")).collect::<Vec<_>>(), "{shown}");
        // The cycle closed after this many pages.
        let closed = start + length + 1;
        assert!((closed..=3 * closed).contains(&sent), "{sent} pages, {shown}");
        assert!(length > 1 || sent == closed, "{sent} pages, {shown}");
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Pagination, None), "{shown}");
        assert!(error.to_string().contains("same token twice: ContinuationToken \"T"), "{shown}");

        let (s3, http) = client(cyclic(start, length));
        let mut items = s3.list_objects_v2("logs").items();
        let (found, error) = drain(async || items.try_next().await).await;
        assert_eq!((found.len(), http.requests().len()), (sent, sent), "{shown}");
        assert_eq!(error.map(|it| it.kind()), Some(ErrorKind::Pagination), "{shown}");
    }
}

#[tokio::test]
async fn a_stream_that_is_resumed_ends_at_the_token_that_it_started_with() {
    let (s3, _) = client([page("a", "T1"), Reply::new(404)]);
    let mut pages = s3.list_objects_v2("logs").pages();
    let (first, _) = drain(async || pages.try_next().await).await;
    let token = pages.resume_token().expect("the page that failed");
    let (s3, http) = client([page("b", "T1"), page("never", "")]);
    let mut pages = s3.list_objects_v2("logs").pages().starting_token(&token);
    let (rest, error) = drain(async || pages.try_next().await).await;
    assert_eq!((first.len(), rest.len(), http.requests().len()), (1, 1, 1));
    assert!(error.is_some_and(|it| it.to_string().contains("again after 1 page")));
}

#[tokio::test]
async fn a_long_token_is_cut_in_the_error() {
    let token = "t".repeat(1000);
    let (s3, _) = client([page("a", &token), page("b", &token)]);
    let mut pages = s3.list_objects_v2("logs").pages();
    let (_, error) = drain(async || pages.try_next().await).await;
    let text = error.expect("an error").to_string();
    assert!(text.contains("ttt…") && text.len() < 300, "{text}");
}

/// A page of ListObjects, which the collection of objects sends.
fn listing(keys: &str, next: &str) -> Reply {
    let contents: String = keys.split_whitespace().map(|it| format!("<Contents><Key>{it}</Key></Contents>")).collect();
    let more = !next.is_empty();
    Reply::ok(format!(
        "<ListBucketResult><IsTruncated>{more}</IsTruncated><NextMarker>{next}</NextMarker>{contents}</ListBucketResult>"
    ))
}

fn bucket(replies: Vec<Reply>) -> (aws_s3_resource::Bucket, ScriptedClient) {
    let (session, http) = session(replies);
    (aws_s3_resource::S3::new(&session).bucket("logs"), http)
}

#[tokio::test]
async fn collections_and_batches_return_what_was_received_before_an_error() {
    // A page that fails, and pages that repeat.
    let failing = || vec![listing("a b", "T1"), Reply::new(404)];
    let repeating = || vec![listing("a b", "T1"), listing("c", "T1"), listing("never", "")];
    for (replies, count, pages) in [(failing(), 2, 1), (repeating(), 3, 2)] {
        let (bucket, _) = bucket(replies.clone());
        let mut objects = bucket.objects();
        let (found, error) = drain(async || objects.try_next().await).await;
        assert_eq!((found.len(), error.is_some()), (count, true));
        let (bucket, _) = self::bucket(replies);
        let mut listed = bucket.objects().pages();
        let (found, error) = drain(async || listed.try_next().await).await;
        assert_eq!((found.len(), error.is_some()), (pages, true));
    }
    // The batch acts on each page before it learns of the error.
    let deleted = || Reply::ok("<DeleteResult/>");
    let replies = vec![listing("a b", "T1"), deleted(), listing("c", "T1"), deleted(), listing("never", "")];
    let (bucket, http) = bucket(replies);
    let mut batch = bucket.objects().delete();
    let (responses, error) = drain(async || batch.try_next().await).await;
    assert_eq!((responses.len(), http.requests().len()), (2, 4));
    assert_eq!(error.map(|it| it.kind()), Some(ErrorKind::Pagination));
}
