//! A program whose other dependencies enable what they like: features of reqwest and serde_json that change how these read
//! and write. Nothing of this SDK may depend on that.
//!
//! `cargo test -p hostile -p tests --test suite protocols` runs the suites with these features, since cargo unites the
//! features of packages that it builds together.

#![cfg(test)]

use std::io::Write;

use aws_core::config::Environment;
use aws_core::testing::Reply;
use aws_core::{Credentials, Document, Session, SessionBuilder};
use flate2::Compression;
use flate2::write::GzEncoder;
use tests::doubles::{MockServer, ScriptedClient};

fn session() -> SessionBuilder {
    Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
}

#[test]
fn the_features_are_enabled() {
    let number: serde_json::Value = serde_json::from_str("1.50").expect("a number");
    assert_eq!(number.to_string(), "1.50", "arbitrary_precision keeps the digits");
    // Does not compile without the features.
    let _ = reqwest::Client::builder().gzip(true).brotli(true).deflate(true).zstd(true).cookie_store(false);
}

#[tokio::test]
async fn compressed_objects_are_returned_as_they_are_stored() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(b"content").expect("memory");
    let stored = encoder.finish().expect("memory");
    for encoding in ["gzip", "br", "deflate", "zstd"] {
        let reply = Reply::new(200)
            .header("content-encoding", encoding)
            .header("set-cookie", "a=b; Path=/")
            .body(stored.clone());
        let server = MockServer::start([reply.clone(), reply]);
        let s3 = aws_s3::Client::new(&session().endpoint_url(server.url()).build().expect("a session"));
        for _ in 0..2 {
            let object = s3.get_object("bucket", "key").send().await.expect("an object");
            assert_eq!(object.content_encoding.as_deref(), Some(encoding));
            assert_eq!(object.content_length, Some(stored.len() as i64));
            let body = object.body.collect().await.expect("a body").into_bytes();
            assert_eq!(body, stored, "{encoding}");
        }
        for request in server.requests() {
            assert_eq!((request.header("accept-encoding"), request.header("cookie")), ("", ""), "{encoding}");
        }
    }
}

#[tokio::test]
async fn numbers_are_read_as_without_the_feature() {
    for (number, seconds) in
        [("1577836800", 1_577_836_800.0), ("1577836800.125", 1_577_836_800.125), ("1.5778368E9", 1_577_836_800.0)]
    {
        let body = format!(
            r#"{{"Table": {{"CreationDateTime": {number}, "ItemCount": 1.0e1, "TableSizeBytes": 18446744073709551615.0e-4}}}}"#
        );
        let broken = body.clone();
        let http = ScriptedClient::new([Reply::ok(body.replace("18446744073709551615.0e-4", "7"))]);
        let dynamodb = aws_dynamodb::Client::new(&session().http_client(http).build().expect("a session"));
        let table = dynamodb.describe_table("t").send().await.expect("a table").table.expect("a table");
        assert_eq!(table.creation_date_time.expect("a time").as_secs_f64(), seconds, "{number}");
        assert_eq!((table.item_count, table.table_size_bytes), (Some(10), Some(7)));
        // A fraction is no integer, with the feature as without.
        let http = ScriptedClient::new([Reply::ok(broken.clone()), Reply::ok(broken.clone()), Reply::ok(broken)]);
        let dynamodb =
            aws_dynamodb::Client::new(&session().http_client(http).max_attempts(1).build().expect("a session"));
        let error = dynamodb.describe_table("t").send().await.expect_err("no integer");
        assert!(
            error.to_string().contains("Table.TableSizeBytes: expected a 64-bit integer, found another number"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_number_in_place_of_an_object_is_an_error() {
    for body in [r#"{"Table": 1.5}"#, r#"{"Table": {"ProvisionedThroughput": 1.5e3}}"#, "1.5"] {
        let http = ScriptedClient::new([Reply::ok(body), Reply::ok(body), Reply::ok(body)]);
        let dynamodb =
            aws_dynamodb::Client::new(&session().http_client(http).max_attempts(1).build().expect("a session"));
        let error = dynamodb.describe_table("t").send().await.expect_err(body);
        assert!(error.to_string().contains("expected an object, found"), "{body}: {error}");
    }
}

#[test]
fn documents_keep_their_numbers() {
    let document = Document::from(vec![Document::from(1.5), Document::from(7)]);
    assert_eq!(document.to_string(), "[1.5,7]");
}
