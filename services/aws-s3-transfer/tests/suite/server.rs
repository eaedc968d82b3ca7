//! The store behind a socket, with faults at any exchange. One thread a connection.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::store::{Request, Response, Store, decode};

/// What goes wrong with an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The service is overloaded; nothing is done.
    SlowDown,
    /// The connection ends before anything is done.
    Close,
    /// It is done, but the connection ends before the response.
    CloseAfter,
    /// The response is cut after so many bytes of its body.
    Cut(usize),
    /// Nothing is done, and there is no response until the client closes the connection.
    Stall,
    /// The response has no body, whatever its headers say.
    Empty,
    /// One byte of what is sent back is another.
    Flip,
    /// An error with this status and code; nothing is done.
    Error(u16, &'static str),
}

type Faults = Box<dyn FnMut(&Request, usize) -> Fault + Send>;

struct State {
    store: Mutex<Store>,
    faults: Mutex<Faults>,
    log: Mutex<Vec<Request>>,
    connections: Mutex<Vec<TcpStream>>,
    in_flight: Mutex<(usize, usize)>,
    delay: Mutex<Duration>,
    stopped: Mutex<bool>,
}

pub struct Server {
    address: SocketAddr,
    state: Arc<State>,
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|it| it.into_inner())
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            store: Mutex::default(),
            faults: Mutex::new(Box::new(|_, _| Fault::None)),
            log: Mutex::default(),
            connections: Mutex::default(),
            in_flight: Mutex::default(),
            delay: Mutex::default(),
            stopped: Mutex::new(false),
        });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if *lock(&shared.stopped) {
                    return;
                }
                let state = Arc::clone(&shared);
                std::thread::spawn(move || {
                    let ended = stream.try_clone();
                    let _ = serve(stream, &state);
                    let _ = ended.and_then(|it| it.shutdown(Shutdown::Both));
                });
            }
        });
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.state.store)
    }

    /// Sets what goes wrong: called with each request and the number of those of its operation before it.
    pub fn faults(&self, faults: impl FnMut(&Request, usize) -> Fault + Send + 'static) {
        *lock(&self.state.faults) = Box::new(faults);
    }

    /// Delays each response.
    pub fn delay(&self, delay: Duration) {
        *lock(&self.state.delay) = delay;
    }

    /// The most requests with a large body at the same time so far.
    pub fn peak(&self) -> usize {
        lock(&self.state.in_flight).1
    }

    /// The number of requests so far.
    pub fn count(&self) -> usize {
        lock(&self.state.log).len()
    }

    /// The operations of all requests so far, each with its number.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for request in lock(&self.state.log).iter() {
            *counts.entry(request.operation()).or_default() += 1;
        }
        counts
    }

    /// The requests of an operation, without their bodies.
    pub fn requests(&self, operation: &str) -> Vec<Request> {
        lock(&self.state.log).iter().filter(|it| it.operation() == operation).cloned().collect()
    }

    /// Waits until all connections that were opened before have ended, and so until their requests have taken effect.
    pub fn wait_for_connections(&self) {
        // Connections are accepted in order: when this one has ended, all before it are counted.
        let mut last = TcpStream::connect(self.address).unwrap();
        last.shutdown(Shutdown::Write).unwrap();
        let _ = last.read_to_end(&mut Vec::new());
        // The server and the thread that accepts have the state, and so has each connection.
        let started = Instant::now();
        while Arc::strong_count(&self.state) > 2 {
            assert!(started.elapsed() < Duration::from_secs(60), "a connection does not end");
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    pub fn clear_log(&self) {
        lock(&self.state.log).clear();
    }

    /// Nothing but complete objects is there.
    pub fn assert_clean(&self) {
        let uploads: Vec<_> = self.store().uploads.keys().cloned().collect();
        assert_eq!(uploads, [""; 0], "multipart uploads are left behind");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *lock(&self.state.stopped) = true;
        for stream in lock(&self.state.connections).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }
}

fn serve(stream: TcpStream, state: &State) -> io::Result<()> {
    stream.set_nodelay(true)?;
    lock(&state.connections).push(stream.try_clone()?);
    let mut reader = BufReader::with_capacity(256 * 1024, stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = read_request(&mut reader, &mut writer)? {
        {
            let mut in_flight = lock(&state.in_flight);
            in_flight.0 += usize::from(request.body.len() > crate::MIB);
            in_flight.1 = in_flight.1.max(in_flight.0);
        }
        let done = respond(&request, &mut writer, state);
        lock(&state.in_flight).0 -= usize::from(request.body.len() > crate::MIB);
        if !done? {
            return writer.shutdown(Shutdown::Both);
        }
    }
    Ok(())
}

/// Whether the connection stays open.
fn respond(request: &Request, writer: &mut TcpStream, state: &State) -> io::Result<bool> {
    let count = {
        let mut log = lock(&state.log);
        let count = log.iter().filter(|it| it.operation() == request.operation()).count();
        log.push(Request { body: Vec::new(), ..request.clone() });
        count
    };
    std::thread::sleep(*lock(&state.delay));
    let fault = lock(&state.faults)(request, count);
    let mut response = match fault {
        Fault::Close => return Ok(false),
        Fault::Stall => {
            let _ = writer.read(&mut [0]);
            return Ok(false);
        }
        Fault::SlowDown => Response::error(503, "SlowDown"),
        Fault::Error(status, code) => Response::error(status, code),
        _ => lock(&state.store).handle(request),
    };
    if fault == Fault::CloseAfter {
        return Ok(false);
    }
    if fault == Fault::Empty {
        response.body.clear();
    }
    if fault == Fault::Flip
        && let Some(byte) = response.body.first_mut()
    {
        *byte ^= 1;
    }
    let mut head = format!("HTTP/1.1 {} Reply\r\n", response.status);
    for (name, value) in &response.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if response.status != 204 && response.status != 304 {
        head.push_str(&format!("content-length: {}\r\n", response.body.len()));
    }
    head.push_str("last-modified: ");
    let modified = aws_core::Timestamp::from_secs(crate::store::now() as i64);
    head.push_str(&modified.format(aws_core::types::Format::HttpDate).unwrap());
    head.push_str("\r\n\r\n");
    writer.write_all(head.as_bytes())?;
    if request.method == "HEAD" {
        return Ok(true);
    }
    if let Fault::Cut(len) = fault {
        writer.write_all(&response.body[..len.min(response.body.len())])?;
        return Ok(false);
    }
    writer.write_all(&response.body)?;
    Ok(true)
}

fn read_request(reader: &mut BufReader<TcpStream>, writer: &mut TcpStream) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let mut request = Request { method, ..Request::default() };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    request.path = decode(path.trim_start_matches('/'));
    for pair in query.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        request.query.insert(decode(name), decode(value));
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end();
        let Some((name, value)) = line.split_once(':') else { break };
        request.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    if request.header("expect").is_some() {
        writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let length: u64 = request.header("content-length").and_then(|it| it.parse().ok()).unwrap_or_default();
    if (reader.take(length).read_to_end(&mut request.body)? as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(request))
}
