//! Presigned POSTs of S3: fields and policy are those of boto3's `generate_presigned_post`.

use std::time::Duration;

use aws_core::PresignedPost;
use aws_core::config::{AddressingStyle, S3Config};
use aws_core::{Credentials, ErrorKind, SessionBuilder};
use aws_s3::Client;
use serde_json::{Value as Json, json};
use tests::doubles::ScriptedClient;

use super::session;

fn client(change: impl FnOnce(SessionBuilder) -> SessionBuilder) -> Client {
    Client::new(&change(session(&ScriptedClient::new([]))).build().expect("a session"))
}

fn policy(post: &PresignedPost) -> Json {
    let bytes = aws_core::internals::encoding::base64::decode(post.field("policy").expect("a policy")).expect("base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

const SCOPE: &str = "AKIDEXAMPLE/20260102/us-west-2/s3/aws4_request";

#[tokio::test]
async fn a_presigned_post_has_the_fields_and_the_policy_of_boto3() {
    let post = client(|it| it).presigned_post("mybucket", "key").send().await.expect("a presigned POST");
    assert_eq!(post.url, "https://mybucket.s3.us-west-2.amazonaws.com/");
    let names: Vec<_> = post.fields.iter().map(|it| it.0.as_str()).collect();
    let signature_fields =
        ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token", "policy", "x-amz-signature"];
    assert_eq!(names, [&["key"][..], &signature_fields].concat());
    for (name, value) in [
        ("key", "key"),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", SCOPE),
        ("x-amz-date", "20260102T030405Z"),
        ("x-amz-security-token", "the-session-token"),
    ] {
        assert_eq!(post.field(name), Some(value), "{name}");
    }
    let conditions = json!([
        {"bucket": "mybucket"},
        {"key": "key"},
        {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
        {"x-amz-credential": SCOPE},
        {"x-amz-date": "20260102T030405Z"},
        {"x-amz-security-token": "the-session-token"},
    ]);
    assert_eq!(policy(&post), json!({"expiration": "2026-01-02T04:04:05Z", "conditions": conditions}));
    let debug = format!("{post:?}");
    assert!(
        !debug.contains("the-session-token") && !debug.contains(post.field("policy").expect("a policy")),
        "{debug}"
    );
}

#[tokio::test]
async fn fields_and_conditions_of_the_caller_are_signed_in_the_policy() {
    let client = client(|it| it.credentials(Credentials::new("AKIDEXAMPLE", "the-secret")));
    let post = client
        .presigned_post("mybucket", "uploads/${filename}")
        .field("acl", "public-read")
        .field("x-amz-meta-ü", "\"q\"")
        .condition("acl", "public-read")
        .content_length_range(2, 5)
        .starts_with("x-amz-meta-ü", "")
        .expires(Duration::from_secs(600))
        .send()
        .await
        .expect("a presigned POST");
    assert_eq!(
        post.fields[..3],
        [
            ("acl".to_owned(), "public-read".to_owned()),
            ("x-amz-meta-ü".to_owned(), "\"q\"".to_owned()),
            ("key".to_owned(), "uploads/${filename}".to_owned()),
        ]
    );
    assert_eq!(post.field("x-amz-security-token"), None);
    let conditions = json!([
        {"acl": "public-read"},
        ["content-length-range", 2, 5],
        ["starts-with", "$x-amz-meta-ü", ""],
        {"bucket": "mybucket"},
        ["starts-with", "$key", "uploads/"],
        {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
        {"x-amz-credential": SCOPE},
        {"x-amz-date": "20260102T030405Z"},
    ]);
    assert_eq!(policy(&post), json!({"expiration": "2026-01-02T03:14:05Z", "conditions": conditions}));
}

#[tokio::test]
async fn the_url_of_a_presigned_post_follows_the_endpoint_settings() {
    async fn check(bucket: &str, change: impl FnOnce(SessionBuilder) -> SessionBuilder, expect: &str) {
        let post = client(change).presigned_post(bucket, "k").send().await.expect("a presigned POST");
        assert_eq!(post.url, expect, "{bucket}");
    }
    check("with.dots", |it| it, "https://s3.us-west-2.amazonaws.com/with.dots").await;
    check("mybucket", |it| it.endpoint_url("http://localhost:9000"), "http://localhost:9000/mybucket").await;
    check("mybucket", |it| it.region("us-east-1"), "https://mybucket.s3.us-east-1.amazonaws.com/").await;
    let path_style = S3Config::new().addressing_style(AddressingStyle::Path);
    let point = "https://point-123456789012.s3-accesspoint.us-west-2.amazonaws.com/";
    check("arn:aws:s3:us-west-2:123456789012:accesspoint/point", |it| it.s3(path_style), point).await;
    let express = "https://mine--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com/";
    let without_sessions = S3Config::new().disable_express_session_auth(true);
    check("mine--usw2-az1--x-s3", |it| it.s3(without_sessions), express).await;
}

#[tokio::test]
async fn invalid_bucket_names_and_expiry_times_are_rejected() {
    let client = client(|it| it);
    for (bucket, expires, expect) in [
        ("no/bucket", 60, "Invalid bucket name \"no/bucket\""),
        ("mybucket", 0, "can be valid for 1 second to 7 days"),
        ("mybucket", 604_801, "can be valid for 1 second to 7 days"),
    ] {
        let post = client.presigned_post(bucket, "k").expires(Duration::from_secs(expires));
        let error = post.send().await.expect_err("a rejection");
        assert_eq!(error.kind(), ErrorKind::Validation);
        assert!(error.to_string().contains(expect), "{error}");
    }
}
