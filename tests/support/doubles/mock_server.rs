//! A small HTTP/1.1 server on a loopback socket, just enough to test a client: no TLS, no pipelining.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use aws_core::ErrorKind;
use aws_core::http::{HeaderMap, HeaderName, HeaderValue, HttpErrorKind, Response};
use aws_core::testing::{ReceivedRequest, Reply};

/// How long a connection may be idle before the server closes it. Our choice: longer than any test.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

/// An HTTP server on `127.0.0.1` that responds with a queue of replies, or with status 599 once the queue is empty, and
/// records the requests. It stops when it is dropped and closes its connections.
#[derive(Debug)]
pub struct MockServer {
    address: SocketAddr,
    state: Arc<State>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    replies: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<ReceivedRequest>>,
    connections: Mutex<Vec<TcpStream>>,
    accepted: Mutex<usize>,
    stopped: Mutex<bool>,
}

impl MockServer {
    /// Starts a server that responds with `replies` in order.
    ///
    /// # Panics
    /// If no loopback socket can be opened.
    pub fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback socket");
        let address = listener.local_addr().expect("the address of a bound socket");
        let state = Arc::new(State { replies: Mutex::new(replies.into_iter().collect()), ..State::default() });
        let shared = Arc::clone(&state);
        let acceptor = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if *lock(&shared.stopped) {
                    return;
                }
                *lock(&shared.accepted) += 1;
                let state = Arc::clone(&shared);
                std::thread::spawn(move || {
                    // It is not an error of the server if the client closes the connection.
                    let _ = serve(stream, &state);
                });
            }
        });
        Self { address, state, acceptor: Some(acceptor) }
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Appends a reply to the queue.
    pub fn push(&self, reply: Reply) {
        lock(&self.state.replies).push_back(reply);
    }

    /// The requests received so far, with their bodies. A request is recorded before its reply is sent.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        lock(&self.state.requests).clone()
    }

    /// The number of connections accepted so far.
    pub fn connections(&self) -> usize {
        *lock(&self.state.accepted)
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        *lock(&self.state.stopped) = true;
        for stream in lock(&self.state.connections).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the acceptor.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn serve(stream: TcpStream, state: &State) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(IDLE_TIMEOUT))?;
    lock(&state.connections).push(stream.try_clone()?);
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    while let Some(request) = read_request(&mut reader, &mut writer)? {
        lock(&state.requests).push(request.clone());
        let reply = lock(&state.replies).pop_front().unwrap_or_else(|| Reply::new(599).body("no reply left"));
        let mut response = match reply.into_response("the server") {
            Ok(response) => response,
            Err(failure) if failure.kind() == HttpErrorKind::Timeout => return wait_for_end(&mut reader),
            Err(_) => return writer.shutdown(Shutdown::Both),
        };
        write_head(&mut writer, &response)?;
        let mut left = response.body.len().unwrap_or_default();
        if request.method != "HEAD" {
            loop {
                match runtime.block_on(response.body.try_next()) {
                    Ok(Some(chunk)) => {
                        left = left.saturating_sub(chunk.len() as u64);
                        writer.write_all(&chunk)?;
                    }
                    Ok(None) if left == 0 => break,
                    Ok(None) => return writer.shutdown(Shutdown::Both),
                    Err(stalled) if stalled.kind() == ErrorKind::Timeout => return wait_for_end(&mut reader),
                    Err(_) => return writer.shutdown(Shutdown::Both),
                }
            }
        }
        if response.headers.get("connection").is_some_and(|it| it == "close") {
            return writer.shutdown(Shutdown::Both);
        }
    }
    Ok(())
}

fn wait_for_end(reader: &mut impl Read) -> io::Result<()> {
    io::copy(reader, &mut io::sink()).map(drop)
}

fn write_head(writer: &mut TcpStream, response: &Response) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Reply\r\n", response.status.as_u16()).into_bytes();
    for (name, value) in &response.headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    writer.write_all(&head)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_request(reader: &mut BufReader<TcpStream>, writer: &mut TcpStream) -> io::Result<Option<ReceivedRequest>> {
    let Some(request_line) = read_line(reader)? else { return Ok(None) };
    let mut parts = request_line.split(' ');
    let (method, target) = (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned());
    let mut headers = HeaderMap::new();
    while let Some(line) = read_line(reader)?.filter(|it| !it.is_empty()) {
        let (name, value) = line.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
        let name = HeaderName::try_from(name).map_err(io::Error::other)?;
        headers.append(name, HeaderValue::try_from(value.trim()).map_err(io::Error::other)?);
    }
    let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if header("expect").eq_ignore_ascii_case("100-continue") {
        writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut body = Vec::new();
    if header("transfer-encoding").contains("chunked") {
        loop {
            let size = read_line(reader)?.unwrap_or_default();
            let size =
                u64::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16).map_err(io::Error::other)?;
            if size == 0 {
                while read_line(reader)?.is_some_and(|it| !it.is_empty()) {}
                break;
            }
            reader.take(size).read_to_end(&mut body)?;
            read_line(reader)?;
        }
    } else if let Ok(length) = header("content-length").parse::<u64>()
        && (reader.take(length).read_to_end(&mut body)? as u64) < length
    {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let url = format!("http://{}{target}", header("host"));
    let mut request = ReceivedRequest::new(method, url, headers, body);
    // To a proxy it is the whole URL.
    request.target = target;
    Ok(Some(request))
}

fn read_line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let line = String::from_utf8_lossy(&line);
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}
