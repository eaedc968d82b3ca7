//! Request ids in the logs of a web server: axum opens a span for each of its requests, and each call to AWS is a span inside
//! it, with the id that AWS gave the call.

use aws_core::{Bytes, Session};
use aws_s3::Client;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tracing::{Instrument, info_span};
use tracing_subscriber::fmt::format::FmtSpan;

/// Opens the span; tower-http's `TraceLayer` does the same.
async fn in_span(request: Request, next: Next) -> Response {
    let span = info_span!("request", method = %request.method(), path = request.uri().path());
    next.run(request).instrument(span).await
}

/// Responds with an object, or with the id that the support of AWS asks for.
async fn file(State(s3): State<Client>, Path(key): Path<String>) -> Result<Bytes, (StatusCode, String)> {
    let read = async { s3.get_object("mybucket", key).send().await?.body.collect().await };
    read.await.map(|body| body.into_bytes()).map_err(|error| {
        let id = error.request_id().unwrap_or("unknown");
        (StatusCode::BAD_GATEWAY, format!("AWS request {id} failed"))
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let session = Session::builder().region("us-west-2").build()?;
    moto::create_bucket(&session, "mybucket", &["a.txt"]).await?;
    tracing_subscriber::fmt().with_span_events(FmtSpan::CLOSE).with_ansi(false).init();

    let app = Router::new().route("/{key}", get(file)).layer(middleware::from_fn(in_span));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, app.with_state(Client::new(&session))).await });

    // What a browser asks for.
    for path in ["/a.txt", "/missing.txt"] {
        let mut browser = TcpStream::connect(address).await?;
        browser
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())
            .await?;
        let mut response = String::new();
        browser.read_to_string(&mut response).await?;
        println!("{path}: {}", response.lines().last().unwrap_or_default());
    }
    Ok(())
}
