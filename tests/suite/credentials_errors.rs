//! The errors of sessions without working credentials: one table of broken settings, files, programs and servers. Each
//! case lists what its message must contain. No secret may be in any message, cause, `Debug` output or log.

mod cases;

use std::error::Error as _;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_core::config::Environment;
use aws_core::session::Random;
use aws_core::testing::{FixedClock, RecordedSleep, Reply};
use aws_core::{Error, ErrorKind, Session, SessionBuilder};
use tests::doubles::ScriptedClient;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

/// 2026-01-01T00:00:00Z.
const NOW: u64 = 1_767_225_600;

/// A part of every secret of the cases, and of nothing else.
const SECRET: &str = "hidden";

/// One reason for missing credentials, and the error it must lead to.
struct Case {
    name: &'static str,
    /// The two profile files. In all strings `~` stands for the home directory.
    config: &'static str,
    credentials: &'static str,
    /// Other files: path and content.
    files: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
    replies: fn() -> Vec<Reply>,
    /// Settings made in code.
    code: fn(SessionBuilder) -> SessionBuilder,
    kind: ErrorKind,
    /// What the message must contain.
    expect: &'static [&'static str],
    /// The number of requests sent until the error is returned.
    requests: usize,
}

impl Case {
    const BASE: Self = Self {
        name: "",
        config: "",
        credentials: "",
        files: &[],
        variables: &[],
        replies: Vec::new,
        code: |it| it,
        kind: ErrorKind::Credentials,
        expect: &[],
        requests: 0,
    };

    async fn run(&self) {
        let home = Home::new();
        for (name, text) in [(".aws/config", self.config), (".aws/credentials", self.credentials)] {
            home.write(name, text);
        }
        self.files.iter().for_each(|(name, text)| home.write(name, text));
        let path = home.0.display().to_string();
        let common = [("HOME", "~"), ("AWS_REGION", "eu-west-1"), ("BOTO_CONFIG", "~/no-boto")];
        let variables = common.iter().chain(self.variables).map(|(name, value)| (*name, value.replace('~', &path)));
        let (http, sleep) = (ScriptedClient::new((self.replies)()).unverified(), RecordedSleep::new());
        let builder = Session::builder()
            .environment(Environment::from_iter(variables))
            .http_client(http.clone())
            .clock(FixedClock::from_secs(NOW).clock())
            .sleep(sleep.sleep())
            .random(Random::fixed(0.0));
        let builder = (self.code)(builder);
        let log = Log::default();
        let guard = tracing::subscriber::set_default(log.clone());
        let mut debug = format!("{builder:?}");
        let error = match builder.build() {
            Err(error) => error,
            Ok(session) => {
                let provider = session.credentials().expect("resolved");
                let error = provider.provide().await.expect_err(self.name);
                let _ = write!(debug, "{session:?} {provider:?}");
                error
            }
        };
        drop(guard);
        let message = error.to_string().replace(&path, "~");
        for expect in self.expect {
            assert!(message.contains(expect), "{}: {message}\nlacks: {expect}", self.name);
        }
        assert_eq!(error.kind(), self.kind, "{}: {message}", self.name);
        assert_eq!(http.requests().len(), self.requests, "{}: {message}", self.name);
        let _ = write!(debug, "{} {}", with_causes(&error), log.0.lock().expect("no panic"));
        assert!(!debug.contains(SECRET), "{}: {debug}", self.name);
    }
}

/// The messages and `Debug` outputs of an error and of all its causes.
fn with_causes(error: &Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(it) = cause {
        let _ = write!(text, " {it} {it:?}");
        cause = it.source();
    }
    text
}

/// A temporary home directory, removed when it is dropped.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("aws-suite-errors-{}-{number}", std::process::id())))
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("temporary folder");
        fs::write(path, text.replace('~', &self.0.display().to_string())).expect("temporary file");
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn every_failure_names_its_cause_and_no_secret() {
    for case in cases::CASES {
        case.run().await;
    }
}

/// A subscriber that collects everything logged on its thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0.lock().expect("no panic"), "{field}={value:?} ");
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        span.record(&mut self.clone());
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
