//! What S3 does around its calls, as words of its operations' lines say: bucket names and regions, keys, copies, listings,
//! errors behind a good status. The service is its model alone, so nothing here is written by hand for S3.

use aws_core::ErrorKind;
use aws_core::test_util::Reply;
use serde_json::{Value as Json, json};

use super::{Scene, service};

#[tokio::test]
async fn names_are_checked_before_anything_is_sent() {
    let scene = Scene::new(service("s3", &["HeadBucket", "PutObject"]), []);
    for (bucket, expect) in [
        ("no/bucket", "Invalid bucket name \"no/bucket\": 1 to 255 letters"),
        ("arn:aws:sqs:us-west-2:123456789012:queue", "or the ARN of an access point"),
    ] {
        let error = scene.refused("HeadBucket", json!({"Bucket": bucket})).await;
        assert_eq!(error.kind(), ErrorKind::Validation);
        assert!(error.to_string().contains(expect), "{error}");
    }
    let input = json!({"Bucket": "b", "Key": "k", "Metadata": {"name": "Jürgen"}});
    let error = scene.refused("PutObject", input).await;
    assert!(error.to_string().contains("Non ascii characters found in S3 metadata for key \"name\""), "{error}");
}

#[tokio::test]
async fn a_bucket_stands_in_the_host_but_for_the_question_where_it_is() {
    async fn check(operation: &str, bucket: &str, expect: &str) {
        let scene = Scene::new(service("s3", &[operation]), [Reply::ok("<LocationConstraint/>")]);
        assert_eq!(scene.request(operation, json!({"Bucket": bucket})).await.url, expect);
    }
    check("GetBucketAcl", "mine", "https://mine.s3.us-west-2.amazonaws.com/?acl").await;
    check("GetBucketLocation", "mine", "https://s3.us-west-2.amazonaws.com/mine?location").await;
    let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/point";
    check("GetBucketAcl", arn, "https://point-123456789012.s3-accesspoint.us-west-2.amazonaws.com/?acl").await;
}

fn elsewhere(status: u16, code: &str) -> Reply {
    Reply::new(status).body(format!("<Error><Code>{code}</Code></Error>")).header("x-amz-bucket-region", "eu-west-1")
}

#[tokio::test]
async fn calls_follow_a_bucket_to_its_region() {
    async fn check(operation: &str, reply: Reply, expect: &[&str]) {
        let scene = Scene::new(service("s3", &[operation]), [reply, Reply::ok("")]);
        let _ = scene.call(operation, json!({"Bucket": "mine"})).await;
        let urls: Vec<_> = scene.http.requests().into_iter().map(|it| it.url).collect();
        assert_eq!(urls, expect, "{operation}");
    }
    let (here, there) = ("https://mine.s3.us-west-2.amazonaws.com/", "https://mine.s3.eu-west-1.amazonaws.com/");
    check("HeadBucket", elsewhere(301, ""), &[here, there]).await;
    check("HeadBucket", elsewhere(400, ""), &[here, there]).await;
    check("DeleteBucket", elsewhere(400, "AuthorizationHeaderMalformed"), &[here, there]).await;
    check("DeleteBucket", elsewhere(400, "InvalidRequest"), &[here]).await;
    check("DeleteBucket", elsewhere(400, "IllegalLocationConstraintException"), &[here, there]).await;
    // Where the answer does not tell the region, the bucket is asked for it; a HEAD of the bucket asks already.
    let silent = |status| Reply::new(status).body("<Error><Code>PermanentRedirect</Code></Error>");
    check("GetBucketAcl", silent(301), &["https://mine.s3.us-west-2.amazonaws.com/?acl", here]).await;
    check("HeadBucket", Reply::new(400), &[here]).await;
    // The caller chose the region of a bucket that is not there yet.
    check("CreateBucket", elsewhere(400, "IllegalLocationConstraintException"), &[here]).await;
}

#[tokio::test]
async fn a_bucket_is_asked_for_its_region() {
    for answered in [200, 301, 400, 403] {
        let told = Reply::new(answered).header("x-amz-bucket-region", "eu-west-1");
        let scene = Scene::new(service("s3", &["HeadObject"]), [Reply::new(400), told, Reply::ok(""), Reply::ok("")]);
        let input = json!({"Bucket": "mine", "Key": "k"});
        let (_, metadata) = scene.call("HeadObject", input.clone()).await.expect("an answer of the right region");
        assert_eq!(metadata.attempts, 1, "no attempt is spent on it");
        scene.call("HeadObject", input).await.expect("an answer");
        let asked: Vec<_> = scene.http.requests().into_iter().map(|it| (it.method.to_string(), it.url)).collect();
        let expect = ["us-west-2.amazonaws.com/k", "us-west-2.amazonaws.com/", "eu-west-1.amazonaws.com/k"]
            .map(|it| ("HEAD".to_owned(), format!("https://mine.s3.{it}")));
        // The second call knows.
        assert_eq!(asked, [&expect[..], &expect[2..]].concat(), "{answered}");
        for request in scene.http.requests() {
            assert!(request.header("authorization").contains("Signature="), "{}", request.url);
            assert!(request.header("user-agent").contains("aws-core-rust"), "{}", request.url);
        }
    }
}

#[tokio::test]
async fn sources_of_copies_travel_as_paths() {
    async fn check(source: &str, expect: &str) {
        let scene = Scene::new(service("s3", &["CopyObject"]), [Reply::ok("<CopyObjectResult/>")]);
        let input = json!({"Bucket": "b", "Key": "k", "CopySource": source});
        assert_eq!(scene.request("CopyObject", input).await.header("x-amz-copy-source"), expect);
    }
    check("from/a b+ü.txt", "from/a%20b%2B%C3%BC.txt").await;
    check("from/a b?versionId=x+y", "from/a%20b?versionId=x+y").await;
    check("from/a?b", "from/a%3Fb").await;
}

#[tokio::test]
async fn keys_of_the_caller_travel_in_base64() {
    let scene = Scene::new(service("s3", &["HeadObject"]), [Reply::ok(""), Reply::ok("")]);
    // A key is any bytes, here in base64 as JSON has them.
    let algorithm = "x-amz-server-side-encryption-customer-";
    let of =
        |request: &aws_core::test_util::Received, name: &str| request.header(&format!("{algorithm}{name}")).to_owned();
    let request = scene.request("HeadObject", json!({"Bucket": "b", "Key": "k", "SSECustomerKey": "secret"})).await;
    assert_eq!(of(&request, "key"), "c2VjcmV0");
    assert_eq!(of(&request, "key-md5"), "Xr4ilOzQ4PCOq3aQ0qbuaQ==");
    let given = json!({"Bucket": "b", "Key": "k", "SSECustomerKey": "c2VjcmV0", "SSECustomerKeyMD5": "of-mine"});
    let request = scene.request("HeadObject", given).await;
    assert_eq!((of(&request, "key").as_str(), of(&request, "key-md5").as_str()), ("c2VjcmV0", "of-mine"));
}

#[tokio::test]
async fn listings_are_asked_for_in_an_encoding_that_nobody_sees() {
    async fn check(given: Json, encoding: &str, expect: &str) {
        let body = format!(
            "<ListVersionsResult><EncodingType>{encoding}</EncodingType><KeyMarker>a%20b</KeyMarker>\
             <Version><Key>a%20b+c</Key></Version><Version><Key>plain</Key></Version>\
             <DeleteMarker><Key>a%20b+c</Key></DeleteMarker>\
             <CommonPrefixes><Prefix>a%20b+c</Prefix></CommonPrefixes></ListVersionsResult>"
        );
        let scene = Scene::new(service("s3", &["ListObjectVersions"]), (0..3).map(|_| Reply::ok(body.to_owned())));
        let (output, _) = scene.call("ListObjectVersions", given).await.expect("an answer");
        let url = &scene.http.requests()[0].url;
        assert!(url.contains("encoding-type=url"), "{url}");
        assert_eq!(output["Versions"], json!([{"Key": expect}, {"Key": "plain"}]), "{encoding}");
        assert_eq!(output["DeleteMarkers"], json!([{"Key": expect}]));
        assert_eq!(output["CommonPrefixes"], json!([{"Prefix": expect}]));
    }
    check(json!({"Bucket": "b"}), "url", "a b c").await;
    // A store that does not encode, and a caller who decodes.
    check(json!({"Bucket": "b"}), "", "a%20b+c").await;
    check(json!({"Bucket": "b", "EncodingType": "url"}), "url", "a%20b+c").await;
}

#[tokio::test]
async fn a_good_status_may_hide_an_error() {
    // It counts as a failure of the service, which is tried three times.
    async fn check(body: &str, expect: Option<&str>) {
        let scene = Scene::new(service("s3", &["CopyObject"]), (0..3).map(|_| Reply::ok(body.to_owned())));
        let error = scene.call("CopyObject", json!({"Bucket": "b", "Key": "k", "CopySource": "b/a"})).await.err();
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
async fn half_an_answer_is_asked_for_again() {
    async fn check(half: &'static str, expect: &str) {
        let whole = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>";
        let scene = Scene::new(service("s3", &["CopyObject"]), [Reply::ok(half), Reply::ok(whole)]);
        let input = json!({"Bucket": "b", "Key": "k", "CopySource": "b/a"});
        let (output, _) = scene.call("CopyObject", input.clone()).await.expect("a second answer");
        assert_eq!(output["CopyObjectResult"]["ETag"], "e", "{half}");

        let scene = Scene::new(service("s3", &["CopyObject"]), (0..3).map(|_| Reply::ok(half)));
        let error = scene.call("CopyObject", input).await.expect_err("three halves");
        assert_eq!((error.kind(), scene.http.requests().len()), (ErrorKind::Parse, 3), "{half}");
        assert!(error.to_string().contains(expect), "{error}");
    }
    // S3 sends this while it works, to keep the connection open.
    check("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n  ", "no XML element").await;
    check("<CopyObjectResult><ETag>e</ETag>", "at byte").await;
    check("<CopyObjectResult><ETag>e</E", "at byte").await;
}

#[tokio::test]
async fn answers_that_are_no_documents_may_say_anything() {
    let scene = Scene::new(service("s3", &["GetBucketPolicy"]), [Reply::ok("{\"Version\": 1}")]);
    let (output, _) = scene.call("GetBucketPolicy", json!({"Bucket": "b"})).await.expect("a policy");
    assert_eq!(output["Policy"], "{\"Version\": 1}");
}

#[tokio::test]
async fn an_md5_of_the_caller_is_enough_but_where_an_algorithm_is_named() {
    async fn check(given: Json, expect: [&str; 3]) {
        let scene = Scene::new(service("s3", &["PutObjectAcl"]), [Reply::ok("")]);
        let mut input = json!({"Bucket": "b", "Key": "k"});
        input.as_object_mut().expect("an object").extend(given.as_object().expect("an object").clone());
        let request = scene.request("PutObjectAcl", input).await;
        let found =
            ["content-md5", "x-amz-sdk-checksum-algorithm", "x-amz-checksum-crc32"].map(|it| request.header(it));
        assert_eq!(found, expect, "{given}");
    }
    const MD5: &str = "1B2M2Y8AsgTpgAmY7PhCfg==";
    check(json!({"ContentMD5": MD5}), [MD5, "", ""]).await;
    check(json!({"ContentMD5": MD5, "ChecksumAlgorithm": "CRC32"}), [MD5, "CRC32", "AAAAAA=="]).await;
    check(json!({}), ["", "CRC32", "AAAAAA=="]).await;
}
