//! Servers and proxies on the loopback interface, with and without TLS: which connections a request uses, and which
//! certificates are trusted.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::ErrorKind;
use crate::http::{Proxies, ProxySource, Url};

pub(super) fn file(name: &str) -> String {
    format!("{}/src/http/testdata/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// TLS with the certificate and the key in the file `identity`. It offers HTTP/2, which none of these servers understands:
/// ordinary requests use HTTP/1.1 all the same.
pub(super) fn tls(identity: &str, requires_client_certificate: bool) -> TlsAcceptor {
    let provider = Arc::new(super::super::tls::cryptography::default_provider());
    let chain = CertificateDer::pem_file_iter(file(identity)).unwrap().map(|it| it.unwrap()).collect();
    let key = PrivateKeyDer::from_pem_file(file(identity)).unwrap();
    let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = match requires_client_certificate {
        false => builder.with_no_client_auth(),
        true => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(file("ca.pem")).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A server or a proxy. It stops when it is dropped.
struct Host {
    url: String,
    /// The heads of the requests, with the number of the connection before each.
    heads: Arc<Mutex<Vec<(usize, String)>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Host {
    /// `authorization` is what a proxy expects in the head of a request.
    async fn start(tls: Option<TlsAcceptor>, authorization: Option<&'static str>) -> Self {
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
                        if authorization.is_some_and(|it| !head.contains(it)) {
                            let _ = stream.write_all(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n").await;
                        } else if let Some(rest) = head.strip_prefix("CONNECT ") {
                            let mut target = TcpStream::connect(rest.split(' ').next().unwrap()).await.unwrap();
                            stream.write_all(b"HTTP/1.1 200 Go\r\n\r\n").await.unwrap();
                            let _ = tokio::io::copy_bidirectional(&mut stream, &mut target).await;
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

    fn authority(&self) -> &str {
        self.url.split_once("://").unwrap().1
    }

    /// The request lines, with the number of the connection before each.
    fn request_lines(&self) -> Vec<String> {
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

fn client(change: impl FnOnce(&mut HttpConfig)) -> HyperClient {
    let mut settings = HttpConfig { ca_bundle: Some(file("ca.pem").into()), ..HttpConfig::default() };
    change(&mut settings);
    let client = HyperClient::with_environment(&settings, &Environment::empty()).expect("valid settings");
    let debug = format!("{client:?}");
    assert!(!debug.contains("hush") && !debug.contains("aHVzaA"), "{debug}");
    client
}

async fn get(client: &HyperClient, url: &str) -> Result<String, HttpError> {
    let response = client.send(Request::new(Method::GET, Url::parse(url).unwrap())).await?;
    let body = response.body.collect().await.expect("a short body");
    Ok(format!("{} {}", response.status.as_u16(), String::from_utf8_lossy(&body)))
}

fn full_message(error: &HttpError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!("; {error} {error:?}"));
        cause = error.source();
    }
    assert!(!text.contains("hush") && !text.contains("aHVzaA"), "{text}");
    text
}

const PROXY_AUTHORIZATION: &str = "proxy-authorization: Basic bWU6aHVzaA==";

/// A proxy with a password in front of a server: checks what each of them receives for two requests.
async fn check(proxy_tls: bool, server_tls: bool, forwards: bool, path: &str, change: fn(&mut HttpConfig)) {
    let proxy = Host::start(proxy_tls.then(|| tls("proxy.pem", false)), Some("asic bWU6aHVzaA==")).await;
    let server = Host::start(server_tls.then(|| tls("server.pem", false)), None).await;
    let proxy_url = proxy.url.replace("://", "://me:hush@");
    let client = client(|it| {
        it.proxy = Proxies::all(proxy_url).into();
        change(it);
    });
    let url = format!("{}{path}", server.url);
    for _ in 0..2 {
        assert_eq!(get(&client, &url).await.map_err(|it| full_message(&it)), Ok("200 hi".to_owned()));
    }
    let case = format!("{proxy_tls} {server_tls} {path}");
    let (at_proxy, at_server) = (proxy.request_lines(), server.request_lines());
    if forwards {
        let line = format!("1 GET {url} HTTP/1.1");
        assert_eq!((at_proxy, at_server), (vec![line; 2], vec![]), "{case}");
    } else {
        let line = format!("1 CONNECT {} HTTP/1.1", server.authority());
        assert_eq!((at_proxy, at_server), (vec![line], vec![format!("1 GET {path} HTTP/1.1"); 2]), "{case}");
    }
    let proxied = proxy.heads.lock().unwrap()[0].1.to_lowercase();
    assert!(proxied.contains(&PROXY_AUTHORIZATION.to_lowercase()), "{proxied}");
    assert!(proxied.contains(&format!("\r\nhost: {}\r\n", server.authority())), "{proxied}");
    assert!(server.heads.lock().unwrap().iter().all(|(_, it)| !it.to_lowercase().contains("proxy-")));
}

#[tokio::test]
async fn requests_are_forwarded_or_tunnelled() {
    fn trust_proxy(it: &mut HttpConfig) {
        it.proxy_ca_bundle = Some(file("proxy-ca.pem").into());
    }
    fn forward_https(it: &mut HttpConfig) {
        trust_proxy(it);
        it.proxy_use_forwarding_for_https = true;
    }
    for path in ["/p?x=%20", "/a/../b?x=%20"] {
        check(false, false, true, path, |_| {}).await;
        check(false, true, false, path, |_| {}).await;
        check(true, false, true, path, trust_proxy).await;
        check(true, true, false, path, trust_proxy).await;
        check(true, true, true, path, forward_https).await;
        check(true, false, true, path, forward_https).await;
        // A proxy with an http URL never forwards https requests: they would be readable on the network.
        check(false, true, false, path, forward_https).await;
        check(true, true, false, path, |it| {
            it.ca_bundle = None;
            it.danger_accept_invalid_certs = true;
        })
        .await;
    }
}

#[tokio::test]
async fn proxy_errors_name_the_proxy() {
    let server = Host::start(Some(tls("server.pem", false)), None).await;
    let http_proxy = Host::start(None, Some("never sent")).await;
    let https_proxy = Host::start(Some(tls("proxy.pem", true)), None).await;
    let check = async |proxy: &str, change: fn(&mut HttpConfig), expect: &[&str]| {
        let client = client(|it| {
            it.proxy = Proxies::all(proxy).into();
            change(it);
        });
        for path in ["/p", "/a/../b"] {
            let error = get(&client, &format!("{}{path}?X-Amz-Signature=hush", server.url)).await.unwrap_err();
            assert_eq!(error.kind(), HttpErrorKind::Proxy, "{error}");
            let text = full_message(&error);
            for expect in expect.iter().copied().chain([server.authority(), " through the proxy http"]) {
                assert!(text.contains(expect), "{text}");
            }
        }
    };
    let with_password = http_proxy.url.replace("://", "://me:hush@");
    check(&with_password, |_| {}, &["://***@", "proxy"]).await;
    check(&http_proxy.url, |_| {}, &[http_proxy.authority()]).await;
    check("http://127.0.0.1:1", |_| {}, &["127.0.0.1:1"]).await;
    // The CA bundle for servers does not contain this proxy's authority.
    check(&https_proxy.url, |_| {}, &["certificate"]).await;
    // The proxy requires a client certificate.
    check(&https_proxy.url, |it| it.proxy_ca_bundle = Some(file("proxy-ca.pem").into()), &[https_proxy.authority()])
        .await;
    // Proxies with settings of their own have their own client certificate.
    let client = client(|it| {
        it.proxy = Proxies::all(&https_proxy.url).into();
        it.proxy_ca_bundle = Some(file("proxy-ca.pem").into());
        it.proxy_client_certificate = Some((file("client.pem"), file("client.key")).into());
    });
    assert_eq!(
        get(&client, &format!("{}/p", server.url)).await.map_err(|it| full_message(&it)),
        Ok("200 hi".to_owned())
    );
}

#[tokio::test]
async fn a_proxy_that_rejects_a_tunnel_is_reported_with_its_status() {
    for (status, expect) in [
        ("403 Forbidden", "rejected the tunnel with status 403"),
        ("502 Bad", "rejected the tunnel with status 502"),
        ("407 Who", "requires a user name and a password (status 407)"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            head(&mut tcp).await;
            let response = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nno");
            tcp.write_all(response.as_bytes()).await.unwrap();
        });
        let client = client(|it| it.proxy = Proxies::all(url).into());
        let error = get(&client, "https://server.invalid/p").await.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::Proxy);
        assert!(error.message().contains(expect), "{error}");
    }
}

#[tokio::test]
async fn only_the_explicit_environment_is_read() {
    let (proxy, server) = (Host::start(None, None).await, Host::start(None, None).await);
    let check = async |variables: &[(&str, &str)], proxied: usize| {
        let variables = Environment::from_iter(variables.iter().copied());
        let client = HyperClient::with_environment(&HttpConfig::default(), &variables).unwrap();
        let before = proxy.request_lines().len();
        for path in ["/p", "/a/../b"] {
            assert_eq!(get(&client, &format!("{}{path}", server.url)).await.unwrap(), "200 hi");
        }
        assert_eq!(proxy.request_lines().len() - before, proxied, "{variables:?}");
    };
    check(&[], 0).await;
    check(&[("HTTP_PROXY", &proxy.url)], 2).await;
    check(&[("HTTPS_PROXY", &proxy.url)], 0).await;
    check(&[("all_proxy", &proxy.url)], 2).await;
    check(&[("HTTP_PROXY", &proxy.url), ("NO_PROXY", "127.0.0.0/8")], 0).await;
    check(&[("HTTP_PROXY", &proxy.url), ("NO_PROXY", server.authority())], 0).await;
    check(&[("HTTP_PROXY", &proxy.url), ("NO_PROXY", "127.0.0.1:1")], 2).await;
    check(&[("HTTP_PROXY", &proxy.url), ("REQUEST_METHOD", "GET")], 0).await;
    let variables = Environment::from_iter([("HTTP_PROXY", &proxy.url)]);
    let settings = HttpConfig { proxy: ProxySource::None, ..HttpConfig::default() };
    let direct = HyperClient::with_environment(&settings, &variables).unwrap();
    let before = proxy.request_lines().len();
    get(&direct, &server.url).await.unwrap();
    assert_eq!(proxy.request_lines().len(), before);
    let variables = [("REQUESTS_CA_BUNDLE", file("ca.pem"))];
    let server = Host::start(Some(tls("server.pem", false)), None).await;
    let client = HyperClient::with_environment(&HttpConfig::default(), &Environment::from_iter(variables)).unwrap();
    assert_eq!(get(&client, &server.url).await.unwrap(), "200 hi");
}

#[tokio::test]
async fn certificates_are_verified_and_presented() {
    let (server, strict_server) = (
        Host::start(Some(tls("server.pem", false)), None).await,
        Host::start(Some(tls("server.pem", true)), None).await,
    );
    let check = async |server: &Host, change: fn(&mut HttpConfig), succeeds: bool| {
        let client = client(change);
        for path in ["/p", "/a/../b"] {
            let response = get(&client, &format!("{}{path}", server.url)).await;
            assert_eq!(response.is_ok(), succeeds, "{response:?}");
        }
    };
    check(&server, |_| {}, true).await;
    check(&server, |it| it.ca_bundle = Some(file("proxy-ca.pem").into()), false).await;
    check(&server, |it| it.ca_bundle = None, false).await;
    fn accept_any(it: &mut HttpConfig) {
        it.ca_bundle = None;
        it.danger_accept_invalid_certs = true;
    }
    check(&server, accept_any, true).await;
    check(&strict_server, accept_any, false).await;
    check(&strict_server, |_| {}, false).await;
    check(&strict_server, |it| it.client_certificate = Some(file("client-both.pem").as_str().into()), true).await;
    check(&strict_server, |it| it.client_certificate = Some((file("client.pem"), file("client.key")).into()), true)
        .await;
    check(&strict_server, |it| it.proxy_client_certificate = Some(file("client-both.pem").as_str().into()), false)
        .await;
}

#[tokio::test]
async fn a_certificate_in_the_bundle_is_trusted_for_its_names_and_dates() {
    let check = async |identity: &str, bundle: &str, succeeds: bool| {
        let server = Host::start(Some(tls(identity, false)), None).await;
        let client = client(|it| it.ca_bundle = Some(file(bundle).into()));
        let response = get(&client, &server.url).await;
        assert_eq!(response.is_ok(), succeeds, "{identity} {bundle}: {response:?}");
    };
    check("self-signed.pem", "self-signed.pem", true).await;
    check("self-signed.pem", "ca.pem", false).await;
    check("self-signed.pem", "self-signed-other.pem", false).await;
    check("self-signed-other.pem", "self-signed-other.pem", false).await;
    check("self-signed-expired.pem", "self-signed-expired.pem", false).await;
    check("server.pem", "server.pem", false).await;
}

#[test]
fn invalid_certificates_are_rejected_when_the_client_is_built() {
    let check = |change: &dyn Fn(&mut HttpConfig), expect: &str| {
        let mut settings = HttpConfig { proxy: Proxies::all("https://p").into(), ..HttpConfig::default() };
        change(&mut settings);
        let error = HyperClient::with_environment(&settings, &Environment::empty()).unwrap_err();
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
        "client.pem: the private key does not match the certificate",
    );
    check(&|it| it.proxy_ca_bundle = Some("/no/such.pem".into()), "proxy_ca_bundle /no/such.pem: cannot be read");
    check(&|it| it.ca_bundle = Some("/no/such.pem".into()), "ca_bundle /no/such.pem: cannot be read");
    check(
        &|it| it.proxy_client_certificate = Some("/dev/null".into()),
        "proxy_client_certificate /dev/null: no certificate in PEM format",
    );
}

/// A bundle has some 140 certificates: a program that sends nothing over TLS does not parse them.
#[tokio::test]
async fn a_bundle_is_read_when_the_first_certificate_is_verified() {
    let bundle = std::env::temp_dir().join(format!("aws-core-bundle-{}.pem", std::process::id()));
    std::fs::write(&bundle, "no certificate").unwrap();
    let server = Host::start(Some(tls("server.pem", false)), None).await;
    let plain = Host::start(None, None).await;
    let early = client(|it| it.ca_bundle = Some(bundle.clone()));
    get(&early, &plain.url).await.expect("no certificate is needed");
    let late = client(|it| it.ca_bundle = Some(bundle.clone()));
    let error = get(&early, &server.url).await.unwrap_err();
    let expect = format!("ca_bundle {}: no certificates in PEM format", bundle.display());
    assert_eq!(error.kind(), HttpErrorKind::Tls, "{error}");
    assert!(error.to_string().ends_with(&expect), "{error}");
    std::fs::copy(file("ca.pem"), &bundle).unwrap();
    get(&late, &server.url).await.expect("read just now");
    std::fs::remove_file(&bundle).unwrap();
    get(&late, &server.url).await.expect("read once");
}

#[tokio::test]
async fn connect_timeout_covers_handshakes() {
    // It accepts the connection and never responds to the handshake.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = silent.local_addr().unwrap().to_string();
    let limit = Some(Duration::from_millis(50));
    let server = client(|it| it.connect_timeout = limit);
    let proxied = client(|it| {
        it.connect_timeout = limit;
        it.proxy = Proxies::all(format!("http://me:hush@{authority}")).into();
    });
    for (client, url, proxy) in [
        (server, format!("https://{authority}"), ""),
        (proxied, "https://h".to_owned(), " through the proxy http://***@127"),
    ] {
        for path in ["/p", "/a/../b"] {
            let error = get(&client, &format!("{url}{path}")).await.unwrap_err();
            assert_eq!(error.kind(), HttpErrorKind::Timeout, "{error}");
            let text = full_message(&error);
            assert!(text.contains("within 50ms") && text.contains(proxy), "{text}");
        }
    }
}

#[tokio::test]
async fn pool_settings_limit_idle_connections() {
    let check = async |change: fn(&mut HttpConfig), connections: usize| {
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
    check(|_| {}, 1).await;
    check(|it| it.pool_max_idle_per_host = 1, 1).await;
    check(|it| it.pool_max_idle_per_host = 0, 6).await;
    check(|it| it.pool_idle_timeout = Some(Duration::ZERO), 6).await;
    check(|it| it.pool_idle_timeout = None, 1).await;
}

/// The kernel lists the active timer of each socket: 2 is that of keepalive probes.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn tcp_keepalive_is_set_on_the_socket() {
    let check = async |keepalive: Option<Duration>, path: &str, expect: &str| {
        let server = Host::start(None, None).await;
        let client = client(|it| it.tcp_keepalive = keepalive);
        get(&client, &format!("{}{path}", server.url)).await.unwrap();
        let port: u16 = server.authority().split_once(':').unwrap().1.parse().unwrap();
        let peer = format!("0100007F:{port:04X}");
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let socket =
            table.lines().map(|it| it.split_whitespace().collect::<Vec<_>>()).find(|it| it[2] == peer && it[3] == "01");
        assert_eq!(&socket.expect("the connection")[5][..2], expect, "{keepalive:?} {path}");
    };
    for path in ["/p", "/a/../b"] {
        check(None, path, "00").await;
        check(Some(Duration::from_secs(15)), path, "02").await;
    }
}
