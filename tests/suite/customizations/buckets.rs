//! Customizations of S3, as the annotations of its operation descriptors switch them on: bucket names and regions,
//! customer keys, copies, listings, errors with status 200. The service is built from its model alone, so nothing here
//! is written by hand for S3.

use aws_core::ErrorKind;
use aws_core::testing::Reply;
use serde_json::{Value as Json, json};

use super::{Fixture, service};

#[tokio::test]
async fn bucket_names_and_metadata_are_checked_before_anything_is_sent() {
    let fixture = Fixture::new(service("s3", &["HeadBucket", "PutObject"]), []);
    for (bucket, expect) in [
        ("no/bucket", "Invalid bucket name \"no/bucket\": expected 1 to 255 letters"),
        ("arn:aws:sqs:us-west-2:123456789012:queue", "or the ARN of an access point"),
    ] {
        let error = fixture.rejected("HeadBucket", json!({"Bucket": bucket})).await;
        assert_eq!(error.kind(), ErrorKind::Validation);
        assert!(error.to_string().contains(expect), "{error}");
    }
    let input = json!({"Bucket": "b", "Key": "k", "Metadata": {"name": "Jürgen"}});
    let error = fixture.rejected("PutObject", input).await;
    assert!(error.to_string().contains("Non ascii characters found in S3 metadata for key \"name\""), "{error}");
}

#[tokio::test]
async fn the_bucket_is_in_the_host_except_for_get_bucket_location() {
    async fn check(operation: &str, bucket: &str, expect: &str) {
        let fixture = Fixture::new(service("s3", &[operation]), [Reply::ok("<LocationConstraint/>")]);
        assert_eq!(fixture.request(operation, json!({"Bucket": bucket})).await.url, expect, "{operation} {bucket}");
    }
    check("GetBucketAcl", "mine", "https://mine.s3.us-west-2.amazonaws.com/?acl").await;
    check("GetBucketLocation", "mine", "https://s3.us-west-2.amazonaws.com/mine?location").await;
    let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/point";
    check("GetBucketAcl", arn, "https://point-123456789012.s3-accesspoint.us-west-2.amazonaws.com/?acl").await;
}

/// An error that names the region of the bucket.
fn redirect(status: u16, code: &str) -> Reply {
    Reply::new(status).body(format!("<Error><Code>{code}</Code></Error>")).header("x-amz-bucket-region", "eu-west-1")
}

#[tokio::test]
async fn calls_are_redirected_to_the_region_of_the_bucket() {
    async fn check(operation: &str, reply: Reply, expect: &[&str]) {
        let response = format!("{reply:?}");
        let fixture = Fixture::new(service("s3", &[operation]), [reply, Reply::ok("")]);
        let _ = fixture.call(operation, json!({"Bucket": "mine"})).await;
        let urls: Vec<_> = fixture.http.requests().into_iter().map(|it| it.url).collect();
        assert_eq!(urls, expect, "{operation} {response}");
    }
    let (here, there) = ("https://mine.s3.us-west-2.amazonaws.com/", "https://mine.s3.eu-west-1.amazonaws.com/");
    check("HeadBucket", redirect(301, ""), &[here, there]).await;
    check("HeadBucket", redirect(400, ""), &[here, there]).await;
    check("DeleteBucket", redirect(400, "AuthorizationHeaderMalformed"), &[here, there]).await;
    check("DeleteBucket", redirect(400, "InvalidRequest"), &[here]).await;
    check("DeleteBucket", redirect(400, "IllegalLocationConstraintException"), &[here, there]).await;
    // If the response does not name the region, a HEAD of the bucket looks it up. HeadBucket is that request already.
    let without_region = |status| Reply::new(status).body("<Error><Code>PermanentRedirect</Code></Error>");
    check("GetBucketAcl", without_region(301), &["https://mine.s3.us-west-2.amazonaws.com/?acl", here]).await;
    check("HeadBucket", Reply::new(400), &[here]).await;
    // CreateBucket is not redirected: the caller chose the region of the new bucket.
    check("CreateBucket", redirect(400, "IllegalLocationConstraintException"), &[here]).await;
}

#[tokio::test]
async fn the_region_of_a_bucket_is_looked_up_once_if_the_response_does_not_name_it() {
    for outcome in [200, 301, 400, 403] {
        let lookup = Reply::new(outcome).header("x-amz-bucket-region", "eu-west-1");
        let fixture =
            Fixture::new(service("s3", &["HeadObject"]), [Reply::new(400), lookup, Reply::ok(""), Reply::ok("")]);
        let input = json!({"Bucket": "mine", "Key": "k"});
        let (_, metadata) = fixture.call("HeadObject", input.clone()).await.expect("a response from the right region");
        assert_eq!(metadata.attempts, 2, "the redirected request counts, the lookup does not");
        fixture.call("HeadObject", input).await.expect("a response");
        let sent: Vec<_> = fixture.http.requests().into_iter().map(|it| (it.method.to_string(), it.url)).collect();
        let expect = ["us-west-2.amazonaws.com/k", "us-west-2.amazonaws.com/", "eu-west-1.amazonaws.com/k"]
            .map(|it| ("HEAD".to_owned(), format!("https://mine.s3.{it}")));
        // The second call is sent to the right region at once.
        assert_eq!(sent, [&expect[..], &expect[2..]].concat(), "{outcome}");
        for request in fixture.http.requests() {
            assert!(request.header("authorization").contains("Signature="), "{}", request.url);
            assert!(request.header("user-agent").contains("aws-core-rust"), "{}", request.url);
        }
    }
}

#[tokio::test]
async fn copy_sources_are_sent_percent_encoded() {
    async fn check(source: &str, expect: &str) {
        let fixture = Fixture::new(service("s3", &["CopyObject"]), [Reply::ok("<CopyObjectResult/>")]);
        let input = json!({"Bucket": "b", "Key": "k", "CopySource": source});
        assert_eq!(fixture.request("CopyObject", input).await.header("x-amz-copy-source"), expect, "{source}");
    }
    check("from/a b+ü.txt", "from/a%20b%2B%C3%BC.txt").await;
    check("from/a b?versionId=x+y", "from/a%20b?versionId=x+y").await;
    check("from/a?b", "from/a%3Fb").await;
    // botocore's rule for strings: a version is what follows, without white space, up to the end.
    check("from/a?versionId=", "from/a%3FversionId%3D").await;
    check("from/a?versionId=b c", "from/a%3FversionId%3Db%20c").await;
    check("from/a?versionId=b c?versionId=v", "from/a%3FversionId%3Db%20c?versionId=v").await;
    check("from/a?versionId=b?versionId=v", "from/a?versionId=b?versionId=v").await;
}

#[tokio::test]
async fn a_copy_source_names_any_key_and_version() {
    use aws_s3::custom::CopySource;
    let check = async |source: CopySource, expect: &str| {
        let scripted = crate::lifecycle::ScriptedS3::new((0..2).map(|_| Reply::ok("<CopyObjectResult/>")));
        let (s3, shown) = (&scripted.s3, format!("{source:?}"));
        s3.copy_object("b", "k", source.clone()).send().await.expect("a response");
        s3.upload_part_copy("b", "k", 1, "id").copy_source(source).send().await.expect("a response");
        for request in scripted.http.requests() {
            assert_eq!(request.header("x-amz-copy-source"), expect, "{shown} {}", request.url);
        }
    };
    check(CopySource::new("from", "a"), "from/a").await;
    check(CopySource::new("from", "a b+ü/%20.txt"), "from/a%20b%2B%C3%BC/%2520.txt").await;
    check(CopySource::new("from", "a?versionId=b"), "from/a%3FversionId%3Db").await;
    check(CopySource::new("from", "a?versionId=b").version_id("v.1_x-"), "from/a%3FversionId%3Db?versionId=v.1_x-")
        .await;
    check(CopySource::new("from", "a").version_id("null"), "from/a?versionId=null").await;
    check(CopySource::new("from", "encoded:a"), "from/encoded%3Aa").await;
    let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/mine";
    let encoded = "arn%3Aaws%3As3%3Aus-west-2%3A123456789012%3Aaccesspoint/mine/object/a%20b";
    check(CopySource::new(arn, "a b"), encoded).await;

    // The resources take it too.
    let (http, session) = (tests::doubles::ScriptedClient::new([Reply::ok("<CopyObjectResult/>")]), super::session);
    let session = session(&http).build().expect("a session");
    let object = aws_s3_resource::S3::new(&session).bucket("b").object("k");
    object.copy_from(CopySource::new("from", "a?versionId=b")).send().await.expect("a response");
    assert_eq!(http.requests()[0].header("x-amz-copy-source"), "from/a%3FversionId%3Db");
}

#[tokio::test]
async fn customer_keys_are_sent_in_base64_with_their_md5_unless_the_caller_set_it() {
    let fixture = Fixture::new(service("s3", &["HeadObject"]), [Reply::ok(""), Reply::ok("")]);
    let prefix = "x-amz-server-side-encryption-customer-";
    let header = |request: &aws_core::testing::ReceivedRequest, name: &str| {
        request.header(&format!("{prefix}{name}")).to_owned()
    };
    let request = fixture.request("HeadObject", json!({"Bucket": "b", "Key": "k", "SSECustomerKey": "secret"})).await;
    assert_eq!(header(&request, "key"), "c2VjcmV0");
    assert_eq!(header(&request, "key-md5"), "Xr4ilOzQ4PCOq3aQ0qbuaQ==");
    // A caller who sets the MD5 has encoded the key too.
    let with_md5 = json!({"Bucket": "b", "Key": "k", "SSECustomerKey": "c2VjcmV0", "SSECustomerKeyMD5": "of-mine"});
    let request = fixture.request("HeadObject", with_md5).await;
    assert_eq!((header(&request, "key").as_str(), header(&request, "key-md5").as_str()), ("c2VjcmV0", "of-mine"));
}

#[tokio::test]
async fn listings_are_requested_url_encoded_and_decoded_unless_the_caller_set_the_encoding() {
    async fn check(input: Json, encoding: &str, expect: &str) {
        let body = format!(
            "<ListVersionsResult><EncodingType>{encoding}</EncodingType><KeyMarker>a%20b</KeyMarker>\
             <Version><Key>a%20b+c</Key></Version><Version><Key>plain</Key></Version>\
             <DeleteMarker><Key>a%20b+c</Key></DeleteMarker>\
             <CommonPrefixes><Prefix>a%20b+c</Prefix></CommonPrefixes></ListVersionsResult>"
        );
        let fixture = Fixture::new(service("s3", &["ListObjectVersions"]), (0..3).map(|_| Reply::ok(body.to_owned())));
        let (output, _) = fixture.call("ListObjectVersions", input).await.expect("a response");
        let url = &fixture.http.requests()[0].url;
        assert!(url.contains("encoding-type=url"), "{url}");
        assert_eq!(output["Versions"], json!([{"Key": expect}, {"Key": "plain"}]), "{encoding}");
        assert_eq!(output["DeleteMarkers"], json!([{"Key": expect}]), "{encoding}");
        assert_eq!(output["CommonPrefixes"], json!([{"Prefix": expect}]), "{encoding}");
    }
    check(json!({"Bucket": "b"}), "url", "a b c").await;
    // A store that does not encode keys, and a caller who decodes them.
    check(json!({"Bucket": "b"}), "", "a%20b+c").await;
    check(json!({"Bucket": "b", "EncodingType": "url"}), "url", "a%20b+c").await;
}

#[tokio::test]
async fn an_error_document_with_status_200_is_an_error() {
    // It counts as a failure of the service, so there are three attempts.
    async fn check(body: &str, expect: Option<&str>) {
        let fixture = Fixture::new(service("s3", &["CopyObject"]), (0..3).map(|_| Reply::ok(body.to_owned())));
        let error = fixture.call("CopyObject", json!({"Bucket": "b", "Key": "k", "CopySource": "b/a"})).await.err();
        assert_eq!(error.as_ref().and_then(|it| it.code()), expect, "{body}");
    }
    let error = "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>";
    check(error, Some("AccessDenied")).await;
    check(&format!("\u{feff}<?xml version=\"1.0\"?>\n\n  {error}"), Some("AccessDenied")).await;
    for hidden in [
        "<Error\n><Code>AccessDenied</Code></Error>",
        "<?xml version=\"1.0\"?><!-- c --><Error><Code>AccessDenied</Code></Error>",
    ] {
        check(hidden, Some("AccessDenied")).await;
    }
    check("", None).await;
    check("<CopyObjectResult><ETag>Error</ETag></CopyObjectResult>\n", None).await;
    check("<CopyObjectResult/>", None).await;
    check("<x:CopyObjectResult xmlns:x=\"y\"></x:CopyObjectResult><!-- c -->", None).await;
    check("<Errors/>", None).await;
}

#[tokio::test]
async fn a_truncated_response_is_retried() {
    async fn check(truncated: &'static str, expect: &str) {
        let complete = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>";
        let fixture = Fixture::new(service("s3", &["CopyObject"]), [Reply::ok(truncated), Reply::ok(complete)]);
        let input = json!({"Bucket": "b", "Key": "k", "CopySource": "b/a"});
        let (output, _) = fixture.call("CopyObject", input.clone()).await.expect("a second response");
        assert_eq!(output["CopyObjectResult"]["ETag"], "e", "{truncated}");

        let fixture = Fixture::new(service("s3", &["CopyObject"]), (0..3).map(|_| Reply::ok(truncated)));
        let error = fixture.call("CopyObject", input).await.expect_err("three truncated responses");
        assert_eq!((error.kind(), fixture.http.requests().len()), (ErrorKind::Parse, 3), "{truncated}");
        assert!(error.to_string().contains(expect), "{error}");
    }
    // S3 sends this while it copies, to keep the connection open.
    check("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n  ", "expected an XML element").await;
    check("<CopyObjectResult><ETag>e</ETag>", "at byte").await;
    check("<CopyObjectResult><ETag>e</E", "at byte").await;
}

#[tokio::test]
async fn a_payload_that_is_not_xml_is_returned_unchanged() {
    let fixture = Fixture::new(service("s3", &["GetBucketPolicy"]), [Reply::ok("{\"Version\": 1}")]);
    let (output, _) = fixture.call("GetBucketPolicy", json!({"Bucket": "b"})).await.expect("a policy");
    assert_eq!(output["Policy"], "{\"Version\": 1}");
}

#[tokio::test]
async fn a_content_md5_of_the_caller_replaces_the_checksum_unless_an_algorithm_is_set() {
    async fn check(members: Json, expect: [&str; 3]) {
        let fixture = Fixture::new(service("s3", &["PutObjectAcl"]), [Reply::ok("")]);
        let mut input = json!({"Bucket": "b", "Key": "k"});
        input.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
        let request = fixture.request("PutObjectAcl", input).await;
        let found =
            ["content-md5", "x-amz-sdk-checksum-algorithm", "x-amz-checksum-crc32"].map(|it| request.header(it));
        assert_eq!(found, expect, "{members}");
    }
    const MD5: &str = "1B2M2Y8AsgTpgAmY7PhCfg==";
    check(json!({"ContentMD5": MD5}), [MD5, "", ""]).await;
    check(json!({"ContentMD5": MD5, "ChecksumAlgorithm": "CRC32"}), [MD5, "CRC32", "AAAAAA=="]).await;
    check(json!({}), ["", "CRC32", "AAAAAA=="]).await;
}
