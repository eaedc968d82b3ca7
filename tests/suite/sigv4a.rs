//! Signature Version 4A through clients: where endpoints require it, for which regions, in headers and in URLs. That the
//! signatures are right is tested in `sigv4`.

use std::time::Duration;

use aws_core::config::Environment;
use aws_core::internals::DynamicClient;
use aws_core::testing::{FixedClock, ReceivedRequest, RecordedSleep, Reply, credentials};
use aws_core::{ErrorKind, Session, SessionBuilder};
use aws_s3::Client;
use codegen::report::Report;
use codegen::source::ModelStore;
use serde_json::{Value, json};
use tests::doubles::ScriptedClient;
use tests::dynamic::Service;
use tests::suite::workspace;
use tests::values;

const ACCESS_POINT: &str = "arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap";

fn builder(http: &ScriptedClient, variables: &[(&str, &str)]) -> SessionBuilder {
    Session::builder()
        .environment(Environment::from_iter(variables.iter().copied()))
        .region("us-west-2")
        .credentials(credentials().with_session_token("the-session-token"))
        // 2026-01-02T03:04:05Z.
        .clock(FixedClock::from_secs(1_767_323_045).clock())
        .sleep(RecordedSleep::new().sleep())
        .http_client(http.clone())
}

/// The request of a call to a multi-region access point.
async fn get_object(
    variables: &[(&str, &str)],
    configure: impl FnOnce(SessionBuilder) -> SessionBuilder,
) -> ReceivedRequest {
    let http = ScriptedClient::new([Reply::ok("body")]).unverified();
    let session = configure(builder(&http, variables)).build().expect("a session");
    Client::new(&session).get_object(ACCESS_POINT, "a/../key").send().await.expect("a response");
    http.requests().remove(0)
}

#[tokio::test]
async fn a_multi_region_access_point_is_called_with_a_signature_for_all_regions() {
    let request = get_object(&[], |it| it).await;
    let url = "https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/a/../key";
    assert!(request.url.starts_with(url), "{}", request.url);
    assert_eq!(request.header("x-amz-region-set"), "*");
    assert_eq!(request.header("x-amz-security-token"), "the-session-token");
    let authorization = request.header("authorization");
    let expect = "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20260102/s3/aws4_request, SignedHeaders=";
    assert!(authorization.starts_with(expect), "{authorization}");
    for name in ["host", "x-amz-content-sha256", "x-amz-date", "x-amz-region-set", "x-amz-security-token"] {
        assert!(authorization.contains(name), "{name} is not signed: {authorization}");
    }
}

#[tokio::test]
async fn the_regions_of_code_environment_and_profile_replace_those_of_the_endpoint() {
    let variable = [("AWS_SIGV4A_SIGNING_REGION_SET", "us-east-1, us-west-2")];
    let regions = async |variables: &[(&str, &str)], configure: fn(SessionBuilder) -> SessionBuilder| {
        get_object(variables, configure).await.header("x-amz-region-set").to_owned()
    };
    assert_eq!(regions(&variable, |it| it).await, "us-east-1,us-west-2");
    assert_eq!(regions(&variable, |it| it.sigv4a_signing_region_set(["eu-*"])).await, "eu-*");
    let file = std::env::temp_dir().join(format!("sigv4a-{}.ini", std::process::id()));
    std::fs::write(&file, "[default]\nsigv4a_signing_region_set = eu-west-1,eu-west-3\n").expect("a file");
    let request = get_object(&[], |it| it.config_file(&file)).await;
    std::fs::remove_file(&file).expect("the file");
    assert_eq!(request.header("x-amz-region-set"), "eu-west-1,eu-west-3");
}

#[tokio::test]
async fn a_url_is_presigned_for_a_set_of_regions() {
    let http = ScriptedClient::default();
    let client = Client::new(&builder(&http, &[]).build().expect("a session"));
    let presigned = client.get_object(ACCESS_POINT, "key").presign(Duration::from_secs(60)).await.expect("a URL");
    let url = presigned.url();
    for part in [
        "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256",
        "X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fs3%2Faws4_request",
        "X-Amz-Region-Set=%2A",
        "X-Amz-Expires=60",
        "X-Amz-Security-Token=the-session-token",
        "X-Amz-SignedHeaders=host&",
    ] {
        assert!(url.contains(part), "no {part} in {url}");
    }
    assert!(presigned.headers().is_empty() && http.requests().is_empty());
    let failed = client.presigned_post(ACCESS_POINT, "key").send().await.expect_err("no policy");
    assert_eq!(failed.kind(), ErrorKind::Signing);
    assert!(failed.to_string().contains("sigv4a"), "{failed}");
}

/// The request of an operation of a model.
async fn call(name: &str, operation: &str, input: Value) -> ReceivedRequest {
    let source = ModelStore::open(&workspace().join("models")).load(name, &mut Report::new()).expect("a model");
    let service = Service::from_operations(&source, &[operation]).expect("a sound model");
    let plan = service.operations[operation].plan;
    let input = values::structure(&input, plan.input).expect("members of the input");
    let http = ScriptedClient::new([Reply::ok("{}")]).unverified();
    let session = builder(&http, &[]).build().expect("a session");
    DynamicClient::new(&session, service.facts).call(plan, input).await.expect("a response");
    http.requests().remove(0)
}

#[tokio::test]
async fn a_global_endpoint_of_event_bridge_requires_it_and_others_do_not() {
    let entries = json!([{"Source": "s", "DetailType": "t", "Detail": "{}"}]);
    let request = call("events", "PutEvents", json!({"EndpointId": "abc123.456def", "Entries": entries})).await;
    assert!(request.url.starts_with("https://abc123.456def.endpoint.events.amazonaws.com/"), "{}", request.url);
    assert_eq!(request.header("x-amz-region-set"), "*");
    assert!(request.header("authorization").contains("/20260102/events/aws4_request"));
    let request = call("events", "PutEvents", json!({"Entries": entries})).await;
    assert!(request.header("authorization").contains("/20260102/us-west-2/events/aws4_request"));
    assert_eq!(request.header("x-amz-region-set"), "");
}
