//! The public surface of `aws-core`: every public item is a line of `surface.txt`, so that no change of it goes unseen.
//! `UPDATE_EXPECT=1 cargo test -p tests surface` rewrites the file.

use std::fs;

use tests::suite::workspace;
use tests::surface::surface;

const FILE: &str = "tests/suite/surface.txt";

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
