//! Merges two lists of entries in order of their keys, one entry of each in memory. A list out of order is an error, and
//! until both have ended, a key that was missing may still come late. Knows no file and no bucket.

use std::cmp::Ordering;
use std::future::Future;

use super::entry::{Entry, Listed, Notice};
use crate::{Error, ErrorKind, Result};

/// A list of entries, ascending by key.
pub(crate) trait Entries {
    fn next(&mut self) -> impl Future<Output = Result<Option<Listed>>> + Send;
}

/// One step of the merged lists.
#[derive(Debug, PartialEq)]
pub(crate) enum Pair {
    Source(Entry),
    Target(Entry),
    Both(Entry, Entry),
    SourceNotice(Notice),
    TargetNotice(Notice),
}

pub(crate) struct Merge<S, T> {
    source: Side<S>,
    target: Side<T>,
}

struct Side<L> {
    name: &'static str,
    list: L,
    /// What was read and not yet taken.
    next: Option<Entry>,
    is_ended: bool,
    last: Option<String>,
}

impl<S: Entries, T: Entries> Merge<S, T> {
    pub(crate) fn new(source: S, target: T) -> Self {
        Self { source: Side::new("source", source), target: Side::new("target", target) }
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Pair>> {
        if let Some(notice) = self.source.fill().await? {
            return Ok(Some(Pair::SourceNotice(notice)));
        }
        if let Some(notice) = self.target.fill().await? {
            return Ok(Some(Pair::TargetNotice(notice)));
        }
        let order = match (&self.source.next, &self.target.next) {
            (Some(source), Some(target)) => source.key.cmp(&target.key),
            (Some(_), None) => Ordering::Less,
            _ => Ordering::Greater,
        };
        let source = if order == Ordering::Greater { None } else { self.source.take() };
        let target = if order == Ordering::Less { None } else { self.target.take() };
        Ok(match (source, target) {
            (Some(source), Some(target)) => Some(Pair::Both(source, target)),
            (Some(source), None) => Some(Pair::Source(source)),
            (None, Some(target)) => Some(Pair::Target(target)),
            (None, None) => None,
        })
    }
}

impl<L: Entries> Side<L> {
    fn new(name: &'static str, list: L) -> Self {
        Self { name, list, next: None, is_ended: false, last: None }
    }

    /// Reads the next entry, unless it is known. Returns a notice that comes before it.
    async fn fill(&mut self) -> Result<Option<Notice>> {
        if self.next.is_some() || self.is_ended {
            return Ok(None);
        }
        match self.list.next().await? {
            Some(Listed::Notice(notice)) => return Ok(Some(notice)),
            Some(Listed::Entry(entry)) => match self.last.take_if(|last| entry.key <= *last) {
                Some(before) => return Err(disorder(self.name, &entry.key, &before)),
                None => self.next = Some(entry),
            },
            None => self.is_ended = true,
        }
        Ok(None)
    }

    fn take(&mut self) -> Option<Entry> {
        let entry = self.next.take()?;
        self.last.get_or_insert_default().clone_from(&entry.key);
        Some(entry)
    }
}

/// The error of a list that is not in order.
fn disorder(side: &str, key: &str, before: &str) -> Error {
    let message = format!(
        "the listing of the {side} is not in order: {key:?} comes after {before:?}; so a sync cannot see what is \
         missing. Some stores that are not S3 list so"
    );
    Error::new(ErrorKind::Call, message)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, VecDeque};

    use super::super::entry::NoticeKind;
    use super::*;

    struct List(VecDeque<Listed>);

    impl Entries for List {
        async fn next(&mut self) -> Result<Option<Listed>> {
            Ok(self.0.pop_front())
        }
    }

    fn entry(key: &str) -> Entry {
        let modified = std::time::SystemTime::UNIX_EPOCH.into();
        Entry { key: key.into(), size: 0, modified, e_tag: None, archived: false }
    }

    /// A key that begins with `!` is a notice.
    fn list<'a>(keys: impl IntoIterator<Item = &'a str>) -> List {
        let listed = |key: &str| match key.strip_prefix('!') {
            Some(key) => Listed::Notice(Notice::new(NoticeKind::Unreadable, key, "")),
            None => Listed::Entry(entry(key)),
        };
        List(keys.into_iter().map(listed).collect())
    }

    async fn merged<'a>(
        source: impl IntoIterator<Item = &'a str>,
        target: impl IntoIterator<Item = &'a str>,
    ) -> Result<String> {
        let mut merge = Merge::new(list(source), list(target));
        let mut steps = Vec::new();
        while let Some(pair) = merge.next().await? {
            steps.push(match pair {
                Pair::Source(entry) => format!("+{}", entry.key),
                Pair::Target(entry) => format!("-{}", entry.key),
                Pair::Both(source, target) if source.key == target.key => format!("={}", source.key),
                Pair::Both(source, target) => panic!("{} is not {}", source.key, target.key),
                Pair::SourceNotice(notice) => format!("!{}", notice.key),
                Pair::TargetNotice(notice) => format!("?{}", notice.key),
            });
        }
        Ok(steps.join(" "))
    }

    #[tokio::test]
    async fn keys_of_both_sides_meet() {
        let check = async |source: &[&str], target: &[&str], expect: &str| {
            assert_eq!(merged(source.iter().copied(), target.iter().copied()).await.unwrap(), expect);
        };
        check(&[], &[], "").await;
        check(&["a"], &[], "+a").await;
        check(&[], &["a"], "-a").await;
        check(&["a", "b"], &["b", "c"], "+a =b -c").await;
        check(&["a", "a.b", "a/b", "a0"], &["a", "a/b"], "=a +a.b =a/b +a0").await;
        check(&["!x/", "a"], &["a", "!y", "x/b"], "!x/ =a ?y -x/b").await;
    }

    #[tokio::test]
    async fn a_list_out_of_order_is_an_error() {
        let check = async |source: &[&str], target: &[&str], expect: &str| {
            let error = merged(source.iter().copied(), target.iter().copied()).await.unwrap_err().to_string();
            assert!(error.starts_with(expect), "{error}");
        };
        check(&["b", "a"], &["c"], "the listing of the source is not in order: \"a\" comes after \"b\"; ").await;
        check(&["c"], &["a", "a"], "the listing of the target is not in order: \"a\" comes after \"a\"; ").await;
        check(&["z"], &["", ""], "the listing of the target is not in order: \"\" comes after \"\"; ").await;
    }

    /// Every pair of subsets of five keys merges to the differences and the intersection, in order.
    #[tokio::test]
    async fn a_merge_is_the_union_in_order() {
        const KEYS: [&str; 5] = ["a", "a!", "a.b", "a/b", "ab"];
        let subset = |bits: u32| {
            let keys = KEYS.iter().enumerate().filter(move |(index, _)| bits >> index & 1 == 1);
            keys.map(|(_, key)| *key).collect::<BTreeSet<_>>()
        };
        for (source, target) in (0..1024).map(|bits| (subset(bits & 31), subset(bits >> 5))) {
            let step = |key: &&str| match (source.contains(key), target.contains(key)) {
                (true, true) => format!("={key}"),
                (true, false) => format!("+{key}"),
                _ => format!("-{key}"),
            };
            let expect: Vec<_> = source.union(&target).map(step).collect();
            assert_eq!(merged(source.clone(), target.clone()).await.unwrap(), expect.join(" "));
        }
    }
}
