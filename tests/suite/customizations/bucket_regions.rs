//! The regions of several buckets in one client, and what a redirect to another region keeps of the call.

use aws_core::ByteStream;
use aws_core::testing::Reply;
use serde_json::json;

use super::{Fixture, service};
use crate::lifecycle::ScriptedS3;

/// A redirect to a region.
fn to(region: &str) -> Reply {
    let body = "<Error><Code>PermanentRedirect</Code></Error>";
    Reply::new(301).body(body).header("x-amz-bucket-region", region)
}

/// The bucket and the region of each request: in its host, and in its signature.
fn targets(scripted: &ScriptedS3) -> Vec<String> {
    let target = |request: &aws_core::testing::ReceivedRequest| {
        let host = request.url.split('/').nth(2).unwrap_or_default().to_owned();
        let parts: Vec<_> = host.split('.').collect();
        let signed = request.header("authorization").split('/').nth(2).unwrap_or_default().to_owned();
        assert_eq!(parts[2], signed, "{}", request.url);
        format!("{} {}", parts[0], parts[2])
    };
    scripted.http.requests().iter().map(target).collect()
}

#[tokio::test]
async fn the_region_of_one_bucket_is_never_that_of_another() {
    let ok = || Reply::new(200);
    let scripted = ScriptedS3::new([to("eu-west-1"), ok(), ok(), to("ap-south-1"), ok(), ok(), ok(), ok(), ok(), ok()]);
    let call = async |bucket: &str| {
        scripted.s3.head_object(bucket, "k").send().await.expect("a response");
    };
    call("one").await;
    // A bucket of which nothing is known goes to the client's region, with the same key, right after the other.
    call("two").await;
    call("three").await;
    call("one").await;
    call("three").await;
    call("two").await;
    call("one").await;
    // Names that are prefixes of each other.
    call("ones").await;
    let expect = [
        "one us-east-1",
        "one eu-west-1",
        "two us-east-1",
        "three us-east-1",
        "three ap-south-1",
        "one eu-west-1",
        "three ap-south-1",
        "two us-east-1",
        "one eu-west-1",
        "ones us-east-1",
    ];
    assert_eq!(targets(&scripted), expect);
    // What one client learned, another one does not know.
    let other = ScriptedS3::new([ok()]);
    other.s3.head_object("one", "k").send().await.expect("a response");
    assert_eq!(targets(&other), ["one us-east-1"]);
}

#[tokio::test]
async fn a_bucket_that_moved_back_is_forgotten_alone() {
    let ok = || Reply::new(200);
    let scripted =
        ScriptedS3::new([to("eu-west-1"), ok(), to("eu-west-1"), ok(), to("ap-south-1"), to("eu-west-1"), ok(), ok()]);
    let get = |bucket: &str| scripted.s3.get_object(bucket, "k").send();
    get("one").await.expect("a response");
    get("two").await.expect("a response");
    // The learned region redirects, and the next one does too.
    get("one").await.expect_err("two redirects");
    get("one").await.expect("a response");
    get("two").await.expect("a response");
    let expect = [
        "one us-east-1",
        "one eu-west-1",
        "two us-east-1",
        "two eu-west-1",
        "one eu-west-1",
        "one ap-south-1",
        "one us-east-1",
        "two eu-west-1",
    ];
    assert_eq!(targets(&scripted), expect);
}

#[tokio::test]
async fn a_redirected_call_keeps_its_method_path_query_headers_and_body() {
    let path = std::env::temp_dir().join(format!("aws-suite-redirect-{}", std::process::id()));
    std::fs::write(&path, "a file of some bytes").expect("a temporary file");
    let scripted = ScriptedS3::new((0..4).flat_map(|_| [to("eu-west-1"), Reply::new(200)]));
    let s3 = &scripted.s3;
    let list = s3.list_objects_v2("one").prefix("a b&c=d/ü+?").max_keys(7).continuation_token("t==");
    list.send().await.expect("a response");
    let get = s3.get_object("two", "a b/ü+?#").version_id("v 1&x").range("bytes=0-9");
    get.send().await.expect("a response");
    let file = ByteStream::from_path(&path).await.expect("a file");
    let put = s3.put_object("three", "k").body(file).content_type("text/x").metadata([("name", "value")]);
    put.send().await.expect("a response");
    s3.put_object("four", "k").body("in memory").send().await.expect("a response");
    let _ = std::fs::remove_file(&path);
    let requests = scripted.http.requests();
    assert_eq!(requests.len(), 8);
    for pair in requests.chunks(2) {
        let [first, second] = pair else { panic!("pairs") };
        assert_eq!(first.method, second.method);
        assert_eq!(first.target, second.target, "{}", first.url);
        assert_eq!(second.url, first.url.replace("us-east-1", "eu-west-1"));
        assert_eq!(first.body, second.body, "{}", first.url);
        // Only the signature, the user agent and the host differ.
        let kept = |request: &aws_core::testing::ReceivedRequest| {
            let mut headers = request.headers.clone();
            for name in ["authorization", "user-agent", "host"] {
                headers.remove(name);
            }
            headers
        };
        assert_eq!(kept(first), kept(second), "{}", first.url);
    }
    assert!(requests[1].target.contains("continuation-token=t%3D%3D") && requests[1].target.contains("max-keys=7"));
    assert!(String::from_utf8_lossy(&requests[5].body).contains("a file of some bytes"));
    assert!(!requests[5].body.is_empty() && !requests[7].body.is_empty());

    // A body that can be read once is gone: the redirect is the error.
    let scripted = ScriptedS3::new([to("eu-west-1"), Reply::new(200)]);
    let once = ByteStream::from_reader(&b"once"[..]).with_len(4);
    let error = scripted.s3.put_object("one", "k").body(once).send().await.expect_err("a redirect");
    assert_eq!((error.region(), scripted.http.requests().len()), (Some("eu-west-1"), 1));
}

#[tokio::test]
async fn a_thousand_regions_are_cached_and_one_more_empties_the_cache() {
    const LIMIT: usize = 1000;
    /// The regions of the requests of a call: the client's and the one it is redirected to, or the one that is known.
    const LEARNED: &[&str] = &["us-west-2", "eu-west-1"];
    const KNOWN: &[&str] = &["eu-west-1"];
    let mut calls: Vec<(usize, &[&str])> = (0..LIMIT).map(|it| (it, LEARNED)).collect();
    // To learn another region of a known bucket forgets no other.
    calls.extend([(2, &["eu-west-1", "ap-south-1"][..]), (2, &["ap-south-1"][..])]);
    calls.extend([0, 1, LIMIT / 2, LIMIT - 1].map(|it| (it, KNOWN)));
    calls.extend([(LIMIT, LEARNED), (LIMIT, KNOWN), (0, LEARNED), (0, KNOWN), (LIMIT, KNOWN)]);

    let fixture = Fixture::new(service("s3", &["HeadObject"]), []);
    let mut expected = Vec::new();
    for (bucket, regions) in calls {
        regions[1..].iter().for_each(|it| fixture.http.push(to(it)));
        fixture.http.push(Reply::new(200));
        let input = json!({"Bucket": format!("bucket-{bucket}"), "Key": "k"});
        fixture.call("HeadObject", input).await.expect("a response");
        expected.extend(regions.iter().map(|it| format!("https://bucket-{bucket}.s3.{it}.amazonaws.com/k")));
    }
    let found: Vec<_> = fixture.http.requests().into_iter().map(|it| it.url).collect();
    let differing = found.iter().zip(&expected).find(|(found, expected)| found != expected);
    assert_eq!((differing, found.len()), (None, expected.len()));
}
