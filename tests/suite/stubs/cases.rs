//! The cases of the guides of smithy-mocks and of botocore's Stubber, each as a user writes it here.

use aws_core::http::HttpErrorKind;
use aws_core::testing::{Reply, ServiceError, Stub};
use aws_core::{ByteStream, make};
use aws_s3::error::NoSuchKey;
use aws_s3::operation::{
    GetObject, GetObjectInput, GetObjectOutput, HeadObject, HeadObjectOutput, ListObjectsV2, ListObjectsV2Output,
    PutObject, PutObjectOutput,
};
use aws_s3::types::Object;

fn object(body: &'static str) -> GetObjectOutput {
    make!(GetObjectOutput { body: ByteStream::from_static(body.as_bytes()) })
}

async fn get(stub: &Stub, key: &str) -> aws_core::Result<Vec<u8>> {
    let s3 = aws_s3::Client::new(&stub.session());
    Ok(s3.get_object("test-bucket", key).send().await?.body.collect().await?.into_bytes().to_vec())
}

// smithy-mocks

#[tokio::test]
async fn a_successful_response() {
    let stub = Stub::new();
    stub.on::<GetObject>().reply(object("test-content"));
    assert_eq!(get(&stub, "k").await.expect("an object"), b"test-content");
}

#[tokio::test]
async fn a_modelled_error() {
    let stub = Stub::new();
    stub.on::<GetObject>().error(NoSuchKey::default());
    assert!(get(&stub, "k").await.expect_err("none").is::<NoSuchKey>());
}

#[tokio::test]
async fn a_response_of_bytes() {
    let stub = Stub::new();
    stub.on::<GetObject>().http(Reply::new(503).body("service unavailable")).times(1).reply(object("later"));
    assert_eq!(get(&stub, "k").await.expect("the second attempt"), b"later");
}

#[tokio::test]
async fn requests_that_match() {
    let stub = Stub::new();
    stub.on::<GetObject>().when(|it| it.key.as_deref() == Some("test-key")).reply(object("found"));
    stub.on::<GetObject>().error(NoSuchKey::default());
    assert_eq!(get(&stub, "test-key").await.expect("an object"), b"found");
    get(&stub, "other").await.expect_err("none");
}

#[tokio::test]
async fn a_sequence_of_errors_and_outputs_with_retries() {
    let stub = Stub::new();
    let rule = stub.on::<GetObject>().http(503).times(2).reply(object("success"));
    assert_eq!(get(&stub, "k").await.expect("the third attempt"), b"success");
    assert_eq!(rule.calls(), 3);
}

#[tokio::test]
async fn a_response_that_repeats() {
    let stub = Stub::new();
    stub.on::<GetObject>().reply(object("again"));
    for _ in 0..10 {
        assert_eq!(get(&stub, "k").await.expect("always"), b"again");
    }
}

#[tokio::test]
async fn a_response_computed_from_the_request() {
    let stub = Stub::new();
    stub.on::<GetObject>()
        .reply_with(|it| make!(GetObjectOutput { body: ByteStream::from(it.key.clone().unwrap_or_default()) }));
    assert_eq!(get(&stub, "my-key").await.expect("an object"), b"my-key");
}

#[tokio::test]
async fn several_operations_in_any_order_and_counted() {
    let stub = Stub::new();
    let (gets, puts) =
        (stub.on::<GetObject>().reply(object("x")), stub.on::<PutObject>().reply(PutObjectOutput::default()));
    let s3 = aws_s3::Client::new(&stub.session());
    s3.put_object("test-bucket", "k").body("x").send().await.expect("stored");
    get(&stub, "k").await.expect("an object");
    get(&stub, "k").await.expect("an object");
    assert_eq!((gets.calls(), puts.calls()), (2, 1));
}

#[tokio::test]
async fn several_operations_in_one_order() {
    let stub = Stub::new().in_order();
    stub.on::<PutObject>().reply(PutObjectOutput::default()).times(1);
    stub.on::<GetObject>().reply(object("x"));
    get(&stub, "k").await.expect_err("the object is not stored yet");
    aws_s3::Client::new(&stub.session()).put_object("test-bucket", "k").send().await.expect("stored");
    get(&stub, "k").await.expect("an object");
}

#[tokio::test]
async fn a_connection_that_fails_and_one_that_breaks() {
    let stub = Stub::new();
    stub.on::<GetObject>().fail(HttpErrorKind::Connect).http(Reply::ok("12345").truncated(2));
    let error = get(&stub, "k").await.expect_err("the body ends early");
    assert_eq!((error.kind(), error.attempts()), (aws_core::ErrorKind::Io, 2));
}

// botocore's Stubber

#[tokio::test]
async fn a_response_with_expected_parameters() {
    let stub = Stub::new();
    stub.on::<GetObject>().matching(make!(GetObjectInput { bucket: "test-bucket", key: "k" })).reply(object("x"));
    get(&stub, "k").await.expect("as expected");
    let text = get(&stub, "other").await.expect_err("not as expected").to_string();
    assert!(text.contains("Key is \"other\", expected \"k\""), "{text}");
}

#[tokio::test]
async fn a_parameter_that_may_be_anything() {
    let stub = Stub::new();
    stub.on::<GetObject>().matching(make!(GetObjectInput { bucket: "test-bucket" })).reply(object("x"));
    get(&stub, "anything").await.expect("any key");
}

#[tokio::test]
async fn a_client_error_with_code_message_and_status() {
    let stub = Stub::new();
    stub.on::<HeadObject>().error(ServiceError::new("NotFound")).times(1).reply(HeadObjectOutput::default());
    stub.on::<GetObject>().error(ServiceError::new("InvalidObjectState").status(403).message("archived"));
    let s3 = aws_s3::Client::new(&stub.session());
    assert_eq!(s3.head_object("test-bucket", "k").send().await.expect_err("none").status(), Some(404));
    assert_eq!(get(&stub, "k").await.expect_err("archived").message(), "archived");
}

#[tokio::test]
async fn responses_that_were_not_asked_for() {
    let stub = Stub::new();
    stub.on::<ListObjectsV2>().reply(make!(ListObjectsV2Output { contents: [Object { key: "a" }] }));
    assert_eq!(stub.problems().len(), 1);
    aws_s3::Client::new(&stub.session()).list_objects_v2("test-bucket").send().await.expect("a page");
    stub.verify();
}
