//! Exchanges in both directions at once, with a server that checks every signature.

use std::time::Duration;

use aws_core::eventstream::{HeaderValue, Message};
use aws_core::test_util::{MockServer, Reply};
use aws_core::{Bytes, ErrorKind, EventInput, EventSender, SessionBuilder, Timestamp};
use aws_talk::error::ByeException;
use aws_talk::types::{Bye, Heard, Said, Sound, TalkInput, TalkOutput};
use tests::http2::{Exchange, Http2Server, authority};
use tokio::sync::mpsc;

use super::{SECRET, event, exception, session};

/// How long a test waits for what must come: it only bounds a failure.
const PATIENCE: Duration = Duration::from_secs(60);

type Answer = aws_core::Result<aws_talk::operation::TalkOutput>;

async fn talk(server: &Http2Server, events: impl Into<EventInput<TalkInput>>) -> Answer {
    talk_by(session().endpoint_url(&server.url), events).await
}

async fn talk_by(session: SessionBuilder, events: impl Into<EventInput<TalkInput>>) -> Answer {
    let client = aws_talk::Client::new(&session.build().expect("a session"));
    tokio::time::timeout(PATIENCE, client.talk("a room", events).voice("low").send()).await.expect("no standstill")
}

fn said(word: &str) -> TalkInput {
    TalkInput::Said(Said { words: Some(vec![word.to_owned()]), ..Said::default() })
}

fn words(event: Option<TalkOutput>) -> Vec<String> {
    match event {
        Some(TalkOutput::Said(it)) => it.words.unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

/// Repeats what it hears, and says good-bye after the end.
async fn echo(mut exchange: Exchange) {
    assert_eq!(exchange.head.uri.path(), "/talk/a%20room");
    assert_eq!(exchange.header("x-toy-voice"), "low");
    assert_eq!(exchange.header("content-type"), "application/vnd.amazon.eventstream");
    exchange.answer(200, &[("x-toy-session", "s1")]);
    while let Some(message) = exchange.message().await.expect("a client") {
        let (kind, document) = (message.headers.text(":event-type").unwrap_or_default(), message.payload.clone());
        exchange.send(&Message { payload: document, ..event(kind, "") });
    }
    exchange.send(&exception("byeException", r#"{"seconds":1}"#));
    exchange.end();
}

/// Repeats every event as soon as it comes, if its signature is right.
async fn echo_verified(mut exchange: Exchange) {
    let mut chain = exchange.verified(SECRET);
    exchange.answer(200, &[("x-toy-session", "s1")]);
    while let Some(signed) = exchange.message().await.expect("a client") {
        let Some(inner) = chain.open(&signed) else { break };
        assert_eq!(inner.headers.text(":message-type"), Some("event"));
        assert_eq!(inner.headers.text(":content-type"), Some("application/json"));
        exchange.send(&Message { payload: inner.payload, ..event(inner.headers.text(":event-type").unwrap(), "") });
    }
    assert!(exchange.message().await.expect("a client").is_none(), "the end is the end");
    exchange.send(&event("note", "done"));
    exchange.end();
}

#[tokio::test]
async fn events_are_answered_while_more_are_sent() {
    let server = Http2Server::start(|_, exchange| echo_verified(exchange)).await;
    converse(session().endpoint_url(&server.url)).await;
}

#[tokio::test]
async fn over_tls() {
    // Among the protocols that the server offers HTTP/2 is chosen, though it stands last.
    let server = Http2Server::start_tls(&["http/1.1", "h2"], |_, exchange| echo_verified(exchange)).await;
    let tls = || session().endpoint_url(&server.url).ca_bundle(authority());
    converse(tls()).await;
    // And the authority is asked for: the one of somebody else does not do.
    let stranger = session().endpoint_url(&server.url).max_attempts(1);
    let error = talk_by(stranger, EventInput::from_iter([said("a")])).await.expect_err("an unknown authority");
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn over_tls_without_http2() {
    let server = Http2Server::start_tls(&["http/1.1"], |_, exchange| echo(exchange)).await;
    let session = session().endpoint_url(&server.url).ca_bundle(authority()).max_attempts(1);
    let error = talk_by(session, EventInput::from_iter([said("a")])).await.expect_err("HTTP/1.1");
    assert!(error.to_string().contains("HTTP/2"), "{error}");
    assert!(matches!(error.kind(), ErrorKind::Io | ErrorKind::Connect), "{error:?}");
}

/// Says three words, and waits for the answer to each.
async fn converse(session: SessionBuilder) {
    let (sender, events) = EventInput::channel(1);
    let mut answer = talk_by(session, events).await.expect("an answer");
    assert_eq!(answer.session.as_deref(), Some("s1"));
    for word in ["one", "two", "three"] {
        sender.send(said(word)).await.expect("a listener");
        let heard = tokio::time::timeout(PATIENCE, answer.events.try_next()).await.expect("an answer to each");
        assert_eq!(words(heard.unwrap()), [word]);
    }
    drop(sender);
    let last = tokio::time::timeout(PATIENCE, answer.events.try_next()).await.expect("the end");
    assert!(matches!(last.unwrap(), Some(TalkOutput::Note(it)) if it.text.as_deref() == Some("done")));
    assert!(answer.events.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn what_events_look_like() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let server = Http2Server::start(move |_, mut exchange| {
        let tell = tell.clone();
        async move {
            let mut chain = exchange.verified(SECRET);
            while let Some(signed) = exchange.message().await.expect("a client") {
                if let Some(inner) = chain.open(&signed) {
                    let _ = tell.send(inner);
                }
            }
            exchange.answer(200, &[]);
            exchange.end();
        }
    })
    .await;
    let said = Said { words: Some(vec!["x".to_owned()]), secret: Some("s".to_owned()) };
    let heard = Heard {
        flag: Some(false),
        count: Some(3),
        total: Some(4),
        raw: Some(Bytes::from_static(b"\x01")),
        name: Some("n".to_owned()),
        time: Some(Timestamp::from_secs(9)),
        said: Some(said),
    };
    let sound = Sound { data: Some(Bytes::from_static(b"\0\0")), rate: Some(8000) };
    let events = [TalkInput::Heard(heard), TalkInput::Sound(sound), TalkInput::Bye(Bye {})];
    let mut answer = talk(&server, EventInput::from_iter(events)).await.expect("an answer");
    assert!(answer.events.try_next().await.unwrap().is_none());
    let mut check = |name: &str, media_type: &str, payload: &[u8], more: &[(&str, HeaderValue<'_>)]| {
        let message = told.try_recv().expect("an event");
        let headers: Vec<_> = message.headers.iter().collect();
        let text = HeaderValue::String;
        let first =
            [(":message-type", text("event")), (":event-type", text(name)), (":content-type", text(media_type))];
        assert_eq!(headers, [&first, more].concat());
        assert_eq!(message.payload, payload);
    };
    let headers = [
        ("flag", HeaderValue::Bool(false)),
        ("count", HeaderValue::Int(3)),
        ("total", HeaderValue::Long(4)),
        ("raw", HeaderValue::Bytes(b"\x01")),
        ("name", HeaderValue::String("n")),
        ("time", HeaderValue::Timestamp(Timestamp::from_secs(9))),
    ];
    check("heard", "application/json", br#"{"words":["x"],"secret":"s"}"#, &headers);
    check("sound", "application/octet-stream", b"\0\0", &[("rate", HeaderValue::Int(8000))]);
    check("bye", "application/json", b"{}", &[]);
    assert!(told.try_recv().is_err());
}

#[tokio::test]
async fn without_credentials_nothing_is_signed() {
    let server = Http2Server::start(|_, exchange| async move {
        assert_eq!(exchange.header("authorization"), "");
        echo(exchange).await;
    })
    .await;
    let nobody = session().credentials(aws_core::credentials::Anonymous).endpoint_url(&server.url);
    let mut answer = talk_by(nobody, EventInput::from_iter([said("a"), said("b")])).await.expect("an answer");
    assert_eq!(words(answer.events.try_next().await.unwrap()), ["a"]);
    assert_eq!(words(answer.events.try_next().await.unwrap()), ["b"]);
    assert!(answer.events.try_next().await.expect_err("good-bye").is::<ByeException>());
}

/// Waits until the events have nowhere to go.
async fn closed(sender: &EventSender<TalkInput>) {
    let send = async { while sender.send(said("more")).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, send).await.expect("the exchange ends");
    let error = sender.send(said("more")).await.expect_err("closed");
    assert!(error.kind() == ErrorKind::Body && sender.is_closed(), "{error}");
}

#[tokio::test]
async fn dropping_the_answers_ends_the_exchange() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let server = Http2Server::start(move |_, mut exchange| {
        let tell = tell.clone();
        async move {
            exchange.answer(200, &[]);
            while let Ok(Some(_)) = exchange.message().await {}
            let _ = tell.send(());
        }
    })
    .await;
    let (sender, events) = EventInput::channel(4);
    let answer = talk(&server, events).await.expect("an answer");
    sender.send(said("a")).await.expect("a listener");
    drop(answer);
    closed(&sender).await;
    tokio::time::timeout(PATIENCE, told.recv()).await.expect("the server hears of it");
}

#[tokio::test]
async fn an_exception_ends_both_directions() {
    let server = Http2Server::start(|_, mut exchange| async move {
        exchange.answer(200, &[]);
        let _ = exchange.message().await;
        exchange.send(&exception("byeException", r#"{"message":"enough"}"#));
        exchange.end();
    })
    .await;
    let (sender, events) = EventInput::channel(4);
    let mut answer = talk(&server, events).await.expect("an answer");
    sender.send(said("a")).await.expect("a listener");
    let error = answer.events.try_next().await.expect_err("an exception");
    assert_eq!(error.get::<ByeException>().and_then(|it| it.message).as_deref(), Some("enough"));
    closed(&sender).await;
}

#[tokio::test]
async fn an_event_that_cannot_be_sent_breaks_the_exchange_off() {
    async fn check(bad: aws_core::Result<TalkInput, &'static str>, kind: ErrorKind, expect: &str) {
        let server = Http2Server::start(|_, mut exchange| async move {
            exchange.answer(200, &[]);
            while let Ok(Some(_)) = exchange.message().await {}
        })
        .await;
        let (send, mut receive) = mpsc::channel(4);
        let stream = futures(move |cx| receive.poll_recv(cx));
        send.send(Ok(said("fine"))).await.unwrap();
        let mut answer = talk(&server, EventInput::from_results(stream)).await.expect("an answer");
        send.send(bad).await.unwrap();
        let error = tokio::time::timeout(PATIENCE, answer.events.try_next()).await.unwrap().expect_err(expect);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(expect) && error.to_string().starts_with("Talk: "), "{error}");
    }
    let nothing = TalkInput::Said(Said::default());
    check(Ok(nothing), ErrorKind::Validation, "Missing required parameter in said: \"words\"").await;
    check(Ok(TalkInput::Unknown("new".to_owned())), ErrorKind::Validation, "Must set one of").await;
    check(Err("the microphone is gone"), ErrorKind::Body, "the microphone is gone").await;
    let huge = Sound { data: Some(vec![0; 24 * 1024 * 1024 + 1].into()), rate: None };
    check(Ok(TalkInput::Sound(huge)), ErrorKind::Validation, "at most 24 MiB").await;
}

/// A stream of a closure.
fn futures<T, F>(poll: F) -> impl aws_core::codegen::Stream<Item = T> + Send
where
    F: FnMut(&mut std::task::Context<'_>) -> std::task::Poll<Option<T>> + Send + Unpin,
{
    struct Polled<F>(F);
    impl<T, F: FnMut(&mut std::task::Context<'_>) -> std::task::Poll<Option<T>> + Unpin> aws_core::codegen::Stream
        for Polled<F>
    {
        type Item = T;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<T>> {
            (self.0)(cx)
        }
    }
    Polled(poll)
}

#[tokio::test]
async fn a_call_is_repeated_until_an_event_was_taken() {
    // Nothing was sent when the first answer came: the second attempt sends everything.
    let server = Http2Server::start(|number, mut exchange| async move {
        match number {
            0 => {
                exchange.answer(503, &[]);
                exchange.end();
            }
            _ => {
                exchange.answer(200, &[]);
                let mut chain = exchange.verified(SECRET);
                let first = exchange.message().await.unwrap().expect("an event");
                exchange.send(&chain.open(&first).expect("an event"));
                exchange.end();
            }
        }
    })
    .await;
    let (sender, events) = EventInput::channel(4);
    let mut answer = talk(&server, events).await.expect("a second attempt");
    sender.send(said("kept")).await.expect("a listener");
    assert_eq!(words(answer.events.try_next().await.unwrap()), ["kept"]);

    // One event was taken, and cannot be sent again.
    let server = Http2Server::start(|number, mut exchange| async move {
        assert_eq!(number, 0, "not repeated");
        let _ = exchange.message().await;
        exchange.answer(503, &[]);
        exchange.end();
    })
    .await;
    let error = talk(&server, EventInput::from_iter([said("lost")])).await.expect_err("503");
    assert_eq!((error.attempts(), error.status()), (1, Some(503)), "{error}");
}

#[tokio::test]
async fn a_lost_connection_is_told() {
    let server = Http2Server::start(|_, mut exchange| async move {
        exchange.answer(200, &[]);
        let _ = exchange.message().await;
        exchange.reset();
    })
    .await;
    let (sender, events) = EventInput::channel(4);
    let mut answer = talk(&server, events).await.expect("an answer");
    sender.send(said("a")).await.expect("a listener");
    let error = answer.events.try_next().await.expect_err("reset");
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    closed(&sender).await;
}

#[tokio::test]
async fn a_server_without_http2_is_told() {
    let server = MockServer::start([Reply::ok("")]);
    let session = session().endpoint_url(server.url()).max_attempts(1);
    let error = talk_by(session, EventInput::from_iter([said("a")])).await.expect_err("HTTP/1.1");
    assert!(error.to_string().contains("HTTP/2"), "{error}");
    assert!(matches!(error.kind(), ErrorKind::Io | ErrorKind::Connect), "{error:?}");
}

#[tokio::test]
async fn events_are_required() {
    let session = session().endpoint_url("http://127.0.0.1:9").build().expect("a session");
    let input = aws_talk::operation::TalkInput { room: Some("r".to_owned()), ..Default::default() };
    let error = aws_talk::Client::new(&session).request::<aws_talk::operation::Talk>(input).send().await;
    let error = error.expect_err("no events");
    assert!(error.to_string().contains("Missing required parameter in input: \"events\""), "{error}");
}
