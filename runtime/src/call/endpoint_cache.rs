//! The endpoints that a client used last, by the parameters they were resolved from. Knows no rules and no settings.

use std::sync::{Arc, Mutex};

use crate::endpoint::{Endpoint, Params};
use crate::error::Result;
use crate::sync::lock;

/// How many endpoints a client keeps. Our choice: S3 has one for each bucket, and few programs use more than a handful
/// at a time; a search compares with all of them, which is cheaper than resolving one.
const MAX_ENDPOINTS: usize = 16;

/// An endpoint, and the parameters it was resolved from.
type Entry = (Arc<Params<'static>>, Arc<Endpoint>);

/// The endpoints used last.
#[derive(Debug, Default)]
pub(super) struct EndpointCache {
    /// The most recently used first.
    entries: Mutex<Vec<Entry>>,
}

impl EndpointCache {
    /// The endpoint for these parameters, from the cache or from `resolve`. Other calls do not wait while it is resolved.
    pub(super) fn get_or_resolve(
        &self,
        params: Params<'_>,
        resolve: impl FnOnce(&Params<'_>) -> Result<Endpoint>,
    ) -> Result<Entry> {
        if let Some(found) = self.get(&params) {
            return Ok(found);
        }
        let endpoint = Arc::new(resolve(&params)?);
        let entry = (Arc::new(params.into_owned()), endpoint);
        let mut entries = lock(&self.entries);
        // Another call may have resolved the same meanwhile.
        if entries.iter().all(|(cached, _)| *cached != entry.0) {
            entries.truncate(MAX_ENDPOINTS - 1);
            entries.insert(0, entry.clone());
        }
        Ok(entry)
    }

    fn get(&self, params: &Params<'_>) -> Option<Entry> {
        let mut entries = lock(&self.entries);
        let position = entries.iter().position(|(cached, _)| **cached == *params)?;
        entries[..=position].rotate_right(1);
        Some(entries[0].clone())
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
    fn resolved(order: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let cache = EndpointCache::default();
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
        for count in 1..=MAX_ENDPOINTS {
            let expected: Vec<_> = (0..count).collect();
            assert_eq!(resolved((0..count * 5).map(|it| it % count)), expected, "{count} in turn");
        }
    }

    #[test]
    fn the_endpoint_that_was_not_used_for_longest_is_dropped() {
        let fill = 0..MAX_ENDPOINTS;
        let new = MAX_ENDPOINTS;
        // 0 was used again, so 1 is the oldest when another is added.
        let order = fill.clone().chain([0, new, 0, new, 2, 1]);
        assert_eq!(resolved(order), fill.chain([new, 1]).collect::<Vec<_>>());
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
        assert_eq!(cache.entries.lock().unwrap().len(), 2, "the same endpoint is kept once");
    }
}
