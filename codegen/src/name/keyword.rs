//! The one escape of names that Rust will not take as they are. Knows no casing.

/// Words of the language (2024 edition, reserved ones too) that `r#` turns into identifiers.
#[rustfmt::skip]
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that stay keywords even after `r#`.
const ROOTS: [&str; 4] = ["Self", "crate", "self", "super"];

/// Types, traits and variants of std's prelude: a type of such a name would hide it from its whole module.
#[rustfmt::skip]
const PRELUDE: [&str; 43] = [
    "AsMut", "AsRef", "AsyncFn", "AsyncFnMut", "AsyncFnOnce", "Box", "Clone", "Copy", "Default", "DoubleEndedIterator",
    "Drop", "Eq", "Err", "ExactSizeIterator", "Extend", "Fn", "FnMut", "FnOnce", "From", "FromIterator", "Future", "Into",
    "IntoFuture", "IntoIterator", "Iterator", "None", "Ok", "Option", "Ord", "PartialEq", "PartialOrd", "Result", "Send",
    "Sized", "Some", "String", "Sync", "ToOwned", "ToString", "TryFrom", "TryInto", "Unpin", "Vec",
];

/// A field, function, module or constant name as an identifier: `r#type` for keywords, `self_` where `r#` is not legal,
/// `_1_0` for a digit in front.
pub fn escape(name: &str) -> String {
    if KEYWORDS.binary_search(&name).is_ok() {
        format!("r#{name}")
    } else if ROOTS.binary_search(&name).is_ok() {
        format!("{name}_")
    } else if name.is_empty() || name == "_" {
        "__".to_owned()
    } else if name.starts_with(|it: char| it.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name.to_owned()
    }
}

/// A type or variant name as an identifier: as [`escape`], and `Option_` for names of the prelude.
pub fn escape_type(name: &str) -> String {
    if PRELUDE.binary_search(&name).is_ok() { format!("{name}_") } else { escape(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(name: &str) -> bool {
        syn::parse_str::<syn::Ident>(name).is_ok()
    }

    #[test]
    fn tables_are_sorted() {
        assert!(KEYWORDS.is_sorted() && ROOTS.is_sorted() && PRELUDE.is_sorted());
    }

    #[test]
    fn every_escape_is_an_identifier_and_needed() {
        for name in KEYWORDS.into_iter().chain(ROOTS).chain(["_", "", "1_0", "2xlarge"]) {
            assert!(accepted(&escape(name)), "{name}");
        }
        for name in KEYWORDS.into_iter().chain(ROOTS).filter(|it| *it != "gen") {
            assert!(!accepted(name), "{name} needs no escape");
        }
        for name in PRELUDE.into_iter().chain(ROOTS) {
            assert!(accepted(&escape_type(name)), "{name}");
        }
    }

    #[test]
    fn escapes() {
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
