//! Listings over a bucket in memory: nothing is lost, however it is divided.

use std::sync::Arc;

use super::store::Store;
use crate::folder::entry::Listed;
use crate::folder::filter::Filters;
use crate::folder::listing::{ListSettings, Listing};
use crate::folder::merge::Entries;

fn store(keys: impl IntoIterator<Item = impl AsRef<str>>, page: usize) -> Arc<Store> {
    let store = Store::with_page(page);
    for key in keys {
        store.put("mybucket", key.as_ref(), "hello", 1);
    }
    store
}

fn settings(store: &Arc<Store>, prefix: &str, parallel: usize) -> ListSettings {
    ListSettings {
        client: store.client(),
        bucket: "mybucket".into(),
        prefix: prefix.into(),
        delimiter: "/".into(),
        filters: Arc::default(),
        parallel,
        keep_markers: false,
        transform: None,
    }
}

async fn keys(settings: ListSettings) -> crate::Result<Vec<String>> {
    let mut listing = Listing::remote(settings);
    let mut keys = Vec::new();
    while let Some(listed) = listing.next().await? {
        match listed {
            Listed::Entry(entry) => keys.push(entry.key),
            Listed::Notice(notice) => panic!("{notice:?}"),
        }
    }
    Ok(keys)
}

/// Keys in folders of unequal sizes, nested, with names that sort around the delimiter.
fn tree() -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for folder in 0..40 {
        for file in 0..(folder * 7 % 23) {
            keys.push(format!("p/{folder}/{file}"));
            keys.push(format!("p/{folder}.x/{file}"));
            keys.push(format!("p/{folder}/deep/er/{file}"));
        }
        keys.push(format!("p/{folder}"));
    }
    keys.push("p0".into());
    keys.push("o/x".into());
    keys
}

#[tokio::test]
async fn a_listing_in_parts_has_every_key_once_and_in_order() {
    let mut below: Vec<_> = tree().iter().filter_map(|key| key.strip_prefix("p/")).map(String::from).collect();
    below.sort_unstable();
    for page in [1, 2, 7, 50, 5000] {
        for parallel in [1, 2, 8] {
            let store = store(tree(), page);
            let found = keys(settings(&store, "p/", parallel)).await.expect("a listing");
            assert_eq!(found, below, "pages of {page}, {parallel} at once");
            let divided = store.queries.lock().expect("no panic").iter().any(|query| query.contains("delimiter"));
            assert_eq!(divided, parallel > 1 && page < 5000);
        }
    }
}

#[tokio::test]
async fn a_short_listing_is_one_request() {
    let store = store(["a/b", "a/c"], 1000);
    assert_eq!(keys(settings(&store, "", 8)).await.expect("a listing"), ["a/b", "a/c"]);
    assert_eq!(store.queries.lock().expect("no panic").len(), 1);
}

#[tokio::test]
async fn an_only_folder_is_divided_by_its_own_folders() {
    let all: Vec<_> = (0..400).map(|index| format!("one/two/{:02}/{index:03}", index / 10)).collect();
    let store = store(all.clone(), 50);
    assert_eq!(keys(settings(&store, "", 4)).await.expect("a listing"), all);
    let queries = store.queries.lock().expect("no panic");
    assert!(queries.iter().any(|query| query.contains("prefix=one%2Ftwo%2F")), "{queries:?}");
}

#[tokio::test]
async fn markers_and_keys_that_do_not_take_part_are_left_out() {
    let store = store(["p/a", "p/b/c", "p/full/", "p/x.tmp"], 1000);
    for marker in ["p/", "p/b/"] {
        store.put("mybucket", marker, "", 1);
    }
    let mut filters = Filters::default();
    filters.push(false, "*.tmp");
    let listed = ListSettings { filters: Arc::new(filters), ..settings(&store, "p/", 1) };
    assert_eq!(keys(listed.clone()).await.expect("a listing"), ["a", "b/c", "full/"]);
    let all = ListSettings { keep_markers: true, ..listed };
    assert_eq!(keys(all).await.expect("a listing"), ["", "a", "b/", "b/c", "full/"]);
}

#[tokio::test]
async fn a_failure_in_any_part_ends_the_listing_with_an_error() {
    for broken in ["p/1/0", "p/21/deep/er/3", "p/39"] {
        for parallel in [1, 8] {
            let store = store(tree(), 10);
            store.refused.lock().expect("no panic").insert(broken.into());
            let found = keys(settings(&store, "p/", parallel)).await;
            let status = found.err().and_then(|error| error.call()?.status());
            assert_eq!(status, Some(403), "{broken}");
        }
    }
}
