//! Transfers as a bare loop: tasks that take the next part of the object until there is none, and put its bytes where they
//! belong: into a file, one block of memory, or nowhere. No checksum, no retry.

use std::fs::File;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bench_driver::request::{self, Ready};
use bench_driver::transfer::{self, IN_FLIGHT, PART};
use bench_driver::{AnyError, Arguments, Operation};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinSet;

/// The transfer of one object.
struct Transfer {
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
    /// The parts that are not begun, each with the memory that it is received into, if it is.
    parts: Mutex<Vec<(Range<u64>, BytesMut)>>,
    /// The file that is read or written.
    file: Option<File>,
    /// The part that is sent from memory.
    part: Bytes,
    is_upload: bool,
}

/// The operation of a case.
pub fn operation(arguments: Arguments) -> Option<Operation> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let size = transfer::size(&arguments.case);
    let part = Bytes::from(vec![7; size.min(PART) as usize]);
    bench_driver::operation(move || {
        let (arguments, client, part) = (arguments.clone(), client.clone(), part.clone());
        async move {
            let file = match &*arguments.case {
                "upload_file256m" => Some(File::open(&arguments.file)?),
                "download_file256m" => Some(File::create(transfer::target(&arguments))?),
                _ => None,
            };
            let is_upload = arguments.case.starts_with("upload");
            let to_memory = matches!(&*arguments.case, "download1m" | "download256m");
            let mut memory = BytesMut::zeroed(if to_memory { size as usize } else { 0 });
            let mut parts: Vec<_> = transfer::parts(size)
                .map(|it| {
                    let len = memory.len().min((it.end - it.start) as usize);
                    (it, memory.split_to(len))
                })
                .collect();
            parts.reverse();
            let url = format!("{}/{}/{size}", arguments.url, transfer::BUCKET);
            let in_flight = IN_FLIGHT.min(parts.len());
            let transfer = Arc::new(Transfer { client, url, parts: parts.into(), file, part, is_upload });
            let mut running = JoinSet::new();
            for _ in 0..in_flight {
                running.spawn(Arc::clone(&transfer).run());
            }
            let mut received = Vec::new();
            while let Some(ended) = running.join_next().await {
                received.extend(ended??);
            }
            received.sort_by_key(|it| it.0);
            for (_, part) in received {
                memory.unsplit(part);
            }
            Ok(if memory.is_empty() { size } else { memory.freeze().len() as u64 })
        }
    })
}

impl Transfer {
    /// Transfers parts until none is left. Returns those that it received, with their offsets.
    async fn run(self: Arc<Self>) -> Result<Vec<(u64, BytesMut)>, AnyError> {
        let mut done = Vec::new();
        let next = || self.parts.lock().unwrap_or_else(PoisonError::into_inner).pop();
        while let Some((range, mut memory)) = next() {
            let start = range.start;
            self.part(range, &mut memory).await?;
            done.push((start, memory));
        }
        Ok(done)
    }

    async fn part(&self, range: Range<u64>, memory: &mut [u8]) -> Result<(), AnyError> {
        let body = match &self.file {
            Some(file) if self.is_upload => transfer::read_at(file, range.clone())?.into(),
            None if self.is_upload => self.part.slice(..(range.end - range.start) as usize),
            _ => Bytes::new(),
        };
        let like = if self.is_upload { "put1k" } else { "get1k" };
        let Some(Ready { method, headers, .. }) = request::of_case(like) else { return Err("no such request".into()) };
        let mut request = http::Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = self.url.parse()?;
        *request.headers_mut() = headers;
        if !self.is_upload {
            request.headers_mut().insert("range", format!("bytes={}-{}", range.start, range.end - 1).parse()?);
        }
        let response = self.client.request(request).await?;
        if !response.status().is_success() {
            return Err(response.status().to_string().into());
        }
        let (mut body, mut at) = (response.into_body(), 0);
        while let Some(frame) = body.frame().await {
            let Ok(chunk) = frame?.into_data() else { continue };
            match &self.file {
                Some(file) => transfer::write_at(file, &chunk, range.start + at as u64)?,
                None if memory.is_empty() => {}
                None => memory[at..at + chunk.len()].copy_from_slice(&chunk),
            }
            at += chunk.len();
        }
        Ok(())
    }
}
