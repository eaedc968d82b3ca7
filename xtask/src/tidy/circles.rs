//! Circles of imports between the files of a crate. A path leads to the file that defines what it names: a re-export is
//! followed, and is itself no import. A file is part of the modules that contain it, so it may use what they define: that is no
//! import either. Knows no layers, and of Rust's grammar only paths, `use` and the names of items.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::{Kind, Token, tokens};

/// The keywords before the name of an item.
const ITEMS: [&str; 8] = ["const", "enum", "fn", "static", "struct", "trait", "type", "union"];
/// A name leads to at most so many re-exports; more are a circle of `use`.
const MAX_REEXPORTS: usize = 8;

/// Files that import each other, directly or through others: each circle as the imports between its files, sorted. `still`
/// are pairs of modules at the root, the first of which may import the second all the same.
pub(super) fn find<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
    still: &[(&str, &str)],
) -> Vec<Vec<(String, String)>> {
    let modules: Modules<'a> =
        files.into_iter().map(|(name, code)| (path_of(name), Module::read(name, code))).collect();
    let imports: BTreeMap<&Path, BTreeSet<&Path>> =
        modules.iter().map(|(path, module)| (path, module.imports(path, &modules, still))).collect();
    let reached: BTreeMap<&Path, BTreeSet<&Path>> = imports.keys().map(|path| (*path, reach(path, &imports))).collect();
    let mut circles: Vec<Vec<(String, String)>> = Vec::new();
    let mut done = BTreeSet::new();
    for (path, below) in &reached {
        let circle: BTreeSet<&Path> = below.iter().filter(|other| reached[*other].contains(path)).copied().collect();
        if circle.is_empty() || !done.insert(circle.clone()) {
            continue;
        }
        let name = |path: &Path| modules[path].file.to_owned();
        let between = circle.iter().flat_map(|path| imports[path].intersection(&circle).map(|other| (*path, *other)));
        circles.push(between.map(|(from, to)| (name(from), name(to))).collect());
    }
    circles
}

/// The segments of a module's path, without `crate`.
type Path = Vec<String>;
type Modules<'a> = BTreeMap<Path, Module<'a>>;

/// What can be reached from a module.
fn reach<'m>(from: &Path, imports: &BTreeMap<&'m Path, BTreeSet<&'m Path>>) -> BTreeSet<&'m Path> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Path> = imports[from].iter().copied().collect();
    while let Some(path) = open.pop() {
        if reached.insert(path) {
            open.extend(&imports[path]);
        }
    }
    reached
}

/// `runtime/src/call/mod.rs` and `runtime/src/call.rs` are the module `call`.
fn path_of(file: &str) -> Path {
    let inside = file.split_once("/src/").map_or(file, |it| it.1).trim_end_matches(".rs");
    inside.split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main")).map(str::to_owned).collect()
}

struct Module<'a> {
    file: &'a str,
    /// The names of the items that the file defines.
    items: BTreeSet<&'a str>,
    /// What `use` makes known under a name; `*` for everything in a module.
    uses: Vec<Use<'a>>,
    /// The names and paths outside of `use`.
    paths: BTreeSet<Vec<&'a str>>,
}

struct Use<'a> {
    name: &'a str,
    path: Vec<&'a str>,
    is_export: bool,
}

impl<'a> Module<'a> {
    fn read(file: &'a str, code: &'a str) -> Self {
        let tokens: Vec<_> = tokens(code).into_iter().filter(|it| matches!(it.kind, Kind::Name | Kind::Mark)).collect();
        let mut module = Self { file, items: BTreeSet::new(), uses: Vec::new(), paths: BTreeSet::new() };
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let before = at.checked_sub(1).map_or("", |it| tokens[it].text);
            match token {
                it if it.is("use") && !matches!(before, "<" | "+") => {
                    let is_export = matches!(before, "pub" | ")");
                    at = module.read_use(&tokens, at + 1, &mut Vec::new(), is_export);
                }
                it if it.kind == Kind::Name => {
                    if ITEMS.contains(&before) || (before == "!" && at > 1 && tokens[at - 2].is("macro_rules")) {
                        module.items.insert(it.text);
                    }
                    let path = read_path(&tokens, at);
                    let len = path.len();
                    // A macro's `$crate` and the members of other paths are known where they are used.
                    if !matches!(before, "$" | ".") {
                        module.paths.insert(path);
                    }
                    at += len * 3 - 2;
                }
                _ => at += 1,
            }
        }
        module
    }

    /// Reads a tree of `use` from `at`; returns what follows it.
    fn read_use(&mut self, tokens: &[Token<'a>], mut at: usize, before: &mut Vec<&'a str>, is_export: bool) -> usize {
        let depth = before.len();
        while let Some(token) = tokens.get(at) {
            match token.text {
                ":" => at += 1,
                "{" => {
                    at += 1;
                    while tokens.get(at).is_some_and(|it| !it.is("}")) {
                        at = self.read_use(tokens, at, before, is_export);
                        at += usize::from(tokens.get(at).is_some_and(|it| it.is(",")));
                    }
                    before.truncate(depth);
                    return at + 1;
                }
                ";" | "," | "}" => break,
                "as" => {
                    let name = tokens.get(at + 1).map_or("", |it| it.text);
                    self.uses.push(Use { name, path: before.clone(), is_export });
                    before.truncate(depth);
                    return at + 2;
                }
                segment => {
                    before.push(segment);
                    at += 1;
                }
            }
        }
        let path: Vec<_> = before.iter().copied().filter(|it| *it != "*").collect();
        let path = if path.last() == Some(&"self") && path.len() > 1 { path[..path.len() - 1].to_vec() } else { path };
        let name = if before.last() == Some(&"*") { "*" } else { path.last().copied().unwrap_or_default() };
        self.uses.push(Use { name, path, is_export });
        before.truncate(depth);
        at
    }

    /// The modules that define what this one uses.
    fn imports<'m>(&self, own: &Path, modules: &'m Modules<'a>, still: &[(&str, &str)]) -> BTreeSet<&'m Path> {
        let is_used = |it: &Use<'_>| !it.is_export || self.paths.iter().any(|path| path[0] == it.name);
        let imported = self.uses.iter().filter(|it| is_used(it)).map(|it| &it.path);
        // A single name is one of the file itself, or made known by `use`.
        let named = self.paths.iter().filter(|path| path.len() > 1);
        let found = imported.chain(named).filter_map(|path| resolve(own, path, modules, MAX_REEXPORTS));
        let is_still =
            |path: &Path| matches!((&own[..], &path[..]), ([from, ..], [to, ..]) if still.contains(&(from, to)));
        found.filter(|path| !own.starts_with(path) && !is_still(path)).collect()
    }
}

/// The names from `at`, joined by `::`.
fn read_path<'a>(tokens: &[Token<'a>], mut at: usize) -> Vec<&'a str> {
    let mut path = vec![tokens[at].text];
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|it: &Token<'_>| it.is(text));
    while is(at + 1, ":") && is(at + 2, ":") && tokens.get(at + 3).is_some_and(|it| it.kind == Kind::Name) {
        path.push(tokens[at + 3].text);
        at += 3;
    }
    path
}

/// The module that defines what a path in the module `own` leads to; `None` for another crate.
fn resolve<'m>(own: &Path, path: &[&str], modules: &'m Modules<'_>, reexports: usize) -> Option<&'m Path> {
    let mut at = own.clone();
    let mut rest = path;
    let mut is_relative = true;
    while let Some((first, tail)) = rest.split_first() {
        match *first {
            "crate" => at.clear(),
            "self" => {}
            "super" => drop(at.pop()),
            _ => break,
        }
        (rest, is_relative) = (tail, false);
    }
    while let Some((first, tail)) = rest.split_first() {
        let child: Path = at.iter().cloned().chain([(*first).to_owned()]).collect();
        if !modules.contains_key(&child) {
            return match definition(&at, rest, modules, reexports) {
                None if is_relative => None,
                None => modules.get_key_value(&at).map(|it| it.0),
                found => found,
            };
        }
        (at, rest, is_relative) = (child, tail, false);
    }
    modules.get_key_value(&at).map(|it| it.0)
}

/// The module that defines the name that `path` begins with, as the module `at` knows it.
fn definition<'m>(at: &Path, path: &[&str], modules: &'m Modules<'_>, reexports: usize) -> Option<&'m Path> {
    let (own, module) = modules.get_key_value(at)?;
    let (first, tail) = path.split_first()?;
    if module.items.contains(first) {
        return Some(own);
    }
    let reexports = reexports.checked_sub(1)?;
    let through = |it: &Use<'_>, rest: &[&str]| {
        let longer: Vec<&str> = it.path.iter().chain(rest).copied().collect();
        (longer != path).then(|| resolve(at, &longer, modules, reexports))?
    };
    if let Some(found) = module.uses.iter().find(|it| it.name == *first) {
        return through(found, tail);
    }
    let globs = module.uses.iter().filter(|it| it.name == "*" && it.is_export);
    globs.filter_map(|it| through(it, path)).find(|found| modules[*found].items.contains(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expect: &[&[(&str, &str)]]) {
        let pairs = |circle: &[(&str, &str)]| {
            circle.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect::<Vec<_>>()
        };
        let expect: Vec<_> = expect.iter().map(|it| pairs(it)).collect();
        assert_eq!(find(files.iter().copied(), &[("low", "high")]), expect);
    }

    const A: &str = "runtime/src/a/mod.rs";
    const B: &str = "runtime/src/a/b.rs";
    const C: &str = "runtime/src/a/c.rs";
    const D: &str = "runtime/src/d.rs";

    #[test]
    fn files_that_import_each_other_are_a_circle() {
        check(&[(A, "mod b; use b::f;"), (B, "pub fn f() {}"), (D, "use crate::a::b;")], &[]);
        check(&[(A, ""), (B, "use super::c::f;"), (C, "fn f() { super::b::g() }")], &[&[(B, C), (C, B)]]);
        check(&[(A, "fn g() { crate::d::f() }"), (D, "use crate::{a::{g}, x};")], &[&[(A, D), (D, A)]]);
        check(&[(A, "use b::f;"), (B, "use crate::d;"), (D, "use crate::a::g;")], &[&[(A, B), (B, D), (D, A)]]);
        check(&[(A, ""), (B, "use crate::d;"), (D, "use crate::a::{self, b as x};")], &[&[(B, D), (D, B)]]);
    }

    #[test]
    fn a_reexport_leads_to_the_definition_and_is_no_import() {
        let exports = (A, "mod b; mod c; pub use b::F; pub use c::*;");
        check(&[exports, (B, "struct F; use super::G;"), (C, "struct G;")], &[]);
        check(&[exports, (B, "struct F; use super::G;"), (C, "struct G; fn g(_: super::F) {}")], &[&[(B, C), (C, B)]]);
        // What a module exports and uses itself is imported.
        check(
            &[(A, "pub use b::F; struct H(F);"), (B, "struct F; use crate::d;"), (D, "use crate::a::H;")],
            &[&[(A, B), (B, D), (D, A)]],
        );
    }

    #[test]
    fn a_file_may_use_the_modules_that_contain_it() {
        check(&[(A, "mod b; fn g() { b::f() }"), (B, "use super::g;")], &[]);
        check(&[(A, "mod b; use b::f;"), (B, "use crate::a::g; use super::g;")], &[]);
    }

    #[test]
    fn other_crates_macros_and_comments_are_no_imports() {
        let other = (D, "use crate::a;");
        check(&[(A, "macro_rules! m { () => { $crate::d::f() } } // crate::d"), other], &[]);
        check(&[(A, "use std::d; fn f(x: X) { x.d::<u8>() } const D: &str = \"crate::d::f\";"), other], &[]);
    }

    #[test]
    fn imports_that_are_allowed_by_name_make_no_circle() {
        check(&[("runtime/src/low.rs", "use crate::high;"), ("runtime/src/high.rs", "use crate::low;")], &[]);
    }
}
