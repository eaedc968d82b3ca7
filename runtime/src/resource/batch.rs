//! Batch actions: the elements of a collection are folded, page by page, into requests of bounded size.

use std::fmt;
use std::pin::Pin;
use std::vec;

use futures_core::Stream;

use super::{PageStream, ResourcePages, pages};
use crate::error::{Error, ErrorKind, Result};

/// The requests of a batch, created one at a time.
///
/// An empty page results in no request and does not end the batch.
#[must_use = "a batch does nothing until it is sent"]
pub struct BatchRequests<Q> {
    /// `None` if the batch was rejected.
    pages: Option<PageStream<Q>>,
    pending: vec::IntoIter<Q>,
    /// Why the batch is not sent.
    rejected: Option<Error>,
}

impl<Q: 'static> BatchRequests<Q> {
    /// Folds elements into requests of at most `max` elements; `fold` gets at least one.
    pub fn new<T: 'static>(
        elements: ResourcePages<T>,
        max: usize,
        fold: impl Fn(&[T]) -> Option<Q> + Send + 'static,
    ) -> Self {
        let fold = move |page: Vec<T>| page.chunks(max.max(1)).filter_map(&fold).collect();
        Self { pages: Some(pages(elements, fold)), pending: Vec::new().into_iter(), rejected: None }
    }

    /// Rejects the batch if `empty_list` names a list of the listing request that is present and empty: the service
    /// would list everything, and the batch act on everything.
    pub fn reject_empty(mut self, empty_list: Option<&'static str>) -> Self {
        self.rejected = empty_list.map(|member| {
            let why = format!(
                "Parameter validation failed:\n{member} of the filter is an empty list, which selects every resource, and \
                 a batch would act on all of them: leave it out if that is meant"
            );
            Error::new(ErrorKind::Validation, why)
        });
        self
    }

    /// The next request, or `None` after the last.
    ///
    /// # Errors
    /// Those of the listing; [`ErrorKind::Validation`] if the batch is rejected, before anything is sent.
    pub async fn try_next(&mut self) -> Result<Option<Q>> {
        if let Some(error) = self.rejected.take() {
            self.pages = None;
            return Err(error);
        }
        let Some(pages) = &mut self.pages else { return Ok(None) };
        loop {
            if let Some(request) = self.pending.next() {
                return Ok(Some(request));
            }
            let page = std::future::poll_fn(|context| Pin::new(&mut *pages).poll_next(context)).await;
            match page.transpose()? {
                Some(page) => self.pending = page.into_iter(),
                None => return Ok(None),
            }
        }
    }
}

impl<Q> fmt::Debug for BatchRequests<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchRequests").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::collection::tests::above;

    async fn check(list: &[&[u32]], max: usize, expect: &[&[u32]]) {
        let mut requests = BatchRequests::new(above(list).pages(), max, |it| Some(it.to_vec()));
        let mut found = Vec::new();
        for _ in 0..=expect.len() {
            found.extend(requests.try_next().await.ok().flatten());
        }
        assert_eq!(found, expect);
    }

    #[tokio::test]
    async fn pages_become_requests_of_bounded_size() {
        check(&[], 2, &[]).await;
        check(&[&[]], 2, &[]).await;
        // An empty page does not end the batch.
        check(&[&[], &[1], &[], &[2, 3]], 2, &[&[1], &[2, 3]]).await;
        check(&[&[1, 2, 3, 4, 5]], 2, &[&[1, 2], &[3, 4], &[5]]).await;
        check(&[&[1], &[0], &[2]], 2, &[&[1]]).await;
    }
}
