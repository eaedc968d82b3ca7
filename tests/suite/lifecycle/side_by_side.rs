//! Two different things at once: two hosts behind one client, two buckets, a header of the input and the same of the
//! options, a redirect of a call with a query, with options and with a file as its body.

use aws_core::testing::{RecordedSleep, Reply};
use aws_core::{ByteStream, Credentials, Options};
use aws_s3::Client;
use tests::doubles::{MockServer, verify_signature};

use super::{SECRET, ScriptedS3, error_reply, session};

fn keys() -> [Credentials; 1] {
    [Credentials::new("AKIDEXAMPLE", SECRET)]
}

/// Every connection pool of the built-in client: for usual paths, for dot segments, and for uploads that wait for 100.
#[tokio::test]
async fn each_request_reaches_its_own_host_and_is_signed_for_it() {
    let replies = || (0..12).map(|_| Reply::new(200));
    let servers = [MockServer::start(replies()), MockServer::start(replies())];
    let port = servers[0].url().rsplit(':').next().expect("a port").to_owned();
    // The last URL is another name of the first server.
    let urls = [servers[0].url(), servers[1].url(), format!("http://localhost:{port}")];
    let s3 = Client::new(&session(&RecordedSleep::new()).build().expect("a session"));
    for round in 0..2 {
        for url in &urls {
            for kind in ["plain", "dots/../and/./more", "stream"] {
                let text = format!("{kind} of {url}");
                let body = match kind {
                    "stream" => ByteStream::from_reader(std::io::Cursor::new(text.clone())).with_len(text.len() as u64),
                    _ => text.clone().into(),
                };
                let call = s3.put_object("bucket", format!("{kind}/{round}")).body(body);
                call.with_options(Options::new().endpoint_url(url)).send().await.expect("a response");
            }
        }
    }
    for (server, expect) in [(&servers[0], [&urls[0], &urls[2]]), (&servers[1], [&urls[1], &urls[1]])] {
        let requests = server.requests();
        assert_eq!(requests.len(), if expect[0] == expect[1] { 6 } else { 12 });
        for request in requests {
            let kind = request.path().trim_start_matches("/bucket/").rsplit_once('/').expect("a round").0.to_owned();
            let url = expect.into_iter().find(|it| it.ends_with(&format!("//{}", request.header("host"))));
            let url = url.unwrap_or_else(|| panic!("{} reached {}", request.header("host"), server.url()));
            assert_eq!(request.body, format!("{kind} of {url}"));
            assert_eq!(verify_signature(&request, &keys()), Ok(()), "{kind} of {url}");
        }
    }
}

fn moved(region: &str) -> Reply {
    error_reply(301, "PermanentRedirect").header("x-amz-bucket-region", region)
}

#[tokio::test]
async fn the_region_of_one_bucket_is_not_used_for_another() {
    let ok = || Reply::new(200);
    let replies = [moved("eu-west-1"), ok(), ok(), moved("ap-south-1"), ok(), ok(), ok(), ok()];
    let scripted = ScriptedS3::new(replies);
    for bucket in ["one", "two", "three", "one", "two", "three"] {
        scripted.s3.head_object(bucket, "k").send().await.expect("a response");
    }
    let hosts: Vec<_> = scripted.http.requests().into_iter().map(|it| it.url).collect();
    let expect = [
        ("one", "us-east-1"),
        ("one", "eu-west-1"),
        ("two", "us-east-1"),
        ("three", "us-east-1"),
        ("three", "ap-south-1"),
        ("one", "eu-west-1"),
        ("two", "us-east-1"),
        ("three", "ap-south-1"),
    ];
    assert_eq!(hosts, expect.map(|(bucket, region)| format!("https://{bucket}.s3.{region}.amazonaws.com/k")));
}

/// No call is sent for these: nothing but what was learned before leads them to the bucket.
#[tokio::test]
async fn presigned_urls_and_posts_are_for_the_region_that_was_learned_for_their_bucket() {
    let scripted = ScriptedS3::new([moved("eu-west-1"), Reply::new(200)]);
    scripted.s3.head_object("one", "k").send().await.expect("a response");
    for (bucket, region) in [("one", "eu-west-1"), ("two", "us-east-1")] {
        let host = format!("https://{bucket}.s3.{region}.amazonaws.com/");
        let post = scripted.s3.presigned_post(bucket, "k").send().await.expect("a presigned POST");
        assert_eq!(post.url, host);
        let expires = std::time::Duration::from_secs(60);
        let url = scripted.s3.get_object(bucket, "k").presign(expires).await.expect("a presigned URL");
        assert!(url.url().starts_with(&host) && url.url().contains(&format!("%2F{region}%2Fs3%2F")), "{url}");
    }
}

#[tokio::test]
async fn a_redirected_call_keeps_its_query_headers_and_options() {
    let scripted = ScriptedS3::new([moved("eu-west-1"), Reply::new(200)]);
    let options = Options::new().header("x-trace", "abc").query("flag", "a b");
    let list = scripted.s3.list_object_versions("one").prefix("a +b").key_marker("").expected_bucket_owner("1");
    list.with_options(options).send().await.expect("a response");
    let [first, second] = &scripted.http.requests()[..] else { panic!("two requests") };
    assert!(first.query().contains("prefix=a%20%2Bb") && first.query().ends_with("&flag=a%20b"), "{}", first.query());
    assert_eq!(first.target, second.target);
    for name in ["x-trace", "x-amz-expected-bucket-owner", "amz-sdk-invocation-id"] {
        assert_ne!(second.header(name), "", "{name}");
        assert_eq!(first.header(name), second.header(name));
    }
}

#[tokio::test]
async fn a_redirected_upload_sends_its_whole_body_again_or_is_not_sent_again() {
    let path = std::env::temp_dir().join(format!("aws-suite-redirected-{}", std::process::id()));
    std::fs::write(&path, vec![b'x'; 70_000]).expect("temporary file");
    let file = ByteStream::from_path(&path).await.expect("a file");
    for (body, requests) in [
        (ByteStream::from(vec![b'x'; 70_000]), 2),
        (file, 2),
        (ByteStream::from_reader(std::io::Cursor::new(vec![b'x'; 70_000])).with_len(70_000), 1),
    ] {
        let scripted = ScriptedS3::new([moved("eu-west-1"), Reply::new(200)]);
        let result = scripted.s3.put_object("one", "k").body(body).content_type("text/x").send().await;
        assert_eq!(result.is_ok(), requests == 2);
        let sent = scripted.http.requests();
        assert_eq!(sent.len(), requests);
        for request in &sent {
            assert_eq!(request.body, sent[0].body);
            assert!(request.body.iter().filter(|it| **it == b'x').count() >= 70_000);
            for name in ["content-type", "content-length", "expect", "x-amz-trailer", "x-amz-checksum-crc32"] {
                assert_eq!(request.header(name), sent[0].header(name), "{name}");
            }
        }
    }
    let _ = std::fs::remove_file(&path);
}

#[tokio::test]
async fn a_header_of_the_options_replaces_the_same_of_the_input() {
    let check = async |options: Options, name: &str, expect: &str| {
        let scripted = ScriptedS3::new([Reply::new(200)]);
        let put = scripted.s3.put_object("one", "k").body("x").content_type("text/input").metadata([("a", "input")]);
        put.with_options(options).send().await.expect("a response");
        let request = scripted.only_request();
        assert_eq!(request.headers.get_all(name).iter().collect::<Vec<_>>(), [expect], "{name}");
    };
    check(Options::new(), "content-type", "text/input").await;
    check(Options::new().header("Content-Type", "text/options"), "content-type", "text/options").await;
    check(Options::new().header("X-Amz-Meta-A", "options"), "x-amz-meta-a", "options").await;
    check(Options::new().header("x-b", "first").header("X-B", "second"), "x-b", "second").await;
    check(Options::new().header("user-agent", "mine"), "user-agent", "mine").await;
}

#[tokio::test]
async fn a_parameter_of_the_options_is_sent_beside_the_same_of_the_input() {
    let scripted = ScriptedS3::new([Reply::new(200)]);
    let list =
        scripted.s3.list_objects_v2("one").prefix("input").with_options(Options::new().query("prefix", "options"));
    list.send().await.expect("a response");
    let query = scripted.only_request().query().to_owned();
    assert!(query.contains("prefix=input") && query.contains("prefix=options"), "{query}");
}
