//! Collections: lazy lists of resources. No request is sent before the first element is requested, and no page before
//! it is needed.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;

use crate::call::ResponseMetadata;
use crate::error::Result;
use crate::paginate::{Pages, Paginated};

/// The elements of a collection, page by page.
pub type PageStream<T> = Pin<Box<dyn ResponseStream<Item = Result<Vec<T>>> + Send>>;

/// A stream of what responses contain.
pub trait ResponseStream: Stream {
    /// Status, headers, request id and attempts of the response that the last item came in; `None` before the first, and
    /// for items that come from no response.
    fn metadata(&self) -> Option<&ResponseMetadata> {
        None
    }
}

impl<S: ResponseStream + ?Sized> ResponseStream for Pin<Box<S>> {
    fn metadata(&self) -> Option<&ResponseMetadata> {
        (**self).metadata()
    }
}

impl<O: Paginated> ResponseStream for Pages<O> {
    fn metadata(&self) -> Option<&ResponseMetadata> {
        self.metadata()
    }
}

type Open<Q, T> = Arc<dyn Fn(Q, Option<i32>) -> PageStream<T> + Send + Sync>;

/// A collection of resources, which is also the stream of its elements.
///
/// Every change, and every clone, starts again at the first element.
#[must_use = "no request is sent until the collection is polled"]
pub struct Collection<Q, T> {
    request: Q,
    open: Open<Q, T>,
    limit: Option<usize>,
    page_size: Option<i32>,
    running: Option<Running<T>>,
}

struct Running<T> {
    chunks: ResourcePages<T>,
    page: vec::IntoIter<T>,
}

impl<Q: Clone, T> Collection<Q, T> {
    /// A collection listed by `request`; `open` sends it, with the page size if one was set, and returns the pages.
    pub fn new(request: Q, open: impl Fn(Q, Option<i32>) -> PageStream<T> + Send + Sync + 'static) -> Self {
        Self { request, open: Arc::new(open), limit: None, page_size: None, running: None }
    }

    /// Changes the request that lists.
    pub fn filter(mut self, change: impl FnOnce(Q) -> Q) -> Self {
        self.request = change(self.request);
        self.running = None;
        self
    }

    /// The request that lists.
    pub fn request(&self) -> &Q {
        &self.request
    }

    /// Ends after this many elements; with 0 no request is sent.
    pub fn limit(mut self, elements: usize) -> Self {
        self.limit = Some(elements);
        self.running = None;
        self
    }

    /// BatchRequests pages of this many elements, if the operation is paginated.
    pub fn page_size(mut self, size: i32) -> Self {
        self.page_size = Some(size);
        self.running = None;
        self
    }

    /// The elements, page by page.
    pub fn pages(self) -> ResourcePages<T> {
        self.chunks()
    }

    /// Status, headers, request id and attempts of the response that the last element came in; `None` before the first.
    pub fn metadata(&self) -> Option<&ResponseMetadata> {
        self.running.as_ref()?.chunks.metadata()
    }

    /// The next element, or `None` after the last.
    ///
    /// # Errors
    /// Those of the calls; after one the collection has ended.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|context| self.poll(context)).await.transpose()
    }

    fn chunks(&self) -> ResourcePages<T> {
        match self.limit {
            Some(0) => ResourcePages { pages: None, left: None, has_ended: true },
            left => {
                let pages = (self.open)(self.request.clone(), self.page_size);
                ResourcePages { pages: Some(pages), left, has_ended: false }
            }
        }
    }

    /// Polls for the next element.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        if self.running.is_none() {
            self.running = Some(Running { chunks: self.chunks(), page: Vec::new().into_iter() });
        }
        let Some(running) = &mut self.running else { return Poll::Ready(None) };
        loop {
            if let Some(item) = running.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut running.chunks).poll_next(context)) {
                Some(Ok(page)) => running.page = page.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<Q: Clone, T> Clone for Collection<Q, T> {
    fn clone(&self) -> Self {
        Self {
            request: self.request.clone(),
            open: Arc::clone(&self.open),
            limit: self.limit,
            page_size: self.page_size,
            running: None,
        }
    }
}

impl<Q: fmt::Debug, T> fmt::Debug for Collection<Q, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Collection");
        out.field("request", &self.request).field("limit", &self.limit).field("page_size", &self.page_size);
        out.finish_non_exhaustive()
    }
}

/// A stream of pages of resources, up to a limit. A page may be empty without being the last.
#[must_use = "no request is sent until the stream is polled"]
pub struct ResourcePages<T> {
    /// `None` if there are none.
    pages: Option<PageStream<T>>,
    /// How many elements are left until the limit.
    left: Option<usize>,
    has_ended: bool,
}

impl<T> ResourcePages<T> {
    /// The next page, or `None` after the last.
    ///
    /// # Errors
    /// Those of the call; after one the stream has ended.
    pub async fn try_next(&mut self) -> Result<Option<Vec<T>>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }
}

impl<T> ResourcePages<T> {
    /// Status, headers, request id and attempts of the response that the last page came in; `None` before the first.
    pub fn metadata(&self) -> Option<&ResponseMetadata> {
        self.pages.as_ref()?.metadata()
    }
}

impl<T> Unpin for ResourcePages<T> {}

impl<T> ResponseStream for ResourcePages<T> {
    fn metadata(&self) -> Option<&ResponseMetadata> {
        self.metadata()
    }
}

impl<T> Stream for ResourcePages<T> {
    type Item = Result<Vec<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(pages) = this.pages.as_mut().filter(|_| !this.has_ended) else { return Poll::Ready(None) };
        let mut page = ready!(pages.as_mut().poll_next(context));
        match &mut page {
            Some(Ok(page)) => {
                if let Some(left) = &mut this.left {
                    page.truncate(*left);
                    *left -= page.len();
                    this.has_ended = *left == 0;
                }
            }
            Some(Err(_)) | None => this.has_ended = true,
        }
        Poll::Ready(page)
    }
}

impl<T> fmt::Debug for ResourcePages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourcePages").field("left", &self.left).finish_non_exhaustive()
    }
}

/// The elements of a paginated operation.
pub fn pages<P, A, T, G>(pages: P, read: G) -> PageStream<T>
where
    P: ResponseStream<Item = Result<A>> + Unpin + Send + 'static,
    G: FnMut(A) -> Vec<T> + Send + 'static,
    T: 'static,
{
    Box::pin(Read { pages, read })
}

/// The elements of an operation without pagination, as one page.
pub fn once<F, A, T, G>(sending: F, read: G) -> PageStream<T>
where
    F: Future<Output = Result<(A, ResponseMetadata)>> + Send + 'static,
    G: FnMut(A) -> Vec<T> + Send + 'static,
    T: 'static,
{
    Box::pin(Read { pages: Once { sending: Some(Box::pin(sending)), metadata: None }, read })
}

struct Read<P, G> {
    pages: P,
    read: G,
}

impl<P, G> Unpin for Read<P, G> {}

impl<P, A, T, G> Stream for Read<P, G>
where
    P: Stream<Item = Result<A>> + Unpin,
    G: FnMut(A) -> Vec<T>,
{
    type Item = Result<Vec<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let page = ready!(Pin::new(&mut self.pages).poll_next(context));
        Poll::Ready(page.map(|it| it.map(&mut self.read)))
    }
}

impl<P: ResponseStream + Unpin, A, T, G: FnMut(A) -> Vec<T>> ResponseStream for Read<P, G>
where
    P: Stream<Item = Result<A>>,
{
    fn metadata(&self) -> Option<&ResponseMetadata> {
        self.pages.metadata()
    }
}

struct Once<F> {
    sending: Option<Pin<Box<F>>>,
    metadata: Option<ResponseMetadata>,
}

impl<A, F: Future<Output = Result<(A, ResponseMetadata)>>> Stream for Once<F> {
    type Item = Result<A>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(sending) = &mut self.sending else { return Poll::Ready(None) };
        let response = ready!(sending.as_mut().poll(context));
        self.sending = None;
        Poll::Ready(Some(response.map(|(output, metadata)| {
            self.metadata = Some(metadata);
            output
        })))
    }
}

impl<A, F: Future<Output = Result<(A, ResponseMetadata)>>> ResponseStream for Once<F> {
    fn metadata(&self) -> Option<&ResponseMetadata> {
        self.metadata.as_ref()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};

    /// Pages from memory; a page with 0 is an error.
    pub(in crate::resource) struct Listed(pub(in crate::resource) vec::IntoIter<Vec<u32>>);

    impl Stream for Listed {
        type Item = Result<Vec<u32>>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            Poll::Ready(self.0.next().map(|page| match page.contains(&0) {
                true => Err(Error::new(ErrorKind::Io, "zero")),
                false => Ok(page),
            }))
        }
    }

    impl ResponseStream for Listed {}

    /// A collection of the numbers above its request.
    pub(in crate::resource) fn above(list: &[&[u32]]) -> Collection<u32, u32> {
        let list: Vec<Vec<u32>> = list.iter().map(|it| it.to_vec()).collect();
        Collection::new(0, move |min, _| {
            pages(Listed(list.clone().into_iter()), move |page: Vec<u32>| {
                page.into_iter().filter(|it| *it > min).collect()
            })
        })
    }

    async fn all(mut collection: Collection<u32, u32>) -> Result<Vec<u32>> {
        let mut elements = Vec::new();
        while let Some(element) = collection.try_next().await? {
            elements.push(element);
        }
        Ok(elements)
    }

    #[tokio::test]
    async fn stream_yields_the_elements_of_all_pages() {
        let base = above(&[&[1, 2], &[], &[3, 4]]);
        assert_eq!(all(base.clone()).await.ok(), Some(vec![1, 2, 3, 4]));
        assert_eq!(all(base.clone().limit(3)).await.ok(), Some(vec![1, 2, 3]));
        assert_eq!(all(base.clone().limit(0)).await.ok(), Some(vec![]));
        assert_eq!(all(base.clone().filter(|it| it + 2)).await.ok(), Some(vec![3, 4]));
        // The clones did not advance the base, and a change starts again.
        let mut started = base;
        assert_eq!(started.try_next().await.ok(), Some(Some(1)));
        assert_eq!(all(started.filter(|it| it + 1)).await.ok(), Some(vec![2, 3, 4]));
    }

    #[tokio::test]
    async fn pages_end_at_the_limit() {
        let mut chunks = above(&[&[1, 2], &[], &[3, 4], &[0]]).limit(3).pages();
        for expect in [Some(vec![1, 2]), Some(vec![]), Some(vec![3]), None, None] {
            assert_eq!(chunks.try_next().await.ok(), Some(expect));
        }
    }

    #[tokio::test]
    async fn an_error_ends_the_collection() {
        let mut collection = above(&[&[1], &[0], &[2]]);
        assert_eq!(collection.try_next().await.ok(), Some(Some(1)));
        assert!(collection.try_next().await.is_err());
        assert_eq!(collection.try_next().await.ok(), Some(None));
    }
}
