//! Members that have the names of boto3 in Rust and the names of the model on the wire.

use aws_core::testing::{ReceivedRequest, Reply};
use serde_json::{Value as Json, json};

use super::{Fixture, pairs, service, toy_from_model};

#[tokio::test]
async fn filters_of_ec2_are_sent_as_filter() {
    for (operation, member) in [
        ("DescribeFlowLogs", "Filter"),
        ("DescribeHostReservationOfferings", "Filter"),
        ("DescribeHostReservations", "Filter"),
        ("DescribeHosts", "Filter"),
        ("DescribeNatGateways", "Filter"),
        ("DescribeInstances", "Filter"),
    ] {
        let fixture = Fixture::new(service("ec2", &[operation]), [Reply::ok(format!("<{operation}Response/>"))]);
        let input = json!({"Filters": [{"Name": "state", "Values": ["a", "b"]}]});
        let request = fixture.request(operation, input).await;
        let form = pairs(&String::from_utf8_lossy(&request.body));
        for (key, value) in [("Name", "state"), ("Value.1", "a"), ("Value.2", "b")] {
            assert_eq!(form.get(&format!("{member}.1.{key}")), Some(&json!(value)), "{operation}: {form:?}");
        }
    }
}

fn body(request: &ReceivedRequest) -> Json {
    serde_json::from_slice(&request.body).expect("JSON")
}

#[tokio::test]
async fn from_time_of_a_log_export_is_sent_as_from() {
    let fixture = Fixture::new(service("logs", &["CreateExportTask"]), [Reply::ok("{}")]);
    let request = fixture
        .request("CreateExportTask", json!({"logGroupName": "g", "fromTime": 1, "to": 2, "destination": "d"}))
        .await;
    assert_eq!(body(&request), json!({"logGroupName": "g", "from": 1, "to": 2, "destination": "d"}));
    let error = fixture.rejected("CreateExportTask", json!({"logGroupName": "g", "to": 2, "destination": "d"})).await;
    assert!(error.message().ends_with("Missing required parameter in input: \"fromTime\""), "{error}");
}

#[tokio::test]
async fn return_fields_of_a_search_are_sent_as_return_in_a_post() {
    let request = search(json!({"query": "a b", "returnFields": "x,y"}), None).await;
    let form = pairs(&String::from_utf8_lossy(&request.body));
    assert_eq!(Json::Object(form), json!({"format": "sdk", "pretty": "true", "q": "a b", "return": "x,y"}));
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/2013-01-01/search"));
    assert_eq!(request.header("content-type"), "application/x-www-form-urlencoded");
    assert!(request.header("authorization").contains("content-type;"));
}

#[tokio::test]
async fn a_presigned_search_is_a_get() {
    let request = search(json!({"query": "a b"}), Some(60)).await;
    assert_eq!(request.method, "GET");
    assert!(request.url.contains("/2013-01-01/search?format=sdk&pretty=true&q=a%20b&X-Amz-"), "{}", request.url);
}

/// Sends a search to a toy like CloudSearch, or presigns it for that many seconds.
async fn search(input: Json, presigned: Option<u64>) -> ReceivedRequest {
    let member = |wire: &str| json!({"shape": "Text", "location": "querystring", "locationName": wire});
    let value = json!({
        "version": "2.0",
        "metadata": {
            "apiVersion": "2013-01-01", "endpointPrefix": "cloudsearchdomain", "protocol": "rest-json",
            "serviceFullName": "A toy", "serviceId": "CloudSearch Domain", "signatureVersion": "v4",
        },
        "operations": {"Search": {
            "name": "Search", "http": {"method": "GET", "requestUri": "/2013-01-01/search?format=sdk&pretty=true"},
            "input": {"shape": "SearchRequest"},
        }},
        "shapes": {
            "Text": {"type": "string"},
            "SearchRequest": {"type": "structure", "members": {"query": member("q"), "return": member("return")}},
        },
    });
    let rules = super::polly_rules();
    let fixture = Fixture::new(toy_from_model("cloudsearchdomain", value, rules), [Reply::ok("{}")]);
    let Some(seconds) = presigned else { return fixture.request("Search", input).await };
    let plan = fixture.service.operations["Search"].plan;
    let input = tests::values::structure(&input, plan.input).expect("an input");
    let request = fixture
        .client
        .presign(plan, input, std::time::Duration::from_secs(seconds))
        .await
        .expect("a presigned request");
    tests::doubles::presigned(&request)
}
