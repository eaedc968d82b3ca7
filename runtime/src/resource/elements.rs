//! The resources that a batch acts on, from a collection, an iterator or a stream. Knows no request.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::{PageStream, ResourcePages, ResponseStream, pages};
use crate::error::{Error, ErrorKind, Result};

/// What a batch acts on: a resource, a loaded one, or a reference to one. Implemented by generated code.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no batch actions",
    note = "some batch actions need attributes, so they accept loaded resources only"
)]
pub trait BatchElement {
    /// What the batch actions of the resource need: the resource, or the loaded resource.
    type Element;

    /// The resource, without attributes that no batch action needs.
    fn into_element(self) -> Self::Element;
}

impl<T: BatchElement + Clone> BatchElement for &T {
    type Element = T::Element;

    fn into_element(self) -> T::Element {
        self.clone().into_element()
    }
}

/// Resources to act on together.
pub struct Elements<T> {
    source: Source<T>,
    /// Why nothing is done.
    rejected: Option<Error>,
}

enum Source<T> {
    /// A page is never put into one request with another.
    Pages(PageStream<T>),
    All(Vec<T>),
    Stream(Pin<Box<dyn Stream<Item = Result<T>> + Send>>),
}

impl<T: Send + 'static> Elements<T> {
    /// The elements of a collection.
    pub fn pages<E: BatchElement<Element = T> + 'static>(elements: ResourcePages<E>) -> Self {
        let convert = |page: Vec<E>| page.into_iter().map(E::into_element).collect();
        Self::new(Source::Pages(pages(elements, convert)))
    }

    /// The elements of an iterator.
    pub fn all<E: BatchElement<Element = T>>(elements: impl IntoIterator<Item = E>) -> Self {
        Self::new(Source::All(elements.into_iter().map(E::into_element).collect()))
    }

    /// The elements of a stream.
    pub fn stream<E: BatchElement<Element = T> + 'static>(
        elements: impl Stream<Item = Result<E>> + Send + 'static,
    ) -> Self {
        Self::new(Source::Stream(Box::pin(Converted(Box::pin(elements)))))
    }

    fn new(source: Source<T>) -> Self {
        Self { source, rejected: None }
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

    /// The elements in lists: the pages of a collection, all elements of an iterator, `max` elements of a stream.
    pub(super) fn into_lists(self, max: usize) -> PageStream<T> {
        if let Some(error) = self.rejected {
            return Box::pin(One(Some(Err(error))));
        }
        match self.source {
            Source::Pages(pages) => pages,
            Source::All(all) => Box::pin(One(Some(Ok(all)))),
            Source::Stream(stream) => Box::pin(Chunks { stream: Some(stream), max, chunk: Vec::new(), failed: None }),
        }
    }
}

impl<T> fmt::Debug for Elements<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Elements").finish_non_exhaustive()
    }
}

/// A stream of elements from one of resources.
struct Converted<S>(Pin<Box<S>>);

impl<E: BatchElement, S: Stream<Item = Result<E>>> Stream for Converted<S> {
    type Item = Result<E::Element>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let element = ready!(self.0.as_mut().poll_next(context));
        Poll::Ready(element.map(|it| it.map(E::into_element)))
    }
}

/// A stream of one item.
struct One<T>(Option<T>);

impl<T> Unpin for One<T> {}

impl<T> Stream for One<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.0.take())
    }
}

impl<T> ResponseStream for One<T> {}

/// Lists of `max` elements of a stream; the last may be shorter. The elements before an error are a list, too.
struct Chunks<T> {
    /// `None` after the end.
    stream: Option<Pin<Box<dyn Stream<Item = Result<T>> + Send>>>,
    max: usize,
    chunk: Vec<T>,
    failed: Option<Error>,
}

impl<T> Unpin for Chunks<T> {}

impl<T> ResponseStream for Chunks<T> {}

impl<T> Stream for Chunks<T> {
    type Item = Result<Vec<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while let Some(stream) = &mut this.stream {
            match ready!(stream.as_mut().poll_next(context)) {
                Some(Ok(element)) => {
                    this.chunk.push(element);
                    if this.chunk.len() >= this.max {
                        break;
                    }
                }
                Some(Err(error)) => (this.stream, this.failed) = (None, Some(error)),
                None => this.stream = None,
            }
        }
        Poll::Ready(match std::mem::take(&mut this.chunk) {
            chunk if chunk.is_empty() => this.failed.take().map(Err),
            chunk => Some(Ok(chunk)),
        })
    }
}
