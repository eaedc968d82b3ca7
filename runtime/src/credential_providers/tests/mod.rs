//! Every provider against loopback servers, with a frozen clock.

mod endpoints;
mod expiry;
mod federated;
// These two name every provider.
#[cfg(all(feature = "login", feature = "process", feature = "sso"))]
mod limits;
mod refreshes;
mod roles;
#[cfg(all(feature = "login", feature = "process", feature = "sso"))]
mod secrets;
mod tokens;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use crate::config::Environment;
use crate::doubles::MockServer;
use crate::retry::Random;
use crate::testing::{FixedClock, RecordedSleep, Reply};
use crate::types::{Format, Timestamp};
use crate::{Session, SessionBuilder};

/// 2026-01-01T00:00:00Z.
pub(super) const START: u64 = 1_767_225_600;

/// A home folder, a clock and a server, for the sessions of one test.
pub(super) struct Fixture {
    pub(super) home: PathBuf,
    pub(super) clock: FixedClock,
    pub(super) sleep: RecordedSleep,
    pub(super) server: MockServer,
}

impl Fixture {
    pub(super) fn new(config: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let home = std::env::temp_dir().join(format!("aws-core-providers-{}-{number}", std::process::id()));
        let fixture = Self {
            home,
            clock: FixedClock::from_secs(START),
            sleep: RecordedSleep::new(),
            server: MockServer::start([]),
        };
        fixture.write(".aws/config", config);
        fixture
    }

    pub(super) fn write(&self, name: &str, text: &str) -> String {
        let path = self.home.join(name);
        fs::create_dir_all(path.parent().expect("inside the home")).expect("temporary folder");
        fs::write(&path, text.replace('~', &self.home.display().to_string())).expect("temporary file");
        path.display().to_string()
    }

    pub(super) fn read(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.home.join(name)).expect("a file")).expect("JSON")
    }

    /// A session whose requests to all services go to the server. `~` and `@` in values are replaced by the home folder
    /// and the URL of the server.
    pub(super) fn builder(&self, variables: &[(&str, &str)]) -> SessionBuilder {
        const DEFAULTS: [(&str, &str); 5] = [
            ("HOME", "~"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", "@"),
            ("BOTO_CONFIG", "/no/such"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "@"),
        ];
        let (home, url) = (self.home.display().to_string(), self.server.url());
        let all = DEFAULTS.iter().chain(variables);
        let all = all.map(|(name, value)| (*name, value.replace('~', &home).replace('@', &url)));
        Session::builder()
            .environment(Environment::from_iter(all))
            .clock(self.clock.clock())
            .sleep(self.sleep.sleep())
            .random(Random::fixed(0.0))
    }

    pub(super) fn session(&self, variables: &[(&str, &str)]) -> Session {
        self.builder(variables).build().expect("valid settings")
    }

    /// The time in so many seconds from now, as AWS writes it.
    pub(super) fn time_in(&self, seconds: u64) -> String {
        let time = Timestamp::from(self.clock.now()).checked_add(Duration::from_secs(seconds)).expect("in range");
        time.format(Format::DateTime).expect("in range")
    }

    pub(super) fn seconds(&self) -> u64 {
        self.clock.now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
    }

    /// The message of an error, with `~` for the home folder and `@` for the URL of the server.
    pub(super) fn message(&self, error: &crate::Error) -> String {
        let (home, url) = (self.home.display().to_string(), self.server.url());
        error.to_string().replace(&home, "~").replace(&url, "@")
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// The response of AssumeRole or AssumeRoleWithWebIdentity.
pub(super) fn assumed_role(operation: &str, key: &str, expiry: &str) -> Reply {
    Reply::ok(format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result><AssumedRoleUser>\
         <AssumedRoleId>AROA:me</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/me</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>hidden</SecretAccessKey><SessionToken>hidden</SessionToken>\
         <Expiration>{expiry}</Expiration></Credentials></{operation}Result><ResponseMetadata><RequestId>1</RequestId>\
         </ResponseMetadata></{operation}Response>"
    ))
    .header("content-type", "text/xml")
}

/// An error response that is not retried.
pub(super) fn access_denied() -> Reply {
    let error = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>";
    Reply::new(403).header("content-type", "text/xml").body(format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">{error}<RequestId>1</RequestId></ErrorResponse>"
    ))
}

/// The credentials that a metadata server returns.
pub(super) fn metadata_credentials(key: &str, expiry: &str) -> String {
    format!(
        r#"{{"Code":"Success","AccessKeyId":"{key}","SecretAccessKey":"hidden","Token":"hidden","Expiration":"{expiry}"}}"#
    )
}
