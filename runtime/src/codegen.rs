//! The one door for generated code: the only names it may use, and the macros that hold what every type repeats.
//!
//! Nothing here is for people to call; it may change with any version, together with the generator.

// `crate::Request` in a macro is meant to be that of the generated crate.
#![allow(clippy::crate_in_macro_def)]

pub use crate::call::{Call, Core, Customization, Info, LazyRules, Operation, Service};
pub use crate::paginate::{Items, Pages, Paginated};
pub use crate::protocol::{AwsJson, AwsQuery, Ec2Query, RestJson, RestXml, RpcV2Cbor};
pub use crate::resource;
pub use crate::schema::copy::{copy, equal};
pub use crate::schema::debug::debug;
pub use crate::schema::enumeration::EnumText;
pub use crate::schema::layout::Open;
pub use crate::schema::shape::Member;
pub use crate::schema::{Description, Element, Shape, Shaped, StructureMut, StructureView, Type, View, dynamic::Value};
pub use crate::session::core_of;
pub use crate::text::{base64, percent};
pub use crate::wait::{Wait, WaiterInfo};
pub use futures_core::Stream;

/// The MD5 of `bytes`.
pub fn md5(bytes: &[u8]) -> impl AsRef<[u8]> {
    crate::checksum::Algorithm::Md5.digest(bytes).as_bytes().to_vec()
}

/// Describes a structure or union: `shape!(Name, [links], "notation")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __shape {
    ($name:ident, $text:literal) => { $crate::codegen::shape!($name, [], $text); };
    ($name:ident, [$($link:ty),* $(,)?], $text:literal) => {
        // SAFETY: the description is the generator's for this very type; the decoder compares size and alignment, the
        // test suite every field.
        #[allow(unsafe_code)]
        unsafe impl $crate::codegen::Element for $name {
            const TYPE: $crate::codegen::Type = $crate::codegen::Type::structure::<$name>();
        }
        // SAFETY: as above.
        #[allow(unsafe_code)]
        unsafe impl $crate::codegen::Shaped for $name {
            const DESCRIPTION: $crate::codegen::Description = $crate::codegen::Description::new(
                stringify!($name),
                $text,
                &[$(&<$link as $crate::codegen::Element>::TYPE),*],
            );
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
    ($name:ident, $text:literal) => { $crate::codegen::value!($name, [], $text); };
    ($name:ident, [$($link:ty),* $(,)?], $text:literal) => {
        $crate::codegen::shape!($name, [$($link),*], $text);

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
        #[derive(Default)]
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

/// A string enumeration: `string_enum! { /// docs Name; CONSTANT = "value", }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __string_enum {
    ($(#[$meta:meta])* $name:ident; $($constant:ident = $value:literal,)*) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        #[repr(transparent)]
        pub struct $name($crate::codegen::EnumText);

        impl $name {
            $(
                // Markdown makes one piece of code of the three; `concat!` would cost more than the constant.
                #[doc = "`"]
                #[doc = $value]
                #[doc = "`"]
                pub const $constant: Self = Self($crate::codegen::EnumText::known($value));
            )*
            /// The values that this version knows.
            pub const VALUES: &'static [&'static str] = &[$($value),*];

            /// The text on the wire.
            #[inline]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                Self($crate::codegen::EnumText::from(text))
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(text: String) -> Self {
                Self($crate::codegen::EnumText::from(text))
            }
        }

        impl AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq<str> for $name {
            #[inline]
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }

        // SAFETY: `repr(transparent)` over `EnumText`.
        #[allow(unsafe_code)]
        unsafe impl $crate::codegen::Element for $name {
            const TYPE: $crate::codegen::Type = $crate::codegen::Type::enumeration::<$name>();
        }
    };
}

/// An operation with the setters of its request:
/// `operation! { /// docs Type(Input) -> Output = "description"; kind field: Type, kind setter => field: Type, }`.
/// A name in the model that is not the type's own stands in brackets before the arrow: `Type(Input) ["Name"] -> …`.
#[doc(hidden)]
#[macro_export]
macro_rules! __operation {
    ($(#[$meta:meta])* $ty:ident($input:ident) -> $output:ident = $info:literal; $($setters:tt)*) => {
        $crate::__operation! { $(#[$meta])* $ty($input) [stringify!($ty)] -> $output = $info; $($setters)* }
    };
    (
        $(#[$meta:meta])* $ty:ident($input:ident) [$name:expr] -> $output:ident = $info:literal;
        $($kind:ident $setter:ident $(=> $field:ident)?: $value:ty,)*
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub struct $ty;

        impl $crate::codegen::Operation for $ty {
            type Input = $input;
            type Output = $output;
            const INFO: $crate::codegen::Info = $crate::codegen::Info::new($name, $info);
        }

        impl crate::Request<$ty> {
            $($crate::__setter! { $kind $input $setter $($field)?: $value })*
        }
    };
}

/// One setter; the kind says how the argument is taken. A macro within costs the compiler more than the setter itself, so
/// there is none, not even for the name in the prose.
#[doc(hidden)]
#[macro_export]
macro_rules! __setter {
    ($kind:ident $input:ident $field:ident: $ty:ty) => {
        $crate::__setter! { $kind $input $field $field: $ty }
    };
    (copy $input:ident $setter:ident $field:ident: $ty:ty) => {
        #[doc = "Sets the field of this name of the [input](Self::input)."]
        #[inline]
        pub fn $setter(mut self, value: $ty) -> Self {
            self.0.input.$field = Some(value);
            self
        }
    };
    (into $input:ident $setter:ident $field:ident: $ty:ty) => {
        #[doc = "Sets the field of this name of the [input](Self::input)."]
        #[inline]
        pub fn $setter(mut self, value: impl Into<$ty>) -> Self {
            self.0.input.$field = Some(value.into());
            self
        }
    };
    (boxed $input:ident $setter:ident $field:ident: $ty:ty) => {
        #[doc = "Sets the field of this name of the [input](Self::input)."]
        #[inline]
        pub fn $setter(mut self, value: impl Into<$ty>) -> Self {
            self.0.input.$field = Some(Box::new(value.into()));
            self
        }
    };
    (list $input:ident $setter:ident $field:ident: $ty:ty) => {
        #[doc = "Sets the field of this name of the [input](Self::input)."]
        #[inline]
        pub fn $setter(mut self, value: impl IntoIterator<Item = $ty>) -> Self {
            self.0.input.$field = Some(value.into_iter().collect());
            self
        }
    };
    (list_into $input:ident $setter:ident $field:ident: $ty:ty) => {
        #[doc = "Sets the field of this name of the [input](Self::input)."]
        #[inline]
        pub fn $setter(mut self, value: impl IntoIterator<Item = impl Into<$ty>>) -> Self {
            self.0.input.$field = Some(value.into_iter().map(Into::into).collect());
            self
        }
    };
    (map $input:ident $setter:ident $field:ident: $ty:ty) => {
        #[doc = "Sets the field of this name of the [input](Self::input)."]
        #[inline]
        pub fn $setter(mut self, value: impl IntoIterator<Item = (impl Into<String>, $ty)>) -> Self {
            self.0.input.$field = Some(value.into_iter().map(|(key, value)| (key.into(), value)).collect());
            self
        }
    };
    (map_into $input:ident $setter:ident $field:ident: $ty:ty) => {
        #[doc = "Sets the field of this name of the [input](Self::input)."]
        #[inline]
        pub fn $setter(mut self, value: impl IntoIterator<Item = (impl Into<String>, impl Into<$ty>)>) -> Self {
            self.0.input.$field = Some(value.into_iter().map(|(key, value)| (key.into(), value.into())).collect());
            self
        }
    };
}

/// The type of an argument that becomes a value of the type given.
#[doc(hidden)]
#[macro_export]
macro_rules! __taken {
    (copy $ty:ty) => { $ty };
    (into $ty:ty) => { impl Into<$ty> };
    (boxed $ty:ty) => { impl Into<$ty> };
    (list $ty:ty) => { impl IntoIterator<Item = $ty> };
    (list_into $ty:ty) => { impl IntoIterator<Item = impl Into<$ty>> };
    (map $ty:ty) => { impl IntoIterator<Item = (impl Into<String>, $ty)> };
    (map_into $ty:ty) => { impl IntoIterator<Item = (impl Into<String>, impl Into<$ty>)> };
}

/// The value made of an argument.
#[doc(hidden)]
#[macro_export]
macro_rules! __made {
    (copy $value:ident) => {
        $value
    };
    (into $value:ident) => {
        $value.into()
    };
    (boxed $value:ident) => {
        Box::new($value.into())
    };
    (list $value:ident) => {
        $value.into_iter().collect()
    };
    (list_into $value:ident) => {
        $value.into_iter().map(Into::into).collect()
    };
    (map $value:ident) => {
        $value.into_iter().map(|(key, value)| (key.into(), value)).collect()
    };
    (map_into $value:ident) => {
        $value.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
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
                pub fn $method(&self, $($argument: $crate::__taken!($kind $ty)),*) -> crate::Request<crate::operation::$operation> {
                    #[allow(unused_mut, reason = "an operation may take no arguments")]
                    let mut input = <crate::operation::$operation as $crate::codegen::Operation>::Input::default();
                    $(input.$argument = Some($crate::__made!($kind $argument));)*
                    self.request(input)
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
            = $name:ident every $delay:literal up_to $attempts:literal: $acceptors:literal,
    )*) => {
        impl Client {
            $(
                $(#[$meta])*
                #[inline]
                pub fn $method(&self, $($argument: $crate::__taken!($kind $ty)),*) -> $crate::codegen::Wait<crate::operation::$operation> {
                    #[allow(unused_mut, reason = "an operation may take no arguments")]
                    let mut input = <crate::operation::$operation as $crate::codegen::Operation>::Input::default();
                    $(input.$argument = Some($crate::__made!($kind $argument));)*
                    self.wait(input, $crate::codegen::WaiterInfo::new(stringify!($name), $delay, $attempts, $acceptors))
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
        #[derive(Debug)]
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

        impl<O: $crate::codegen::Paginated> $name<O>
        where
            O::Input: Clone,
        {
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

        impl<O: $crate::codegen::Operation> ::std::future::IntoFuture for $name<O> {
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

            #[allow(dead_code, reason = "not every service has waiters")]
            #[inline]
            fn wait<O: $crate::codegen::Operation>(
                &self,
                input: O::Input,
                info: $crate::codegen::WaiterInfo,
            ) -> $crate::codegen::Wait<O> {
                $crate::codegen::Wait::new($crate::codegen::Call::new(::std::sync::Arc::clone(&self.0), input), info)
            }
        }
    };
}

pub use crate::{
    __client as client, __empty as empty, __exception as exception, __files as files, __methods as methods,
    __operation as operation, __pages as pages, __request as request, __shape as shape, __string_enum as string_enum,
    __value as value, __waiters as waiters,
};
