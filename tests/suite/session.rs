//! Sessions against the cases of botocore for configured endpoint URLs, and against those of the SDKs for the credential
//! chain that need no network.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_core::config::Environment;
use aws_core::credentials::Credentials;
use aws_core::session::Session;
use aws_core::value::Timestamp;
use serde_json::Value;

use crate::profile_parser::{Outcome, Ran, expect_equal, report, variables};
use tests::suite::{conformance, read_json};

/// A file in the temporary folder, removed at the end.
struct TempFile(PathBuf);

impl TempFile {
    fn new(text: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("aws-suite-session-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).expect("temporary file");
        Self(path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn configured_endpoint_urls() {
    let Some(folder) = conformance("configured-endpoint-urls") else { return };
    let document = read_json(&folder.join("profile-tests.json"));
    let mut outcomes = Vec::new();
    for suite in document["testSuites"].as_array().into_iter().flatten() {
        for case in suite["endpointUrlTests"].as_array().into_iter().flatten() {
            let name = case["name"].as_str().unwrap_or("?").to_owned();
            outcomes.push((name, endpoint_url(suite, case)));
        }
    }
    report("configured-endpoint-urls", &outcomes);
}

fn endpoint_url(suite: &Value, case: &Value) -> Outcome {
    let entry = |table: &str, key: &str| &suite[table][case[key].as_str().unwrap_or_default()];
    let profile = case["profile"].as_str().unwrap_or_default();
    let file = TempFile::new(&config_file(suite, profile, entry("profiles", "profile")));
    let path = file.0.to_string_lossy().into_owned();
    let mut environment = variables(entry("environments", "environment"));
    environment.insert("AWS_CONFIG_FILE".to_owned(), path);

    let mut builder = Session::builder().environment(Environment::from_iter(environment)).profile(profile);
    let client = entry("client_configs", "client_config");
    if let Some(url) = client["endpoint_url"].as_str() {
        builder = builder.endpoint_url(url);
    }
    if let Some(ignore) = client["ignore_configured_endpoint_urls"].as_bool() {
        builder = builder.ignore_configured_endpoint_urls(ignore);
    }
    let session = builder.build().map_err(|it| it.to_string())?;
    let config = session.config().map_err(|it| it.to_string())?;
    let service = match case["service"].as_str() {
        Some("dynamodb") => "DynamoDB",
        _ => "S3",
    };
    let found = config.endpoint_url(service).map_err(|it| it.to_string())?;
    // Without a configured URL the rules of the service decide: the session has only to leave it to them.
    let expect = case["output"]["endpointUrl"].as_str();
    let is_of_rules = expect.is_some_and(|it| it.ends_with(".amazonaws.com"));
    expect_equal(&found, &expect.filter(|_| !is_of_rules))
}

fn config_file(suite: &Value, name: &str, profile: &Value) -> String {
    let mut text = format!("[profile {name}]\n");
    for (key, value) in variables(profile) {
        let _ = writeln!(text, "{key} = {value}");
    }
    if let Some(services) = profile["services"].as_str() {
        let _ = writeln!(text, "[services {services}]");
        for (service, settings) in suite["services"][services].as_object().into_iter().flatten() {
            let _ = writeln!(text, "{service} =");
            for (key, value) in variables(settings) {
                let _ = writeln!(text, "  {key}={value}");
            }
        }
    }
    text
}

/// Every case of the chain without recorded requests; the others wait for the sources that make them.
#[tokio::test]
async fn credential_chain_without_network() {
    let Some(folder) = conformance("credentials-chain") else { return };
    let folder = folder.join("default-credential-provider-chain");
    let mut outcomes = Vec::new();
    let mut cases: Vec<_> = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|it| it.path()).collect();
    cases.sort();
    for case in cases {
        let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
        outcomes.push((name, chain(&case).await));
    }
    report("credentials-chain", &outcomes);
}

async fn chain(case: &Path) -> Outcome {
    let traffic = read_json(&case.join("http-traffic.json"));
    if traffic["events"].as_array().is_some_and(|it| !it.is_empty()) {
        return Ok(Ran::Skipped);
    }
    let mut environment = variables(&read_json(&case.join("env.json")));
    if let Some(home) = environment.get_mut("HOME") {
        *home = format!("{}{home}", case.join("fs").display());
    }
    let found = match Session::builder().environment(Environment::from_iter(environment)).build() {
        Ok(session) => match session.credentials() {
            Ok(provider) => provider.provide().await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    let result = &read_json(&case.join("test-case.json"))["result"];
    match (found, result.get("Ok")) {
        (Ok(found), Some(expect)) => {
            let text = |key: &str| expect[key].as_str().map(str::to_owned);
            let expiry = expect["expiry"].as_i64();
            expect_equal(
                &parts(&found),
                &(text("access_key_id"), text("secret_access_key"), text("session_token"), text("account_id"), expiry),
            )
        }
        (Err(error), _) if error.to_string().contains("not supported yet") => Ok(Ran::Skipped),
        (Err(_), None) => Ok(Ran::Passed),
        (found, _) => Err(format!("{found:?} instead of {result}")),
    }
}

type Parts = (Option<String>, Option<String>, Option<String>, Option<String>, Option<i64>);

fn parts(it: &Credentials) -> Parts {
    let owned = |it: &str| it.to_owned();
    (
        Some(owned(it.access_key_id())),
        Some(owned(it.secret_access_key())),
        it.session_token().map(owned),
        it.account_id().map(owned),
        it.expiry().map(Timestamp::as_secs),
    )
}
