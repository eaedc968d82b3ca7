//! Resume tokens travel both ways between boto3 and this SDK, for every type that a token can have. The oracle is
//! botocore's own code, as far as a Python with it is there.

use std::collections::HashMap;
use std::process::{Command, Stdio};

use aws_core::ErrorKind;
use aws_core::internals::encoding::base64;
use aws_core::testing::Reply;
use aws_dynamodb::types::AttributeValue;
use serde_json::{Value as Json, json};
use tests::doubles::ScriptedClient;

use super::lossless::drain;
use super::{client, page, session};

/// Encodes and decodes tokens as botocore does. Bytes are `{"bytes": "hex"}` in the JSON on this program's side.
const ORACLE: &str = r#"
import json, sys
from botocore.paginate import TokenDecoder, TokenEncoder
def plain(it):
    if isinstance(it, bytes): return {'bytes': it.hex()}
    if isinstance(it, dict): return {key: plain(value) for key, value in it.items()}
    return [plain(value) for value in it] if isinstance(it, list) else it
def python(it):
    if isinstance(it, dict): return bytes.fromhex(it['bytes']) if list(it) == ['bytes'] else {key: python(value) for key, value in it.items()}
    return [python(value) for value in it] if isinstance(it, list) else it
verb, argument = sys.argv[1:]
print(TokenEncoder().encode(python(json.loads(argument))) if verb == 'encode' else json.dumps(plain(TokenDecoder().decode(argument))))
"#;

/// botocore's result; `None`, with a line printed, without a Python that has botocore.
fn botocore(verb: &str, argument: &str) -> Option<String> {
    let in_target = tests::moto::target().join("moto/venv/bin/python");
    let python = if in_target.is_file() { in_target } else { "python3".into() };
    let output = Command::new(&python).args(["-c", ORACLE, verb, argument]).stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        Ok(output) if !String::from_utf8_lossy(&output.stderr).contains("No module named") => {
            panic!("{}", String::from_utf8_lossy(&output.stderr))
        }
        _ => {
            tests::say!("SKIPPED: comparing resume tokens with botocore's, which {} does not have", python.display());
            None
        }
    }
}

/// botocore's token of this, or the one that was seen.
fn from_botocore(token: &Json, seen: &str) -> String {
    let seen = base64::encode(seen);
    if let Some(token) = botocore("encode", &token.to_string()) {
        let json = |it: &str| -> Json { serde_json::from_slice(&base64::decode(it).expect("base64")).expect("JSON") };
        assert_eq!(json(&token), json(&seen), "botocore's token is another");
    }
    seen
}

fn check_in_botocore(token: &str, expect: &Json) {
    if let Some(found) = botocore("decode", token) {
        assert_eq!(serde_json::from_str::<Json>(&found).expect("JSON"), *expect, "{token}");
    }
}

fn dynamodb(replies: impl IntoIterator<Item = Reply>) -> (aws_dynamodb::Client, ScriptedClient) {
    let (session, http) = session(replies);
    (aws_dynamodb::Client::new(&session), http)
}

fn sent_json(http: &ScriptedClient, member: &str) -> Vec<Json> {
    let body = |bytes: &[u8]| serde_json::from_slice::<Json>(bytes).expect("JSON");
    http.requests().iter().map(|it| body(&it.body)[member].clone()).collect()
}

/// Keys of every type that DynamoDB allows, and lists of bytes, on the wire.
const KEY: &str = r#"{"b": {"B": "AP8="}, "n": {"N": "1.5"}, "s": {"S": "ü/AP8="}, "bs": {"BS": ["AP8=", ""]}}"#;

fn key_in_python() -> Json {
    json!({
        "b": {"B": {"bytes": "00ff"}}, "n": {"N": "1.5"}, "s": {"S": "ü/AP8="},
        "bs": {"BS": [{"bytes": "00ff"}, {"bytes": ""}]},
    })
}

#[tokio::test]
async fn keys_with_bytes_travel_to_botocore_and_back() {
    let replies = || {
        let first =
            format!(r#"{{"Items": [{{"a": {{"S": "1"}}}}, {{"a": {{"S": "2"}}}}], "LastEvaluatedKey": {KEY}}}"#);
        [Reply::ok(first), Reply::ok(r#"{"Items": [{"a": {"S": "3"}}, {"a": {"S": "4"}}]}"#)]
    };
    let wire: Json = serde_json::from_str(KEY).expect("JSON");
    // After the first page, and within the second.
    for (taken, expect) in [
        (2, json!({"ExclusiveStartKey": key_in_python()})),
        (3, json!({"ExclusiveStartKey": key_in_python(), "boto_truncate_amount": 1})),
        (1, json!({"ExclusiveStartKey": null, "boto_truncate_amount": 1})),
    ] {
        let (dynamodb, _) = dynamodb(replies());
        let mut items = dynamodb.scan("t").items();
        for _ in 0..taken {
            items.try_next().await.expect("an item").expect("an item");
        }
        let token = items.resume_token().expect("there is more");
        check_in_botocore(&token, &expect);
        let (dynamodb, http) = self::dynamodb(replies().into_iter().skip(usize::from(taken > 1)));
        let mut rest = dynamodb.scan("t").items().starting_token(&token);
        let (found, error) = drain(async || rest.try_next().await).await;
        assert_eq!((found.len(), error.map(|it| it.to_string())), (4 - taken, None));
        assert_eq!(sent_json(&http, "ExclusiveStartKey")[0], if taken > 1 { wire.clone() } else { Json::Null });
    }
}

#[tokio::test]
async fn tokens_of_botocore_with_bytes_are_sent_as_the_bytes() {
    let seen = r#"{"ExclusiveStartKey": {"k": {"B": "AP8="}, "l": {"BS": ["AA=="]}},
        "boto_encoded_keys": [["ExclusiveStartKey", "k", "B"], ["ExclusiveStartKey", "l", "BS", 0]]}"#;
    let token = json!({"ExclusiveStartKey": {"k": {"B": {"bytes": "00ff"}}, "l": {"BS": [{"bytes": "00"}]}}});
    let (dynamodb, http) = dynamodb([Reply::ok(r#"{"Items": []}"#)]);
    let mut pages = dynamodb.query("t").pages().starting_token(&from_botocore(&token, seen));
    let (found, error) = drain(async || pages.try_next().await).await;
    assert_eq!((found.len(), error.map(|it| it.to_string())), (1, None));
    let wire = json!({"k": {"B": "AP8="}, "l": {"BS": ["AA=="]}});
    assert_eq!(sent_json(&http, "ExclusiveStartKey"), [wire]);

    // The same key set by hand is the same request.
    let (dynamodb, http) = self::dynamodb([Reply::ok(r#"{"Items": []}"#)]);
    let bytes = |it: &'static [u8]| AttributeValue::from(it);
    let key = HashMap::from([("k".to_owned(), bytes(&[0, 255]))]);
    dynamodb.query("t").exclusive_start_key(key).send().await.expect("a page");
    assert_eq!(sent_json(&http, "ExclusiveStartKey"), [json!({"k": {"B": "AP8="}})]);

    // Bytes in a place where the operation has none, and paths that are no paths.
    for wrong in [
        r#"{"ExclusiveStartKey": {"k": {"S": "AP8="}}, "boto_encoded_keys": [["ExclusiveStartKey", "k", "S"]]}"#,
        r#"{"ExclusiveStartKey": {"k": {"B": "AP8="}}, "boto_encoded_keys": [["ExclusiveStartKey", "j", "B"]]}"#,
        r#"{"ExclusiveStartKey": {"k": {"B": "AP8="}}, "boto_encoded_keys": "ExclusiveStartKey"}"#,
        r#"{"ExclusiveStartKey": {"k": {"B": "%"}}}"#,
        r#"{"ExclusiveStartKey": {"k": {"X": "AP8="}}}"#,
        r#"{"ExclusiveStartKey": 7}"#,
        r#"{"boto_truncate_amount": -1}"#,
    ] {
        let (dynamodb, http) = self::dynamodb([]);
        let mut items = dynamodb.scan("t").items().starting_token(&base64::encode(wrong));
        let error = items.try_next().await.expect_err("an invalid token");
        assert_eq!((error.kind(), http.requests().len()), (ErrorKind::Pagination, 0), "{wrong}: {error}");
    }
}

#[tokio::test]
async fn strings_integers_and_absent_tokens_travel_to_botocore_and_back() {
    // A string that JSON escapes.
    let (s3, _) = client([page("a b", "T\"ü/1=="), page("c", "")]);
    let mut items = s3.list_objects_v2("logs").items();
    for _ in 0..2 {
        items.try_next().await.expect("an item").expect("an item");
    }
    let token = items.resume_token().expect("a token");
    check_in_botocore(&token, &json!({"ContinuationToken": "T\"ü/1=="}));

    // An integer.
    let parts = |more: bool, next: u32| {
        let parts = format!("<Part><PartNumber>{next}</PartNumber></Part>");
        let next = format!("<NextPartNumberMarker>{next}</NextPartNumberMarker>");
        Reply::ok(format!("<ListPartsResult><IsTruncated>{more}</IsTruncated>{next}{parts}</ListPartsResult>"))
    };
    let (s3, _) = client([parts(true, 7)]);
    let mut items = s3.list_parts("logs", "k", "id").items();
    items.try_next().await.expect("an item").expect("an item");
    check_in_botocore(&items.resume_token().expect("a token"), &json!({"PartNumberMarker": 7}));
    let seen = r#"{"PartNumberMarker": 7, "boto_truncate_amount": 0}"#;
    let token = from_botocore(&json!({"PartNumberMarker": 7, "boto_truncate_amount": 0}), seen);
    let (s3, http) = client([parts(false, 9)]);
    s3.list_parts("logs", "k", "id").items().starting_token(&token).try_collect().await.expect("all");
    assert_eq!(super::sent(&http, "part-number-marker"), [Some("7".to_owned())]);

    // Of two tokens one is absent. botocore needs the key of each, or it cannot resume from our token twice.
    let versions = "<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>\
                    <Version><Key>k</Key></Version></ListVersionsResult>";
    let (s3, _) = client([Reply::ok(versions)]);
    let mut pages = s3.list_object_versions("logs").pages();
    pages.try_next().await.expect("a page").expect("a page");
    let token = pages.resume_token().expect("a token");
    let expect = json!({"KeyMarker": "k", "VersionIdMarker": null});
    check_in_botocore(&token, &expect);
    let decoded: Json = serde_json::from_slice(&base64::decode(&token).expect("base64")).expect("JSON");
    assert_eq!(decoded, expect);
    let (s3, http) = client([page("", "")]);
    let mut pages = s3.list_object_versions("logs").pages().starting_token(&token);
    pages.try_next().await.expect("a page");
    assert_eq!(super::sent(&http, "key-marker"), [Some("k".to_owned())]);
    assert_eq!(super::sent(&http, "version-id-marker"), [None]);
}
