//! A local stand-in for AWS: moto, installed from PyPI into the target directory and run on a free loopback port. Each
//! process has one, which ends with the process. Knows no test.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use aws_core::{Credentials, Session};
use aws_s3::Client;
use aws_s3::error::{BucketAlreadyExists, BucketAlreadyOwnedByYou};
use aws_s3::types::CreateBucketConfiguration;

use crate::http2::ca_file;
use crate::tls_front;

/// The requirement that pip installs, beside boto3 and botocore at the versions of the models.
const PACKAGE: &str = "moto[server]==5.2.5";

/// How long the server may take to start. Our choice: it only bounds a failure.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a story may take. Our choice: it only bounds a failure, on a busy machine too.
const STORY_TIMEOUT: Duration = Duration::from_secs(300);

/// Listens on a port that the system chooses, prints it, and exits when the pipe to its standard input closes.
const SERVE: &str = "
import os, sys, threading
from werkzeug.serving import make_server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
server = make_server('127.0.0.1', 0, DomainDispatcherApplication(create_backend_app), threaded=True,
                     request_handler=MotoRequestHandler)
os.environ['MOTO_PORT'] = str(server.server_port)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
print(server.server_port, flush=True)
server.serve_forever()
";

/// A running moto. It ends when it is dropped, or when this process ends for whatever reason.
#[derive(Debug)]
pub struct Moto {
    child: Child,
    port: u16,
}

impl Moto {
    /// Installs moto at the first use, and starts it.
    ///
    /// # Errors
    /// What is missing: python3, its venv module, the network, or the port that the server prints.
    pub fn start() -> Result<Self, String> {
        let python = install()?;
        let mut child = Command::new(python)
            .args(["-c", SERVE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|it| format!("moto cannot be started: {it}"))?;
        let (sender, receiver) = mpsc::channel();
        let stdout = child.stdout.take().ok_or("moto has no output")?;
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout).read_line(&mut line);
            let _ = sender.send(line.trim().parse());
        });
        match receiver.recv_timeout(START_TIMEOUT) {
            Ok(Ok(port)) => Ok(Self { child, port }),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                Err(format!("moto did not start within {START_TIMEOUT:?}: remove {} and try again", home().display()))
            }
        }
    }

    /// The moto of this process, started at the first use.
    ///
    /// # Errors
    /// As [`start`](Self::start). A failure is remembered, not tried again.
    pub fn shared() -> Result<&'static Self, &'static str> {
        static SHARED: OnceLock<Result<Moto, String>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref().map_err(String::as_str)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Cargo's target directory.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(path) => path.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
    }
}

fn home() -> PathBuf {
    target().join("moto")
}

/// The Python that moto runs in; it has boto3 and botocore at the versions of the models.
///
/// # Errors
/// As [`Moto::start`].
pub fn python() -> Result<PathBuf, String> {
    install()
}

/// What pip installs: moto, and of what moto needs the versions that the generator reads.
fn requirements() -> Vec<String> {
    let manifest = include_str!("../../models/manifest.toml");
    let version = |package: &str| {
        let pin = manifest.split_once(&format!("[{package}]\nversion = \""))?.1;
        Some(format!("{package}=={}", pin.split_once('"')?.0))
    };
    [Some(PACKAGE.to_owned()), version("botocore"), version("boto3")].into_iter().flatten().collect()
}

/// Installs moto once; processes that start at the same time wait for the first. Returns the Python interpreter.
fn install() -> Result<PathBuf, String> {
    let home = home();
    let (python, marker) = (home.join("venv/bin/python"), home.join("installed"));
    fs::create_dir_all(&home).map_err(|it| format!("{}: {it}", home.display()))?;
    let lock = File::create(home.join("lock")).map_err(|it| format!("{}: {it}", home.display()))?;
    lock.lock().map_err(|it| format!("{}: {it}", home.display()))?;
    let requirements = requirements();
    let wanted = requirements.join(" ");
    if fs::read_to_string(&marker).is_ok_and(|it| it == wanted) {
        return Ok(python);
    }
    let _ = writeln!(std::io::stderr(), "installing {wanted} into {} (once)", home.display());
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home.join("venv")))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(&requirements))?;
    fs::write(&marker, wanted).map_err(|it| format!("{}: {it}", marker.display()))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|it| format!("{command:?}: {it}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// A server that the tests and walks run against.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name in failure messages.
    pub name: &'static str,
    /// Its URL.
    pub url: String,
    /// The credentials it accepts.
    pub credentials: Credentials,
    /// Whether it rejects wrong signatures.
    pub verifies: bool,
    /// A PEM file with the certificate authority of its certificate; `None` for plain HTTP or a public one.
    pub ca_bundle: Option<PathBuf>,
    /// Whether sessions use HTTP/2.
    pub http2: bool,
}

impl Server {
    /// A session that sends everything to the server.
    pub fn session(&self, region: &str) -> Session {
        self.builder(region).build().expect("valid settings")
    }

    /// The builder of such a session; it does not read the environment.
    pub fn builder(&self, region: &str) -> aws_core::SessionBuilder {
        let builder = Session::builder()
            .environment(aws_core::config::Environment::empty())
            .region(region)
            .endpoint_url(&self.url)
            .credentials(self.credentials.clone())
            .http2(self.http2);
        match &self.ca_bundle {
            Some(path) => builder.ca_bundle(path),
            None => builder,
        }
    }
}

/// The moto of this process; `None` if it cannot run, and then the reason is printed to standard error.
pub fn moto() -> Option<Server> {
    match Moto::shared() {
        Ok(moto) => Some(Server {
            name: "moto",
            url: moto.url(),
            credentials: Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            verifies: false,
            ca_bundle: None,
            http2: false,
        }),
        Err(why) => {
            static REPORTED: OnceLock<()> = OnceLock::new();
            // Not through the test harness, which captures it: a skipped test must be seen.
            REPORTED.get_or_init(|| {
                let _ =
                    writeln!(std::io::stderr(), "SKIPPED: all tests that need a server, since moto cannot run: {why}");
            });
            None
        }
    }
}

/// The server at the URL in `VERIFY_ENDPOINT`, which checks signatures; `None` if that is not set. Its keys are in
/// `VERIFY_ACCESS_KEY` and `VERIFY_SECRET_KEY`, which have defaults for a private test server; `VERIFY_CA_BUNDLE` is
/// the PEM file of a private certificate authority.
pub fn verifying_server() -> Option<Server> {
    let var = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    Some(Server {
        name: "VERIFY_ENDPOINT",
        url: std::env::var("VERIFY_ENDPOINT").ok().filter(|it| !it.is_empty())?,
        credentials: Credentials::new(
            var("VERIFY_ACCESS_KEY", "AKIDLABEXAMPLE000001"),
            var("VERIFY_SECRET_KEY", "labSecretKey/EXAMPLE+000000000000000000001"),
        ),
        verifies: true,
        ca_bundle: std::env::var_os("VERIFY_CA_BUNDLE").map(PathBuf::from),
        http2: false,
    })
}

/// All servers to run against: moto and the verifying server, as far as they are available.
pub fn servers() -> Vec<Server> {
    moto().into_iter().chain(verifying_server()).collect()
}

/// The moto of this process behind TLS, over HTTP/1.1 and over HTTP/2; empty if moto cannot run.
pub fn tls_servers() -> Vec<Server> {
    static URL: OnceLock<String> = OnceLock::new();
    let Some(moto) = moto() else { return Vec::new() };
    let port = Moto::shared().map_or(0, Moto::port);
    let url = URL.get_or_init(|| tls_front::start(port)).clone();
    let over = |name, http2| Server { name, url: url.clone(), ca_bundle: Some(ca_file()), http2, ..moto.clone() };
    vec![over("moto over TLS and HTTP/1.1", false), over("moto over TLS and HTTP/2", true)]
}

/// Runs a story against a server to its end. Pages or events that never end fail it.
///
/// # Panics
/// If the story fails or takes too long, naming the server.
pub async fn finish(server: &str, story: impl Future<Output = aws_core::Result<()>>) {
    match tokio::time::timeout(STORY_TIMEOUT, story).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => panic!("{server}: {error:?}"),
        Err(_) => panic!("{server}: the story did not end within {STORY_TIMEOUT:?}"),
    }
}

/// A bucket name that no other test uses.
pub fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_micros();
    format!("{prefix}-{time}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Creates a bucket in the region of the session, unless it exists, and puts one small object into it for each key.
///
/// # Errors
/// Those of the requests.
pub async fn create_bucket(session: &Session, bucket: &str, keys: &[&str]) -> aws_core::Result<()> {
    let s3 = Client::new(session);
    let mut request = s3.create_bucket(bucket);
    if let Some(region) = session.region()?.filter(|it| *it != "us-east-1") {
        let configuration =
            CreateBucketConfiguration { location_constraint: Some(region.into()), ..Default::default() };
        request = request.create_bucket_configuration(configuration);
    }
    match request.send().await {
        Err(e) if e.is::<BucketAlreadyOwnedByYou>() || e.is::<BucketAlreadyExists>() => {}
        result => drop(result?),
    }
    for key in keys {
        s3.put_object(bucket, *key).body(format!("this is {key}")).send().await?;
    }
    Ok(())
}

/// Gives an example program a server. If `AWS_ENDPOINT_URL` is set, this does nothing: that server is used, with the
/// credentials of the environment. Otherwise it starts moto, runs the same program again with moto's URL and
/// credentials in the environment, and exits with that program's exit code.
///
/// So an example contains only the lines that a program for AWS needs.
pub fn use_local_server() {
    // reqwest needs this with the features that the workspace selects; a program with its default features does not.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if std::env::var_os("AWS_ENDPOINT_URL").is_some() {
        return;
    }
    let code = match (Moto::start(), std::env::current_exe()) {
        (Ok(moto), Ok(program)) => {
            let status = Command::new(program)
                .args(std::env::args_os().skip(1))
                .envs([("AWS_ENDPOINT_URL", &*moto.url()), ("AWS_EC2_METADATA_DISABLED", "true")])
                .envs([
                    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
                    ("AWS_SECRET_ACCESS_KEY", "secret"),
                    ("AWS_REGION", "us-east-1"),
                ])
                .env_remove("AWS_SESSION_TOKEN")
                .env_remove("AWS_PROFILE")
                .status();
            drop(moto);
            status.ok().and_then(|it| it.code()).unwrap_or(1)
        }
        (Err(why), _) => {
            let _ = writeln!(std::io::stderr(), "moto cannot run: {why}\nset AWS_ENDPOINT_URL to another server");
            1
        }
        (_, Err(why)) => {
            let _ = writeln!(std::io::stderr(), "{why}");
            1
        }
    };
    std::process::exit(code);
}
