//! The one door for generated code: the only names it may use, and the macros that hold what every type repeats.
//!
//! Nothing here is for people to call; it may change with any version, together with the generator.

pub use crate::call::{Call, Core, Customization, Info, LazyRules, Operation, Service};
pub use crate::paginate::{Items, Pages, Paginated};
pub use crate::protocol::REST_XML;
pub use crate::schema::debug::debug;
pub use crate::schema::enumeration::EnumText;
pub use crate::schema::layout::Open;
pub use crate::schema::shape::Member;
pub use crate::schema::{Description, Element, Shaped, StructureMut, StructureView, Type, View, dynamic::Value};
pub use crate::session::core_of;
pub use crate::text::{base64, percent};
pub use crate::wait::{Wait, WaiterInfo};

/// The MD5 of `bytes`.
pub fn md5(bytes: &[u8]) -> impl AsRef<[u8]> {
    crate::checksum::Algorithm::Md5.digest(bytes).as_bytes().to_vec()
}

/// Describes a structure or union: `shape!(Name, "notation", [links])`.
#[doc(hidden)]
#[macro_export]
macro_rules! __shape {
    ($name:ident, $text:literal) => { $crate::codegen::shape!($name, $text, []); };
    ($name:ident, $text:literal, [$($link:ty),* $(,)?]) => {
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

/// A string enumeration: `string_enum! { Name { CONSTANT = "value", } }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __string_enum {
    ($(#[$meta:meta])* $name:ident { $($constant:ident = $value:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        #[repr(transparent)]
        pub struct $name($crate::codegen::EnumText);

        impl $name {
            $(
                #[doc = concat!("`", $value, "`")]
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

/// An operation: `operation!(Type, "Name", "description", Input, Output)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __operation {
    ($ty:ident, $name:literal, $info:literal, $input:ident, $output:ident) => {
        impl $crate::codegen::Operation for $ty {
            type Input = $input;
            type Output = $output;
            const INFO: $crate::codegen::Info = $crate::codegen::Info::new($name, $info);
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

/// The setters of a request: `setters! { crate::Request<Op>, Input { field: kind, setter => field: kind, } }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __setters {
    ($request:ty, $input:ident { $($rest:tt)* }) => {
        impl $request { $crate::__setter! { $input $($rest)* } }
    };
}

/// One setter after the other; the kind says how the argument is taken.
#[doc(hidden)]
#[macro_export]
macro_rules! __setter {
    ($input:ident) => {};
    ($input:ident $setter:ident => $field:ident: into $ty:ty, $($rest:tt)*) => {
        $crate::__setter! { @ $input $setter $field (impl Into<$ty>) (value) (value.into()) }
        $crate::__setter! { $input $($rest)* }
    };
    ($input:ident $setter:ident => $field:ident: box $ty:ty, $($rest:tt)*) => {
        $crate::__setter! { @ $input $setter $field (impl Into<$ty>) (value) (Box::new(value.into())) }
        $crate::__setter! { $input $($rest)* }
    };
    ($input:ident $setter:ident => $field:ident: [into $ty:ty], $($rest:tt)*) => {
        $crate::__setter! { @ $input $setter $field (impl IntoIterator<Item = impl Into<$ty>>) (value)
            (value.into_iter().map(Into::into).collect()) }
        $crate::__setter! { $input $($rest)* }
    };
    ($input:ident $setter:ident => $field:ident: [$ty:ty], $($rest:tt)*) => {
        $crate::__setter! { @ $input $setter $field (impl IntoIterator<Item = $ty>) (value) (value.into_iter().collect()) }
        $crate::__setter! { $input $($rest)* }
    };
    ($input:ident $setter:ident => $field:ident: {into $ty:ty}, $($rest:tt)*) => {
        $crate::__setter! { @ $input $setter $field (impl IntoIterator<Item = (impl Into<String>, impl Into<$ty>)>) (value)
            (value.into_iter().map(|(key, value)| (key.into(), value.into())).collect()) }
        $crate::__setter! { $input $($rest)* }
    };
    ($input:ident $setter:ident => $field:ident: {$ty:ty}, $($rest:tt)*) => {
        $crate::__setter! { @ $input $setter $field (impl IntoIterator<Item = (impl Into<String>, $ty)>) (value)
            (value.into_iter().map(|(key, value)| (key.into(), value)).collect()) }
        $crate::__setter! { $input $($rest)* }
    };
    ($input:ident $setter:ident => $field:ident: $ty:ty, $($rest:tt)*) => {
        $crate::__setter! { @ $input $setter $field ($ty) (value) (value) }
        $crate::__setter! { $input $($rest)* }
    };
    ($input:ident $field:ident: $($rest:tt)*) => {
        $crate::__setter! { $input $field => $field: $($rest)* }
    };
    (@ $input:ident $setter:ident $field:ident ($ty:ty) ($value:ident) ($made:expr)) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](crate::operation::", stringify!($input), "::", stringify!($field), ").")]
        #[inline]
        #[must_use]
        pub fn $setter(mut self, $value: $ty) -> Self {
            self.0.input.$field = Some($made);
            self
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
    __client as client, __exception as exception, __operation as operation, __pages as pages, __request as request,
    __setters as setters, __shape as shape, __string_enum as string_enum,
};
