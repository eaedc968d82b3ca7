//! The macros for string enumerations. All enumerations of a crate are one generic type, distinguished by a tag,
//! because the compiler pays for each implementation. Knows no shape.

/// Defines the type of all string enumerations of a crate: `enumerations! { /// docs pub Enumeration }`.
///
/// `match` takes the constants as patterns, since the equality is derived:
///
/// ```
/// aws_core::generated::enumerations! { pub Enumeration }
///
/// aws_core::generated::string_enum! {
///     VpcState = Enumeration<VpcState_>;
///     PENDING = "pending",
///     AVAILABLE = "available",
/// }
///
/// aws_core::generated::string_enum! {
///     Tenancy = Enumeration<Tenancy_>;
///     DEFAULT = "default",
/// }
///
/// # fn main() {
/// let name = |state: VpcState| match state {
///     VpcState::AVAILABLE => "ready".to_owned(),
///     VpcState::PENDING => "soon".to_owned(),
///     other => other.to_string(),
/// };
/// assert_eq!(name(VpcState::from("available")), "ready");
/// assert_eq!(name("gone".into()), "gone");
/// assert_eq!(VpcState::VALUES, ["pending", "available"]);
/// # }
/// ```
///
/// Two enumerations are neither compared nor converted:
///
/// ```compile_fail,E0277
/// # aws_core::generated::enumerations! { pub Enumeration }
/// # aws_core::generated::string_enum! { VpcState = Enumeration<VpcState_>; AVAILABLE = "available", }
/// # aws_core::generated::string_enum! { Tenancy = Enumeration<Tenancy_>; DEFAULT = "default", }
/// # fn main() {
/// assert!(VpcState::AVAILABLE != Tenancy::DEFAULT);
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # aws_core::generated::enumerations! { pub Enumeration }
/// # aws_core::generated::string_enum! { VpcState = Enumeration<VpcState_>; AVAILABLE = "available", }
/// # aws_core::generated::string_enum! { Tenancy = Enumeration<Tenancy_>; DEFAULT = "default", }
/// # fn main() {
/// let state: VpcState = Tenancy::DEFAULT.into();
/// # }
/// ```
// One generic type for all of them: thirteen implementations for each took a seventh of the time and of the memory to
// compile EC2.
#[doc(hidden)]
#[macro_export]
macro_rules! __enumerations {
    ($(#[$($meta:tt)*])* $visibility:vis $name:ident) => {
        $(#[$($meta)*])*
        #[derive(PartialEq)]
        #[repr(transparent)]
        $visibility struct $name<N>($crate::generated::EnumString, ::std::marker::PhantomData<fn() -> N>);

        impl<N> $name<N> {
            pub(crate) const fn known(value: &'static str) -> Self {
                Self($crate::generated::EnumString::known(value), ::std::marker::PhantomData)
            }

            /// The value as a string, as it is sent and received.
            #[inline]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl<N: $crate::generated::EnumValues> $name<N> {
            /// The strings of all values that this version of the crate has constants for.
            pub const VALUES: &'static [&'static str] = N::VALUES;

            /// Returns all values that this version of the crate has constants for.
            pub fn values() -> impl ExactSizeIterator<Item = Self> {
                N::VALUES.iter().map(|value| Self::known(value))
            }
        }

        impl<N> Clone for $name<N> {
            fn clone(&self) -> Self {
                Self(self.0.clone(), ::std::marker::PhantomData)
            }
        }

        impl<N: PartialEq> Eq for $name<N> {}

        impl<N: PartialEq, T: $crate::generated::EnumValue<Self> + ?Sized> PartialEq<T> for $name<N> {
            fn eq(&self, other: &T) -> bool {
                self.as_str() == other.enum_value()
            }
        }

        impl<N> PartialEq<$name<N>> for str {
            fn eq(&self, other: &$name<N>) -> bool {
                self == other.as_str()
            }
        }

        impl<N> PartialEq<$name<N>> for &str {
            fn eq(&self, other: &$name<N>) -> bool {
                *self == other.as_str()
            }
        }

        impl<N> ::std::hash::Hash for $name<N> {
            fn hash<H: ::std::hash::Hasher>(&self, state: &mut H) {
                self.0.hash(state)
            }
        }

        impl<N: PartialEq> PartialOrd for $name<N> {
            fn partial_cmp(&self, other: &Self) -> Option<::std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl<N: PartialEq> Ord for $name<N> {
            fn cmp(&self, other: &Self) -> ::std::cmp::Ordering {
                self.0.cmp(&other.0)
            }
        }

        impl<N> Default for $name<N> {
            fn default() -> Self {
                Self($crate::generated::EnumString::default(), ::std::marker::PhantomData)
            }
        }

        impl<N: $crate::generated::EnumValues, T: $crate::generated::EnumValue<Self>> From<T> for $name<N> {
            fn from(value: T) -> Self {
                Self($crate::generated::EnumString::new::<N>(value.enum_value()), ::std::marker::PhantomData)
            }
        }

        impl<N: $crate::generated::EnumValues> ::std::str::FromStr for $name<N> {
            type Err = ::std::convert::Infallible;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Ok(Self($crate::generated::EnumString::new::<N>(value), ::std::marker::PhantomData))
            }
        }

        impl<N: $crate::generated::EnumValues> $crate::generated::FromText for $name<N> {
            fn from_text(text: &str) -> Self {
                Self($crate::generated::EnumString::new::<N>(text), ::std::marker::PhantomData)
            }
        }

        impl<N> $crate::IntoMember<String> for $name<N> {
            fn into_member(self) -> String {
                self.as_str().to_owned()
            }
        }

        impl<N> $crate::IntoMember<Option<String>> for $name<N> {
            fn into_member(self) -> Option<String> {
                Some(self.as_str().to_owned())
            }
        }

        impl<N> From<$name<N>> for String {
            fn from(value: $name<N>) -> Self {
                value.as_str().to_owned()
            }
        }

        impl<N> AsRef<str> for $name<N> {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl<N> ::std::borrow::Borrow<str> for $name<N> {
            fn borrow(&self) -> &str {
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

        // SAFETY: `repr(transparent)` over `EnumString`.
        unsafe impl<N: $crate::generated::EnumValues> $crate::generated::SchemaType for $name<N> {
            const TYPE: $crate::generated::Type = $crate::generated::Type::enumeration::<Self, N>();
        }

        // The notation's `enum` reads an `Option` of this type as one of the string's. Here the sizes are compared; below,
        // once, the values.
        const _: [(); size_of::<Option<$crate::generated::EnumString>>()] = [(); size_of::<Option<$name<()>>>()];
        const _: [(); align_of::<Option<$crate::generated::EnumString>>()] = [(); align_of::<Option<$name<()>>>()];
    };
}

/// Defines a string enumeration: `string_enum! { /// docs Name = Enumeration<Name_>; CONSTANT = "value", }`.
///
/// The type in the angle brackets is an empty tag, defined here, that makes the enumeration a type of its own. The
/// constants are listed in the documentation of the alias: rustdoc shows those of the generic type by script only.
#[doc(hidden)]
#[macro_export]
macro_rules! __string_enum {
    ($(#[$($meta:tt)*])* $name:ident = $enumeration:ident<$tag:ident>; $($constant:ident = $value:literal,)*) => {
        #[doc(hidden)]
        pub enum $tag {}

        // The derived equality of the generic type demands one of its parameter.
        impl PartialEq for $tag {
            #[inline]
            fn eq(&self, _: &Self) -> bool {
                true
            }
        }

        impl $crate::generated::EnumValues for $tag {
            const VALUES: &'static [&'static str] = &[$($value),*];
        }

        $(#[$($meta)*])*
        pub type $name = crate::$enumeration<$tag>;

        #[doc(hidden)]
        impl crate::$enumeration<$tag> {
            $(pub const $constant: Self = Self::known($value);)*
        }
    };
}

#[allow(unsafe_code, unreachable_pub, dead_code, reason = "the macro makes more than is used here")]
mod runtime_enumeration {
    use crate::schema::layout::{LONG_SAMPLE, SHORT_SAMPLE, check_enumeration};

    crate::generated::enumerations! {
        /// The string enumerations of the runtime itself, whose generated service tables use them.
        pub(crate) Enumeration
    }

    // `repr(transparent)` alone does not promise that an `Option` of the type has the layout of an `Option` of the string,
    // so the compiler compares them. `N` is not stored, so that any stands for all, and so does any crate: to compare the
    // values in each costs 7 MB.
    const _: () = check_enumeration([
        None,
        Some(Enumeration::<()>(SHORT_SAMPLE, std::marker::PhantomData)),
        Some(Enumeration::<()>(LONG_SAMPLE, std::marker::PhantomData)),
    ]);
}
pub(crate) use runtime_enumeration::Enumeration;
