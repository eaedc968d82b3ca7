//! Every source against loopback servers on a frozen clock.

mod lives;
mod roles;
mod secrets;
mod tokens;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use crate::config::Environment;
use crate::retry::Random;
use crate::test_util::{FixedClock, MockServer, RecordedSleep, Reply};
use crate::value::{Format, Timestamp};
use crate::{Session, SessionBuilder};

/// 2026-01-01T00:00:00Z.
pub(super) const START: u64 = 1_767_225_600;

/// A home, a clock, a server, and sessions between them.
pub(super) struct Scene {
    pub(super) home: PathBuf,
    pub(super) clock: FixedClock,
    pub(super) sleep: RecordedSleep,
    pub(super) server: MockServer,
}

impl Scene {
    pub(super) fn new(config: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let home = std::env::temp_dir().join(format!("aws-core-sources-{}-{number}", std::process::id()));
        let scene = Self {
            home,
            clock: FixedClock::at_epoch(START),
            sleep: RecordedSleep::new(),
            server: MockServer::start([]),
        };
        scene.write(".aws/config", config);
        scene
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

    /// All services are the server; `~` and `@` in values are the home and the server.
    pub(super) fn builder(&self, variables: &[(&str, &str)]) -> SessionBuilder {
        let (home, url) = (self.home.display().to_string(), self.server.url());
        let own = [("HOME", "~"), ("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", "@"), ("BOTO_CONFIG", "/no/such")];
        let own = own.iter().chain([&("AWS_EC2_METADATA_SERVICE_ENDPOINT", "@")]).chain(variables);
        let variables = own.map(|(name, value)| (*name, value.replace('~', &home).replace('@', &url)));
        Session::builder()
            .environment(Environment::from_iter(variables))
            .clock(self.clock.clock())
            .sleep(self.sleep.sleep())
            .random(Random::fixed(0.0))
    }

    pub(super) fn session(&self, variables: &[(&str, &str)]) -> Session {
        self.builder(variables).build().expect("valid settings")
    }

    /// A time from now, as AWS writes it.
    pub(super) fn ahead(&self, seconds: u64) -> String {
        let time = Timestamp::from(self.clock.now()).checked_add(Duration::from_secs(seconds)).expect("in range");
        time.format(Format::DateTime).expect("in range")
    }

    pub(super) fn seconds(&self) -> u64 {
        self.clock.now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
    }

    /// The message, with home and server shortened.
    pub(super) fn shown(&self, error: &crate::Error) -> String {
        let (home, url) = (self.home.display().to_string(), self.server.url());
        error.to_string().replace(&home, "~").replace(&url, "@")
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// The answer of AssumeRole or AssumeRoleWithWebIdentity.
pub(super) fn role(operation: &str, key: &str, expiry: &str) -> Reply {
    Reply::ok(format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result><AssumedRoleUser>\
         <AssumedRoleId>AROA:me</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/me</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>hidden</SecretAccessKey><SessionToken>hidden</SessionToken>\
         <Expiration>{expiry}</Expiration></Credentials></{operation}Result><ResponseMetadata><RequestId>1</RequestId>\
         </ResponseMetadata></{operation}Response>"
    ))
    .header("content-type", "text/xml")
}

/// A refusal that is not retried.
pub(super) fn refusal() -> Reply {
    let error = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>";
    Reply::new(403).header("content-type", "text/xml").body(format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">{error}<RequestId>1</RequestId></ErrorResponse>"
    ))
}

/// The document of a metadata server.
pub(super) fn document(key: &str, expiry: &str) -> String {
    format!(
        r#"{{"Code":"Success","AccessKeyId":"{key}","SecretAccessKey":"hidden","Token":"hidden","Expiration":"{expiry}"}}"#
    )
}
