//! Exchanges of events in both directions at once, with a server that checks every signature.

use std::time::Duration;

use aws_core::internals::eventstream::{EventHeaderValue, Message};
use aws_core::testing::Reply;
use aws_core::{Bytes, ErrorKind, EventInput, EventSender, SessionBuilder, Timestamp};
use aws_talk::error::ByeException;
use aws_talk::types::{Bye, Heard, Phrase, Sound, TalkInput, TalkOutput};
use tests::doubles::MockServer;
use tests::http2::{Exchange, Http2Server, ca_file};
use tokio::sync::mpsc;

use super::{SECRET, event, exception, session};

/// How long a test waits for an event that must arrive. A passing test never waits that long.
const DEADLINE: Duration = Duration::from_secs(60);

type Response = aws_core::Result<aws_talk::operation::TalkOutput>;

/// Starts an exchange with this server.
async fn talk(server: &Http2Server, events: impl Into<EventInput<TalkInput>>) -> Response {
    talk_in_session(session().endpoint_url(&server.url), events).await
}

async fn talk_in_session(session: SessionBuilder, events: impl Into<EventInput<TalkInput>>) -> Response {
    let client = aws_talk::Client::new(&session.build().expect("a session"));
    tokio::time::timeout(DEADLINE, client.talk("a room", events).voice("low").send()).await.expect("a response in time")
}

/// An event with one word.
fn phrase(word: &str) -> TalkInput {
    TalkInput::Phrase(Phrase { words: vec![word.to_owned()].into(), ..Phrase::default() })
}

/// The words of a received event.
fn words_of(event: Option<TalkOutput>) -> Vec<String> {
    match event {
        Some(TalkOutput::Phrase(it)) => it.words.into(),
        other => panic!("{other:?}"),
    }
}

/// Sends every event back, and an exception after the last one.
async fn echo(mut exchange: Exchange) {
    assert_eq!(exchange.head.uri.path(), "/talk/a%20room");
    assert_eq!(exchange.header("x-toy-voice"), "low");
    assert_eq!(exchange.header("content-type"), "application/vnd.amazon.eventstream");
    exchange.response(200, &[("x-toy-session", "s1")]);
    while let Some(message) = exchange.message().await.expect("a client") {
        let (kind, document) = (message.headers.get_str(":event-type").unwrap_or_default(), message.payload.clone());
        exchange.send(&Message { payload: document, ..event(kind, "") });
    }
    exchange.send(&exception("byeException", r#"{"seconds":1}"#));
    exchange.end();
}

/// Sends every event back as soon as it arrives, and checks its signature.
async fn echo_verified(mut exchange: Exchange) {
    let mut verifier = exchange.verify_signature(SECRET);
    exchange.response(200, &[("x-toy-session", "s1")]);
    while let Some(signed) = exchange.message().await.expect("a client") {
        let Some(inner) = verifier.verify(&signed) else { break };
        assert_eq!(inner.headers.get_str(":message-type"), Some("event"));
        assert_eq!(inner.headers.get_str(":content-type"), Some("application/json"));
        exchange.send(&Message { payload: inner.payload, ..event(inner.headers.get_str(":event-type").unwrap(), "") });
    }
    assert!(exchange.message().await.expect("a client").is_none(), "nothing follows the message that ends the events");
    exchange.send(&event("note", "done"));
    exchange.end();
}

#[tokio::test]
async fn events_are_received_while_more_are_sent() {
    let server = Http2Server::start(|_, exchange| echo_verified(exchange)).await;
    converse(session().endpoint_url(&server.url)).await;
}

#[tokio::test]
async fn exchanges_work_over_tls_and_verify_the_certificate() {
    // HTTP/2 is chosen among the protocols that the server offers, although it is the last one.
    let server = Http2Server::start_tls(&["http/1.1", "h2"], |_, exchange| echo_verified(exchange)).await;
    let tls = || session().endpoint_url(&server.url).ca_bundle(ca_file());
    converse(tls()).await;
    // The certificate is verified: without its authority the connection fails.
    let untrusting = session().endpoint_url(&server.url).max_attempts(1);
    let error =
        talk_in_session(untrusting, EventInput::from_iter([phrase("a")])).await.expect_err("an unknown authority");
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert!(error.is_retryable() && error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn a_tls_server_without_http2_is_an_error() {
    let server = Http2Server::start_tls(&["http/1.1"], |_, exchange| echo(exchange)).await;
    let session = session().endpoint_url(&server.url).ca_bundle(ca_file()).max_attempts(1);
    let error = talk_in_session(session, EventInput::from_iter([phrase("a")])).await.expect_err("HTTP/1.1");
    assert!(error.to_string().contains("HTTP/2"), "{error}");
    assert!(matches!(error.kind(), ErrorKind::Io | ErrorKind::Connect | ErrorKind::Tls), "{error:?}");
}

/// Sends three events, and waits for the response to each before the next one.
async fn converse(session: SessionBuilder) {
    let (sender, events) = EventInput::channel(1);
    let mut response = talk_in_session(session, events).await.expect("a response");
    assert_eq!(response.session.as_deref(), Some("s1"));
    for word in ["one", "two", "three"] {
        sender.send(phrase(word)).await.expect("an open exchange");
        let echo = tokio::time::timeout(DEADLINE, response.events.try_next()).await.expect("a response to each");
        assert_eq!(words_of(echo.unwrap()), [word]);
    }
    drop(sender);
    let last = tokio::time::timeout(DEADLINE, response.events.try_next()).await.expect("the end");
    assert!(matches!(last.unwrap(), Some(TalkOutput::Note(it)) if it.text.as_deref() == Some("done")));
    assert!(response.events.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn events_are_encoded_with_headers_content_type_and_payload() {
    let (sender, mut received) = mpsc::unbounded_channel();
    let server = Http2Server::start(move |_, mut exchange| {
        let sender = sender.clone();
        async move {
            let mut verifier = exchange.verify_signature(SECRET);
            while let Some(signed) = exchange.message().await.expect("a client") {
                if let Some(inner) = verifier.verify(&signed) {
                    let _ = sender.send(inner);
                }
            }
            exchange.response(200, &[]);
            exchange.end();
        }
    })
    .await;
    let phrase = Phrase { words: vec!["x".to_owned()].into(), secret: Some("s".to_owned()), ..Default::default() };
    let heard = Heard {
        flag: Some(false),
        count: Some(3),
        total: Some(4),
        raw: Some(Bytes::from_static(b"\x01")),
        name: Some("n".to_owned()),
        time: Some(Timestamp::from_secs(9)),
        phrase: Some(phrase),
        ..Default::default()
    };
    let sound = Sound { data: Some(Bytes::from_static(b"\0\0")), rate: Some(8000), ..Default::default() };
    let events = [TalkInput::Heard(heard), TalkInput::Sound(sound), TalkInput::Bye(Bye::default())];
    let mut response = talk(&server, EventInput::from_iter(events)).await.expect("a response");
    assert!(response.events.try_next().await.unwrap().is_none());
    let mut check = |name: &str, media_type: &str, payload: &[u8], more: &[(&str, EventHeaderValue<'_>)]| {
        let message = received.try_recv().expect("an event");
        let headers: Vec<_> = message.headers.iter().collect();
        let text = EventHeaderValue::String;
        let first =
            [(":message-type", text("event")), (":event-type", text(name)), (":content-type", text(media_type))];
        assert_eq!(headers, [&first, more].concat());
        assert_eq!(message.payload, payload);
    };
    let headers = [
        ("flag", EventHeaderValue::Bool(false)),
        ("count", EventHeaderValue::Int(3)),
        ("total", EventHeaderValue::Long(4)),
        ("raw", EventHeaderValue::Bytes(b"\x01")),
        ("name", EventHeaderValue::String("n")),
        ("time", EventHeaderValue::Timestamp(Timestamp::from_secs(9))),
    ];
    check("heard", "application/json", br#"{"words":["x"],"secret":"s"}"#, &headers);
    check("sound", "application/octet-stream", b"\0\0", &[("rate", EventHeaderValue::Int(8000))]);
    check("bye", "application/json", b"{}", &[]);
    assert!(received.try_recv().is_err());
}

#[tokio::test]
async fn without_credentials_nothing_is_signed() {
    let server = Http2Server::start(|_, exchange| async move {
        assert_eq!(exchange.header("authorization"), "");
        echo(exchange).await;
    })
    .await;
    let anonymous = session().credentials(aws_core::credentials::Anonymous).endpoint_url(&server.url);
    let mut response =
        talk_in_session(anonymous, EventInput::from_iter([phrase("a"), phrase("b")])).await.expect("a response");
    assert_eq!(words_of(response.events.try_next().await.unwrap()), ["a"]);
    assert_eq!(words_of(response.events.try_next().await.unwrap()), ["b"]);
    assert!(response.events.try_next().await.expect_err("good-bye").is::<ByeException>());
}

/// Waits until the exchange has ended and events can no longer be sent.
async fn wait_until_closed(sender: &EventSender<TalkInput>) {
    let send = async { while sender.send(phrase("more")).await.is_ok() {} };
    tokio::time::timeout(DEADLINE, send).await.expect("the exchange ends");
    let error = sender.send(phrase("more")).await.expect_err("closed");
    assert!(error.kind() == ErrorKind::Body && sender.is_closed(), "{error}");
}

#[tokio::test]
async fn dropping_the_response_ends_the_exchange() {
    let (sender, mut received) = mpsc::unbounded_channel();
    let server = Http2Server::start(move |_, mut exchange| {
        let sender = sender.clone();
        async move {
            exchange.response(200, &[]);
            while let Ok(Some(_)) = exchange.message().await {}
            let _ = sender.send(());
        }
    })
    .await;
    let (sender, events) = EventInput::channel(4);
    let response = talk(&server, events).await.expect("a response");
    sender.send(phrase("a")).await.expect("an open exchange");
    drop(response);
    wait_until_closed(&sender).await;
    tokio::time::timeout(DEADLINE, received.recv()).await.expect("the server sees the reset");
}

#[tokio::test]
async fn an_exception_ends_both_directions() {
    let server = Http2Server::start(|_, mut exchange| async move {
        exchange.response(200, &[]);
        let _ = exchange.message().await;
        exchange.send(&exception("byeException", r#"{"message":"enough"}"#));
        exchange.end();
    })
    .await;
    let (sender, events) = EventInput::channel(4);
    let mut response = talk(&server, events).await.expect("a response");
    sender.send(phrase("a")).await.expect("an open exchange");
    let error = response.events.try_next().await.expect_err("an exception");
    assert_eq!(error.get::<ByeException>().and_then(|it| it.message).as_deref(), Some("enough"));
    wait_until_closed(&sender).await;
}

#[tokio::test]
async fn an_event_that_cannot_be_sent_ends_the_exchange_with_an_error() {
    async fn check(bad: aws_core::Result<TalkInput, &'static str>, kind: ErrorKind, expect: &str) {
        let server = Http2Server::start(|_, mut exchange| async move {
            exchange.response(200, &[]);
            while let Ok(Some(_)) = exchange.message().await {}
        })
        .await;
        let (send, mut receive) = mpsc::channel(4);
        let stream = stream_from_fn(move |cx| receive.poll_recv(cx));
        send.send(Ok(phrase("fine"))).await.unwrap();
        let mut response = talk(&server, EventInput::from_results(stream)).await.expect("a response");
        send.send(bad).await.unwrap();
        let error = tokio::time::timeout(DEADLINE, response.events.try_next()).await.unwrap().expect_err(expect);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(expect) && error.to_string().starts_with("Talk: "), "{error}");
    }
    let nothing = TalkInput::Phrase(Phrase::default());
    check(Ok(nothing), ErrorKind::Validation, "Missing required parameter in phrase: \"words\"").await;
    check(Ok(TalkInput::Unknown("new".to_owned())), ErrorKind::Validation, "Must set one of").await;
    check(Err("the microphone is gone"), ErrorKind::Body, "the microphone is gone").await;
    let huge = Sound { data: Some(vec![0; 24 * 1024 * 1024 + 1].into()), ..Default::default() };
    check(Ok(TalkInput::Sound(huge)), ErrorKind::Validation, "the maximum is 24 MiB").await;
}

/// A stream whose `poll_next` is this closure.
fn stream_from_fn<T, F>(poll: F) -> impl aws_core::generated::Stream<Item = T> + Send
where
    F: FnMut(&mut std::task::Context<'_>) -> std::task::Poll<Option<T>> + Send + Unpin,
{
    struct PollFn<F>(F);
    impl<T, F: FnMut(&mut std::task::Context<'_>) -> std::task::Poll<Option<T>> + Unpin> aws_core::generated::Stream
        for PollFn<F>
    {
        type Item = T;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<T>> {
            (self.0)(cx)
        }
    }
    PollFn(poll)
}

#[tokio::test]
async fn a_call_is_retried_only_until_an_event_was_sent() {
    // No event was sent before the first response arrived: the second attempt sends all of them.
    let server = Http2Server::start(|number, mut exchange| async move {
        match number {
            0 => {
                exchange.response(503, &[]);
                exchange.end();
            }
            _ => {
                exchange.response(200, &[]);
                let mut verifier = exchange.verify_signature(SECRET);
                let first = exchange.message().await.unwrap().expect("an event");
                exchange.send(&verifier.verify(&first).expect("an event"));
                exchange.end();
            }
        }
    })
    .await;
    let (sender, events) = EventInput::channel(4);
    let mut response = talk(&server, events).await.expect("a second attempt");
    sender.send(phrase("kept")).await.expect("an open exchange");
    assert_eq!(words_of(response.events.try_next().await.unwrap()), ["kept"]);

    // One event was sent, and events are not kept to be sent again.
    let server = Http2Server::start(|number, mut exchange| async move {
        assert_eq!(number, 0, "retried");
        let _ = exchange.message().await;
        exchange.response(503, &[]);
        exchange.end();
    })
    .await;
    let error = talk(&server, EventInput::from_iter([phrase("lost")])).await.expect_err("503");
    assert_eq!((error.attempts(), error.status()), (1, Some(503)), "{error}");
}

#[tokio::test]
async fn a_lost_connection_is_an_io_error_in_both_directions() {
    let server = Http2Server::start(|_, mut exchange| async move {
        exchange.response(200, &[]);
        let _ = exchange.message().await;
        exchange.reset();
    })
    .await;
    let (sender, events) = EventInput::channel(4);
    let mut response = talk(&server, events).await.expect("a response");
    sender.send(phrase("a")).await.expect("an open exchange");
    let error = response.events.try_next().await.expect_err("reset");
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    wait_until_closed(&sender).await;
}

#[tokio::test]
async fn a_server_without_http2_is_an_error() {
    let server = MockServer::start([Reply::ok("")]);
    let session = session().endpoint_url(server.url()).max_attempts(1);
    let error = talk_in_session(session, EventInput::from_iter([phrase("a")])).await.expect_err("HTTP/1.1");
    assert!(error.to_string().contains("HTTP/2"), "{error}");
    assert!(matches!(error.kind(), ErrorKind::Io | ErrorKind::Connect | ErrorKind::Tls), "{error:?}");
}

#[tokio::test]
async fn a_call_without_events_is_rejected() {
    let session = session().endpoint_url("http://127.0.0.1:9").build().expect("a session");
    let input = aws_talk::operation::TalkInput { room: Some("r".to_owned()), ..Default::default() };
    let error = aws_talk::Client::new(&session).request::<aws_talk::operation::Talk>(input).send().await;
    let error = error.expect_err("no events");
    assert!(error.to_string().contains("Missing required parameter in input: \"events\""), "{error}");
}
