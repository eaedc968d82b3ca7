//! Merges two lists of entries in order of their keys, one entry of each in memory. A list out of order is an error, and
//! until both have ended, a key that was missing may still come late. Knows no file and no bucket.

use std::cmp::Ordering;
use std::future::Future;

use super::entry::{Entry, Listed, Notice};

/// A list of entries, ascending by key.
pub(crate) trait Entries {
    type Error;

    fn next(&mut self) -> impl Future<Output = Result<Option<Listed>, Self::Error>> + Send;
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

/// A list that is not in order.
#[derive(Debug, PartialEq)]
pub(crate) struct Disorder {
    pub(crate) is_source: bool,
    pub(crate) key: String,
    pub(crate) before: String,
}

pub(crate) struct Merge<S, T> {
    source: Side<S>,
    target: Side<T>,
}

struct Side<L> {
    list: L,
    next: Next,
    last: Option<String>,
}

#[derive(Default)]
enum Next {
    #[default]
    Unknown,
    Entry(Entry),
    End,
}

impl<S, T> Merge<S, T>
where
    S: Entries,
    T: Entries<Error = S::Error>,
    S::Error: From<Disorder>,
{
    pub(crate) fn new(source: S, target: T) -> Self {
        let (source, target) = (Side::new(source), Side::new(target));
        Self { source, target }
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Pair>, S::Error> {
        if let Some(notice) = self.source.fill(true).await? {
            return Ok(Some(Pair::SourceNotice(notice)));
        }
        if let Some(notice) = self.target.fill(false).await? {
            return Ok(Some(Pair::TargetNotice(notice)));
        }
        let order = match (&self.source.next, &self.target.next) {
            (Next::Entry(source), Next::Entry(target)) => source.key.cmp(&target.key),
            (Next::Entry(_), _) => Ordering::Less,
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
    fn new(list: L) -> Self {
        Self { list, next: Next::Unknown, last: None }
    }

    /// Reads the next entry, unless it is known. Returns a notice that comes before it.
    async fn fill(&mut self, is_source: bool) -> Result<Option<Notice>, L::Error>
    where
        L::Error: From<Disorder>,
    {
        if !matches!(self.next, Next::Unknown) {
            return Ok(None);
        }
        match self.list.next().await? {
            Some(Listed::Notice(notice)) => return Ok(Some(notice)),
            Some(Listed::Entry(entry)) => match self.last.take_if(|last| entry.key <= *last) {
                Some(before) => return Err(Disorder { is_source, key: entry.key, before }.into()),
                None => self.next = Next::Entry(entry),
            },
            None => self.next = Next::End,
        }
        Ok(None)
    }

    fn take(&mut self) -> Option<Entry> {
        match std::mem::take(&mut self.next) {
            Next::Entry(entry) => {
                self.last.get_or_insert_default().clone_from(&entry.key);
                Some(entry)
            }
            Next::End => {
                self.next = Next::End;
                None
            }
            Next::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, VecDeque};

    use super::super::entry::NoticeKind;
    use super::*;

    struct List(VecDeque<Listed>);

    impl Entries for List {
        type Error = Disorder;

        async fn next(&mut self) -> Result<Option<Listed>, Disorder> {
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
    ) -> Result<String, Disorder> {
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
            assert_eq!(merged(source.iter().copied(), target.iter().copied()).await.as_deref(), Ok(expect));
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
        let error = merged(["b", "a"], ["c"]).await;
        assert_eq!(error, Err(Disorder { is_source: true, key: "a".into(), before: "b".into() }));
        let error = merged(["c"], ["a", "a"]).await;
        assert_eq!(error, Err(Disorder { is_source: false, key: "a".into(), before: "a".into() }));
        let error = merged(["z"], ["", ""]).await;
        assert_eq!(error, Err(Disorder { is_source: false, key: "".into(), before: "".into() }));
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
            assert_eq!(merged(source.clone(), target.clone()).await.as_deref(), Ok(&*expect.join(" ")));
        }
    }
}
