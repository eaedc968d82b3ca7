//! The format and the locations of the config and credentials files, against the test cases that the AWS SDKs share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_core::Session;
use aws_core::config::Environment;
use aws_core::config::profile::{Profiles, Section};
use aws_core::internals::session::ProfileFiles;
use serde_json::{Map, Value, json};
use tests::suite::{conformance, read_json};

/// The result of a case; the error is the reason of its failure.
pub(crate) type Outcome = Result<Status, String>;

/// How a case that did not fail ended.
pub(crate) enum Status {
    Passed,
    Skipped,
}

/// Prints a suite's counts; fails if a case failed.
pub(crate) fn report(suite: &str, outcomes: &[(String, Outcome)]) {
    let count = |matches: fn(&Outcome) -> bool| outcomes.iter().filter(|(_, it)| matches(it)).count();
    let failed: Vec<_> = outcomes.iter().filter_map(|(name, it)| Some((name, it.as_ref().err()?))).collect();
    tests::say!(
        "suite {suite}: {} passed, {} failed, {} skipped",
        count(|it| matches!(it, Ok(Status::Passed))),
        failed.len(),
        count(|it| matches!(it, Ok(Status::Skipped))),
    );
    let failed: Vec<_> = failed.iter().map(|(name, why)| format!("{name}: {why}")).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

pub(crate) fn expect_equal<T: PartialEq + std::fmt::Debug>(found: &T, expect: &T) -> Outcome {
    if found == expect { Ok(Status::Passed) } else { Err(format!("{found:?}, expected {expect:?}")) }
}

fn cases<'a>(document: &'a Value, key: &str) -> impl Iterator<Item = (String, &'a Value)> {
    let name = |it: &Value| it["name"].as_str().unwrap_or("?").to_owned();
    document[key].as_array().into_iter().flatten().map(move |it| (name(it), it))
}

/// The environment variables in a JSON object.
pub(crate) fn variables(object: &Value) -> BTreeMap<String, String> {
    let pair = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    object.as_object().into_iter().flatten().filter_map(pair).collect()
}

#[test]
fn profile_files_parse_as_in_the_shared_cases() {
    let Some(folder) = conformance("profile-parser") else { return };
    let document = read_json(&folder.join("profile-parser-tests.json"));
    let outcomes = cases(&document, "tests").map(|(name, case)| (name.clone(), parse_unless_read(&name, case)));
    report("profile-parser", &outcomes.collect::<Vec<_>>());
}

/// Cases that want an error, or ignore a profile, where boto3 and the AWS CLI read the file, and so do we.
const READ_AS_BY_BOTO3: [(&str, &str); 3] = [
    ("Property definitions must contain an equals sign.", "`key : value` is a property, as in Python's configparser"),
    ("Sub-property definitions cannot have an empty name.", "botocore stores the value under an empty name"),
    ("Invalid profile names are ignored.", "botocore reads [in valid 2] of the credentials file as a profile"),
];

/// As [`parse`]; a case that is listed must still fail.
fn parse_unless_read(name: &str, case: &Value) -> Outcome {
    match (READ_AS_BY_BOTO3.iter().any(|it| it.0 == name), parse(case)) {
        (true, Err(_)) => Ok(Status::Skipped),
        (true, Ok(_)) => Err("it passes: remove it from the list".to_owned()),
        (false, outcome) => outcome,
    }
}

fn parse(case: &Value) -> Outcome {
    let file = |key| case["input"][key].as_str().unwrap_or_default();
    let found = Profiles::parse(Some(("/config", file("configFile"))), Some(("/credentials", file("credentialsFile"))));
    // A fault is an error of the section that it is in.
    let found = found.and_then(|found| {
        found.names().filter_map(|it| found.profile(it)).try_for_each(Section::check)?;
        Ok(found)
    });
    let found = match (found, case["output"]["errorContaining"].as_str()) {
        (Ok(found), None) => found,
        (Err(error), Some(part)) if error.to_string().contains(part) => return Ok(Status::Passed),
        (Err(error), _) => return Err(error.to_string()),
        (Ok(found), Some(_)) => return Err(format!("{found:?}, expected an error")),
    };
    let expect = &case["output"]["config"];
    let sessions = expect.get("sso_sessions").cloned().unwrap_or_else(|| json!({}));
    let found = [
        sections(found.names(), |it| found.profile(it)),
        sections(found.sso_session_names(), |it| found.sso_session(it)),
    ];
    expect_equal(&found, &[expect["profiles"].clone(), sessions])
}

fn sections<'a>(names: impl Iterator<Item = &'a str>, get: impl Fn(&str) -> Option<&'a Section>) -> Value {
    let keys = |it: &Section| it.iter().map(|(key, value)| (key.to_owned(), value.into())).collect::<Map<_, _>>();
    names.map(|name| (name.to_owned(), get(name).map(keys).into())).collect::<Map<_, _>>().into()
}

#[test]
fn profile_files_are_located_as_in_the_shared_cases() {
    let Some(folder) = conformance("profile-parser") else { return };
    let document = read_json(&folder.join("file-location-tests.json"));
    let locate = |case: &Value| {
        if case["platform"] != std::env::consts::OS {
            return Ok(Status::Skipped);
        }
        let environment = Environment::from_iter(variables(&case["environment"]));
        let files = ProfileFiles::locate(&environment);
        let path = |key: &str| case[key].as_str().map(PathBuf::from);
        expect_equal(&[files.config, files.credentials], &[path("configLocation"), path("credentialsLocation")])?;
        // No file has the profile of the case; the error about that names the selected profile.
        let Some(profile) = case["profile"].as_str() else { return Ok(Status::Passed) };
        let selected = Session::builder().environment(environment).build();
        match selected.and_then(|it| it.profile().map(str::to_owned)) {
            Ok(name) => expect_equal(&&*name, &profile),
            Err(error) if error.to_string().contains(&format!("profile {profile:?}")) => Ok(Status::Passed),
            Err(error) => Err(error.to_string()),
        }
    };
    let outcomes: Vec<_> = cases(&document, "tests").map(|(name, case)| (name, locate(case))).collect();
    report("file-location", &outcomes);
}

/// The sample files of botocore's tests, with the results that those expect.
#[test]
fn sample_files_of_botocore_parse_as_there() {
    let Some(folder) = conformance("profile-parser").map(|it| it.join("botocore-cfg")) else {
        return;
    };
    if !folder.is_dir() {
        return;
    }
    let read = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name)).expect("a sample");
        Profiles::parse(Some((name, &text)), None)
    };
    let names = |name: &str| read(name).expect(name).names().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(names("aws_config"), ["default", "personal"]);
    assert_eq!(names("aws_bad_profile"), ["default", "my profile", "personal1"]);
    assert!(read("aws_config_bad").is_err());

    let nested = read("aws_config_nested").expect("valid");
    let default = nested.profile("default").expect("a profile");
    assert_eq!(default.nested("s3", "signature_version"), Some("s3v4"));
    assert_eq!(default.nested("s3", "addressing_style"), Some("path"));
    assert_eq!(default.nested("cloudwatch", "signature_version"), Some("v4"));
    assert_eq!(default.get("cloudwatch"), Some("\nsignature_version = v4"));
    assert_eq!(default.get("region"), Some("us-west-2"));

    let services = read("aws_services_config").expect("valid");
    let section = services.services("my-services").expect("a section");
    assert_eq!(section.nested("s3", "endpoint_url"), Some("https://localhost:5678/"));
    assert_eq!(section.nested("dynamodb", "endpoint_url"), Some("https://localhost:8888/"));
}
