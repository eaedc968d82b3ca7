//! The one door for generated code: the only names it may use, and the macros that hold what every type repeats.
//!
//! Nothing here is for people to call; it may change with any version, together with the generator.

// `crate::Request` in a macro is meant to be that of the generated crate.
#![allow(clippy::crate_in_macro_def)]

pub use crate::call::{Call, Core, Info, LazyRules, Operation, Service};
pub use crate::paginate::{Items, Pages, Paginated};
pub use crate::protocol::{AwsJson, AwsQuery, Ec2Query, RestJson, RestXml, RpcV2Cbor};
pub use crate::resource;
pub use crate::schema::copy::{copy, equal};
pub use crate::schema::debug::debug;
pub use crate::schema::enumeration::EnumText;
pub use crate::schema::layout::empty;
pub use crate::schema::{Description, Element, Type};
pub use crate::session::core_of;
pub use crate::wait::{Wait, WaiterInfo};
pub use futures_core::Stream;

/// How the argument of a setter or method gets into an optional field: one function for each kind.
pub mod argument {
    use std::collections::BTreeMap;

    /// As it is.
    #[inline]
    pub fn copy<T>(field: &mut Option<T>, value: T) {
        *field = Some(value);
    }

    /// Converted.
    pub fn into<T>(field: &mut Option<T>, value: impl Into<T>) {
        *field = Some(value.into());
    }

    /// Converted, on the heap.
    pub fn boxed<T>(field: &mut Option<Box<T>>, value: impl Into<T>) {
        *field = Some(Box::new(value.into()));
    }

    /// A list.
    pub fn list<T>(field: &mut Option<Vec<T>>, value: impl IntoIterator<Item = T>) {
        *field = Some(value.into_iter().collect());
    }

    /// A list, its elements converted.
    pub fn list_into<T>(field: &mut Option<Vec<T>>, value: impl IntoIterator<Item = impl Into<T>>) {
        *field = Some(value.into_iter().map(Into::into).collect());
    }

    /// A map.
    pub fn map<T>(field: &mut Option<BTreeMap<String, T>>, value: impl IntoIterator<Item = (impl Into<String>, T)>) {
        *field = Some(value.into_iter().map(|(key, value)| (key.into(), value)).collect());
    }

    /// A map, its values converted.
    pub fn map_into<T>(
        field: &mut Option<BTreeMap<String, T>>,
        value: impl IntoIterator<Item = (impl Into<String>, impl Into<T>)>,
    ) {
        *field = Some(value.into_iter().map(|(key, value)| (key.into(), value.into())).collect());
    }
}

/// Describes a structure or union: `shape!(Name, [links], "notation")`.
// No macro calls another, here and below: an expansion costs the compiler as much as an implementation does.
#[doc(hidden)]
#[macro_export]
macro_rules! __shape {
    ($name:ident, $([$($link:ty),* $(,)?],)? $text:literal) => {
        // SAFETY: the description is the generator's for this very type; the decoder compares size and alignment, the
        // test suite every field.
        unsafe impl $crate::codegen::Element for $name {
            const DESCRIPTION: $crate::codegen::Description =
                $crate::codegen::Description::new($text, &[$($(&<$link as $crate::codegen::Element>::TYPE),*)?]);
        }

        impl Default for $name {
            #[inline]
            fn default() -> Self {
                $crate::codegen::empty()
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::codegen::debug(self, f)
            }
        }
    };
}

/// Describes a structure or union that holds no stream, so that it can be cloned and compared: as `shape!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    ($name:ident, $([$($link:ty),* $(,)?],)? $text:literal) => {
        // SAFETY: as in `shape!`.
        unsafe impl $crate::codegen::Element for $name {
            const DESCRIPTION: $crate::codegen::Description =
                $crate::codegen::Description::new($text, &[$($(&<$link as $crate::codegen::Element>::TYPE),*)?]);
        }

        impl Default for $name {
            #[inline]
            fn default() -> Self {
                $crate::codegen::empty()
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::codegen::debug(self, f)
            }
        }

        impl Clone for $name {
            #[inline]
            fn clone(&self) -> Self {
                $crate::codegen::copy(self)
            }
        }

        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::codegen::equal(self, other)
            }
        }
    };
}

/// The output of an operation that answers with nothing: `empty!(Name, method)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __empty {
    ($name:ident, $method:ident) => {
        #[doc = concat!("The output of [`", stringify!($method), "`](crate::Client::", stringify!($method), "): nothing.")]
        #[repr(C)]
        pub struct $name {}

        $crate::codegen::value!($name, "");
    };
}

/// The files of a module and what each exports: `files! { name [Type, Type], }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __files {
    ($($file:ident [$($ty:ident),+],)*) => { $(mod $file; pub use $file::{$($ty),+};)* };
}

/// A modelled exception: `exception!(Name, "Code")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __exception {
    ($name:ident, $code:literal) => {
        impl $crate::Exception for $name {
            const CODE: &'static str = $code;
        }
    };
}

/// The type of a crate's string enumerations: `enumerations! { /// docs pub Enumeration }`.
// One type for all of them: thirteen implementations in each were a seventh of what compiling EC2 takes.
#[doc(hidden)]
#[macro_export]
macro_rules! __enumerations {
    ($(#[$meta:meta])* $visibility:vis $name:ident) => {
        $(#[$meta])*
        #[repr(transparent)]
        $visibility struct $name<N>($crate::codegen::EnumText, ::std::marker::PhantomData<fn() -> N>);

        impl<N> $name<N> {
            pub(crate) const fn known(text: &'static str) -> Self {
                Self($crate::codegen::EnumText::Known(text), ::std::marker::PhantomData)
            }

            /// The text on the wire.
            #[inline]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl<N> Clone for $name<N> {
            fn clone(&self) -> Self {
                Self(self.0.clone(), ::std::marker::PhantomData)
            }
        }

        impl<N, T: AsRef<str> + ?Sized> PartialEq<T> for $name<N> {
            fn eq(&self, other: &T) -> bool {
                self.as_str() == other.as_ref()
            }
        }

        impl<N> Eq for $name<N> {}

        impl<N> ::std::hash::Hash for $name<N> {
            fn hash<H: ::std::hash::Hasher>(&self, state: &mut H) {
                self.0.hash(state)
            }
        }

        impl<N> PartialOrd for $name<N> {
            fn partial_cmp(&self, other: &Self) -> Option<::std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl<N> Ord for $name<N> {
            fn cmp(&self, other: &Self) -> ::std::cmp::Ordering {
                self.0.cmp(&other.0)
            }
        }

        impl<N> Default for $name<N> {
            fn default() -> Self {
                Self($crate::codegen::EnumText::default(), ::std::marker::PhantomData)
            }
        }

        impl<N, T: Into<String>> From<T> for $name<N> {
            fn from(text: T) -> Self {
                Self($crate::codegen::EnumText::from(text.into()), ::std::marker::PhantomData)
            }
        }

        impl<N> AsRef<str> for $name<N> {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl<N> ::std::fmt::Display for $name<N> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl<N> ::std::fmt::Debug for $name<N> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }

        // SAFETY: `repr(transparent)` over `EnumText`.
        unsafe impl<N: 'static> $crate::codegen::Element for $name<N> {
            const TYPE: $crate::codegen::Type = $crate::codegen::Type::enumeration::<Self>();
        }
    };
}

/// A string enumeration: `string_enum! { /// docs Name = Enumeration<Name_>; CONSTANT = "value", }`.
/// What stands in the angle brackets is defined here, and tells it from others.
#[doc(hidden)]
#[macro_export]
macro_rules! __string_enum {
    ($(#[$meta:meta])* $name:ident = $of:ident<$tag:ident>; $($constant:ident = $value:literal,)*) => {
        pub enum $tag {}

        $(#[$meta])*
        pub type $name = crate::$of<$tag>;

        impl crate::$of<$tag> {
            $(
                // Markdown makes one piece of code of the three; `concat!` would cost more than the constant.
                #[doc = "`"]
                #[doc = $value]
                #[doc = "`"]
                pub const $constant: Self = Self::known($value);
            )*
            /// The values that this version knows.
            pub const VALUES: &'static [&'static str] = &[$($value),*];
        }
    };
}

/// An operation with the setters of its request:
/// `operation! { /// docs Type(Input) -> Output = "description"; kind field: Argument, }`.
/// A kind is one of the functions of [`argument`], which says how the argument is put into the field.
#[doc(hidden)]
#[macro_export]
macro_rules! __operation {
    (
        $(#[$meta:meta])* $ty:ident($input:ident) -> $output:ident = $info:literal;
        $($kind:ident $field:ident: $argument:ty,)*
    ) => {
        $(#[$meta])*
        pub enum $ty {}

        impl $crate::codegen::Operation for $ty {
            type Input = $input;
            type Output = $output;
            const INFO: $crate::codegen::Info = $crate::codegen::Info::new($info);
        }

        impl crate::Request<$ty> {
            $(
                #[doc = "Sets the field of this name of the [input](Self::input)."]
                #[inline]
                pub fn $field(mut self, value: $argument) -> Self {
                    $crate::codegen::argument::$kind(&mut self.0.input.$field, value);
                    self
                }
            )*
        }
    };
}

/// The methods of a client: `methods! { /// docs method(kind argument: Type, …) -> Operation, }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __methods {
    ($($(#[$meta:meta])* $method:ident($($kind:ident $argument:ident: $ty:ty),*) -> $operation:ident,)*) => {
        impl Client {
            $(
                $(#[$meta])*
                #[inline]
                pub fn $method(&self, $($argument: $ty),*) -> crate::Request<crate::operation::$operation> {
                    #[allow(unused_mut, reason = "an operation may take no arguments")]
                    let mut request = self.request::<crate::operation::$operation>(Default::default());
                    $($crate::codegen::argument::$kind(&mut request.0.input.$argument, $argument);)*
                    request
                }
            )*
        }
    };
}

/// The waiters of a client:
/// `waiters! { /// docs method(kind argument: Type, …) -> Operation = Name every DELAY up_to ATTEMPTS: "acceptors", }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __waiters {
    ($(
        $(#[$meta:meta])* $method:ident($($kind:ident $argument:ident: $ty:ty),*) -> $operation:ident
            = $name:literal every $delay:literal up_to $attempts:literal: $acceptors:literal,
    )*) => {
        impl Client {
            $(
                $(#[$meta])*
                #[inline]
                pub fn $method(&self, $($argument: $ty),*) -> $crate::codegen::Wait<crate::operation::$operation> {
                    #[allow(unused_mut, reason = "an operation may take no arguments")]
                    let mut request = self.request::<crate::operation::$operation>(Default::default());
                    $($crate::codegen::argument::$kind(&mut request.0.input.$argument, $argument);)*
                    $crate::codegen::Wait::new(request.0, $crate::codegen::WaiterInfo::new($name, $delay, $attempts, $acceptors))
                }
            )*
        }
    };
}

/// The pages of an operation: `pages!(Type, "description")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __pages {
    ($ty:ident, $description:literal) => {
        impl $crate::codegen::Paginated for $ty {
            const PAGES: &'static str = $description;
        }
    };
}

/// The request type of a crate: `request! { /// docs Request }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __request {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[must_use = "a request does nothing until it is sent"]
        pub struct $name<O: $crate::codegen::Operation>(pub(crate) $crate::codegen::Call<O>);

        impl<O: $crate::codegen::Operation> $name<O> {
            /// Sends the request; the answer is the operation's output.
            ///
            /// # Errors
            /// Everything an [`aws_core::Error`] can be; nothing is sent when the input is not valid.
            #[inline]
            pub async fn send(self) -> $crate::Result<O::Output> {
                self.0.send().await.map(|it| it.0)
            }

            /// Sends the request; the answer is the output and what came beside it: status, headers, request id.
            ///
            /// # Errors
            /// As [`send`](Self::send).
            #[inline]
            pub async fn send_with_metadata(self) -> $crate::Result<(O::Output, $crate::Metadata)> {
                self.0.send().await
            }

            /// Signs a URL that makes the call for whoever has it, for up to seven days. Asks no service.
            ///
            /// # Errors
            /// The input is not valid, `expires` is not between a second and seven days, or there are no credentials.
            #[inline]
            pub async fn presign(self, expires: ::std::time::Duration) -> $crate::Result<$crate::PresignedRequest> {
                self.0.presign(expires).await
            }

            /// Changes limits, headers or query parameters of this call.
            #[inline]
            pub fn options(mut self, options: $crate::Options) -> Self {
                self.0.options = options;
                self
            }

            /// The input as it is so far.
            #[inline]
            pub fn input(&self) -> &O::Input {
                &self.0.input
            }

            /// The input, to be changed.
            #[inline]
            pub fn input_mut(&mut self) -> &mut O::Input {
                &mut self.0.input
            }
        }

        impl<O: $crate::codegen::Operation<Input: ::std::fmt::Debug>> ::std::fmt::Debug for $name<O> {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl<O: $crate::codegen::Paginated> $name<O> {
            /// The pages of the answer, as a stream.
            #[inline]
            pub fn pages(self) -> $crate::codegen::Pages<O> {
                $crate::codegen::Pages::new(self.0)
            }
        }

        impl<O: $crate::codegen::Operation> Clone for $name<O>
        where
            O::Input: Clone,
        {
            #[inline]
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<O: $crate::codegen::Operation<Input: Send, Output: Send>> ::std::future::IntoFuture for $name<O> {
            type Output = $crate::Result<O::Output>;
            type IntoFuture = ::std::pin::Pin<Box<dyn ::std::future::Future<Output = Self::Output> + Send>>;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}

/// The client type of a crate: `client! { /// docs Client, SERVICE }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __client {
    ($(#[$meta:meta])* $name:ident, $service:path) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name(::std::sync::Arc<$crate::codegen::Core>);

        impl $name {
            /// A client with the settings, credentials and connections of a session.
            ///
            /// Does no work: whatever is wrong with the session shows at the first call. Clones share everything;
            /// clients of other sessions share nothing with it.
            #[inline]
            pub fn new(session: &$crate::Session) -> Self {
                Self(::std::sync::Arc::new($crate::codegen::core_of(session, &$service)))
            }

            /// The request of an input that was built as data.
            #[inline]
            pub fn request<O: $crate::codegen::Operation>(&self, input: O::Input) -> crate::Request<O> {
                crate::Request($crate::codegen::Call::new(::std::sync::Arc::clone(&self.0), input))
            }

            #[allow(dead_code, reason = "for hand-written code, which few services have")]
            #[inline]
            pub(crate) fn core(&self) -> &$crate::codegen::Core {
                &self.0
            }
        }
    };
}

pub use crate::{
    __client as client, __empty as empty, __enumerations as enumerations, __exception as exception, __files as files,
    __methods as methods, __operation as operation, __pages as pages, __request as request, __shape as shape,
    __string_enum as string_enum, __value as value, __waiters as waiters,
};

#[allow(unsafe_code, unreachable_pub, dead_code, reason = "the macro makes more than is used here")]
mod own {
    crate::codegen::enumerations! {
        /// The string enumerations of the runtime itself, whose tables of services are generated code too.
        pub(crate) Enumeration
    }
}
pub(crate) use own::Enumeration;
