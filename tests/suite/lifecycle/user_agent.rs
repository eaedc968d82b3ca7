//! The user agent of a call: the features that it lists and the order of its parts.

use aws_core::SessionBuilder;
use aws_core::config::{Environment, RetryMode};
use aws_core::testing::Reply;

use super::ScriptedS3;

/// The feature ids in the user agent of the last request.
fn features(scripted: &ScriptedS3) -> String {
    let requests = scripted.http.requests();
    let agent = requests.last().expect("a request").header("user-agent").to_owned();
    let list = agent.split(' ').find_map(|it| it.strip_prefix("m/"));
    list.unwrap_or_else(|| panic!("no features in {agent}")).to_owned()
}

#[tokio::test]
async fn the_user_agent_lists_the_features_in_use() {
    let scripted = ScriptedS3::new((0..6).map(|_| Reply::new(200)));
    let s3 = &scripted.s3;
    s3.list_objects_v2("b").send().await.expect("a response");
    assert_eq!(features(&scripted), "E,Z,b,e");
    s3.list_objects_v2("b").pages().try_next().await.expect("a response");
    assert_eq!(features(&scripted), "C,E,Z,b,e");
    s3.list_objects_v2("b").items().try_next().await.expect("a response");
    assert_eq!(features(&scripted), "C,E,Z,b,e");
    s3.wait_bucket_exists("b").await.expect("it exists");
    assert_eq!(features(&scripted), "B,E,Z,b,e");
    s3.put_object("b", "k").body("x").send().await.expect("a response");
    assert_eq!(features(&scripted), "E,U,Z,b,e");
    s3.list_objects_v2("b").send().await.expect("a response");
    assert_eq!(features(&scripted), "E,Z,b,e");

    fn configure(builder: SessionBuilder) -> SessionBuilder {
        let environment =
            Environment::from_iter([("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE"), ("AWS_SDK_UA_APP_ID", "a b")]);
        builder
            .environment(environment)
            .retry_mode(RetryMode::Adaptive)
            .endpoint_url("http://localhost:9")
            .user_agent_extra("X/1 (y)")
    }
    let scripted = ScriptedS3::with_session([Reply::new(200)], configure);
    scripted.s3.list_buckets().send().await.expect("a response");
    let agent = scripted.only_request().header("user-agent").to_owned();
    let parts: Vec<_> = agent.split(' ').collect();
    assert_eq!(parts[1], "ua/2.1");
    for (prefix, index) in
        [("aws-core-rust/", 0), ("os/", 2), ("md/arch#", 3), ("lang/rust#1.", 4), ("api/s3#2006-03-01", 5)]
    {
        assert!(parts[index].starts_with(prefix), "{agent}");
    }
    let tail = "exec-env/AWS_ECS_FARGATE m/F,N,a,b,e cfg/retry-mode#adaptive app/a-b X/1 (y)";
    assert!(agent.ends_with(tail), "{agent}");
}
