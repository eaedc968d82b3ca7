//! The conformance data `credentials-chain`: sessions over fake homes and recorded traffic, and the ways from profiles to
//! credentials.

use std::fs;
use std::path::{Path, PathBuf};

use aws_core::Session;
use aws_core::config::Environment;
use aws_core::config::profile::Profiles;
use aws_core::credentials::{Credentials, ProvideToken as _};
use aws_core::http::HttpErrorKind;
use aws_core::sources::{BaseCredentials, Container, Imds, ProfileChain};
use aws_core::test_util::{FixedClock, Received, RecordedSleep, Reply, ScriptedClient};
use aws_core::value::Timestamp;
use serde_json::{Value, json};
use tests::suite::{Outcome, Suite, conformance, entries, read_json};

const SHELL: &str = "the command is a pipe: botocore runs it without a shell, and so do we";

/// Cases that fail, each with its reason.
const IGNORED: &[(&str, &str)] = &[
    ("profile-provider/credential_process", SHELL),
    ("profile-provider/credential_process_account_id_fallback", SHELL),
];

#[test]
fn credentials_chain() {
    let Some(folder) = conformance("credentials-chain") else { return };
    let mut suite = Suite::new("credentials-chain", IGNORED);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for kind in ["default-credential-provider-chain", "profile-provider", "default-token-provider-chain"] {
        for case in entries(&folder.join(kind)) {
            let name = format!("{kind}/{}", case.file_name().unwrap_or_default().to_string_lossy());
            suite.run(&name, || runtime.block_on(session(&case, kind == "default-token-provider-chain")));
        }
    }
    each(&folder.join("assume-role-tests.json"), |at, case| {
        suite.run(&format!("assume-role/{at} {}", docs(case)), || way(case));
    });
    each(&folder.join("ecs-tests.json"), |at, case| suite.run(&format!("ecs/{at} {}", docs(case)), || container(case)));
    each(&folder.join("imds-config/imds-endpoint-tests.json"), |at, case| {
        suite.run(&format!("imds/{at} {}", docs(case)), || imds(case));
    });
    suite.finish();
}

fn each(file: &Path, mut run: impl FnMut(usize, &Value)) {
    let value = read_json(file);
    let cases = value.as_array().or_else(|| value["tests"].as_array());
    cases.into_iter().flatten().enumerate().for_each(|(at, case)| run(at, case));
}

fn docs(case: &Value) -> &str {
    case["docs"].as_str().unwrap_or_default()
}

/// A copy of a case's files, removed at the end. Absolute paths among them lead into the copy.
struct Root(PathBuf);

impl Root {
    fn of(files: &Path) -> Self {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("credentials-chain-{}-{number}", std::process::id()));
        fs::create_dir_all(root.join("home")).expect("temporary folder");
        let mut names = Vec::new();
        collect(files, files, &mut names);
        for name in &names {
            let mut text = fs::read_to_string(files.join(name)).expect("UTF-8");
            for other in names.iter().filter(|it| !it.starts_with("home")) {
                text = text.replace(&format!("/{}", other.display()), &root.join(other).display().to_string());
            }
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("inside")).expect("temporary folder");
            fs::write(path, text).expect("temporary file");
        }
        Self(root)
    }

    /// A path that the copy has.
    fn inside(&self, value: &str) -> String {
        let path = self.0.join(value.trim_start_matches('/'));
        if value.starts_with('/') && path.exists() { path.display().to_string() } else { value.to_owned() }
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn collect(root: &Path, folder: &Path, out: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        match path.is_dir() {
            true => collect(root, &path, out),
            false => out.push(path.strip_prefix(root).expect("inside").to_owned()),
        }
    }
}

fn variables(value: &Value) -> Vec<(String, String)> {
    let pairs = value.as_object().into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

async fn session(case: &Path, is_token: bool) -> Outcome {
    let root = Root::of(&case.join("fs"));
    let env =
        variables(&read_json(&case.join("env.json"))).into_iter().map(|(name, value)| (name, root.inside(&value)));
    let (asked, replies) = recording(&read_json(&case.join("http-traffic.json")));
    let client = ScriptedClient::new(replies);
    let mut builder = Session::builder()
        .environment(Environment::from_iter(env))
        .http_client(client.clone())
        .sleep(RecordedSleep::new().sleep());
    // Recorded in that case's future, which the clock of today is past.
    if case.ends_with("imds_config_with_no_creds") {
        builder = builder.clock(FixedClock::at_epoch(0).clock());
    }
    let found = builder.build();
    let found = match (found, is_token) {
        (Err(error), _) => Err(error),
        (Ok(session), true) => session
            .token_provider("service")
            .expect("resolved")
            .provide()
            .await
            .map(|it| json!({ "token": it.as_str(), "expiration": it.expiry().map(|it| it.to_string()) })),
        (Ok(session), false) => session.credentials().expect("resolved").provide().await.map(|it| shown(&it)),
    };
    let result = read_json(&case.join("test-case.json"))["result"].take();
    match (&found, result.get("Ok")) {
        (Ok(found), Some(expect)) if found == expect => {}
        (Err(error), None) => {
            let text = format!("{error} {error:?}");
            for secret in ["SecretAccessKey", "FAKE\"", "secret"] {
                if text.contains(secret) {
                    return Err(format!("a secret in {text}"));
                }
            }
        }
        _ => return Err(format!("{found:?} instead of {result}")),
    }
    let requests = client.requests();
    if requests.len() < asked.len() || found.is_ok() && requests.len() > asked.len() {
        return Err(format!("{} requests instead of {}", requests.len(), asked.len()));
    }
    asked.iter().zip(&requests).try_for_each(|(expect, found)| compare(expect, found))
}

/// As the data writes them: what is missing is absent.
fn shown(it: &Credentials) -> Value {
    let mut value = json!({ "access_key_id": it.access_key_id(), "secret_access_key": it.secret_access_key() });
    let mut put = |name: &str, found: Option<Value>| found.into_iter().for_each(|it| value[name] = it);
    put("session_token", it.session_token().map(Value::from));
    put("account_id", it.account_id().map(Value::from));
    put("expiry", it.expiry().map(Timestamp::as_secs).map(Value::from));
    value
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
        // The length that was recorded may be that of another body.
        if !name.eq_ignore_ascii_case("content-length") {
            for value in values.as_array().into_iter().flatten().filter_map(Value::as_str) {
                reply = reply.header(&name.to_lowercase(), value);
            }
        }
    }
    reply
}

fn compare(expect: &Value, found: &Received) -> Outcome {
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
        Some(value) if value != found.header(token) => Err(format!("{token} of {uri} is another")),
        _ => Ok(()),
    }
}

/// From a profile to its credentials, without asking anybody.
fn way(case: &Value) -> Outcome {
    let mut text = String::new();
    for (kind, sections) in [("profile", &case["input"]["profiles"]), ("sso-session", &case["input"]["sso_sessions"])] {
        for (name, pairs) in sections.as_object().into_iter().flatten() {
            text.push_str(&format!("[{kind} {name}]\n"));
            variables(pairs).into_iter().for_each(|(key, value)| text.push_str(&format!("{key} = {value}\n")));
        }
    }
    let profiles = Profiles::parse(Some(("/config", &text)), None).map_err(|it| it.to_string())?;
    let found = ProfileChain::resolve(&profiles, case["input"]["selected_profile"].as_str().unwrap_or_default());
    let expect = case["output"].get("ProfileChain");
    match (found.map(|it| told(&it)), expect) {
        (Ok(found), Some(expect)) if found == *expect => Ok(()),
        (Err(_), None) => Ok(()),
        (found, _) => Err(format!("{found:?} instead of {}", case["output"])),
    }
}

fn told(chain: &ProfileChain) -> Value {
    let without_null = |value: Value| {
        let pairs = value.as_object().cloned().unwrap_or_default().into_iter();
        Value::Object(pairs.filter(|(_, it)| !it.is_null()).collect())
    };
    let base = match &chain.base {
        BaseCredentials::Keys(it) => json!({ "AccessKey": shown(it) }),
        BaseCredentials::Environment => json!({ "NamedSource": "Environment" }),
        BaseCredentials::InstanceMetadata => json!({ "NamedSource": "Ec2InstanceMetadata" }),
        BaseCredentials::Container => json!({ "NamedSource": "EcsContainer" }),
        BaseCredentials::Process { line, account_id, .. } => {
            json!({ "CredentialProcess": without_null(json!({ "command": line, "account_id": account_id })) })
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

fn bare(case: &Value, root: &Root) -> Result<Session, String> {
    for (name, text) in variables(&case["fs"]) {
        fs::write(root.0.join(name), text).expect("temporary file");
    }
    let env = variables(&case["env"]).into_iter().map(|(name, value)| match &*name {
        "AWS_CONFIG_FILE" => (name, root.0.join(value).display().to_string()),
        _ => (name, value),
    });
    let builder = Session::builder().environment(Environment::from_iter(env));
    builder.http_client(ScriptedClient::default()).build().map_err(|it| it.to_string())
}

fn container(case: &Value) -> Outcome {
    let found = Container::new(&bare(case, &Root::of(Path::new("/no/files")))?).url();
    let found = found.map(|it| it.map(|it| it.as_str().to_owned()));
    match (&found, case["result"]["Ok"].as_str()) {
        (Ok(Some(found)), Some(expect)) if found == expect => Ok(()),
        (Ok(None) | Err(_), None) => Ok(()),
        (found, _) => Err(format!("{found:?} instead of {}", case["result"])),
    }
}

fn imds(case: &Value) -> Outcome {
    let session = bare(case, &Root::of(Path::new("/no/files")));
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
