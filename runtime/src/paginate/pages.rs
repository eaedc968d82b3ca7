//! A paginator over pages: one call for each page, sent when the page is requested.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::Paginated;
use super::cycle::CycleDetector;
use super::plan::{PagePlan, Tokens};
use super::token;
use crate::call::user_agent::Feature;
use crate::call::{Call, ResponseMetadata};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{StructureMut, StructureView, shape_of};
use crate::types::Document;

type Fetching<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// A stream of pages.
///
/// Nothing is sent until the first page is requested. After an error the stream has ended. A page that was received is
/// always returned; if no page can follow it (its tokens repeat), the error comes instead of the next page.
#[must_use = "no page is requested until the stream is polled"]
pub struct Pages<O: Paginated> {
    call: Call<O>,
    plan: Result<PagePlan, Option<Error>>,
    state: State<O>,
    /// The tokens that led to the current page.
    current: Tokens,
    /// The tokens that lead to the next page; `None` when there is none.
    next: Option<Tokens>,
    /// The tokens so far; `None` before the first request.
    cycle: Option<CycleDetector>,
    /// How many items of the next page to leave out: those that an earlier stream returned.
    skip: usize,
    /// How many items of the current page were returned or left out, if it has more.
    taken: Option<usize>,
    /// How many items are left until the limit.
    left: Option<usize>,
    /// The metadata of the last response.
    metadata: Option<ResponseMetadata>,
}

enum State<O: Paginated> {
    Idle,
    Fetching(Fetching<(O::Output, ResponseMetadata)>),
    /// The page before was returned, and no page can follow it.
    Failing(Error),
    Ended,
}

impl<O: Paginated> Pages<O> {
    /// A stream of the pages of `call`.
    #[doc(hidden)]
    pub fn new(call: Call<O>) -> Self {
        let plan = PagePlan::decode(O::DESCRIPTOR.name(), O::PAGES).map_err(Some);
        Self {
            call,
            plan,
            state: State::Idle,
            current: Tokens::new(),
            next: Some(Tokens::new()),
            cycle: None,
            skip: 0,
            taken: None,
            left: None,
            metadata: None,
        }
    }

    /// Ends the stream after this many items of the main list, that of [`Items`](super::Items): the last page has only
    /// those that are left. With 0 no request is sent. boto3's `MaxItems`. If the pages have no such list, the stream
    /// starts with an error.
    pub fn limit(mut self, items: usize) -> Self {
        self.left = Some(items);
        if let Ok(plan) = &self.plan
            && let Err(error) = plan.require_list()
        {
            self.plan = Err(Some(error));
        }
        self
    }

    /// Requests pages of this many items; the service may return fewer. If the operation has no parameter for it, the
    /// stream starts with an error.
    pub fn page_size(mut self, size: i32) -> Self {
        if let Ok(plan) = &self.plan
            && let Err(error) = plan.set_page_size(size, &mut StructureMut::new(&mut self.call.input))
        {
            self.plan = Err(Some(error));
        }
        self
    }

    /// Resumes where an earlier stream stopped. The token is one of [`resume_token`](Self::resume_token), or of
    /// botocore's `PaginationConfig`. If that stream stopped within a page, the items that it returned are left out of the
    /// first page, and other lists are empty there, as in boto3. With an invalid token the stream starts with an error.
    pub fn starting_token(mut self, token: &str) -> Self {
        match self.decode_token(token) {
            Some(Ok((tokens, skip))) => {
                self.start_at(tokens);
                self.skip = skip;
            }
            Some(Err(error)) => self.fail(error),
            None => {}
        }
        self
    }

    /// The token to resume after the last page returned; `None` if that was the last page, or if none was returned yet.
    /// After a page that the limit cut it resumes within that page; after an error at the page that failed. It has
    /// botocore's format, so each can resume the streams of the other.
    pub fn resume_token(&self) -> Option<String> {
        match self.taken {
            Some(taken) => self.token_within(taken),
            None => self.token_skipping(self.skip),
        }
    }

    /// Status, headers, request id and attempts of the response that the last page came in; `None` before the first.
    pub fn metadata(&self) -> Option<&ResponseMetadata> {
        self.metadata.as_ref()
    }

    /// The token of the next page, of which `skip` items are to be skipped.
    pub(super) fn token_skipping(&self, skip: usize) -> Option<String> {
        self.next.as_ref().filter(|it| !it.is_empty() || skip > 0).and_then(|it| self.encode(it, skip))
    }

    /// The token of the current page, of which `taken` items were returned.
    pub(super) fn token_within(&self, taken: usize) -> Option<String> {
        self.encode(&self.current, taken)
    }

    fn encode(&self, tokens: &Tokens, skip: usize) -> Option<String> {
        let members = self.plan.as_ref().ok()?.token_members();
        Some(token::encode(tokens, skip, members, shape_of::<O::Input>()))
    }

    /// The next page, or `None` after the last.
    ///
    /// # Errors
    /// Those of the call; [`ErrorKind::Pagination`] after the service sent the same token twice, at whatever distance: at most
    /// three times as many pages as it had sent by then.
    pub async fn try_next(&mut self) -> Result<Option<O::Output>> {
        std::future::poll_fn(|context| self.poll(context)).await.transpose()
    }

    /// All pages. After an error they are lost; to keep those before it, use [`try_next`](Self::try_next).
    ///
    /// # Errors
    /// Those of [`try_next`](Self::try_next).
    pub async fn try_collect(mut self) -> Result<Vec<O::Output>> {
        let mut all = Vec::new();
        while let Some(page) = self.try_next().await? {
            all.push(page);
        }
        Ok(all)
    }

    /// All pages as one: its lists have the items of all pages, everything else is that of the first. boto3's
    /// `build_full_result`. An empty output if there are no pages.
    ///
    /// # Errors
    /// Those of [`try_next`](Self::try_next).
    pub async fn try_merge(mut self) -> Result<O::Output> {
        let mut all: Option<O::Output> = None;
        while let Some(page) = self.try_next().await? {
            match (&mut all, &self.plan) {
                (Some(all), Ok(plan)) => plan.append(all, page),
                (all, _) => *all = Some(page),
            }
        }
        Ok(all.unwrap_or_default())
    }

    pub(super) fn start_at(&mut self, tokens: Tokens) {
        self.next = Some(tokens);
    }

    pub(super) fn fail(&mut self, error: Error) {
        self.plan = Err(Some(error));
    }

    pub(super) fn decode_token(&self, token: &str) -> Option<Result<(Tokens, usize)>> {
        Some(token::decode(token, self.plan.as_ref().ok()?.token_members(), shape_of::<O::Input>()))
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<O::Output>>> {
        loop {
            match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Failing(_) => {
                    let failing = std::mem::replace(&mut self.state, State::Ended);
                    return Poll::Ready(if let State::Failing(error) = failing { Some(Err(error)) } else { None });
                }
                State::Idle => {
                    let Some(tokens) = self.next.take().filter(|_| self.left != Some(0)) else {
                        self.state = State::Ended;
                        continue;
                    };
                    match self.fetch(tokens) {
                        Ok(fetching) => self.state = State::Fetching(fetching),
                        Err(error) => {
                            self.state = State::Ended;
                            return Poll::Ready(Some(Err(error)));
                        }
                    }
                }
                State::Fetching(fetching) => {
                    let page = match ready!(fetching.as_mut().poll(context)) {
                        Ok((mut page, metadata)) => {
                            self.metadata = Some(metadata);
                            self.state = self.received(&page).map_or_else(State::Failing, |()| State::Idle);
                            if self.skip > 0 || self.left.is_some() {
                                self.cut(&mut page);
                            }
                            Ok(page)
                        }
                        Err(error) => {
                            self.next = Some(self.current.clone());
                            self.state = State::Ended;
                            Err(error)
                        }
                    };
                    return Poll::Ready(Some(page));
                }
            }
        }
    }

    fn fetch(&mut self, tokens: Tokens) -> Result<Fetching<(O::Output, ResponseMetadata)>> {
        let plan = match &mut self.plan {
            Ok(plan) => plan,
            Err(error) => return Err(error.take().unwrap_or_else(ended)),
        };
        let mut call = self.call.clone();
        call.options.features.add(Feature::Paginator);
        // The first page uses the caller's input unchanged, including tokens in it.
        if !tokens.is_empty() {
            plan.apply(&tokens, &mut StructureMut::new(&mut call.input))?;
        }
        self.current = tokens;
        Ok(Box::pin(call.send_with_metadata()))
    }

    /// Leaves out of a page what an earlier stream returned, and what is beyond the limit.
    fn cut(&mut self, page: &mut O::Output) {
        let Ok(plan) = &self.plan else { return };
        let count = plan.count(StructureView::new(page));
        let skip = std::mem::take(&mut self.skip).min(count);
        let kept = self.left.unwrap_or(usize::MAX).min(count - skip);
        if skip > 0 || skip + kept < count {
            plan.cut(page, skip, kept);
        }
        self.left = self.left.map(|it| it - kept);
        self.taken = (skip + kept < count).then_some(skip + kept);
        if self.left == Some(0) {
            // What follows is beyond the limit, also an error about it.
            self.state = State::Ended;
        }
    }

    /// Finds the page after `page`.
    fn received(&mut self, page: &O::Output) -> Result<()> {
        let Ok(plan) = &self.plan else { return Ok(()) };
        let next = match plan.next(StructureView::new(page)) {
            Ok(next) => next,
            Err(error) => {
                self.next = Some(self.current.clone());
                return Err(error);
            }
        };
        self.next = next;
        let Some(tokens) = &self.next else { return Ok(()) };
        let cycle = self.cycle.get_or_insert_with(|| CycleDetector::starting_at(&self.current));
        // The detector finds any cycle; that of one page is found at once.
        let added = cycle.add(tokens);
        match if *tokens == self.current { Some(1) } else { added } {
            None => Ok(()),
            Some(pages) => Err(repeated(O::DESCRIPTOR.name(), tokens, pages)),
        }
    }
}

/// How many characters of a token an error shows.
const SHOWN_TOKEN: usize = 60;

fn repeated(operation: &str, tokens: &Tokens, pages: u64) -> Error {
    let shown = tokens.iter().map(|(member, token)| match token {
        Document::String(token) if token.len() > SHOWN_TOKEN => {
            format!("{member} \"{}…\"", token.chars().take(SHOWN_TOKEN).collect::<String>())
        }
        Document::String(_) | Document::Number(_) => format!("{member} {token}"),
        // The key of an item is the caller's data.
        _ => (*member).to_owned(),
    });
    let shown = shown.collect::<Vec<_>>().join(", ");
    let unit = if pages == 1 { "page" } else { "pages" };
    let why = format!(
        "{operation}: the service sent the same token twice: {shown}, again after {pages} {unit}. The pages after it would repeat \
         for ever"
    );
    Error::new(ErrorKind::Pagination, why)
}

fn ended() -> Error {
    Error::new(ErrorKind::Pagination, "the stream has ended with an error")
}

impl<O: Paginated> Unpin for Pages<O> {}

impl<O: Paginated> Stream for Pages<O> {
    type Item = Result<O::Output>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl<O: Paginated> std::fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").field("operation", &O::DESCRIPTOR.name()).finish_non_exhaustive()
    }
}
