//! What pages have beside their items: metadata, the rest of the page, a limit, one result of all pages, and what an
//! expression finds in them.

use aws_core::testing::Reply;
use aws_core::{Document, ErrorKind, Options};
use aws_s3::Client;
use tests::doubles::ScriptedClient;

use super::{client, key, page, sent, session, three_pages};

/// A page of ListObjectsV2 with common prefixes, a name and a request id.
fn full_page(keys: &str, prefixes: &str, next: &str, id: &str) -> Reply {
    let prefixes =
        prefixes.split_whitespace().map(|it| format!("<CommonPrefixes><Prefix>{it}</Prefix></CommonPrefixes>"));
    let beside = format!("<Name>page {id}</Name>{}</ListBucketResult>", prefixes.collect::<String>());
    let contents: String = keys
        .split_whitespace()
        .enumerate()
        .map(|(index, it)| format!("<Contents><Key>{it}</Key><Size>{}</Size></Contents>", index * 100))
        .collect();
    let more = !next.is_empty();
    let next = if more { format!("<NextContinuationToken>{next}</NextContinuationToken>") } else { String::new() };
    let body = format!("<ListBucketResult><IsTruncated>{more}</IsTruncated>{next}{contents}{beside}");
    Reply::ok(body).header("x-amz-request-id", id)
}

fn two_pages() -> [Reply; 2] {
    [full_page("a b c", "x/ y/", "T2", "R1"), full_page("d e", "z/", "", "R2")]
}

#[tokio::test]
async fn pages_and_items_have_the_metadata_of_their_response_and_the_rest_of_the_page() {
    let (s3, _) = client(two_pages());
    let mut pages = s3.list_objects_v2("logs").pages();
    assert!(pages.metadata().is_none());
    for id in ["R1", "R2"] {
        pages.try_next().await.expect("a page").expect("a page");
        let metadata = pages.metadata().expect("a response");
        assert_eq!((metadata.status, metadata.attempts, metadata.request_id()), (200, 1, Some(id)));
    }
    let (s3, _) = client(two_pages());
    let mut items = s3.list_objects_v2("logs").items();
    assert!(items.metadata().is_none() && items.page().is_none());
    let mut found = Vec::new();
    while let Some(item) = items.try_next().await.expect("items") {
        let page = items.page().expect("a page");
        assert!(page.contents.is_empty(), "the items are not there twice");
        let id = items.metadata().and_then(|it| it.request_id()).unwrap_or_default();
        found.push(format!(
            "{} {id} {} {}",
            key(item),
            page.name.as_deref().unwrap_or_default(),
            page.common_prefixes.len()
        ));
    }
    assert_eq!(found, ["a R1 page R1 2", "b R1 page R1 2", "c R1 page R1 2", "d R2 page R2 1", "e R2 page R2 1"]);
}

#[tokio::test]
async fn the_limit_of_pages_counts_their_items() {
    let check = async |limit: usize, expect: &[&str], requests: usize| {
        let (s3, http) = client(three_pages());
        let mut pages = s3.list_objects_v2("logs").pages().limit(limit).page_size(7);
        let mut found = Vec::new();
        while let Some(page) = pages.try_next().await.expect("pages") {
            found.push(page.contents.into_iter().map(key).collect::<String>());
        }
        assert!(pages.try_next().await.expect("the end").is_none());
        assert_eq!(
            (&found.iter().map(String::as_str).collect::<Vec<_>>()[..], http.requests().len()),
            (expect, requests)
        );
        let returned: usize = found.iter().map(String::len).sum();
        // What is left is resumed, by items and by pages, as after as many items.
        let (s3, _) = client(three_pages());
        let mut items = s3.list_objects_v2("logs").items().limit(limit);
        while items.try_next().await.expect("items").is_some() {}
        assert_eq!(pages.resume_token(), items.resume_token(), "limit {limit}");
        let Some(token) = pages.resume_token() else { return };
        let rest = three_pages().into_iter().skip(if returned < 3 {
            0
        } else if returned < 5 {
            1
        } else {
            2
        });
        let (s3, _) = client(rest);
        let pages = s3.list_objects_v2("logs").pages().starting_token(&token).try_collect().await.expect("the rest");
        let rest: String = pages.into_iter().flat_map(|it| it.contents).map(key).collect();
        assert_eq!(found.concat() + &rest, "abcdef", "limit {limit}");
    };
    check(0, &[], 0).await;
    check(1, &["a"], 1).await;
    check(3, &["abc"], 1).await;
    check(4, &["abc", "d"], 2).await;
    check(5, &["abc", "de"], 2).await;
    check(6, &["abc", "de", "f"], 3).await;
    check(100, &["abc", "de", "f"], 3).await;
}

#[tokio::test]
async fn a_page_that_is_resumed_has_no_other_lists_and_a_page_without_a_list_has_no_limit() {
    let (s3, _) = client(two_pages());
    let mut first = s3.list_objects_v2("logs").pages().limit(1);
    let page = first.try_next().await.expect("a page").expect("a page");
    assert_eq!((page.contents.len(), page.common_prefixes.len()), (1, 2));
    let token = first.resume_token().expect("more");
    let (s3, _) = client(two_pages());
    let pages = s3.list_objects_v2("logs").pages().starting_token(&token).try_collect().await.expect("the rest");
    let sizes: Vec<_> = pages.iter().map(|it| (it.contents.len(), it.common_prefixes.len())).collect();
    // As in boto3: an earlier stream had the other lists.
    assert_eq!(sizes, [(2, 0), (2, 1)]);
}

#[tokio::test]
async fn pages_merge_to_one_output_with_all_items_and_what_the_first_has_beside_them() {
    let (s3, _) = client(two_pages());
    let all = s3.list_objects_v2("logs").pages().try_merge().await.expect("all pages");
    assert_eq!(all.contents.into_iter().map(key).collect::<String>(), "abcde");
    assert_eq!((all.common_prefixes.len(), all.name.as_deref()), (3, Some("page R1")));
    let (s3, http) = client([]);
    assert_eq!(s3.list_objects_v2("logs").pages().limit(0).try_merge().await.expect("nothing"), Default::default());
    assert!(http.requests().is_empty());
}

#[tokio::test]
async fn an_expression_is_searched_in_each_page() {
    let search = async |expression: &str| {
        let (s3, http) = client(two_pages());
        let found = s3.list_objects_v2("logs").pages().search(expression).expect("an expression").try_collect().await;
        (found.map(|it| Document::from(it).to_string()).map_err(|it| it.to_string()), http.requests().len())
    };
    let check = async |expression: &str, expect: &str| {
        assert_eq!(search(expression).await, (Ok(expect.to_owned()), 2), "{expression}");
    };
    check("Contents[?Size > `0`].Key", r#"["b","c","e"]"#).await;
    check("CommonPrefixes[].Prefix", r#"["x/","y/","z/"]"#).await;
    check("length(Contents)", "[3,2]").await;
    check("Contents[-1].{k: Key, n: Size}", r#"[{"k":"c","n":200},{"k":"e","n":100}]"#).await;
    check("[Contents[*].Key, Nothing]", r#"[["a","b","c"],null,["d","e"],null]"#).await;
    check("Nothing", "[]").await;
    // The error of a function ends the stream.
    let (found, requests) = search("abs(Name)").await;
    let text = "JMESPath: invalid-type: argument 1 of `abs` is string, expected a number";
    assert_eq!((found, requests), (Err(text.to_owned()), 1));
    // It is checked before anything is sent, with the limits and tokens of the pages.
    let (s3, http) = client(two_pages());
    let error = s3.list_objects_v2("logs").pages().search("Contents[?Size >").expect_err("malformed");
    assert_eq!((error.kind(), http.requests().len()), (ErrorKind::Validation, 0));
    let mut keys = s3.list_objects_v2("logs").pages().limit(2).search("Contents[].Key").expect("an expression");
    assert!(keys.metadata().is_none());
    assert_eq!(keys.try_next().await.expect("a value"), Some("a".into()));
    assert_eq!(keys.metadata().and_then(|it| it.request_id()), Some("R1"));
    assert_eq!(keys.try_next().await.expect("a value"), Some("b".into()));
    assert_eq!((keys.try_next().await.expect("the end"), http.requests().len()), (None, 1));
}

#[tokio::test]
async fn an_output_and_a_structure_are_searched() {
    let (s3, _) = client(two_pages());
    let output = s3.list_objects_v2("logs").send().await.expect("a page");
    let search = |text: &str| aws_core::jmespath::Expression::parse(text).expect("an expression").search(&output);
    assert_eq!(search("sum(Contents[].Size)"), Ok(Document::from(300)));
    assert_eq!(search("[Name, IsTruncated]"), Ok(Document::from(vec![Document::from("page R1"), true.into()])));
    let key: aws_core::jmespath::Expression = "Key".parse().expect("an expression");
    assert_eq!(key.search(&output.contents[1]), Ok(Document::from("b")));
    assert_eq!(key.search(&Document::from([("Key", 1)])), Ok(Document::from(1)));
    // An error of the expression is one of a call, too.
    let failed = || -> aws_core::Result<Document> {
        Ok("keys(Name)".parse::<aws_core::jmespath::Expression>()?.search(&output)?)
    };
    assert_eq!(failed().expect_err("a string has no keys").kind(), ErrorKind::Validation);
}

#[tokio::test]
async fn options_apply_to_every_page() {
    let http = ScriptedClient::new([page("a", "T1"), page("b", "")]).unverified();
    let session = session([]).0.to_builder().http_client(http.clone()).build().expect("a session");
    let options = Options::new().anonymous().max_attempts(7).region("eu-west-1");
    let objects = Client::new(&session).list_objects_v2("logs").with_options(options).items().try_collect().await;
    assert_eq!(objects.expect("objects").len(), 2);
    assert_eq!(sent(&http, "continuation-token"), [None, Some("T1".to_owned())]);
    for request in http.requests() {
        assert_eq!((request.header("authorization"), request.header("amz-sdk-request")), ("", "attempt=1; max=7"));
        assert!(request.url.contains("eu-west-1"), "{}", request.url);
    }
}
