//! The query protocol in a whole call: presigned URLs, and the request id. The expected URLs are those of botocore for
//! the same keys, time and parameters.

use std::time::Duration;

use aws_core::config::Environment;
use aws_core::internals::DynamicClient;
use aws_core::testing::{FixedClock, Reply};
use aws_core::{Credentials, Session};
use codegen::report::Report;
use codegen::source::ModelStore;
use serde_json::{Value, json};
use tests::doubles::ScriptedClient;
use tests::dynamic::Service;
use tests::suite::workspace;
use tests::values;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn sts(operation: &str) -> Service {
    let source = ModelStore::open(&workspace().join("models")).load("sts", &mut Report::new()).expect("a model");
    Service::from_operations(&source, &[operation]).expect("a sound model")
}

fn client(service: &Service, replies: impl IntoIterator<Item = Reply>) -> DynamicClient {
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET).with_session_token("the-session-token"))
        // 2026-01-02T03:04:05Z.
        .clock(FixedClock::from_secs(1_767_323_045).clock())
        .http_client(ScriptedClient::new(replies));
    DynamicClient::new(&session.build().expect("a session"), service.facts)
}

#[tokio::test]
async fn presigned_calls_are_gets_with_all_parameters_in_the_url() {
    async fn check(operation: &str, input: Value, seconds: u64, parameters: &str, signature: &str) {
        let service = sts(operation);
        let plan = service.operations[operation].plan;
        let input = values::structure(&input, plan.input).expect("members of the input");
        let request = client(&service, []).presign(plan, input, Duration::from_secs(seconds)).await.expect("a URL");
        let expect = format!(
            "https://sts.us-east-1.amazonaws.com/?{parameters}&X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20260102T030405Z\
             &X-Amz-Expires={seconds}&X-Amz-SignedHeaders=host&X-Amz-Security-Token=the-session-token\
             &X-Amz-Signature={signature}"
        );
        assert_eq!(request.url(), expect);
        assert_eq!(request.method(), "GET", "{operation}");
        assert!(request.headers().keys().all(|it| it == "host"), "{:?}", request.headers());
    }
    let signature = "a3c8e2e4020f189ff7ad1dcae6411a75f51c08c4316c68d9830c034f33a4787b";
    check("GetCallerIdentity", json!({}), 60, "Action=GetCallerIdentity&Version=2011-06-15", signature).await;
    let role = json!({
        "RoleArn": "arn:aws:iam::123456789012:role/a b", "RoleSessionName": "me", "Tags": [{"Key": "k&", "Value": "v"}],
    });
    let parameters = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fa%20b\
                &RoleSessionName=me&Tags.member.1.Key=k%26&Tags.member.1.Value=v";
    let signature = "04ef0f5971310c3649bc665b89fa076d8383c5cfcb54664d59ae55a263535f08";
    check("AssumeRole", role, 900, parameters, signature).await;
}

#[tokio::test]
async fn the_request_id_is_that_of_the_header_or_else_of_the_body() {
    let body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>\
                <ResponseMetadata><RequestId>of-the-body</RequestId></ResponseMetadata></GetCallerIdentityResponse>";
    let without_id = body.replace("ResponseMetadata", "Other");
    let check = async |reply: Reply, expect: Option<&str>| {
        let service = sts("GetCallerIdentity");
        let plan = service.operations["GetCallerIdentity"].plan;
        let input = values::structure(&json!({}), plan.input).expect("no members");
        let (_, metadata) = client(&service, [reply]).call(plan, input).await.expect("a response");
        assert_eq!(metadata.request_id(), expect);
    };
    check(Reply::ok(body), Some("of-the-body")).await;
    check(Reply::ok(body).header("x-amzn-requestid", "of-the-header"), Some("of-the-header")).await;
    check(Reply::ok(without_id), None).await;
}
