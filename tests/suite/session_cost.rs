//! The cost of a session before its first call: the bytes that it reads, and those that a client of it allocates. They
//! are counted, not timed; `cargo bench -p tests --bench session` measures times.

use std::fs;
use std::path::PathBuf;

use allocation_counter::measure;
use aws_core::config::Environment;
use aws_core::{Session, SessionBuilder};
use tests::doubles::ScriptedClient;

/// The most bytes that opening a client may allocate.
const CLIENT_LIMIT: u64 = 2048;

/// The number of bytes that this thread has read from files, as Linux counts them, and the number that reading this
/// count adds to it. `None` on other systems.
fn bytes_read() -> Option<(usize, usize)> {
    let text = fs::read_to_string("/proc/thread-self/io").ok()?;
    let count = text.lines().find_map(|it| it.strip_prefix("rchar: "))?.trim().parse().ok()?;
    Some((count, text.len()))
}

/// The number of bytes that `work` reads from files. `None` if it is not counted.
fn bytes_read_by(work: impl FnOnce()) -> Option<usize> {
    let before = bytes_read();
    work();
    let ((before, counting), (after, _)) = before.zip(bytes_read())?;
    Some(after - before - counting)
}

/// A temporary home directory with files that a session reads, and with files that only its first call may read.
struct Home(PathBuf);

const CONFIG: &str = "[default]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 123456789012\n\
                      sso_role_name = r\nca_bundle = ~/ca.pem\n[sso-session corp]\nsso_region = eu-north-1\n\
                      sso_start_url = https://corp\n";
const CREDENTIALS: &str = "[other]\naws_access_key_id = k\naws_secret_access_key = s\n";

impl Home {
    fn new(name: &str) -> Self {
        let home = Self(std::env::temp_dir().join(format!("aws-suite-cost-{}-{name}", std::process::id())));
        let token = r#"{"accessToken":"t","expiresAt":"2030-01-01T00:00:00Z"}"#;
        for (name, text) in [
            (".aws/config", CONFIG),
            (".aws/credentials", CREDENTIALS),
            // SHA-1 of `corp`.
            (".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json", token),
            (".aws/cli/cache/a.json", "{}"),
            (".boto", "[Credentials]\naws_access_key_id = k\naws_secret_access_key = s\n"),
            ("ca.pem", "no certificate"),
        ] {
            let path = home.0.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("temporary folder");
            fs::write(path, text).expect("temporary file");
        }
        home
    }

    fn builder(&self) -> SessionBuilder {
        Session::builder().environment(Environment::from_iter([("HOME", self.0.display().to_string())]))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_session_reads_the_two_profile_files_once_and_nothing_else() {
    let home = Home::new("files");
    let check = |what: &str, expect: usize, work: &dyn Fn()| {
        // Only Linux counts the bytes.
        let read = bytes_read_by(work);
        assert!(read.is_none_or(|it| it == expect), "{what}: {read:?} bytes instead of {expect}");
    };
    let files = CONFIG.len() + CREDENTIALS.len();
    check("two files", files, &|| drop(home.builder().build().expect("valid settings")));
    check("no home", 0, &|| {
        drop(Session::builder().environment(Environment::empty()).build().expect("valid settings"));
    });
    check("a home without files", 0, &|| {
        let environment = Environment::from_iter([("HOME", home.0.join("none").display().to_string())]);
        drop(Session::builder().environment(environment).build().expect("valid settings"));
    });
    check("build_lazy", 0, &|| drop(home.builder().build_lazy()));
    let lazy = home.builder().build_lazy();
    check("its first use", files, &|| assert_eq!(lazy.region().expect("valid settings"), Some("eu-west-1")));
    check("its second use, and clients", 0, &|| {
        assert!(lazy.credentials().is_ok() && lazy.available_profiles().is_ok());
        drop((aws_s3::Client::new(&lazy), aws_dynamodb::Client::new(&lazy)));
    });
}

#[test]
fn building_sessions_and_clients_sends_no_request() {
    let home = Home::new("requests");
    let http = ScriptedClient::default();
    let session = home.builder().http_client(http.clone()).build().expect("valid settings");
    let client = aws_s3::Client::new(&session);
    drop((session.to_builder().region("us-east-1").build().expect("valid settings"), client));
    assert_eq!(http.requests().len(), 0);
}

#[test]
fn opening_a_client_allocates_at_most_2_kib() {
    let environment = Environment::from_iter([("AWS_REGION", "us-west-2")]);
    let session = Session::builder().environment(environment).build().expect("valid settings");
    let check = |what: &str, limit: u64, open: &dyn Fn()| {
        let info = measure(open);
        assert!(info.bytes_total <= limit, "{what} allocates {} bytes in {}", info.bytes_total, info.count_total);
        assert_eq!(info.bytes_current, 0, "{what} leaks");
    };
    let s3 = aws_s3::Client::new(&session);
    check("a client of S3", CLIENT_LIMIT, &|| drop(aws_s3::Client::new(&session)));
    check("a client of DynamoDB", CLIENT_LIMIT, &|| drop(aws_dynamodb::Client::new(&session)));
    check("a client of STS", CLIENT_LIMIT, &|| drop(aws_sts::Client::new(&session)));
    check("a resource of S3", CLIENT_LIMIT, &|| drop(aws_s3_resource::S3::new(&session)));
    check("a clone of a client", 0, &|| drop(s3.clone()));
    check("a clone of a session", 0, &|| drop(session.clone()));
}
