//! Sends what reqwest would change or cannot do: paths with `.` or `..` between slashes, and requests through proxies that
//! want a certificate or are to read `https` requests, and bodies that wait for `100 Continue`. HTTP/1.1, by the same HTTP
//! stack, over connections of its own.

use std::sync::{Mutex, PoisonError};

use ::http::header::{HOST, PROXY_AUTHORIZATION};
use ::http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::dial::{Dialer, Way};
use super::expect::{Answered, Gate, asks};
use super::{Body, HttpError, HttpErrorKind, HttpSettings, Url, reqwest_error};
use crate::value::ByteStream;

/// A small pool of connections.
pub(super) struct Verbatim {
    dialer: Dialer,
    /// Those in use stand here too: hyper knows which are ready.
    kept: Mutex<Vec<Kept>>,
    settings: HttpSettings,
}

struct Kept {
    /// Scheme, host and port.
    place: Box<str>,
    sender: SendRequest<ByteStream>,
    task: AbortHandle,
    since: Instant,
}

impl Verbatim {
    pub(super) fn new(settings: &HttpSettings, dialer: Dialer) -> Self {
        Self { dialer, kept: Mutex::default(), settings: settings.clone() }
    }

    pub(super) async fn send(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: Body,
    ) -> Result<Response<Answered>, HttpError> {
        let unencoded = |e: ::http::Error| {
            let what = format!("the path {:?} of host {} has to be percent-encoded", url.path(), url.host());
            HttpError::new(HttpErrorKind::Other, what).with_source(e)
        };
        let way = self.dialer.way(url);
        let target = match &way {
            Way::Direct | Way::Tunnel(_) => url.path_and_query(),
            Way::Forward(proxy) => {
                if let Some(value) = &proxy.authorization {
                    headers.insert(PROXY_AUTHORIZATION, value.clone());
                }
                url.as_str()
            }
        };
        let mut request = Request::new(body.into_stream());
        *request.method_mut() = method;
        *request.uri_mut() = Uri::try_from(target).map_err(|e| unencoded(e.into()))?;
        let host = HeaderValue::try_from(&*url.host_header()).map_err(|e| unencoded(e.into()))?;
        headers.entry(HOST).or_insert(host);
        *request.headers_mut() = headers;
        let gate = asks(request.headers()).then(|| Gate::before(&mut request, self.settings.read_timeout));

        let authority = url.authority();
        let place = &url.as_str()[..url.scheme().len() + 3 + authority.len()];
        let fail = |e| reqwest_error::of_hyper(e, authority);
        // The connection can be used again once the answer is read, unless the request's body is still held back.
        let answered = |response, sender, task: AbortHandle| {
            let is_stuck = gate.as_ref().is_some_and(|it| it.shut());
            if !is_stuck {
                self.keep(place, sender, task.clone());
            }
            Answered::of(response, is_stuck.then_some(task))
        };
        while let Some(Kept { mut sender, task, .. }) = self.take(place) {
            match sender.try_send_request(request).await {
                Ok(response) => return Ok(answered(response, sender, task)),
                // The server closed the connection before it was used again.
                Err(mut e) => match e.take_message() {
                    Some(back) => request = back,
                    None => return Err(fail(e.into_error())),
                },
            }
        }
        let line = self.dialer.dial(url, &way).await?;
        let (mut sender, connection) = handshake(TokioIo::new(line)).await.map_err(fail)?;
        // Ends when the server closes it, or when both its ends are dropped.
        let task = tokio::spawn(connection).abort_handle();
        let response = sender.send_request(request).await.map_err(fail)?;
        Ok(answered(response, sender, task))
    }

    /// A connection that is ready for another request.
    fn take(&self, place: &str) -> Option<Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        self.sweep(&mut kept);
        let at = kept.iter().rposition(|it| *it.place == *place && it.sender.is_ready())?;
        Some(kept.remove(at))
    }

    /// Keeps a connection, whose response may still be on its way.
    fn keep(&self, place: &str, sender: SendRequest<ByteStream>, task: AbortHandle) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        self.sweep(&mut kept);
        let others = kept.iter().filter(|it| *it.place == *place).count();
        if others < self.settings.pool_max_idle_per_host {
            kept.push(Kept { place: place.into(), sender, task, since: Instant::now() });
        }
    }

    fn sweep(&self, kept: &mut Vec<Kept>) {
        let is_late = |it: &Kept| self.settings.pool_idle_timeout.is_some_and(|limit| it.since.elapsed() > limit);
        kept.retain(|it| !(it.sender.is_closed() || it.sender.is_ready() && is_late(it)));
    }
}
