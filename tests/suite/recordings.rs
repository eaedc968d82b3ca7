//! Recordings: what is in the file, and what is not; which exchange responds to a call; and files that do not fit.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_core::config::Environment;
use aws_core::credentials::{Credentials, ProvideCredentials};
use aws_core::hooks;
use aws_core::http::{HeaderMap, HttpClient, HttpError, Request, Response, StatusCode};
use aws_core::internals::encoding::base64;
use aws_core::testing::{Mode, RecordedSleep, Recording, Reply, ScriptedClient};
use aws_core::{BoxFuture, ErrorKind, Session, SessionBuilder};
use aws_dynamodb::types::AttributeValue;
use aws_talk::error::{BadWordsException, ByeException};
use tests::doubles::MockServer;

use crate::event_stream::exception;

const KEY_ID: &str = "AKIDEXAMPLE1234";
const SECRET: &str = "wJalrXUtnFEMI-the-secret-key";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";

/// A file that is removed at the end of a test.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("recording-{}-{name}", std::process::id())).join("calls.jsonl");
        let file = Self(path);
        file.remove();
        file
    }

    fn recording(&self, mode: Mode) -> Recording {
        Recording::new(&self.0, mode).expect("a recording")
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.0).expect("a file")
    }

    fn write(&self, text: &str) {
        std::fs::create_dir_all(self.0.parent().expect("a folder")).expect("a folder");
        std::fs::write(&self.0, text).expect("a file");
    }

    fn remove(&self) {
        if let Some(folder) = self.0.parent() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.remove();
    }
}

fn builder(recording: &Recording) -> SessionBuilder {
    Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .sleep(RecordedSleep::new().sleep())
        .hook(recording.clone())
}

fn keys() -> Credentials {
    Credentials::new(KEY_ID, SECRET).with_session_token(TOKEN)
}

/// A session that records what a server responds.
fn online(recording: &Recording, server: &MockServer) -> Session {
    builder(recording).endpoint_url(server.url()).credentials(keys()).build().expect("settings")
}

/// A session that has no server and no credentials.
fn offline(recording: &Recording) -> Session {
    builder(recording).build().expect("settings")
}

/// What a program does with two services; the results.
async fn program(session: &Session) -> Vec<String> {
    let (s3, dynamodb) = (aws_s3::Client::new(session), aws_dynamodb::Client::new(session));
    let mut results = Vec::new();
    for key in ["a", "b"] {
        let result = async { s3.get_object("bucket", key).send().await?.body.collect().await };
        results.push(match result.await {
            Ok(body) => String::from_utf8_lossy(&body.into_bytes()).into_owned(),
            Err(error) => format!("{:?}", error.code()),
        });
    }
    let item = dynamodb.get_item("t", [("id", AttributeValue::S("1".to_owned()))]).send().await.expect("an item").item;
    results.push(format!("{:?}", item["name"].as_s()));
    results
}

fn replies() -> [Reply; 4] {
    [
        Reply::new(503),
        Reply::ok("first body").header("etag", "\"e1\"").header("x-amz-request-id", "R1"),
        Reply::new(404).body("<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"),
        Reply::ok(r#"{"Item":{"id":{"S":"1"},"name":{"S":"Ada"}}}"#),
    ]
}

#[tokio::test]
async fn what_was_recorded_is_replayed_without_a_server_and_without_credentials() {
    let file = File::new("replay");
    let server = MockServer::start(replies());
    let recording = file.recording(Mode::Auto);
    assert_eq!(recording.mode(), Mode::Record);
    let results = program(&online(&recording, &server)).await;
    recording.verify();
    assert_eq!(results, ["first body", "Some(\"NoSuchKey\")", "Some(\"Ada\")"]);
    drop(server);

    let text = file.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert!(lines[2].starts_with(
        r#"{"service":"S3","operation":"GetObject","input":{"Bucket":"bucket","Key":"a"},"status":200,"headers":{"#
    ));
    assert!(lines[2].ends_with(r#""body":["first body"]}"#), "{}", lines[2]);

    let recording = file.recording(Mode::Auto);
    assert_eq!((recording.mode(), recording.problems().len()), (Mode::Replay, 4));
    assert_eq!(program(&offline(&recording)).await, results);
    recording.verify();
    // Each exchange was used.
    let error = aws_s3::Client::new(&offline(&recording)).get_object("bucket", "a").send().await.expect_err("used");
    assert_eq!(error.kind(), ErrorKind::Hook);
    let text = error.to_string();
    assert!(text.contains("has no exchange for GetObject with {\"Bucket\":\"bucket\",\"Key\":\"a\"}"), "{text}");
    assert!(text.contains("that of line 2 was used already"), "{text}");
    assert_eq!(recording.problems().len(), 1);
}

/// A provider that counts how often it is asked.
#[derive(Clone, Debug, Default)]
struct Counted(Arc<AtomicUsize>);

impl ProvideCredentials for Counted {
    fn provide(&self) -> BoxFuture<'_, aws_core::Result<Credentials>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(keys())))
    }
}

#[tokio::test]
async fn a_replay_asks_for_no_credentials_where_the_endpoint_depends_on_them() {
    let file = File::new("account-id");
    file.write(concat!(
        "{\"aws-core recording\":1}\n",
        r#"{"service":"DynamoDB","operation":"ListTables","input":{},"status":200,"headers":{},"body":["{}"]}"#
    ));
    let recording = file.recording(Mode::Replay);
    let credentials = Counted::default();
    let session = builder(&recording).credentials(credentials.clone()).build().expect("settings");
    aws_dynamodb::Client::new(&session).list_tables().send().await.expect("the recorded response");
    assert_eq!(credentials.0.load(Ordering::Relaxed), 0);
    recording.verify();
}

#[tokio::test]
async fn calls_that_the_program_no_longer_makes_or_makes_newly_are_reported() {
    let file = File::new("changed");
    let server = MockServer::start(replies());
    program(&online(&file.recording(Mode::Record), &server)).await;
    let recording = file.recording(Mode::Replay);
    let s3 = aws_s3::Client::new(&offline(&recording));
    let error = s3.get_object("bucket", "c").send().await.expect_err("not recorded").to_string();
    assert!(error.contains("the nearest is in line 2: {\"Bucket\":\"bucket\",\"Key\":\"a\"}"), "{error}");
    let error = s3.list_buckets().send().await.expect_err("not recorded").to_string();
    assert!(error.contains("it has none of this operation"), "{error}");
    let problems = recording.problems();
    assert_eq!(problems.len(), 6, "{problems:?}");
    assert!(
        problems[0].contains(":2: this exchange was not used: GetObject with {\"Bucket\":\"bucket\""),
        "{problems:?}"
    );
    std::panic::catch_unwind(|| recording.verify()).expect_err("not satisfied");
}

#[tokio::test]
async fn the_mode_live_has_no_file() {
    let file = File::new("live");
    let server = MockServer::start(replies());
    let recording = file.recording(Mode::Live);
    program(&online(&recording, &server)).await;
    recording.verify();
    assert!(!file.0.exists());
}

/// Every place in which a secret can be in a call.
#[tokio::test]
async fn no_secret_reaches_the_file() {
    let file = File::new("secrets");
    let credentials = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAOUTPUT</AccessKeyId><SecretAccessKey>\
         hush-output</SecretAccessKey><SessionToken>hush-token</SessionToken></Credentials><PackedPolicySize>6\
         </PackedPolicySize></AssumeRoleResult></AssumeRoleResponse>";
    let spelled = TOKEN.replace('V', "&#x56;");
    let refused = format!(
        "<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIDEXAMPLE1234</AWSAccessKeyId><StringToSign>{TOKEN}\
         </StringToSign><Message>{spelled}</Message></Error>"
    );
    let echoed = Reply::ok("the key is hush-hush-hush-hush-hush-hush-hu").header("set-cookie", "hush-cookie");
    let binary = [b"\xa1\x78\x1c".as_slice(), TOKEN.as_bytes()].concat();
    let server = MockServer::start([
        Reply::ok(credentials),
        Reply::new(403).body(refused),
        Reply::new(400).body(binary),
        echoed,
    ]);
    let recording =
        file.recording(Mode::Record).redact_account_ids().sanitize(|text| text.replace("mybucket", "BUCKET"));
    let session = online(&recording, &server);
    let sts = aws_sts::Client::new(&session);
    let role = sts
        .assume_role("arn:aws:iam::123456789012:role/r", "session")
        .token_code("hush-code")
        .send()
        .await
        .expect("keys");
    assert_eq!(role.credentials.expect("keys").secret_access_key.as_deref(), Some("hush-output"), "the program has it");
    let s3 = aws_s3::Client::new(&session);
    s3.get_bucket_acl("mybucket").send().await.expect_err("refused");
    s3.get_bucket_policy("mybucket").send().await.expect_err("refused in CBOR");
    let get = s3.get_object("mybucket", "k").sse_customer_key("hush-hush-hush-hush-hush-hush-hu");
    get.send().await.expect("a response").body.collect().await.expect("a body");
    recording.verify();

    let text = file.text();
    assert!(text.contains("ASIAOUTPUT") && text.contains("arn:aws:iam::000000000000:role/r"), "{text}");
    assert!(text.contains("<SecretAccessKey>***</SecretAccessKey>") && text.contains("\"SSECustomerKey\""), "{text}");
    let in_base64 = "SVFvSmIzSnBaMmx1WDJWakVYQU1Q";
    for secret in
        ["hush", SECRET, TOKEN, &spelled, in_base64, "AKIDEXAMPLE1234", "123456789012", "mybucket", "Signature="]
    {
        assert!(!text.contains(secret), "{secret:?} in\n{text}");
    }
    // The redacted responses can still be read, and the inputs still be found.
    let recording =
        file.recording(Mode::Replay).redact_account_ids().sanitize(|text| text.replace("mybucket", "BUCKET"));
    let sts = aws_sts::Client::new(&offline(&recording));
    let role = sts
        .assume_role("arn:aws:iam::123456789012:role/r", "session")
        .token_code("another")
        .send()
        .await
        .expect("keys");
    assert_eq!(role.packed_policy_size, Some(6));
    assert_eq!(role.credentials.expect("keys").secret_access_key.as_deref(), Some("***"));
}

/// They have no shape there, only names; and a short value is a secret in its own place, too.
#[tokio::test]
async fn secrets_of_exceptions_do_not_reach_the_file() {
    let file = File::new("exceptions");
    let refused =
        r#"{"__type":"BadWordsException","Message":"hush: no","words":[{"at":7,"theWord":"no"}],"reason":"rude"}"#;
    let bye = exception("byeException", r#"{"message":"hush: bye","seconds":7}"#).encode().expect("a message");
    let replies = [Reply::new(400).body(refused), Reply::new(400).body("<hush/>"), Reply::ok(bye)];
    let program = async |session: &Session| {
        let client = aws_talk::Client::new(session);
        let talk =
            async || client.talk("r", aws_core::EventInput::<aws_talk::types::TalkInput>::from_iter([])).send().await;
        let (refused, other) = (talk().await.expect_err("refused"), talk().await.expect_err("refused"));
        let refused = refused.get::<BadWordsException>().expect("the exception");
        let bye = talk().await.expect("a response").events.next().await.expect("an event").expect_err("the end");
        assert_eq!((refused.reason.as_deref(), refused.words[0].at), (Some("rude"), Some(7)));
        assert_eq!(other.status(), Some(400));
        (refused, bye.get::<ByeException>().expect("the exception"))
    };
    let recording = file.recording(Mode::Record);
    let session = builder(&recording).credentials(keys()).http_client(ScriptedClient::new(replies)).build();
    let (refused, bye) = program(&session.expect("settings")).await;
    assert_eq!((refused.message.as_deref(), bye.message.as_deref()), (Some("hush: no"), Some("hush: bye")));
    let text = file.text();
    assert!(!text.contains("hush") && !text.contains(r#"\"no\""#) && text.contains("rude"), "{text}");
    assert!(!text.contains(&base64::encode("hush: bye")[..8]), "{text}");
    let recording = file.recording(Mode::Replay);
    let (refused, bye) = program(&offline(&recording)).await;
    assert_eq!((refused.message.as_deref(), refused.words[0].word.as_deref()), (Some("***"), Some("***")));
    assert_eq!((bye.message.as_deref(), bye.seconds), (Some("***"), Some(7)));
    recording.verify();
}

#[tokio::test]
async fn a_sanitizer_may_find_its_own_result_again() {
    let file = File::new("sanitizer");
    let server = MockServer::start([Reply::ok("x"), Reply::ok("y")]);
    let recording = |mode| file.recording(mode).sanitize(|text| text.replace("prod", "prod-eu"));
    let get = async |session: Session| {
        aws_s3::Client::new(&session).get_object("prod", "k").send().await.map(|it| it.body)?.collect().await
    };
    get(online(&recording(Mode::Record), &server)).await.expect("a body");
    assert!(file.text().contains("{\"Bucket\":\"prod-eu\",\"Key\":\"k\"}"), "{}", file.text());
    get(offline(&recording(Mode::Replay))).await.expect("the recorded response");
}

#[tokio::test]
async fn streams_keep_their_chunks_and_events_their_frames() {
    use aws_core::internals::eventstream::{EventHeaderValue, Message};
    let file = File::new("streams");
    let message = |word: &str| {
        let mut message = Message { payload: format!("{{\"word\":\"{word}\"}}").into(), ..Message::default() };
        message.headers.push(":message-type", EventHeaderValue::String("event")).expect("a header");
        message.headers.push(":event-type", EventHeaderValue::String("sound")).expect("a header");
        message.encode().expect("a frame")
    };
    let body = [message("a"), message("b")].concat();
    let server = MockServer::start([Reply::ok(body)]);
    let words = |session: Session| async move {
        let mut events = aws_listen::Client::new(&session).listen().channel("c").send().await.expect("events").events;
        let mut words = Vec::new();
        while let Some(event) = events.try_next().await.expect("an event") {
            words.push(format!("{event:?}"));
        }
        words
    };
    let recorded = words(online(&file.recording(Mode::Record), &server)).await;
    assert_eq!(recorded.len(), 2);
    assert!(file.text().contains("base64"), "{}", file.text());
    let recording = file.recording(Mode::Replay);
    assert_eq!(words(offline(&recording)).await, recorded);
    recording.verify();
}

#[test]
fn files_that_do_not_fit_are_errors_with_their_place() {
    fn check(text: Option<&str>, expect: &[&str]) {
        let file = File::new("broken");
        if let Some(text) = text {
            file.write(text);
        }
        let error = Recording::new(&file.0, Mode::Replay).expect_err("not a recording");
        assert_eq!(error.kind(), ErrorKind::Config);
        let message = error.to_string();
        assert!(message.contains("calls.jsonl"), "{message}");
        for part in expect {
            assert!(message.contains(part), "no {part:?} in {message}");
        }
    }
    let version = "{\"aws-core recording\":1}\n";
    let line = r#"{"service":"S3","operation":"ListBuckets","input":{},"status":200,"headers":{},"body":["x"]}"#;
    check(None, &["AWS_RECORDING=record"]);
    check(Some(""), &["line 1 is \"\"", "another version"]);
    check(Some("{\"aws-core recording\":2}\n"), &["line 1", "another version"]);
    check(Some(&format!("{version}{line}\n{}", &line[..40])), &["line 3: it is cut off or no JSON"]);
    check(Some(&format!("{version}{{}}")), &["line 2: the field status is missing"]);
    check(Some(&format!("{version}{}", line.replace("200", "\"x\""))), &["line 2: the status is no number"]);
    check(Some(&format!("{version}{}", line.replace("[\"x\"]", "7"))), &["line 2: the body is not a list of chunks"]);
    check(Some(&format!("{version}{}", line.replace("\"x\"", "{\"base64\":\"?\"}"))), &["line 2: the body"]);
    let file = File::new("sound");
    file.write(&format!("{version}{line}\n\n{line}\n"));
    assert_eq!(file.recording(Mode::Replay).problems().len(), 2);
}

#[tokio::test]
async fn a_replayed_stream_fails_where_the_program_stopped_to_read_when_it_was_recorded() {
    let file = File::new("dropped");
    let server = MockServer::start([Reply::ok("never read"), Reply::ok("")]);
    let recording = file.recording(Mode::Record);
    let s3 = aws_s3::Client::new(&online(&recording, &server));
    drop(s3.get_object("b", "k").send().await.expect("a response"));
    // Nothing is left to read of this one.
    drop(s3.get_object("b", "empty").send().await.expect("a response"));
    let text = file.text();
    let bodies: Vec<_> = text.lines().skip(1).filter_map(|it| it.split_once("\"body\":")).map(|it| it.1).collect();
    assert_eq!(bodies, ["[],\"partial\":true}", "[]}"]);
    let s3 = aws_s3::Client::new(&offline(&file.recording(Mode::Replay)));
    let body = s3.get_object("b", "k").send().await.expect("the head").body;
    let error = body.collect().await.expect_err("only a part");
    assert!(error.to_string().contains("line 2 of the recording has only the part"), "{error}");
    let body = s3.get_object("b", "empty").send().await.expect("the head").body;
    assert_eq!(body.collect().await.expect("nothing").len(), 0);
}

#[tokio::test]
async fn a_response_that_the_call_did_not_read_to_its_end_is_not_recorded() {
    let file = File::new("unread");
    let server = MockServer::start([Reply::ok("{\"TableNames\":[]}"), Reply::new(500).body("{}")]);
    let recording = file.recording(Mode::Record);
    // Called after the recording, since hooks see responses in the reverse order.
    let refuse = hooks::after_response(|_, _| panic!("refused"));
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .endpoint_url(server.url())
        .credentials(keys())
        .hook(refuse)
        .hook(recording);
    let dynamodb = aws_dynamodb::Client::new(&session.build().expect("settings"));
    for _ in 0..2 {
        dynamodb.list_tables().send().await.expect_err("refused");
    }
    assert_eq!(file.text().lines().count(), 1, "{}", file.text());
}

#[tokio::test]
async fn an_input_that_repeats_a_secret_is_found_in_the_recording() {
    async fn program(session: &Session, note: &str, key_id: &str) -> aws_core::Result<()> {
        let s3 = aws_s3::Client::new(session);
        let put = s3.put_object("b", "k").sse_customer_key(SSE_KEY).body("x");
        put.metadata([("note", note), ("by", key_id)]).send().await.map(drop)
    }
    const SSE_KEY: &str = "0123456789abcdefghij\\\"ABCDEFGHIJ";
    let file = File::new("repeated");
    let server = MockServer::start([Reply::ok("")]);
    let note = format!("the key is {SSE_KEY}.");
    program(&online(&file.recording(Mode::Record), &server), &note, KEY_ID).await.expect("a response");
    let text = file.text();
    assert!(text.contains("the key is ***.") && text.contains("\"by\":\"***\""), "{text}");
    let check = async |note: &str, is_found: bool| {
        let recording = file.recording(Mode::Replay);
        let found = program(&offline(&recording), note, "akid-of-another").await;
        assert_eq!((found.is_ok(), recording.problems().is_empty()), (is_found, is_found), "{note}: {found:?}");
    };
    check(&note, true).await;
    check("the key is another.", true).await;
    check("the key is another", false).await;
    check("no key", false).await;
    check("the key is \", \".", true).await;
}

#[tokio::test]
async fn only_what_was_redacted_may_be_any_text() {
    const KEY: &str = "0123456789abcdefghij0123456789ab";
    async fn check(note: &str, recorded: &str, others: &[(&str, bool)]) {
        let put = async |session: &Session, note: &str, sse_key: &str| {
            let put = aws_s3::Client::new(session).put_object("b", "k").sse_customer_key(sse_key.to_owned()).body("x");
            put.metadata([("note", note)]).send().await.map(drop)
        };
        let file = File::new("marks");
        let server = MockServer::start([Reply::ok("")]);
        put(&online(&file.recording(Mode::Record), &server), note, KEY).await.expect("a response");
        assert!(file.text().contains(recorded), "no {recorded} in {}", file.text());
        for (other, is_found) in [(note, true)].iter().chain(others) {
            let found = put(&offline(&file.recording(Mode::Replay)), other, "another-key-of-32-bytes-********").await;
            assert_eq!(found.is_ok(), *is_found, "{note:?} and {other:?}: {found:?}");
        }
    }
    check("plain", r#""note":"plain""#, &[("other", false)]).await;
    check("*** and <1>", r#""note":"*** and <1>""#, &[("any and <1>", false), ("*** and any", false)]).await;
    check(&format!("*** {KEY}"), r#""note":"*** <1>""#, &[("*** any", true), ("any <1>", false)]).await;
    check(&format!("a*{KEY}*"), r#""note":"a*<1>*""#, &[("a*any*", true), ("a*any", false), ("aany*", false)]).await;
    check(&format!("<1>{KEY}"), r#""note":"<1>***""#, &[("<1>any", true), ("any***", false)]).await;
}

/// A service that repeats all that it gets: in the body, in headers, in errors.
#[derive(Debug)]
struct Echo(u16);

impl HttpClient for Echo {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            let mut text = format!("{} {}\n", request.method, request.url.as_str());
            let mut headers = HeaderMap::new();
            for (index, (name, value)) in request.headers.iter().enumerate() {
                text += &format!("{name}: {}\n", value.to_str().unwrap_or_default());
                let name = format!("x-echo-{index}").parse::<aws_core::http::HeaderName>().expect("a name");
                headers.insert(name, value.clone());
            }
            let body = request.body.into_stream().collect().await.expect("a body").into_bytes();
            text += &String::from_utf8_lossy(&body);
            let status = StatusCode::from_u16(self.0).expect("a status");
            Ok(Response::new(status, headers, text))
        })
    }
}

#[tokio::test]
async fn no_secret_of_any_kind_of_credentials_reaches_the_file_whatever_a_service_repeats() {
    let mut random = 7_u64;
    let mut secret = |name: &str| {
        let mut text = format!("{name}/+=");
        for _ in 0..24 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push(char::from(b"abcdefghijKLMNOPQRST0123456789+/"[(random >> 59) as usize]));
        }
        text
    };
    for (round, status) in [200, 403, 400, 200, 500].into_iter().enumerate() {
        let file = File::new(&format!("echo-{round}"));
        let recording = file.recording(Mode::Record);
        let key = secret("sse_key")[..32].to_owned();
        let keys = ["id", "secret", "token", "api", "cookie", "code", "bearer"].map(&mut secret);
        let [id, secret_key, token, api, cookie, code, bearer] = keys.clone();
        let id = id.replace(['/', '+', '='], "X");
        let session = builder(&recording)
            .http_client(Echo(status))
            .max_attempts(2)
            .credentials(Credentials::new(&id, secret_key).with_session_token(token))
            .token_provider(aws_core::credentials::Token::new(bearer))
            .build()
            .expect("settings");
        let options = || aws_core::Options::new().header("x-api-key", &api).header("cookie", &cookie);
        let (s3, sts) = (aws_s3::Client::new(&session), aws_sts::Client::new(&session));
        let _ = async {
            s3.get_object("b", "k")
                .sse_customer_key(key.clone())
                .with_options(options())
                .send()
                .await?
                .body
                .collect()
                .await
        }
        .await;
        let _ = s3.put_object("b", "k").sse_customer_key(key.clone()).body("x").send().await;
        let _ = sts.assume_role("arn:aws:iam::123456789012:role/r", "session").token_code(code).send().await;
        let _ = sts.get_session_token().with_options(options()).send().await;
        let _ = aws_dynamodb::Client::new(&session).list_tables().with_options(options()).send().await;
        let text = file.text();
        assert!(text.lines().count() > 5, "{text}");
        for secret in keys.iter().chain([&id, &key]) {
            let base64 = aws_core::internals::encoding::base64::encode(secret);
            let percent = aws_core::internals::encoding::percent::encode(secret).into_owned();
            for spelling in [secret.clone(), base64, percent, secret.replace('/', "\\/")] {
                assert!(!text.contains(&spelling), "{spelling} in\n{text}");
            }
        }
        for hidden in text.split("Signature=").skip(1) {
            assert!(hidden.starts_with("***"), "{hidden}");
        }
    }
}
