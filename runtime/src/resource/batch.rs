//! Batch actions: resources are folded into requests of bounded size, each for resources that belong together.

use std::fmt;
use std::pin::Pin;
use std::vec;

use futures_core::Stream;

use super::{Elements, PageStream, pages};
use crate::error::Result;

/// The requests of a batch, created one at a time.
///
/// An empty page results in no request and does not end the batch.
#[must_use = "a batch does nothing until it is sent"]
pub struct BatchRequests<Q> {
    pages: PageStream<Q>,
    pending: vec::IntoIter<Q>,
    /// Whether there are no more pages.
    ended: bool,
}

impl<Q: 'static> BatchRequests<Q> {
    /// Folds elements into requests of at most `max` elements, any two of which are the `same` in what a request has
    /// once, such as the queue of messages; `fold` gets at least one.
    pub fn new<T: Send + 'static>(
        elements: Elements<T>,
        max: usize,
        same: fn(&T, &T) -> bool,
        fold: impl Fn(&[T]) -> Option<Q> + Send + 'static,
    ) -> Self {
        let max = max.max(1);
        let fold = move |page: Vec<T>| {
            let groups = group(page, same);
            groups.iter().flat_map(|it| it.chunks(max)).filter_map(&fold).collect()
        };
        Self { pages: pages(elements.into_lists(max), fold), pending: Vec::new().into_iter(), ended: false }
    }

    /// The next request, or `None` after the last.
    ///
    /// # Errors
    /// Those of the listing; [`Validation`](crate::ErrorKind::Validation) if the batch is rejected, before anything is
    /// sent. After one the batch has ended.
    pub async fn try_next(&mut self) -> Result<Option<Q>> {
        loop {
            if let Some(request) = self.pending.next() {
                return Ok(Some(request));
            }
            if self.ended {
                return Ok(None);
            }
            let page = std::future::poll_fn(|context| Pin::new(&mut self.pages).poll_next(context)).await;
            self.ended = !matches!(page, Some(Ok(_)));
            self.pending = page.transpose()?.unwrap_or_default().into_iter();
        }
    }
}

/// Elements by what a request has once, in the order of their first occurrence.
fn group<T>(elements: Vec<T>, same: fn(&T, &T) -> bool) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    for element in elements {
        // From the end: an element mostly belongs to the group of the one before.
        let group = groups.iter_mut().rev().find(|it| it.first().is_some_and(|first| same(first, &element)));
        match group {
            Some(group) => group.push(element),
            None => groups.push(vec![element]),
        }
    }
    groups
}

impl<Q> fmt::Debug for BatchRequests<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchRequests").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll};

    use super::*;
    use crate::error::{Error, ErrorKind};
    use crate::resource::BatchElement;
    use crate::resource::collection::tests::above;

    /// Elements from memory; 0 is an error.
    struct Items(vec::IntoIter<u32>);

    impl Stream for Items {
        type Item = Result<u32>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            Poll::Ready(self.0.next().map(|it| if it == 0 { Err(Error::new(ErrorKind::Io, "zero")) } else { Ok(it) }))
        }
    }

    impl BatchElement for u32 {
        type Element = u32;

        fn into_element(self) -> u32 {
            self
        }
    }

    /// All requests, and whether there was an error after them.
    async fn sent(elements: Elements<u32>, max: usize, same: fn(&u32, &u32) -> bool) -> (Vec<Vec<u32>>, bool) {
        let mut requests = BatchRequests::new(elements, max, same, |it| Some(it.to_vec()));
        let mut found = Vec::new();
        let mut failed = None;
        for _ in 0..100 {
            match requests.try_next().await {
                Ok(Some(request)) => found.push(request),
                end => {
                    failed = Some(end.is_err());
                    break;
                }
            }
        }
        let failed = failed.expect("an end");
        assert_eq!(requests.try_next().await.expect("the end"), None);
        (found, failed)
    }

    #[tokio::test]
    async fn pages_become_requests_of_bounded_size() {
        async fn check(list: &[&[u32]], max: usize, expect: &[&[u32]], fails: bool) {
            let (found, failed) = sent(Elements::pages(above(list).pages()), max, |_, _| true).await;
            assert_eq!(found, expect);
            assert_eq!(failed, fails);
        }
        check(&[], 2, &[], false).await;
        check(&[&[]], 2, &[], false).await;
        // An empty page does not end the batch.
        check(&[&[], &[1], &[], &[2, 3]], 2, &[&[1], &[2, 3]], false).await;
        check(&[&[1, 2, 3, 4, 5]], 2, &[&[1, 2], &[3, 4], &[5]], false).await;
        check(&[&[1], &[0], &[2]], 2, &[&[1]], true).await;
    }

    #[tokio::test]
    async fn elements_of_iterators_and_streams_fill_requests() {
        async fn check(list: &[&[u32]], max: usize, expect: &[&[u32]], fails: bool) {
            let (found, failed) = sent(Elements::stream(Items(list.concat().into_iter())), max, |_, _| true).await;
            assert_eq!(found, expect);
            assert_eq!(failed, fails);
            if !fails {
                let all = list.concat();
                assert_eq!(sent(Elements::all(&all), max, |_, _| true).await, (found, false));
                assert_eq!(sent(Elements::all(all), max, |_, _| true).await.0, expect);
            }
        }
        check(&[], 2, &[], false).await;
        check(&[&[1], &[2], &[3, 4, 5]], 2, &[&[1, 2], &[3, 4], &[5]], false).await;
        check(&[&[1, 2], &[3, 4]], 4, &[&[1, 2, 3, 4]], false).await;
        // What was read before an error is acted on.
        check(&[&[1, 2, 3], &[0], &[4]], 2, &[&[1, 2], &[3]], true).await;
    }

    #[tokio::test]
    async fn elements_that_do_not_belong_together_are_in_requests_of_their_own() {
        let parity: fn(&u32, &u32) -> bool = |a, b| a % 2 == b % 2;
        let expect: &[&[u32]] = &[&[1, 3], &[5, 7], &[2, 4], &[6]];
        let (found, _) = sent(Elements::all([1, 2, 3, 4, 5, 6, 7]), 2, parity).await;
        assert_eq!(found, expect);
    }

    #[tokio::test]
    async fn a_rejected_batch_sends_nothing() {
        let elements = Elements::all([1]).reject_empty(Some("Ids"));
        let mut requests = BatchRequests::new(elements, 2, |_, _| true, |it| Some(it.to_vec()));
        assert_eq!(requests.try_next().await.map_err(|it| it.kind()), Err(ErrorKind::Validation));
        assert_eq!(requests.try_next().await.expect("the end"), None);
    }
}
