//! Customizations of requests, which models do not describe: headers, hosts, signatures, retries; and the checksum of
//! DynamoDB's responses.

use std::time::Duration;

use aws_core::ErrorKind;
use aws_core::config::{Environment, RetryMode};
use aws_core::testing::{ReceivedRequest, RecordedSleep, Reply};
use serde_json::{Value as Json, json};

use super::{Fixture, pairs, polly_rules, service, toy, toy_from_model};

#[tokio::test]
async fn service_specific_headers_are_sent_and_signed() {
    async fn check(service_name: &str, operation: &str, input: Json, header: &str, expect: &str) {
        let fixture = Fixture::new(service(service_name, &[operation]), [Reply::ok("{}")]);
        let request = fixture.request(operation, input).await;
        assert_eq!(request.header(header), expect, "{service_name} {operation}");
        let signed = request.header("authorization").contains(&format!("{header};"));
        assert_eq!(signed, !expect.is_empty(), "{service_name} {operation}");
    }
    check("apigateway", "GetRestApis", json!({}), "accept", "application/json").await;
    check("apigateway", "GetAccount", json!({}), "accept", "application/json").await;
    check(
        "apigateway",
        "GetExport",
        json!({"restApiId": "r", "stageName": "s", "exportType": "swagger", "accepts": "application/yaml"}),
        "accept",
        "application/yaml",
    )
    .await;
    check("dynamodb", "DescribeEndpoints", json!({}), "x-amz-api-version", "2012-08-10").await;
    check("dynamodb", "ListTables", json!({}), "x-amz-api-version", "").await;
}

#[tokio::test]
async fn predictions_are_sent_to_the_endpoint_in_the_input() {
    let operations = [("Predict", &["MLModelId", "PredictEndpoint"][..])];
    let fixture = Fixture::new(toy("machinelearning", "json", &operations), [Reply::ok("{}")]);
    let input =
        json!({"MLModelId": "m", "PredictEndpoint": "https://realtime.machinelearning.us-east-1.amazonaws.com/x"});
    let request = fixture.request("Predict", input.clone()).await;
    assert_eq!(request.url, "https://realtime.machinelearning.us-east-1.amazonaws.com/");
    assert_eq!(serde_json::from_slice::<Json>(&request.body).expect("JSON"), input);
    assert!(request.header("authorization").contains("/us-west-2/machinelearning/"));
    let error = fixture.rejected("Predict", json!({"PredictEndpoint": "nowhere"})).await;
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(error.message().contains("Invalid endpoint URL for parameter PredictEndpoint"), "{error}");
}

#[tokio::test]
async fn the_account_id_of_s3_control_is_only_in_the_host() {
    let fixture =
        Fixture::new(service("s3control", &["GetPublicAccessBlock"]), [Reply::ok("<PublicAccessBlockConfiguration/>")]);
    let request = fixture.request("GetPublicAccessBlock", json!({"AccountId": "111122223333"})).await;
    assert_eq!(
        request.url,
        "https://111122223333.s3-control.us-west-2.amazonaws.com/v20180820/configuration/publicAccessBlock"
    );
}

#[tokio::test]
async fn unsigned_operations_are_sent_without_signature_and_session_token() {
    for (service_name, operation, input) in [
        (
            "sts",
            "AssumeRoleWithSAML",
            json!({"RoleArn": "arn:aws:iam::1:role/r", "PrincipalArn": "arn:aws:iam::1:saml/p", "SAMLAssertion": "abcd"}),
        ),
        (
            "sts",
            "AssumeRoleWithWebIdentity",
            json!({"RoleArn": "arn:aws:iam::1:role/r", "RoleSessionName": "me", "WebIdentityToken": "abcd"}),
        ),
        ("sso", "Logout", json!({"accessToken": "t"})),
        ("sso-oidc", "RegisterClient", json!({"clientName": "n", "clientType": "public"})),
        ("cognito-idp", "SignUp", json!({"ClientId": "c", "Username": "u"})),
    ] {
        let fixture = Fixture::unverified(
            service(service_name, &[operation]),
            [Reply::ok(format!("<{operation}Response/>")), Reply::ok("{}")],
        );
        let _ = fixture.call(operation, input).await;
        let request = fixture.http.requests().remove(0);
        assert_eq!(request.header("authorization"), "", "{service_name} {operation}");
        assert_eq!(request.header("x-amz-security-token"), "", "{service_name} {operation}");
    }
}

/// A presigned call: method, URL without query, the query parameters before those of the signature, and the names of
/// its headers.
async fn presigned(service_name: &str, operation: &str, input: Json) -> Json {
    let fixture = Fixture::new(service(service_name, &[operation]), []);
    let plan = fixture.service.operations[operation].plan;
    let input = tests::values::structure(&input, plan.input).expect("an input");
    let request = fixture.client.presign(plan, input, Duration::from_secs(900)).await.expect("a presigned request");
    let (endpoint, query) = request.url().split_once('?').expect("a query");
    let (parameters, _) = query.split_once("X-Amz-Algorithm").expect("a signature");
    let headers: Vec<_> = request.headers().keys().map(|it| it.as_str()).collect();
    json!([request.method().as_str(), endpoint, parameters.trim_end_matches('&'), headers])
}

#[tokio::test]
async fn presigned_calls_of_polly_and_sts_are_gets_with_all_input_in_the_query() {
    let input = json!({"OutputFormat": "mp3", "Text": "a b", "VoiceId": "Joanna", "LexiconNames": ["x", "y"]});
    let query = "LexiconNames=x&LexiconNames=y&OutputFormat=mp3&Text=a%20b&VoiceId=Joanna";
    assert_eq!(
        presigned("polly", "SynthesizeSpeech", input).await,
        json!(["GET", "https://polly.us-west-2.amazonaws.com/v1/speech", query, []])
    );
    assert_eq!(
        presigned("sts", "GetCallerIdentity", json!({})).await,
        json!(["GET", "https://sts.us-west-2.amazonaws.com/", "Action=GetCallerIdentity&Version=2011-06-15", []])
    );
}

#[tokio::test]
async fn synthesize_speech_that_is_not_presigned_is_a_post_with_a_body() {
    let fixture = Fixture::new(service("polly", &["SynthesizeSpeech"]), [Reply::ok("sound")]);
    let input = json!({"OutputFormat": "mp3", "Text": "a b", "VoiceId": "Joanna"});
    let request = fixture.request("SynthesizeSpeech", input.clone()).await;
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/v1/speech"));
    assert_eq!(serde_json::from_slice::<Json>(&request.body).expect("JSON"), input);
}

#[tokio::test]
async fn passing_failures_of_web_identities_are_retried() {
    let success =
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult/></AssumeRoleWithWebIdentityResponse>";
    for (code, retried) in
        [("IDPCommunicationError", true), ("InvalidIdentityToken", true), ("IDPRejectedClaim", false)]
    {
        let failure = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>"
        );
        let fixture = Fixture::unverified(
            service("sts", &["AssumeRoleWithWebIdentity"]),
            [Reply::new(400).body(failure), Reply::ok(success)],
        );
        let input = json!({"RoleArn": "arn:aws:iam::1:role/role", "RoleSessionName": "me", "WebIdentityToken": "abcd"});
        let attempts = match fixture.call("AssumeRoleWithWebIdentity", input).await {
            Ok((_, metadata)) => metadata.attempts,
            Err(error) => error.attempts(),
        };
        assert_eq!(attempts, if retried { 2 } else { 1 }, "{code}");
    }
}

#[tokio::test]
async fn responses_of_dynamodb_with_a_wrong_crc32_are_retried() {
    const BODY: &str = r#"{"TableNames":["a"]}"#;
    let crc = aws_core::internals::checksum::crc32(BODY.as_bytes());
    let reply = |status: u16, crc: &str| Reply::new(status).header("x-amz-crc32", crc).body(BODY);
    let run = async |replies: Vec<Reply>| {
        let fixture = Fixture::new(service("dynamodb", &["ListTables"]), replies);
        fixture.call("ListTables", json!({})).await.map(|(output, metadata)| (output, metadata.attempts))
    };
    let expect = json!({"TableNames": ["a"]});
    assert_eq!(run(vec![reply(200, &crc.to_string())]).await.expect("a response"), (expect.clone(), 1));
    // A corrupted body is requested again.
    assert_eq!(
        run(vec![reply(200, "1"), reply(200, &crc.to_string())]).await.expect("a response"),
        (expect.clone(), 2)
    );
    let error = run([200, 500, 400, 200].map(|it| reply(it, "1")).to_vec()).await.expect_err("a checksum");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Checksum, 4));
    // The checksum of a compressed body is that of other bytes, so it is not compared.
    assert_eq!(run(vec![reply(200, "1").header("content-encoding", "gzip")]).await.expect("a response").1, 1);
    assert_eq!(run(vec![reply(200, "none")]).await.expect("a response"), (expect, 1));
}

#[tokio::test]
async fn the_trace_id_is_sent_only_inside_a_lambda_function() {
    async fn request(variables: &[(&str, &str)]) -> ReceivedRequest {
        let fixture = Fixture::with_session(
            service("sts", &["GetCallerIdentity"]),
            [Reply::ok("<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>")],
            |it| it.environment(Environment::from_iter(variables.iter().copied())),
        );
        fixture.request("GetCallerIdentity", json!({})).await
    }
    let lambda = ("AWS_LAMBDA_FUNCTION_NAME", "f");
    for (variables, expect) in [
        (
            &[lambda, ("_X_AMZN_TRACE_ID", "Root=1-5759e988;Parent=5;Sampled=1\n")][..],
            "Root=1-5759e988;Parent=5;Sampled=1%0A",
        ),
        (&[lambda], ""),
        (&[lambda, ("_X_AMZN_TRACE_ID", "")], ""),
        (&[("_X_AMZN_TRACE_ID", "Root=1")], ""),
        (&[], ""),
    ] {
        let request = request(variables).await;
        assert_eq!(request.header("x-amzn-trace-id"), expect, "{variables:?}");
        assert!(!request.header("authorization").contains("x-amzn-trace-id"), "{variables:?}");
        assert_eq!(pairs(&String::from_utf8_lossy(&request.body))["Action"], "GetCallerIdentity", "{variables:?}");
    }
}

#[tokio::test]
async fn attempts_and_delays_depend_on_service_and_retry_mode() {
    async fn check(name: &str, operation: &str, mode: RetryMode, expect: usize, longest: Duration) {
        let sleep = RecordedSleep::new();
        let replies = (0..20).map(|_| Reply::new(500));
        let fixture =
            Fixture::with_session(service(name, &[operation]), replies, |it| it.sleep(sleep.sleep()).retry_mode(mode));
        fixture.call(operation, json!({})).await.expect_err("nothing but failures");
        assert_eq!(fixture.http.requests().len(), expect, "{name} {mode:?}");
        let last = format!("attempt={expect}; max={expect}");
        assert_eq!(
            fixture.http.requests().pop().expect("a request").header("amz-sdk-request"),
            last,
            "{name} {mode:?}"
        );
        let waits = sleep.waits();
        assert!(waits.iter().all(|it| *it <= longest), "{name} {mode:?}: {waits:?}");
    }
    let ms = Duration::from_millis;
    check("dynamodb", "ListTables", RetryMode::Standard, 4, ms(100)).await;
    check("dynamodb", "ListTables", RetryMode::Legacy, 10, ms(12_800)).await;
    check("dynamodbstreams", "ListStreams", RetryMode::Standard, 4, ms(100)).await;
    check("sqs", "ListQueues", RetryMode::Standard, 3, ms(100)).await;
    check("sqs", "ListQueues", RetryMode::Legacy, 5, ms(8000)).await;
}

#[tokio::test]
async fn bad_digest_is_retried_in_legacy_mode_only() {
    for (mode, expect) in [(RetryMode::Standard, 1), (RetryMode::Legacy, 2)] {
        let bad_digest = Reply::new(400).body("<Error><Code>BadDigest</Code></Error>");
        let fixture =
            Fixture::with_session(service("s3", &["PutObject"]), [bad_digest, Reply::ok("")], |it| it.retry_mode(mode));
        let _ = fixture.call("PutObject", json!({"Bucket": "b", "Key": "k"})).await;
        assert_eq!(fixture.http.requests().len(), expect, "{mode:?}");
    }
}

#[tokio::test]
async fn long_polls_pause_when_the_retry_quota_is_spent() {
    for (operation, input, pauses) in [
        ("ReceiveMessage", json!({"QueueUrl": "https://sqs.us-west-2.amazonaws.com/1/q"}), 1),
        ("ListQueues", json!({}), 0),
    ] {
        let sleep = RecordedSleep::new();
        let replies = (0..2000).map(|_| Reply::new(500));
        let fixture = Fixture::with_session(service("sqs", &[operation]), replies, |it| it.sleep(sleep.sleep()));
        // Calls fail after three attempts each, until the quota allows no retry.
        for _ in 0..500 {
            let before = (fixture.http.requests().len(), sleep.waits().len());
            fixture.call(operation, input.clone()).await.expect_err("nothing but failures");
            if fixture.http.requests().len() - before.0 == 1 {
                assert_eq!(sleep.waits().len() - before.1, pauses, "{operation}");
                break;
            }
        }
        assert!(fixture.http.requests().len() < 1500, "{operation}: the quota never ends the retries");
    }
}

#[tokio::test]
async fn an_unsigned_payload_is_declared_over_https_only() {
    let operation =
        |name: &str| json!({"name": name, "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "In"}});
    let mut unsigned = operation("Unsigned");
    unsigned["unsignedPayload"] = json!(true);
    let model = json!({
        "version": "2.0",
        "metadata": {
            "apiVersion": "2014-10-31", "endpointPrefix": "polly", "protocol": "rest-json", "serviceFullName": "A toy",
            "serviceId": "Polly", "signatureVersion": "v4", "signingName": "toy",
        },
        "operations": {"Signed": operation("Signed"), "Unsigned": unsigned},
        "shapes": {"In": {"type": "structure", "members": {"Text": {"shape": "Text"}}}, "Text": {"type": "string"}},
    });
    for (url, operation, expect) in [
        ("https://localhost", "Signed", ""),
        ("https://localhost", "Unsigned", "UNSIGNED-PAYLOAD"),
        // Without TLS anyone on the network path could change the body, so it is signed.
        ("http://localhost", "Unsigned", ""),
    ] {
        let service = toy_from_model("toy", model.clone(), polly_rules());
        let fixture = Fixture::with_session(service, [Reply::ok("{}")], |it| it.endpoint_url(url));
        let request = fixture.request(operation, json!({"Text": "a"})).await;
        assert_eq!(request.header("x-amz-content-sha256"), expect, "{url} {operation}");
        let signed = request.header("authorization").contains("x-amz-content-sha256;");
        assert_eq!(signed, !expect.is_empty(), "{url} {operation}");
    }
}

#[tokio::test]
async fn signature_version_2_signs_each_attempt_in_the_body() {
    let shape = json!({"type": "structure", "members": {"NextToken": {"shape": "Text"}}});
    let operation =
        json!({"name": "ListDomains", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "In"}});
    let model = json!({
        "version": "2.0",
        "metadata": {
            "apiVersion": "2009-04-15", "endpointPrefix": "sdb", "protocol": "query", "serviceFullName": "A toy",
            "serviceId": "SimpleDB", "signatureVersion": "v2",
        },
        "operations": {"ListDomains": operation},
        "shapes": {"In": shape, "Text": {"type": "string"}},
    });
    let replies = (0..2).map(|_| Reply::new(500)).chain([Reply::ok("<ListDomainsResponse/>")]);
    let fixture = Fixture::unverified(toy_from_model("sdb", model, polly_rules()), replies);
    fixture.request("ListDomains", json!({"NextToken": "a b+"})).await;
    for request in fixture.http.requests() {
        assert_eq!(request.header("authorization"), "");
        let form = pairs(&String::from_utf8_lossy(&request.body));
        let names: Vec<_> = form.keys().map(String::as_str).collect();
        let expect = [
            "AWSAccessKeyId",
            "Action",
            "NextToken",
            "SecurityToken",
            "Signature",
            "SignatureMethod",
            "SignatureVersion",
            "Timestamp",
            "Version",
        ];
        assert_eq!(names.iter().copied().collect::<std::collections::BTreeSet<_>>(), expect.into());
        assert_eq!(names.len(), expect.len(), "each attempt is signed once");
        assert_eq!(form["SignatureVersion"], "2");
    }
    assert_eq!(fixture.http.requests().len(), 3);
}
