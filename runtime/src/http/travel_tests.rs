//! Servers and proxies on loopback, with TLS and without: which way a request goes, and who is trusted on it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::http::{Proxies, ProxySetting, Url};
use crate::value::ByteStream;

fn file(name: &str) -> String {
    format!("{}/src/http/testdata/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// TLS with the certificate and the key in a file; it asks for certificates of clients if `asks`.
fn tls(identity: &str, asks: bool) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = CertificateDer::pem_file_iter(file(identity)).unwrap().map(|it| it.unwrap()).collect();
    let key = PrivateKeyDer::from_pem_file(file(identity)).unwrap();
    let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = match asks {
        false => builder.with_no_client_auth(),
        true => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(file("ca.pem")).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()))
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A server, or a proxy, until it is dropped.
struct Host {
    url: String,
    /// The heads of the requests, with the number of the connection before each.
    heads: Arc<Mutex<Vec<(usize, String)>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Host {
    /// `password` is what a proxy wants to see.
    async fn start(tls: Option<TlsAcceptor>, password: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heads);
        let task = tokio::spawn(async move {
            for number in 1.. {
                let (tcp, _) = listener.accept().await.unwrap();
                let (tls, log) = (tls.clone(), Arc::clone(&log));
                tokio::spawn(async move {
                    let mut stream: Box<dyn Stream> = match tls {
                        None => Box::new(tcp),
                        Some(tls) => match tls.accept(tcp).await {
                            Ok(stream) => Box::new(stream),
                            Err(_) => return,
                        },
                    };
                    while let Some(head) = head(&mut *stream).await {
                        log.lock().unwrap().push((number, head.clone()));
                        if password.is_some_and(|it| !head.contains(it)) {
                            let _ = stream.write_all(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n").await;
                        } else if let Some(rest) = head.strip_prefix("CONNECT ") {
                            let mut to = TcpStream::connect(rest.split(' ').next().unwrap()).await.unwrap();
                            stream.write_all(b"HTTP/1.1 200 Go\r\n\r\n").await.unwrap();
                            let _ = tokio::io::copy_bidirectional(&mut stream, &mut to).await;
                            return;
                        } else {
                            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await.unwrap();
                        }
                    }
                });
            }
        });
        Self { url, heads, task }
    }

    fn place(&self) -> &str {
        self.url.split_once("://").unwrap().1
    }

    /// The first lines of the requests, with the number of the connection before each.
    fn lines(&self) -> Vec<String> {
        let heads = self.heads.lock().unwrap();
        heads.iter().map(|(number, head)| format!("{number} {}", head.lines().next().unwrap())).collect()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn head(stream: &mut dyn Stream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

fn client(change: impl FnOnce(&mut HttpSettings)) -> ReqwestClient {
    let mut settings = HttpSettings { ca_bundle: Some(file("ca.pem").into()), ..HttpSettings::default() };
    change(&mut settings);
    let client = ReqwestClient::with_environment(&settings, &Environment::empty()).expect("good settings");
    let debug = format!("{client:?}");
    assert!(!debug.contains("hush") && !debug.contains("aHVzaA"), "{debug}");
    client
}

async fn get(client: &ReqwestClient, url: &str) -> Result<String, HttpError> {
    let response = client.send(Request::new(Method::GET, Url::parse(url).unwrap())).await?;
    let body = response.body.collect().await.expect("a short body");
    Ok(format!("{} {}", response.status.as_u16(), String::from_utf8_lossy(&body)))
}

fn told(error: &HttpError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(error);
    while let Some(it) = cause {
        text.push_str(&format!("; {it} {it:?}"));
        cause = it.source();
    }
    assert!(!text.contains("hush") && !text.contains("aHVzaA"), "{text}");
    text
}

const HUSH: &str = "proxy-authorization: Basic bWU6aHVzaA==";

/// A proxy with a password in front of a server: what each of them sees of two requests.
async fn check(proxy_tls: bool, server_tls: bool, forwards: bool, path: &str, change: fn(&mut HttpSettings)) {
    let proxy = Host::start(proxy_tls.then(|| tls("proxy.pem", false)), Some("asic bWU6aHVzaA==")).await;
    let server = Host::start(server_tls.then(|| tls("server.pem", false)), None).await;
    let through = proxy.url.replace("://", "://me:hush@");
    let client = client(|it| {
        it.proxy = Proxies::all(through).into();
        change(it);
    });
    let url = format!("{}{path}", server.url);
    for _ in 0..2 {
        assert_eq!(get(&client, &url).await.map_err(|it| told(&it)), Ok("200 hi".to_owned()));
    }
    let case = format!("{proxy_tls} {server_tls} {path}");
    let (at_proxy, at_server) = (proxy.lines(), server.lines());
    if forwards {
        let line = format!("1 GET {url} HTTP/1.1");
        assert_eq!((at_proxy, at_server), (vec![line; 2], vec![]), "{case}");
    } else {
        let line = format!("1 CONNECT {} HTTP/1.1", server.place());
        assert_eq!((at_proxy, at_server), (vec![line], vec![format!("1 GET {path} HTTP/1.1"); 2]), "{case}");
    }
    let proxied = proxy.heads.lock().unwrap()[0].1.to_lowercase();
    assert!(proxied.contains(&HUSH.to_lowercase()), "{proxied}");
    assert!(proxied.contains(&format!("\r\nhost: {}\r\n", server.place())), "{proxied}");
    assert!(server.heads.lock().unwrap().iter().all(|(_, it)| !it.to_lowercase().contains("proxy-")));
}

#[tokio::test]
async fn requests_travel_through_proxies() {
    fn ca(it: &mut HttpSettings) {
        it.proxy_ca_bundle = Some(file("proxy-ca.pem").into());
    }
    fn spied(it: &mut HttpSettings) {
        ca(it);
        it.proxy_use_forwarding_for_https = true;
    }
    for path in ["/p?x=%20", "/a/../b?x=%20"] {
        check(false, false, true, path, |_| {}).await;
        check(false, true, false, path, |_| {}).await;
        check(true, false, true, path, ca).await;
        check(true, true, false, path, ca).await;
        check(true, true, true, path, spied).await;
        check(true, false, true, path, spied).await;
        // Only a proxy that is reached by https is sent what is to be read by nobody else.
        check(false, true, false, path, spied).await;
        check(true, true, false, path, |it| {
            it.ca_bundle = None;
            it.danger_accept_invalid_certs = true;
        })
        .await;
    }
}

#[tokio::test]
async fn troubles_with_proxies_name_the_proxy() {
    let server = Host::start(Some(tls("server.pem", false)), None).await;
    let plain = Host::start(None, Some("nothing is enough")).await;
    let secret = Host::start(Some(tls("proxy.pem", true)), None).await;
    let check = async |proxy: &str, change: fn(&mut HttpSettings), expect: &[&str]| {
        let client = client(|it| {
            it.proxy = Proxies::all(proxy).into();
            change(it);
        });
        for path in ["/p", "/a/../b"] {
            let error = get(&client, &format!("{}{path}?X-Amz-Signature=hush", server.url)).await.unwrap_err();
            assert_eq!(error.kind(), HttpErrorKind::Connect, "{error}");
            let text = told(&error);
            for expect in expect.iter().copied().chain([server.place(), " through the proxy http"]) {
                assert!(text.contains(expect), "{text}");
            }
        }
    };
    let with_password = plain.url.replace("://", "://me:hush@");
    check(&with_password, |_| {}, &["://***@", "proxy"]).await;
    check(&plain.url, |_| {}, &[plain.place()]).await;
    check("http://127.0.0.1:1", |_| {}, &["127.0.0.1:1"]).await;
    // The authorities of servers say nothing for this proxy.
    check(&secret.url, |_| {}, &["certificate"]).await;
    // It wants to see a certificate.
    check(&secret.url, |it| it.proxy_ca_bundle = Some(file("proxy-ca.pem").into()), &[secret.place()]).await;
    // One for servers is none for proxies once these have settings of their own.
    let client = client(|it| {
        it.proxy = Proxies::all(&secret.url).into();
        it.proxy_ca_bundle = Some(file("proxy-ca.pem").into());
        it.proxy_client_certificate = Some((file("client.pem"), file("client.key")).into());
    });
    assert_eq!(get(&client, &format!("{}/p", server.url)).await.map_err(|it| told(&it)), Ok("200 hi".to_owned()));
    let mut both_ways = Request::new(Method::POST, Url::parse(&server.url).unwrap());
    both_ways.duplex = true;
    let error = client.send(both_ways).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Other);
}

#[tokio::test]
async fn the_environment_is_the_one_given() {
    let (proxy, server) = (Host::start(None, None).await, Host::start(None, None).await);
    let check = async |variables: &[(&str, &str)], proxied: usize| {
        let variables = Environment::from_iter(variables.iter().copied());
        let client = ReqwestClient::with_environment(&HttpSettings::default(), &variables).unwrap();
        let before = proxy.lines().len();
        for path in ["/p", "/a/../b"] {
            assert_eq!(get(&client, &format!("{}{path}", server.url)).await.unwrap(), "200 hi");
        }
        assert_eq!(proxy.lines().len() - before, proxied, "{variables:?}");
    };
    check(&[], 0).await;
    check(&[("HTTP_PROXY", &proxy.url)], 2).await;
    check(&[("HTTPS_PROXY", &proxy.url)], 0).await;
    check(&[("all_proxy", &proxy.url)], 2).await;
    check(&[("HTTP_PROXY", &proxy.url), ("NO_PROXY", "127.0.0.0/8")], 0).await;
    check(&[("HTTP_PROXY", &proxy.url), ("NO_PROXY", server.place())], 0).await;
    check(&[("HTTP_PROXY", &proxy.url), ("NO_PROXY", "127.0.0.1:1")], 2).await;
    check(&[("HTTP_PROXY", &proxy.url), ("REQUEST_METHOD", "GET")], 0).await;
    let variables = Environment::from_iter([("HTTP_PROXY", &proxy.url)]);
    let settings = HttpSettings { proxy: ProxySetting::None, ..HttpSettings::default() };
    let direct = ReqwestClient::with_environment(&settings, &variables).unwrap();
    let before = proxy.lines().len();
    get(&direct, &server.url).await.unwrap();
    assert_eq!(proxy.lines().len(), before);
    let variables = [("REQUESTS_CA_BUNDLE", file("ca.pem"))];
    let server = Host::start(Some(tls("server.pem", false)), None).await;
    let client = ReqwestClient::with_environment(&HttpSettings::default(), &Environment::from_iter(variables)).unwrap();
    assert_eq!(get(&client, &server.url).await.unwrap(), "200 hi");
}

#[tokio::test]
async fn certificates() {
    let (open, closed) = (
        Host::start(Some(tls("server.pem", false)), None).await,
        Host::start(Some(tls("server.pem", true)), None).await,
    );
    let check = async |server: &Host, change: fn(&mut HttpSettings), is_good: bool| {
        let client = client(change);
        for path in ["/p", "/a/../b"] {
            let answer = get(&client, &format!("{}{path}", server.url)).await;
            assert_eq!(answer.is_ok(), is_good, "{answer:?}");
        }
    };
    check(&open, |_| {}, true).await;
    check(&open, |it| it.ca_bundle = Some(file("proxy-ca.pem").into()), false).await;
    check(&open, |it| it.ca_bundle = None, false).await;
    fn all(it: &mut HttpSettings) {
        it.ca_bundle = None;
        it.danger_accept_invalid_certs = true;
    }
    check(&open, all, true).await;
    check(&closed, all, false).await;
    check(&closed, |_| {}, false).await;
    check(&closed, |it| it.client_certificate = Some(file("client-both.pem").as_str().into()), true).await;
    check(&closed, |it| it.client_certificate = Some((file("client.pem"), file("client.key")).into()), true).await;
    check(&closed, |it| it.proxy_client_certificate = Some(file("client-both.pem").as_str().into()), false).await;
}

#[test]
fn certificates_are_checked_early() {
    let check = |change: &dyn Fn(&mut HttpSettings), expect: &str| {
        let mut settings = HttpSettings { proxy: Proxies::all("https://p").into(), ..HttpSettings::default() };
        change(&mut settings);
        let error = ReqwestClient::with_environment(&settings, &Environment::empty()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(text.contains(expect), "{text}");
    };
    check(
        &|it| it.client_certificate = Some(file("client.pem").as_str().into()),
        "client.pem: no private key in PEM format",
    );
    check(
        &|it| it.client_certificate = Some((file("client.pem"), "/no/such.key").into()),
        "client_certificate /no/such.key: its private key cannot be read",
    );
    check(
        &|it| it.client_certificate = Some((file("client.pem"), file("server.pem")).into()),
        "client.pem: the certificate and its private key do not fit",
    );
    check(&|it| it.proxy_ca_bundle = Some("/no/such.pem".into()), "proxy_ca_bundle /no/such.pem: it cannot be read");
    check(
        &|it| it.proxy_client_certificate = Some("/dev/null".into()),
        "proxy_client_certificate /dev/null: no certificate in PEM format",
    );
}

#[tokio::test]
async fn connecting_is_limited() {
    // It takes the connection and never answers the handshake.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = silent.local_addr().unwrap().to_string();
    let limit = Some(Duration::from_millis(50));
    let server = client(|it| it.connect_timeout = limit);
    let proxied = client(|it| {
        it.connect_timeout = limit;
        it.proxy = Proxies::all(format!("http://me:hush@{place}")).into();
    });
    for (client, url, through) in [
        (server, format!("https://{place}"), ""),
        (proxied, "https://h".to_owned(), " through the proxy http://***@127"),
    ] {
        for path in ["/p", "/a/../b"] {
            let error = get(&client, &format!("{url}{path}")).await.unwrap_err();
            assert_eq!(error.kind(), HttpErrorKind::Timeout, "{error}");
            let text = told(&error);
            assert!(text.contains("within 50ms") && text.contains(through), "{text}");
        }
    }
}

#[tokio::test]
async fn connections_are_kept_as_long_and_as_many_as_settings_say() {
    let check = async |change: fn(&mut HttpSettings), connections: usize| {
        let server = Host::start(None, None).await;
        let client = client(change);
        for path in ["/p", "/a/../b"] {
            for _ in 0..3 {
                get(&client, &format!("{}{path}", server.url)).await.unwrap();
            }
        }
        let last = server.heads.lock().unwrap().last().unwrap().0;
        assert_eq!(last, connections);
    };
    check(|_| {}, 2).await;
    check(|it| it.pool_max_idle_per_host = 1, 2).await;
    check(|it| it.pool_max_idle_per_host = 0, 6).await;
    check(|it| it.pool_idle_timeout = Some(Duration::ZERO), 6).await;
    check(|it| it.pool_idle_timeout = None, 2).await;
}

/// The kernel tells of each socket which timer runs: 2 is that of keep-alive probes.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn keep_alive_reaches_the_socket() {
    let check = async |keepalive: Option<Duration>, path: &str, expect: &str| {
        let server = Host::start(None, None).await;
        let client = client(|it| it.tcp_keepalive = keepalive);
        get(&client, &format!("{}{path}", server.url)).await.unwrap();
        let port: u16 = server.place().split_once(':').unwrap().1.parse().unwrap();
        let peer = format!("0100007F:{port:04X}");
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let ours =
            table.lines().map(|it| it.split_whitespace().collect::<Vec<_>>()).find(|it| it[2] == peer && it[3] == "01");
        assert_eq!(&ours.expect("the connection")[5][..2], expect, "{keepalive:?} {path}");
    };
    for path in ["/p", "/a/../b"] {
        check(None, path, "00").await;
        check(Some(Duration::from_secs(15)), path, "02").await;
    }
}

/// A server that answers heads with these, one after the other; after `100` it reads five bytes and answers `200`.
async fn answering(answers: &'static [&'static str]) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        let mut answers = answers.iter();
        let mut next = answers.next();
        for number in 1.. {
            let (tcp, _) = listener.accept().await.unwrap();
            let mut stream: Box<dyn Stream> = Box::new(tcp);
            while let Some(head) = head(&mut *stream).await {
                let asked = head.to_lowercase().contains("expect: 100-continue");
                let Some(answer) = next else { return };
                next = answers.next();
                let mut body = [0; 5];
                if *answer == "100" || answer.is_empty() {
                    if *answer == "100" {
                        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.unwrap();
                    }
                    stream.read_exact(&mut body).await.unwrap();
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await.unwrap();
                } else {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
                log.lock().unwrap().push(format!("{number} {asked} {}", String::from_utf8_lossy(&body)));
            }
        }
    });
    (url, seen)
}

fn upload(url: &str, body: Body) -> Request {
    let mut request = Request::new(Method::PUT, Url::parse(format!("{url}/p")).unwrap());
    request.headers.insert("expect", "100-continue".parse().unwrap());
    request.body = body;
    request
}

#[tokio::test(start_paused = true)]
async fn bodies_wait_until_they_are_wanted() {
    const REFUSED: &str = "HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nhi";
    // Without an answer to its question the client sends the body after a second, which passes at once here.
    static ANSWERS: [&str; 5] = ["100", "100", REFUSED, "", "100"];
    let (url, seen) = answering(&ANSWERS).await;
    let client = client(|it| it.proxy = ProxySetting::None);
    for expect in [200, 200, 403, 200, 200] {
        let taken = Arc::new(Mutex::new(0));
        let count = Arc::clone(&taken);
        let body = ByteStream::from_reader(&b"hello"[..]).with_len(5).inspect(move |piece: Option<&Bytes>| {
            *count.lock().unwrap() += piece.map_or(0, Bytes::len);
            Ok(())
        });
        let start = tokio::time::Instant::now();
        let response = client.send(upload(&url, Body::Stream(body))).await.unwrap();
        assert_eq!(response.status.as_u16(), expect);
        assert_eq!(&*response.body.collect().await.unwrap(), b"hi");
        assert_eq!(*taken.lock().unwrap(), if expect == 403 { 0 } else { 5 });
        assert!(start.elapsed() <= Duration::from_secs(1));
    }
    let body = "\0\0\0\0\0";
    let expect = ["1 true hello", "1 true hello", &format!("1 true {body}"), "2 true hello", "2 true hello"];
    assert_eq!(*seen.lock().unwrap(), expect);
    let (url, seen) = answering(&["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]).await;
    client.send(upload(&url, Body::Empty)).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [format!("1 false {body}")]);
}
