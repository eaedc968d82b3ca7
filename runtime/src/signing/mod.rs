//! Signatures beyond the calls of service crates: requests to services without a model, presigned URLs for WebSockets,
//! tokens that databases and caches accept as passwords. Knows no operation and no protocol.
//!
//! # Requests to services without a model
//!
//! An API of API Gateway, Amazon Managed Prometheus, OpenSearch, Neptune, VPC Lattice and others expect requests that are
//! signed like those to AWS, and have no client. A [`RequestSigner`] signs an [`http::Request`], for any HTTP client to
//! send, or sends it itself:
//!
//! ```no_run
//! use aws_core::Session;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let session = Session::builder().region("eu-west-1").build()?;
//! let signer = session.signer("execute-api");
//! let order = http::Request::post("https://abc123.execute-api.eu-west-1.amazonaws.com/prod/orders")
//!     .header("content-type", "application/json")
//!     .body(r#"{"article": 7}"#)?;
//! let response = signer.send(order).await?;
//! println!("{}: {}", response.status(), response.into_body().collect().await?.into_string()?);
//! # Ok(())
//! # }
//! ```
//!
//! Such a call has hooks, and a stub responds to it: `stub.on::<SendRequest>().matching(make!(SendRequestInput { method: "POST" }))`.
//!
//! | service | name |
//! |---|---|
//! | API Gateway, also its WebSocket APIs | `execute-api` |
//! | AppSync | `appsync` |
//! | Lambda function URLs | `lambda` |
//! | Managed Prometheus | `aps` |
//! | Neptune | `neptune-db` |
//! | OpenSearch; OpenSearch Serverless | `es`; `aoss` |
//! | VPC Lattice | `vpc-lattice-svcs`, with [`unsigned_payload`](RequestSigner::unsigned_payload) |
//!
//! # WebSockets
//!
//! A browser or a device opens them by a presigned URL. The clients of Transcribe's HTTP/2 streams need none of this.
//!
//! ```no_run
//! # use std::time::Duration;
//! # async fn example(session: aws_core::Session) -> aws_core::Result<()> {
//! // MQTT of AWS IoT, which adds the session token after the signature.
//! let iot = session.signer("iotdevicegateway").unsigned_session_token();
//! let url = iot.presign_url("wss://abc-ats.iot.eu-west-1.amazonaws.com/mqtt", Duration::from_secs(86_400)).await?;
//!
//! // Transcribe, at most five minutes.
//! let stream = "wss://transcribestreaming.eu-west-1.amazonaws.com:8443/stream-transcription-websocket\
//!               ?language-code=en-US&media-encoding=pcm&sample-rate=16000";
//! let url = session.signer("transcribe").presign_url(stream, Duration::from_secs(300)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Passwords of databases and caches
//!
//! See [`databases`].

pub mod databases;
mod request_signer;
mod send_request;

pub use request_signer::RequestSigner;
pub use send_request::{SendRequest, SendRequestInput, SendRequestOutput};
