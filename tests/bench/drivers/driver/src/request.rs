//! The request of each case, as a client would send it, but canned and with a signature that never changes: what the
//! drivers without a client send. The server checks no signature.

use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// A request.
#[derive(Clone, Debug)]
pub struct Ready {
    pub method: Method,
    /// Path and query.
    pub target: &'static str,
    pub headers: HeaderMap,
    /// The body, unless it is the file.
    pub body: &'static [u8],
    /// Whether the body is the file.
    pub uploads_file: bool,
}

/// Headers of every request.
const COMMON: [(&str, &str); 6] = [
    ("user-agent", "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.8 md/arch#x86_64 lang/rust#1.95.0 m/E,b"),
    ("amz-sdk-invocation-id", "2f0a5a5e-7f3c-4f0e-9a41-5f6f7a0d3c11"),
    ("amz-sdk-request", "attempt=1; max=3"),
    ("x-amz-date", "20261122T123456Z"),
    ("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (
        "authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/service/aws4_request, SignedHeaders=amz-sdk-invocation-id;\
         amz-sdk-request;host;x-amz-content-sha256;x-amz-date, \
         Signature=0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0",
    ),
];
const CHECKED: (&str, &str) = ("x-amz-checksum-mode", "ENABLED");
const JSON: (&str, &str) = ("content-type", "application/x-amz-json-1.0");

/// The request of a case.
pub fn of_case(case: &str) -> Option<Ready> {
    type Extra = Vec<(&'static str, &'static str)>;
    let (method, target, extra, body): (Method, &'static str, Extra, &'static [u8]) = match case {
        "start" | "listbuckets" => (Method::GET, "/", vec![], b""),
        "get1k" => (Method::GET, "/bucket/small", vec![CHECKED], b""),
        "get256m" => (Method::GET, "/bucket/big", vec![CHECKED], b""),
        "put1k" => (Method::PUT, "/bucket/small", vec![("content-type", "application/octet-stream")], &[7; 1024]),
        "put256m" => (Method::PUT, "/bucket/big", vec![("content-type", "application/octet-stream")], b""),
        "list1000" => (Method::GET, "/bucket?list-type=2", vec![], b""),
        "sqs_send" => (
            Method::POST,
            "/",
            vec![JSON, ("x-amz-target", "AmazonSQS.SendMessage")],
            br#"{"QueueUrl":"http://127.0.0.1:80/123456789012/queue","MessageBody":"a message of the benchmark"}"#,
        ),
        "ddb_getitem" => (
            Method::POST,
            "/",
            vec![JSON, ("x-amz-target", "DynamoDB_20120810.GetItem")],
            br#"{"TableName":"orders","Key":{"pk":{"S":"customer#1"},"sk":{"S":"order#1"}}}"#,
        ),
        "ddb_query1m" => (
            Method::POST,
            "/",
            vec![JSON, ("x-amz-target", "DynamoDB_20120810.Query")],
            br#"{"TableName":"orders","KeyConditionExpression":"pk = :pk","ExpressionAttributeValues":{":pk":{"S":"customer#1"}}}"#,
        ),
        "ec2_describe200" => (
            Method::POST,
            "/",
            vec![("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
            b"Action=DescribeInstances&Version=2016-11-15",
        ),
        _ => return None,
    };
    let headers = COMMON.into_iter().chain(extra);
    let headers = headers.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    Some(Ready { method, target, headers: headers.collect(), body, uploads_file: case == "put256m" })
}
