//! Runs every example with a server of its own, and checks its output.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use moto::Moto;

/// The examples, each with parts of its output.
const EXAMPLES: [(&str, &[&str]); 14] = [
    ("client_list", &["a.txt Some(", "logs/today.txt Some("]),
    ("client_paginate", &["e.txt Some(", "a page of 2", "a page of 1", "2 more"]),
    ("default_session", &["2 objects", "mybucket Some("]),
    (
        "hooks",
        &[
            "GET with Some(\"json/emf\")",
            "13 bytes",
            "missing: true",
            "GetObject: 2 calls, 0 failures",
            "HeadObject: 1 calls, 1 failures",
        ],
    ),
    ("logs", &["attempt succeeded attempt=1", "request{path=\"/files/a.txt\"}:call{", "aws.operation=\"GetObject\""]),
    ("pass_bucket", &["west-bucket:", "w2.txt Some(", "east-bucket:", "14 bytes"]),
    ("presign", &["PUT 200 OK", "GET 200 OK: hello"]),
    ("record_replay", &["recorded: [\"a.txt\", \"b.txt\"]", "replayed: [\"a.txt\", \"b.txt\"]"]),
    ("resource_list", &["a.txt Some(", "logs/today.txt Some("]),
    ("stub", &["total: 7", "free: true, then false", "attempts: 3, pauses: 2"]),
    (
        "two_regions",
        &["west-bucket: 2 objects", "east-bucket: 1 objects", "west-bucket: w2.txt", "east-bucket: e1.txt"],
    ),
    (
        "web_server",
        &[
            "/a.txt: this is a.txt",
            "/missing.txt: AWS request ",
            "request{method=GET path=\"/a.txt\"}:call{otel.name=S3.GetObject",
            "aws.request_id=\"",
        ],
    ),
    ("whoami", &["provider: env (profile default)", "account: 123456789012", "arn: arn:aws:"]),
    ("upload_download", &["up: 8388608 bytes", "down: 100 %"]),
];

/// Examples that take arguments, each with a test of its own beside this one.
const WITH_ARGUMENTS: [&str; 1] = ["s3"];

/// Whether the features that the example requires are on.
fn is_built(name: &str) -> bool {
    match name {
        "presign" => cfg!(feature = "reqwest"),
        "web_server" => cfg!(feature = "axum"),
        "logs" | "record_replay" | "stub" => cfg!(feature = "testing"),
        _ => true,
    }
}

/// The program that cargo built of an example: in `target/PROFILE/examples`, beside the `deps` of this test.
fn program(name: &str) -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    let path = test.parent()?.parent()?.join("examples").join(name);
    path.is_file().then_some(path)
}

#[test]
fn every_example_runs_and_prints_its_output() {
    if let Err(why) = Moto::shared() {
        // Not through the test harness, which captures it: a skipped test must be seen.
        let _ = writeln!(std::io::stderr(), "SKIPPED: the examples, since moto cannot run: {why}");
        return;
    }
    for (name, lines) in EXAMPLES {
        if !is_built(name) {
            continue;
        }
        let program = program(name).unwrap_or_else(|| panic!("{name} is not built"));
        let output = Command::new(program).env_remove("AWS_ENDPOINT_URL").output().expect("an example starts");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{name}: {out}{err}");
        assert!(name == "stub" || err.contains("moto, a local AWS, started in "), "{name}: {err}");
        for line in lines {
            assert!(out.contains(line), "{name}: no {line:?} in\n{out}");
        }
    }
}

#[test]
fn every_file_of_the_folder_is_an_example_that_runs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths = folder.read_dir().expect("a folder").map(|it| it.expect("an entry").path());
    let mut files: Vec<_> =
        paths.filter_map(|it| Some(it.file_name()?.to_str()?.strip_suffix(".rs")?.to_owned())).collect();
    files.sort();
    let mut names: Vec<_> = EXAMPLES.iter().map(|it| it.0).chain(WITH_ARGUMENTS).collect();
    names.sort_unstable();
    assert_eq!(files, names);
}
