//! Glacier: the account, the version, and hashes of uploads, from memory, files and streams.

use aws_core::test_util::Reply;
use aws_core::{ByteStream, ErrorKind};
use serde_json::json;

use super::{Scene, service};

const OPERATIONS: &[&str] = &["DescribeVault", "ListVaults", "UploadArchive", "UploadMultipartPart"];

/// SHA-256 of `hello world`, which is its tree hash too.
const HELLO: &str = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";

fn scene() -> Scene {
    Scene::new(service("glacier", OPERATIONS), (0..4).map(|_| Reply::ok("{}")))
}

#[tokio::test]
async fn the_account_and_the_version() {
    let scene = scene();
    let request = scene.request("ListVaults", json!({})).await;
    assert_eq!(request.target, "/-/vaults");
    assert_eq!(request.header("x-amz-glacier-version"), "2012-06-01");
    let authorization = request.header("authorization");
    assert!(authorization.contains(";x-amz-glacier-version;"), "{authorization}");
    let request = scene.request("DescribeVault", json!({"vaultName": "v", "accountId": "111122223333"})).await;
    assert_eq!(request.target, "/111122223333/vaults/v");
    let error = scene.refused("DescribeVault", json!({})).await;
    assert!(error.message().ends_with("Missing required parameter in input: \"vaultName\""), "{error}");
}

#[tokio::test]
async fn hashes_of_uploads() {
    let scene = scene();
    let request = scene.request("UploadArchive", json!({"vaultName": "v", "body": "hello world"})).await;
    assert_eq!(request.target, "/-/vaults/v/archives");
    assert_eq!(request.header("x-amz-content-sha256"), HELLO);
    assert_eq!(request.header("x-amz-sha256-tree-hash"), HELLO);
    let input =
        json!({"vaultName": "v", "body": "hello world", "checksum": "mine", "uploadId": "u", "range": "bytes 0-10/*"});
    let request = scene.request("UploadMultipartPart", input).await;
    assert_eq!(request.header("x-amz-content-sha256"), HELLO);
    assert_eq!(request.header("x-amz-sha256-tree-hash"), "mine");
    // No body is one too.
    let request = scene.request("UploadArchive", json!({"vaultName": "v"})).await;
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(request.header("x-amz-sha256-tree-hash"), empty);
}

/// Calls UploadArchive with a stream.
async fn upload(scene: &Scene, body: ByteStream) -> aws_core::Result<()> {
    use aws_core::schema::dynamic::Value;
    let plan = scene.service.operations["UploadArchive"].plan;
    let mut input = tests::values::structure(&json!({"vaultName": "v"}), plan.input).expect("an input");
    let place = plan.input.members.iter().position(|it| it.name == "body").expect("a body");
    input[place] = Value::Stream(body);
    scene.client.call(plan, input).await.map(drop)
}

#[tokio::test]
async fn hashes_of_streams() {
    let scene = scene();
    let path = std::env::temp_dir().join(format!("glacier-{}", std::process::id()));
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|it| (it / 251) as u8).collect();
    std::fs::write(&path, &bytes).expect("a file");
    upload(&scene, ByteStream::from_path(&path).await.expect("a stream")).await.expect("an answer");
    let _ = std::fs::remove_file(&path);
    let request = scene.http.requests().pop().expect("a request");
    assert_eq!(&request.body[..], &bytes[..]);
    let mut tree = aws_core::checksum::TreeHash::new();
    tree.update(&bytes);
    assert_eq!(request.header("x-amz-sha256-tree-hash"), tree.finish());
    assert_ne!(request.header("x-amz-content-sha256"), request.header("x-amz-sha256-tree-hash"));

    let error = upload(&scene, ByteStream::from_reader(&b"once"[..])).await.expect_err("not twice");
    assert_eq!(error.kind(), ErrorKind::Body);
    assert!(error.to_string().contains("give it from memory or a file"), "{error}");
}
