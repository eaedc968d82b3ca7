//! A paginator over items: those of all pages, in order.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;

use super::{Pages, Paginated};
use crate::call::{Call, ResponseMetadata};
use crate::error::Result;
use crate::types::List;

/// A stream of the items of all pages.
///
/// The next page is requested after the last item of the current page; an empty page does not end the stream. An error
/// comes after all items that were received before it.
#[must_use = "no page is requested until the stream is polled"]
pub struct Items<O: Paginated, T> {
    pages: Pages<O>,
    list: fn(&mut O::Output) -> List<T>,
    items: vec::IntoIter<T>,
    /// The current page without its items.
    page: Option<O::Output>,
    /// How many items of the current page were returned or skipped.
    taken: usize,
    /// How many items of the next page to skip: those that an earlier stream returned.
    skip: usize,
    limit: Option<usize>,
}

impl<O: Paginated, T> Items<O, T> {
    /// A stream of the items that `list` takes from each page of `call`.
    #[doc(hidden)]
    pub fn new(call: Call<O>, list: fn(&mut O::Output) -> List<T>) -> Self {
        let items = Vec::new().into_iter();
        Self { pages: Pages::new(call), list, items, page: None, taken: 0, skip: 0, limit: None }
    }

    /// Ends the stream after this many items, even within a page. With 0 no request is sent.
    pub fn limit(mut self, items: usize) -> Self {
        self.limit = Some(items);
        self
    }

    /// Requests pages of this many items; the service may return fewer.
    pub fn page_size(mut self, size: i32) -> Self {
        self.pages = self.pages.page_size(size);
        self
    }

    /// Resumes where an earlier stream stopped. The token is one of [`resume_token`](Self::resume_token), or of
    /// botocore's `PaginationConfig`. With an invalid token the stream starts with an error.
    pub fn starting_token(mut self, token: &str) -> Self {
        match self.pages.decode_token(token) {
            Some(Ok((tokens, skip))) => {
                self.pages.start_at(tokens);
                self.skip = skip;
            }
            Some(Err(error)) => self.pages.fail(error),
            None => {}
        }
        self
    }

    /// The token to resume after the last item returned; `None` if no item is left, or if none was returned yet. After
    /// an error it resumes where the stream failed. It has botocore's format, so each can resume the streams of the
    /// other.
    pub fn resume_token(&self) -> Option<String> {
        match self.items.len() {
            0 => self.pages.token_skipping(self.skip),
            _ => self.pages.token_within(self.taken),
        }
    }

    /// The page that the last item came in, without its items: what the response has beside them, such as the consumed
    /// capacity of a query. `None` before the first item.
    ///
    /// ```no_run
    /// # use aws_core::paginate::{Items, Paginated};
    /// # async fn example<O: Paginated<Output: std::fmt::Debug>, T>(mut items: Items<O, T>) -> aws_core::Result<()> {
    /// while let Some(item) = items.try_next().await? {
    ///     println!("in {:?}, request {:?}", items.page(), items.metadata().and_then(|it| it.request_id()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn page(&self) -> Option<&O::Output> {
        self.page.as_ref()
    }

    /// Status, headers, request id and attempts of the response that the last item came in; `None` before the first.
    pub fn metadata(&self) -> Option<&ResponseMetadata> {
        self.pages.metadata()
    }

    /// The next item, or `None` after the last.
    ///
    /// # Errors
    /// Those of [`Pages::try_next`].
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|context| self.poll(context)).await.transpose()
    }

    /// All items. After an error they are lost; to keep those before it, use [`try_next`](Self::try_next).
    ///
    /// # Errors
    /// Those of [`Pages::try_next`].
    pub async fn try_collect(mut self) -> Result<Vec<T>> {
        let mut all = Vec::new();
        while let Some(item) = self.try_next().await? {
            all.push(item);
        }
        Ok(all)
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if self.limit == Some(0) {
                return Poll::Ready(None);
            }
            if let Some(item) = self.items.next() {
                self.taken += 1;
                self.limit = self.limit.map(|it| it - 1);
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll(context)) {
                Some(Ok(mut page)) => {
                    let mut items = (self.list)(&mut page).into_iter();
                    self.taken = std::mem::take(&mut self.skip).min(items.len());
                    items.by_ref().take(self.taken).for_each(drop);
                    self.items = items;
                    self.page = Some(page);
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<O: Paginated, T> Unpin for Items<O, T> {}

impl<O: Paginated, T> Stream for Items<O, T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl<O: Paginated, T> std::fmt::Debug for Items<O, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Items")
            .field("operation", &O::DESCRIPTOR.name())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
