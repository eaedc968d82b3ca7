//! The items of all pages, one after the other.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;

use super::{Pages, Paginated, token};
use crate::call::Call;
use crate::error::Result;

/// A stream of the items of all pages.
///
/// The next page is asked for when the items of the last are used up; an empty page does not end the stream.
#[must_use = "no page is asked for until the stream is polled"]
pub struct Items<O: Paginated, T> {
    pages: Pages<O>,
    list: fn(O::Output) -> Vec<T>,
    page: vec::IntoIter<T>,
    /// How many items of the page at hand were returned or passed over.
    taken: usize,
    /// How many items of the next page to pass over: those an earlier stream returned.
    skip: usize,
    limit: Option<usize>,
}

impl<O: Paginated, T> Items<O, T> {
    /// The items that `list` takes out of each page of a call.
    pub fn new(call: Call<O>, list: fn(O::Output) -> Vec<T>) -> Self {
        Self { pages: Pages::new(call), list, page: Vec::new().into_iter(), taken: 0, skip: 0, limit: None }
    }

    /// Ends the stream after this many items, wherever a page ends. With 0 no call is made.
    pub fn limit(mut self, items: usize) -> Self {
        self.limit = Some(items);
        self
    }

    /// Asks the service for pages of this many items; it may send fewer.
    pub fn page_size(mut self, size: i32) -> Self {
        self.pages = self.pages.page_size(size);
        self
    }

    /// Goes on where another stream stopped: a token of [`resume_token`](Self::resume_token), or of botocore's.
    pub fn starting_token(mut self, text: &str) -> Self {
        match self.pages.decode_token(text) {
            Some(Ok((tokens, skip))) => {
                self.pages.start_at(tokens);
                self.skip = skip;
            }
            Some(Err(error)) => self.pages.fail(error),
            None => {}
        }
        self
    }

    /// The token that leads to the item after the last one returned; `None` when there is none left, or when none was
    /// returned yet. After an error it leads to where the stream broke off. It has botocore's form, so that either may go
    /// on where the other stopped.
    pub fn resume_token(&self) -> Option<String> {
        match self.page.len() {
            0 => self.pages.token_skipping(self.skip),
            _ => Some(token::encode(self.pages.current(), self.taken)),
        }
    }

    /// The next item, or `None` after the last.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|context| self.poll(context)).await.transpose()
    }

    /// All items.
    ///
    /// # Errors
    /// Those of the calls.
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
            if let Some(item) = self.page.next() {
                self.taken += 1;
                self.limit = self.limit.map(|it| it - 1);
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll(context)) {
                Some(Ok(page)) => {
                    let mut items = (self.list)(page).into_iter();
                    self.taken = std::mem::take(&mut self.skip).min(items.len());
                    items.by_ref().take(self.taken).for_each(drop);
                    self.page = items;
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
        f.debug_struct("Items").field("operation", &O::INFO.name()).field("limit", &self.limit).finish_non_exhaustive()
    }
}
