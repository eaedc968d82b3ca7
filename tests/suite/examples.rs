//! Runs every example with a server of its own, and checks its output.

use std::path::PathBuf;
use std::process::Command;

/// The examples, each with parts of its output.
const EXAMPLES: [(&str, &[&str]); 9] = [
    ("client_list", &["a.txt Some(", "logs/today.txt Some("]),
    ("client_paginate", &["e.txt Some(", "a page of 2", "a page of 1", "2 more"]),
    ("default_session", &["2 objects", "mybucket Some("]),
    ("pass_bucket", &["west-bucket:", "w2.txt Some(", "east-bucket:", "14 bytes"]),
    ("presign", &["PUT 200 OK", "GET 200 OK: hello"]),
    ("resource_list", &["a.txt Some(", "logs/today.txt Some("]),
    (
        "two_regions",
        &["west-bucket: 2 objects", "east-bucket: 1 objects", "west-bucket: w2.txt", "east-bucket: e1.txt"],
    ),
    ("whoami", &["provider: env (profile default)", "account: 123456789012", "arn: arn:aws:"]),
    ("upload_download", &["up: 8388608 bytes", "down: 100 %"]),
];

/// The program that cargo built of an example: in `target/PROFILE/examples`, beside the `deps` of this test.
fn program(name: &str) -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    let path = test.parent()?.parent()?.join("examples").join(name);
    path.is_file().then_some(path)
}

#[test]
fn every_example_runs_and_prints_its_output() {
    if tests::moto::moto().is_none() {
        return;
    }
    let mut missing = Vec::new();
    for (name, lines) in EXAMPLES {
        let Some(program) = program(name) else {
            missing.push(name);
            continue;
        };
        let mut command = Command::new(program);
        let output = command.env_remove("AWS_ENDPOINT_URL").output().expect("an example starts");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{name}: {out}{err}");
        for line in lines {
            assert!(out.contains(line), "{name}: no {line:?} in\n{out}");
        }
    }
    if !missing.is_empty() {
        tests::say!("suite examples: not built, so not run: {}", missing.join(", "));
    }
}
