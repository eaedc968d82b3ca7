//! What never shows in `Debug`, errors and messages.

use std::time::Duration;

use aws_core::test_util::{RecordedSleep, Reply};

use super::{SECRET, Script, fault, session};

const KEY: &str = "0123456789abcdef0123456789abcdef";

#[track_caller]
fn clean(what: &str, text: &str) {
    for secret in [SECRET, "the-session-token", KEY, "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="] {
        assert!(!text.contains(secret), "{what} shows a secret: {text}");
    }
}

#[tokio::test]
async fn secrets() {
    let built = session(&RecordedSleep::new());
    clean("a builder", &format!("{built:?}"));
    let built = built.build().expect("a session");
    clean("a session", &format!("{built:?} {:?}", built.credentials().expect("credentials")));
    let script = Script::with([fault(400, "InvalidArgument"), Reply::close()], |it| it.max_attempts(1));
    clean("a client", &format!("{:?}", script.s3));
    let put = || script.s3.put_object("b", "k").body("x").sse_customer_algorithm("AES256").sse_customer_key(KEY);
    clean("a request", &format!("{:?} {:#?}", put(), put().input()));
    for _ in 0..2 {
        let error = put().send().await.expect_err("a failure");
        clean("an error", &format!("{error} {error:?} {error:#?}"));
    }
    let request = &script.http.requests()[0];
    let header = &request.headers["x-amz-server-side-encryption-customer-key"];
    assert_eq!(header.as_bytes(), b"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    assert_eq!(request.header("x-amz-server-side-encryption-customer-key-md5"), "hRasmdxgYDKV3nvbahU1MA==");
    clean("headers", &format!("{header:?}"));

    let presigned = script.s3.get_object("b", "k").presign(Duration::from_secs(60)).await.expect("a URL");
    assert!(presigned.url().contains("X-Amz-Signature="));
    let shown = format!("{presigned:?}");
    assert!(!shown.contains("Signature") && !shown.contains("Token"), "{shown}");
}
