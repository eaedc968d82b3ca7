//! Responses that arrive event by event, through generated toys: one protocol with the other members in the HTTP
//! headers, one with them in a first message, and one with XML.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aws_core::config::TimeoutConfig;
use aws_core::generated::Stream;
use aws_core::internals::eventstream::{EventHeaderValue, Message};
use aws_core::testing::Reply;
use aws_core::{Bytes, Error, ErrorKind, Timestamp};
use aws_listen::error::ChannelClosedException;
use aws_listen::operation::ListenOutput;
use aws_listen::types::Sounds;
use aws_talk::error::{ByeException, RoomClosedException};
use aws_talk::types::{Heard, Phrase, TalkOutput};
use aws_union::types::Changes;
use tests::doubles::{MockServer, ScriptedClient};
use tests::rounds::Rounds;

use super::{event, exception, message, session};

/// A successful response with these messages.
fn reply(messages: &[Message]) -> Reply {
    let body: Vec<u8> = messages.iter().flat_map(|it| it.encode().expect("a message")).collect();
    Reply::ok(body).header("content-type", "application/vnd.amazon.eventstream").header("x-amzn-requestid", "REQ1")
}

/// A call of the toy whose other members are in the first message, and the number of requests.
async fn listen(replies: impl IntoIterator<Item = Reply>) -> (aws_core::Result<ListenOutput>, usize) {
    let http = ScriptedClient::new(replies);
    let session = session().http_client(http.clone()).build().expect("a session");
    let response = aws_listen::Client::new(&session).listen().channel("one").send().await;
    (response, http.requests().len())
}

/// A call of the toy whose other members are in the HTTP headers.
async fn talk(reply: Reply) -> aws_talk::operation::TalkOutput {
    let session = session().http_client(ScriptedClient::new([reply])).build().expect("a session");
    let events = aws_core::EventInput::from_iter([]);
    aws_talk::Client::new(&session).talk("r", events).send().await.expect("a response")
}

/// The word of an event.
fn word(event: Option<Sounds>) -> String {
    match event {
        Some(Sounds::Sound(it)) => it.word.unwrap_or_default(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn the_first_message_fills_the_output() {
    let messages =
        [event("initial-response", r#"{"session":"s1"}"#), event("sound", r#"{"word":"a"}"#), event("sound", "")];
    let (response, _) = listen([reply(&messages)]).await;
    let mut response = response.expect("a response");
    assert_eq!(response.session.as_deref(), Some("s1"));
    assert_eq!(word(response.events.try_next().await.unwrap()), "a");
    assert_eq!(word(response.events.next().await.unwrap().ok()), "");
    assert!(response.events.try_next().await.unwrap().is_none());
    assert!(response.events.try_next().await.unwrap().is_none(), "nothing follows the end");
}

#[tokio::test]
async fn the_first_message_is_optional() {
    for messages in [vec![], vec![event("sound", r#"{"word":"a"}"#)]] {
        let (response, _) = listen([reply(&messages)]).await;
        let mut response = response.expect("a response");
        assert_eq!(response.session, None);
        let (mut count, mut rounds) = (0, Rounds::default());
        while let Some(event) = response.events.try_next().await.unwrap() {
            rounds.count();
            assert_eq!(word(Some(event)), "a");
            count += 1;
        }
        assert_eq!(count, messages.len());
    }
}

#[tokio::test]
async fn an_exception_before_the_first_event_fails_the_call() {
    let closed = exception("ChannelClosedException", r#"{"message":"too many"}"#);
    let (response, requests) = listen([reply(&[closed])]).await;
    let error = response.expect_err("an exception");
    assert!(error.is::<ChannelClosedException>());
    assert_eq!(requests, 1, "a client error is not retried");
    assert_eq!(
        error.to_string(),
        "An error occurred (ChannelClosedException) when calling the Listen operation: too many (status 400, request id REQ1)"
    );
    // A throttling exception is retried, since no event was returned yet.
    let throttling = exception("ThrottlingException", r#"{"message":"slower"}"#);
    let first = event("initial-response", r#"{"session":"s2"}"#);
    let (response, requests) = listen([reply(&[throttling]), reply(&[first])]).await;
    assert_eq!((response.expect("a response").session.as_deref(), requests), (Some("s2"), 2));
}

#[tokio::test]
async fn exceptions_end_the_stream() {
    let last = exception("byeException", r#"{"message":"that is all","seconds":30}"#);
    let mut events = talk(reply(&[event("phrase", r#"{"words":["a"]}"#), last, event("phrase", "{}")])).await.events;
    let phrase = Phrase { words: vec!["a".to_owned()].into(), ..Phrase::default() };
    assert_eq!(events.try_next().await.unwrap(), Some(TalkOutput::Phrase(phrase)));
    let error = events.try_next().await.expect_err("an exception");
    assert!(error.is::<ByeException>() && !error.is::<RoomClosedException>());
    let read = error.get::<ByeException>().expect("its members");
    assert_eq!((read.message.as_deref(), read.seconds), (Some("that is all"), Some(30)));
    assert_eq!((error.kind(), error.code()), (ErrorKind::Service, Some("ByeException")));
    assert_eq!((error.message(), error.request_id()), ("that is all", Some("REQ1")));
    assert_eq!(events.try_next().await.unwrap(), None, "an error ends the stream");
}

#[tokio::test]
async fn errors_of_all_kinds_end_the_stream() {
    async fn check(last: Bytes, expect: &str, kind: ErrorKind) {
        let first = event("note", "first").encode().unwrap();
        let mut events = talk(Reply::ok([first, last].concat())).await.events;
        assert!(
            matches!(events.try_next().await, Ok(Some(TalkOutput::Note(it))) if it.text.as_deref() == Some("first"))
        );
        let error: Error = events.try_next().await.expect_err(expect);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(expect), "{error} lacks {expect}");
        let status = if kind == ErrorKind::Service { 400 } else { 200 };
        assert_eq!((error.status(), error.attempts()), (Some(status), 1), "{error}");
        assert!(error.operation() == Some("Talk") && events.try_next().await.unwrap().is_none());
    }
    let bytes = |it: Message| it.encode().unwrap();
    let error =
        message(&[(":message-type", "error"), (":error-code", "InternalError"), (":error-message", "try later")], "");
    check(bytes(error), "(InternalError) when calling the Talk operation: try later", ErrorKind::Service).await;
    let unknown = exception("somethingNew", r#"{"message":"what?"}"#);
    check(bytes(unknown), "(somethingNew) when calling the Talk operation: what?", ErrorKind::Service).await;
    let unknown_type = message(&[(":message-type", "gossip")], "");
    check(bytes(unknown_type), "unknown type \"gossip\"", ErrorKind::Parse).await;
    check(bytes(message(&[(":message-type", "event")], "")), "without :event-type", ErrorKind::Parse).await;
    check(bytes(event("phrase", r#"{"words":7}"#)), "phrase.words", ErrorKind::Parse).await;
    check(bytes(event("phrase", r#"{"words""#)), "phrase", ErrorKind::Parse).await;
    let mut wrong_header = event("heard", "{}");
    wrong_header.headers.push("count", EventHeaderValue::String("three")).unwrap();
    check(bytes(wrong_header), "heard.count: the header count has an unexpected type", ErrorKind::Parse).await;
    let note = bytes(event("note", "cut"));
    check(note.slice(..note.len() - 1), "at least 1 bytes are missing", ErrorKind::Io).await;
    check(Bytes::from_static(b"no message at all"), "invalid event-stream message at byte", ErrorKind::Checksum).await;
    let mut flipped = note.to_vec();
    flipped[note.len() - 6] ^= 1;
    check(flipped.into(), "its checksum is", ErrorKind::Checksum).await;
}

#[tokio::test]
async fn a_byte_that_is_not_utf8_costs_a_character() {
    let note = Message { payload: Bytes::from_static(b"caf\xe9"), ..event("note", "") };
    let mut events = talk(reply(&[note])).await.events;
    let found = events.try_next().await.expect("an event");
    assert!(matches!(&found, Some(TalkOutput::Note(it)) if it.text.as_deref() == Some("caf\u{fffd}")), "{found:?}");
}

#[tokio::test]
async fn headers_and_payloads_of_events_fill_the_members() {
    let mut heard = event("heard", r#"{"words":["x"],"later":1}"#);
    for (name, value) in [
        ("flag", EventHeaderValue::Bool(true)),
        ("count", EventHeaderValue::Short(-3)),
        ("total", EventHeaderValue::Int(7)),
        ("raw", EventHeaderValue::Bytes(b"\0\xff")),
        ("name", EventHeaderValue::Uuid([0x11; 16])),
        ("time", EventHeaderValue::Timestamp(Timestamp::from_millis(1_500))),
        ("more", EventHeaderValue::Long(1)),
    ] {
        heard.headers.push(name, value).unwrap();
    }
    let sound = Message { payload: Bytes::from_static(b"\0\x01"), ..event("sound", "") };
    let messages = [event("initial-response", "{}"), heard, sound, event("echo", "?"), event("note", "")];
    let mut events = talk(reply(&messages)).await.events;
    let expect = Heard {
        flag: Some(true),
        count: Some(-3),
        total: Some(7),
        raw: Some(Bytes::from_static(b"\0\xff")),
        name: Some("11111111-1111-1111-1111-111111111111".to_owned()),
        time: Some(Timestamp::from_millis(1_500)),
        phrase: Some(Phrase { words: vec!["x".to_owned()].into(), ..Phrase::default() }),
        ..Heard::default()
    };
    assert_eq!(events.try_next().await.unwrap(), Some(TalkOutput::Heard(expect)));
    let TalkOutput::Sound(sound) = events.try_next().await.unwrap().unwrap() else { panic!("no sound") };
    assert_eq!((sound.data.as_deref(), sound.rate), (Some(&b"\0\x01"[..]), None));
    assert_eq!(events.try_next().await.unwrap(), Some(TalkOutput::Unknown("echo".to_owned())));
    let TalkOutput::Note(note) = events.try_next().await.unwrap().unwrap() else { panic!("no note") };
    assert_eq!(note.text.as_deref(), Some(""));
}

#[tokio::test]
async fn events_with_xml_payloads_are_read() {
    let body = "<Created><What>a</What><Value><Number>7</Number></Value></Created>";
    let session = session()
        .http_client(ScriptedClient::new([reply(&[event("Created", body), event("Chunk", "bytes"), event("End", "")])]))
        .build()
        .expect("a session");
    let mut changes = aws_union::Client::new(&session).watch().send().await.unwrap().changes;
    let Some(Changes::Created(event)) = changes.try_next().await.unwrap() else { panic!("no `Created` event") };
    assert_eq!((event.what.as_deref(), event.value), (Some("a"), Some(aws_union::types::Value::Number(7))));
    assert!(
        matches!(changes.try_next().await.unwrap(), Some(Changes::Chunk(it)) if it.payload.as_deref() == Some(b"bytes"))
    );
    assert!(matches!(changes.try_next().await.unwrap(), Some(Changes::End(_))));
    assert!(changes.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_stream_that_stalls_times_out() {
    let first = event("initial-response", "{}").encode().unwrap();
    let body = [first.clone(), event("sound", "{}").encode().unwrap()].concat();
    for (bytes, is_first_complete) in [(first.len(), true), (first.len() - 1, false)] {
        let server = MockServer::start([Reply::ok(body.clone()).stalled(bytes as u64)]);
        let timeouts = TimeoutConfig::new().read(Duration::from_millis(100));
        let session = session().endpoint_url(server.url()).timeouts(timeouts).max_attempts(1).build().unwrap();
        let response = aws_listen::Client::new(&session).listen().send().await;
        assert_eq!(response.is_ok(), is_first_complete);
        let error = match response {
            Ok(mut response) => response.events.try_next().await.expect_err("nothing comes"),
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    }
}

#[tokio::test]
async fn event_streams_hide_their_events_in_debug_output_and_implement_stream() {
    let (response, _) = listen([reply(&[event("initial-response", "{}"), event("sound", r#"{"word":"hush"}"#)])]).await;
    let mut response = response.expect("a response");
    assert!(!format!("{response:?}").contains("hush"));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(Pin::new(&mut response.events).poll_next(&mut cx), Poll::Ready(Some(Ok(Sounds::Sound(_))))));
    assert!(matches!(Pin::new(&mut ListenOutput::default().events).poll_next(&mut cx), Poll::Ready(None)));
}

#[tokio::test]
async fn a_response_with_explicit_events_is_built_by_hand() {
    let mut events = aws_core::EventStream::from_results([
        Ok(TalkOutput::Phrase(Phrase { words: vec!["a".to_owned()].into(), ..Default::default() })),
        Err(aws_core::testing::ServiceError::of(ByeException::default()).build()),
        Ok(TalkOutput::Phrase(Phrase::default())),
    ]);
    let first = events.try_next().await.expect("an event");
    assert!(matches!(first, Some(TalkOutput::Phrase(Phrase { words, .. })) if words == ["a"]));
    let error = events.try_next().await.expect_err("the exception");
    assert!(error.is::<ByeException>() && error.get::<ByeException>().is_some(), "{error}");
    assert!(events.try_next().await.expect("the end").is_none());
}
