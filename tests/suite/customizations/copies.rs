//! Copies from another region: the request contains a presigned URL of the same operation in the source region.

use aws_core::Options;
use aws_core::credentials::Anonymous;
use aws_core::testing::Reply;
use serde_json::{Map, Value as Json, json};
use tests::doubles::ScriptedClient;

use super::{Fixture, pairs, service, toy};

/// The URL in this member of a request body: scheme, authority and path, and the decoded query parameters.
fn presigned_url(form: &Map<String, Json>, member: &str) -> (String, Map<String, Json>) {
    let url = form[member].as_str().expect("a URL");
    let (endpoint, query) = url.split_once('?').expect("a query");
    (endpoint.to_owned(), pairs(query))
}

/// Removes the query parameters of the signature from a URL and checks them.
#[track_caller]
fn check_signature(url: &mut Map<String, Json>, scope: &str) {
    let mut remove = |name: &str| url.remove(name).unwrap_or_default();
    assert_eq!(remove("X-Amz-Algorithm"), "AWS4-HMAC-SHA256");
    assert_eq!(remove("X-Amz-Credential"), format!("AKIDEXAMPLE/20260102/{scope}/aws4_request"));
    assert_eq!(remove("X-Amz-Date"), "20260102T030405Z");
    assert_eq!(remove("X-Amz-Expires"), "3600");
    assert_eq!(remove("X-Amz-SignedHeaders"), "host");
    assert_eq!(remove("X-Amz-Security-Token"), "the-session-token");
    assert_eq!(remove("X-Amz-Signature").as_str().map(str::len), Some(64));
}

fn json_of(map: Map<String, Json>) -> Json {
    Json::Object(map)
}

#[tokio::test]
async fn copies_of_snapshots_contain_a_presigned_url_for_the_source_region() {
    let fixture = Fixture::new(service("ec2", &["CopySnapshot"]), (0..3).map(|_| Reply::ok("<CopySnapshotResponse/>")));
    let input = json!({"SourceRegion": "eu-central-1", "SourceSnapshotId": "snap-1", "Encrypted": true});
    let request = fixture.request("CopySnapshot", input).await;
    assert_eq!(request.url, "https://ec2.us-west-2.amazonaws.com/");
    let mut form = pairs(std::str::from_utf8(&request.body).expect("text"));
    let (endpoint, mut url) = presigned_url(&form, "PresignedUrl");
    assert_eq!(endpoint, "https://ec2.eu-central-1.amazonaws.com/");
    check_signature(&mut url, "eu-central-1/ec2");
    let same = json!({
        "Action": "CopySnapshot", "Version": "2016-11-15", "SourceRegion": "eu-central-1",
        "SourceSnapshotId": "snap-1", "Encrypted": "true", "DestinationRegion": "us-west-2",
    });
    assert_eq!(json_of(url), same);
    form.remove("PresignedUrl");
    assert_eq!(json_of(form), same);

    // A URL that the caller set is sent unchanged.
    let input = json!({"SourceRegion": "eu-central-1", "SourceSnapshotId": "snap-1", "PresignedUrl": "https://mine"});
    let form = pairs(&String::from_utf8_lossy(&fixture.request("CopySnapshot", input).await.body));
    assert_eq!((&form["PresignedUrl"], form.get("DestinationRegion")), (&json!("https://mine"), None));

    let error = fixture.rejected("CopySnapshot", json!({"SourceRegion": "evil/", "SourceSnapshotId": "s"})).await;
    assert_eq!(
        error.to_string(),
        "CopySnapshot: Parameter validation failed:\nInvalid region for parameter SourceRegion: \"evil/\": expected a region such as us-east-1"
    );
}

#[tokio::test]
async fn the_region_of_one_call_is_the_destination_region() {
    let mut fixture = Fixture::new(service("ec2", &["CopySnapshot"]), [Reply::ok("<CopySnapshotResponse/>")]);
    fixture.client = fixture.client.with_options(Options::new().region("eu-west-1"));
    let request = fixture.request("CopySnapshot", json!({"SourceRegion": "us-east-1", "SourceSnapshotId": "s"})).await;
    assert_eq!(request.url, "https://ec2.eu-west-1.amazonaws.com/");
    let form = pairs(&String::from_utf8_lossy(&request.body));
    let (endpoint, url) = presigned_url(&form, "PresignedUrl");
    assert_eq!(endpoint, "https://ec2.us-east-1.amazonaws.com/");
    assert_eq!((&form["DestinationRegion"], &url["DestinationRegion"]), (&json!("eu-west-1"), &json!("eu-west-1")));
}

#[tokio::test]
async fn copies_of_databases_contain_a_presigned_url_for_the_source_region() {
    const MEMBERS: &[&str] = &["SourceRegion", "PreSignedUrl", "KmsKeyId"];
    const CLUSTERS: [&str; 2] = ["CopyDBClusterSnapshot", "CreateDBCluster"];
    let rds_only = ["CopyDBSnapshot", "CreateDBInstanceReadReplica", "StartDBInstanceAutomatedBackupsReplication"];
    let rds: Vec<_> = CLUSTERS.into_iter().chain(rds_only).collect();
    for (name, operations) in [("rds", &rds[..]), ("neptune", &CLUSTERS), ("docdb", &CLUSTERS)] {
        let members: Vec<_> = operations.iter().map(|it| (*it, MEMBERS)).collect();
        for operation in operations {
            let response = format!("<{operation}Response/>");
            let fixture = Fixture::new(toy(name, "query", &members), (0..3).map(|_| Reply::ok(response.clone())));

            let input = json!({"SourceRegion": "us-east-1", "KmsKeyId": "a b"});
            let request = fixture.request(operation, input).await;
            let mut form = pairs(&String::from_utf8_lossy(&request.body));
            let (endpoint, mut url) = presigned_url(&form, "PreSignedUrl");
            assert_eq!(endpoint, "https://polly.us-east-1.amazonaws.com/");
            check_signature(&mut url, &format!("us-east-1/{name}"));
            let mut call = json!({"Action": operation, "Version": "2014-10-31", "KmsKeyId": "a b"});
            form.remove("PreSignedUrl");
            assert_eq!(json_of(form), call, "{name} {operation}");
            call["DestinationRegion"] = json!("us-west-2");
            assert_eq!(json_of(url), call, "{name} {operation}");

            let input = json!({"SourceRegion": "us-east-1", "PreSignedUrl": "https://mine"});
            let form = pairs(&String::from_utf8_lossy(&fixture.request(operation, input).await.body));
            assert_eq!(
                json!([form.get("SourceRegion"), form["PreSignedUrl"]]),
                json!([null, "https://mine"]),
                "{name} {operation}"
            );

            let form = pairs(&String::from_utf8_lossy(&fixture.request(operation, json!({})).await.body));
            assert_eq!(form.get("PreSignedUrl"), None, "{name} {operation}: a copy within a region");
        }
    }
}

#[tokio::test]
async fn anonymous_copies_contain_no_presigned_url() {
    let operations = ["CopyDBClusterSnapshot", "CreateDBCluster"].map(|it| (it, &["SourceRegion", "PreSignedUrl"][..]));
    let http = ScriptedClient::new([Reply::ok("<CreateDBClusterResponse/>")]).unverified();
    let fixture = Fixture::with_http(toy("docdb", "query", &operations), http, |it| it.credentials(Anonymous));
    let request = fixture.request("CreateDBCluster", json!({"SourceRegion": "us-east-1"})).await;
    assert_eq!(&request.body[..], b"Action=CreateDBCluster&Version=2014-10-31");
}
