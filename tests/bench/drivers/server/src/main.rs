//! The server of the benchmarks, on a free port of the loopback interface: one canned response a case, made at the
//! start. It prints its URL, checks no signature, and ends when its standard input does. `GET /counts` returns how many
//! connections it has accepted, and how many requests.

mod objects;
#[path = "../../../../support/pages.rs"]
mod pages;
mod responses;

use std::cell::Cell;
use std::convert::Infallible;
use std::io::Read;
use std::rc::Rc;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::net::TcpListener;

use responses::{Repeated, Responses};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    // The server ends with the program that started it, however that ends.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    // As many connections as the drivers open.
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let responses = Rc::new(Responses::new());
    let (accepted, requests) = (Rc::new(Cell::new(0_u64)), Rc::new(Cell::new(0_u64)));
    println!("http://{}", listener.local_addr()?);
    let accept = async move {
        loop {
            // More open files than the limit: the client waits until one is closed.
            let Ok((stream, _)) = listener.accept().await else {
                tokio::task::yield_now().await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            accepted.set(accepted.get() + 1);
            let (responses, accepted, requests) = (Rc::clone(&responses), Rc::clone(&accepted), Rc::clone(&requests));
            tokio::task::spawn_local(async move {
                let service = service_fn(|request| {
                    requests.set(requests.get() + 1);
                    respond(request, Rc::clone(&responses), (accepted.get(), requests.get()))
                });
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    };
    tokio::task::LocalSet::new().run_until(accept).await
}

async fn respond(
    mut request: Request<Incoming>,
    responses: Rc<Responses>,
    (accepted, requests): (u64, u64),
) -> Result<Response<Repeated>, Infallible> {
    let (mut start, mut len) = (None, 0);
    while let Some(Ok(frame)) = request.body_mut().frame().await {
        if let Ok(data) = frame.into_data() {
            len += data.len() as u64;
            start.get_or_insert(data);
        }
    }
    Ok(match request.uri().path() {
        "/counts" => responses::text(format!("{accepted} {requests}")),
        _ => responses.find(&request, &start.unwrap_or_default(), len),
    })
}
