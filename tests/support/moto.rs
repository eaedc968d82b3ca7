//! A server that stands in for AWS: moto, installed from PyPI into the target directory and run on a free loopback port.
//! One for each process, and it ends with it. Knows no test.

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

/// What pip installs.
const PACKAGE: &str = "moto[server]==5.2.5";

/// How long the server may take to start.
const START: Duration = Duration::from_secs(60);

/// Serves on a port of the system's choice, tells it, and ends when the pipe that started it closes.
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

/// A running moto. Dropping it, or the end of the process however it comes, ends it.
#[derive(Debug)]
pub struct Moto {
    child: Child,
    port: u16,
}

impl Moto {
    /// Installs moto at the first use, and starts it.
    ///
    /// # Errors
    /// What is missing: python3, its venv module, the network, or the server's first word.
    pub fn start() -> Result<Self, String> {
        let python = install()?;
        let mut child = Command::new(python)
            .args(["-c", SERVE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|it| format!("moto cannot be started: {it}"))?;
        let (send, receive) = mpsc::channel();
        let stdout = child.stdout.take().ok_or("moto has no output")?;
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout).read_line(&mut line);
            let _ = send.send(line.trim().parse());
        });
        match receive.recv_timeout(START) {
            Ok(Ok(port)) => Ok(Self { child, port }),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                Err(format!("moto did not start within {START:?}: remove {} and try again", home().display()))
            }
        }
    }

    /// The moto of this process, started at the first use.
    ///
    /// # Errors
    /// As [`start`](Self::start), the same at each use.
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

/// The target directory.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(path) => path.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
    }
}

fn home() -> PathBuf {
    target().join("moto")
}

/// Installs once; processes that come at the same time wait for the first. Returns the interpreter.
fn install() -> Result<PathBuf, String> {
    let home = home();
    let (python, done) = (home.join("venv/bin/python"), home.join("installed"));
    fs::create_dir_all(&home).map_err(|it| format!("{}: {it}", home.display()))?;
    let lock = File::create(home.join("lock")).map_err(|it| format!("{}: {it}", home.display()))?;
    lock.lock().map_err(|it| format!("{}: {it}", home.display()))?;
    if fs::read_to_string(&done).is_ok_and(|it| it == PACKAGE) {
        return Ok(python);
    }
    let _ = writeln!(std::io::stderr(), "installing {PACKAGE} into {} (once)", home.display());
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home.join("venv")))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]))?;
    fs::write(&done, PACKAGE).map_err(|it| format!("{}: {it}", done.display()))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|it| format!("{command:?}: {it}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// A server for stories about S3.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name in messages.
    pub name: &'static str,
    /// Its URL.
    pub url: String,
    /// The keys it takes.
    pub credentials: Credentials,
    /// Whether it refuses a wrong signature.
    pub verifies: bool,
    /// A PEM file with the authority of its certificate.
    pub ca_bundle: Option<PathBuf>,
}

impl Server {
    /// A session with the server.
    pub fn session(&self, region: &str) -> Session {
        self.builder(region).build().expect("settings given in code")
    }

    /// A session with the server, not yet built; it does not read the environment.
    pub fn builder(&self, region: &str) -> aws_core::SessionBuilder {
        let builder = Session::builder()
            .environment(aws_core::config::Environment::empty())
            .region(region)
            .endpoint_url(&self.url)
            .credentials(self.credentials.clone());
        match &self.ca_bundle {
            Some(path) => builder.ca_bundle(path),
            None => builder,
        }
    }
}

/// The moto of this process; when it cannot run, says why on standard error, and is `None`.
pub fn moto() -> Option<Server> {
    match Moto::shared() {
        Ok(moto) => Some(Server {
            name: "moto",
            url: moto.url(),
            credentials: Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            verifies: false,
            ca_bundle: None,
        }),
        Err(why) => {
            static SAID: OnceLock<()> = OnceLock::new();
            // Past the capture of the test harness: a skipped story must be seen.
            SAID.get_or_init(|| {
                let _ = writeln!(
                    std::io::stderr(),
                    "SKIPPED: all stories that need a server, since moto cannot run: {why}"
                );
            });
            None
        }
    }
}

/// The server that `VERIFY_ENDPOINT` names, one that checks signatures, if it is set; its keys are those of
/// `VERIFY_ACCESS_KEY` and `VERIFY_SECRET_KEY`, which have defaults for a server of one's own, and the authority of its
/// certificate, if it has one of its own, that of the file `VERIFY_CA_BUNDLE`.
pub fn verifying() -> Option<Server> {
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
    })
}

/// The servers that stories are told to.
pub fn servers() -> Vec<Server> {
    moto().into_iter().chain(verifying()).collect()
}

/// A bucket name that no other story uses.
pub fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_micros();
    format!("{prefix}-{time}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Makes a bucket with one small object for each key, in the region of the session. A bucket that is there already will do.
///
/// # Errors
/// Those of the calls.
pub async fn fill(session: &Session, bucket: &str, keys: &[&str]) -> aws_core::Result<()> {
    let s3 = Client::new(session);
    let mut request = s3.create_bucket(bucket);
    if let Some(region) = session.region()?.filter(|it| *it != "us-east-1") {
        let place = CreateBucketConfiguration { location_constraint: Some(region.into()), ..Default::default() };
        request = request.create_bucket_configuration(place);
    }
    match request.send().await {
        Err(e) if e.is::<BucketAlreadyOwnedByYou>() || e.is::<BucketAlreadyExists>() => {}
        made => drop(made?),
    }
    for key in keys {
        s3.put_object(bucket, *key).body(format!("this is {key}")).send().await?;
    }
    Ok(())
}

/// Runs the program that calls it with a server to talk to. With `AWS_ENDPOINT_URL` set that server is used, with keys of
/// the environment; otherwise the program is run again, by itself, with the address and keys of a moto in its environment.
///
/// So the lines of an example are those one would write for AWS.
pub fn stage() {
    // What reqwest itself needs for TLS here; a program of its own with reqwest's default features does not.
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
