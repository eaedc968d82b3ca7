//! HTTP/1.1 connections over time: which are used again, and what extreme settings do.

use bytes::Bytes;

use super::tests::{After, client, ok, raw_server, request};
use super::*;
use crate::types::ByteStream;

async fn read(client: &HyperClient, request: Request) -> Result<Bytes, HttpError> {
    let body = client.send(request).await?.body;
    body.collect().await.map(|it| it.into_bytes()).map_err(|e| HttpError::new(HttpErrorKind::Io, e.to_string()))
}

#[tokio::test]
async fn a_request_that_was_sent_is_not_sent_again() {
    let bodies: [fn() -> Body; 4] = [
        || Body::Empty,
        || "hello".into(),
        || Body::Stream(ByteStream::from("hello")),
        || Body::Stream(ByteStream::from("hello").inspect(|_| Ok(()))),
    ];
    for (number, body) in bodies.into_iter().enumerate() {
        let (url, seen) = raw_server(vec![(ok(), After::Stay), (Vec::new(), After::Close), (ok(), After::Stay)]).await;
        let client = client(|_| {});
        assert_eq!(&*read(&client, request("GET", url.clone())).await.unwrap(), b"ok");
        let mut upload = request("POST", url);
        upload.body = body();
        let response = read(&client, upload).await;
        assert_eq!(response.map_err(|it| it.kind()), Err(HttpErrorKind::Io), "body {number}");
        assert_eq!(seen.lock().unwrap().len(), 2, "body {number}");
    }
}
