//! The macros of the door that hold what every resource crate and every resource repeats.

/// The service itself: `root! { /// docs S3(aws_s3::Client) }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource_root {
    ($(#[$meta:meta])* $name:ident($client:ty)) => {
        $crate::__resource! { $(#[$meta])* $name($client) {} }

        impl $name {
            /// The service with the settings and credentials of a session; makes no call.
            #[inline]
            pub fn new(session: &$crate::Session) -> Self {
                Self::at(<$client>::new(session))
            }

            /// The service over a client.
            #[inline]
            pub fn from_client(client: $client) -> Self {
                Self::at(client)
            }
        }
    };
}

/// A resource: `resource! { /// docs Object(aws_s3::Client) { /// docs key: String, } }`. `secret` after the type hides
/// the value.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource {
    ($(#[$meta:meta])* $name:ident($client:ty) { $($(#[$doc:meta])* $id:ident: $kind:ident $($secret:ident)?,)* }) => {
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $name {
            pub(crate) client: $client,
            $(pub(crate) $id: $kind,)*
        }

        impl $name {
            #[allow(dead_code, reason = "not every resource is made by another")]
            #[inline]
            pub(crate) fn at(client: $client, $($id: $kind),*) -> Self {
                Self { client, $($id),* }
            }

            /// The client that the calls are made with.
            #[inline]
            pub fn client(&self) -> &$client {
                &self.client
            }

            $($crate::__resource_identifier! { $(#[$doc])* $id: $kind })*
        }

        impl PartialEq for $name {
            #[inline]
            fn eq(&self, #[allow(unused_variables, reason = "a service has no identifiers")] other: &Self) -> bool {
                true $(&& self.$id == other.$id)*
            }
        }

        impl Eq for $name {}

        impl ::std::hash::Hash for $name {
            #[inline]
            fn hash<H: ::std::hash::Hasher>(&self, #[allow(unused_variables, reason = "a service has no identifiers")] state: &mut H) {
                $(::std::hash::Hash::hash(&self.$id, state);)*
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($id), $crate::__resource_shown!(self $id $($secret)?)))*
                    .finish()
            }
        }
    };
}

/// The getter of an identifier.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource_identifier {
    ($(#[$doc:meta])* $id:ident: String) => {
        $(#[$doc])*
        #[inline]
        pub fn $id(&self) -> &str {
            &self.$id
        }
    };
    ($(#[$doc:meta])* $id:ident: $kind:ident) => {
        $(#[$doc])*
        #[inline]
        pub fn $id(&self) -> $kind {
            self.$id
        }
    };
}

/// An identifier as it is shown.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource_shown {
    ($self:ident $id:ident) => {
        &$self.$id
    };
    ($self:ident $id:ident secret) => {
        &"*** Sensitive Data Redacted ***"
    };
}

/// The attributes of a resource: `data!(Object, aws_s3::operation::HeadObjectOutput)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource_data {
    ($name:ty, $data:ty) => {
        impl $crate::resource::Attributes for $name {
            type Data = $data;
        }
    };
}

/// A resource that has `load()`: `load!(Object)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource_load {
    ($name:ty) => {
        impl $crate::resource::Load for $name {
            #[allow(deprecated, reason = "a deprecated load is a load")]
            fn fetch(&self) -> ::std::pin::Pin<Box<dyn Future<Output = $crate::Result<Self::Data>> + Send>> {
                let loading = self.load().send();
                Box::pin(async move { loading.await.map(|it| it.into_parts().1) })
            }
        }
    };
}

/// The types that a resource crate has of its own, for it adds methods to them: `layer!(aws_s3)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource_layer {
    ($client:ident) => {
        /// A call that was not made yet, and the resource its answer becomes: [`send`](aws_core::resource::Action::send)
        /// it, or await it.
        pub type Action<O, R> = $crate::resource::Action<$client::Request<O>, R>;

        /// A resource with its attributes, as they were when they were fetched or listed.
        ///
        /// A snapshot: no call changes it except [`reload`](Self::reload). Everything the resource itself can do, a loaded
        /// one can too.
        pub struct Loaded<R: $crate::resource::Attributes> {
            resource: R,
            data: R::Data,
        }

        impl<R: $crate::resource::Attributes> Loaded<R> {
            #[allow(dead_code, reason = "not every service has resources with attributes")]
            #[inline]
            pub(crate) fn new(resource: R, data: R::Data) -> Self {
                Self { resource, data }
            }

            /// All attributes, as the client has them.
            #[inline]
            pub fn data(&self) -> &R::Data {
                &self.data
            }

            /// The resource without its attributes.
            #[inline]
            pub fn resource(&self) -> &R {
                &self.resource
            }

            /// The resource and its attributes.
            #[inline]
            pub fn into_parts(self) -> (R, R::Data) {
                (self.resource, self.data)
            }
        }

        impl<R: $crate::resource::Load> Loaded<R> {
            /// Fetches the attributes again; after an error they are as before.
            ///
            /// # Errors
            /// Those of the call; [`NotFound`](aws_core::ErrorKind::NotFound) when there is nothing any more.
            pub async fn reload(&mut self) -> $crate::Result<()> {
                self.data = self.resource.fetch().await?;
                Ok(())
            }
        }

        impl<R: $crate::resource::Attributes> ::std::ops::Deref for Loaded<R> {
            type Target = R;

            #[inline]
            fn deref(&self) -> &R {
                &self.resource
            }
        }

        impl<R: $crate::resource::Attributes + Clone> Clone for Loaded<R>
        where
            R::Data: Clone,
        {
            #[inline]
            fn clone(&self) -> Self {
                Self { resource: self.resource.clone(), data: self.data.clone() }
            }
        }

        impl<R: $crate::resource::Attributes + ::std::fmt::Debug> ::std::fmt::Debug for Loaded<R>
        where
            R::Data: ::std::fmt::Debug,
        {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct("Loaded").field("resource", &self.resource).field("data", &self.data).finish()
            }
        }

        /// A lazy list of resources: nothing is called before the first element is asked for, and no page before it is
        /// needed.
        ///
        /// It is the stream of its elements. Every change, and every clone, starts at the first element again.
        #[must_use = "nothing is called until the collection is polled"]
        pub struct Collection<O: $crate::codegen::Operation, T>($crate::resource::Collection<$client::Request<O>, T>)
        where
            O::Input: Clone;

        impl<O: $crate::codegen::Operation, T: Send + 'static> Collection<O, T>
        where
            O::Input: Clone,
        {
            #[allow(dead_code, reason = "not every service has operations that answer in pages")]
            pub(crate) fn paged<F, G>(request: $client::Request<O>, read: F) -> Self
            where
                O: $crate::codegen::Paginated,
                F: Fn(&$client::Request<O>) -> G + Send + Sync + 'static,
                G: FnMut(O::Output) -> Vec<T> + Send + 'static,
            {
                Self($crate::resource::Collection::new(request, move |request, size| {
                    let read = read(&request);
                    let pages = request.pages();
                    let pages = match size {
                        Some(size) => pages.page_size(size),
                        None => pages,
                    };
                    $crate::resource::pages(pages, read)
                }))
            }

            #[allow(dead_code, reason = "not every service has operations that answer at once")]
            pub(crate) fn once<F, G>(request: $client::Request<O>, read: F) -> Self
            where
                O: $crate::codegen::Operation<Input: Send, Output: Send>,
                F: Fn(&$client::Request<O>) -> G + Send + Sync + 'static,
                G: FnMut(O::Output) -> Vec<T> + Send + 'static,
            {
                Self($crate::resource::Collection::new(request, move |request, _| {
                    let read = read(&request);
                    $crate::resource::once(request, read)
                }))
            }

            #[allow(dead_code, reason = "not every service has batch actions")]
            pub(crate) fn batch<B: $crate::codegen::Operation>(
                self,
                most: usize,
                fold: impl Fn(&[T]) -> Option<$client::Request<B>> + Send + 'static,
            ) -> Batch<B> {
                Batch { requests: $crate::resource::Requests::new(self.0.pages(), most, fold), change: Vec::new() }
            }

            /// The whole collection: the same as the collection itself, for those who look for boto3's word.
            #[inline]
            pub fn all(self) -> Self {
                self
            }

            /// Changes the request that lists: `bucket.objects().filter(|list| list.prefix("logs/"))`.
            #[inline]
            pub fn filter(self, change: impl FnOnce($client::Request<O>) -> $client::Request<O>) -> Self {
                Self(self.0.filter(change))
            }

            /// Ends after this many elements; with 0 nothing is called.
            #[inline]
            pub fn limit(self, elements: usize) -> Self {
                Self(self.0.limit(elements))
            }

            /// Asks for pages of this many elements, where the operation has pages; the service may send fewer.
            #[inline]
            pub fn page_size(self, size: i32) -> Self {
                Self(self.0.page_size(size))
            }

            /// The elements, a page at a time; a page may be empty.
            #[inline]
            pub fn pages(self) -> $crate::resource::Chunks<T> {
                self.0.pages()
            }

            /// The next element, or `None` after the last.
            ///
            /// # Errors
            /// Those of the calls; after one the collection has ended.
            #[inline]
            pub async fn try_next(&mut self) -> $crate::Result<Option<T>> {
                self.0.try_next().await
            }

            /// All elements that are left.
            ///
            /// # Errors
            /// Those of the calls.
            pub async fn try_collect(mut self) -> $crate::Result<Vec<T>> {
                let mut all = Vec::new();
                while let Some(element) = self.try_next().await? {
                    all.push(element);
                }
                Ok(all)
            }
        }

        impl<O: $crate::codegen::Operation, T> Clone for Collection<O, T>
        where
            O::Input: Clone,
        {
            #[inline]
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<O, T> ::std::fmt::Debug for Collection<O, T>
        where
            O: $crate::codegen::Operation<Input: Clone + ::std::fmt::Debug>,
        {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }

        impl<O: $crate::codegen::Operation, T> Unpin for Collection<O, T> where O::Input: Clone {}

        impl<O: $crate::codegen::Operation, T> $crate::codegen::Stream for Collection<O, T>
        where
            O::Input: Clone,
        {
            type Item = $crate::Result<T>;

            fn poll_next(
                mut self: ::std::pin::Pin<&mut Self>,
                context: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<Option<Self::Item>> {
                self.0.poll(context)
            }
        }

        /// One action on many resources: requests that were not made yet, one or more a page of the collection.
        ///
        /// Awaited, it makes them all and returns what the service answered. The first error ends it; with
        /// [`try_next`](Self::try_next) instead the answers before an error are not lost.
        ///
        /// A service may answer well and still refuse some of the elements: look into the answers.
        #[must_use = "a batch does nothing until it is sent"]
        pub struct Batch<O: $crate::codegen::Operation> {
            requests: $crate::resource::Requests<$client::Request<O>>,
            #[allow(clippy::type_complexity, reason = "a list of changes")]
            change: Vec<Box<dyn Fn($client::Request<O>) -> $client::Request<O> + Send>>,
        }

        impl<O: $crate::codegen::Operation> Batch<O> {
            /// Changes every request.
            pub fn with(
                mut self,
                change: impl Fn($client::Request<O>) -> $client::Request<O> + Send + 'static,
            ) -> Self {
                self.change.push(Box::new(change));
                self
            }

            /// Makes the next request, or returns `None` after the last.
            ///
            /// # Errors
            /// Those of the listing and of the call.
            pub async fn try_next(&mut self) -> $crate::Result<Option<O::Output>> {
                let Some(mut request) = self.requests.try_next().await? else { return Ok(None) };
                for change in &self.change {
                    request = change(request);
                }
                request.send().await.map(Some)
            }

            /// Makes all requests.
            ///
            /// # Errors
            /// Those of the listing and of the calls; requests after the failed one are not made.
            pub async fn send(mut self) -> $crate::Result<Answers<O::Output>> {
                let mut all = Vec::new();
                while let Some(answer) = self.try_next().await? {
                    all.push(answer);
                }
                Ok(Answers(all))
            }
        }

        impl<O: $crate::codegen::Operation<Input: ::std::fmt::Debug>> ::std::fmt::Debug for Batch<O> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct("Batch").field("requests", &self.requests).finish_non_exhaustive()
            }
        }

        impl<O: $crate::codegen::Operation<Input: Send, Output: Send>> ::std::future::IntoFuture for Batch<O> {
            type Output = $crate::Result<Answers<O::Output>>;
            type IntoFuture = ::std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }

        /// What the service answered to each request of a [`Batch`].
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Answers<T>(pub Vec<T>);

        impl<T> ::std::ops::Deref for Answers<T> {
            type Target = [T];

            #[inline]
            fn deref(&self) -> &[T] {
                &self.0
            }
        }

        impl<T> IntoIterator for Answers<T> {
            type Item = T;
            type IntoIter = ::std::vec::IntoIter<T>;

            #[inline]
            fn into_iter(self) -> Self::IntoIter {
                self.0.into_iter()
            }
        }
    };
}
