//! A local stand-in for AWS: moto, installed from PyPI into the target directory and run on a free loopback port, and
//! what examples need so that they run without an account. Knows no test.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use aws_core::config::Environment;
use aws_core::{Credentials, Session, SessionBuilder};
use aws_s3::Client;
use aws_s3::error::{BucketAlreadyExists, BucketAlreadyOwnedByYou};
use aws_s3::types::CreateBucketConfiguration;

/// What pip installs, beside boto3 and botocore at the versions of the models. All services; for the tests.
const ALL_SERVICES: &str = "moto[server]==5.2.5";

/// What the examples need, which new users install first: a fifth of the time of [`ALL_SERVICES`]. The two beside moto
/// are those with which it serves.
const FOR_EXAMPLES: &str = "moto[s3]==5.2.5 flask flask-cors";

/// How long the server may take to start. Our choice: it only bounds a failure.
const START_TIMEOUT: Duration = Duration::from_secs(60);

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
        Self::run(install(ALL_SERVICES)?)
    }

    fn run(python: PathBuf) -> Result<Self, String> {
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

/// Where a server is, and what it accepts.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its URL.
    pub url: String,
    /// The credentials it accepts.
    pub credentials: Credentials,
    /// A PEM file with the certificate authority of its certificate; `None` for plain HTTP or a public one.
    pub ca_bundle: Option<PathBuf>,
}

impl Endpoint {
    /// That of a moto, which accepts any credentials.
    pub fn of(moto: &Moto) -> Self {
        let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        Self { url: moto.url(), credentials, ca_bundle: None }
    }

    /// The one in `VERIFY_ENDPOINT`, whose server checks signatures; `None` if that is not set. Its keys are in
    /// `VERIFY_ACCESS_KEY` and `VERIFY_SECRET_KEY`, which have defaults for a private test server; `VERIFY_CA_BUNDLE` is the
    /// PEM file of a private certificate authority.
    pub fn verifying() -> Option<Self> {
        let var = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
        let url = std::env::var("VERIFY_ENDPOINT").ok().filter(|it| !it.is_empty())?;
        let key = var("VERIFY_ACCESS_KEY", "AKIDLABEXAMPLE000001");
        let secret = var("VERIFY_SECRET_KEY", "labSecretKey/EXAMPLE+000000000000000000001");
        let ca_bundle = std::env::var_os("VERIFY_CA_BUNDLE").map(PathBuf::from);
        Some(Self { url, credentials: Credentials::new(key, secret), ca_bundle })
    }

    /// The builder of a session that sends everything there, and does not read the environment.
    pub fn builder(&self, region: &str) -> SessionBuilder {
        let builder = Session::builder()
            .environment(Environment::empty())
            .region(region)
            .endpoint_url(&self.url)
            .credentials(self.credentials.clone());
        match &self.ca_bundle {
            Some(path) => builder.ca_bundle(path),
            None => builder,
        }
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
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"),
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
    install(ALL_SERVICES)
}

/// What pip installs: moto, and of what moto needs the versions that the generator reads.
fn requirements(of_moto: &str) -> Vec<String> {
    let manifest = include_str!("../../../models/manifest.toml");
    let version = |package: &str| {
        let pin = manifest.split_once(&format!("[{package}]\nversion = \""))?.1;
        Some(format!("{package}=={}", pin.split_once('"')?.0))
    };
    let of_moto = of_moto.split(' ').map(str::to_owned);
    of_moto.chain([version("botocore"), version("boto3")].into_iter().flatten()).collect()
}

/// Installs moto once; processes that start at the same time wait for the first. Returns the Python interpreter.
fn install(of_moto: &str) -> Result<PathBuf, String> {
    let home = home();
    let (python, marker) = (home.join("venv/bin/python"), home.join("installed"));
    fs::create_dir_all(&home).map_err(|it| format!("{}: {it}", home.display()))?;
    let lock = File::create(home.join("lock")).map_err(|it| format!("{}: {it}", home.display()))?;
    lock.lock().map_err(|it| format!("{}: {it}", home.display()))?;
    let requirements = requirements(of_moto);
    let wanted = requirements.join(" ");
    // With all services it serves the examples, too.
    let all = self::requirements(ALL_SERVICES).join(" ");
    if fs::read_to_string(&marker).is_ok_and(|it| it == wanted || it == all) {
        return Ok(python);
    }
    let _ = writeln!(std::io::stderr(), "installing {wanted} into {} (once)", home.display());
    run(Command::new("python3").args(["-m", "venv", "--clear", "--without-pip"]).arg(home.join("venv")))?;
    // To compile all of it ahead takes longer than what a server imports does.
    let pip = ["install", "--quiet", "--disable-pip-version-check", "--no-compile"];
    // The system's pip, if there is one that can do it, saves installing another.
    let of_system =
        run(Command::new("python3").args(["-m", "pip", "--python"]).arg(&python).args(pip).args(&requirements));
    if of_system.is_err() {
        run(Command::new(&python).args(["-m", "ensurepip"]))?;
        run(Command::new(&python).args(["-m", "pip"]).args(pip).args(&requirements))?;
    }
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
/// credentials of the environment. Otherwise it starts moto and reports on standard error how long that took, runs the
/// same program again with moto's URL and credentials in the environment, and exits with that program's exit code.
///
/// So an example contains only the lines that a program for AWS needs.
pub fn use_local_server() {
    if std::env::var_os("AWS_ENDPOINT_URL").is_some() {
        return;
    }
    let start = Instant::now();
    let moto = install(FOR_EXAMPLES).and_then(Moto::run);
    let code = match (moto, std::env::current_exe()) {
        (Ok(moto), Ok(program)) => {
            let took = start.elapsed().as_secs_f64();
            let _ = writeln!(std::io::stderr(), "moto, a local AWS, started in {took:.1} s at {}", moto.url());
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
