//! The bare driver on hyper's pooled client: sends canned requests, reads the bodies and drops them.

mod ranges;

use bench_driver::request::{self, Ready};
use bench_driver::{AnyError, operation, transfer};
use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

/// How much of a file is read at once.
const PIECE: usize = 256 * 1024;

fn main() -> Result<(), AnyError> {
    bench_driver::main(async |arguments| {
        if transfer::is_transfer(&arguments.case) {
            return Ok(ranges::operation(arguments));
        }
        let Some(ready) = request::of_case(&arguments.case) else { return Ok(None) };
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let uri: http::Uri = format!("{}{}", arguments.url, ready.target).parse()?;
        Ok(operation(move || {
            let (client, uri, ready, file) = (client.clone(), uri.clone(), ready.clone(), arguments.file.clone());
            async move {
                let Ready { method, headers, body, uploads_file, .. } = ready;
                let mut request = http::Request::new(full(body));
                *request.method_mut() = method;
                *request.uri_mut() = uri;
                *request.headers_mut() = headers;
                let mut sent = 0;
                if uploads_file {
                    let file = File::open(file).await?;
                    sent = file.metadata().await?.len();
                    request.headers_mut().insert("content-length", sent.into());
                    let pieces = ReaderStream::with_capacity(file, PIECE);
                    *request.body_mut() = BodyExt::boxed(StreamBody::new(pieces.map(|it| Ok(Frame::data(it?)))));
                }
                let response = client.request(request).await?;
                if !response.status().is_success() {
                    return Err(response.status().to_string().into());
                }
                let (mut body, mut received) = (response.into_body(), 0);
                while let Some(frame) = body.frame().await {
                    received += frame?.data_ref().map_or(0, Bytes::len) as u64;
                }
                Ok(if uploads_file { sent } else { received })
            }
        }))
    })
}

fn full(body: &'static [u8]) -> BoxBody<Bytes, std::io::Error> {
    Full::new(Bytes::from_static(body)).map_err(|never| match never {}).boxed()
}
