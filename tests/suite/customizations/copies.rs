//! Copies from another region: the URL of the same call there, signed, inside the call.

use aws_core::Options;
use aws_core::credentials::Anonymous;
use aws_core::test_util::Reply;
use serde_json::{Map, Value as Json, json};

use super::{Scene, pairs, service, toy};

/// The URL inside a form: scheme, authority and path, and its pairs.
fn inside(form: &Map<String, Json>, member: &str) -> (String, Map<String, Json>) {
    let url = form[member].as_str().expect("a URL");
    let (place, query) = url.split_once('?').expect("a query");
    (place.to_owned(), pairs(query))
}

/// What the URL says of the signature, which it must.
fn check_signature(url: &mut Map<String, Json>, scope: &str) {
    let mut take = |name: &str| url.remove(name).unwrap_or_default();
    assert_eq!(take("X-Amz-Algorithm"), "AWS4-HMAC-SHA256");
    assert_eq!(take("X-Amz-Credential"), format!("AKIDEXAMPLE/20260102/{scope}/aws4_request"));
    assert_eq!(take("X-Amz-Date"), "20260102T030405Z");
    assert_eq!(take("X-Amz-Expires"), "3600");
    assert_eq!(take("X-Amz-SignedHeaders"), "host");
    assert_eq!(take("X-Amz-Security-Token"), "the-session-token");
    assert_eq!(take("X-Amz-Signature").as_str().map(str::len), Some(64));
}

fn json_of(map: Map<String, Json>) -> Json {
    Json::Object(map)
}

#[tokio::test]
async fn of_snapshots() {
    let scene = Scene::new(service("ec2", &["CopySnapshot"]), (0..3).map(|_| Reply::ok("<CopySnapshotResponse/>")));
    let input = json!({"SourceRegion": "eu-central-1", "SourceSnapshotId": "snap-1", "Encrypted": true});
    let request = scene.request("CopySnapshot", input).await;
    assert_eq!(request.url, "https://ec2.us-west-2.amazonaws.com/");
    let mut form = pairs(std::str::from_utf8(&request.body).expect("text"));
    let (place, mut url) = inside(&form, "PresignedUrl");
    assert_eq!(place, "https://ec2.eu-central-1.amazonaws.com/");
    check_signature(&mut url, "eu-central-1/ec2");
    let same = json!({
        "Action": "CopySnapshot", "Version": "2016-11-15", "SourceRegion": "eu-central-1",
        "SourceSnapshotId": "snap-1", "Encrypted": "true", "DestinationRegion": "us-west-2",
    });
    assert_eq!(json_of(url), same);
    form.remove("PresignedUrl");
    assert_eq!(json_of(form), same);

    // Whoever brings a URL knows better.
    let input = json!({"SourceRegion": "eu-central-1", "SourceSnapshotId": "snap-1", "PresignedUrl": "https://mine"});
    let form = pairs(&String::from_utf8_lossy(&scene.request("CopySnapshot", input).await.body));
    assert_eq!((&form["PresignedUrl"], form.get("DestinationRegion")), (&json!("https://mine"), None));

    let error = scene.refused("CopySnapshot", json!({"SourceRegion": "evil/", "SourceSnapshotId": "s"})).await;
    assert_eq!(
        error.to_string(),
        "CopySnapshot: Parameter validation failed:\nParameter SourceRegion is no region: \"evil/\""
    );
}

#[tokio::test]
async fn to_the_region_of_one_call() {
    let mut scene = Scene::new(service("ec2", &["CopySnapshot"]), [Reply::ok("<CopySnapshotResponse/>")]);
    scene.client = scene.client.with_options(Options::new().region("eu-west-1"));
    let request = scene.request("CopySnapshot", json!({"SourceRegion": "us-east-1", "SourceSnapshotId": "s"})).await;
    assert_eq!(request.url, "https://ec2.eu-west-1.amazonaws.com/");
    let form = pairs(&String::from_utf8_lossy(&request.body));
    let (place, url) = inside(&form, "PresignedUrl");
    assert_eq!(place, "https://ec2.us-east-1.amazonaws.com/");
    assert_eq!((&form["DestinationRegion"], &url["DestinationRegion"]), (&json!("eu-west-1"), &json!("eu-west-1")));
}

#[tokio::test]
async fn of_databases() {
    const MEMBERS: &[&str] = &["SourceRegion", "PreSignedUrl", "KmsKeyId"];
    const CLUSTERS: [&str; 2] = ["CopyDBClusterSnapshot", "CreateDBCluster"];
    let of_rds = ["CopyDBSnapshot", "CreateDBInstanceReadReplica", "StartDBInstanceAutomatedBackupsReplication"];
    let rds: Vec<_> = CLUSTERS.into_iter().chain(of_rds).collect();
    for (name, operations) in [("rds", &rds[..]), ("neptune", &CLUSTERS), ("docdb", &CLUSTERS)] {
        let made: Vec<_> = operations.iter().map(|it| (*it, MEMBERS)).collect();
        for operation in operations {
            let answer = format!("<{operation}Response/>");
            let scene = Scene::new(toy(name, "query", &made), (0..3).map(|_| Reply::ok(answer.clone())));

            let input = json!({"SourceRegion": "us-east-1", "KmsKeyId": "a b"});
            let request = scene.request(operation, input).await;
            let mut form = pairs(&String::from_utf8_lossy(&request.body));
            let (place, mut url) = inside(&form, "PreSignedUrl");
            assert_eq!(place, "https://polly.us-east-1.amazonaws.com/");
            check_signature(&mut url, &format!("us-east-1/{name}"));
            let mut call = json!({"Action": operation, "Version": "2014-10-31", "KmsKeyId": "a b"});
            form.remove("PreSignedUrl");
            assert_eq!(json_of(form), call, "{name} {operation}");
            call["DestinationRegion"] = json!("us-west-2");
            assert_eq!(json_of(url), call, "{name} {operation}");

            let input = json!({"SourceRegion": "us-east-1", "PreSignedUrl": "https://mine"});
            let form = pairs(&String::from_utf8_lossy(&scene.request(operation, input).await.body));
            assert_eq!(json!([form.get("SourceRegion"), form["PreSignedUrl"]]), json!([null, "https://mine"]));

            let form = pairs(&String::from_utf8_lossy(&scene.request(operation, json!({})).await.body));
            assert_eq!(form.get("PreSignedUrl"), None, "a copy inside a region");
        }
    }
}

#[tokio::test]
async fn without_credentials_there_is_nothing_to_prove() {
    let operations = ["CopyDBClusterSnapshot", "CreateDBCluster"].map(|it| (it, &["SourceRegion", "PreSignedUrl"][..]));
    let scene = Scene::with(toy("docdb", "query", &operations), [Reply::ok("<CreateDBClusterResponse/>")], |it| {
        it.credentials(Anonymous)
    });
    let request = scene.request("CreateDBCluster", json!({"SourceRegion": "us-east-1"})).await;
    assert_eq!(&request.body[..], b"Action=CreateDBCluster&Version=2014-10-31");
}
