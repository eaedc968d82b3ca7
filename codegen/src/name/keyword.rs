//! Escapes names that are not valid Rust identifiers, such as keywords. Knows no casing.

/// Keywords of the 2024 edition, including reserved ones, that `r#` turns into identifiers.
#[rustfmt::skip]
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that are not identifiers even after `r#`.
const PATH_ROOTS: [&str; 4] = ["Self", "crate", "self", "super"];

/// Types, traits and variants of std's prelude. A type of such a name would shadow it in the whole module.
#[rustfmt::skip]
const PRELUDE: [&str; 43] = [
    "AsMut", "AsRef", "AsyncFn", "AsyncFnMut", "AsyncFnOnce", "Box", "Clone", "Copy", "Default", "DoubleEndedIterator",
    "Drop", "Eq", "Err", "ExactSizeIterator", "Extend", "Fn", "FnMut", "FnOnce", "From", "FromIterator", "Future", "Into",
    "IntoFuture", "IntoIterator", "Iterator", "None", "Ok", "Option", "Ord", "PartialEq", "PartialOrd", "Result", "Send",
    "Sized", "Some", "String", "Sync", "ToOwned", "ToString", "TryFrom", "TryInto", "Unpin", "Vec",
];

/// The identifier for the name of a field, function, module or constant: `r#type` for keywords, `self_` where `r#` is
/// not allowed, `_1_0` if the name begins with a digit.
pub fn escape(name: &str) -> String {
    if KEYWORDS.binary_search(&name).is_ok() {
        format!("r#{name}")
    } else if PATH_ROOTS.binary_search(&name).is_ok() {
        format!("{name}_")
    } else if name.is_empty() || name == "_" {
        "__".to_owned()
    } else if name.starts_with(|it: char| it.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name.to_owned()
    }
}

/// The identifier for the name of a type or variant: as [`escape`], and `Option_` for names of the prelude.
pub fn escape_type(name: &str) -> String {
    if PRELUDE.binary_search(&name).is_ok() { format!("{name}_") } else { escape(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_identifier(name: &str) -> bool {
        syn::parse_str::<syn::Ident>(name).is_ok()
    }

    #[test]
    fn tables_are_sorted_for_binary_search() {
        assert!(KEYWORDS.is_sorted() && PATH_ROOTS.is_sorted() && PRELUDE.is_sorted());
    }

    #[test]
    fn every_escape_is_an_identifier_and_necessary() {
        for name in KEYWORDS.into_iter().chain(PATH_ROOTS).chain(["_", "", "1_0", "2xlarge"]) {
            assert!(is_identifier(&escape(name)), "{name}");
        }
        for name in KEYWORDS.into_iter().chain(PATH_ROOTS).filter(|it| *it != "gen") {
            assert!(!is_identifier(name), "{name} needs no escape");
        }
        for name in PRELUDE.into_iter().chain(PATH_ROOTS) {
            assert!(is_identifier(&escape_type(name)), "{name}");
        }
    }

    #[test]
    fn names_are_escaped_only_where_necessary() {
        let check = |name: &str, value: &str, ty: &str| {
            assert_eq!((escape(name).as_str(), escape_type(name).as_str()), (value, ty))
        };
        check("type", "r#type", "r#type");
        check("gen", "r#gen", "r#gen");
        check("self", "self_", "self_");
        check("Self", "Self_", "Self_");
        check("Option", "Option", "Option_");
        check("TryFrom", "TryFrom", "TryFrom_");
        check("Error", "Error", "Error");
        check("1_0", "_1_0", "_1_0");
        check("bucket", "bucket", "bucket");
        check("union", "union", "union");
    }
}
