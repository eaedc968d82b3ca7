//! The macros for resource crates with batch actions: what acts on many resources, whether they come from a collection,
//! an iterator or a stream.

/// Makes a resource an element of batches, loaded or not: `batch_element!(Instance, crate::Loaded<Instance>)`; or only a
/// loaded one, if the batch actions need attributes: `batch_element!(crate::Loaded<Message>)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource_batch_element {
    ($name:ty, $loaded:ty) => {
        $crate::__resource_batch_element!($name);

        impl $crate::resource::BatchElement for $loaded {
            type Element = $name;

            #[inline]
            fn into_element(self) -> $name {
                self.into_parts().0
            }
        }
    };
    ($element:ty) => {
        impl $crate::resource::BatchElement for $element {
            type Element = $element;

            #[inline]
            fn into_element(self) -> $element {
                self
            }
        }
    };
}

/// The types that each resource crate with batch actions defines itself: `batches!(aws_s3)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource_batches {
    ($client:ident) => {
        /// Resources to act on together, wherever they come from: `batch(messages).delete().await?`. Sends no request.
        ///
        /// Loaded or not, and by value or by reference. Resources of several parents (messages of two queues) and of
        /// several clients are acted on by separate requests. For a stream see [`batch_stream`].
        pub fn batch<E>(resources: impl IntoIterator<Item = E>) -> Resources<E::Element>
        where
            E: $crate::resource::BatchElement<Element: Send + 'static>,
        {
            Resources($crate::resource::Elements::all(resources))
        }

        /// Resources to act on together that arrive one by one, as from a filtered [`Collection`]. Sends no request.
        ///
        /// An error of the stream ends the batch, after the action on the resources before it. What the stream lists is not
        /// checked: a collection's own methods reject a filter by an empty list, which selects everything.
        pub fn batch_stream<E>(
            resources: impl $crate::generated::Stream<Item = $crate::Result<E>> + Send + 'static,
        ) -> Resources<E::Element>
        where
            E: $crate::resource::BatchElement<Element: Send + 'static> + 'static,
        {
            Resources($crate::resource::Elements::stream(resources))
        }

        /// Resources to act on together, from [`batch`] or [`batch_stream`].
        #[must_use = "no request is sent until an action is chosen and sent"]
        pub struct Resources<T>($crate::resource::Elements<T>);

        impl<T: Send + 'static> Resources<T> {
            pub(crate) fn new(elements: $crate::resource::Elements<T>) -> Self {
                Self(elements)
            }

            /// `fold` creates a request for at most `max` resources, any two of which are in the `same` request.
            pub(crate) fn batch<B: $crate::generated::Operation>(
                self,
                max: usize,
                same: fn(&T, &T) -> bool,
                fold: impl Fn(&[T]) -> Option<$client::Request<B>> + Send + 'static,
            ) -> Batch<B> {
                Batch { requests: $crate::resource::BatchRequests::new(self.0, max, same, fold), changes: Vec::new() }
            }
        }

        impl<T> ::std::fmt::Debug for Resources<T> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct("Resources").finish_non_exhaustive()
            }
        }

        /// One action on many resources: requests of bounded size, not sent yet.
        ///
        /// Awaiting it sends them all and returns the responses. The first error ends it; use
        /// [`try_next`](Self::try_next) to get the responses before an error, too.
        ///
        /// A successful response may still report that some of the elements failed: check the responses.
        #[must_use = "a batch does nothing until it is sent"]
        pub struct Batch<O: $crate::generated::Operation> {
            requests: $crate::resource::BatchRequests<$client::Request<O>>,
            #[allow(clippy::type_complexity, reason = "a list of changes")]
            changes: Vec<Box<dyn Fn($client::Request<O>) -> $client::Request<O> + Send>>,
        }

        impl<O: $crate::generated::Operation> Batch<O> {
            /// Sets parameters of every request. They are added to those of the batch, as in [`Collection::filter`].
            pub fn with(
                mut self,
                change: impl Fn($client::Request<O>) -> $client::Request<O> + Send + 'static,
            ) -> Self {
                self.changes.push(Box::new(change));
                self
            }

            /// Sends the next request and returns its response, or `None` after the last.
            ///
            /// # Errors
            /// Those of listing the collection and of the call.
            pub async fn try_next(&mut self) -> $crate::Result<Option<O::Output>> {
                self.try_next_with_metadata().await.map(|next| next.map(|it| it.0))
            }

            /// As [`try_next`](Self::try_next), and returns the response metadata, too.
            ///
            /// # Errors
            /// Those of listing the collection and of the call.
            pub async fn try_next_with_metadata(
                &mut self,
            ) -> $crate::Result<Option<(O::Output, $crate::ResponseMetadata)>> {
                let Some(mut request) = self.requests.try_next().await? else { return Ok(None) };
                for change in &self.changes {
                    request = add_parameters(request, change);
                }
                request.send_with_metadata().await.map(Some)
            }

            /// Sends all requests.
            ///
            /// # Errors
            /// Those of listing the collection and of the calls; requests after the failed one are not sent.
            pub async fn send(mut self) -> $crate::Result<BatchResponses<O::Output>> {
                let mut all = Vec::new();
                while let Some(response) = self.try_next().await? {
                    all.push(response);
                }
                Ok(BatchResponses(all))
            }

            /// Sends all requests. Returns each response together with its metadata: HTTP status, headers, request id and the
            /// number of attempts.
            ///
            /// # Errors
            /// The same as for [`send`](Self::send).
            pub async fn send_with_metadata(
                mut self,
            ) -> $crate::Result<BatchResponses<(O::Output, $crate::ResponseMetadata)>> {
                let mut all = Vec::new();
                while let Some(response) = self.try_next_with_metadata().await? {
                    all.push(response);
                }
                Ok(BatchResponses(all))
            }
        }

        impl<O: $crate::generated::Operation<Input: ::std::fmt::Debug>> ::std::fmt::Debug for Batch<O> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct("Batch").field("requests", &self.requests).finish_non_exhaustive()
            }
        }

        impl<O: $crate::generated::Operation<Input: Send, Output: Send>> ::std::future::IntoFuture for Batch<O> {
            type Output = $crate::Result<BatchResponses<O::Output>>;
            type IntoFuture = ::std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }

        /// The responses to the requests of a [`Batch`], in order.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct BatchResponses<T>(pub Vec<T>);

        impl<T> ::std::ops::Deref for BatchResponses<T> {
            type Target = [T];

            #[inline]
            fn deref(&self) -> &[T] {
                &self.0
            }
        }

        impl<T> IntoIterator for BatchResponses<T> {
            type Item = T;
            type IntoIter = ::std::vec::IntoIter<T>;

            #[inline]
            fn into_iter(self) -> Self::IntoIter {
                self.0.into_iter()
            }
        }
    };
}
