//! The macros for the types of a crate that calls are made with: client and request. Knows no shape.

/// Defines the request type of a crate: `request! { /// docs Request }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __request {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[must_use = "a request does nothing until it is sent"]
        pub struct $name<O: $crate::generated::Operation>(pub(crate) $crate::generated::Call<O>);

        impl<O: $crate::generated::Operation> $name<O> {
            /// Sends the request and returns the output of the operation. Awaiting the request does the same.
            ///
            /// Retryable errors are retried according to the retry mode of the session.
            ///
            /// # Errors
            /// Any kind of [`aws_core::Error`]. An input that is not valid is an error before anything is sent.
            #[inline]
            pub fn send(self) -> impl ::std::future::Future<Output = $crate::Result<O::Output>> {
                let sent = self.0.send();
                async move { sent.await.map(|(output, _)| output) }
            }

            /// Sends the request and returns the output together with the response metadata: HTTP status, headers,
            /// request id and the number of attempts.
            ///
            /// # Errors
            /// The same as for [`send`](Self::send).
            #[inline]
            pub fn send_with_metadata(
                self,
            ) -> impl ::std::future::Future<Output = $crate::Result<(O::Output, $crate::ResponseMetadata)>> {
                self.0.send()
            }

            /// Creates a presigned URL, with which anyone can send the request until `expires` has passed. Nothing is
            /// sent to the service. Some operations need headers or a body with the URL: they are part of the result.
            ///
            /// # Errors
            /// The input is not valid, `expires` is not between one second and seven days, or there are no credentials.
            #[inline]
            pub async fn presign(self, expires: ::std::time::Duration) -> $crate::Result<$crate::PresignedRequest> {
                self.0.presign(expires).await
            }

            /// Sets the options of this request: timeouts, region, endpoint URL, additional headers and query
            /// parameters. They replace options that were set before.
            #[inline]
            pub fn options(mut self, options: $crate::Options) -> Self {
                self.0.options = options;
                self
            }

            /// Returns the input with the members that were set so far.
            #[inline]
            pub fn input(&self) -> &O::Input {
                &self.0.input
            }

            /// Returns a mutable reference to the input.
            #[inline]
            pub fn input_mut(&mut self) -> &mut O::Input {
                &mut self.0.input
            }

            // For resource crates: the request is sent with the members that it has now, merged with what is set later.
            #[doc(hidden)]
            #[inline]
            pub fn __keep(mut self, each: $crate::generated::Each) -> Self
            where
                O::Input: Send + Sync,
            {
                self.0.keep(each);
                self
            }

            // For resource crates: adds the members that were set to those of `before`.
            #[doc(hidden)]
            #[inline]
            pub fn __merge(mut self, before: O::Input) -> Self {
                self.0.merge(before);
                self
            }
        }

        impl<O: $crate::generated::Operation<Input: ::std::fmt::Debug>> ::std::fmt::Debug for $name<O> {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl<O: $crate::generated::Paginated> $name<O> {
            /// Returns a paginator: a stream of the pages of the output. A page is requested when the stream is polled.
            #[inline]
            pub fn pages(self) -> $crate::generated::Pages<O> {
                $crate::generated::Pages::new(self.0)
            }
        }

        impl<O: $crate::generated::Operation> Clone for $name<O>
        where
            O::Input: Clone,
        {
            #[inline]
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<O: $crate::generated::Operation<Input: Send, Output: Send>> ::std::future::IntoFuture for $name<O> {
            type Output = $crate::Result<O::Output>;
            type IntoFuture = ::std::pin::Pin<Box<dyn ::std::future::Future<Output = Self::Output> + Send>>;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}

/// Defines the client type of a crate: `client! { /// docs Client, SERVICE }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __client {
    ($(#[$meta:meta])* $name:ident, $service:path) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name(::std::sync::Arc<$crate::generated::ClientState>);

        impl $name {
            /// Creates a client with the settings, credentials provider and connections of `session`.
            ///
            /// This does no I/O and cannot fail: the first request reports settings that are not valid. Clones of a
            /// client share all of its state, the retry quota included; clients of one session share connections and
            /// credentials.
            #[inline]
            pub fn new(session: &$crate::Session) -> Self {
                Self(::std::sync::Arc::new($crate::generated::client_state(session, &$service)))
            }

            /// Creates a request from an input structure, as an alternative to the method of the operation and its
            /// setters.
            #[inline]
            pub fn request<O: $crate::generated::Operation>(&self, input: O::Input) -> crate::Request<O> {
                crate::Request($crate::generated::Call::new(::std::sync::Arc::clone(&self.0), input))
            }

            // For resource crates: whether both are clones of one client.
            #[doc(hidden)]
            #[inline]
            pub fn __is_clone_of(&self, other: &Self) -> bool {
                ::std::sync::Arc::ptr_eq(&self.0, &other.0)
            }

            #[allow(dead_code, reason = "for custom modules, which few services have")]
            #[inline]
            pub(crate) fn state(&self) -> &$crate::generated::ClientState {
                &self.0
            }
        }
    };
}
