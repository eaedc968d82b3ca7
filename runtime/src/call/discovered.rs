//! The endpoints that a client discovered: until when each is used, when it is refreshed in the background, and what follows
//! a failure. At most one question for a key is in flight. Knows no service, and not how it is asked.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::sync::OwnedMutexGuard;
use tracing::Instrument;

use crate::auth::Clock;
use crate::error::{Error, ErrorKind};
use crate::sync::lock;
use crate::tokio_runtime;

/// How many keys are kept; beyond that, the cache is emptied. Our choice, to bound memory: a client has one key for each
/// region and each set of credentials that its calls name, and botocore's cache (`discovery.py`) has no limit.
const MAX_KEYS: usize = 1000;

/// An endpoint is refreshed in the last part of its period, as 1/4. Our choice: of the day that AWS's services report, six
/// hours, and of the shortest period 15 seconds. botocore asks when the period is over, and the call waits.
const REFRESH_FRACTION: u32 = 4;

/// How long a service is not asked again after it failed to respond. botocore's number (`discovery.py`).
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(60);

/// What the endpoint of a call depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The endpoint of the rule set, which is where the service is asked: it differs by region.
    pub(super) regional: String,
    /// The access key of the call's own credentials; `None` for those of the session, which may be replaced by others for
    /// the same account at any time.
    pub(super) access_key_id: Option<String>,
    /// The operation and the strings of its input that its endpoint depends on, by member, if there are such.
    pub(super) ids: Option<(&'static str, Vec<(&'static str, String)>)>,
}

/// An endpoint that a service reported.
#[derive(Clone, Debug)]
pub(super) struct Found {
    url: Arc<str>,
    refresh_at: SystemTime,
    expires: SystemTime,
}

impl Found {
    /// An endpoint that is used for `period` from `now` on.
    pub(super) fn new(url: &str, now: SystemTime, period: Duration) -> Self {
        let expires = now + period;
        Self { url: url.into(), refresh_at: expires - period / REFRESH_FRACTION, expires }
    }
}

/// Why there is no endpoint.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// The service did not respond, or with an error.
    Unavailable(Arc<Error>),
    /// The service responded with something that is no endpoint of it.
    Unusable(Arc<Error>),
}

impl Failure {
    fn error(&self) -> &Arc<Error> {
        match self {
            Self::Unavailable(it) | Self::Unusable(it) => it,
        }
    }
}

/// The endpoints by key.
#[derive(Debug, Default)]
pub(crate) struct DiscoveredEndpoints(Mutex<HashMap<Key, Arc<Slot>>>);

/// What is known for one key.
#[derive(Debug, Default)]
struct Slot {
    state: Mutex<State>,
    /// Held while the service is asked.
    asking: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Default)]
struct State {
    found: Option<Found>,
    /// How often the service was asked.
    asked: u64,
    /// The failure of the last question, and until when no call waits for another.
    failure: Option<(Failure, SystemTime)>,
}

/// What a call does.
enum Step {
    /// It uses this endpoint.
    Use(Arc<str>),
    /// It uses this endpoint, and lets it be refreshed.
    Refresh(Arc<str>),
    /// It goes on without a current endpoint, since the service failed to report one just now.
    DoWithout(Failure),
    /// It waits for the service.
    Wait,
}

impl State {
    fn step(&self, now: SystemTime) -> Step {
        let failure = self.failure.as_ref().filter(|it| now < it.1).map(|it| &it.0);
        match (&self.found, failure) {
            (Some(found), None) if now >= found.refresh_at && now < found.expires => {
                Step::Refresh(Arc::clone(&found.url))
            }
            (Some(found), _) if now < found.expires => Step::Use(Arc::clone(&found.url)),
            (_, Some(failure @ Failure::Unavailable(_))) => Step::DoWithout(failure.clone()),
            _ => Step::Wait,
        }
    }

    /// What a call does after a failure: one that could not ask uses an endpoint that is out of date, as in botocore, or none
    /// if it needs none.
    fn without(&self, failure: Failure, is_required: bool) -> Result<Option<Arc<str>>, Arc<Error>> {
        match (failure, &self.found) {
            (Failure::Unavailable(_), Some(expired)) => Ok(Some(Arc::clone(&expired.url))),
            (Failure::Unavailable(_), None) if !is_required => Ok(None),
            (failure, _) => Err(Arc::clone(failure.error())),
        }
    }
}

impl DiscoveredEndpoints {
    /// The endpoint for this key; `None` for the regional one, if no other is required. A call waits only for the first
    /// endpoint, and for one after a period without calls.
    pub(super) async fn find<F>(
        &self,
        key: &Key,
        clock: &Clock,
        is_required: bool,
        ask: impl FnOnce() -> F,
    ) -> Result<Option<Arc<str>>, Arc<Error>>
    where
        F: Future<Output = Result<Found, Failure>> + Send + 'static,
    {
        let slot = self.slot(key);
        let asked = {
            let state = lock(&slot.state);
            match state.step(clock.now()) {
                Step::Use(url) => return Ok(Some(url)),
                Step::Refresh(url) => {
                    drop(state);
                    slot.refresh(clock, ask);
                    return Ok(Some(url));
                }
                Step::DoWithout(failure) if !is_required || state.found.is_some() => {
                    return state.without(failure, is_required);
                }
                Step::DoWithout(_) | Step::Wait => state.asked,
            }
        };
        let asking = Arc::clone(&slot.asking).lock_owned().await;
        {
            let state = lock(&slot.state);
            match (state.step(clock.now()), &state.failure) {
                (Step::Use(url) | Step::Refresh(url), _) => return Ok(Some(url)),
                // Calls that waited for a question share its failure instead of asking one after another.
                (_, Some((failure, _))) if state.asked != asked => return state.without(failure.clone(), is_required),
                _ => {}
            }
        }
        match slot.ask(asking, clock.clone(), ask()).await {
            Ok(url) => Ok(Some(url)),
            Err(failure) => lock(&slot.state).without(failure, is_required),
        }
    }

    /// Forgets an endpoint that rejected a call, unless there is another one already.
    pub(super) fn forget(&self, key: &Key, url: &str) {
        lock(&self.slot(key).state).found.take_if(|it| *it.url == *url);
    }

    fn slot(&self, key: &Key) -> Arc<Slot> {
        let mut slots = lock(&self.0);
        if let Some(slot) = slots.get(key) {
            return Arc::clone(slot);
        }
        if slots.len() >= MAX_KEYS {
            slots.clear();
        }
        Arc::clone(slots.entry(key.clone()).or_default())
    }
}

impl Slot {
    /// Asks in the background, unless that is being done. Without a runtime the endpoint is used to its end.
    fn refresh<F>(self: &Arc<Self>, clock: &Clock, ask: impl FnOnce() -> F)
    where
        F: Future<Output = Result<Found, Failure>> + Send + 'static,
    {
        let Ok(asking) = Arc::clone(&self.asking).try_lock_owned() else { return };
        if let Ok(runtime) = tokio_runtime::current() {
            let (slot, clock, question) = (Arc::clone(self), clock.clone(), ask());
            let refresh = async move {
                let _asking = asking;
                _ = slot.store(&clock, question.await);
            };
            // In no span: that of the call ends before.
            tokio_runtime::spawn(&runtime, Box::pin(refresh));
        }
    }

    /// Asks, in a task that outlives the call: others wait for the same response.
    async fn ask(
        self: &Arc<Self>,
        asking: OwnedMutexGuard<()>,
        clock: Clock,
        question: impl Future<Output = Result<Found, Failure>> + Send + 'static,
    ) -> Result<Arc<str>, Failure> {
        let slot = Arc::clone(self);
        let work = async move {
            let _asking = asking;
            slot.store(&clock, question.await)
        };
        let Ok(runtime) = tokio_runtime::current() else { return work.await };
        tokio_runtime::outcome(&runtime, work.in_current_span()).await.unwrap_or_else(|it| {
            let error = Error::new(ErrorKind::Endpoint, format!("asking the service ended early: {it}"));
            Err(Failure::Unavailable(Arc::new(error)))
        })
    }

    fn store(&self, clock: &Clock, outcome: Result<Found, Failure>) -> Result<Arc<str>, Failure> {
        let mut state = lock(&self.state);
        state.asked += 1;
        match outcome {
            Ok(found) => {
                let url = Arc::clone(&found.url);
                (state.found, state.failure) = (Some(found), None);
                Ok(url)
            }
            Err(failure) => {
                tracing::warn!(error = %failure.error(), "endpoint discovery failed");
                state.failure = Some((failure.clone(), clock.now() + PAUSE_AFTER_FAILURE));
                Err(failure)
            }
        }
    }
}

#[cfg(test)]
#[path = "discovered_tests.rs"]
mod tests;
