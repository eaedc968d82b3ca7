//! What the user agent of a call tells, and that it costs the call nothing else.

use aws_core::config::{Environment, RetryMode};
use aws_core::test_util::Reply;
use aws_core::{ByteStream, SessionBuilder};

use super::Script;

/// The features that the user agent of the last request tells.
fn features(script: &Script) -> String {
    let requests = script.http.requests();
    let agent = requests.last().expect("a request").header("user-agent").to_owned();
    let word = agent.split(' ').find_map(|it| it.strip_prefix("m/"));
    word.unwrap_or_else(|| panic!("no features in {agent}")).to_owned()
}

#[tokio::test]
async fn it_tells_which_features_take_part() {
    let script = Script::new((0..6).map(|_| Reply::new(200)));
    let s3 = &script.s3;
    s3.list_objects_v2("b").send().await.expect("an answer");
    assert_eq!(features(&script), "E,Z,b,e");
    s3.list_objects_v2("b").pages().try_next().await.expect("an answer");
    assert_eq!(features(&script), "C,E,Z,b,e");
    s3.list_objects_v2("b").items().try_next().await.expect("an answer");
    assert_eq!(features(&script), "C,E,Z,b,e");
    s3.wait_bucket_exists("b").await.expect("it exists");
    assert_eq!(features(&script), "B,E,Z,b,e");
    s3.put_object("b", "k").body("x").send().await.expect("an answer");
    assert_eq!(features(&script), "E,U,Z,b,e");
    s3.list_objects_v2("b").send().await.expect("an answer");
    assert_eq!(features(&script), "E,Z,b,e");

    fn change(it: SessionBuilder) -> SessionBuilder {
        let environment =
            Environment::from_iter([("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE"), ("AWS_SDK_UA_APP_ID", "a b")]);
        it.environment(environment)
            .retry_mode(RetryMode::Adaptive)
            .endpoint_url("http://localhost:9")
            .user_agent_extra("X/1 (y)")
    }
    let script = Script::with([Reply::new(200)], change);
    script.s3.list_buckets().send().await.expect("an answer");
    let agent = script.only().header("user-agent").to_owned();
    let words: Vec<_> = agent.split(' ').collect();
    assert_eq!(words[1], "ua/2.1");
    for (prefix, place) in
        [("aws-core-rust/", 0), ("os/", 2), ("md/arch#", 3), ("lang/rust#1.", 4), ("api/s3#2006-03-01", 5)]
    {
        assert!(words[place].starts_with(prefix), "{agent}");
    }
    let tail = "exec-env/AWS_ECS_FARGATE m/F,N,a,b,e cfg/retry-mode#adaptive app/a-b X/1 (y)";
    assert!(agent.ends_with(tail), "{agent}");
}

#[tokio::test]
async fn uploads_of_streams_ask_before_they_send() {
    let expectation = async |body: ByteStream| {
        let script = Script::new([Reply::new(200)]);
        script.s3.put_object("b", "k").body(body).send().await.expect("an answer");
        let request = script.only();
        assert!(!request.header("authorization").contains("expect"));
        request.header("expect").to_owned()
    };
    assert_eq!(expectation(ByteStream::from_reader(&b"abc"[..]).with_len(3)).await, "100-continue");
    assert_eq!(expectation(ByteStream::from("abc")).await, "", "what is in memory is sent at once");
    assert_eq!(expectation(ByteStream::default()).await, "");
}
