//! Glacier: the default account, the version header, and the hashes of uploads from memory, files and streams.

use aws_core::testing::Reply;
use aws_core::{ByteStream, ErrorKind};
use serde_json::json;

use super::{Fixture, service};

const OPERATIONS: &[&str] = &["DescribeVault", "ListVaults", "UploadArchive", "UploadMultipartPart"];

/// SHA-256 of `hello world`. It is the tree hash too, since the body is shorter than 1 MiB.
const HELLO: &str = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";

fn glacier() -> Fixture {
    Fixture::new(service("glacier", OPERATIONS), (0..4).map(|_| Reply::ok("{}")))
}

#[tokio::test]
async fn the_account_defaults_to_a_hyphen_and_the_version_header_is_signed() {
    let fixture = glacier();
    let request = fixture.request("ListVaults", json!({})).await;
    assert_eq!(request.target, "/-/vaults");
    assert_eq!(request.header("x-amz-glacier-version"), "2012-06-01");
    let authorization = request.header("authorization");
    assert!(authorization.contains(";x-amz-glacier-version;"), "{authorization}");
    let request = fixture.request("DescribeVault", json!({"vaultName": "v", "accountId": "111122223333"})).await;
    assert_eq!(request.target, "/111122223333/vaults/v");
    let error = fixture.rejected("DescribeVault", json!({})).await;
    assert!(error.message().ends_with("Missing required parameter in input: \"vaultName\""), "{error}");
}

#[tokio::test]
async fn uploads_carry_a_sha256_and_a_tree_hash_unless_the_caller_set_it() {
    let fixture = glacier();
    let request = fixture.request("UploadArchive", json!({"vaultName": "v", "body": "hello world"})).await;
    assert_eq!(request.target, "/-/vaults/v/archives");
    assert_eq!(request.header("x-amz-content-sha256"), HELLO);
    assert_eq!(request.header("x-amz-sha256-tree-hash"), HELLO);
    let input =
        json!({"vaultName": "v", "body": "hello world", "checksum": "mine", "uploadId": "u", "range": "bytes 0-10/*"});
    let request = fixture.request("UploadMultipartPart", input).await;
    assert_eq!(request.header("x-amz-content-sha256"), HELLO);
    assert_eq!(request.header("x-amz-sha256-tree-hash"), "mine");
    // A missing body is hashed as an empty one.
    let request = fixture.request("UploadArchive", json!({"vaultName": "v"})).await;
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(request.header("x-amz-sha256-tree-hash"), empty);
}

/// Calls UploadArchive with this body.
async fn upload(fixture: &Fixture, body: ByteStream) -> aws_core::Result<()> {
    use aws_core::internals::schema::dynamic::Value;
    let plan = fixture.service.operations["UploadArchive"].plan;
    let mut input = tests::values::structure(&json!({"vaultName": "v"}), plan.input).expect("an input");
    let index = plan.input.members.iter().position(|it| it.name == "body").expect("a body");
    input[index] = Value::Stream(body);
    fixture.client.call(plan, input).await.map(drop)
}

#[tokio::test]
async fn files_are_hashed_and_streams_that_can_be_read_only_once_are_rejected() {
    let fixture = glacier();
    let path = std::env::temp_dir().join(format!("glacier-{}", std::process::id()));
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|it| (it / 251) as u8).collect();
    std::fs::write(&path, &bytes).expect("a file");
    upload(&fixture, ByteStream::from_path(&path).await.expect("a stream")).await.expect("a response");
    let _ = std::fs::remove_file(&path);
    let request = fixture.http.requests().pop().expect("a request");
    assert_eq!(&request.body[..], &bytes[..]);
    let mut tree = aws_core::TreeHash::new();
    tree.update(&bytes);
    assert_eq!(request.header("x-amz-sha256-tree-hash"), tree.finish());
    assert_ne!(request.header("x-amz-content-sha256"), request.header("x-amz-sha256-tree-hash"));

    let error = upload(&fixture, ByteStream::from_reader(&b"once"[..])).await.expect_err("not twice");
    assert_eq!(error.kind(), ErrorKind::Body);
    assert!(error.to_string().contains("from memory or a file"), "{error}");
}
