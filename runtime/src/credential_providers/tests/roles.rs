//! Assumed roles: chains of profiles, MFA codes, the cache on disk, and providers configured in code.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Fixture, assumed_role};
use crate::credential_providers::{AssumeRole, MfaPrompt, RoleCache};
use crate::credentials::{Credentials, ProvideCredentials};
use crate::testing::Reply;
use crate::{Error, ErrorKind};

/// The sorted parameters of a query request.
fn parameters(body: &[u8]) -> Vec<String> {
    let mut pairs: Vec<_> = String::from_utf8_lossy(body).split('&').map(str::to_owned).collect();
    pairs.sort();
    pairs
}

#[tokio::test]
async fn each_role_of_a_profile_chain_is_assumed_with_the_one_before() {
    let fixture = Fixture::new(
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = b\nexternal_id = ext\nduration_seconds = 1800\n\
         role_session_name = me\n[profile b]\nrole_arn = arn:aws:iam::123456789012:role/b\ncredential_source = Environment\n",
    );
    let env = [("AWS_ACCESS_KEY_ID", "base"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_PROFILE", "default")];
    // An explicit profile, since the keys of the environment would win otherwise.
    let session = fixture.builder(&env).profile("default").build().expect("valid settings");
    fixture.server.push(assumed_role("AssumeRole", "of-b", &fixture.time_in(3600)));
    fixture.server.push(assumed_role("AssumeRole", "of-a", &fixture.time_in(1800)));
    let found = session.credentials().expect("resolved").provide().await.expect("provided");
    assert_eq!((found.access_key_id(), found.account_id()), ("of-a", Some("123456789012")));
    let requests = fixture.server.requests();
    for (request, key, expect) in [
        (
            &requests[0],
            "base",
            vec![
                "Action=AssumeRole",
                "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fb",
                "RoleSessionName=aws-core-session-1767225600",
                "Version=2011-06-15",
            ],
        ),
        (
            &requests[1],
            "of-b",
            vec![
                "Action=AssumeRole",
                "DurationSeconds=1800",
                "ExternalId=ext",
                "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fa",
                "RoleSessionName=me",
                "Version=2011-06-15",
            ],
        ),
    ] {
        assert_eq!(parameters(&request.body), expect);
        assert!(request.header("authorization").contains(&format!("Credential={key}/20260101/eu-west-1/sts/")));
    }
    // The first role is cached until it expires, independently of the second one.
    fixture.clock.advance(Duration::from_secs(1500));
    fixture.server.push(assumed_role("AssumeRole", "again", &fixture.time_in(1800)));
    assert_eq!(session.credentials().expect("resolved").provide().await.expect("provided").access_key_id(), "again");
    assert_eq!(fixture.server.requests().len(), 3);
}

#[tokio::test]
async fn misconfigured_profiles_are_errors_with_file_and_line() {
    let check = async |config: &str, expect: &str| {
        let fixture = Fixture::new(config);
        let error = match fixture.builder(&[("AWS_EC2_METADATA_DISABLED", "true")]).build() {
            Ok(session) => session.credentials().expect("resolved").provide().await.expect_err("wrong"),
            Err(error) => error,
        };
        let text = fixture.message(&error);
        assert!(text.contains(expect), "{text}");
        assert_eq!(error.kind(), ErrorKind::Credentials, "{text}");
        assert_eq!(fixture.server.requests().len(), 0);
    };
    check(
        "[default]\nrole_arn = r\n",
        "assume-role: profile \"default\" (~/.aws/config, line 2) has neither source_profile nor credential_source",
    )
    .await;
    check(
        "[default]\nrole_arn = r\nsource_profile = a\ncredential_source = Environment",
        "has both source_profile and credential_source",
    )
    .await;
    check(
        "[default]\nrole_arn = r\ncredential_source = Ec2",
        "credential_source of profile \"default\" (~/.aws/config, line 3) is \"Ec2\": expected one of Environment, ",
    )
    .await;
    check("[default]\nrole_arn = r\nsource_profile = a\n[a]\n", "source_profile of profile \"default\" (~/.aws/config, line 3) is \"a\", which does not exist; section [a] at ~/.aws/config, line 4 is ignored").await;
    check(
        "[default]\nrole_arn = r\nsource_profile = a\n[profile a]\nrole_arn = s\nsource_profile = default\n",
        "source_profile of profile \"a\" (~/.aws/config, line 6) is \"default\": profiles refer to each other in a cycle: \"default\", then \"a\"",
    )
    .await;
    check("[default]\nrole_arn = r\nsource_profile = default\n", "in a cycle: \"default\"").await;
    check(
        "[default]\nrole_arn = r\nsource_profile = a\n[profile a]\nregion = x\n",
        "profile \"a\" (~/.aws/config, line 4) has no credentials",
    )
    .await;
    check(
        "[default]\nrole_arn = r\nsource_profile = a\n[profile a]\naws_access_key_id = k\n",
        "profile \"a\" has aws_access_key_id (~/.aws/config, line 5) but no aws_secret_access_key",
    )
    .await;
    check(
        "[default]\nweb_identity_token_file = /t\n",
        "web_identity_token_file of profile \"default\" (~/.aws/config, line 2) is set, but no role",
    )
    .await;
    check("[default]\nsso_account_id = 1\nsso_session = corp\n", "sso: sso_session of profile \"default\" (~/.aws/config, line 3) names sso-session \"corp\", which is not defined").await;
    check(
        "[default]\nsso_account_id = 1\n",
        "is for IAM Identity Center, but lacks sso_role_name, sso_region, sso_start_url",
    )
    .await;
    check(
        "[default]\nsso_account_id = 1\nsso_role_name = r\nsso_session = corp\nsso_region = here\n[sso-session corp]\nsso_region = there\nsso_start_url = u",
        "sso_region of profile \"default\" (~/.aws/config, line 5) differs from sso_region of sso-session \"corp\"",
    )
    .await;
    check(
        "[default]\naws_access_key_id = k\n",
        "profile \"default\" has aws_access_key_id (~/.aws/config, line 2) but no",
    )
    .await;
    check(
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nmfa_serial = arn:aws:iam::1:mfa/me\nsource_profile = a\n[profile a]\naws_access_key_id = k\naws_secret_access_key = s\n",
        "role arn:aws:iam::123456789012:role/r of profile \"default\" (~/.aws/config, line 2) requires the code of the MFA device arn:aws:iam::1:mfa/me, but no `MfaPrompt` is set",
    )
    .await;
}

#[tokio::test]
async fn the_mfa_prompt_is_called_at_each_fetch() {
    let fixture = Fixture::new(
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nmfa_serial = arn:aws:iam::1:mfa/me\nsource_profile = default\n\
         aws_access_key_id = k\naws_secret_access_key = s\n",
    );
    let prompts = AtomicUsize::new(0);
    let prompt = MfaPrompt::new(move |serial| {
        assert_eq!(serial, "arn:aws:iam::1:mfa/me");
        let number = prompts.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            match number {
                0 | 1 => Ok(format!("12345{number}\n")),
                _ => Err(Error::new(ErrorKind::Credentials, "the user cancelled")),
            }
        })
    });
    let session = fixture.builder(&[]).mfa_prompt(prompt).build().expect("valid settings");
    let provider = session.credentials().expect("resolved");
    for code in ["123450", "123451"] {
        fixture.server.push(assumed_role("AssumeRole", code, &fixture.time_in(3600)));
        assert_eq!(provider.provide().await.expect("provided").access_key_id(), code);
        let request = fixture.server.requests().pop().expect("a request");
        assert!(parameters(&request.body).contains(&format!("TokenCode={code}")));
        fixture.clock.advance(Duration::from_secs(3100));
    }
    let error = provider.provide().await.expect_err("cancelled");
    assert!(
        error.to_string().ends_with("no code of the MFA device arn:aws:iam::1:mfa/me: the user cancelled"),
        "{error}"
    );
}

#[tokio::test]
async fn the_role_cache_has_the_format_of_the_aws_cli() {
    let config = "[default]\nrole_arn = arn:aws:iam::123456789012:role/deploy\nsource_profile = default\n\
                  aws_access_key_id = k\naws_secret_access_key = s\n";
    // From Python: sha1(json.dumps({"RoleArn": …}, sort_keys=True)).
    let file = "6a9d9ba39800a1773d9a3bd50c4a0db301ff5832.json";
    let fixture = Fixture::new(config);
    let cache = RoleCache::new(fixture.home.join(".aws/cli/cache"));
    let session = || fixture.builder(&[]).role_cache(cache.clone()).build().expect("valid settings");
    let key = async || {
        let session = session();
        let found = session.credentials().expect("resolved").provide().await.expect("provided");
        (found.access_key_id().to_owned(), found.account_id().map(str::to_owned))
    };
    let account = || Some("123456789012".to_owned());
    fixture.server.push(assumed_role("AssumeRole", "one", &fixture.time_in(3600)));
    assert_eq!(key().await, ("one".to_owned(), account()));
    // Another session, as of another process, reads it from the cache.
    assert_eq!(key().await, ("one".to_owned(), account()));
    let expect = serde_json::json!({
        "AssumedRoleUser": { "AssumedRoleId": "AROA:me", "Arn": "arn:aws:sts::123456789012:assumed-role/r/me" },
        "Credentials": {
            "AccessKeyId": "one",
            "SecretAccessKey": "hidden",
            "SessionToken": "hidden",
            "Expiration": "2026-01-01T01:00:00UTC",
            "AccountId": "123456789012",
        },
    });
    assert_eq!(fixture.read(&format!(".aws/cli/cache/{file}")), expect);
    assert_eq!(fixture.server.requests().len(), 1);
    // Credentials that expire within 15 minutes are fetched again, and so are those in a file that cannot be read.
    fixture.clock.advance(Duration::from_secs(2800));
    fixture.server.push(assumed_role("AssumeRole", "two", &fixture.time_in(3600)));
    assert_eq!(key().await.0, "two");
    fixture.write(&format!(".aws/cli/cache/{file}"), "{");
    fixture.server.push(assumed_role("AssumeRole", "three", &fixture.time_in(3600)));
    assert_eq!(key().await.0, "three");
    // As the AWS CLI of another version writes it.
    let other = r#"{"Credentials":{"AccessKeyId":"four","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-01-01T09:00:00+00:00"}}"#;
    fixture.write(&format!(".aws/cli/cache/{file}"), other);
    assert_eq!(key().await, ("four".to_owned(), None));
    // A session uses no cache unless one is set.
    fixture.server.push(assumed_role("AssumeRole", "five", &fixture.time_in(3600)));
    assert_eq!(
        fixture.session(&[]).credentials().expect("resolved").provide().await.expect("provided").access_key_id(),
        "five"
    );
}

#[tokio::test]
async fn roles_are_assumed_with_the_credentials_of_any_provider() {
    let fixture = Fixture::new("");
    let base = fixture.builder(&[]).credentials(Credentials::new("base", "s")).build().expect("valid settings");
    let builder = || AssumeRole::builder("arn:aws:iam::123456789012:role/r");
    fixture.server.push(assumed_role("AssumeRole", "one", &fixture.time_in(3600)));
    let role_of_base = builder()
        .tag("team", "x")
        .policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess")
        .region("us-west-2")
        .build(&base);
    let deploy = base.to_builder().credentials(role_of_base.expect("a role")).build().expect("valid settings");
    let found = deploy.credentials().expect("resolved").provide().await.expect("provided");
    assert_eq!((found.access_key_id(), found.provider()), ("one", "assume-role"));
    // The session caches them.
    assert_eq!(deploy.credentials().expect("resolved").provide().await.expect("cached"), found);
    let request = fixture.server.requests().pop().expect("a request");
    assert!(request.header("authorization").contains("Credential=base/20260101/us-west-2/sts/"));
    let body = parameters(&request.body).join(" ");
    for part in [
        "Tags.member.1.Key=team",
        "Tags.member.1.Value=x",
        "PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess",
    ] {
        assert!(body.contains(part), "{body}");
    }
    fixture.server.push(assumed_role("AssumeRole", "two", &fixture.time_in(3600)));
    let source = Credentials::new("other", "s");
    let other = builder().source_credentials(source).session_name("me").build(&base).expect("a role");
    assert_eq!(other.provide().await.expect("provided").access_key_id(), "two");
    let request = fixture.server.requests().pop().expect("a request");
    assert!(request.header("authorization").contains("Credential=other/20260101/eu-west-1/sts/"));
    // Errors of the service are retried like those of any call.
    fixture.server.push(Reply::new(503));
    fixture.server.push(assumed_role("AssumeRole", "three", &fixture.time_in(3600)));
    assert_eq!(other.provide().await.expect("provided").access_key_id(), "three");
    // Invalid input is an error before anything is sent.
    let requests = fixture.server.requests().len();
    for region in ["us-east-1.evil.com:8080/x?", "", "eu_west_1"] {
        let role = builder().region(region).build(&base).expect("a role");
        let error = role.provide().await.expect_err("no host to send the keys to");
        assert!(error.to_string().contains(&format!("invalid region {region:?}")), "{error}");
    }
    let error = AssumeRole::builder("r").build(&base).expect("a role").provide().await.expect_err("no ARN");
    let expect = "cannot assume role r: AssumeRole: Parameter validation failed";
    assert!(error.to_string().starts_with(expect), "{error}");
    assert_eq!(fixture.server.requests().len(), requests);
}

/// Each role is assumed with the one before, without a stack that grows with the chain; and its length is bounded.
#[tokio::test]
async fn long_chains_of_profiles_are_assumed_role_by_role() {
    let chain = |length: usize| {
        let mut config = String::new();
        for number in 0..length {
            let name = if number == 0 { "default".to_owned() } else { format!("profile p{number}") };
            let source = number + 1;
            config +=
                &format!("[{name}]\nrole_arn = arn:aws:iam::123456789012:role/r{number}\nsource_profile = p{source}\n");
        }
        config + &format!("[profile p{length}]\naws_access_key_id = base\naws_secret_access_key = s\n")
    };
    for length in [1, 2, 20, 50, 100] {
        let fixture = Fixture::new(&chain(length));
        let session = fixture.session(&[]);
        for number in (0..length).rev() {
            // The last one expires first.
            let lifetime = if number == 0 { 900 } else { 3600 };
            fixture.server.push(assumed_role("AssumeRole", &format!("of-{number}"), &fixture.time_in(lifetime)));
        }
        let provider = session.credentials().expect("resolved");
        assert_eq!(provider.provide().await.expect("provided").access_key_id(), "of-0");
        let requests = fixture.server.requests();
        assert_eq!(requests.len(), length);
        assert!(requests[0].header("authorization").contains("Credential=base/"));
        if length > 1 {
            assert!(requests[length - 1].header("authorization").contains("Credential=of-1/"));
        }
        // A refresh assumes only what has expired.
        fixture.clock.advance(Duration::from_secs(850));
        fixture.server.push(assumed_role("AssumeRole", "again", &fixture.time_in(900)));
        assert_eq!(provider.provide().await.expect("refreshed").access_key_id(), "again");
        assert_eq!(fixture.server.requests().len(), length + 1);
    }
    for length in [101, 5000] {
        let fixture = Fixture::new(&chain(length));
        let error = fixture.session(&[]).credentials().expect("resolved").provide().await.expect_err("too long");
        let text = fixture.message(&error);
        for part in [
            "assume-role: profile \"p100\" (~/.aws/config, line 302) is behind 100 roles",
            "\"default\", then \"p1\", then",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(fixture.server.requests().len(), 0);
    }
}
