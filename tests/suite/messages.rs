//! The messages of configuration and validation, each beside the input that causes it, as a page that a reviewer can
//! read: `messages.md`. `UPDATE_EXPECT=1 cargo test -p tests messages` rewrites it.

use std::fmt::Write as _;
use std::fs;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use aws_core::config::Environment;
use aws_core::http::{ClientCertificate, Proxies};
use aws_core::session::Random;
use aws_core::testing::{FixedClock, RecordedSleep};
use aws_core::{ByteStream, Credentials, Error, ErrorKind, Options, Session, SessionBuilder};
use tests::doubles::ScriptedClient;
use tests::suite::workspace;

const PAGE: &str = "tests/suite/messages.md";

/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;

/// A variable with a value that it cannot have.
const VARIABLES: &[&[(&str, &str)]] = &[
    &[("AWS_REGION", "us east 1")],
    &[("AWS_PROFILE", "missing")],
    &[("AWS_ENDPOINT_URL", "localhost:4566")],
    &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "maybe")],
    &[("AWS_USE_FIPS_ENDPOINT", "yes")],
    &[("AWS_USE_DUALSTACK_ENDPOINT", "1")],
    &[("AWS_ACCOUNT_ID_ENDPOINT_MODE", "always")],
    &[("AWS_STS_REGIONAL_ENDPOINTS", "global")],
    &[("AWS_ENDPOINT_DISCOVERY_ENABLED", "sometimes")],
    &[("AWS_DEFAULTS_MODE", "fastest")],
    &[("AWS_RETRY_MODE", "fast")],
    &[("AWS_MAX_ATTEMPTS", "0")],
    &[("AWS_MAX_ATTEMPTS", "many")],
    &[("AWS_CA_BUNDLE", "/missing.pem")],
    &[("AWS_SIGV4A_SIGNING_REGION_SET", "eu_west_1")],
    &[("AWS_REQUEST_CHECKSUM_CALCULATION", "always")],
    &[("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "2000000")],
    &[("AWS_METADATA_SERVICE_TIMEOUT", "0")],
    &[("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "100")],
    &[("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv5")],
    &[("AWS_S3_USE_ARN_REGION", "on")],
    &[("HTTPS_PROXY", "socks5://proxy:1080")],
    &[("HTTPS_PROXY", "proxy:none")],
    &[("AWS_REGION", "us east 1"), ("AWS_RETRY_MODE", "fast"), ("AWS_MAX_ATTEMPTS", "0")],
];

/// A config file that is wrong.
const PROFILES: &[&str] = &[
    "[default]\nretry_mode = fast",
    "[default]\nmax_attempts = -1",
    "[default]\nregion = eu west",
    "[default]\nendpoint_url = localhost",
    "[default]\ns3 =\n  addressing_style = left",
    "[default\nregion = eu-west-1",
    "region = eu-west-1",
    "[default]\nregion",
    "[default]\n= eu-west-1",
    "[default]\n  region",
    "[default]\ns3 =\n  addressing_style",
];

/// A setter with a value that it cannot have.
type Change = fn(SessionBuilder) -> SessionBuilder;

const CODE: &[(&str, Change)] = &[
    (".region(\"\")", |builder| builder.region("")),
    (".region(\"us_east_1\")", |builder| builder.region("us_east_1")),
    (".profile(\"dev\")", |builder| builder.profile("dev")),
    (".endpoint_url(\"localhost\")", |builder| builder.endpoint_url("localhost")),
    (".max_attempts(0)", |builder| builder.max_attempts(0)),
    (".request_min_compression_size_bytes(0)", |builder| builder.request_min_compression_size_bytes(0)),
    (".ca_bundle(\"/missing.pem\")", |builder| builder.ca_bundle("/missing.pem")),
    (".proxies(Proxies::all(\"socks5://proxy\"))", |builder| builder.proxies(Proxies::all("socks5://proxy"))),
    (".client_certificate(\"/missing.pem\")", |builder| {
        builder.client_certificate(ClientCertificate::from("/missing.pem"))
    }),
];

/// A call that fails before anything is sent.
type Call = fn(aws_s3::Client) -> Pin<Box<dyn Future<Output = Result<(), Error>>>>;

macro_rules! calls {
    ($($client:ident => $call:expr,)*) => {
        &[$((stringify!($call), |$client| Box::pin(async move { $call.await.map(drop) }))),*]
    };
}

#[rustfmt::skip]
const CALLS: &[(&str, Call)] = calls! {
    s3 => s3.get_object("", "key").send(),
    s3 => s3.get_object("my bucket", "key").send(),
    s3 => s3.get_object("bucket", "").send(),
    s3 => s3.get_object("arn:aws:s3:eu-west-1:1:accesspoint/x", "key").send(),
    s3 => s3.request::<aws_s3::operation::CopyObject>(Default::default()).send(),
    s3 => s3.delete_objects("bucket", aws_s3::types::Delete { objects: vec![Default::default()].into(), ..Default::default() }).send(),
    s3 => s3.put_object("bucket", "key").metadata([("name", "Jürgen")]).send(),
    s3 => s3.put_object("bucket", "key").metadata([("a b", "x")]).send(),
    s3 => s3.put_object("bucket", "key").content_type("text\nplain").send(),
    s3 => s3.get_object("bucket", "key").with_options(Options::new().region("eu west")).send(),
    s3 => s3.get_object("bucket", "key").with_options(Options::new().endpoint_url("localhost")).send(),
    s3 => s3.get_object("bucket", "key").with_options(Options::new().header("a b", "c")).send(),
    s3 => s3.get_object("bucket", "key").with_options(Options::new().header("a", "b\nc")).send(),
    s3 => s3.get_object("bucket", "key").with_options(Options::new().header("Authorization", "mine")).send(),
    s3 => s3.get_object("bucket", "key").presign(Duration::ZERO),
    s3 => s3.get_object("bucket", "key").presign(Duration::from_secs(700_000)),
    s3 => s3.put_object("bucket", "key").body("hello").content_length(3).send(),
    s3 => s3.put_object("bucket", "key").content_length(9).send(),
    s3 => s3.put_object("bucket", "key").body(ByteStream::from_path("/missing.txt").await?).send(),
    s3 => s3.list_objects_v2("bucket").items().starting_token("not a token").try_next(),
};

struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("aws-suite-messages-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    /// A session that depends on nothing outside this folder.
    fn session(&self, config: &str, variables: &[(&str, &str)]) -> SessionBuilder {
        fs::write(self.0.join("config"), config).expect("a config file");
        let path = |name: &str| self.0.join(name).to_string_lossy().into_owned();
        let files = [("AWS_CONFIG_FILE", path("config")), ("AWS_SHARED_CREDENTIALS_FILE", path("credentials"))];
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned()));
        Session::builder()
            .environment(Environment::from_iter(files.into_iter().chain(variables)))
            .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
            .clock(FixedClock::from_secs(NOW).clock())
            .sleep(RecordedSleep::new().sleep())
            .random(Random::fixed(0.0))
    }

    fn message(&self, error: &Error) -> String {
        error.to_string().replace(&*self.0.to_string_lossy(), "~/.aws")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The problem of a session: at the latest, its connections have one.
fn problem(builder: SessionBuilder) -> Option<Error> {
    match builder.build() {
        Ok(session) => session.http().err(),
        Err(error) => Some(error),
    }
}

fn entry(page: &mut String, input: &str, message: &str) {
    let quoted = message.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("  \n");
    let _ = writeln!(page, "```text\n{input}\n```\n{quoted}\n");
}

#[tokio::test]
async fn messages_of_configuration_and_validation_are_those_of_the_page() {
    let home = Home::new();
    let mut accepted = Vec::new();
    let mut page = "# Messages of configuration and validation\n\n\
                    Each beside the input that causes it. `UPDATE_EXPECT=1 cargo test -p tests messages` rewrites this page.\n"
        .to_owned();
    page.push_str("\n## Environment variables\n\n");
    for variables in VARIABLES {
        let input: Vec<_> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let Some(error) = problem(home.session("", variables)) else {
            accepted.push(format!("{input:?}"));
            continue;
        };
        entry(&mut page, &input.join("\n"), &home.message(&error));
    }
    page.push_str("## Profile files\n\n");
    for config in PROFILES {
        let Some(error) = problem(home.session(config, &[])) else {
            accepted.push(format!("{config:?}"));
            continue;
        };
        entry(&mut page, config, &home.message(&error));
    }
    page.push_str("## The session's builder\n\n");
    for (input, code) in CODE {
        let builder = code(home.session("", &[("AWS_REGION", "eu-west-1")]));
        let Some(error) = problem(builder) else {
            accepted.push((*input).to_owned());
            continue;
        };
        entry(&mut page, input, &home.message(&error));
    }
    page.push_str("## Calls\n\n");
    for (input, call) in CALLS {
        let http = ScriptedClient::new([]);
        let session = home.session("", &[("AWS_REGION", "eu-west-1")]).http_client(http.clone()).build();
        let client = aws_s3::Client::new(&session.expect("a session"));
        let Err(error) = call(client).await else {
            accepted.push((*input).to_owned());
            continue;
        };
        if !http.requests().is_empty() {
            accepted.push((*input).to_owned());
        }
        assert_ne!(error.kind(), ErrorKind::Service, "{input}");
        // rustc breaks long code into lines.
        entry(&mut page, &input.split_whitespace().collect::<Vec<_>>().join(" "), &home.message(&error));
    }
    assert!(accepted.is_empty(), "accepted: {accepted:#?}");
    let path = workspace().join(PAGE);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &page).expect("a page to write");
    }
    let expect = fs::read_to_string(&path).unwrap_or_default();
    let changed = expect.lines().zip(page.lines()).find(|(old, new)| old != new);
    assert_eq!(page, expect, "`UPDATE_EXPECT=1 cargo test -p tests messages` accepts; first change: {changed:#?}");
}
