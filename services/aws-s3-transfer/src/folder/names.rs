//! Which keys can be names of files, and which file each is. A key never names a file outside of the folder. Knows
//! systems by their rules, and no file.

use std::path::{Path, PathBuf};

/// The rules of a file system for names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameRules {
    Unix,
    Windows,
}

impl NameRules {
    /// Those of the system that the program runs on.
    pub(crate) const fn native() -> Self {
        if cfg!(windows) { Self::Windows } else { Self::Unix }
    }

    /// What is wrong with a key as the name of a file below a folder.
    pub(crate) fn fault(self, key: &str, delimiter: &str) -> Option<String> {
        if key.ends_with(delimiter) {
            return Some(format!("it ends in `{delimiter}`, as names of folders do, but has content"));
        }
        key.split(delimiter).find_map(|name| self.fault_of_name(name))
    }

    fn fault_of_name(self, name: &str) -> Option<String> {
        match name {
            "" => return Some("it begins with a delimiter, or has two side by side".into()),
            "." | ".." => return Some(format!("`{name}` in it would name another folder")),
            _ if name.contains('\0') => return Some("it contains a zero byte".into()),
            _ if name.contains('/') => return Some("a name in it contains `/`".into()),
            _ => {}
        }
        if self == Self::Unix {
            return None;
        }
        let reserved = |c: char| c < ' ' || r#"<>:"\|?*"#.contains(c);
        if let Some(c) = name.chars().find(|c| reserved(*c)) {
            return Some(format!("{c:?} cannot be part of a name on Windows"));
        }
        if name.ends_with(['.', ' ']) {
            return Some("names on Windows end neither in a dot nor in a blank".into());
        }
        let stem = name.split('.').next().unwrap_or_default().trim_end();
        is_device(stem).then(|| format!("`{stem}` is a device on Windows"))
    }
}

/// Names that Windows keeps for devices, with any ending.
fn is_device(stem: &str) -> bool {
    let upper = stem.to_ascii_uppercase();
    let numbered = upper.strip_prefix("COM").or_else(|| upper.strip_prefix("LPT"));
    matches!(&*upper, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered.is_some_and(|number| matches!(number, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9"))
}

/// The file of a key that has no [`fault`](NameRules::fault).
pub(crate) fn path(root: &Path, key: &str, delimiter: &str) -> PathBuf {
    let mut path = root.to_owned();
    path.extend(key.split(delimiter));
    path
}

/// The keys that may be folders of keys still to come, of a list in order: `a`, when `a/b` can follow. At most as many as
/// the longest key has characters.
#[derive(Debug, Default)]
pub(crate) struct Parents {
    files: Vec<String>,
}

impl Parents {
    /// The earlier key that is a file where `key` needs a folder. Keys must ascend.
    pub(crate) fn conflict(&mut self, key: &str, delimiter: &str) -> Option<&str> {
        // Between `a` and `a/b` come only keys that begin with `a`.
        let keep = self.files.iter().take_while(|file| key.starts_with(file.as_str())).count();
        self.files.truncate(keep);
        let is_folder = |file: &&String| key[file.len()..].starts_with(delimiter);
        let at = self.files.iter().position(|file| is_folder(&file))?;
        self.files.get(at).map(String::as_str)
    }

    /// Remembers a key that becomes a file.
    pub(crate) fn push(&mut self, key: &str) {
        self.files.push(key.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_no_file_below_the_folder_are_faults() {
        let check = |key: &str, unix: bool, windows: bool| {
            assert_eq!(NameRules::Unix.fault(key, "/").is_none(), unix, "{key:?} on Unix");
            assert_eq!(NameRules::Windows.fault(key, "/").is_none(), windows, "{key:?} on Windows");
        };
        check("a", true, true);
        check("a/b c/ä.txt", true, true);
        check("..a/b..", true, false);
        check("...", true, false);
        check("", false, false);
        check("/etc/passwd", false, false);
        check("a//b", false, false);
        check("a/", false, false);
        check("..", false, false);
        check("../a", false, false);
        check("a/../b", false, false);
        check("a/..", false, false);
        check("./a", false, false);
        check("a\0b", false, false);
        check("C:/a", true, false);
        check("C:", true, false);
        check("a\\..\\..\\b", true, false);
        check("a\nb", true, false);
        check("con", true, false);
        check("a/Com1.txt", true, false);
        check("com0", true, true);
        check("console", true, true);
        check("a.", true, false);
        check("a ", true, false);
    }

    #[test]
    fn a_delimiter_other_than_the_slash_makes_the_folders() {
        assert_eq!(NameRules::Unix.fault("a|b", "|"), None);
        assert!(NameRules::Unix.fault("a/b|c", "|").is_some());
        assert!(NameRules::Unix.fault("a||c", "|").is_some());
        assert_eq!(path(Path::new("/r"), "a|b", "|"), Path::new("/r/a/b"));
        assert_eq!(path(Path::new("/r"), "a/b", "/"), Path::new("/r/a/b"));
    }

    /// Every pair of a file and a file below it is found, in a list in order, and no other.
    #[test]
    fn a_file_where_a_folder_is_needed_is_found_in_a_list_in_order() {
        let check = |keys: &[&str], expect: &[(&str, &str)]| {
            assert!(keys.is_sorted(), "{keys:?}");
            let (mut parents, mut found) = (Parents::default(), Vec::new());
            for key in keys {
                match parents.conflict(key, "/") {
                    Some(file) => found.push((*key, file.to_owned())),
                    None => parents.push(key),
                }
            }
            assert_eq!(found.iter().map(|it| (it.0, &*it.1)).collect::<Vec<_>>(), expect, "{keys:?}");
        };
        check(&["a", "a.b", "a/b", "a0"], &[("a/b", "a")]);
        check(&["a", "a!", "a!/x", "a-/x", "a.b", "a/b", "a/b/c"], &[("a!/x", "a!"), ("a/b", "a"), ("a/b/c", "a")]);
        check(&["a-b", "a/b"], &[]);
        check(&["a/b", "a/b/c", "ab"], &[("a/b/c", "a/b")]);
        check(&["a", "b/a", "b/a/c"], &[("b/a/c", "b/a")]);
    }
}
