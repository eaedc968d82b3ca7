//! The `generated` module: the only interface between the runtime and generated crates. It re-exports the names that
//! generated code may use and defines the macros that expand to the code that every generated type repeats.
//!
//! Not a public API: it may change with any version, together with the generator.

// `crate::Request` in a macro means the one of the crate that invokes the macro.
#![allow(clippy::crate_in_macro_def)]

mod client_macros;
mod enumeration_macros;

pub use crate::call::{ClientState, ENCODED_SOURCE, LazyOperation, LazyRules, Operation, OperationDescriptor, Service};
pub use crate::encoding::percent;
pub use crate::error::fmt_exception;
pub use crate::paginate::{Items, Pages, Paginated};
pub use crate::protocol::{AwsJson, AwsQuery, Ec2Query, RestJson, RestXml, RpcV2Cbor};
pub use crate::resource;
pub use crate::schema::copy::{copy, equal};
pub use crate::schema::debug::debug;
pub use crate::schema::enumeration::{EnumString, EnumValue, EnumValues, SHORT};
pub use crate::schema::layout::empty;
pub use crate::schema::merge::{Each, empty_list};
pub use crate::schema::{Description, SchemaType, Type};
pub use crate::session::{client_meta, client_state};
pub use crate::types::FromText;
use crate::types::IntoMember;
pub use crate::wait::WaiterDescriptor;
pub(crate) use enumeration_macros::Enumeration;
pub use futures_core::Stream;

/// Stores what a setter or a method takes in a field, or clears it.
pub fn set<T>(field: &mut T, value: impl IntoMember<T>) {
    *field = value.into_member();
}

/// Implements what every structure and union has: `streaming_structure!(Name, unsafe { "notation" }, [link types])`.
///
/// The implementations are `SchemaType`, `Default` and `Debug`. For types that hold a stream of bytes or events, which
/// cannot be cloned or compared; all others use `plain_structure!`. `schema::notation` documents the notation; the
/// links are the types of the members written `*`.
///
/// # Safety
///
/// The `unsafe` block is the user's promise that the type has exactly the described members, in order: what
/// [`SchemaType`](crate::generated::SchemaType) demands. The generator makes it for every type that it writes; the
/// decoder compares size and alignment, the test suite every field. The block is written by the user of the macro, so
/// that a crate which forbids unsafe code cannot make the promise:
///
/// ```compile_fail
/// #![forbid(unsafe_code)]
/// # fn main() {}
/// #[repr(C)]
/// struct Name {
///     first: Option<String>,
/// }
///
/// aws_core::generated::plain_structure!(Name, unsafe { "First:str" });
/// ```
///
/// Without the lint it is accepted:
///
/// ```
/// # fn main() {}
/// #[repr(C)]
/// struct Name {
///     first: Option<String>,
/// }
///
/// aws_core::generated::plain_structure!(Name, unsafe { "First:str" });
/// ```
///
/// There is no way around the word:
///
/// ```compile_fail
/// # fn main() {}
/// #[repr(C)]
/// struct Name {
///     first: Option<String>,
/// }
///
/// aws_core::generated::plain_structure!(Name, const { "First:str" });
/// ```
// `unsafe` is a token of the user in both places: rustc attributes code that comes from the macro's own tokens to the
// runtime, and says nothing about it in the user's crate. The block is what the lint sees, the `impl` demands the word.
// Here and below, no macro invokes another: an expansion costs the compiler as much as an implementation does.
#[doc(hidden)]
#[macro_export]
macro_rules! __streaming_structure {
    ($name:ident, $unsafe:tt $notation:tt $(, [$($link:ty),* $(,)?])?) => {
        // SAFETY: promised where the macro is used.
        #[doc(hidden)]
        #[allow(unused_unsafe)]
        $unsafe impl $crate::generated::SchemaType for $name {
            const DESCRIPTION: $crate::generated::Description = $crate::generated::Description::new(
                $unsafe $notation,
                &[$($(&<$link as $crate::generated::SchemaType>::TYPE),*)?],
            );
        }

        impl Default for $name {
            #[inline]
            fn default() -> Self {
                $crate::generated::empty()
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::generated::debug(self, f)
            }
        }
    };
}

/// Implements what `streaming_structure!` does, and `Clone` and `PartialEq`: for structures and unions without streams.
#[doc(hidden)]
#[macro_export]
macro_rules! __plain_structure {
    ($name:ident, $unsafe:tt $notation:tt $(, [$($link:ty),* $(,)?])?) => {
        // SAFETY: promised where the macro is used.
        #[doc(hidden)]
        #[allow(unused_unsafe)]
        $unsafe impl $crate::generated::SchemaType for $name {
            const DESCRIPTION: $crate::generated::Description = $crate::generated::Description::new(
                $unsafe $notation,
                &[$($(&<$link as $crate::generated::SchemaType>::TYPE),*)?],
            );
        }

        impl Default for $name {
            #[inline]
            fn default() -> Self {
                $crate::generated::empty()
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::generated::debug(self, f)
            }
        }

        impl Clone for $name {
            #[inline]
            fn clone(&self) -> Self {
                $crate::generated::copy(self)
            }
        }

        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::generated::equal(self, other)
            }
        }
    };
}

/// Defines the output of an operation that returns nothing: `empty!(Name, method)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __empty {
    ($name:ident, $method:ident) => {
        #[doc = concat!("The empty output of [`", stringify!($method), "`](crate::Client::", stringify!($method), ").")]
        #[cfg_attr(not(doc), repr(C))]
        pub struct $name {
            #[doc(hidden)]
            pub __non_exhaustive: (),
        }

        $crate::generated::plain_structure!($name, unsafe { "" });
    };
}

/// Declares the private submodules of a module and re-exports their types: `files! { name [Type, Type], }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __files {
    ($($file:ident [$($ty:ident),+],)*) => { $(mod $file; pub use $file::{$($ty),+};)* };
}

/// Implements `Exception` and `Error` for a modelled exception of a service: `exception!(Name, "Service id", "Code")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __exception {
    ($name:ident, $service:literal, $code:literal) => {
        impl $crate::Exception for $name {
            const SERVICE: &'static str = $service;
            const CODE: &'static str = $code;
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::generated::fmt_exception(self, f)
            }
        }

        impl ::std::error::Error for $name {}
    };
}

/// Defines an operation and the setters of its request:
/// `operation! { /// docs Type(Input) -> Output = "descriptor"; /// docs field: Bound, }`, where a setter takes what the
/// bound says.
///
/// Pages of rustdoc leave both out: the type has nothing to show, and the setters of all operations would be on the one
/// page of `Request`, 3 MB for EC2. Editors show them with their documentation.
#[doc(hidden)]
#[macro_export]
macro_rules! __operation {
    (
        $(#[$($meta:tt)*])* $ty:ident($input:ident) -> $output:ident = $descriptor:literal;
        $($(#[$($prose:tt)*])* $field:ident: $bound:path,)*
    ) => {
        $(#[$($meta)*])*
        #[cfg_attr(doc, doc(hidden))]
        pub enum $ty {}

        impl $crate::generated::Operation for $ty {
            type Input = $input;
            type Output = $output;
            const DESCRIPTOR: $crate::generated::OperationDescriptor =
                $crate::generated::OperationDescriptor::new($descriptor);
        }

        #[cfg_attr(doc, doc(hidden))]
        impl<K> crate::Request<$ty, K> {
            $(
                $(#[$($prose)*])*
                #[inline]
                pub fn $field(mut self, value: impl $bound) -> Self {
                    $crate::generated::set(&mut self.0.input.$field, value);
                    self
                }
            )*
        }
    };
}

/// Defines the methods of a client: `methods! { /// docs method(field: Bound, …) -> Operation, }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __methods {
    ($($(#[$($meta:tt)*])* $method:ident($($field:ident: $bound:path),*) -> $operation:ident,)*) => {
        impl Client {
            $(
                $(#[$($meta)*])*
                #[inline]
                pub fn $method(&self, $($field: impl $bound),*) -> crate::Request<crate::operation::$operation> {
                    #[allow(unused_mut, reason = "an operation may take no arguments")]
                    let mut request = self.request::<crate::operation::$operation>(Default::default());
                    $($crate::generated::set(&mut request.0.input.$field, $field);)*
                    request
                }
            )*
        }
    };
}

/// Defines the waiters of a client; `DELAY` is in seconds:
/// `waiters! { /// docs method(field: Bound, …) -> Operation = Name every DELAY up_to ATTEMPTS: "acceptors", }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __waiters {
    ($(
        $(#[$($meta:tt)*])* $method:ident($($field:ident: $bound:path),*) -> $operation:ident
            = $name:literal every $delay:literal up_to $attempts:literal: $acceptors:literal,
    )*) => {
        impl Client {
            $(
                $(#[$($meta)*])*
                #[inline]
                pub fn $method(&self, $($field: impl $bound),*) -> crate::Waiter<crate::operation::$operation> {
                    #[allow(unused_mut, reason = "an operation may take no arguments")]
                    let mut request = self.request::<crate::operation::$operation>(Default::default());
                    $($crate::generated::set(&mut request.0.input.$field, $field);)*
                    let waiter = $crate::generated::WaiterDescriptor::new($name, $delay, $attempts, $acceptors);
                    crate::Request(request.0, $crate::wait::Waiting::new(waiter))
                }
            )*
        }
    };
}

/// Implements `Paginated` for an operation: `pages!(Type, "description")`, with the notation of `Paginated::PAGES`.
#[doc(hidden)]
#[macro_export]
macro_rules! __pages {
    ($ty:ident, $description:literal) => {
        impl $crate::generated::Paginated for $ty {
            const PAGES: &'static str = $description;
        }
    };
}

pub use crate::{
    __client as client, __empty as empty, __enumerations as enumerations, __exception as exception, __files as files,
    __methods as methods, __operation as operation, __pages as pages, __plain_structure as plain_structure,
    __request as request, __streaming_structure as streaming_structure, __string_enum as string_enum,
    __waiters as waiters,
};
