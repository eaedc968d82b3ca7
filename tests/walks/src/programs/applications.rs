//! The SDK inside applications: beside thiserror and anyhow, in the state of an axum server that streams bodies in both
//! directions, and in a conversation with a model that calls a tool. Knows no internals beyond the frames of scripted
//! event streams.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use aws_bedrock_runtime::types::{
    ContentBlock, ContentBlockDelta, ConversationRole, ConverseOutput, ConverseStreamOutput, InferenceConfiguration,
    Message, StopReason, Tool, ToolConfiguration, ToolInputSchema, ToolResultBlock, ToolResultContentBlock,
    ToolSpecification,
};
use aws_core::config::Environment;
use aws_core::testing::{Reply, credentials};
use aws_core::{ByteStream, Document, Session, make};
use aws_dynamodb::error::ConditionalCheckFailedException;
use aws_s3::error::NoSuchKey;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tests::doubles::ScriptedClient;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A session whose requests get these replies, and the client that records them.
fn scripted(replies: impl IntoIterator<Item = Reply>) -> (ScriptedClient, Session) {
    let http = ScriptedClient::new(replies);
    let session =
        Session::builder().environment(Environment::empty()).region("eu-central-1").credentials(credentials());
    (http.clone(), session.http_client(http).build().expect("valid settings"))
}

fn refusal(code: &str, message: &str) -> Reply {
    Reply::new(400).body(format!(r#"{{"__type":"x#{code}","message":"{message}"}}"#))
}

/// What can go wrong in a store of counts, for its callers.
#[derive(Debug, thiserror::Error)]
enum StoreError {
    #[error("another writer was faster")]
    Raced(#[source] ConditionalCheckFailedException),
    #[error("the store is busy, try again")]
    Busy(#[source] aws_core::Error),
    #[error(transparent)]
    Aws(aws_core::Error),
}

impl From<aws_core::Error> for StoreError {
    fn from(error: aws_core::Error) -> Self {
        match error.get::<ConditionalCheckFailedException>() {
            Some(exception) => Self::Raced(exception),
            None if error.is_throttling() => Self::Busy(error),
            None => Self::Aws(error),
        }
    }
}

async fn count(dynamodb: &aws_dynamodb::Client, id: &str) -> Result<(), StoreError> {
    let request = dynamodb.update_item("counts", [("id", id)]).update_expression("ADD n :one");
    request.condition_expression("n < :max").expression_attribute_values([(":one", 1), (":max", 9)]).await?;
    Ok(())
}

async fn count_all(dynamodb: &aws_dynamodb::Client, ids: &[&str]) -> anyhow::Result<()> {
    for id in ids {
        count(dynamodb, id).await.with_context(|| format!("counting {id}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn errors_of_thiserror_and_anyhow_have_each_cause_once() {
    let throttled = || refusal("ProvisionedThroughputExceededException", "slow down");
    let replies = [
        Reply::ok("{}"),
        refusal("ConditionalCheckFailedException", "no"),
        throttled(),
        refusal("AccessDeniedException", "not you"),
    ];
    let session = scripted(replies).1.to_builder().max_attempts(1).build().expect("valid settings");
    let dynamodb = aws_dynamodb::Client::new(&session);
    let raced = count_all(&dynamodb, &["a", "b"]).await.expect_err("a race");
    assert_eq!(format!("{raced:#}"), "counting b: another writer was faster: ConditionalCheckFailedException: no");
    let busy = count_all(&dynamodb, &["c"]).await.expect_err("too many");
    assert!(matches!(busy.downcast_ref(), Some(StoreError::Busy(e)) if e.is_retryable()), "{busy:?}");
    let denied = count_all(&dynamodb, &["d"]).await.expect_err("denied");
    assert_eq!(
        format!("{denied:#}"),
        "counting d: An error occurred (AccessDeniedException) when calling the UpdateItem operation: not you (status 400)"
    );
    let chain: Vec<String> = denied.chain().map(ToString::to_string).collect();
    assert!(chain.iter().enumerate().all(|(index, it)| !chain[..index].contains(it)), "{chain:?}");
}

/// The state of the server: clients are cheap to clone, and shared by all requests.
#[derive(Clone)]
struct App {
    s3: aws_s3::Client,
    bucket: Arc<str>,
}

/// What a failed call means to the server's own clients.
struct AppError(aws_core::Error);

impl From<aws_core::Error> for AppError {
    fn from(error: aws_core::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match &self.0 {
            e if e.is::<NoSuchKey>() => StatusCode::NOT_FOUND,
            e if e.is_throttling() || e.is_timeout() => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        }
        .into_response()
    }
}

/// Streams an object to the client as it arrives.
async fn download(State(app): State<App>, Path(key): Path<String>) -> Result<Response, AppError> {
    let object = app.s3.get_object(&*app.bucket, key).await?;
    let kind = object.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    Ok(([(header::CONTENT_TYPE, kind)], Body::from_stream(object.body)).into_response())
}

/// Streams what the client sends into an object.
async fn upload(
    State(app): State<App>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, AppError> {
    let mut body = ByteStream::from_stream(body.into_data_stream());
    let length = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    if let Some(length) = length {
        body = body.with_len(length);
    }
    app.s3.put_object(&*app.bucket, key).body(body).await?;
    Ok(StatusCode::CREATED)
}

/// The response to a request, as text.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut connection = tokio::net::TcpStream::connect(address).await.expect("a connection");
    connection.write_all(request.as_bytes()).await.expect("a request");
    let mut response = String::new();
    connection.read_to_string(&mut response).await.expect("a response");
    response
}

#[tokio::test]
async fn a_server_streams_bodies_in_both_directions() {
    let missing = Reply::new(404).body("<Error><Code>NoSuchKey</Code><Message>none</Message></Error>");
    let (http, session) =
        scripted([Reply::ok("hello").header("content-type", "text/plain"), missing, Reply::ok("").header("etag", "e")]);
    let app = App { s3: aws_s3::Client::new(&session), bucket: "b".into() };
    let router = axum::Router::new().route("/{key}", get(download).put(upload)).with_state(app);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    let head = "Host: x\r\nConnection: close\r\n";
    let found = exchange(address, &format!("GET /a HTTP/1.1\r\n{head}\r\n")).await;
    assert!(found.starts_with("HTTP/1.1 200") && found.contains("content-type: text/plain"), "{found}");
    assert!(found.contains("hello"), "{found}");
    let missing = exchange(address, &format!("GET /b HTTP/1.1\r\n{head}\r\n")).await;
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
    let put = exchange(address, &format!("PUT /c HTTP/1.1\r\n{head}Content-Length: 5\r\n\r\nworld")).await;
    assert!(put.starts_with("HTTP/1.1 201"), "{put}");
    let requests = http.requests();
    assert_eq!((requests.len(), requests[2].header("x-amz-decoded-content-length")), (3, "5"));
    server.abort();
}

const MODEL: &str = "anthropic.claude-3-haiku-20240307-v1:0";

/// The tool that the model may call.
fn weather() -> Tool {
    let schema: Document = make!({
        "type" => "object",
        "properties" => { "city" => { "type" => "string" } },
        "required" => ["city"],
    });
    Tool::ToolSpec(make!(ToolSpecification {
        name: "weather",
        description: "The weather of a city",
        input_schema: ToolInputSchema::Json(schema),
    }))
}

/// Asks, runs the tool as often as the model wants it, and returns the last text.
async fn ask(bedrock: &aws_bedrock_runtime::Client, question: &str) -> aws_core::Result<String> {
    let text = ContentBlock::Text(question.to_owned());
    let mut messages = vec![make!(Message { role: ConversationRole::USER, content: [text] })];
    loop {
        let response = bedrock
            .converse(MODEL)
            .messages(&messages)
            .inference_config(make!(InferenceConfiguration { max_tokens: 200, temperature: 0.5_f32 }))
            .tool_config(make!(ToolConfiguration { tools: [weather()] }))
            .await?;
        let Some(ConverseOutput::Message(message)) = response.output else { return Ok(String::new()) };
        let results = message.content.iter().filter_map(|block| {
            let ContentBlock::ToolUse(call) = block else { return None };
            let city = call.input.as_ref()?["city"].as_str()?.to_owned();
            let found: Document = make!({ "city" => city, "degrees" => 21 });
            Some(ContentBlock::ToolResult(make!(ToolResultBlock {
                tool_use_id: &call.tool_use_id,
                content: [ToolResultContentBlock::Json(found)],
            })))
        });
        let results: Vec<ContentBlock> = results.collect();
        match response.stop_reason {
            Some(StopReason::TOOL_USE) => {
                messages.push(message);
                messages.push(make!(Message { role: ConversationRole::USER, content: results }));
            }
            _ => return Ok(message.content.iter().filter_map(text_of).collect()),
        }
    }
}

fn text_of(block: &ContentBlock) -> Option<&str> {
    match block {
        ContentBlock::Text(text) => Some(text),
        _ => None,
    }
}

#[tokio::test]
async fn a_model_calls_a_tool() {
    let call = r#"{"output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"weather",
        "input":{"city":"Paris"}}}]}},"stopReason":"tool_use"}"#;
    let last = r#"{"output":{"message":{"role":"assistant","content":[{"text":"It is "},{"text":"21."}]}},
        "stopReason":"end_turn"}"#;
    let (http, session) = scripted([Reply::ok(call), Reply::ok(last)]);
    let text = ask(&aws_bedrock_runtime::Client::new(&session), "Weather in Paris?").await.expect("a response");
    assert_eq!(text, "It is 21.");
    let sent: Vec<serde_json::Value> =
        http.requests().iter().map(|it| serde_json::from_slice(&it.body).expect("JSON")).collect();
    assert_eq!(sent[0]["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"]["required"][0], "city");
    let result = &sent[1]["messages"][2]["content"][0]["toolResult"];
    assert_eq!((&result["toolUseId"], &result["content"][0]["json"]["degrees"]), (&"t1".into(), &21.into()));
}

/// The text of a response, event by event.
async fn read(
    mut events: aws_core::EventStream<ConverseStreamOutput>,
) -> aws_core::Result<(String, Option<StopReason>)> {
    let (mut text, mut reason) = (String::new(), None);
    while let Some(event) = events.try_next().await? {
        match event {
            ConverseStreamOutput::ContentBlockDelta(it) => {
                if let Some(ContentBlockDelta::Text(part)) = it.delta {
                    text.push_str(&part);
                }
            }
            ConverseStreamOutput::MessageStop(it) => reason = it.stop_reason,
            _ => {}
        }
    }
    Ok((text, reason))
}

#[tokio::test]
async fn a_model_responds_word_by_word() {
    use aws_core::internals::eventstream::{EventHeaderValue, Message as Frame};
    let frame = |kind: &str, name: &str, document: &str| {
        let mut frame = Frame { payload: document.to_owned().into(), ..Frame::default() };
        frame.headers.push(":message-type", EventHeaderValue::String(kind)).expect("a header");
        frame.headers.push(&format!(":{kind}-type"), EventHeaderValue::String(name)).expect("a header");
        frame.encode().expect("a frame")
    };
    let delta = |text: &str| {
        frame("event", "contentBlockDelta", &format!(r#"{{"delta":{{"text":"{text}"}},"contentBlockIndex":0}}"#))
    };
    let whole = [delta("Hel"), delta("lo"), frame("event", "messageStop", r#"{"stopReason":"end_turn"}"#)].concat();
    let broken = [delta("Hel"), frame("exception", "throttlingException", r#"{"message":"slow down"}"#)].concat();
    let reply = |body: Vec<u8>| Reply::ok(body).header("content-type", "application/vnd.amazon.eventstream");
    let bedrock = aws_bedrock_runtime::Client::new(&scripted([reply(whole), reply(broken)]).1);
    let say = async || {
        let text = ContentBlock::Text("Say hello".to_owned());
        let messages = [make!(Message { role: ConversationRole::USER, content: [text] })];
        read(bedrock.converse_stream(MODEL).messages(messages).await?.stream).await
    };
    assert_eq!(say().await.expect("a response"), ("Hello".to_owned(), Some(StopReason::END_TURN)));
    let error = say().await.expect_err("a throttled stream");
    assert!(error.is_throttling(), "{error}");

    // The part of a program that reads, with events that no server has to send.
    let delta =
        make!(aws_bedrock_runtime::types::ContentBlockDeltaEvent { delta: ContentBlockDelta::Text("a".into()) });
    let events = aws_core::EventStream::from_results([Ok(ConverseStreamOutput::ContentBlockDelta(delta))]);
    assert_eq!(read(events).await.expect("the events"), ("a".to_owned(), None));
}
