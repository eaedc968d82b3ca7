//! Secrets never appear in `Debug` output, errors and messages.

use std::time::Duration;

use aws_core::testing::{RecordedSleep, Reply};

use super::{SECRET, ScriptedS3, error_reply, session};

const KEY: &str = "0123456789abcdef0123456789abcdef";

#[track_caller]
fn check_no_secret(what: &str, text: &str) {
    for secret in [SECRET, "the-session-token", KEY, "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="] {
        assert!(!text.contains(secret), "{what} contains a secret: {text}");
    }
}

#[tokio::test]
async fn secrets_that_no_model_marks_are_hidden_and_tokens_of_pages_are_not() {
    use aws_sts::types::Credentials;
    let credentials = Credentials {
        access_key_id: Some("AKID".to_owned()),
        secret_access_key: Some(SECRET.to_owned()),
        session_token: Some("the-session-token".to_owned()),
        ..Default::default()
    };
    let text = format!("{credentials:?}");
    check_no_secret("credentials", &text);
    assert!(text.contains("SessionToken: ***") && text.contains("AKID"), "{text}");
    let scripted = ScriptedS3::new([]);
    let text = format!("{:?}", scripted.s3.list_objects_v2("b").continuation_token("the-next-page").as_ref().input());
    assert!(text.contains("the-next-page"), "{text}");
}

#[tokio::test]
async fn secrets_appear_in_no_debug_output_and_no_error() {
    let builder = session(&RecordedSleep::new());
    check_no_secret("a builder", &format!("{builder:?}"));
    let session = builder.build().expect("a session");
    check_no_secret("a session", &format!("{session:?} {:?}", session.credentials().expect("credentials")));
    let scripted =
        ScriptedS3::with_session([error_reply(400, "InvalidArgument"), Reply::close()], |it| it.max_attempts(1));
    check_no_secret("a client", &format!("{:?}", scripted.s3));
    let put = || scripted.s3.put_object("b", "k").body("x").sse_customer_algorithm("AES256").sse_customer_key(KEY);
    check_no_secret("a request", &format!("{:?} {:#?}", put(), put().as_ref().input()));
    for _ in 0..2 {
        let error = put().send().await.expect_err("a failure");
        check_no_secret("an error", &format!("{error} {error:?} {error:#?}"));
    }
    let request = &scripted.http.requests()[0];
    let header = &request.headers["x-amz-server-side-encryption-customer-key"];
    assert_eq!(header.as_bytes(), b"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    assert_eq!(request.header("x-amz-server-side-encryption-customer-key-md5"), "hRasmdxgYDKV3nvbahU1MA==");
    check_no_secret("headers", &format!("{header:?}"));

    let post = scripted.s3.presigned_post("b", "k").field("x-amz-server-side-encryption-customer-key", KEY);
    check_no_secret("a presigned POST", &format!("{post:?}"));
    let presigned = scripted.s3.get_object("b", "k").presign(Duration::from_secs(60)).await.expect("a URL");
    assert!(presigned.url().contains("X-Amz-Signature="));
    let debug = format!("{presigned:?}");
    assert!(!debug.contains("Signature") && !debug.contains("Token"), "{debug}");
}
