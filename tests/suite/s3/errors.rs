//! Errors of the service, of the input, of the session and of the connection.

use std::time::{Duration, Instant};

use aws_core::config::Environment;
use aws_core::{ErrorKind, Session};
use aws_s3::Client;
use aws_s3::error::{NoSuchBucket, NoSuchKey, NotFound};

use super::{Fixture, on_every_server};

#[tokio::test]
async fn missing_keys_and_buckets_are_modelled_errors() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
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
async fn invalid_input_is_rejected_before_it_is_sent() {
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(aws_core::Credentials::new("AKIDEXAMPLE", "secret"))
        .http_client(tests::doubles::ScriptedClient::default().unverified())
        .build()
        .expect("a session");
    let s3 = Client::new(&session);
    let check = |error: aws_core::Error, kind: ErrorKind, expect: &str| {
        assert_eq!((error.kind(), error.attempts()), (kind, 0), "{error:?}");
        assert!(error.to_string().contains(expect), "{error} lacks {expect}");
    };
    let rejected = ErrorKind::Validation;
    for bucket in ["my bucket", "", "a/b", "bücket"] {
        let error = s3.get_object(bucket, "k").send().await.expect_err("a bad bucket");
        check(error, rejected, &format!("Invalid bucket name \"{bucket}\""));
    }
    let error = s3.get_object("bucket", "").send().await.expect_err("no key");
    check(error, rejected, "Invalid length for parameter Key, value: 0, valid min length: 1");
    let error = s3.request::<aws_s3::operation::GetObject>(Default::default()).send().await.expect_err("no members");
    check(error, rejected, "Missing required parameter in input: \"Bucket\"");
    let error = s3.put_object("bucket", "k").metadata([("name", "Jürgen")]).send().await.expect_err("not ASCII");
    check(error, rejected, "Non ascii characters found in S3 metadata for key \"name\", value: \"Jürgen\"");
    let error = s3.put_object("bucket", "k").metadata([("a b", "x")]).send().await.expect_err("not a header name");
    check(error, rejected, "Metadata");
    let error = s3.put_object("bucket", "k").metadata([("a", "x\ny")]).send().await.expect_err("not a header value");
    check(error, rejected, "Metadata");
    let error = s3.put_object("bucket", "k").checksum_algorithm("CRC7").send().await.expect_err("an unknown algorithm");
    check(error, rejected, "Unknown checksum algorithm for parameter ChecksumAlgorithm: \"CRC7\"");
    for expires in [0, 7 * 24 * 3600 + 1] {
        let error =
            s3.get_object("bucket", "k").presign(Duration::from_secs(expires)).await.expect_err("a bad expiry time");
        check(error, rejected, "a presigned URL can be valid for 1 second to 7 days");
    }
}

#[tokio::test]
async fn a_missing_region_or_missing_credentials_fail_the_call() {
    let builder = || {
        Session::builder()
            .environment(Environment::empty())
            .http_client(tests::doubles::ScriptedClient::default().unverified())
    };
    let credentials = || aws_core::Credentials::new("AKIDEXAMPLE", "secret");
    // S3 itself needs no region: it has a global endpoint.
    let dynamodb = aws_dynamodb::Client::new(&builder().credentials(credentials()).build_lazy());
    let error = dynamodb.list_tables().send().await.expect_err("no region");
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(error.to_string().contains("no region") && error.to_string().contains("AWS_REGION"), "{error}");
    let s3 = Client::new(&builder().region("us-east-1").build_lazy());
    let error = s3.list_buckets().send().await.expect_err("no credentials");
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
    let s3 = Client::new(&builder().region("no such region!").build_lazy());
    let error = s3.list_buckets().send().await.expect_err("an invalid region");
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
}

#[tokio::test]
async fn an_unreachable_server_is_a_connect_error_after_three_attempts() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(aws_core::Credentials::new("AKIDEXAMPLE", "secret"))
        .endpoint_url(format!("http://{address}"))
        .build()
        .expect("a session");
    let start = Instant::now();
    let error = Client::new(&session).list_buckets().send().await.expect_err("no server");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3), "{error:?}");
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "slow: {:?}", start.elapsed());
}

#[tokio::test]
async fn unknown_credentials_are_rejected_with_status_403() {
    on_every_server(async |Fixture { server, bucket, .. }| {
        if !server.verifies {
            return Ok(());
        }
        let session = server.builder("us-east-1").credentials(aws_core::Credentials::new("AKIDNOBODY", "x")).build()?;
        let error = Client::new(&session).list_objects_v2(&bucket).send().await.expect_err("unknown credentials");
        assert_eq!((error.kind(), error.status()), (ErrorKind::Service, Some(403)), "{error}");
        Ok(())
    })
    .await;
}
