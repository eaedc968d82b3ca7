//! Names of services, and what `--out` writes, read and compiled by cargo. Knows no generated code.

use std::path::PathBuf;
use std::process::Command;

use clap::Parser;

use super::*;

/// The arguments of the command line.
#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

/// Runs `cargo xtask generate` with these arguments.
fn generate(arguments: &[&str]) -> Outcome {
    run(&CommandLine::parse_from(["generate"].iter().chain(arguments)).arguments)
}

/// A temporary folder, deleted when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("xtask-generate-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        path.parent().map(fs::create_dir_all).transpose().and_then(|_| fs::write(path, text)).expect("a file");
    }

    fn names(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(path)).expect("a folder");
        let mut names: Vec<_> = entries.map(|it| it.expect("an entry").file_name().display().to_string()).collect();
        names.sort();
        names
    }

    /// Runs cargo in a folder below; returns its error output if it fails.
    fn cargo(&self, path: &str, arguments: &[&str]) -> Option<String> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(arguments).current_dir(self.0.join(path));
        let output = cargo.env("CARGO_TARGET_DIR", workspace::root().join("target/slim")).output().expect("cargo");
        (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program in a workspace, with the generated crate in `vendor`.
const PROGRAM: &str = "[package]\nname = \"app\"\nedition = \"2021\"\n[dependencies]\n\
                       aws-s3 = { path = \"../vendor/aws-s3\" }\n";

/// Writes a slim crate for itself and into a workspace.
fn slim(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.put("workspace/app/Cargo.toml", PROGRAM);
    folder.put("workspace/app/src/main.rs", "fn main() { let _ = aws_s3::Client::new; }\n");
    for out in ["alone", "workspace/vendor"] {
        let out = folder.0.join(out).display().to_string();
        let written = generate(&["s3", "--operations", "GetObject,ListObjectsV2,PutObject", "--out", &out]);
        assert!(written.is_ok(), "{out}");
    }
    folder
}

#[test]
fn service_names_match_in_every_spelling() {
    let known = ["cognito-idp", "iot", "iot-data", "sso-oidc", "sesv2"].map(str::to_string);
    let check = |name: &str, expect: Option<&str>| {
        assert_eq!(find_service(name, &known).map(String::as_str), expect, "{name}");
    };
    check("iot", Some("iot"));
    check("iot-data", Some("iot-data"));
    check("CognitoIDP", Some("cognito-idp"));
    check("sso_oidc", Some("sso-oidc"));
    check("aws-sesv2", Some("sesv2"));
    check("cognito", None);
    check("", None);
}

#[test]
fn selected_operations_need_a_folder_of_their_own() {
    let before = fs::read(workspace::root().join("services/aws-s3/src/client.rs")).expect("the client");
    let Err(Failure::Usage(message)) = generate(&["s3", "--operations", "GetObject"]) else { panic!("no error") };
    assert!(message.starts_with("--operations needs --out DIR: "), "{message}");
    assert!(fs::read(workspace::root().join("services/aws-s3/src/client.rs")).is_ok_and(|it| it == before));
}

#[test]
fn cargo_reads_a_generated_crate_alone_and_in_another_workspace() {
    let folder = slim("loads");
    let check = |path: &str| {
        let problem = folder.cargo(path, &["metadata", "--offline", "--no-deps", "--format-version=1"]);
        assert_eq!(problem, None, "{path}");
    };
    check("alone/aws-s3");
    // The path dependency of a member becomes a member, or is excluded and stands for itself.
    for exclude in ["", "exclude = [\"vendor\"]\n"] {
        folder.put("workspace/Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = [\"app\"]\n{exclude}"));
        check("workspace");
        check("workspace/vendor/aws-s3");
    }
    let files = folder.names("alone/aws-s3");
    assert_eq!(files, ["Cargo.toml", "LICENSE", "NOTICE", "README.md", "src"]);
    assert_eq!(folder.names("alone"), ["aws-s3"]);
}

#[test]
fn a_slim_client_replaces_a_full_one_and_its_resources() {
    let folder = Folder::new("orphans");
    let out = folder.0.display().to_string();
    assert!(generate(&["sqs", "--out", &out]).is_ok());
    folder.put("notes.md", "by hand");
    assert_eq!(folder.names(""), ["aws-sqs", "aws-sqs-resource", "notes.md"]);
    let slim = ["sqs", "--operations", "SendMessage", "--out", &out];
    assert!(matches!(generate(&[&slim[..], &["--check"]].concat()), Err(Failure::Found(_))));
    assert!(generate(&slim).is_ok());
    assert_eq!(folder.names(""), ["aws-sqs", "notes.md"]);
    assert_eq!(folder.names("aws-sqs/src/operation"), ["send_message.rs"]);
    assert!(generate(&[&slim[..], &["--check"]].concat()).is_ok());
}

/// Compiles for a minute, so it runs only on request: `cargo test -p xtask slim -- --ignored`.
#[test]
#[ignore = "builds workspaces of its own"]
fn a_slim_crate_compiles_alone_and_in_another_workspace() {
    let folder = slim("compiles");
    folder.put("workspace/Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"app\"]\n");
    for path in ["alone/aws-s3", "workspace"] {
        // The versions that the project is tested with; cargo removes what is not needed.
        let lock = fs::read_to_string(workspace::root().join("Cargo.lock")).expect("a lock file");
        folder.put(&format!("{path}/Cargo.lock"), &lock);
        assert_eq!(folder.cargo(path, &["check", "--quiet"]), None, "{path}");
    }
    // The links of the documentation name nothing that was left out.
    assert_eq!(folder.cargo("alone/aws-s3", &["doc", "--quiet", "--no-deps"]), None);
}
