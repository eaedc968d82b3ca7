//! What the documentation of generated clients says: a setter links to its field, a method names the pages, items and
//! waiters of its operation. Reads the source in `services/`, as editors do.

use std::fs;
use std::path::{Path, PathBuf};

use tests::suite::{entries, workspace};

/// The folders of all client crates in `services/`.
fn clients() -> Vec<PathBuf> {
    let folders = entries(&workspace().join("services")).into_iter();
    folders.filter(|it| it.join("src/client.rs").is_file()).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|it| panic!("{}: {it}", path.display()))
}

/// The entries of a file's macros: `kind name: type`, `method(…) -> Operation`, each with its documentation.
fn documented(source: &str) -> Vec<(String, &str)> {
    let (mut found, mut prose) = (Vec::new(), String::new());
    for line in source.lines() {
        match line.trim_start().strip_prefix("///") {
            Some(text) => prose.push_str(&format!("{text}\n")),
            None => found.push((std::mem::take(&mut prose), line.trim())),
        }
    }
    found
}

#[test]
fn a_setter_links_to_its_field() {
    let mut setters = 0;
    for path in clients().iter().flat_map(|it| entries(&it.join("src/operation"))) {
        let source = read(&path);
        let Some(body) = source.split_once("operation! {\n").and_then(|it| it.1.split_once("\n}")) else { continue };
        let header = body.0.lines().find(|it| !it.trim_start().starts_with("///")).unwrap_or_default();
        let input = header.split(['(', ')']).nth(1).unwrap_or_default();
        let Some((_, rest)) = body.0.split_once(";\n") else { continue };
        for (prose, line) in documented(rest) {
            let Some((name, _)) = line.split_once(": ") else { continue };
            let name = name.trim_start_matches("r#");
            if name.bytes().all(|it| it == b'_' || it.is_ascii_alphanumeric()) {
                setters += 1;
                let link = format!("[`{name}`]({input}::{name})");
                assert!(prose.contains(&link), "{}: {name} has no {link}: {prose}", path.display());
            }
        }
    }
    assert!(setters > 5000, "only {setters} setters were found");
}

#[test]
fn a_method_names_its_pages_items_and_waiters() {
    let (mut paginated, mut waiters) = (0, 0);
    for folder in clients() {
        let client = read(&folder.join("src/client.rs"));
        let methods = documented(&client);
        let prose = |operation: &str| -> String {
            let arrow = format!(") -> {operation},");
            let end = methods.iter().position(|it| it.1.ends_with(&arrow));
            // A signature may take several lines; the first has the documentation.
            let first = end.and_then(|end| methods[..=end].iter().rfind(|it| !it.0.is_empty()));
            first.map_or_else(|| panic!("{}: no method of {operation}", folder.display()), |it| it.0.clone())
        };
        for path in entries(&folder.join("src/operation")) {
            let source = read(&path);
            let Some((_, rest)) = source.split_once("pages!(") else { continue };
            let operation = rest.split(',').next().unwrap_or_default();
            paginated += 1;
            assert!(prose(operation).contains("Has `pages()`"), "{operation}");
            for items in rest.split("pub fn items").skip(1).filter_map(|it| it.split_once('(')) {
                let sentence = format!("`items{}()` yields ", items.0);
                assert!(prose(operation).contains(&sentence), "{operation}: {sentence}");
            }
        }
        let Some((_, rest)) = client.split_once("waiters! {") else { continue };
        for entry in rest.split("\n    wait_").skip(1) {
            let (Some((method, _)), Some((_, after))) = (entry.split_once('('), entry.split_once(") -> ")) else {
                continue;
            };
            let operation = after.split([' ', '\n']).next().unwrap_or_default();
            waiters += 1;
            let name = format!("`wait_{method}`");
            assert!(prose(operation).contains(&name), "{operation}: {name}");
        }
    }
    assert!(paginated > 400 && waiters > 50, "{paginated} paginated operations and {waiters} waiters were found");
}
