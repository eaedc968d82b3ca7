//! The messages of errors, and what their methods return.

use aws_core::config::Environment;
use aws_core::http::HttpErrorKind;
use aws_core::testing::{Reply, ServiceError, credentials};
use aws_core::{Error, ErrorKind, Session};
use aws_s3::error::{InvalidObjectState, NoSuchKey, NotFound};
use tests::doubles::ScriptedClient;

use super::{ScriptedS3, error_reply};

async fn head(reply: Reply) -> Error {
    ScriptedS3::with_session([reply], |it| it.max_attempts(1))
        .s3
        .head_object("b", "k")
        .send()
        .await
        .expect_err("a failure")
}

async fn get(reply: Reply) -> Error {
    ScriptedS3::with_session([reply], |it| it.max_attempts(1))
        .s3
        .get_object("b", "k")
        .send()
        .await
        .expect_err("a failure")
}

#[tokio::test]
async fn an_error_without_a_body_has_the_code_and_message_of_its_status() {
    async fn check(status: u16, code: &str, message: &str) {
        let error = head(Reply::new(status)).await;
        assert_eq!((error.status(), error.code()), (Some(status), Some(code)), "{message}");
        assert_eq!(error.to_string(), message);
    }
    check(
        404,
        "NotFound",
        "An error occurred (NotFound) when calling the HeadObject operation: Not Found (status 404)",
    )
    .await;
    check(
        403,
        "Forbidden",
        "An error occurred (Forbidden) when calling the HeadObject operation: Forbidden (status 403)",
    )
    .await;
    check(
        400,
        "BadRequest",
        "An error occurred (BadRequest) when calling the HeadObject operation: Bad Request (status 400)",
    )
    .await;
    assert!(head(Reply::new(404)).await.is::<NotFound>());
    assert!(!head(Reply::new(403)).await.is::<NotFound>());
}

#[tokio::test]
async fn an_error_with_a_body_has_its_code_message_ids_and_members() {
    let error = get(error_reply(404, "NoSuchKey")).await;
    let text = "An error occurred (NoSuchKey) when calling the GetObject operation: what happened (status 404, request id REQ1)";
    assert_eq!(error.to_string(), text);
    assert_eq!((error.message(), error.request_id()), ("what happened", Some("REQ1")));
    assert_eq!(error.extended_request_id(), Some("host+1="));
    assert!(error.is::<NoSuchKey>() && error.get::<NoSuchKey>().is_some());
    let error =
        get(error_reply(404, "NoSuchKey").header("x-amz-request-id", "REQ2").header("x-amz-id-2", "HOST2")).await;
    assert_eq!((error.request_id(), error.extended_request_id()), (Some("REQ2"), Some("HOST2")));
    let response = error.response().expect("a response");
    assert!(
        response.status == 404 && response.headers.contains_key("x-amz-id-2") && response.body.starts_with(b"<?xml")
    );

    let body = "<Error><Code>InvalidObjectState</Code><Message>cold</Message><StorageClass>GLACIER</StorageClass>\
                <AccessTier>ARCHIVE_ACCESS</AccessTier></Error>";
    let error = get(Reply::new(403).body(body)).await;
    let state = error.get::<InvalidObjectState>().expect("a modelled exception");
    assert_eq!(state.storage_class.as_ref().map(|it| it.as_str()), Some("GLACIER"));
    assert_eq!(state.access_tier.as_ref().map(|it| it.as_str()), Some("ARCHIVE_ACCESS"));
}

#[tokio::test]
async fn an_error_whose_body_cannot_be_parsed_has_the_code_of_its_status() {
    for body in ["", "<html><body>502 Bad Gateway</body></html>", "<Error><Code>cut", "plain words", "{}"] {
        let error = get(Reply::new(502).body(body)).await;
        assert_eq!(
            (error.kind(), error.status(), error.code()),
            (ErrorKind::Service, Some(502), Some("BadGateway")),
            "{body}"
        );
        assert!(error.to_string().contains("status 502"), "{error}");
    }
}

#[tokio::test]
async fn an_error_without_a_response_names_its_operation_and_cause() {
    let scripted = ScriptedS3::with_session([Reply::close()], |it| it.max_attempts(1));
    let error = scripted.s3.get_object("b", "k").send().await.expect_err("closed");
    assert_eq!((error.code(), error.status(), error.request_id()), (None, None, None));
    assert_eq!(error.operation(), Some("GetObject"));
    assert!(error.to_string().contains("GetObject"), "{error}");
    assert!(error.cause().is_some());
    // Errors pass between threads and through `?` of any other error type.
    let boxed: Box<dyn std::error::Error + Send + Sync> = error.into();
    assert!(boxed.downcast_ref::<Error>().is_some());
}

#[tokio::test]
async fn an_error_says_what_it_means_for_another_call_and_whose_it_is() {
    for (status, code, throttling, retryable, timeout) in [
        (503, "SlowDown", true, true, false),
        (400, "ThrottlingException", true, true, false),
        (429, "Whatever", true, true, false),
        (500, "InternalError", false, true, false),
        (400, "RequestTimeout", false, true, true),
        (404, "NoSuchKey", false, false, false),
        (403, "AccessDenied", false, false, false),
    ] {
        let error = get(error_reply(status, code)).await;
        let found = (error.is_throttling(), error.is_retryable(), error.is_timeout());
        assert_eq!(found, (throttling, retryable, timeout), "{status} {code}");
        assert_eq!((error.service(), error.operation()), (Some("S3"), Some("GetObject")), "{status} {code}");
    }
    for (reply, kind, timeout) in [
        (Reply::close(), ErrorKind::Io, false),
        (Reply::silence(), ErrorKind::Timeout, true),
        (Reply::failure(HttpErrorKind::Connect), ErrorKind::Connect, false),
        (Reply::failure(HttpErrorKind::Proxy), ErrorKind::Proxy, false),
        (Reply::failure(HttpErrorKind::Tls), ErrorKind::Tls, false),
    ] {
        let error = get(reply).await;
        assert_eq!((error.kind(), error.is_timeout()), (kind, timeout), "{error}");
        assert!(error.is_retryable() && !error.is_throttling() && error.service() == Some("S3"), "{error}");
    }
    // Before anything is sent, and in the body of a response.
    let s3 = ScriptedS3::new([Reply::ok("12345").truncated(2)]).s3;
    let invalid = s3.get_object("a b", "k").send().await.expect_err("no name");
    assert_eq!((invalid.service(), invalid.is_retryable()), (Some("S3"), false), "{invalid}");
    let body = s3.get_object("b", "k").send().await.expect("a response").body;
    let cut = body.collect().await.expect_err("cut off");
    assert_eq!((cut.service(), cut.operation(), cut.is_retryable()), (Some("S3"), Some("GetObject"), true), "{cut}");
    // What the model marks as retryable is, whatever its status; a truncated list of S3 is a failure of the service.
    let scripted = ScriptedS3::with_session([Reply::ok("<ListBucketResult>")], |it| it.max_attempts(1));
    let late = scripted.s3.list_objects_v2("b").send().await.expect_err("truncated");
    assert!(late.kind() == ErrorKind::Parse && late.is_retryable(), "{late}");
    assert!(Error::new(ErrorKind::Config, "no region").service().is_none());
}

#[tokio::test]
async fn a_modelled_exception_is_an_error_of_its_own() {
    let error = get(error_reply(404, "NoSuchKey")).await;
    let exception: Box<dyn std::error::Error + Send + Sync> =
        Box::new(error.get::<NoSuchKey>().expect("the exception"));
    // S3's model gives its exceptions no members, not even a message.
    assert_eq!(exception.to_string(), "NoSuchKey");
    assert!(exception.is::<NoSuchKey>() && exception.source().is_none());
    let built = aws_dynamodb::error::ConditionalCheckFailedException {
        message: Some("The conditional request failed".to_owned()),
        ..Default::default()
    };
    assert_eq!(built.to_string(), "ConditionalCheckFailedException: The conditional request failed");
}

/// Services write the message's name in either case, whatever their model says.
#[tokio::test]
async fn a_modelled_exception_has_the_message_that_the_service_wrote() {
    use aws_dynamodb::error::ConditionalCheckFailedException as Failed;
    async fn check(body: &str, expect: Option<&str>) {
        let http = ScriptedClient::new([Reply::new(400).body(body.to_owned())]);
        let session = Session::builder().environment(Environment::empty()).region("us-west-2");
        let session = session.credentials(credentials()).http_client(http).build_lazy();
        let error = aws_dynamodb::Client::new(&session).get_item("t", [("id", "1")]).send().await.expect_err(body);
        assert_eq!(error.get::<Failed>().expect(body).message.as_deref(), expect, "{body}");
    }
    let with = |rest: &str| format!(r#"{{"__type":"x#ConditionalCheckFailedException"{rest}}}"#);
    check(&with(r#","message":"lower""#), Some("lower")).await;
    check(&with(r#","Message":"upper""#), Some("upper")).await;
    check(&with(""), None).await;
}

#[test]
fn an_error_with_an_exception_is_built_by_hand() {
    let exception = aws_dynamodb::error::ConditionalCheckFailedException {
        message: Some("The conditional request failed".to_owned()),
        item: [("id".to_owned(), aws_dynamodb::types::AttributeValue::S("1".to_owned()))].into(),
        ..Default::default()
    };
    let error = ServiceError::of(exception.clone()).operation("PutItem").build();
    assert!(error.is::<aws_dynamodb::error::ConditionalCheckFailedException>() && !error.is::<NoSuchKey>());
    assert_eq!(error.get::<aws_dynamodb::error::ConditionalCheckFailedException>(), Some(exception));
    let text = "An error occurred (ConditionalCheckFailedException) when calling the PutItem operation: The conditional \
                request failed (status 400)";
    assert_eq!((error.to_string().as_str(), error.service()), (text, Some("DynamoDB")));
    let metadata =
        aws_core::ResponseMetadata::new(200).with_header("x-amz-id-2", "H").with_request_id("R").with_attempts(2);
    assert_eq!((metadata.status, metadata.attempts), (200, 2));
    assert_eq!((metadata.request_id(), metadata.extended_request_id()), (Some("R"), Some("H")));
}
