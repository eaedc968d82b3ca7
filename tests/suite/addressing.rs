//! Where calls go and which region signs them: settings of session and call that become parameters of the endpoint rules.

use aws_core::config::{DefaultsMode, Environment, RegionalEndpoint, S3Settings};
use aws_core::session::SessionBuilder;
use aws_core::sources::AssumeRole;
use aws_core::test_util::{Received, Reply, ScriptedClient};
use aws_core::{Credentials, Options, Session};

type Change = fn(SessionBuilder) -> SessionBuilder;

fn session(http: &ScriptedClient, variables: &[(&str, &str)], change: Change) -> Session {
    let builder = Session::builder().environment(Environment::from_iter(variables.iter().copied()));
    let keys = Credentials::new("AKIDEXAMPLE", "secret");
    change(builder.http_client(http.clone()).credentials(keys).max_attempts(1)).build().expect("valid")
}

/// The scheme and host that were asked, and the region that signed.
fn target(request: &Received) -> String {
    let host = request.url.split('/').take(3).collect::<Vec<_>>().join("/");
    let signed = request.header("authorization").split('/').nth(2).unwrap_or("unsigned");
    format!("{host} {signed}")
}

const WHO: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>";
const REGION: Change = |it| it.region("eu-west-1");

async fn sts(variables: &[(&str, &str)], change: Change, options: Options) -> String {
    let http = ScriptedClient::new([Reply::ok(WHO)]);
    let client = aws_sts::Client::new(&session(&http, variables, change));
    match client.get_caller_identity().options(options).send().await {
        Ok(_) => target(&http.requests()[0]),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn sts_and_its_global_endpoint() {
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
    // Regions that came later never had another host, nor is there one with FIPS.
    check(&[legacy], |it| it.region("me-south-1"), "https://sts.me-south-1.amazonaws.com me-south-1").await;
    check(&[legacy], |it| it.region("us-east-1").use_fips(true), "https://sts-fips.us-east-1.amazonaws.com us-east-1")
        .await;
    check(&[legacy], |it| it.region("eu-west-1").endpoint_url("http://here"), "http://here eu-west-1").await;
    // Without a region, and with the one that stands for all.
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
async fn credentials_come_from_the_same_sts() {
    let answer = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>\
                  <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
                  <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    let check = async |change: Change, expect: &str| {
        let http = ScriptedClient::new([Reply::ok(answer)]);
        let base = session(&http, &[("AWS_STS_REGIONAL_ENDPOINTS", "legacy")], change);
        let role = AssumeRole::builder("arn:aws:iam::123456789012:role/x").build(&base).expect("valid");
        aws_core::credentials::ProvideCredentials::provide(&role).await.expect("given");
        assert_eq!(target(&http.requests()[0]), expect);
    };
    check(REGION, "https://sts.amazonaws.com us-east-1").await;
    check(|it| it.region("me-south-1"), "https://sts.me-south-1.amazonaws.com me-south-1").await;
    check(|it| it, "https://sts.amazonaws.com us-east-1").await;
}

#[tokio::test]
async fn one_call_may_go_elsewhere() {
    let check = async |change: Change, options: Options, expect: &str| {
        assert_eq!(sts(&[], change, options).await, expect);
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
    let wrong = "GetCallerIdentity: the region of the options is \"a b\": expected a region such as us-east-1";
    check(REGION, options().region("a b"), wrong).await;
    let wrong =
        "GetCallerIdentity: the endpoint URL of the options is none: \"x:1\": it must start with http:// or https://";
    check(REGION, options().endpoint_url("x:1"), wrong).await;
}

#[tokio::test]
async fn s3_has_settings_of_its_own() {
    let check = async |change: Change, options: Options, expect: &str| {
        let http = ScriptedClient::new([Reply::ok("")]);
        let client = aws_s3::Client::new(&session(&http, &[], change));
        let result = client.head_object("bucket", "key").options(options).send().await;
        let found = result.map_or_else(|it| it.to_string(), |_| target(&http.requests()[0]));
        assert_eq!(found, expect);
    };
    let options = Options::new;
    check(REGION, options(), "https://bucket.s3.eu-west-1.amazonaws.com eu-west-1").await;
    check(|it| it, options(), "https://bucket.s3.amazonaws.com us-east-1").await;
    check(|it| it, options().endpoint_url("http://minio:9000"), "http://minio:9000 us-east-1").await;
    check(REGION, options().region("us-west-2"), "https://bucket.s3.us-west-2.amazonaws.com us-west-2").await;
    let dual_stack: Change = |it| {
        it.region("eu-west-1")
            .use_dual_stack(false)
            .s3(S3Settings { use_dualstack_endpoint: Some(true), ..S3Settings::default() })
    };
    check(dual_stack, options(), "https://bucket.s3.dualstack.eu-west-1.amazonaws.com eu-west-1").await;
    let global: Change = |it| {
        let legacy = Some(RegionalEndpoint::Legacy);
        it.region("us-east-1").s3(S3Settings { us_east_1_regional_endpoint: legacy, ..S3Settings::default() })
    };
    check(global, options(), "https://bucket.s3.amazonaws.com us-east-1").await;
    for name in ["ForcePathStyle", "force_path_style"] {
        let http = ScriptedClient::new([Reply::ok("")]);
        let session = session(&http, &[], REGION).to_builder().client_context_param(name, true).build().expect("valid");
        aws_s3::Client::new(&session).head_object("bucket", "key").send().await.expect("answered");
        assert_eq!(http.requests()[0].url, "https://s3.eu-west-1.amazonaws.com/bucket/key");
    }
    let wrong: Change = |it| it.region("eu-west-1").client_context_param("accelerate", "yes");
    let http = ScriptedClient::default();
    let client = aws_s3::Client::new(&session(&http, &[], wrong));
    let error = client.head_object("bucket", "key").send().await.expect_err("wrong").to_string();
    assert!(error.contains("Accelerate") && error.contains("boolean"), "{error}");
}

#[tokio::test]
async fn services_without_a_global_endpoint_want_a_region() {
    let http = ScriptedClient::default();
    let settings = S3Settings { use_dualstack_endpoint: Some(true), ..S3Settings::default() };
    let base = session(&http, &[], |it| it);
    let error = aws_dynamodb::Client::new(&base).list_tables().send().await.expect_err("no region");
    assert!(error.to_string().contains("no region: give one"), "{error}");
    // A setting of S3 is nobody else's, and what no rules know is ignored.
    http.push(Reply::ok("{}"));
    let base = base.to_builder().region("eu-west-1").s3(settings).client_context_param("ForcePathStyle", true).build();
    aws_dynamodb::Client::new(&base.expect("valid")).list_tables().send().await.expect("answered");
    assert_eq!(target(&http.requests()[0]), "https://dynamodb.eu-west-1.amazonaws.com eu-west-1");
}
