//! Files that are missing, truncated, or of another format than their name says, and the folder layouts of models.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use codegen::report::Report;
use codegen::source::ModelStore;

use super::toy::toy;

/// A temporary folder, deleted when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("malformed-models-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a temporary folder");
        Folder(folder)
    }

    fn write(&self, path: &str, content: &[u8]) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn load(folder: &Folder, service: &str) -> Vec<String> {
    let mut report = Report::new();
    let source = ModelStore::open(&folder.0).load(service, &mut report);
    assert_eq!(source.is_some(), report.is_empty());
    let root = format!("{}{}", folder.0.display(), std::path::MAIN_SEPARATOR);
    report.problems().iter().map(|problem| problem.to_string().replace(&root, "")).collect()
}

#[test]
fn missing_and_malformed_files_are_problems() {
    let service = toy().service.to_string();
    let check = |files: &[(&str, &[u8])], expect: &[&str]| {
        let folder = Folder::new();
        for (path, content) in files {
            folder.write(&format!("toy/2020-01-01/{path}"), content);
        }
        let names: Vec<_> = files.iter().map(|it| it.0).collect();
        assert_eq!(load(&folder, "toy"), expect, "{names:?}");
    };
    let valid = ("service-2.json", service.as_bytes());
    check(&[valid], &[]);
    check(&[], &["toy: no version in this folder has a service-2.json"]);
    check(
        &[("service-2.json", b"{\"metadata\": {"), ("waiters-2.json", b"{\n\"a\" 1}")],
        &[
            "toy/2020-01-01/service-2.json: invalid JSON: EOF while parsing an object at line 1 column 14",
            "toy/2020-01-01/waiters-2.json: invalid JSON: expected `:` at line 2 column 5",
        ],
    );
    check(
        &[valid, ("examples-1.json", b"{\"examples\": {\"GetThing\": [], \"GetThing\": []}}")],
        &["toy/2020-01-01/examples-1.json#/examples/GetThing: duplicate key `GetThing`"],
    );
    check(
        &[valid, ("service-2.sdk-extras.json", b"{\"version\": 1.0, \"remove\": {}}")],
        &["toy/2020-01-01/service-2.sdk-extras.json#/remove: unknown key `remove` \
             (the generator must learn what it means before it may be ignored)"],
    );
    check(
        &[valid, ("waiters-2.json.gz", b"not packed")],
        &["toy/2020-01-01/waiters-2.json.gz: cannot be read: invalid gzip header"],
    );
    check(
        &[valid, ("paginators-1.json", b"\xff\xfe")],
        &["toy/2020-01-01/paginators-1.json: invalid JSON: expected value at line 1 column 1"],
    );
}

#[test]
fn the_newest_version_is_loaded_from_every_folder_layout() {
    let service = toy().service.to_string();
    for (services, resources) in [("botocore/", "boto3/"), ("botocore/data/", "boto3/data/"), ("", "")] {
        let folder = Folder::new();
        for version in ["2019-12-31", "2020-01-01"] {
            folder.write(&format!("{services}toy/{version}/service-2.json"), service.as_bytes());
        }
        folder.write(&format!("{services}toy/2021-01-01/endpoint-rule-set-1.json"), b"{}");
        folder.write(&format!("{resources}toy/2020-01-01/resources-1.json"), b"{}");
        folder.write(&format!("{services}endpoints.json"), b"{}");
        let store = ModelStore::open(&folder.0);
        assert_eq!(store.services().expect("a folder"), ["toy"], "{services}");
        let mut report = Report::new();
        let source = store.load("toy", &mut report).expect("the toy");
        assert_eq!(source.version, "2020-01-01");
        assert!(source.resources.is_some() && source.rules.is_none());
        let old = store.load_version("toy", "2019-12-31", &mut report).expect("the old toy");
        assert!(old.resources.is_none());
    }
}

#[test]
fn a_folder_whose_name_is_no_crate_name_is_a_problem() {
    let service = toy().service.to_string();
    for name in ["a b", "..x", "A", "a_b", "a--b", "-a", "a\nb = 1"] {
        let folder = Folder::new();
        folder.write(&format!("{name}/2020-01-01/service-2.json"), service.as_bytes());
        let problems = load(&folder, name);
        let expect = format!("invalid service name `{name}`: expected lower-case words joined by hyphens");
        assert!(problems.len() == 1 && problems[0].ends_with(&expect), "{problems:?}");
    }
}
