//! The macros for resource crates, which contain the code that is the same in each crate and for each resource. Used as
//! `resource`, `root`, … of the module [`resource`](crate::resource).

/// The resource of the service itself: `root! { /// docs S3(aws_s3::Client) }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource_root {
    ($(#[$meta:meta])* $name:ident($client:ty)) => {
        $crate::__resource! { $(#[$meta])* $name($client) {} }

        impl $name {
            /// The service with the settings and credentials of a session. Sends no request.
            #[inline]
            pub fn new(session: &$crate::Session) -> Self {
                Self::from_parts(<$client>::new(session))
            }

            /// The service with this client.
            #[inline]
            pub fn from_client(client: $client) -> Self {
                Self::from_parts(client)
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
            #[allow(dead_code, reason = "not every resource is created by another")]
            #[inline]
            pub(crate) fn from_parts(client: $client, $($id: $kind),*) -> Self {
                Self { client, $($id),* }
            }

            /// The client that sends the requests.
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
                    $(.field(stringify!($id), $crate::__resource_debug_value!(self $id $($secret)?)))*
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

/// An identifier in `Debug` output.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource_debug_value {
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
            #[allow(deprecated, reason = "a deprecated `load` still loads")]
            fn fetch(&self) -> ::std::pin::Pin<Box<dyn Future<Output = $crate::Result<Self::Data>> + Send>> {
                let loading = self.load().send();
                Box::pin(async move { loading.await.map(|it| it.into_parts().1) })
            }
        }
    };
}

/// The types that each resource crate defines itself, since it adds methods to them: `layer!(aws_s3)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource_layer {
    ($client:ident) => {
        /// A request whose response becomes a resource. Nothing is sent until it is awaited, or [`send`](Self::send) is
        /// called; set optional parameters with [`with`](Self::with).
        #[must_use = "an action does nothing until it is sent"]
        pub struct Action<O: $crate::generated::Operation, R>($crate::resource::Action<$client::Request<O>, R>);

        impl<O: $crate::generated::Operation<Input: Send, Output: Send>, R: 'static> Action<O, R> {
            #[allow(dead_code, reason = "not every service has actions whose responses become resources")]
            #[inline]
            pub(crate) fn new<F, G>(name: &'static str, request: $client::Request<O>, read: F) -> Self
            where
                F: FnOnce(&$client::Request<O>) -> G + Send + 'static,
                G: FnOnce(O::Output) -> Option<R> + Send + 'static,
            {
                Self($crate::resource::Action::new(name, request, read, $client::Request::send_with_metadata))
            }

            /// Sets parameters of the request: `bucket.put_object("key").with(|put| put.body("text"))`.
            ///
            /// They are added to those that the resource sets itself: lists are appended, maps and structures merged,
            /// and only a parameter of another type replaces one of the resource.
            #[inline]
            pub fn with(self, change: impl FnOnce($client::Request<O>) -> $client::Request<O>) -> Self {
                Self(self.0.with(|request| add_parameters(request, change)))
            }

            /// The request, with the parameters that were set so far.
            #[inline]
            pub fn request(&self) -> &$client::Request<O> {
                self.0.request()
            }

            /// Sends the request.
            ///
            /// # Errors
            /// Those of the call; [`NotFound`](aws_core::ErrorKind::NotFound) if the response contains no such resource.
            #[inline]
            pub fn send(self) -> ::std::pin::Pin<Box<dyn Future<Output = $crate::Result<R>> + Send>> {
                self.0.send()
            }

            /// Sends the request. Returns the resource together with the response metadata: HTTP status, headers, request
            /// id and the number of attempts.
            ///
            /// # Errors
            /// The same as for [`send`](Self::send).
            #[inline]
            #[allow(clippy::type_complexity, reason = "a boxed future")]
            pub fn send_with_metadata(
                self,
            ) -> ::std::pin::Pin<Box<dyn Future<Output = $crate::Result<(R, $crate::ResponseMetadata)>> + Send>> {
                self.0.send_with_metadata()
            }
        }

        impl<O: $crate::generated::Operation<Input: Send, Output: Send>, R: 'static> ::std::future::IntoFuture
            for Action<O, R>
        {
            type Output = $crate::Result<R>;
            type IntoFuture = ::std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                self.0.send()
            }
        }

        impl<O: $crate::generated::Operation<Input: ::std::fmt::Debug>, R> ::std::fmt::Debug for Action<O, R> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }

        /// A resource with its attributes, as of the time they were fetched or listed.
        ///
        /// The attributes are a snapshot: only [`reload`](Self::reload) updates them. A loaded resource has all methods
        /// of the resource itself.
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

            /// All attributes, as the client crate's structure.
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
            /// Fetches the attributes again. After an error they are unchanged.
            ///
            /// # Errors
            /// Those of the call; [`NotFound`](aws_core::ErrorKind::NotFound) if it succeeds but its response does not
            /// contain the resource.
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

        /// Changes a request, and adds the parameters that the change sets to those that the request has.
        fn add_parameters<O: $crate::generated::Operation>(
            mut request: $client::Request<O>,
            change: impl FnOnce($client::Request<O>) -> $client::Request<O>,
        ) -> $client::Request<O> {
            let before = ::std::mem::take(&mut request.as_mut().input);
            change(request).__merge(before)
        }

        /// A lazy list of resources. No request is sent before the first element is requested, and no page before it is
        /// needed.
        ///
        /// It is also the stream of its elements. Every change, and every clone, starts again at the first element.
        #[must_use = "no request is sent until the collection is polled"]
        pub struct Collection<O: $crate::generated::Operation, T>($crate::resource::Collection<$client::Request<O>, T>)
        where
            O::Input: Clone;

        impl<O: $crate::generated::Operation, T: Send + 'static> Collection<O, T>
        where
            O::Input: Clone,
        {
            #[allow(dead_code, reason = "not every service has paginated operations")]
            pub(crate) fn paged<F, G>(request: $client::Request<O>, read: F) -> Self
            where
                O: $crate::generated::Paginated,
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

            #[allow(dead_code, reason = "not every service has operations without pagination")]
            pub(crate) fn once<F, G>(request: $client::Request<O>, read: F) -> Self
            where
                O: $crate::generated::Operation<Input: Send, Output: Send>,
                F: Fn(&$client::Request<O>) -> G + Send + Sync + 'static,
                G: FnMut(O::Output) -> Vec<T> + Send + 'static,
            {
                Self($crate::resource::Collection::new(request, move |request, _| {
                    let read = read(&request);
                    $crate::resource::once(request.send_with_metadata(), read)
                }))
            }

            /// The elements, to act on all of them. An empty list in the request is rejected before anything is sent.
            #[allow(dead_code, reason = "not every service has batch actions")]
            pub(crate) fn elements(self) -> $crate::resource::Elements<T::Element>
            where
                T: $crate::resource::BatchElement<Element: Send + 'static>,
            {
                let empty_list = $crate::generated::empty_list(self.0.request().as_ref().input());
                $crate::resource::Elements::pages(self.0.pages()).reject_empty(empty_list)
            }

            /// All elements: the collection itself. Exists because boto3's collections have `all()`.
            #[inline]
            pub fn all(self) -> Self {
                self
            }

            /// Sets parameters of the request that lists: `bucket.objects().filter(|list| list.prefix("logs/"))`.
            ///
            /// They are added to those that the collection sets itself: lists are appended, maps and structures merged,
            /// and only a parameter of another type replaces one of the collection.
            #[inline]
            pub fn filter(self, change: impl FnOnce($client::Request<O>) -> $client::Request<O>) -> Self {
                Self(self.0.filter(|request| add_parameters(request, change)))
            }

            /// Ends after this many elements; with 0 no request is sent.
            #[inline]
            pub fn limit(self, elements: usize) -> Self {
                Self(self.0.limit(elements))
            }

            /// Requests pages of this many elements, if the operation is paginated; the service may return fewer.
            #[inline]
            pub fn page_size(self, size: i32) -> Self {
                Self(self.0.page_size(size))
            }

            /// The elements, page by page; a page may be empty.
            #[inline]
            pub fn pages(self) -> $crate::resource::ResourcePages<T> {
                self.0.pages()
            }

            /// Status, headers, request id and attempts of the response that the last element came in; `None` before the
            /// first.
            #[inline]
            pub fn metadata(&self) -> Option<&$crate::ResponseMetadata> {
                self.0.metadata()
            }

            /// The next element, or `None` after the last.
            ///
            /// # Errors
            /// Those of the calls; after one the collection has ended.
            #[inline]
            pub async fn try_next(&mut self) -> $crate::Result<Option<T>> {
                self.0.try_next().await
            }

            /// All remaining elements.
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

        impl<O: $crate::generated::Operation, T> Clone for Collection<O, T>
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
            O: $crate::generated::Operation<Input: Clone + ::std::fmt::Debug>,
        {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }

        impl<O: $crate::generated::Operation, T> Unpin for Collection<O, T> where O::Input: Clone {}

        impl<O: $crate::generated::Operation, T> $crate::generated::Stream for Collection<O, T>
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
    };
}
