//! The macros for the types of a crate that calls are made with: client and request. Knows no shape.

/// Defines the request type of a crate: `request! { /// docs Request }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __request {
    ($(#[$($meta:tt)*])* $name:ident) => {
        $(#[$($meta)*])*
        ///
        /// All that a request can do beside this is a method of [`aws_core::Request`], the same request for code that is
        /// generic over services; `as_ref()`, `as_mut()` and `into()` lead to it.
        #[must_use = "a request does nothing until it is sent"]
        pub struct $name<O: $crate::generated::Operation, K = ()>(pub(crate) $crate::Request<O>, pub(crate) K);

        /// A request that is sent until its response means that the wait is over. It has the setters of the request, and
        /// those of a waiter: `delay`, `max_attempts`, `max_wait`, `inspect`. Await it.
        pub type Waiter<O> = $name<O, $crate::wait::Waiting>;

        // Setters have the names of members, and new members come with every release of a model. So these are the only methods
        // here, with names that no model has used; all others are those of `aws_core::Request`.
        impl<O: $crate::generated::Operation> $name<O> {
            /// Sends the request and returns the output of the operation. Awaiting the request does the same.
            ///
            /// Retryable errors are retried according to the retry mode of the session.
            ///
            /// # Errors
            /// Any kind of [`aws_core::Error`]. An input that is not valid is an error before anything is sent.
            #[inline]
            pub fn send(self) -> impl ::std::future::Future<Output = $crate::Result<O::Output>> {
                self.0.send()
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
                self.0.send_with_metadata()
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

        impl<O: $crate::generated::Operation> ::std::convert::From<$name<O>> for $crate::Request<O> {
            #[inline]
            fn from(request: $name<O>) -> Self {
                request.0
            }
        }

        impl<O: $crate::generated::Operation> ::std::convert::From<Waiter<O>> for $crate::Waiter<O> {
            #[inline]
            fn from(waiter: Waiter<O>) -> Self {
                Self::new(waiter.0, waiter.1)
            }
        }

        impl<O: $crate::generated::Operation, K> ::std::convert::AsRef<$crate::Request<O>> for $name<O, K> {
            #[inline]
            fn as_ref(&self) -> &$crate::Request<O> {
                &self.0
            }
        }

        impl<O: $crate::generated::Operation, K> ::std::convert::AsMut<$crate::Request<O>> for $name<O, K> {
            #[inline]
            fn as_mut(&mut self) -> &mut $crate::Request<O> {
                &mut self.0
            }
        }

        impl<O: $crate::generated::Operation, K> $name<O, K> {
            /// Sets the options of this request: credentials, region, endpoint URL, retries, timeouts, checksums, additional
            /// headers and query parameters. They replace options that were set before, and apply to all requests of pages
            /// and waiters.
            #[inline]
            pub fn with_options(self, options: $crate::Options) -> Self {
                Self(self.0.with_options(options), self.1)
            }
        }

        impl<O: $crate::generated::Operation> Waiter<O> {
            /// Sets the delay between two polls of a waiter. If not set here: that of the service's model.
            #[inline]
            pub fn delay(mut self, delay: ::std::time::Duration) -> Self {
                self.1.set_delay(delay);
                self
            }

            /// Sets the maximum number of polls of a waiter; 0 counts as 1. If not set here: that of the service's model,
            /// or none with [`max_wait`](Self::max_wait).
            #[inline]
            pub fn max_attempts(mut self, attempts: u32) -> Self {
                self.1.set_max_attempts(attempts);
                self
            }

            /// Sets the maximum time of a waiter, from the first poll to the end of the last. A poll that could only begin later
            /// is not sent. Default: none.
            #[inline]
            pub fn max_wait(mut self, limit: ::std::time::Duration) -> Self {
                self.1.set_max_wait(limit);
                self
            }

            /// Sets a function that sees each poll of a waiter, to report progress:
            /// `.inspect(|poll| println!("{:?}", poll.actual()))`.
            #[inline]
            pub fn inspect(mut self, inspect: impl Fn(&$crate::wait::Poll<'_>) + Send + Sync + 'static) -> Self {
                self.1.set_inspect(inspect);
                self
            }
        }

        impl<O: $crate::generated::Operation<Input: ::std::fmt::Debug>, K: ::std::fmt::Debug> ::std::fmt::Debug
            for $name<O, K>
        {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).field(&self.1).finish()
            }
        }

        impl<O: $crate::generated::Paginated> $name<O> {
            /// Returns a paginator: a stream of the pages of the output. A page is requested when the stream is polled.
            #[inline]
            pub fn pages(self) -> $crate::generated::Pages<O> {
                self.0.pages()
            }
        }

        impl<O: $crate::generated::Operation, K: Clone> Clone for $name<O, K>
        where
            O::Input: Clone,
        {
            #[inline]
            fn clone(&self) -> Self {
                Self(self.0.clone(), self.1.clone())
            }
        }

        impl<O: $crate::generated::Operation<Input: Send, Output: Send>> ::std::future::IntoFuture for $name<O> {
            type Output = $crate::Result<O::Output>;
            type IntoFuture = $crate::BoxFuture<'static, Self::Output>;

            // Boxed in the runtime, so that no crate of a service has to prove that the future can be sent between threads:
            // that takes the compiler 4 MB.
            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                self.0.into_future()
            }
        }

        impl<O> ::std::future::IntoFuture for Waiter<O>
        where
            O: $crate::generated::Operation<Input: Clone + Send + Sync, Output: Send + Sync>,
        {
            type Output = $crate::Result<$crate::wait::WaiterOutcome<O::Output>>;
            type IntoFuture = $crate::BoxFuture<'static, Self::Output>;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                $crate::Waiter::from(self).into_future()
            }
        }
    };
}

/// Defines the client type of a crate: `client! { /// docs Client, SERVICE }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __client {
    ($(#[$($meta:tt)*])* $name:ident, $service:path) => {
        $(#[$($meta)*])*
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
                crate::Request($crate::Request::new(::std::sync::Arc::clone(&self.0), input), ())
            }

            /// What the client is: its service, region, endpoint, settings and session.
            #[inline]
            pub fn meta(&self) -> $crate::session::ClientMeta<'_> {
                $crate::generated::client_meta(&self.0)
            }

            // For resource crates: whether both are clones of one client.
            #[doc(hidden)]
            #[inline]
            pub fn __is_clone_of(&self, other: &Self) -> bool {
                ::std::sync::Arc::ptr_eq(&self.0, &other.0)
            }

            #[allow(dead_code, reason = "for custom modules, which few services have")]
            #[inline]
            pub(crate) fn state(&self) -> &::std::sync::Arc<$crate::generated::ClientState> {
                &self.0
            }
        }
    };
}
