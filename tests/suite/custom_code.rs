//! Hand-written code of service crates costs their compilation nothing: the caller's crate compiles it, as it does
//! generated code. One function that is not so made rustc load and search all instances of the crates below, 31 MB for
//! aws-s3. Knows no function by name.

use std::path::PathBuf;

use syn::{FnArg, Generics, ImplItem, Item, Signature};
use tests::suite::{entries, workspace};

/// The functions of these items that the crate itself would compile.
fn compiled(items: &[Item], found: &mut Vec<String>) {
    let mut check = |attributes: &[syn::Attribute], signature: &Signature, of_impl: Option<&Generics>| {
        let is_inline = attributes.iter().any(|it| it.path().is_ident("inline"));
        let has_types = |it: &Generics| it.type_params().next().is_some();
        let is_impl = |it: &FnArg| matches!(it, FnArg::Typed(it) if matches!(*it.ty, syn::Type::ImplTrait(_)));
        let is_generic = has_types(&signature.generics) || signature.inputs.iter().any(is_impl);
        if !is_inline && !is_generic && !of_impl.is_some_and(has_types) {
            found.push(signature.ident.to_string());
        }
    };
    let mut modules = Vec::new();
    for item in items {
        match item {
            Item::Fn(it) => check(&it.attrs, &it.sig, None),
            Item::Impl(it) => {
                for member in &it.items {
                    if let ImplItem::Fn(member) = member {
                        check(&member.attrs, &member.sig, Some(&it.generics));
                    }
                }
            }
            // Modules with attributes are those of tests.
            Item::Mod(it) if it.attrs.is_empty() => modules.extend(it.content.iter().map(|it| &it.1)),
            _ => {}
        }
    }
    for items in modules {
        compiled(items, found);
    }
}

fn parse(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    compiled(&syn::parse_file(source).expect("Rust").items, &mut found);
    found
}

#[test]
fn hand_written_code_of_services_is_compiled_by_its_caller() {
    let folders = entries(&workspace().join("services")).into_iter().map(|it| it.join("src/custom"));
    let files: Vec<PathBuf> = folders.filter(|it| it.is_dir()).flat_map(|it| entries(&it)).collect();
    assert!(files.len() > 3, "{files:?}");
    for file in files {
        let source = std::fs::read_to_string(&file).expect("a file");
        assert_eq!(parse(&source), [""; 0], "{}: add `#[inline]`", file.display());
    }
}

#[test]
fn the_check_finds_functions_of_modules_and_implementations() {
    let source = "fn a() {} #[inline] fn b() {} fn c<T>() {} fn d(it: impl Into<String>) {} impl X { fn e() {} }
        impl<T> Y<T> { fn f() {} } mod m { fn g() {} } #[cfg(test)] mod tests { fn h() {} } impl Debug for X { fn i() {} }";
    assert_eq!(parse(source), ["a", "e", "i", "g"]);
}
