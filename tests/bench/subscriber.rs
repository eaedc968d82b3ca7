//! What a subscriber at the level `info` adds to a call: the CPU time of calls without a transport, with and without it, in
//! turn. Prints times and their ratio; enforces no limit. Reads `/proc`, so on Linux only.

use std::future::{Future, ready};
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_core::http::{HeaderMap, HttpClient, HttpError, Request, Response, StatusCode};
use aws_core::{BoxFuture, Credentials, Session};
use tracing::{Dispatch, Level, dispatcher};

const CALLS: u32 = 10_000;
const ROUNDS: usize = 15;

/// A transport that responds to every request, at once.
#[derive(Debug)]
struct Canned(HeaderMap);

impl HttpClient for Canned {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(ready(Ok(Response::new(StatusCode::OK, self.0.clone(), ""))))
    }
}

fn main() {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-request-id", "4442587FB7D0A2F9".parse().expect("a header value"));
    let session = Session::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
        .http_client(Canned(headers));
    let s3 = aws_s3::Client::new(&session.build().expect("valid settings"));
    let calls = || {
        let before = cpu_nanos();
        (0..CALLS).for_each(|_| drop(finished(s3.head_bucket("bucket").send()).expect("a response")));
        (cpu_nanos() - before) as f64 / f64::from(CALLS) / 1e3
    };
    calls();
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..ROUNDS {
        times[0].push(calls());
        // It is dropped after its calls: then no place in the code knows of a subscriber any more.
        let subscriber = tracing_subscriber::fmt().with_max_level(Level::INFO).with_writer(io::sink).finish();
        times[1].push(dispatcher::with_default(&Dispatch::new(subscriber), calls));
    }
    let [without, with] = times.map(|mut it| {
        it.sort_by(f64::total_cmp);
        it[ROUNDS / 2]
    });
    println!("HeadBucket without a transport, µs of CPU a call, median of {ROUNDS} rounds; budget: 5 µs more");
    println!("no subscriber          {without:>6.2} µs");
    println!("a subscriber at `info` {with:>6.2} µs, {:.2} µs more, ratio {:.2}", with - without, with / without);
}

/// The output of a future that never waits.
fn finished<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the transport responds at once"),
    }
}

/// The CPU time of this thread: the first number of its `schedstat`.
fn cpu_nanos() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or_default()
}
