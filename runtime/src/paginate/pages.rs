//! A paginator over pages: one call for each page, sent when the page is requested.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::Paginated;
use super::cycle::CycleDetector;
use super::plan::{PagePlan, Tokens};
use super::token;
use crate::call::Call;
use crate::call::user_agent::Feature;
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
}

enum State<O: Paginated> {
    Idle,
    Fetching(Fetching<O::Output>),
    /// The page before was returned, and no page can follow it.
    Failing(Error),
    Ended,
}

impl<O: Paginated> Pages<O> {
    /// A stream of the pages of `call`.
    #[doc(hidden)]
    pub fn new(call: Call<O>) -> Self {
        let plan = PagePlan::decode(O::DESCRIPTOR.name(), O::PAGES).map_err(Some);
        Self { call, plan, state: State::Idle, current: Tokens::new(), next: Some(Tokens::new()), cycle: None }
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
    /// botocore's `PaginationConfig`. With an invalid token the stream starts with an error.
    pub fn starting_token(mut self, token: &str) -> Self {
        match self.decode_token(token) {
            Some(Ok((tokens, _))) => self.start_at(tokens),
            Some(Err(error)) => self.fail(error),
            None => {}
        }
        self
    }

    /// The token to resume after the last page returned; `None` if that was the last page, or if none was returned yet.
    /// After an error it resumes at the page that failed. It has botocore's format, so each can resume the streams of
    /// the other.
    pub fn resume_token(&self) -> Option<String> {
        self.token_skipping(0)
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
                    let Some(tokens) = self.next.take() else {
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
                    let page = ready!(fetching.as_mut().poll(context));
                    self.state = match &page {
                        Ok(page) => self.received(page).map_or_else(State::Failing, |()| State::Idle),
                        Err(_) => {
                            self.next = Some(self.current.clone());
                            State::Ended
                        }
                    };
                    return Poll::Ready(Some(page));
                }
            }
        }
    }

    fn fetch(&mut self, tokens: Tokens) -> Result<Fetching<O::Output>> {
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
        Ok(Box::pin(async move { call.send_with_metadata().await.map(|it| it.0) }))
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
