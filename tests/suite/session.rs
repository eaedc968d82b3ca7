//! Sessions against botocore's test cases for configured endpoint URLs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_core::config::Environment;
use aws_core::session::Session;
use serde_json::Value;

use crate::profile_parser::{Outcome, expect_equal, report, variables};
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
fn configured_endpoint_urls_are_those_of_botocores_cases() {
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
    // Without a configured URL the endpoint rules of the service decide; then the session has no URL.
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

#[test]
fn a_client_reports_its_service_region_endpoint_and_session() {
    let session = |url: Option<&str>| {
        let builder = aws_core::Session::builder().environment(Environment::empty()).region("eu-west-1").app_id("mine");
        match url {
            Some(url) => builder.endpoint_url(url),
            None => builder,
        }
        .build()
        .expect("a session")
    };
    let s3 = aws_s3::Client::new(&session(None));
    let meta = s3.meta();
    assert_eq!((meta.service_id(), meta.api_version(), meta.signing_name()), ("S3", "2006-03-01", "s3"));
    assert_eq!(meta.region().expect("settings"), Some("eu-west-1"));
    assert_eq!(meta.endpoint_url().expect("an endpoint"), "https://s3.eu-west-1.amazonaws.com");
    assert_eq!(meta.config().expect("settings").app_id.as_deref(), Some("mine"));
    // A client of another service with the same session.
    let sts = aws_sts::Client::new(&meta.session().expect("the session"));
    assert_eq!(sts.meta().endpoint_url().expect("an endpoint"), "https://sts.eu-west-1.amazonaws.com");
    let s3 = aws_s3::Client::new(&session(Some("http://localhost:9000")));
    assert_eq!(s3.meta().endpoint_url().expect("an endpoint"), "http://localhost:9000");
    let nowhere = aws_core::Session::builder().environment(Environment::empty()).build().expect("a session");
    let error = aws_dynamodb::Client::new(&nowhere).meta().endpoint_url().expect_err("no region");
    assert_eq!(error.kind(), aws_core::ErrorKind::Config, "{error}");
}
