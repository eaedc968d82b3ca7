//! The conformance data `credentials-chain`: sessions with a temporary home and recorded HTTP traffic, and how profiles
//! resolve to credentials.

use std::fs;
use std::path::{Path, PathBuf};

use aws_core::Session;
use aws_core::config::Environment;
use aws_core::config::profile::Profiles;
use aws_core::credential_providers::{BaseCredentials, Container, Imds, ProfileChain};
use aws_core::credentials::{Credentials, ProvideToken as _};
use aws_core::http::HttpErrorKind;
use aws_core::testing::{FixedClock, ReceivedRequest, RecordedSleep, Reply};
use aws_core::types::Timestamp;
use serde_json::{Value, json};
use tests::doubles::ScriptedClient;
use tests::suite::{Outcome, Suite, conformance, entries, read_json};

const SHELL: &str = "the command is a pipe: botocore runs it without a shell, and so do we";

/// Cases that fail, each with its reason.
const IGNORED: &[(&str, &str)] = &[
    ("profile-provider/credential_process", SHELL),
    ("profile-provider/credential_process_account_id_fallback", SHELL),
];

#[test]
fn sessions_and_profiles_resolve_the_credentials_of_the_conformance_data() {
    let Some(folder) = conformance("credentials-chain") else { return };
    let mut suite = Suite::new("credentials-chain", IGNORED);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for kind in ["default-credential-provider-chain", "profile-provider", "default-token-provider-chain"] {
        for case in entries(&folder.join(kind)) {
            let name = format!("{kind}/{}", case.file_name().unwrap_or_default().to_string_lossy());
            suite.run(&name, || runtime.block_on(run_session(&case, kind == "default-token-provider-chain")));
        }
    }
    for_each_case(&folder.join("assume-role-tests.json"), |index, case| {
        suite.run(&format!("assume-role/{index} {}", description(case)), || profile_chain(case));
    });
    for_each_case(&folder.join("ecs-tests.json"), |index, case| {
        suite.run(&format!("ecs/{index} {}", description(case)), || container(case));
    });
    for_each_case(&folder.join("imds-config/imds-endpoint-tests.json"), |index, case| {
        suite.run(&format!("imds/{index} {}", description(case)), || imds(case));
    });
    suite.finish();
}

fn for_each_case(file: &Path, mut run: impl FnMut(usize, &Value)) {
    let value = read_json(file);
    let cases = value.as_array().or_else(|| value["tests"].as_array());
    cases.into_iter().flatten().enumerate().for_each(|(index, case)| run(index, case));
}

fn description(case: &Value) -> &str {
    case["docs"].as_str().unwrap_or_default()
}

/// A temporary copy of a case's files, removed when it is dropped. Absolute paths in the files are changed to paths in
/// the copy.
struct Root(PathBuf);

impl Root {
    fn copy(files: &Path) -> Self {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("credentials-chain-{}-{number}", std::process::id()));
        fs::create_dir_all(root.join("home")).expect("temporary folder");
        let mut names = Vec::new();
        collect_files(files, files, &mut names);
        for name in &names {
            let mut text = fs::read_to_string(files.join(name)).expect("UTF-8");
            for other in names.iter().filter(|name| !name.starts_with("home")) {
                text = text.replace(&format!("/{}", other.display()), &root.join(other).display().to_string());
            }
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("inside")).expect("temporary folder");
            fs::write(path, text).expect("temporary file");
        }
        Self(root)
    }

    /// The path in the copy, if `value` is an absolute path that exists there; otherwise `value`.
    fn path_in_copy(&self, value: &str) -> String {
        let path = self.0.join(value.trim_start_matches('/'));
        if value.starts_with('/') && path.exists() { path.display().to_string() } else { value.to_owned() }
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn collect_files(root: &Path, folder: &Path, out: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        match path.is_dir() {
            true => collect_files(root, &path, out),
            false => out.push(path.strip_prefix(root).expect("inside").to_owned()),
        }
    }
}

/// The members of an object that are strings.
fn string_pairs(value: &Value) -> Vec<(String, String)> {
    let pairs = value.as_object().into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// Resolves credentials, or a token, in a session with the files, variables and HTTP traffic of the case.
async fn run_session(case: &Path, is_token: bool) -> Outcome {
    let root = Root::copy(&case.join("fs"));
    let env = string_pairs(&read_json(&case.join("env.json")))
        .into_iter()
        .map(|(name, value)| (name, root.path_in_copy(&value)));
    let (expected_requests, replies) = recording(&read_json(&case.join("http-traffic.json")));
    let client = ScriptedClient::new(replies).unverified();
    let mut builder = Session::builder()
        .environment(Environment::from_iter(env))
        .http_client(client.clone())
        .sleep(RecordedSleep::new().sleep());
    // The credentials recorded for this case have expired by now.
    if case.ends_with("imds_config_with_no_creds") {
        builder = builder.clock(FixedClock::from_secs(0).clock());
    }
    let found = builder.build();
    let found = match (found, is_token) {
        (Err(error), _) => Err(error),
        (Ok(session), true) => session
            .token_provider("service")
            .expect("resolved")
            .provide()
            .await
            .map(|token| json!({ "token": token.as_str(), "expiration": token.expiry().map(|it| it.to_string()) })),
        (Ok(session), false) => {
            session.credentials().expect("resolved").provide().await.map(|it| credentials_json(&it))
        }
    };
    let result = read_json(&case.join("test-case.json"))["result"].take();
    match (&found, result.get("Ok")) {
        (Ok(found), Some(expect)) if found == expect => {}
        (Err(error), None) => {
            let text = format!("{error} {error:?}");
            for secret in ["SecretAccessKey", "FAKE\"", "secret"] {
                if text.contains(secret) {
                    return Err(format!("a secret is in the error: {text}"));
                }
            }
        }
        _ => return Err(format!("{found:?} instead of {result}")),
    }
    let requests = client.requests();
    if requests.len() < expected_requests.len() || found.is_ok() && requests.len() > expected_requests.len() {
        return Err(format!("{} requests instead of {}", requests.len(), expected_requests.len()));
    }
    expected_requests.iter().zip(&requests).try_for_each(|(expect, found)| compare(expect, found))
}

/// Credentials as the conformance data writes them: a missing value is absent.
fn credentials_json(credentials: &Credentials) -> Value {
    let mut json = json!({
        "access_key_id": credentials.access_key_id(),
        "secret_access_key": credentials.secret_access_key(),
    });
    let mut put = |name: &str, value: Option<Value>| value.into_iter().for_each(|it| json[name] = it);
    put("session_token", credentials.session_token().map(Value::from));
    put("account_id", credentials.account_id().map(Value::from));
    put("expiry", credentials.expiry().map(Timestamp::as_secs).map(Value::from));
    json
}

/// The requests and the replies of a recording.
fn recording(value: &Value) -> (Vec<Value>, Vec<Reply>) {
    let events = value["events"].as_array().or_else(|| value.as_array()).cloned().unwrap_or_default();
    let (mut requests, mut replies) = (Vec::new(), Vec::new());
    for event in &events {
        let action = &event["action"];
        if let Some(request) = action.get("Request") {
            requests.push(request["request"].clone());
        } else if let Some(response) = action.get("Response") {
            replies.push(reply(&response["response"]));
        } else if let Some(data) = action.get("Data").filter(|it| it["direction"] == "Response") {
            let text = data["data"]["Utf8"].as_str().unwrap_or_default().to_owned();
            let last = replies.pop().expect("a response before its data");
            replies.push(last.body(text));
        }
    }
    (requests, replies)
}

fn reply(value: &Value) -> Reply {
    let Some(head) = value.get("Ok") else { return Reply::failure(HttpErrorKind::Io) };
    let status = head["status"].as_u64().and_then(|it| it.try_into().ok()).unwrap_or(200);
    let mut reply = Reply::new(status);
    for (name, values) in head["headers"].as_object().into_iter().flatten() {
        // The recorded length may be that of another body.
        if !name.eq_ignore_ascii_case("content-length") {
            for value in values.as_array().into_iter().flatten().filter_map(Value::as_str) {
                reply = reply.header(&name.to_lowercase(), value);
            }
        }
    }
    reply
}

fn compare(expect: &Value, found: &ReceivedRequest) -> Outcome {
    let split = |uri: &str| {
        let (start, query) = uri.split_once('?').unwrap_or((uri, ""));
        let mut pairs: Vec<_> = query.split('&').map(str::to_owned).collect();
        pairs.sort();
        (start.trim_end_matches('/').to_owned(), pairs)
    };
    let uri = expect["uri"].as_str().unwrap_or_default();
    if found.method != expect["method"].as_str().unwrap_or_default() || split(uri) != split(&found.url) {
        return Err(format!("{} {} instead of {expect}", found.method, found.url));
    }
    let token = "x-aws-ec2-metadata-token";
    match expect["headers"][token][0].as_str() {
        Some(value) if value != found.header(token) => {
            Err(format!("{token} of {uri} is {:?} instead of {value:?}", found.header(token)))
        }
        _ => Ok(()),
    }
}

/// Resolves a profile to a chain of base credentials and roles, without any request.
fn profile_chain(case: &Value) -> Outcome {
    let mut text = String::new();
    for (kind, sections) in [("profile", &case["input"]["profiles"]), ("sso-session", &case["input"]["sso_sessions"])] {
        for (name, pairs) in sections.as_object().into_iter().flatten() {
            text.push_str(&format!("[{kind} {name}]\n"));
            string_pairs(pairs).into_iter().for_each(|(key, value)| text.push_str(&format!("{key} = {value}\n")));
        }
    }
    let profiles = Profiles::parse(Some(("/config", &text)), None).map_err(|it| it.to_string())?;
    let found = ProfileChain::resolve(&profiles, case["input"]["selected_profile"].as_str().unwrap_or_default());
    let expect = case["output"].get("ProfileChain");
    match (found.map(|it| chain_json(&it)), expect) {
        (Ok(found), Some(expect)) if found == *expect => Ok(()),
        (Err(_), None) => Ok(()),
        (found, _) => Err(format!("{found:?} instead of {}", case["output"])),
    }
}

/// A chain as the conformance data writes it.
fn chain_json(chain: &ProfileChain) -> Value {
    let without_null = |value: Value| {
        let pairs = value.as_object().cloned().unwrap_or_default().into_iter();
        Value::Object(pairs.filter(|(_, it)| !it.is_null()).collect())
    };
    let base = match &chain.base {
        BaseCredentials::Keys(it) => json!({ "AccessKey": credentials_json(it) }),
        BaseCredentials::Environment => json!({ "NamedSource": "Environment" }),
        BaseCredentials::InstanceMetadata => json!({ "NamedSource": "Ec2InstanceMetadata" }),
        BaseCredentials::Container => json!({ "NamedSource": "EcsContainer" }),
        BaseCredentials::Process { command, account_id, .. } => {
            json!({ "CredentialProcess": without_null(json!({ "command": command, "account_id": account_id })) })
        }
        BaseCredentials::WebIdentity(it) => json!({ "WebIdentityToken": without_null(json!({
            "role_arn": it.role_arn,
            "web_identity_token_file": it.token_file,
            "role_session_name": it.session_name,
        })) }),
        BaseCredentials::Sso(it) => json!({ "Sso": without_null(json!({
            "sso_account_id": it.account_id,
            "sso_role_name": it.role_name,
            "sso_region": it.region,
            "sso_start_url": it.start_url,
            "sso_session": it.session,
        })) }),
        BaseCredentials::Login { session, .. } => json!({ "LoginSession": { "login_session_arn": session } }),
        other => json!(format!("{other:?}")),
    };
    let roles = chain.roles.iter().map(|it| {
        json!({ "AssumeRole": without_null(json!({
            "role_arn": it.role_arn,
            "external_id": it.external_id,
            "role_session_name": it.session_name,
        })) })
    });
    std::iter::once(base).chain(roles).collect()
}

/// A session with the files and variables of the case, and without HTTP traffic.
fn offline_session(case: &Value, root: &Root) -> Result<Session, String> {
    for (name, text) in string_pairs(&case["fs"]) {
        fs::write(root.0.join(name), text).expect("temporary file");
    }
    let env = string_pairs(&case["env"]).into_iter().map(|(name, value)| match &*name {
        "AWS_CONFIG_FILE" => (name, root.0.join(value).display().to_string()),
        _ => (name, value),
    });
    let builder = Session::builder().environment(Environment::from_iter(env));
    builder.http_client(ScriptedClient::default()).build().map_err(|it| it.to_string())
}

fn container(case: &Value) -> Outcome {
    let found = Container::new(&offline_session(case, &Root::copy(Path::new("/no/files")))?).url();
    let found = found.map(|url| url.map(|it| it.as_str().to_owned()));
    match (&found, case["result"]["Ok"].as_str()) {
        (Ok(Some(found)), Some(expect)) if found == expect => Ok(()),
        (Ok(None) | Err(_), None) => Ok(()),
        (found, _) => Err(format!("{found:?} instead of {}", case["result"])),
    }
}

fn imds(case: &Value) -> Outcome {
    let session = offline_session(case, &Root::copy(Path::new("/no/files")));
    let found = session.and_then(|session| {
        let mut builder = Imds::builder();
        if let Some(url) = case["endpoint_override"].as_str() {
            builder = builder.endpoint(url);
        }
        if let Some(mode) = case["mode_override"].as_str() {
            builder = builder.endpoint_mode(mode.parse().map_err(|it: aws_core::Error| it.to_string())?);
        }
        let endpoint = builder.build(&session).endpoint().map_err(|it| it.to_string())?;
        Ok(format!("{endpoint}/latest/api/token"))
    });
    match (&found, case["result"]["Ok"].as_str()) {
        (Ok(found), Some(expect)) if found == expect => Ok(()),
        (Err(_), None) => Ok(()),
        _ => Err(format!("{found:?} instead of {}", case["result"])),
    }
}
