//! Where the calls of providers go: to their own endpoints, whatever URL the program set for its own calls.

use super::Fixture;
use crate::config::Environment;
use crate::doubles::ScriptedClient;
use crate::testing::FixedClock;
use crate::{Session, SessionBuilder};

const ROLE: &str = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\n\
                    [profile keys]\naws_access_key_id = k\naws_secret_access_key = s\n";
const WEB: &str = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = ~/token\n";
const SSO: &str = "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n\
                   [sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp\n";
const LOGIN: &str = "[default]\nlogin_session = me\n";

/// A fixture whose token of IAM Identity Center and whose login have so many seconds left.
fn fixture(config: &str, lifetime: u64) -> Fixture {
    let fixture = Fixture::new(config);
    fixture.write(".aws/config", config);
    fixture.write("token", "token");
    let (expiry, registration) = (fixture.time_in(lifetime), fixture.time_in(86_400));
    let token = format!(
        r#"{{"accessToken":"t","expiresAt":"{expiry}","refreshToken":"r","clientId":"c","clientSecret":"s","registrationExpiresAt":"{registration}"}}"#
    );
    fixture.write(".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json", &token);
    #[cfg(feature = "login")]
    {
        let keys = format!(r#"{{"accessKeyId":"k","secretAccessKey":"s","sessionToken":"t","expiresAt":"{expiry}"}}"#);
        let key = serde_json::Value::from(super::super::dpop::TEST_KEY);
        let login = format!(r#"{{"accessToken":{keys},"refreshToken":"r","clientId":"c","dpopKey":{key}}}"#);
        let name = crate::encoding::hex::encode(<sha2::Sha256 as sha2::Digest>::digest("me"));
        fixture.write(&format!(".aws/login/cache/{name}.json"), &login);
    }
    fixture
}

fn builder(fixture: &Fixture, variables: &[(&str, &str)], http: &ScriptedClient) -> SessionBuilder {
    let home = fixture.home.display().to_string();
    let all = [("HOME", home.as_str()), ("AWS_REGION", "eu-west-1"), ("AWS_EC2_METADATA_DISABLED", "true")];
    Session::builder()
        .environment(Environment::from_iter(all.iter().chain(variables).copied()))
        .clock(FixedClock::from_secs(fixture.seconds()).clock())
        .sleep(fixture.sleep.sleep())
        .http_client(http.clone())
}

/// The scheme and host of the first request.
fn host(http: &ScriptedClient) -> String {
    let url = http.requests().first().map(|it| it.url.clone()).unwrap_or_default();
    url.split('/').take(3).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn calls_of_providers_go_to_their_own_endpoints() {
    type Change = fn(SessionBuilder) -> SessionBuilder;
    let check = async |config: &str, lifetime: u64, variables: &[(&str, &str)], change: Change, expect: &str| {
        let (fixture, http) = (fixture(config, lifetime), ScriptedClient::new([]).unverified());
        let session = change(builder(&fixture, variables, &http)).build().expect("valid settings");
        session.credentials().expect("resolved").provide().await.expect_err("no response is scripted");
        assert_eq!(host(&http), expect, "{config}{variables:?}");
    };
    let code: Change = |it| it.endpoint_url("http://minio:9000");
    // The providers, each service that they call, with the URL in code for all services and without.
    for change in [(|it| it) as Change, code] {
        check(ROLE, 0, &[], change, "https://sts.eu-west-1.amazonaws.com").await;
        check(WEB, 0, &[], change, "https://sts.eu-west-1.amazonaws.com").await;
        check(SSO, 7200, &[], change, "https://portal.sso.eu-north-1.amazonaws.com").await;
        check(SSO, 0, &[], change, "https://oidc.eu-north-1.amazonaws.com").await;
        #[cfg(feature = "login")]
        check(LOGIN, 0, &[], change, "https://eu-west-1.signin.aws.amazon.com").await;
        // The settings of environment and profile are theirs too, in botocore's order.
        let (sts, all) = (("AWS_ENDPOINT_URL_STS", "http://sts"), ("AWS_ENDPOINT_URL", "http://all"));
        check(ROLE, 0, &[sts, all], change, "http://sts").await;
        check(ROLE, 0, &[all], change, "http://all").await;
        check(SSO, 7200, &[sts, all], change, "http://all").await;
        check(SSO, 0, &[("AWS_ENDPOINT_URL_SSO_OIDC", "http://oidc")], change, "http://oidc").await;
        let section = ROLE.replace("\nsource", "\nservices = v\nendpoint_url = http://profile\nsource");
        check(&section.replace("services = v\n", ""), 0, &[], change, "http://profile").await;
        let section = format!("{section}[services v]\nsts =\n  endpoint_url = http://section\n");
        check(&section, 0, &[], change, "http://section").await;
        let ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
        check(&section, 0, &[sts, ignored], change, "https://sts.eu-west-1.amazonaws.com").await;
    }
    // The URL of one service in code wins.
    let sts: Change = |it| it.endpoint_url("http://minio:9000").service_endpoint_url("STS", "http://sts-code");
    check(ROLE, 0, &[("AWS_ENDPOINT_URL_STS", "http://sts")], sts, "http://sts-code").await;
    check(SSO, 7200, &[], sts, "https://portal.sso.eu-north-1.amazonaws.com").await;
    let oidc: Change = |it| it.service_endpoint_url("SSO OIDC", "http://oidc-code");
    check(SSO, 0, &[], oidc, "http://oidc-code").await;
}

/// A parent and a child share credentials: whichever is used first, they come from the same place.
#[tokio::test]
async fn a_child_session_does_not_move_the_calls_of_its_parents_credentials() {
    let urls = async |child: fn(SessionBuilder) -> SessionBuilder, child_first: bool| {
        let (fixture, http) = (fixture(ROLE, 0), ScriptedClient::new([]).unverified());
        let parent = builder(&fixture, &[], &http).build_lazy();
        let child = child(parent.to_builder()).build_lazy();
        let mut sessions = [parent, child];
        if child_first {
            sessions.reverse();
        }
        let mut hosts = Vec::new();
        for session in sessions {
            session.credentials().expect("resolved").provide().await.expect_err("no response is scripted");
            let url = http.requests().pop().expect("a request").url;
            hosts.push(url.split('/').nth(2).unwrap_or_default().to_owned());
        }
        if child_first {
            hosts.reverse();
        }
        hosts
    };
    let aws = "sts.eu-west-1.amazonaws.com";
    for child_first in [false, true] {
        assert_eq!(urls(|it| it.endpoint_url("http://minio:9000"), child_first).await, [aws, aws]);
        assert_eq!(urls(|it| it.service_endpoint_url("s3", "http://minio:9000"), child_first).await, [aws, aws]);
        assert_eq!(
            urls(|it| it.service_endpoint_url("sts", "http://minio:9000"), child_first).await,
            [aws, "minio:9000"]
        );
    }
}
