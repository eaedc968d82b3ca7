//! Syncs, deletions and moves over buckets in memory and temporary folders.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use super::store::Store;
use crate::folder::{Compare, Event, FolderTransfer, Location, NoticeKind, OnFailure, Step, Summary};
use crate::{ErrorKind, Result};

const BUCKET: &str = "mybucket";
/// A time in the past, in seconds since 1970.
const THEN: u64 = 1_700_000_000;

/// A temporary folder.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("folder-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn write(&self, name: &str, content: &str, modified: u64) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, content).expect("a file");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(modified);
        fs::File::options().write(true).open(path).and_then(|file| file.set_modified(time)).expect("a time");
    }

    fn modified(&self, name: &str) -> u64 {
        let time = fs::metadata(self.0.join(name)).and_then(|it| it.modified()).expect("a file");
        time.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs()
    }

    /// The files, with their contents.
    fn files(&self) -> BTreeMap<String, String> {
        fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
            for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                match entry.path().is_dir() {
                    true => read(&entry.path(), &format!("{name}/"), files),
                    false => drop(files.insert(name, fs::read_to_string(entry.path()).unwrap_or_default())),
                }
            }
        }
        let mut files = BTreeMap::new();
        read(&self.0, "", &mut files);
        files
    }

    fn location(&self) -> Location {
        Location::folder(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn prefix(prefix: &str) -> Location {
    Location::prefix(BUCKET, prefix)
}

/// The steps of a plan: `upload a New`, `! Name ../a`, `fail a/b`.
async fn steps(transfer: &FolderTransfer) -> Vec<String> {
    let steps = transfer.clone().plan().await.expect("a plan").try_collect().await.expect("steps");
    let line = |step| match step {
        Step::Do(action) => format!("{} {} {:?}", action.kind, action.key, action.reason),
        Step::Notice(notice) => format!("! {:?} {}", notice.kind, notice.key),
        Step::Fail(failure) => format!("fail {}", failure.key),
    };
    steps.into_iter().map(line).collect()
}

fn counts(summary: &Summary) -> [u64; 6] {
    let Summary { uploaded, downloaded, copied, deleted, unchanged, failed, .. } = summary;
    [uploaded.files, downloaded.files, copied.files, deleted.files, *unchanged, *failed]
}

#[tokio::test]
async fn an_upload_sends_what_is_new_larger_or_newer() {
    let (store, folder) = (Store::new(), Folder::new("upload"));
    for (name, content, modified) in [
        ("new", "1", THEN),
        ("sub/larger", "22", THEN),
        ("newer", "1", THEN + 9),
        ("same", "1", THEN),
        ("older", "1", 1),
    ] {
        folder.write(name, content, modified);
        if name != "new" {
            store.put(BUCKET, &format!("p/{name}"), "1", THEN);
        }
    }
    store.put(BUCKET, "p/only-here", "1", THEN);
    let sync = store.transfers().sync(folder.location(), prefix("p"));
    let expect = ["upload new New", "upload newer Time", "upload sub/larger Size"];
    assert_eq!(steps(&sync).await, expect);
    assert_eq!(store.take_seen(), []);

    let summary = sync.clone().send().await.expect("a sync");
    assert_eq!((counts(&summary), summary.exit_code()), ([3, 0, 0, 0, 2, 0], 0));
    assert_eq!((summary.uploaded.bytes, summary.transferred().files), (4, 3));
    assert_eq!(store.content(BUCKET, "p/sub/larger").as_deref(), Some("22"));
    let puts = ["new", "newer", "sub/larger"].map(|key| ("PUT".to_owned(), format!("{BUCKET}/p/{key}")));
    assert_eq!(store.take_seen(), puts, "one request each");
    assert_eq!(steps(&sync).await, [""; 0]);
    assert_eq!(steps(&sync.delete(true)).await, ["delete only-here Deleted"]);
}

#[tokio::test]
async fn a_download_sets_times_so_that_the_next_one_has_nothing_to_do() {
    let (store, folder) = (Store::new(), Folder::new("download"));
    for key in ["p/a", "p/sub/deeper/b", "p/c"] {
        store.put(BUCKET, key, "1", THEN);
    }
    store.put(BUCKET, "p/marker/", "", THEN);
    folder.write("c", "2", THEN - 5);
    let target = Location::folder(folder.0.join("made"));
    let sync = store.transfers().sync(prefix("p/"), target);
    let summary = sync.clone().send().await.expect("a sync");
    assert_eq!(counts(&summary), [0, 3, 0, 0, 0, 0]);
    assert_eq!(folder.modified("made/sub/deeper/b"), THEN);
    assert_eq!(steps(&sync).await, [""; 0]);

    // The rule of the CLI takes an older file for current.
    let sync = store.transfers().sync(prefix("p/"), folder.location()).exclude("made/*");
    assert_eq!(steps(&sync).await, ["download a New", "download sub/deeper/b New"]);
    let exact = sync.clone().compare(Compare::ExactTimestamps);
    assert_eq!(steps(&exact).await, ["download a New", "download c Time", "download sub/deeper/b New"]);
    let summary = exact.clone().send().await.expect("a sync");
    assert_eq!((counts(&summary), summary.downloaded.bytes), ([0, 3, 0, 0, 0, 0], 3));
    assert_eq!(folder.files().get("c").map(String::as_str), Some("1"));
    assert_eq!(steps(&exact).await, [""; 0]);
}

#[tokio::test]
async fn a_copy_between_buckets_is_done_by_the_service() {
    let store = Store::new();
    store.put(BUCKET, "p/a b+c", "1", THEN);
    store.put(BUCKET, "p/same", "1", THEN);
    store.put("other", "q/same", "1", THEN);
    store.put("other", "q/gone", "1", THEN);
    let sync = store.transfers().sync(prefix("p/"), Location::prefix("other", "q")).delete(true);
    let summary = sync.send().await.expect("a sync");
    assert_eq!(counts(&summary), [0, 0, 1, 1, 1, 0]);
    assert_eq!(store.keys("other"), ["q/a b+c", "q/same"]);
    let seen = store.take_seen();
    assert!(seen.iter().all(|(method, _)| method == "PUT" || method == "POST"), "{seen:?}");
}

#[tokio::test]
async fn what_filters_leave_out_is_neither_transferred_nor_deleted() {
    let (store, folder) = (Store::new(), Folder::new("filters"));
    for name in ["a.jpg", "a.txt", "logs/b.jpg", "logs/b.txt"] {
        folder.write(name, "1", THEN);
        store.put(BUCKET, &format!("old-{name}"), "1", THEN);
    }
    let sync = store.transfers().sync(folder.location(), prefix("")).delete(true);
    let pictures = sync.clone().exclude("*").include("*.jpg");
    let expect =
        ["upload a.jpg New", "upload logs/b.jpg New", "delete old-a.jpg Deleted", "delete old-logs/b.jpg Deleted"];
    assert_eq!(steps(&pictures).await, expect);
    assert_eq!(steps(&pictures.exclude("*logs/*")).await, ["upload a.jpg New", "delete old-a.jpg Deleted"]);
    let by_closure = sync.exclude("*.txt").filter(|entry| entry.key.contains("logs"));
    assert_eq!(steps(&by_closure).await, ["upload logs/b.jpg New", "delete old-logs/b.jpg Deleted"]);
}

/// Two folders that cannot be read follow each other: the second must not make the first forgotten.
#[cfg(unix)]
#[tokio::test]
async fn what_the_source_cannot_read_is_not_deleted_from_the_target() {
    let (store, folder) = (Store::new(), Folder::new("unreadable"));
    for name in ["a", "b", "broken", "c"] {
        store.put(BUCKET, &format!("{name}/x"), "1", THEN);
        store.put(BUCKET, &format!("{name}0"), "1", THEN);
    }
    store.put(BUCKET, "broken", "1", THEN);
    for (name, target) in [("a", ".."), ("b", ".."), ("broken", "nowhere")] {
        std::os::unix::fs::symlink(target, folder.0.join(name)).expect("a link");
    }
    folder.write("d", "1", THEN);
    let inside = folder.0.join("inside");
    fs::create_dir(&inside).expect("a folder");
    for name in ["a", "b"] {
        fs::rename(folder.0.join(name), inside.join(name)).expect("a folder");
    }
    for name in ["a", "b"] {
        store.put(BUCKET, &format!("inside/{name}/x"), "1", THEN);
    }
    let sync = store.transfers().sync(folder.location(), prefix("")).delete(true);
    let summary = sync.send().await.expect("a sync");
    let left: Vec<_> = store.keys(BUCKET).into_iter().filter(|key| key != "d").collect();
    // `broken` may be a link to a folder that is not there now.
    assert_eq!(left, ["broken", "broken/x", "inside/a/x", "inside/b/x"]);
    assert_eq!((summary.warnings, summary.exit_code()), (3, 2));
    assert!(summary.notices.iter().all(|notice| notice.kind == NoticeKind::Unreadable), "{:?}", summary.notices);
}

#[tokio::test]
async fn keys_that_would_leave_the_folder_or_cannot_be_files_are_refused() {
    let (store, folder) = (Store::new(), Folder::new("names"));
    for key in ["../out", "/etc/x", "a", "a.b", "a/../../out", "a/b", "a/b/c", "b//c", "dir/", "good/x", "./y"] {
        store.put(BUCKET, &format!("p/{key}"), "1", THEN);
    }
    let target = Location::folder(folder.0.join("inside"));
    let download = store.transfers().sync(prefix("p/"), target);
    let expect = [
        "! Name ../out",
        "! Name ./y",
        "! Name /etc/x",
        "download a New",
        "download a.b New",
        "! Name a/../../out",
        "fail a/b",
        "fail a/b/c",
        "! Name b//c",
        "! Name dir/",
        "download good/x New",
    ];
    assert_eq!(steps(&download).await, expect);
    let summary = download.send().await.expect("a summary");
    assert_eq!((counts(&summary), summary.warnings, summary.exit_code()), ([0, 3, 0, 0, 0, 2], 6, 1));
    let message = summary.failures[0].error.to_string();
    assert_eq!(message, "\"a/b\" needs a folder where the object \"a\" is a file; exclude one of them");
    let files: Vec<_> = folder.files().into_keys().collect();
    assert_eq!(files, ["inside/a", "inside/a.b", "inside/good/x"]);
}

#[tokio::test]
async fn a_failure_is_collected_or_ends_the_transfer() {
    let (store, folder) = (Store::new(), Folder::new("failures"));
    for index in 0..50 {
        folder.write(&format!("{index:02}"), "1", THEN);
    }
    store.refused.lock().expect("no panic").insert("07".into());
    let seen = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&seen);
    let upload = store.transfers().upload_dir(&folder.0, BUCKET, "").on_event(move |event| {
        *counter.lock().expect("no panic") += usize::from(format!("{event:?}").starts_with("Failed"));
    });
    let summary = upload.clone().send().await.expect("a summary");
    assert_eq!((counts(&summary), summary.exit_code()), ([49, 0, 0, 0, 0, 1], 1));
    assert_eq!((summary.failures[0].key.as_str(), *seen.lock().expect("no panic")), ("07", 1));
    let error = upload.on_failure(OnFailure::Stop).send().await.expect_err("a failure");
    assert_eq!(error.call().and_then(|call| call.code()), Some("AccessDenied"), "{error}");
}

#[tokio::test]
async fn a_file_that_vanishes_before_its_turn_is_left_out_with_a_warning() {
    let (store, folder) = (Store::new(), Folder::new("vanishes"));
    for name in ["a", "b"] {
        folder.write(name, "1", THEN);
    }
    let path = folder.0.join("b");
    let upload = store.transfers().upload_dir(&folder.0, BUCKET, "").on_event(move |event| {
        if let Event::Planned(action) = event
            && action.key == "b"
        {
            fs::remove_file(&path).expect("a file");
        }
    });
    let summary = upload.send().await.expect("a summary");
    assert_eq!((counts(&summary), summary.exit_code()), ([1, 0, 0, 0, 0, 0], 2), "{:?}", summary.failures);
    assert_eq!(summary.notices[0].kind, NoticeKind::Unreadable);
}

#[tokio::test]
async fn a_listing_that_fails_deletes_nothing_more_and_is_an_error() {
    let (store, folder) = (Store::with_page(3), Folder::new("broken-listing"));
    for index in 0..30 {
        folder.write(&format!("{index:02}"), "1", THEN);
        store.put(BUCKET, &format!("{index:02}"), "1", THEN);
    }
    store.refused.lock().expect("no panic").insert("20".into());
    let sync = store.transfers().sync(prefix(""), folder.location()).delete(true);
    let error = sync.send().await.expect_err("a failure");
    assert_eq!((error.kind(), error.call().and_then(|call| call.status())), (ErrorKind::Call, Some(403)));
    assert_eq!(folder.files().len(), 30);
}

#[tokio::test]
async fn no_overwrite_keeps_what_is_there_even_unlisted() {
    let (store, folder) = (Store::new(), Folder::new("keep"));
    for name in ["a", "b"] {
        folder.write(name, "mine", THEN + 9);
    }
    store.put(BUCKET, "a", "theirs", THEN);
    let transfers = store.transfers();
    let sync = transfers.sync(folder.location(), prefix("")).no_overwrite(true);
    assert_eq!(steps(&sync).await, ["upload b New"]);
    let summary = transfers.upload_dir(&folder.0, BUCKET, "").no_overwrite(true).send().await.expect("a summary");
    assert_eq!((counts(&summary), summary.kept, summary.exit_code()), ([1, 0, 0, 0, 0, 0], 1, 0));
    assert_eq!(store.content(BUCKET, "a").as_deref(), Some("theirs"));

    store.put(BUCKET, "c", "theirs", THEN);
    let summary = transfers.download_dir(BUCKET, "", &folder.0).no_overwrite(true).send().await.expect("a summary");
    assert_eq!((counts(&summary), summary.kept), ([0, 1, 0, 0, 0, 0], 2));
    assert_eq!(folder.files().into_values().collect::<Vec<_>>(), ["mine", "mine", "theirs"]);
}

#[tokio::test]
async fn by_content_only_what_differs_is_sent_and_an_unchanged_file_is_read_once() {
    let (store, folder) = (Store::new(), Folder::new("content"));
    let (cache, files) = (folder.0.join("cache"), Folder::new("content-files"));
    for (name, own, theirs) in [
        ("changed", "one", "two"),
        ("md5", "one", "two"),
        ("md5-same", "one", "one"),
        ("same", "one", "one"),
        ("unknown", "one", "two"),
    ] {
        // Newer than the object, and older, by time: time says nothing here.
        files.write(name, own, if name == "changed" { THEN - 9 } else { THEN + 9 });
        store.put(BUCKET, name, theirs, THEN);
    }
    store.change(BUCKET, "unknown", |object| object.has_checksum = false);
    for key in ["md5", "md5-same"] {
        store.change(BUCKET, key, |object| (object.has_checksum, object.has_md5) = (false, true));
    }
    let sync = store.transfers().sync(files.location(), prefix("")).compare(Compare::Content).checksum_cache(&cache);
    let expect = ["upload changed Content", "upload md5 Content", "! Checksum unknown", "upload unknown Time"];
    assert_eq!(steps(&sync).await, expect);
    let heads =
        ["changed", "md5", "md5-same", "same", "unknown"].map(|key| ("HEAD".to_owned(), format!("{BUCKET}/{key}")));
    assert_eq!(store.take_seen(), heads);
    assert_eq!(steps(&sync).await, expect);
    let heads = ["changed", "md5", "unknown"].map(|key| ("HEAD".to_owned(), format!("{BUCKET}/{key}")));
    assert_eq!(store.take_seen(), heads, "what was the same is known");

    let summary = sync.clone().send().await.expect("a sync");
    assert_eq!((counts(&summary), summary.exit_code()), ([3, 0, 0, 0, 2, 0], 0));
    assert_eq!(steps(&sync).await, [""; 0]);
    store.take_seen();
    assert_eq!(steps(&sync).await, [""; 0]);
    assert_eq!(store.take_seen(), []);
    let text = fs::read_to_string(&cache).expect("a cache");
    assert_eq!(text.lines().count(), 6, "{text}");

    // The other direction, with the same cache; and between buckets.
    store.put(BUCKET, "same", "ONE", THEN - 99);
    let down = store.transfers().sync(prefix(""), files.location()).compare(Compare::Content).checksum_cache(&cache);
    assert_eq!(steps(&down).await, ["download same Content"]);
    for key in ["changed", "md5", "md5-same", "same", "unknown"] {
        store.put("other", key, "ONE", THEN);
    }
    let copy = store.transfers().sync(prefix(""), Location::prefix("other", "")).compare(Compare::Content);
    store.change("other", "unknown", |object| object.has_checksum = false);
    let expect =
        ["copy changed Content", "copy md5 Content", "! Checksum md5-same", "! Checksum unknown", "copy unknown Time"];
    assert_eq!(steps(&copy).await, expect);
}

#[tokio::test]
async fn a_prefix_is_deleted_in_batches() {
    let store = Store::new();
    for index in 0..2500 {
        store.put(BUCKET, &format!("p/{index:04}"), "1", THEN);
    }
    for key in ["p/", "p/marker/", "p/control\u{1}", "p/<&>", "p-other", "q"] {
        store.put(BUCKET, key, "", THEN);
    }
    store.refused.lock().expect("no panic").insert("p/0700".into());
    let page = store.clone();
    let listing = store.transfers().delete_prefix(BUCKET, "p/");
    assert_eq!(
        listing.clone().plan().await.expect("a plan").try_collect().await.expect_err("refused").kind(),
        ErrorKind::Call
    );
    page.refused.lock().expect("no panic").clear();
    let summary = listing.send().await.expect("a summary");
    assert_eq!((counts(&summary), summary.exit_code()), ([0, 0, 0, 2504, 0, 0], 0));
    assert_eq!(store.keys(BUCKET), ["p-other", "q"]);
    let seen = store.take_seen();
    let posts = seen.iter().filter(|(method, _)| method == "POST").count();
    assert_eq!((posts, seen.len()), (3, 4), "{seen:?}");
}

#[tokio::test]
async fn a_move_deletes_what_was_transferred() {
    let (store, folder) = (Store::new(), Folder::new("move"));
    for name in ["a", "b", "c"] {
        folder.write(name, "1", THEN);
    }
    store.refused.lock().expect("no panic").insert("b".into());
    let transfers = store.transfers();
    let summary = transfers.upload_dir(&folder.0, BUCKET, "").remove_source(true).send().await.expect("a summary");
    assert_eq!(counts(&summary), [2, 0, 0, 2, 0, 1]);
    assert_eq!(folder.files().into_keys().collect::<Vec<_>>(), ["b"]);
    store.refused.lock().expect("no panic").clear();
    let from = Location::prefix(BUCKET, "");
    let summary = transfers.copy_dir(from, Location::prefix("other", "")).remove_source(true).send().await;
    assert_eq!(counts(&summary.expect("a summary")), [0, 0, 2, 2, 0, 0]);
    assert_eq!((store.keys(BUCKET), store.keys("other")), (vec![], vec!["a".to_owned(), "c".into()]));
}

#[tokio::test]
async fn archived_objects_are_left_out_with_a_warning() {
    let (store, folder) = (Store::new(), Folder::new("archived"));
    for (key, class) in [("a", "GLACIER"), ("b", "DEEP_ARCHIVE"), ("c", "GLACIER_IR"), ("d", "STANDARD_IA")] {
        store.put(BUCKET, key, "1", THEN);
        store.change(BUCKET, key, |object| object.class = class);
    }
    let sync = store.transfers().sync(prefix(""), folder.location());
    assert_eq!(steps(&sync).await, ["! Archived a", "! Archived b", "download c New", "download d New"]);
    assert_eq!(steps(&sync.transfer_archived(true)).await.len(), 4);
}

#[cfg(unix)]
#[tokio::test]
async fn without_links_no_file_is_written_through_one() {
    let (store, folder) = (Store::new(), Folder::new("through"));
    let outside = Folder::new("outside");
    std::os::unix::fs::symlink(&outside.0, folder.0.join("link")).expect("a link");
    store.put(BUCKET, "link/x", "1", THEN);
    let sync = store.transfers().sync(prefix(""), folder.location()).follow_symlinks(false);
    let summary = sync.clone().send().await.expect("a summary");
    assert_eq!((counts(&summary), outside.files().len()), ([0, 0, 0, 0, 0, 1], 0));
    assert!(summary.failures[0].error.to_string().contains("is a link"), "{:?}", summary.failures);
    assert_eq!(counts(&sync.follow_symlinks(true).send().await.expect("a summary")), [0, 1, 0, 0, 0, 0]);
    assert_eq!(outside.files().len(), 1);
}

#[tokio::test]
async fn a_file_that_becomes_a_folder_and_back_is_synced() {
    let (store, folder) = (Store::new(), Folder::new("becomes"));
    folder.write("a", "1", THEN);
    store.put(BUCKET, "a/b", "1", THEN);
    let sync = store.transfers().sync(prefix(""), folder.location()).delete(true);
    assert_eq!(counts(&sync.clone().send().await.expect("a summary")), [0, 1, 0, 1, 0, 0]);
    assert_eq!(folder.files().into_keys().collect::<Vec<_>>(), ["a/b"]);

    store.client().delete_object(BUCKET, "a/b").send().await.expect("deleted");
    store.put(BUCKET, "a", "1", THEN);
    fs::create_dir_all(folder.0.join("a/empty/deeper")).expect("a folder");
    let summary = sync.send().await.expect("a summary");
    assert_eq!(counts(&summary), [0, 1, 0, 1, 0, 0], "{:?}", summary.failures);
    assert_eq!(folder.files().into_keys().collect::<Vec<_>>(), ["a"]);

    // Without `delete` the folder stays, and says why there is no file.
    store.put(BUCKET, "c", "1", THEN);
    folder.write("c/own", "1", THEN);
    let summary = store.transfers().sync(prefix(""), folder.location()).send().await.expect("a summary");
    assert_eq!(counts(&summary), [0, 0, 0, 0, 1, 1]);
    assert!(summary.failures[0].error.to_string().contains("is a folder"), "{:?}", summary.failures);
}

#[tokio::test]
async fn a_sync_whose_source_is_out_of_order_deletes_nothing() {
    let (store, folder) = (Store::new(), Folder::new("disorder"));
    for key in ["a", "b", "c"] {
        store.put(BUCKET, key, "1", THEN);
    }
    store.reversed.lock().expect("no panic").insert(BUCKET.to_owned());
    for key in ["a", "b", "bb"] {
        folder.write(key, "1", THEN);
        store.put("other", key, "1", THEN);
    }
    for target in [folder.location(), Location::prefix("other", "")] {
        let sync = store.transfers().sync(prefix(""), target).delete(true);
        let error = sync.clone().send().await.expect_err("out of order");
        assert!(
            error.to_string().contains("the listing of the source is not in order: \"b\" comes after \"c\""),
            "{error}"
        );
        // The plan has the deletions that it took for certain, its error, and then nothing more.
        let (mut plan, mut planned) = (sync.plan().await.expect("a plan"), Vec::new());
        let error = loop {
            match plan.try_next().await {
                Ok(step) => planned.push(step.expect("an error before the end")),
                Err(error) => break error,
            }
        };
        assert!(error.to_string().contains("not in order") && planned.len() <= 4, "{planned:?}");
        assert!(plan.try_next().await.expect("the end").is_none());
    }
    // The first may be transferred before the second is known to be out of order.
    let left = |keys: Vec<String>| keys.into_iter().filter(|it| it != "c").collect::<Vec<_>>();
    assert_eq!(left(folder.files().into_keys().collect()), ["a", "b", "bb"]);
    assert_eq!(left(store.keys("other")), ["a", "b", "bb"]);
}

#[tokio::test]
async fn settings_that_contradict_each_other_are_errors() {
    let (store, folder) = (Store::new(), Folder::new("settings"));
    let transfers = store.transfers();
    let check = async |transfer: FolderTransfer, expect: &str| {
        let error = transfer.send().await.map(|_| ()).expect_err("an error").to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(transfers.sync(folder.location(), folder.location()), "both local folders").await;
    check(transfers.sync(prefix("a"), prefix("a/")), "both the source and the target").await;
    check(transfers.sync(folder.location(), prefix("")).delimiter(""), "the delimiter is empty").await;
    check(transfers.upload_dir(&folder.0, BUCKET, "").delete(true), "needs a listing").await;
    check(transfers.upload_dir(folder.0.join("missing"), BUCKET, ""), "cannot be read as a folder").await;
}

#[tokio::test]
async fn a_delimiter_of_the_keys_makes_the_folders() {
    let (store, folder) = (Store::new(), Folder::new("delimiter"));
    for key in ["p|a", "p|b|c", "p|b|d/e"] {
        store.put(BUCKET, key, "1", THEN);
    }
    let sync = store.transfers().sync(prefix("p"), folder.location()).delimiter("|");
    assert_eq!(steps(&sync).await, ["download a New", "download b|c New", "! Name b|d/e"]);
    sync.clone().send().await.expect("a summary");
    assert_eq!(folder.files().into_keys().collect::<Vec<_>>(), ["a", "b/c"]);
    let back = store.transfers().sync(folder.location(), prefix("p")).delimiter("|");
    assert_eq!(steps(&back).await, [""; 0]);
}

/// However both sides differ, a sync by content that deletes makes them equal, and the next one has nothing to do.
#[tokio::test]
async fn after_a_sync_both_sides_are_equal() -> Result<()> {
    const KEYS: [&str; 8] = ["a", "a.b", "b/c", "b/c.d", "b-/x", "c/d/e", "c0", "z"];
    let mut state = 7_u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for round in 0..40 {
        let (store, folder) = (Store::with_page(1 + round % 4), Folder::new(&format!("equal-{round}")));
        for key in KEYS {
            let content = |it: u64| ["one", "two", "three"][it as usize % 3];
            if random(3) > 0 {
                folder.write(key, content(random(3)), THEN + random(5));
            }
            for bucket in [BUCKET, "other"] {
                if random(3) > 0 {
                    store.put(bucket, key, content(random(3)), THEN + random(5));
                }
            }
        }
        let (source, target) = match round % 3 {
            0 => (folder.location(), prefix("")),
            1 => (prefix(""), folder.location()),
            _ => (prefix(""), Location::prefix("other", "")),
        };
        let sync = store.transfers().sync(source.clone(), target.clone()).compare(Compare::Content).delete(true);
        let summary = sync.clone().send().await?;
        assert_eq!(summary.exit_code(), 0, "{summary:?}");
        assert_eq!(steps(&sync).await, [""; 0], "{source} {target}");
        let content = |location: &Location| match location {
            Location::Folder(_) => folder.files(),
            Location::Prefix { bucket, .. } => {
                let pair = |key: String| (key.clone(), store.content(bucket, &key).expect("an object"));
                store.keys(bucket).into_iter().map(pair).collect()
            }
        };
        assert_eq!(content(&source), content(&target), "{source} {target}");
    }
    Ok(())
}
