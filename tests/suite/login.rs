//! The conformance data `login`: cached logins of `aws login`, used or refreshed.

use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use aws_core::Session;
use aws_core::config::Environment;
use aws_core::testing::{FixedClock, RecordedSleep, Reply};
use serde_json::Value;
use tests::doubles::ScriptedClient;
use tests::suite::{Outcome, Suite, conformance, read_json};

#[test]
fn cached_logins_are_used_or_refreshed_as_the_conformance_data_says() {
    let Some(folder) = conformance("login") else { return };
    let mut suite = Suite::new("login", &[]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let cases = read_json(&folder.join("login-provider-test-cases.json"));
    for (index, case) in cases.as_array().into_iter().flatten().enumerate() {
        let name = case["documentation"].as_str().unwrap_or_default();
        suite.run(&format!("{index} {name}"), || runtime.block_on(run(index, case)));
    }
    suite.finish();
}

async fn run(index: usize, case: &Value) -> Outcome {
    let folder = std::env::temp_dir().join(format!("login-{}-{index}", std::process::id()));
    fs::create_dir_all(&folder).expect("temporary folder");
    let outcome = run_in(&folder, case).await;
    let _ = fs::remove_dir_all(&folder);
    outcome
}

async fn run_in(folder: &std::path::Path, case: &Value) -> Outcome {
    let config = folder.join("config");
    fs::write(&config, case["configContents"].as_str().unwrap_or_default()).expect("temporary file");
    for (name, content) in case["cacheContents"].as_object().into_iter().flatten() {
        fs::write(folder.join(name), content.to_string()).expect("temporary file");
    }
    let calls = case["mockApiCalls"].as_array().cloned().unwrap_or_default();
    let client = ScriptedClient::new(calls.iter().map(|call| match call["responseCode"].as_u64() {
        Some(status) => Reply::new(status.try_into().unwrap_or(400)).body("{}"),
        None => Reply::ok(call["response"]["tokenOutput"].to_string()).header("content-type", "application/json"),
    }));
    // The data has its own keys, and token requests that are signed in another way.
    let client = client.unverified();
    let path = |path: &std::path::Path| path.display().to_string();
    let env = [
        ("AWS_CONFIG_FILE", path(&config)),
        ("AWS_LOGIN_CACHE_DIRECTORY", path(folder)),
        ("AWS_REGION", "us-east-1".into()),
    ];
    let session = Session::builder()
        .environment(Environment::from_iter(env))
        .profile("signin")
        .http_client(client.clone())
        .sleep(RecordedSleep::new().sleep())
        // 2025-11-19T00:00:00Z
        .clock(FixedClock::new(UNIX_EPOCH + Duration::from_secs(1_763_510_400)).clock())
        .build()
        .map_err(|it| it.to_string())?;
    let found = session.credentials().expect("resolved").provide().await;
    for outcome in case["outcomes"].as_array().into_iter().flatten() {
        match (outcome["result"].as_str(), &found) {
            (Some("error"), Err(error)) => {
                let text = format!("{error} {error:?}");
                let secrets = ["oldExpiredSecretKey", "wJalrXUtn", "refresh_token_", "MIGHAgEA"];
                if let Some(secret) = secrets.into_iter().find(|it| text.contains(it)) {
                    return Err(format!("the secret {secret} is in the error: {text}"));
                }
            }
            (Some("credentials"), Ok(found)) => {
                let text = |name: &str| outcome[name].as_str();
                let parts = [
                    Some(found.access_key_id()),
                    Some(found.secret_access_key()),
                    found.session_token(),
                    found.account_id(),
                ];
                if parts != ["accessKeyId", "secretAccessKey", "sessionToken", "accountId"].map(text) {
                    return Err(format!("{found:?} instead of {outcome}"));
                }
            }
            (Some("cacheContents"), _) => {
                for (name, expect) in outcome.as_object().into_iter().flatten().filter(|it| it.0.ends_with(".json")) {
                    let found = read_json(&folder.join(name));
                    if found != *expect {
                        return Err(format!("{name} holds {found} instead of {expect}"));
                    }
                }
            }
            _ => return Err(format!("{found:?} instead of {outcome}")),
        }
    }
    let requests = client.requests();
    if requests.len() != calls.len() {
        return Err(format!("{} calls instead of {}", requests.len(), calls.len()));
    }
    for (request, call) in requests.iter().zip(&calls) {
        let input: Value = serde_json::from_slice(&request.body).map_err(|it| it.to_string())?;
        if input != call["request"]["tokenInput"] || request.header("dpop").split('.').count() != 3 {
            return Err(format!("{request:?} instead of {call}"));
        }
    }
    Ok(())
}
