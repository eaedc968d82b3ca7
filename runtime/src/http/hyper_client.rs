//! An HTTP/1.1 client on hyper, with connections of its own, for what reqwest would change or cannot do: paths with a
//! segment `.` or `..`, proxies that require a client certificate or forward `https` requests, and bodies that wait for
//! `100 Continue`.

use std::sync::{Mutex, PoisonError};

use ::http::header::{HOST, PROXY_AUTHORIZATION};
use ::http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::connect::{ConnectVia, ProxyConnector};
use super::expect::{Gate, ResponseBody, expects_continue};
use super::{Body, HttpConfig, HttpError, HttpErrorKind, Url, reqwest_error};
use crate::types::ByteStream;

/// An HTTP/1.1 client with a small pool of connections.
pub(super) struct HyperClient {
    connector: ProxyConnector,
    /// Contains connections whose response is still being read: hyper reports which of them are ready.
    pool: Mutex<Vec<PooledConnection>>,
    settings: HttpConfig,
}

struct PooledConnection {
    /// Scheme, host and port.
    key: Box<str>,
    sender: SendRequest<ByteStream>,
    task: AbortHandle,
    pooled_at: Instant,
}

impl HyperClient {
    pub(super) fn new(settings: &HttpConfig, connector: ProxyConnector) -> Self {
        Self { connector, pool: Mutex::default(), settings: settings.clone() }
    }

    pub(super) async fn send(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: Body,
    ) -> Result<Response<ResponseBody>, HttpError> {
        let not_encoded = |e: ::http::Error| {
            let message = format!("the path {:?} of host {} is not percent-encoded", url.path(), url.host());
            HttpError::new(HttpErrorKind::Other, message).with_source(e)
        };
        let via = self.connector.connect_via(url);
        let target = match &via {
            ConnectVia::Direct | ConnectVia::Tunnel(_) => url.path_and_query(),
            ConnectVia::Forward(proxy) => {
                if let Some(value) = &proxy.authorization {
                    headers.insert(PROXY_AUTHORIZATION, value.clone());
                }
                url.as_str()
            }
        };
        let mut request = Request::new(body.into_stream());
        *request.method_mut() = method;
        *request.uri_mut() = Uri::try_from(target).map_err(|e| not_encoded(e.into()))?;
        let host = HeaderValue::try_from(&*url.host_header()).map_err(|e| not_encoded(e.into()))?;
        headers.entry(HOST).or_insert(host);
        *request.headers_mut() = headers;
        let gate = expects_continue(request.headers()).then(|| Gate::install(&mut request, self.settings.read_timeout));

        let authority = url.authority();
        let key = &url.as_str()[..url.scheme().len() + 3 + authority.len()];
        let fail = |e| reqwest_error::from_hyper(e, authority);
        // The connection can be used again once the response is read, unless the request's body is still held back.
        let finish = |response, sender, task: AbortHandle| {
            let is_withheld = gate.as_ref().is_some_and(|it| it.close());
            if !is_withheld {
                self.return_to_pool(key, sender, task.clone());
            }
            ResponseBody::wrap(response, is_withheld.then_some(task))
        };
        while let Some(PooledConnection { mut sender, task, .. }) = self.take_from_pool(key) {
            match sender.try_send_request(request).await {
                Ok(response) => return Ok(finish(response, sender, task)),
                // The server closed the connection before it was used again.
                Err(mut e) => match e.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(fail(e.into_error())),
                },
            }
        }
        let connection = self.connector.connect(url, &via).await?;
        let (mut sender, driver) = handshake(TokioIo::new(connection)).await.map_err(fail)?;
        // Ends when the server closes the connection, or when the sender and the response body are dropped.
        let task = tokio::spawn(driver).abort_handle();
        let response = sender.send_request(request).await.map_err(fail)?;
        Ok(finish(response, sender, task))
    }

    /// Takes a connection that is ready for another request.
    fn take_from_pool(&self, key: &str) -> Option<PooledConnection> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        self.remove_unusable(&mut pool);
        let index = pool.iter().rposition(|it| *it.key == *key && it.sender.is_ready())?;
        Some(pool.remove(index))
    }

    /// Adds a connection, whose response may not have been read yet.
    fn return_to_pool(&self, key: &str, sender: SendRequest<ByteStream>, task: AbortHandle) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        self.remove_unusable(&mut pool);
        let others = pool.iter().filter(|it| *it.key == *key).count();
        if others < self.settings.pool_max_idle_per_host {
            pool.push(PooledConnection { key: key.into(), sender, task, pooled_at: Instant::now() });
        }
    }

    /// Removes connections that are closed or were idle for too long.
    fn remove_unusable(&self, pool: &mut Vec<PooledConnection>) {
        let timeout = self.settings.pool_idle_timeout;
        let is_expired = |it: &PooledConnection| timeout.is_some_and(|limit| it.pooled_at.elapsed() > limit);
        pool.retain(|it| !(it.sender.is_closed() || it.sender.is_ready() && is_expired(it)));
    }
}
