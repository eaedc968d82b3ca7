//! What a JMESPath expression finds in the pages of a paginator. Knows no page.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;

use super::{Pages, Paginated};
use crate::call::ResponseMetadata;
use crate::error::Result;
use crate::jmespath::Expression;
use crate::types::Document;

/// A stream of what an expression finds in the pages of a paginator; see [`Pages::search`].
///
/// An error comes after everything that was found before it.
#[must_use = "no page is requested until the stream is polled"]
pub struct Search<O: Paginated> {
    pages: Pages<O>,
    expression: Expression,
    found: vec::IntoIter<Document>,
    /// Whether the expression could not be evaluated on a page.
    failed: bool,
}

impl<O: Paginated> Pages<O> {
    /// A stream of what a [JMESPath](Expression) expression finds in each page: the elements if that is a list, else the
    /// value itself. boto3's `paginate().search(…)`; unlike there, a page in which the expression finds nothing adds
    /// nothing.
    ///
    /// ```no_run
    /// # async fn example<O: aws_core::generated::Paginated>(pages: aws_core::paginate::Pages<O>) -> aws_core::Result<()> {
    /// let mut keys = pages.search("Contents[?Size > `100`].Key")?;
    /// while let Some(key) = keys.try_next().await? {
    ///     println!("{key}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with the position if the text is not an expression. Nothing is sent then.
    pub fn search(self, expression: &str) -> Result<Search<O>> {
        let expression = Expression::parse(expression)?;
        Ok(Search { pages: self, expression, found: Vec::new().into_iter(), failed: false })
    }
}

impl<O: Paginated> Search<O> {
    /// The next value, or `None` after the last.
    ///
    /// # Errors
    /// Those of [`Pages::try_next`]; [`ErrorKind::Validation`](crate::ErrorKind::Validation) if a page has values of types
    /// that a function of the expression does not take.
    pub async fn try_next(&mut self) -> Result<Option<Document>> {
        std::future::poll_fn(|context| self.poll(context)).await.transpose()
    }

    /// All values. After an error they are lost; to keep those before it, use [`try_next`](Self::try_next).
    ///
    /// # Errors
    /// Those of [`try_next`](Self::try_next).
    pub async fn try_collect(mut self) -> Result<Vec<Document>> {
        let mut all = Vec::new();
        while let Some(value) = self.try_next().await? {
            all.push(value);
        }
        Ok(all)
    }

    /// Status, headers, request id and attempts of the response that the last value came in; `None` before the first.
    pub fn metadata(&self) -> Option<&ResponseMetadata> {
        self.pages.metadata()
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Document>>> {
        loop {
            if let Some(value) = self.found.next() {
                return Poll::Ready(Some(Ok(value)));
            }
            if self.failed {
                return Poll::Ready(None);
            }
            let page = match ready!(self.pages.poll(context)) {
                Some(Ok(page)) => page,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            };
            match self.expression.search(&page) {
                Ok(found) => self.found = elements(found).into_iter(),
                Err(error) => {
                    self.failed = true;
                    return Poll::Ready(Some(Err(error.into())));
                }
            }
        }
    }
}

/// The elements of a list, nothing of null, any other value as it is.
fn elements(mut found: Document) -> Vec<Document> {
    match &mut found {
        Document::Null => Vec::new(),
        Document::Array(elements) => std::mem::take(elements),
        _ => vec![found],
    }
}

impl<O: Paginated> Unpin for Search<O> {}

impl<O: Paginated> Stream for Search<O> {
    type Item = Result<Document>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl<O: Paginated> fmt::Debug for Search<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let out = format_args!("{}", self.expression);
        f.debug_struct("Search")
            .field("operation", &O::DESCRIPTOR.name())
            .field("expression", &out)
            .finish_non_exhaustive()
    }
}
