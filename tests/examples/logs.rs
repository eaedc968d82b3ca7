//! Logs: what boto3's `set_stream_logger` prints, in one line. `RUST_LOG`-style filters and OpenTelemetry are layers of the same
//! subscriber; a web server that opens a span for each of its requests finds the request ids of AWS inside it.

use aws_core::Session;
use aws_s3::Client;
use tracing::{Instrument, Level, info_span};
use tracing_subscriber::fmt::format::FmtSpan;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let session = Session::builder().region("us-west-2").build()?;
    moto::create_bucket(&session, "mybucket", &["a.txt"]).await?;

    // The line. `FmtSpan::CLOSE` prints each call when it ends, with all its fields.
    tracing_subscriber::fmt().with_max_level(Level::DEBUG).with_span_events(FmtSpan::CLOSE).with_ansi(false).init();

    let s3 = Client::new(&session);
    // In a web server, a layer such as tower-http's `TraceLayer` opens this span.
    let request = info_span!("request", path = "/files/a.txt");
    s3.get_object("mybucket", "a.txt").into_future().instrument(request).await?;
    Ok(())
}
