//! The names of JMESPath's functions, and how many arguments they take. Knows not what they do.

use std::ops::RangeInclusive;

macro_rules! functions {
    ($($name:literal $variant:ident $arity:expr;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Function {
            $($variant,)*
        }

        impl Function {
            pub(super) fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The number of arguments that the function takes.
            pub(super) fn arity(self) -> RangeInclusive<usize> {
                match self {
                    $(Self::$variant => $arity,)*
                }
            }
        }
    };
}

functions! {
    "abs" Abs 1..=1;
    "avg" Avg 1..=1;
    "ceil" Ceil 1..=1;
    "contains" Contains 2..=2;
    "ends_with" EndsWith 2..=2;
    "floor" Floor 1..=1;
    "join" Join 2..=2;
    "keys" Keys 1..=1;
    "length" Length 1..=1;
    "map" Map 2..=2;
    "max" Max 1..=1;
    "max_by" MaxBy 2..=2;
    "merge" Merge 1..=usize::MAX;
    "min" Min 1..=1;
    "min_by" MinBy 2..=2;
    "not_null" NotNull 1..=usize::MAX;
    "reverse" Reverse 1..=1;
    "sort" Sort 1..=1;
    "sort_by" SortBy 2..=2;
    "starts_with" StartsWith 2..=2;
    "sum" Sum 1..=1;
    "to_array" ToArray 1..=1;
    "to_number" ToNumber 1..=1;
    "to_string" ToString 1..=1;
    "type" Type 1..=1;
    "values" Values 1..=1;
}
