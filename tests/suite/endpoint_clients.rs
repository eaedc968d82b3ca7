//! Endpoint tests of S3 through a client: built-in parameters become settings, the client sends the operation's
//! request, and its URL and signature are those of the case. `endpoints` tests the rule engine alone.

use aws_core::config::{AddressingStyle, Environment, RegionalEndpoint, S3Config};
use aws_core::internals::schema::tree::put;
use aws_core::internals::schema::{SchemaType, StructureMut};
use aws_core::testing::{ReceivedRequest, Reply};
use aws_core::{Credentials, Document, Session};
use aws_s3::Client;
use aws_s3::operation as op;
use serde_json::Value;
use tests::doubles::ScriptedClient;
use tests::suite::{Outcome, Suite, conformance, read_json};

#[tokio::test]
async fn s3_clients_send_to_the_endpoints_of_the_published_tests() {
    let Some(folder) = conformance("endpoint-tests") else { return };
    let file = folder.join("s3/endpoint-tests-1.json");
    if !file.is_file() {
        return tests::say!("suite endpoint-clients: skipped, no conformance data");
    }
    let document = read_json(&file);
    let mut suite = Suite::new("endpoint-clients", &[]);
    for case in document["testCases"].as_array().into_iter().flatten() {
        for input in case["operationInputs"].as_array().into_iter().flatten() {
            if let Some(reason) = skip_reason(input) {
                suite.skip(1, reason);
                continue;
            }
            let outcome = run(case, input).await;
            suite.run(case["documentation"].as_str().unwrap_or_default(), || outcome);
        }
    }
    suite.finish();
}

fn built_in<'a>(input: &'a Value, name: &str) -> &'a Value {
    &input["builtInParams"][name]
}

/// Why a case cannot run through a client: botocore's own runner skips the first two kinds, and no settings lead to the
/// rest.
fn skip_reason(input: &Value) -> Option<&'static str> {
    let is_true = |name: &str| built_in(input, name).as_bool() == Some(true);
    let bucket = input["operationParams"]["Bucket"].as_str().unwrap_or_default();
    let has_url = !built_in(input, "SDK::Endpoint").is_null();
    if bucket == "bucket name" || bucket == "example.com#" {
        return Some("the bucket name is rejected before the rules are evaluated");
    }
    if has_url && (is_true("AWS::UseFIPS") || is_true("AWS::UseDualStack")) {
        return Some("with an endpoint URL, FIPS and dual-stack do not reach the rules");
    }
    if is_true("AWS::S3::ForcePathStyle") && (is_true("AWS::S3::Accelerate") || bucket.starts_with("arn:")) {
        return Some("acceleration and ARNs override path style before the rules are evaluated");
    }
    None
}

async fn run(case: &Value, input: &Value) -> Outcome {
    let flag = |name: &str| built_in(input, name).as_bool();
    let string = |name: &str| built_in(input, name).as_str();
    let style = match (flag("AWS::S3::ForcePathStyle"), string("SDK::Endpoint")) {
        (Some(true), _) => Some(AddressingStyle::Path),
        (_, Some(_)) => Some(AddressingStyle::Virtual),
        _ => None,
    };
    let settings = S3Config::new()
        .addressing_style(style)
        .use_accelerate_endpoint(flag("AWS::S3::Accelerate"))
        .use_arn_region(flag("AWS::S3::UseArnRegion"))
        .disable_express_session_auth(input["clientParams"]["DisableS3ExpressSessionAuth"].as_bool())
        .disable_multiregion_access_points(flag("AWS::S3::DisableMultiRegionAccessPoints"))
        .us_east_1_regional_endpoint(flag("AWS::S3::UseGlobalEndpoint").map(|it| match it {
            true => RegionalEndpoint::Legacy,
            false => RegionalEndpoint::Regional,
        }));
    // What follows compares the scopes of signatures, some of which are of version 4A.
    // Of a case with sessions the first request creates one; a case without takes the session for its response.
    let session = Reply::ok(
        "<CreateSessionResult><Credentials><AccessKeyId>SESSION</AccessKeyId><SecretAccessKey>x</SecretAccessKey>\
         <SessionToken>session-token</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>\
         </CreateSessionResult>",
    );
    let has_session = case["expect"]["endpoint"]["properties"]["authSchemes"][0]["name"] == "sigv4-s3express";
    let replies = has_session.then_some(session).into_iter().chain([Reply::new(200)]);
    let http = ScriptedClient::new(replies).unverified();
    let mut builder = Session::builder()
        .environment(Environment::empty())
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .http_client(http.clone())
        .region(string("AWS::Region").unwrap_or("us-east-1"))
        .disable_host_prefix_injection(true)
        .s3(settings);
    if let Some(url) = string("SDK::Endpoint") {
        builder = builder.endpoint_url(url);
    }
    if let Some(it) = flag("AWS::UseFIPS") {
        builder = builder.use_fips(it);
    }
    if let Some(it) = flag("AWS::UseDualStack") {
        builder = builder.use_dual_stack(it);
    }
    let session = builder.build().map_err(|it| it.to_string());
    let response = match session {
        Ok(session) => send(&Client::new(&session), input).await?,
        Err(why) => Err(why),
    };
    let mut requests = http.requests();
    if has_session && requests.len() == 2 {
        let request = requests.remove(0);
        if request.query() != "session" || !request.header("authorization").contains("Credential=AKIDEXAMPLE/") {
            return Err(format!("{} does not create a session", request.url));
        }
    }
    match (case["expect"]["endpoint"]["url"].as_str(), response, requests.as_slice()) {
        (Some(url), Ok(()), [request]) if !request.url.starts_with(url) => {
            Err(format!("sent to {}, expected {url}", request.url))
        }
        (Some(_), Ok(()), [request]) => check_signature(case, request),
        (Some(url), response, _) => Err(format!("{url} expected: {response:?}")),
        (None, Err(_), []) => Ok(()),
        (None, response, requests) => {
            Err(format!("{} expected: {response:?}, {} sent", case["expect"]["error"], requests.len()))
        }
    }
}

/// Checks that the signature has the regions and the name of the first auth scheme.
fn check_signature(case: &Value, request: &ReceivedRequest) -> Outcome {
    let scheme = &case["expect"]["endpoint"]["properties"]["authSchemes"][0];
    let (authorization, name) = (request.header("authorization"), scheme["signingName"].as_str().unwrap_or("s3"));
    let region = scheme["signingRegion"].as_str();
    let set = scheme["signingRegionSet"].as_array();
    let (algorithm, scope) = match (scheme["name"].as_str(), region, set) {
        (Some("sigv4-s3express"), _, _) if request.header("x-amz-s3session-token") != "session-token" => {
            return Err("not signed with the session".to_owned());
        }
        (Some("sigv4" | "sigv4-s3express"), Some(region), _) => {
            ("AWS4-HMAC-SHA256", format!("/{region}/{name}/aws4_request,"))
        }
        (Some("sigv4a"), _, Some(set)) => {
            let regions: Vec<_> = set.iter().filter_map(Value::as_str).collect();
            if request.header("x-amz-region-set") != regions.join(",") {
                return Err(format!("signed for {:?}, expected {regions:?}", request.header("x-amz-region-set")));
            }
            ("AWS4-ECDSA-P256-SHA256", format!("/{name}/aws4_request,"))
        }
        _ => return Ok(()),
    };
    match authorization.starts_with(algorithm) && authorization.contains(&scope) {
        true => Ok(()),
        false => Err(format!("signed {authorization:?}, expected {algorithm} for {scope}")),
    }
}

/// Sends the operation's request; the outer error is one of the test, the inner the client's.
async fn send(client: &Client, input: &Value) -> Result<Result<(), String>, String> {
    let params = match &input["operationParams"] {
        Value::Null => Document::Object(Default::default()),
        other => document(other),
    };
    macro_rules! operations {
        ($($name:ident)*) => {
            match input["operationName"].as_str().unwrap_or_default() {
                $(stringify!($name) => {
                    let request = client.request::<op::$name>(typed_input(&params)?);
                    Ok(Box::pin(request.send()).await.map(drop).map_err(|it| it.to_string()))
                })*
                other => Err(format!("this test must list the operation {other}")),
            }
        };
    }
    operations! {
        AbortMultipartUpload CopyObject CreateBucket CreateMultipartUpload DeleteBucket DeleteObject DeleteObjects
        GetBucketAcl GetBucketLocation GetBucketPolicy GetObject GetObjectAttributes HeadBucket HeadObject ListBuckets
        ListDirectoryBuckets ListMultipartUploads ListObjectVersions ListObjects ListObjectsV2 ListParts PutBucketPolicy
        PutObject SelectObjectContent UploadPart UploadPartCopy WriteGetObjectResponse
    }
}

/// An input with these members.
fn typed_input<T: SchemaType>(params: &Document) -> Result<T, String> {
    let mut input = T::default();
    let mut view = StructureMut::new(&mut input);
    for (name, value) in params.as_object().into_iter().flatten() {
        let member = view.shape().member(name).ok_or_else(|| format!("no member {name}"))?;
        if !put(view.slot(member), value) {
            return Err(format!("{value} does not fit {name}"));
        }
    }
    Ok(input)
}

fn document(json: &Value) -> Document {
    match json {
        Value::Null => Document::Null,
        Value::Bool(it) => Document::Bool(*it),
        Value::Number(it) => Document::from(it.as_i64().unwrap_or_default()),
        Value::String(it) => Document::String(it.clone()),
        Value::Array(it) => Document::Array(it.iter().map(document).collect()),
        Value::Object(it) => Document::Object(it.iter().map(|(key, it)| (key.clone(), document(it))).collect()),
    }
}
