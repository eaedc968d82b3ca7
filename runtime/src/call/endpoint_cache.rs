//! The endpoints that a client used, by the parameters they were resolved from. Knows no rules and no settings.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex};

use crate::endpoint::{Endpoint, Params};
use crate::error::Result;
use crate::sync::lock;

/// How many endpoints a client keeps at least of those that it used last; it keeps up to twice as many. Our choice: S3 has
/// one for each bucket, an account has up to 10,000 buckets by default, and an endpoint takes about a kilobyte. A client
/// that uses a few has no memory for more.
const KEPT: usize = 10_000;

/// An endpoint, and the parameters it was resolved from.
type Entry = (Arc<Params<'static>>, Arc<Endpoint>);

/// The endpoints used.
#[derive(Debug)]
pub(super) struct EndpointCache {
    hasher: RandomState,
    entries: Mutex<Entries>,
}

/// Entries by the hash of their parameters.
#[derive(Debug)]
struct Entries {
    kept: usize,
    /// The one used last: most clients have no other, and need no hash.
    last: Option<Entry>,
    recent: HashMap<u64, Entry>,
    /// Those that were the recent ones before. What is used of them becomes recent again, and the rest is dropped when
    /// there are new older ones.
    older: HashMap<u64, Entry>,
}

impl Default for EndpointCache {
    fn default() -> Self {
        Self::keeping(KEPT)
    }
}

impl EndpointCache {
    fn keeping(kept: usize) -> Self {
        let entries = Entries { kept, last: None, recent: HashMap::new(), older: HashMap::new() };
        Self { hasher: RandomState::new(), entries: Mutex::new(entries) }
    }

    /// The endpoint for these parameters, from the cache or from `resolve`. Other calls do not wait while it is resolved.
    pub(super) fn get_or_resolve(
        &self,
        params: Params<'_>,
        resolve: impl FnOnce(&Params<'_>) -> Result<Endpoint>,
    ) -> Result<Entry> {
        if let Some(last) = lock(&self.entries).last.as_ref().filter(|it| *it.0 == params) {
            return Ok(last.clone());
        }
        let hash = self.hasher.hash_one(&params);
        if let Some(found) = lock(&self.entries).take(hash, &params) {
            return Ok(found);
        }
        let endpoint = Arc::new(resolve(&params)?);
        let entry = (Arc::new(params.into_owned()), endpoint);
        lock(&self.entries).keep(hash, entry.clone());
        Ok(entry)
    }
}

impl Entries {
    fn take(&mut self, hash: u64, params: &Params<'_>) -> Option<Entry> {
        // Different parameters with the same hash replace each other.
        let is_same = |it: &&Entry| *it.0 == *params;
        if let Some(found) = self.recent.get(&hash).filter(is_same) {
            self.last = Some(found.clone());
            return self.last.clone();
        }
        self.older.get(&hash).filter(is_same)?;
        let found = self.older.remove(&hash)?;
        self.keep(hash, found.clone());
        Some(found)
    }

    fn keep(&mut self, hash: u64, entry: Entry) {
        if self.recent.len() >= self.kept && !self.recent.contains_key(&hash) {
            self.older = std::mem::take(&mut self.recent);
        }
        self.last = Some(entry.clone());
        self.recent.insert(hash, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Param;
    use crate::error::{Error, ErrorKind};
    use std::cell::RefCell;

    fn params(bucket: usize) -> Params<'static> {
        Params::from_values(vec![Param::Boolean(true), bucket.to_string().into()])
    }

    fn endpoint(url: String) -> Endpoint {
        Endpoint { url, headers: Vec::new(), auth_schemes: Vec::new(), properties: Vec::new() }
    }

    /// Uses endpoints in this order; returns those that were resolved.
    fn resolved(cache: &EndpointCache, order: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let resolved = RefCell::new(Vec::new());
        for bucket in order {
            let found = cache.get_or_resolve(params(bucket), |of| {
                assert_eq!(*of, params(bucket));
                resolved.borrow_mut().push(bucket);
                Ok(endpoint(bucket.to_string()))
            });
            let (of, found) = found.unwrap();
            assert_eq!((&*of, &found.url), (&params(bucket), &bucket.to_string()));
        }
        resolved.into_inner()
    }

    #[test]
    fn endpoints_that_are_used_in_turn_are_resolved_once() {
        for count in [1, 2, 17, KEPT] {
            let expected: Vec<_> = (0..count).collect();
            let order = (0..count * 3).map(|it| it % count);
            assert_eq!(resolved(&EndpointCache::default(), order), expected, "{count} in turn");
        }
    }

    #[test]
    fn what_was_used_last_is_kept_and_memory_is_bounded() {
        let cache = EndpointCache::keeping(3);
        assert_eq!(resolved(&cache, [0, 1, 2, 3, 0, 4]), [0, 1, 2, 3, 4]);
        // 0 became recent again. 5 is the fourth recent one, so that 1 and 2 are dropped.
        assert_eq!(resolved(&cache, [5, 0, 3, 4, 1, 2]), [5, 1, 2]);
        resolved(&cache, 10..1000);
        let entries = cache.entries.lock().unwrap();
        assert!(entries.recent.len() <= 3 && entries.older.len() <= 3);
    }

    #[test]
    fn an_error_is_not_cached() {
        let cache = EndpointCache::default();
        let failed = cache.get_or_resolve(params(1), |_| Err(Error::new(ErrorKind::Endpoint, "no")));
        assert!(failed.is_err());
        assert!(cache.get_or_resolve(params(1), |_| Ok(endpoint(String::new()))).is_ok());
    }

    #[test]
    fn the_cache_is_free_while_an_endpoint_is_resolved() {
        let cache = EndpointCache::default();
        let outer = cache.get_or_resolve(params(1), |_| {
            // Would never return if the lock were held.
            cache.get_or_resolve(params(2), |_| Ok(endpoint(String::new())))?;
            cache.get_or_resolve(params(1), |_| Ok(endpoint(String::new())))?;
            Ok(endpoint(String::new()))
        });
        assert!(outer.is_ok());
        assert_eq!(cache.entries.lock().unwrap().recent.len(), 2, "the same endpoint is kept once");
    }
}
