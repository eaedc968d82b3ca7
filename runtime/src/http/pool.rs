//! The connections of one client, by host: which one a request gets, how many there may be, and how long idle ones are
//! kept. Knows neither how connections are opened nor what is sent over them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use ::http::{Request, Response};
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::connection::{Connection, Exclusive, MANY_HEADERS, MAX_HEADERS};
use super::established::Version;
use super::http2::Shared;
use super::idle_timeout::Activity;
use super::request_body::{RequestBody, SendError};
use super::{HttpConfig, Url};
use crate::sync::lock;
use crate::tokio_runtime::spawn;

/// How long a request waits for a connection whose response was read, but whose driver has yet to see it. Our choice: less
/// than it takes to open another.
const FINISHING_LIMIT: Duration = Duration::from_millis(5);

/// At how many hosts those without connections are forgotten; then at twice as many, and so on. Our choice: rarely, since all
/// are looked at.
const FORGET_HOSTS: usize = 64;

/// The connections of one client.
pub(super) struct Pool {
    /// By the version they may use.
    hosts: [Mutex<Hosts>; 3],
    max_idle: usize,
    idle_timeout: Option<Duration>,
    max_connections: Option<usize>,
    sweeper: Mutex<Option<AbortHandle>>,
    /// Notified when a connection was returned or closed.
    pub(super) released: Notify,
}

/// By scheme, host and port.
type Hosts = HashMap<Arc<str>, Host>;

struct Host {
    key: Arc<str>,
    /// The last one is used first, so that those that are not needed expire.
    idle: Vec<Exclusive>,
    shared: Vec<Arc<Shared>>,
    permits: Option<Arc<Semaphore>>,
    /// Whether the server was seen not to offer HTTP/2.
    is_http1: bool,
    /// Held while a connection is opened that others may share.
    connecting: Arc<tokio::sync::Mutex<()>>,
    /// How many headers the responses of new connections may have.
    max_headers: usize,
}

impl Host {
    /// Whether the entry holds a connection, or anyone who waits for one.
    fn is_used(&self) -> bool {
        let has_waiters = self.permits.as_ref().is_some_and(|it| Arc::strong_count(it) > 1);
        !self.idle.is_empty() || !self.shared.is_empty() || has_waiters || Arc::strong_count(&self.connecting) > 1
    }

    /// Drops the connections that can serve no more requests.
    fn remove_closed(&mut self) {
        self.idle.retain(|it| !it.is_closed());
        self.shared.retain(|it| !it.is_unusable());
    }
}

/// Scheme, host and port of a URL.
fn key(url: &Url) -> &str {
    &url.as_str()[..url.scheme().len() + 3 + url.authority().len()]
}

impl Pool {
    pub(super) fn new(settings: &HttpConfig) -> Arc<Self> {
        Arc::new(Self {
            hosts: Default::default(),
            max_idle: settings.pool_max_idle_per_host,
            idle_timeout: settings.pool_idle_timeout,
            max_connections: settings.max_connections,
            sweeper: Mutex::new(None),
            released: Notify::new(),
        })
    }

    /// Runs `read` with the entry of a host, which is created if there is none.
    fn with_host<T>(&self, version: Version, key: &str, read: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = lock(&self.hosts[version as usize]);
        if let Some(host) = hosts.get_mut(key) {
            return read(host);
        }
        // Where idle connections never expire, no task looks for hosts that are not used any more.
        if hosts.len() >= FORGET_HOSTS && hosts.len().is_power_of_two() {
            hosts.retain(|_, host| {
                host.remove_closed();
                host.is_used()
            });
        }
        let key: Arc<str> = key.into();
        read(hosts.entry(Arc::clone(&key)).or_insert_with(|| Host {
            key,
            idle: Vec::new(),
            shared: Vec::new(),
            permits: self.max_connections.map(|it| Arc::new(Semaphore::new(it.min(Semaphore::MAX_PERMITS)))),
            is_http1: false,
            connecting: Arc::default(),
            max_headers: MAX_HEADERS,
        }))
    }

    /// How many headers the responses of the host may have.
    pub(super) fn max_headers(&self, version: Version, url: &Url) -> usize {
        self.with_host(version, key(url), |host| host.max_headers)
    }

    /// Lets later responses of the host have more headers.
    pub(super) fn allow_many_headers(&self, version: Version, url: &Url) {
        self.with_host(version, key(url), |host| {
            host.max_headers = MANY_HEADERS;
            host.idle.clear();
        });
    }

    /// Waits until the host may have one more connection in use. Returns `None` if there is no such limit.
    pub(super) async fn permit(&self, version: Version, url: &Url) -> Option<OwnedSemaphorePermit> {
        self.max_connections?;
        let permits = self.with_host(version, key(url), |host| host.permits.clone())?;
        permits.acquire_owned().await.ok()
    }

    /// How many requests wait for one of the `max` connections to the host.
    pub(super) fn waiting(&self, version: Version, url: &Url, max: usize) -> usize {
        self.with_host(version, key(url), |host| {
            let permits = host.permits.as_ref();
            permits.map_or(0, |it| (Arc::strong_count(it) - 1).saturating_sub(max - it.available_permits().min(max)))
        })
    }

    /// Waits for another call that opens a connection to the host, which may turn out to speak HTTP/2 and be shared. The
    /// guard is held by the call that opens the first one; others, having waited once, do not wait for each other.
    pub(super) async fn connecting(&self, version: Version, url: &Url) -> Option<OwnedMutexGuard<()>> {
        let connecting =
            self.with_host(version, key(url), |host| (!host.is_http1).then(|| Arc::clone(&host.connecting)))?;
        match Arc::clone(&connecting).try_lock_owned() {
            Ok(first) => Some(first),
            Err(_) => {
                drop(connecting.lock_owned().await);
                None
            }
        }
    }

    /// Takes an open connection that can serve one more exchange now.
    pub(super) async fn take(self: &Arc<Self>, version: Version, url: &Url) -> Option<Lease> {
        let (mut connection, key) = self.try_take(version, url)?;
        if let Leased::Exclusive(Some(connection)) = &mut connection
            && !connection.is_ready()
            && !tokio::time::timeout(FINISHING_LIMIT, connection.ready()).await.unwrap_or(false)
        {
            return None;
        }
        Some(self.lease(connection, key, version, true))
    }

    /// A connection of this runtime. If all idle ones are still ending their last exchange, one of them.
    fn try_take(&self, version: Version, url: &Url) -> Option<(Leased, Arc<str>)> {
        let runtime = Handle::current().id();
        let hosts = &mut *lock(&self.hosts[version as usize]);
        let host = hosts.get_mut(key(url))?;
        host.shared.retain(|it| !it.is_unusable());
        if let Some(shared) = host.shared.iter().find(|it| it.runtime() == runtime && it.take_stream()) {
            return Some((Leased::Shared(Arc::clone(shared)), Arc::clone(&host.key)));
        }
        let is_expired = |it: &Exclusive| self.idle_timeout.is_some_and(|limit| it.idle_since.elapsed() >= limit);
        let mut found = None;
        for index in (0..host.idle.len()).rev() {
            let candidate = &host.idle[index];
            if candidate.is_closed() || candidate.is_ready() && is_expired(candidate) {
                host.idle.remove(index);
                // Those behind it moved.
                found = found.map(|it: usize| it - 1);
            } else if candidate.runtime == runtime && candidate.is_ready() {
                found = Some(index);
                break;
            } else if candidate.runtime == runtime {
                found = found.or(Some(index));
            }
        }
        Some((Leased::Exclusive(Some(host.idle.remove(found?))), Arc::clone(&host.key)))
    }

    /// Adds a new connection, and takes it for one exchange.
    pub(super) fn add(self: &Arc<Self>, connection: Connection, version: Version, url: &Url) -> Lease {
        self.with_host(version, key(url), |host| {
            let connection = match connection {
                Connection::Exclusive(connection) => {
                    host.is_http1 = true;
                    Leased::Exclusive(Some(connection))
                }
                Connection::Shared(shared) => {
                    host.is_http1 = false;
                    host.shared.push(Arc::clone(&shared));
                    Leased::Shared(shared)
                }
            };
            self.lease(connection, Arc::clone(&host.key), version, false)
        })
    }

    fn lease(self: &Arc<Self>, connection: Leased, key: Arc<str>, version: Version, is_reused: bool) -> Lease {
        Lease { connection, key, version, is_reused, is_retired: false, permit: None, pool: Arc::clone(self) }
    }

    /// Closes all idle connections, for example because the process has no more files.
    pub(super) fn close_idle(&self) {
        for hosts in &self.hosts {
            for host in lock(hosts).values_mut() {
                host.idle.clear();
                host.shared.retain(|it| it.idle_since().is_none());
            }
        }
    }

    fn put_back(self: &Arc<Self>, mut connection: Exclusive, key: &Arc<str>, version: Version) {
        // The caller's body is not read any more once the response was.
        let is_unusable = connection.is_closed() || connection.activity.is_sending();
        if is_unusable || self.idle_timeout == Some(Duration::ZERO) {
            return;
        }
        connection.idle_since = Instant::now();
        self.with_host(version, key, |host| {
            if host.idle.len() < self.max_idle {
                host.idle.push(connection);
            }
        });
        self.start_sweeper();
    }

    /// Starts the task that closes connections which have been idle for too long, if it does not run.
    fn start_sweeper(self: &Arc<Self>) {
        let Some(timeout) = self.idle_timeout else { return };
        let mut sweeper = lock(&self.sweeper);
        if sweeper.as_ref().is_some_and(|it| !it.is_finished()) {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let pool = Arc::downgrade(self);
        *sweeper = Some(spawn(&runtime, Box::pin(sweep(pool, timeout))).abort_handle());
    }

    /// Closes what has been idle for too long. Returns when the next connection expires.
    fn remove_expired(&self, timeout: Duration) -> Option<Instant> {
        let now = Instant::now();
        let mut next: Option<Instant> = None;
        let mut is_kept = |idle_since: Instant| {
            let expires = idle_since + timeout;
            let is_kept = expires > now;
            if is_kept {
                next = Some(next.map_or(expires, |it| it.min(expires)));
            }
            is_kept
        };
        for hosts in &self.hosts {
            let mut hosts = lock(hosts);
            for host in hosts.values_mut() {
                host.remove_closed();
                host.idle.retain(|it| is_kept(it.idle_since));
                // One that is in use is looked at again later.
                host.shared.retain(|it| is_kept(it.idle_since().unwrap_or(now)));
            }
            hosts.retain(|_, host| host.is_used());
        }
        next
    }
}

async fn sweep(pool: Weak<Pool>, timeout: Duration) {
    let mut next = Instant::now() + timeout;
    loop {
        tokio::time::sleep_until(next).await;
        let Some(pool) = pool.upgrade() else { return };
        // Locked meanwhile, so that a connection that is returned is either seen here or starts the next sweeper.
        let mut sweeper = lock(&pool.sweeper);
        match pool.remove_expired(timeout) {
            Some(expires) => next = expires,
            None => {
                *sweeper = None;
                return;
            }
        }
    }
}

/// The use of a connection for one exchange. An exchange that is not [`finish`](Self::finish)ed closes an HTTP/1.1
/// connection.
pub(super) struct Lease {
    connection: Leased,
    key: Arc<str>,
    version: Version,
    /// Whether the connection has served an exchange before, so that the server may have closed it.
    pub(super) is_reused: bool,
    is_retired: bool,
    pub(super) permit: Option<OwnedSemaphorePermit>,
    pool: Arc<Pool>,
}

enum Leased {
    /// `None` after it was put back.
    Exclusive(Option<Exclusive>),
    Shared(Arc<Shared>),
}

impl Lease {
    pub(super) async fn send(&mut self, request: Request<RequestBody>) -> Result<Response<Incoming>, SendError> {
        match &mut self.connection {
            Leased::Exclusive(connection) => connection.as_mut().expect("not finished").send(request).await,
            Leased::Shared(shared) => shared.send(request).await,
        }
    }

    pub(super) fn is_http2(&self) -> bool {
        matches!(self.connection, Leased::Shared(_))
    }

    /// The activity of the connection, if it serves no other exchange at the same time.
    pub(super) fn activity(&self) -> Option<&Arc<Activity>> {
        match &self.connection {
            Leased::Exclusive(connection) => connection.as_ref().map(|it| &it.activity),
            Leased::Shared(_) => None,
        }
    }

    /// Lets no other exchange use the connection.
    pub(super) fn retire(&mut self) {
        self.is_retired = true;
        if let Leased::Shared(shared) = &self.connection {
            shared.retire();
        }
    }

    /// Ends the exchange after the whole response was read.
    pub(super) fn finish(mut self) {
        if let Leased::Exclusive(connection) = &mut self.connection
            && let Some(connection) = connection.take()
            && !self.is_retired
        {
            self.pool.put_back(connection, &self.key, self.version);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Leased::Shared(shared) = &self.connection {
            shared.return_stream();
            self.pool.start_sweeper();
        }
        // The permit first, so that the waiting call finds it.
        self.permit = None;
        self.pool.released.notify_one();
    }
}

#[cfg(test)]
#[cfg(feature = "http2")]
#[path = "pool_tests.rs"]
mod tests;
