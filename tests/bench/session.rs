//! What a session costs before anything is sent: creation with and without profile files, derived sessions, clients,
//! and the time a new process needs for its first signed request. Prints times, bytes and the budgets; enforces no
//! limit.

mod measure;

use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use allocation_counter::measure as count_allocations;
use aws_core::config::Environment;
use aws_core::{Credentials, Session};

const ROUNDS: usize = 2000;
const CLIENTS: usize = 10_000;
const PROCESSES: usize = 20;

/// The argument with which the benchmark runs itself as a program that only signs a request.
const CHILD: &str = "--first-request";

fn main() {
    if std::env::args().any(|it| it == CHILD) {
        return first_request();
    }
    let home = Home::new();
    sessions(&home);
    clients(&home);
    processes();
}

/// A session whose environment has this `HOME`.
fn session(home: &str) -> Session {
    let environment = Environment::from_iter([("HOME", home), ("AWS_REGION", "us-west-2")]);
    Session::builder().environment(environment).build().expect("valid settings")
}

fn sessions(home: &Home) {
    println!("a session, {ROUNDS} rounds; budget: 1,000 µs without files");
    let (path, config, credentials) = (home.path(), home.len("config"), home.len("credentials"));
    let with_files_name = format!("files of {config} and {credentials} bytes");
    let base = session(&path);
    let mut without_files = || drop(black_box(session("/nowhere")));
    let mut with_files = || drop(black_box(session(&path)));
    let mut derived = || drop(black_box(base.to_builder().region("eu-west-1").build().expect("valid settings")));
    let mut lazy = || drop(black_box(Session::builder().environment(Environment::empty()).build_lazy()));
    let mut read = || {
        for name in ["config", "credentials"] {
            black_box(std::fs::read_to_string(home.file(name)).expect("a file"));
        }
    };
    measure::alternating(
        ROUNDS,
        &mut [
            ("build without files", &mut without_files),
            (&with_files_name, &mut with_files),
            ("to_builder, another region", &mut derived),
            ("build_lazy", &mut lazy),
            ("reading the two files alone", &mut read),
        ],
    );
}

fn clients(home: &Home) {
    let session = session(&home.path());
    println!("\n{CLIENTS} clients of one session; budget: 2,048 bytes each, before they are used");
    print_cost("aws_s3::Client::new", || aws_s3::Client::new(&session));
    print_cost("aws_dynamodb::Client::new", || aws_dynamodb::Client::new(&session));
    print_cost("aws_sts::Client::new", || aws_sts::Client::new(&session));
    let one = aws_s3::Client::new(&session);
    print_cost("a clone of a client", || one.clone());
    print_cost("to_builder, another region", || {
        session.to_builder().region("eu-west-1").build().expect("valid settings")
    });
}

/// Prints the cost of one of many values, which are kept in a vector allocated before.
fn print_cost<T>(name: &str, create: impl Fn() -> T) {
    let mut values = Vec::with_capacity(CLIENTS);
    let start = Instant::now();
    let info = count_allocations(|| (0..CLIENTS).for_each(|_| values.push(create())));
    let time = start.elapsed().as_secs_f64() * 1e9 / CLIENTS as f64;
    let each = |it: f64| it / CLIENTS as f64;
    let (bytes, count, live) =
        (each(info.bytes_total as f64), each(info.count_total as f64), each(info.bytes_current as f64));
    println!(
        "{name:<36} {bytes:>6.0} bytes in {count:.0} allocations, {live:>6.0} of them still in use, {time:>6.0} ns"
    );
    drop(black_box(values));
}

/// Times processes that only sign a request, and processes that do nothing.
fn processes() {
    let program = std::env::current_exe().expect("this program");
    let run = |program: &str, arguments: &[&str]| {
        let mut times: Vec<Duration> = (0..PROCESSES)
            .map(|_| {
                let start = Instant::now();
                let status = Command::new(program).args(arguments).status().expect("a process");
                assert!(status.success(), "{program}");
                start.elapsed()
            })
            .collect();
        times.sort();
        (times[0].as_secs_f64() * 1e6, times[PROCESSES / 2].as_secs_f64() * 1e6)
    };
    println!("\na process from its start to its end, {PROCESSES} of each");
    for (name, (best, median)) in [
        ("signs a request", run(&program.display().to_string(), &[CHILD])),
        ("does nothing (`true`)", run("true", &[])),
    ] {
        println!("{name:<36} best {best:>6.0} µs, median {median:>6.0} µs");
    }
}

fn first_request() {
    let session = Session::builder()
        .region("us-west-2")
        .credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
        .build()
        .expect("valid settings");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let client = aws_s3::Client::new(&session);
    let signed = client.get_object("mybucket", "key").presign(Duration::from_secs(60));
    black_box(runtime.block_on(signed).expect("a signed request"));
}

/// A home folder with the profile files of a user with several accounts.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        let home = std::env::temp_dir().join(format!("aws-bench-session-{}", std::process::id()));
        std::fs::create_dir_all(home.join(".aws")).expect("temporary folder");
        let mut config = String::from(
            "# accounts of the company\n[default]\nregion = us-west-2\noutput = json\nretry_mode = standard\n\
             max_attempts = 4\ns3 =\n  addressing_style = virtual\n  use_accelerate_endpoint = false\n\n\
             [sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp.awsapps.com/start\n\
             sso_registration_scopes = sso:account:access\n\n[services local]\ndynamodb =\n\
             \x20 endpoint_url = http://localhost:8000\n",
        );
        let mut credentials = String::new();
        for (number, name) in
            ["build", "staging", "production", "audit", "sandbox", "network", "data"].iter().enumerate()
        {
            config.push_str(&format!(
                "\n[profile {name}]\nsso_session = corp\nsso_account_id = 11112222333{number}\n\
                 sso_role_name = Developer\nregion = eu-central-1\noutput = json\n\n[profile {name}-admin]\n\
                 role_arn = arn:aws:iam::11112222333{number}:role/Administrator\nsource_profile = {name}\n",
            ));
        }
        for name in ["default", "legacy", "ci"] {
            credentials.push_str(&format!(
                "[{name}]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
                 aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n\n"
            ));
        }
        let home = Self(home);
        std::fs::write(home.file("config"), config).expect("temporary file");
        std::fs::write(home.file("credentials"), credentials).expect("temporary file");
        home
    }

    fn path(&self) -> String {
        self.0.display().to_string()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(".aws").join(name)
    }

    fn len(&self, name: &str) -> u64 {
        std::fs::metadata(self.file(name)).expect("a file").len()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
