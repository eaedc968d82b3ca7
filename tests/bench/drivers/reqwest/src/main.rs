//! The bare driver on reqwest: sends canned requests, reads the bodies and drops them.

use bench_driver::request::{self, Ready};
use bench_driver::{AnyError, operation};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

/// How much of a file is read at once.
const PIECE: usize = 256 * 1024;

fn main() -> Result<(), AnyError> {
    bench_driver::main(async |arguments| {
        let Some(ready) = request::of_case(&arguments.case) else { return Ok(None) };
        let client = reqwest::Client::new();
        let url: reqwest::Url = format!("{}{}", arguments.url, ready.target).parse()?;
        Ok(operation(move || {
            let (client, url, ready, file) = (client.clone(), url.clone(), ready.clone(), arguments.file.clone());
            async move {
                let Ready { method, headers, body, uploads_file, .. } = ready;
                let mut request = client.request(method, url).headers(headers).body(body);
                let mut sent = 0;
                if uploads_file {
                    let file = File::open(file).await?;
                    sent = file.metadata().await?.len();
                    let pieces = reqwest::Body::wrap_stream(ReaderStream::with_capacity(file, PIECE));
                    request = request.header("content-length", sent).body(pieces);
                }
                let mut response = request.send().await?.error_for_status()?;
                let mut received = 0;
                while let Some(piece) = response.chunk().await? {
                    received += piece.len() as u64;
                }
                Ok(if uploads_file { sent } else { received })
            }
        }))
    })
}
