//! The state of `check-all`: crates with a digest of everything they are built from, the chunks in which they are
//! compiled, and the file that records which of them passed. Runs no compiler.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::workspace;
use crate::{Failure, Outcome};

/// Bytes of source in a chunk, at most, unless a single crate has more. Our choice: it limits disk and memory
/// (`check-all
/// --help` has figures), and is large enough to keep all cores busy.
const MAX_CHUNK_BYTES: u64 = 16_000_000;

/// A crate to compile.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CheckedCrate {
    pub(crate) name: String,
    /// Bytes of source.
    pub(crate) size: u64,
    /// Digest of its files, its dependencies and the compiler's version.
    pub(crate) key: String,
}

/// The requested crates of a folder, or all if none is requested; `common` is part of the key of each.
pub(crate) fn crates(found: &[(String, PathBuf)], requested: &[String], common: &str) -> Outcome<Vec<CheckedCrate>> {
    let digests = workspace::parallel(found, |it| digest(&it.1));
    let mut digested = BTreeMap::new();
    for ((name, _), digest) in found.iter().zip(digests) {
        digested.insert(name.as_str(), digest?);
    }
    let checked = |name: &str| {
        let (own, size) = digested.get(name)?;
        // A resource crate depends on its client.
        let client = name.strip_suffix("-resource").and_then(|it| digested.get(it)).map_or("", |it| &it.0);
        let key = hex(Sha256::new().chain_update(common).chain_update(own).chain_update(client));
        Some(CheckedCrate { name: name.to_string(), size: *size, key })
    };
    let chosen = found.iter().filter(|it| requested.is_empty() || requested.contains(&it.0));
    Ok(chosen.filter_map(|it| checked(&it.0)).collect())
}

/// The digest and the total size of a crate's files, without the `target` folder.
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

/// The path of the runtime in a crate's `Cargo.toml`; `None` if it depends on a version.
pub(crate) fn runtime(manifest: &str) -> Option<&str> {
    let line = manifest.lines().find(|line| line.starts_with("aws-core "))?;
    let path = line.split_once("path = \"")?.1;
    path.split_once('"').map(|it| it.0)
}

/// Splits the crates into chunks of limited size. A resource crate is in its client's chunk, so that the client is
/// compiled once; the largest come first, so that no core idles at the end while another compiles a large one.
pub(crate) fn chunks<'a>(crates: &[&'a CheckedCrate]) -> Vec<Vec<&'a CheckedCrate>> {
    let mut groups: BTreeMap<&str, Vec<&CheckedCrate>> = BTreeMap::new();
    for it in crates {
        groups.entry(it.name.strip_suffix("-resource").unwrap_or(&it.name)).or_default().push(it);
    }
    let size = |group: &[&CheckedCrate]| group.iter().map(|it| it.size).sum::<u64>();
    let mut groups: Vec<Vec<&CheckedCrate>> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(size(group)));
    let mut chunks: Vec<Vec<&CheckedCrate>> = Vec::new();
    for group in groups {
        match chunks.last_mut() {
            Some(chunk) if size(chunk) + size(&group) <= MAX_CHUNK_BYTES => chunk.extend(group),
            _ => chunks.push(group),
        }
    }
    chunks
}

/// The crates that passed, each with its key at that time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PassedCrates(BTreeMap<String, String>);

impl PassedCrates {
    /// Reads the file of an earlier run; empty if it cannot be read, which only costs time.
    pub(crate) fn load(path: &Path) -> PassedCrates {
        let bytes = fs::read(path).unwrap_or_default();
        PassedCrates(serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Writes the file atomically.
    pub(crate) fn save(&self, path: &Path) -> Outcome {
        let temporary = path.with_extension("json.new");
        let text = serde_json::to_string_pretty(&self.0).map_err(|error| Failure::Found(error.to_string()))?;
        fs::write(&temporary, text)?;
        Ok(fs::rename(&temporary, path)?)
    }

    pub(crate) fn contains(&self, checked: &CheckedCrate) -> bool {
        self.0.get(&checked.name) == Some(&checked.key)
    }

    pub(crate) fn insert(&mut self, checked: &CheckedCrate) {
        self.0.insert(checked.name.clone(), checked.key.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str, size: u64) -> CheckedCrate {
        CheckedCrate { name: name.to_string(), size, key: format!("{name} {size}") }
    }

    #[test]
    fn chunks_are_limited_and_resources_are_with_their_client() {
        let check = |sizes: &[(&str, u64)], expect: &[&[&str]]| {
            let crates: Vec<CheckedCrate> = sizes.iter().map(|it| checked(it.0, it.1 * MAX_CHUNK_BYTES / 10)).collect();
            let chunks = chunks(&crates.iter().collect::<Vec<_>>());
            let names: Vec<Vec<&str>> =
                chunks.iter().map(|chunk| chunk.iter().map(|it| it.name.as_str()).collect()).collect();
            assert_eq!(names, expect);
        };
        check(&[], &[]);
        check(&[("a", 1), ("b", 2), ("c", 3)], &[&["c", "b", "a"]]);
        // A crate that is larger than a chunk is its own chunk.
        check(&[("a", 25), ("b", 6), ("c", 4), ("d", 1)], &[&["a"], &["b", "c"], &["d"]]);
        check(&[("a", 1), ("a-resource", 8), ("b", 7), ("c", 1)], &[&["a", "a-resource"], &["b", "c"]]);
        // A resource crate whose client passed already.
        check(&[("a-resource", 2), ("b", 3)], &[&["b", "a-resource"]]);
    }

    #[test]
    fn passed_crates_are_saved_and_loaded() {
        let folder = std::env::temp_dir().join(format!("xtask-passed-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("state.json");
        assert_eq!(PassedCrates::load(&path), PassedCrates::default());
        let mut passed = PassedCrates::default();
        passed.insert(&checked("a", 1));
        assert!(passed.save(&path).is_ok());
        let passed = PassedCrates::load(&path);
        assert!(passed.contains(&checked("a", 1)));
        assert!(!passed.contains(&checked("a", 2)), "another content");
        assert!(!passed.contains(&checked("b", 1)));
        fs::write(&path, "not JSON").expect("a file");
        assert_eq!(PassedCrates::load(&path), PassedCrates::default());
        let _ = fs::remove_dir_all(&folder);
    }

    #[test]
    fn keys_change_with_the_content_and_the_dependencies() {
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
        let keys = |common: &str| match crates(&found, &[], common) {
            Ok(crates) => crates.into_iter().map(|it| it.key).collect::<Vec<_>>(),
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
    fn the_path_of_the_runtime_is_read_from_the_manifest() {
        assert_eq!(runtime("[x]\naws-core = { path = \"/p/runtime\" }\n"), Some("/p/runtime"));
        assert_eq!(runtime("[x]\n"), None);
    }
}
