//! Two roles in one cache of credentials: whatever tells them apart, neither gets the credentials of the other.

use aws_core::config::Environment;
use aws_core::credential_providers::RoleCache;
use aws_core::testing::{FixedClock, RecordedSleep, Reply};
use aws_core::{ErrorKind, Session};
use tests::doubles::ScriptedClient;

/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;

fn assumed(key: &str) -> Reply {
    Reply::ok(format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s\
         </SecretAccessKey><SessionToken>t</SessionToken><Expiration>2026-01-02T05:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    ))
}

/// The settings of the profile `b` that differ from those of `a`.
const DIFFERENCES: [&str; 6] = [
    "role_arn = arn:aws:iam::123456789012:role/b",
    "role_arn = arn:aws:iam::210987654321:role/a",
    "role_arn = arn:aws-cn:iam::123456789012:role/a",
    "role_session_name = you",
    "external_id = other",
    "duration_seconds = 7200",
];

#[tokio::test]
async fn roles_that_differ_in_one_setting_do_not_share_cached_credentials() {
    const SETTINGS: [&str; 4] = [
        "role_arn = arn:aws:iam::123456789012:role/a",
        "role_session_name = me",
        "external_id = this",
        "duration_seconds = 3600",
    ];
    for (number, difference) in DIFFERENCES.into_iter().enumerate() {
        let home = std::env::temp_dir().join(format!("aws-suite-two-roles-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&home).expect("a temporary folder");
        let name = difference.split(' ').next().expect("a name");
        let others: Vec<_> = SETTINGS.into_iter().filter(|it| !it.starts_with(&format!("{name} "))).collect();
        let profile = |settings: &[&str]| format!("source_profile = default\n{}\n", settings.join("\n"));
        let config = format!(
            "[default]\naws_access_key_id = k\naws_secret_access_key = s\n[profile a]\n{}[profile b]\n{}{difference}\n",
            profile(&SETTINGS),
            profile(&others)
        );
        let file = home.join("config");
        std::fs::write(&file, config).expect("a temporary file");
        let http = ScriptedClient::new([assumed("of-a"), assumed("of-b")]).unverified();
        let key = async |profile: &str| {
            let session = Session::builder()
                .environment(Environment::from_iter([("AWS_CONFIG_FILE", file.display().to_string())]))
                .region("us-east-1")
                .profile(profile)
                .role_cache(RoleCache::new(home.join("cache")))
                .clock(FixedClock::from_secs(NOW).clock())
                .sleep(RecordedSleep::new().sleep())
                .http_client(http.clone())
                .build()
                .expect("a session");
            session.credentials().expect("resolved").provide().await.map(|it| it.access_key_id().to_owned())
        };
        for round in 0..2 {
            assert_eq!(key("a").await.expect("credentials"), "of-a", "{difference}, round {round}");
            assert_eq!(key("b").await.expect("credentials"), "of-b", "{difference}, round {round}");
        }
        assert_eq!(http.requests().len(), 2, "{difference}: one request for each role");
        // What is not in the cache is not made up.
        std::fs::remove_dir_all(home.join("cache")).expect("the cache");
        assert_ne!(key("a").await.expect_err("no reply is left").kind(), ErrorKind::Config);
        let _ = std::fs::remove_dir_all(&home);
    }
}
