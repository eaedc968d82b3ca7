//! What `check-all` works on: crates with the key of what they are made of, the chunks they are compiled in, and the file
//! that remembers which of them passed. It runs nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::workspace;
use crate::{Failure, Outcome};

/// Bytes of source in a chunk, unless a single crate has more.
const CHUNK: u64 = 16_000_000;

/// A crate to compile.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Item {
    pub(crate) name: String,
    /// Bytes of source.
    pub(crate) size: u64,
    /// Digest of its files, and of all it stands on.
    pub(crate) key: String,
}

/// The crates of a folder that are wanted (all when none is named); `below` is what all of them stand on.
pub(crate) fn items(found: &[(String, PathBuf)], wanted: &[String], below: &str) -> Outcome<Vec<Item>> {
    let digests = workspace::parallel(found, |it| digest(&it.1));
    let mut digested = BTreeMap::new();
    for ((name, _), digest) in found.iter().zip(digests) {
        digested.insert(name.as_str(), digest?);
    }
    let item = |name: &str| {
        let (own, size) = digested.get(name)?;
        // A resource crate stands on its client.
        let client = name.strip_suffix("-resource").and_then(|it| digested.get(it)).map_or("", |it| &it.0);
        let key = hex(Sha256::new().chain_update(below).chain_update(own).chain_update(client));
        Some(Item { name: name.to_string(), size: *size, key })
    };
    let chosen = found.iter().filter(|it| wanted.is_empty() || wanted.contains(&it.0));
    Ok(chosen.filter_map(|it| item(&it.0)).collect())
}

/// The digest of a crate's files and how many bytes they are; what cargo writes is not among them.
pub(crate) fn digest(folder: &Path) -> Outcome<(String, u64)> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    files.sort();
    let (mut hash, mut size) = (Sha256::new(), 0);
    for path in files {
        let bytes = fs::read(&path).map_err(|error| Failure::Found(format!("{}: {error}", path.display())))?;
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        hash.update(format!("{name}\0{}\0", bytes.len()));
        hash.update(&bytes);
        size += bytes.len() as u64;
    }
    Ok((hex(hash), size))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        match path.is_dir() {
            true if name != "target" => list(&path, files)?,
            false if name == "Cargo.toml" || path.extension().is_some_and(|it| it == "rs") => files.push(path),
            _ => {}
        }
    }
    Ok(())
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The path of the runtime in a workspace's `Cargo.toml`.
pub(crate) fn runtime(manifest: &str) -> Option<&str> {
    let line = manifest.lines().find(|line| line.starts_with("aws-core "))?;
    let path = line.split_once("path = \"")?.1;
    path.split_once('"').map(|it| it.0)
}

/// The crates in chunks of bounded size. A resource crate is in its client's chunk, so that the client is compiled once;
/// the largest come first, so that cores are not left waiting for one of them at the end.
pub(crate) fn chunks<'a>(items: &[&'a Item]) -> Vec<Vec<&'a Item>> {
    let mut groups: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in items {
        groups.entry(item.name.strip_suffix("-resource").unwrap_or(&item.name)).or_default().push(item);
    }
    let size = |group: &[&Item]| group.iter().map(|it| it.size).sum::<u64>();
    let mut groups: Vec<Vec<&Item>> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(size(group)));
    let mut chunks: Vec<Vec<&Item>> = Vec::new();
    for group in groups {
        match chunks.last_mut() {
            Some(chunk) if size(chunk) + size(&group) <= CHUNK => chunk.extend(group),
            _ => chunks.push(group),
        }
    }
    chunks
}

/// Which crates passed, by the key they passed with.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State(BTreeMap<String, String>);

impl State {
    /// What an earlier run left; nothing if it cannot be read, which costs time only.
    pub(crate) fn load(path: &Path) -> State {
        let bytes = fs::read(path).unwrap_or_default();
        State(serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Writes the file; a reader sees the old one or the new one.
    pub(crate) fn save(&self, path: &Path) -> Outcome {
        let beside = path.with_extension("json.new");
        let text = serde_json::to_string_pretty(&self.0).map_err(|error| Failure::Found(error.to_string()))?;
        fs::write(&beside, text)?;
        Ok(fs::rename(&beside, path)?)
    }

    pub(crate) fn passed(&self, item: &Item) -> bool {
        self.0.get(&item.name) == Some(&item.key)
    }

    pub(crate) fn pass(&mut self, item: &Item) {
        self.0.insert(item.name.clone(), item.key.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, size: u64) -> Item {
        Item { name: name.to_string(), size, key: format!("{name} {size}") }
    }

    #[test]
    fn chunks_are_bounded_and_keep_resources_with_their_client() {
        let check = |sizes: &[(&str, u64)], expect: &[&[&str]]| {
            let items: Vec<Item> = sizes.iter().map(|it| item(it.0, it.1 * CHUNK / 10)).collect();
            let chunks = chunks(&items.iter().collect::<Vec<_>>());
            let names: Vec<Vec<&str>> =
                chunks.iter().map(|chunk| chunk.iter().map(|it| it.name.as_str()).collect()).collect();
            assert_eq!(names, expect);
        };
        check(&[], &[]);
        check(&[("a", 1), ("b", 2), ("c", 3)], &[&["c", "b", "a"]]);
        // More than a chunk holds is a chunk of its own.
        check(&[("a", 25), ("b", 6), ("c", 4), ("d", 1)], &[&["a"], &["b", "c"], &["d"]]);
        check(&[("a", 1), ("a-resource", 8), ("b", 7), ("c", 1)], &[&["a", "a-resource"], &["b", "c"]]);
        // A resource crate whose client passed already.
        check(&[("a-resource", 2), ("b", 3)], &[&["b", "a-resource"]]);
    }

    #[test]
    fn what_passed_is_known_again() {
        let folder = std::env::temp_dir().join(format!("xtask-checked-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("state.json");
        assert_eq!(State::load(&path), State::default());
        let mut state = State::default();
        state.pass(&item("a", 1));
        assert!(state.save(&path).is_ok());
        let state = State::load(&path);
        assert!(state.passed(&item("a", 1)));
        assert!(!state.passed(&item("a", 2)), "another content");
        assert!(!state.passed(&item("b", 1)));
        fs::write(&path, "half a fi").expect("a file");
        assert_eq!(State::load(&path), State::default());
        let _ = fs::remove_dir_all(&folder);
    }

    #[test]
    fn keys_follow_content() {
        let folder = std::env::temp_dir().join(format!("xtask-keys-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let put = |path: &str, text: &str| {
            let path = folder.join(path);
            path.parent().map(fs::create_dir_all).transpose().and_then(|_| fs::write(path, text)).expect("a file");
        };
        put("aws-a/src/lib.rs", "a");
        put("aws-a-resource/src/lib.rs", "b");
        put("aws-c/src/lib.rs", "c");
        let found: Vec<_> =
            ["aws-a", "aws-a-resource", "aws-c"].map(|name| (name.to_string(), folder.join(name))).into();
        let keys = |below: &str| match items(&found, &[], below) {
            Ok(items) => items.into_iter().map(|it| it.key).collect::<Vec<_>>(),
            Err(_) => panic!("keys"),
        };
        let changed =
            |before: &[String], after: &[String]| before.iter().zip(after).map(|(a, b)| a != b).collect::<Vec<_>>();
        let first = keys("rustc 1");
        put("aws-a/target/x.rs", "what cargo writes");
        put("aws-a/README.md", "prose");
        assert_eq!(changed(&first, &keys("rustc 1")), [false; 3]);
        assert_eq!(changed(&first, &keys("rustc 2")), [true; 3]);
        put("aws-a/src/lib.rs", "a2");
        assert_eq!(changed(&first, &keys("rustc 1")), [true, true, false]);
        let _ = fs::remove_dir_all(&folder);
    }

    #[test]
    fn the_runtime_is_found() {
        assert_eq!(runtime("[x]\naws-core = { path = \"/p/runtime\" }\n"), Some("/p/runtime"));
        assert_eq!(runtime("[x]\n"), None);
    }
}
