//! Files that are missing, cut short, or not what their name says, and the folders they may lie in.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use codegen::report::Report;
use codegen::source::Library;

use super::toy::toy;

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("codegen-problems-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a temporary folder");
        Folder(folder)
    }

    fn put(&self, path: &str, text: &[u8]) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn load(folder: &Folder, service: &str) -> Vec<String> {
    let mut report = Report::new();
    let source = Library::open(&folder.0).load(service, &mut report);
    assert_eq!(source.is_some(), report.is_empty());
    let root = format!("{}{}", folder.0.display(), std::path::MAIN_SEPARATOR);
    report.problems().iter().map(|problem| problem.to_string().replace(&root, "")).collect()
}

#[test]
fn broken_files() {
    let service = toy().service.to_string();
    let check = |files: &[(&str, &[u8])], expect: &[&str]| {
        let folder = Folder::new();
        for (path, text) in files {
            folder.put(&format!("toy/2020-01-01/{path}"), text);
        }
        assert_eq!(load(&folder, "toy"), expect);
    };
    let whole = ("service-2.json", service.as_bytes());
    check(&[whole], &[]);
    check(&[], &["toy: there is no service-2.json in any version of this folder"]);
    check(
        &[("service-2.json", b"{\"metadata\": {"), ("waiters-2.json", b"{\n\"a\" 1}")],
        &[
            "toy/2020-01-01/service-2.json: not readable as JSON: EOF while parsing an object at line 1 column 14",
            "toy/2020-01-01/waiters-2.json: not readable as JSON: expected `:` at line 2 column 5",
        ],
    );
    check(
        &[whole, ("examples-1.json", b"{\"examples\": {\"GetThing\": [], \"GetThing\": []}}")],
        &["toy/2020-01-01/examples-1.json#/examples/GetThing: the key `GetThing` is given twice in one object"],
    );
    check(
        &[whole, ("service-2.sdk-extras.json", b"{\"version\": 1.0, \"remove\": {}}")],
        &["toy/2020-01-01/service-2.sdk-extras.json#/remove: unknown key `remove` \
             (the generator must learn what it means before it may be ignored)"],
    );
    check(
        &[whole, ("waiters-2.json.gz", b"not packed")],
        &["toy/2020-01-01/waiters-2.json.gz: cannot be read: invalid gzip header"],
    );
    check(
        &[whole, ("paginators-1.json", b"\xff\xfe")],
        &["toy/2020-01-01/paginators-1.json: not readable as JSON: expected value at line 1 column 1"],
    );
}

#[test]
fn the_newest_version_is_taken_in_every_layout() {
    let service = toy().service.to_string();
    for (services, resources) in [("botocore/", "boto3/"), ("botocore/data/", "boto3/data/"), ("", "")] {
        let folder = Folder::new();
        for version in ["2019-12-31", "2020-01-01"] {
            folder.put(&format!("{services}toy/{version}/service-2.json"), service.as_bytes());
        }
        folder.put(&format!("{services}toy/2021-01-01/endpoint-rule-set-1.json"), b"{}");
        folder.put(&format!("{resources}toy/2020-01-01/resources-1.json"), b"{}");
        folder.put(&format!("{services}endpoints.json"), b"{}");
        let library = Library::open(&folder.0);
        assert_eq!(library.services().expect("a folder"), ["toy"], "{services}");
        let mut report = Report::new();
        let source = library.load("toy", &mut report).expect("the toy");
        assert_eq!(source.version, "2020-01-01");
        assert!(source.resources.is_some() && source.rules.is_none());
        let old = library.load_version("toy", "2019-12-31", &mut report).expect("the old toy");
        assert!(old.resources.is_none());
    }
}
