//! What goes wrong, and how it is told.

use std::time::{Duration, Instant};

use aws_core::config::Environment;
use aws_core::{ErrorKind, Session};
use aws_s3::Client;
use aws_s3::error::{NoSuchBucket, NoSuchKey, NotFound};

use super::{Scene, everywhere};

#[tokio::test]
async fn what_is_not_there() {
    everywhere(async |Scene { s3, bucket, .. }| {
        let error = s3.get_object(&bucket, "nope").send().await.expect_err("no key");
        assert!(error.is::<NoSuchKey>() && !error.is::<NoSuchBucket>());
        assert!(error.get::<NoSuchKey>().is_some() && error.get::<NotFound>().is_none());
        assert_eq!(
            (error.kind(), error.status(), error.operation()),
            (ErrorKind::Service, Some(404), Some("GetObject"))
        );
        let text = error.to_string();
        let start =
            "An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.";
        assert!(text.starts_with(start) && text.contains("status 404"), "{text}");
        assert_eq!(error.attempts(), 1);

        let error = s3.head_object(&bucket, "nope").send().await.expect_err("no key");
        assert!(error.is::<NotFound>(), "{error}");
        let error = s3.list_objects_v2(tests::moto::unique("none")).send().await.expect_err("no bucket");
        assert!(error.is::<NoSuchBucket>(), "{error}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_before_it_is_sent() {
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(aws_core::Credentials::new("AKIDEXAMPLE", "secret"))
        .http_client(aws_core::test_util::ScriptedClient::default())
        .build()
        .expect("a session");
    let s3 = Client::new(&session);
    let check = |error: aws_core::Error, kind: ErrorKind, text: &str| {
        assert_eq!((error.kind(), error.attempts()), (kind, 0), "{error:?}");
        assert!(error.to_string().contains(text), "{error}");
    };
    let refused = ErrorKind::Validation;
    for bucket in ["my bucket", "", "a/b", "bücket"] {
        let error = s3.get_object(bucket, "k").send().await.expect_err("a bad bucket");
        check(error, refused, &format!("Invalid bucket name \"{bucket}\""));
    }
    let error = s3.get_object("bucket", "").send().await.expect_err("no key");
    check(error, refused, "Invalid length for parameter Key, value: 0, valid min length: 1");
    let error = s3.request::<aws_s3::operation::GetObject>(Default::default()).send().await.expect_err("nothing given");
    check(error, refused, "Missing required parameter in input: \"Bucket\"");
    let error = s3.put_object("bucket", "k").metadata([("name", "Jürgen")]).send().await.expect_err("no ASCII");
    check(error, refused, "Non ascii characters found in S3 metadata for key \"name\", value: \"Jürgen\"");
    let error = s3.put_object("bucket", "k").metadata([("a b", "x")]).send().await.expect_err("no header name");
    check(error, refused, "Metadata");
    let error = s3.put_object("bucket", "k").metadata([("a", "x\ny")]).send().await.expect_err("no header value");
    check(error, refused, "Metadata");
    let error = s3.put_object("bucket", "k").checksum_algorithm("CRC7").send().await.expect_err("no algorithm");
    check(error, refused, "ChecksumAlgorithm names no known checksum algorithm: \"CRC7\"");
    for expires in [0, 7 * 24 * 3600 + 1] {
        let error = s3.get_object("bucket", "k").presign(Duration::from_secs(expires)).await.expect_err("a bad limit");
        check(error, refused, "a presigned URL lives between 1 second and 7 days");
    }
}

#[tokio::test]
async fn what_a_session_lacks() {
    let bare = || {
        Session::builder().environment(Environment::empty()).http_client(aws_core::test_util::ScriptedClient::default())
    };
    let keys = || aws_core::Credentials::new("AKIDEXAMPLE", "secret");
    // S3 itself is reached without a region, through its global host.
    let dynamodb = aws_dynamodb::Client::new(&bare().credentials(keys()).build_lazy());
    let error = dynamodb.list_tables().send().await.expect_err("no region");
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(error.to_string().contains("no region") && error.to_string().contains("AWS_REGION"), "{error}");
    let s3 = Client::new(&bare().region("us-east-1").build_lazy());
    let error = s3.list_buckets().send().await.expect_err("no credentials");
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
    let s3 = Client::new(&bare().region("no such region!").build_lazy());
    let error = s3.list_buckets().send().await.expect_err("no such region");
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(aws_core::Credentials::new("AKIDEXAMPLE", "secret"))
        .endpoint_url(format!("http://{free}"))
        .build()
        .expect("a session");
    let start = Instant::now();
    let error = Client::new(&session).list_buckets().send().await.expect_err("nobody listens");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3), "{error:?}");
    assert!(error.to_string().contains(&free.to_string()), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "slow: {:?}", start.elapsed());
}

#[tokio::test]
async fn wrong_keys() {
    everywhere(async |Scene { server, bucket, .. }| {
        if !server.verifies {
            return Ok(());
        }
        let session = server.builder("us-east-1").credentials(aws_core::Credentials::new("AKIDNOBODY", "x")).build()?;
        let error = Client::new(&session).list_objects_v2(&bucket).send().await.expect_err("unknown keys");
        assert_eq!((error.kind(), error.status()), (ErrorKind::Service, Some(403)), "{error}");
        Ok(())
    })
    .await;
}
