//! The endpoint of a call and the region it is signed for: settings of session and call that become parameters of the
//! endpoint rules.

use aws_core::config::{DefaultsMode, Environment, RegionalEndpoint, S3Config};
use aws_core::credential_providers::AssumeRole;
use aws_core::session::SessionBuilder;
use aws_core::testing::{ReceivedRequest, Reply};
use aws_core::{Credentials, Options, Session};
use tests::doubles::ScriptedClient;

use crate::lifecycle::{ScriptedS3, serve};

type Change = fn(SessionBuilder) -> SessionBuilder;

fn session(http: &ScriptedClient, variables: &[(&str, &str)], change: Change) -> Session {
    let builder = Session::builder().environment(Environment::from_iter(variables.iter().copied()));
    let keys = Credentials::new("AKIDEXAMPLE", "secret");
    change(builder.http_client(http.clone()).credentials(keys).max_attempts(1)).build().expect("valid")
}

/// The scheme and host that the request was sent to, and the region it is signed for.
fn target(request: &ReceivedRequest) -> String {
    let host = request.url.split('/').take(3).collect::<Vec<_>>().join("/");
    let signed = request.header("authorization").split('/').nth(2).unwrap_or("unsigned");
    format!("{host} {signed}")
}

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>";
const REGION: Change = |it| it.region("eu-west-1");

/// The target of a call of STS, or its error.
async fn sts(variables: &[(&str, &str)], change: Change, options: Options) -> String {
    let http = ScriptedClient::new([Reply::ok(IDENTITY)]);
    let client = aws_sts::Client::new(&session(&http, variables, change));
    match client.get_caller_identity().with_options(options).send().await {
        Ok(_) => target(&http.requests()[0]),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn sts_uses_its_global_endpoint_only_in_legacy_mode_or_without_a_region() {
    let check = async |variables: &[(&str, &str)], change: Change, expect: &str| {
        assert_eq!(sts(variables, change, Options::new()).await, expect, "{variables:?}");
    };
    let legacy = ("AWS_STS_REGIONAL_ENDPOINTS", "legacy");
    let (regional, global) = ("https://sts.eu-west-1.amazonaws.com eu-west-1", "https://sts.amazonaws.com us-east-1");
    check(&[], REGION, regional).await;
    check(&[legacy], REGION, global).await;
    check(&[legacy], |it| it.region("eu-west-1").sts_regional_endpoints(RegionalEndpoint::Regional), regional).await;
    check(&[legacy, ("AWS_DEFAULTS_MODE", "standard")], REGION, global).await;
    check(&[], |it| it.region("eu-west-1").defaults_mode(DefaultsMode::Standard), regional).await;
    // Newer regions have only a regional endpoint, and there is no global endpoint with FIPS.
    check(&[legacy], |it| it.region("me-south-1"), "https://sts.me-south-1.amazonaws.com me-south-1").await;
    check(&[legacy], |it| it.region("us-east-1").use_fips(true), "https://sts-fips.us-east-1.amazonaws.com us-east-1")
        .await;
    check(&[legacy], |it| it.region("eu-west-1").endpoint_url("http://here"), "http://here eu-west-1").await;
    // Without a region, and with the pseudo-region of the global endpoint.
    check(&[], |it| it, global).await;
    check(&[("AWS_REGION", "aws-global")], |it| it, global).await;
    let fips = "https://sts-fips.us-west-2.amazonaws.com us-west-2";
    check(&[("AWS_REGION", "fips-us-west-2")], |it| it, fips).await;
    check(&[], |it| it.region("us-west-2-fips"), fips).await;
    check(&[], |it| it.region("eu-west-1").use_ssl(false), "http://sts.eu-west-1.amazonaws.com eu-west-1").await;
    check(&[], |it| it.region("eu-west-1").use_ssl(false).endpoint_url("https://u"), "https://u eu-west-1").await;
    let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    check(&[("AWS_ENDPOINT_URL", "http://u")], REGION, "http://u eu-west-1").await;
    check(&[("AWS_ENDPOINT_URL", "http://u"), ignore], REGION, regional).await;
}

#[tokio::test]
async fn assume_role_uses_the_same_endpoint_as_sts() {
    let response = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>\
                  <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
                  <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    let check = async |change: Change, expect: &str| {
        let http = ScriptedClient::new([Reply::ok(response)]);
        let base = session(&http, &[("AWS_STS_REGIONAL_ENDPOINTS", "legacy")], change);
        let role = AssumeRole::builder("arn:aws:iam::123456789012:role/x").build(&base).expect("valid");
        aws_core::credentials::ProvideCredentials::provide(&role).await.expect("credentials");
        assert_eq!(target(&http.requests()[0]), expect);
    };
    check(REGION, "https://sts.amazonaws.com us-east-1").await;
    check(|it| it.region("me-south-1"), "https://sts.me-south-1.amazonaws.com me-south-1").await;
    check(|it| it, "https://sts.amazonaws.com us-east-1").await;
}

#[tokio::test]
async fn one_call_can_have_its_own_region_and_endpoint_url() {
    let check = async |change: Change, options: Options, expect: &str| {
        let case = format!("{options:?}");
        assert_eq!(sts(&[], change, options).await, expect, "{case}");
    };
    let options = Options::new;
    check(REGION, options().region("us-west-2"), "https://sts.us-west-2.amazonaws.com us-west-2").await;
    check(REGION, options().region("aws-global"), "https://sts.amazonaws.com us-east-1").await;
    check(|it| it, options().region("us-west-2"), "https://sts.us-west-2.amazonaws.com us-west-2").await;
    check(REGION, options().endpoint_url("http://here:1"), "http://here:1 eu-west-1").await;
    check(
        |it| it.region("eu-west-1").endpoint_url("http://there"),
        options().endpoint_url("http://here"),
        "http://here eu-west-1",
    )
    .await;
    let both = options().endpoint_url("http://here").region("us-west-2");
    check(REGION, both, "http://here us-west-2").await;
    let wrong = "GetCallerIdentity: invalid region in `Options::region`: \"a b\": expected a region such as us-east-1";
    check(REGION, options().region("a b"), wrong).await;
    for pseudo in ["fips-us-west-2", "us-west-2-fips"] {
        let wrong = format!(
            "GetCallerIdentity: invalid region in `Options::region`: {pseudo:?} is a FIPS pseudo-region: expected \
             us-west-2, and `use_fips` in the settings"
        );
        check(REGION, options().region(pseudo), &wrong).await;
    }
    let wrong = "GetCallerIdentity: invalid endpoint URL in `Options::endpoint_url`: \"x:1\": it must start with http:// or https://";
    check(REGION, options().endpoint_url("x:1"), wrong).await;
}

#[tokio::test]
async fn s3_settings_and_client_context_parameters_choose_the_endpoint() {
    let check = async |change: Change, options: Options, expect: &str| {
        let http = ScriptedClient::new([Reply::ok("")]);
        let client = aws_s3::Client::new(&session(&http, &[], change));
        let case = format!("{options:?}");
        let result = client.head_object("bucket", "key").with_options(options).send().await;
        let found = result.map_or_else(|it| it.to_string(), |_| target(&http.requests()[0]));
        assert_eq!(found, expect, "{case}");
    };
    let options = Options::new;
    check(REGION, options(), "https://bucket.s3.eu-west-1.amazonaws.com eu-west-1").await;
    check(|it| it, options(), "https://bucket.s3.amazonaws.com us-east-1").await;
    check(|it| it, options().endpoint_url("http://minio:9000"), "http://minio:9000 us-east-1").await;
    check(REGION, options().region("us-west-2"), "https://bucket.s3.us-west-2.amazonaws.com us-west-2").await;
    let dual_stack: Change =
        |it| it.region("eu-west-1").use_dual_stack(false).s3(S3Config::new().use_dualstack_endpoint(true));
    check(dual_stack, options(), "https://bucket.s3.dualstack.eu-west-1.amazonaws.com eu-west-1").await;
    let global: Change = |it| {
        let legacy = Some(RegionalEndpoint::Legacy);
        it.region("us-east-1").s3(S3Config::new().us_east_1_regional_endpoint(legacy))
    };
    check(global, options(), "https://bucket.s3.amazonaws.com us-east-1").await;
    for name in ["ForcePathStyle", "force_path_style"] {
        let http = ScriptedClient::new([Reply::ok("")]);
        let session = session(&http, &[], REGION).to_builder().client_context_param(name, true).build().expect("valid");
        aws_s3::Client::new(&session).head_object("bucket", "key").send().await.expect("a response");
        assert_eq!(http.requests()[0].url, "https://s3.eu-west-1.amazonaws.com/bucket/key");
    }
    let wrong: Change = |it| it.region("eu-west-1").client_context_param("accelerate", "yes");
    let http = ScriptedClient::default();
    let client = aws_s3::Client::new(&session(&http, &[], wrong));
    let error = client.head_object("bucket", "key").send().await.expect_err("wrong").to_string();
    assert!(error.contains("Accelerate") && error.contains("boolean"), "{error}");
}

#[tokio::test]
async fn services_without_a_global_endpoint_require_a_region_and_ignore_settings_of_s3() {
    let http = ScriptedClient::default();
    let settings = S3Config::new().use_dualstack_endpoint(true);
    let base = session(&http, &[], |it| it);
    let error = aws_dynamodb::Client::new(&base).list_tables().send().await.expect_err("no region");
    assert!(error.to_string().contains("no region: set it"), "{error}");
    // Settings of S3 apply to S3 only, and context parameters that the rules do not declare are ignored.
    http.push(Reply::ok("{}"));
    let base = base.to_builder().region("eu-west-1").s3(settings).client_context_param("ForcePathStyle", true).build();
    aws_dynamodb::Client::new(&base.expect("valid")).list_tables().send().await.expect("a response");
    assert_eq!(target(&http.requests()[0]), "https://dynamodb.eu-west-1.amazonaws.com eu-west-1");
}

#[tokio::test]
async fn buckets_are_in_the_host_except_for_get_bucket_location_old_names_and_custom_endpoints() {
    // GetBucketLocation has the name in the path: with the name in the host, the wrong region would respond.
    let scripted = ScriptedS3::new([Reply::new(200), Reply::new(200), Reply::new(200)]);
    scripted.s3.get_bucket_location("logs").send().await.expect("a response");
    scripted.s3.head_bucket("logs").send().await.expect("a response");
    scripted.s3.head_bucket("Old_Bucket").send().await.expect("a response");
    let urls: Vec<_> = scripted.http.requests().iter().map(|it| it.url.clone()).collect();
    assert_eq!(
        urls,
        [
            "https://s3.us-east-1.amazonaws.com/logs?location",
            "https://logs.s3.us-east-1.amazonaws.com/",
            "https://s3.us-east-1.amazonaws.com/Old_Bucket",
        ]
    );
    // With a custom endpoint the bucket is in the path, except for an ARN, which cannot be in a path.
    let (server, s3) = serve([Reply::new(200)], |it| it);
    s3.head_object("logs", "a b/c").send().await.expect("a response");
    assert_eq!(server.requests()[0].target, "/logs/a%20b/c");
    let scripted = ScriptedS3::with_session([Reply::new(200)], |it| it.endpoint_url("https://beta.example.com"));
    let arn = "arn:aws:s3:us-east-1:123456789012:accesspoint:mine";
    scripted.s3.head_object(arn, "k").send().await.expect("a response");
    assert_eq!(scripted.only_request().url, "https://mine-123456789012.beta.example.com/k");
}
