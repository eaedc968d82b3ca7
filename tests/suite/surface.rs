//! The public surface of `aws-core`: every public item is a line of `surface.txt`, so that no change of it goes unseen.
//! `UPDATE_EXPECT=1 cargo test -p tests surface` rewrites the file.

use std::fs;

use tests::suite::workspace;
use tests::surface::surface;

const FILE: &str = "tests/suite/surface.txt";

/// The public modules. All other public items are exported from the root.
const MODULES: [&str; 17] = [
    "config",
    "config::profile",
    "config::settings",
    "credential_providers",
    "credentials",
    "error",
    "hooks",
    "http",
    "jmespath",
    "paginate",
    "resource",
    "session",
    "signing",
    "signing::databases",
    "testing",
    "types",
    "wait",
];

/// Types that can never gain a member, and why. Each must still be in the surface, as it is here.
const CLOSED: [(&str, &str); 4] = [
    ("enum aws_core::Document", "the kinds of JSON"),
    ("struct aws_core::credentials::Anonymous", "the absence of credentials"),
    ("enum aws_core::signing::SendRequest", "an operation is a name without values"),
    ("enum aws_core::types::Entry<'a, K, V>", "a key is there or it is not, as for std's maps"),
];

fn lines() -> Vec<String> {
    surface("aws_core", &workspace().join("runtime/src/lib.rs")).expect("the sources of the runtime")
}

#[test]
fn the_public_surface_is_the_one_in_the_file() {
    let lines = lines();
    let path = workspace().join(FILE);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, lines.join("\n") + "\n").expect("a file to write");
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let expect: Vec<_> = text.lines().collect();
    let gone = expect.iter().filter(|it| !lines.iter().any(|line| line == *it)).map(|it| format!("- {it}"));
    let new = lines.iter().filter(|it| !expect.contains(&it.as_str())).map(|it| format!("+ {it}"));
    let changes: Vec<_> = gone.chain(new).collect();
    assert!(
        changes.is_empty(),
        "the public surface of aws-core has changed; a `-` breaks programs. `UPDATE_EXPECT=1 cargo test -p tests surface` \
         accepts\n{}",
        changes.join("\n")
    );
    assert_eq!(lines, expect, "the lines are not sorted: `UPDATE_EXPECT=1 cargo test -p tests surface`");
}

#[test]
fn the_public_modules_are_those_of_the_list() {
    let lines = lines();
    let modules: Vec<_> = lines.iter().filter_map(|it| it.strip_prefix("mod aws_core::")).collect();
    assert_eq!(modules, MODULES);
}

#[test]
fn every_public_type_can_gain_members() {
    let lines = lines();
    // A struct with a private field, or with `#[non_exhaustive]`, is not built by literals of other crates; one of an
    // operation only by literals that end in `..Default::default()`.
    let is_closed = |line: &&String| match line.split(' ').next() {
        Some("struct") => !line.contains("{ .. }") && !line.contains(", __non_exhaustive }"),
        Some("enum") => true,
        Some("variant") => line.contains(" { "),
        _ => false,
    };
    let closed: Vec<_> = lines.iter().filter(is_closed).map(String::as_str).collect();
    assert_eq!(closed, CLOSED.map(|(line, _)| line), "add `#[non_exhaustive]`, and a constructor where users build it");
}

#[test]
fn the_surface_follows_modules_and_imports() {
    let folder = std::env::temp_dir().join(format!("surface-{}", std::process::id()));
    fs::create_dir_all(folder.join("inner")).expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
    write(
        "lib.rs",
        "mod inner; pub mod outer { pub use crate::inner::deep::*; } pub use inner::{Kept as Renamed, List};
         #[doc(hidden)] pub mod unseen { pub struct Unseen; } pub use bytes::Bytes;
         #[cfg(test)] pub mod tests { pub fn not_compiled() {} } #[cfg(feature = \"more\")] pub fn more(mut n: u8) -> u8 { n }",
    );
    write(
        "inner/mod.rs",
        "pub(crate) mod deep; pub struct Private; pub struct Kept { pub a: u8, b: u8 }
         impl Kept { pub fn new(a: impl Into<Option<u8>>) -> Self { todo!() } fn hidden(&self) {} }
         impl Clone for Kept { } #[derive(Debug)] #[non_exhaustive] pub struct List { pub items: Vec<&'static str> }
         macro_rules! with { ($name:ident) => { impl $name { pub fn built(mut self) -> Self { self } } } } with!(List);",
    );
    write(
        "inner/deep.rs",
        "pub trait Deep: Send { fn need(&self); fn own(&self) {} } pub enum Either { Left, Right { n: u8 } }",
    );
    let found = surface("toy", &folder.join("lib.rs")).expect("sources");
    let _ = fs::remove_dir_all(&folder);
    let expect = [
        "use toy::Bytes = bytes::Bytes",
        "#[non_exhaustive] struct toy::List { items }",
        "impl Debug for toy::List",
        "fn toy::List::built(self) -> Self",
        "field toy::List.items: Vec<&'static str>",
        "struct toy::Renamed { .. }",
        "impl Clone for Kept",
        "field toy::Renamed.a: u8",
        "fn toy::Renamed::new(a: impl Into<Option<u8>>) -> Self",
        "fn toy::more(n: u8) -> u8",
        "mod toy::outer",
        "trait toy::outer::Deep: Send",
        "required fn toy::outer::Deep::need(&self)",
        "provided fn toy::outer::Deep::own(&self)",
        "enum toy::outer::Either",
        "variant toy::outer::Either::Left",
        "variant toy::outer::Either::Right { n: u8 }",
    ];
    assert_eq!(found, expect);
}
