//! The messages of errors, and what their methods return.

use aws_core::test_util::Reply;
use aws_core::{Error, ErrorKind};
use aws_s3::error::{InvalidObjectState, NoSuchKey, NotFound};

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
