//! Syncs of folders that are paused, aborted or killed, and run again: both sides are equal in the end, large files go on
//! within, and nothing is left behind.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use aws_s3_transfer::folder::{FolderTransfer, Location};
use aws_s3_transfer::{Paused, Transfers};

use crate::server::Server;
use crate::{Folder, MIB, PART, client, content, read};

/// Files of three parts, and small ones between them.
const LARGE: usize = 12 * MIB;
const NAMES: [&str; 8] = ["a", "b/large", "b/small", "c", "d", "large", "x", "y"];
const KINDS: [&str; 3] = ["upload", "download", "copy"];
/// The requests that send or receive a part or a small file: both large ones have three parts.
const TRANSFERS: usize = 12;
/// How many moments are tried for each kind.
const MOMENTS: usize = 6;

fn bytes(name: &str) -> Vec<u8> {
    if name.ends_with("large") { content(LARGE) } else { name.as_bytes().to_vec() }
}

/// The sync of a kind: of the folder `source`, to the folder `target`, or of the bucket `source`.
fn sync(url: &str, kind: &str, folder: &Path, has_checkpoints: bool) -> FolderTransfer {
    let transfers = Transfers::builder(&client(url)).part_size(PART).multipart_threshold(PART).concurrency(2);
    let transfers = transfers.build().unwrap();
    let (source, target) = match kind {
        "upload" => (Location::folder(folder.join("source")), Location::prefix("b", "p")),
        "download" => (Location::prefix("source", ""), Location::folder(folder.join("target"))),
        _ => (Location::prefix("source", ""), Location::prefix("b", "p")),
    };
    let sync = transfers.sync(source, target).delete(true).copy_with(|_, copy| copy.part_size(PART));
    if has_checkpoints { sync.checkpoints(folder.join("checkpoints")) } else { sync }
}

/// A server and a folder with what a sync needs.
fn fixture() -> (Server, Folder) {
    let (server, folder) = (Server::start(), Folder::create());
    for name in ["source/b", "target", "checkpoints"] {
        std::fs::create_dir_all(folder.path(name)).unwrap();
    }
    for name in NAMES {
        server.store().put(&format!("source/{name}"), bytes(name));
        let path = folder.write(&format!("source/{name}"), &bytes(name));
        // Objects have whole seconds: a file of the same second would be newer.
        let past = SystemTime::now() - Duration::from_secs(60);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(past).unwrap();
    }
    server.delay(Duration::from_millis(4));
    (server, folder)
}

/// What the target of a kind has, without the files that a killed download leaves.
fn target(server: &Server, kind: &str, folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    if kind == "download" {
        let file = |name: &str| {
            let path = folder.path("target").join(name);
            path.exists().then(|| (name.to_owned(), read(path)))
        };
        return NAMES.into_iter().filter_map(file).collect();
    }
    let store = server.store();
    let object = |(path, versions): (&String, &Vec<crate::store::Object>)| {
        Some((path.strip_prefix("b/p/")?.to_owned(), versions.last()?.data.clone()))
    };
    store.objects.iter().filter_map(object).collect()
}

fn expected() -> BTreeMap<String, Vec<u8>> {
    NAMES.iter().map(|name| ((*name).to_owned(), bytes(name))).collect()
}

fn transfers_of(server: &Server) -> usize {
    let counts = server.counts();
    let names = ["PutObject", "UploadPart", "GetObject", "UploadPartCopy", "CopyObject"];
    names.iter().filter_map(|name| counts.get(name)).sum()
}

/// Waits until a number of requests has begun.
async fn requests(server: &Server, count: usize) {
    for _ in 0..50_000 {
        if server.count() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    panic!("only {} of {count} requests came", server.count());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_sync_goes_on_within_large_files() {
    for kind in KINDS {
        let (server, folder) = fixture();
        let running = sync(&server.url(), kind, &folder.path(""), true).start();
        requests(&server, 9).await;
        assert!(matches!(running.pause().await.unwrap(), Paused::NotKept), "{kind}");
        let summary = sync(&server.url(), kind, &folder.path(""), true).send().await.unwrap();
        assert_eq!(summary.exit_code(), 0, "{kind}: {:?}", summary.failures);
        assert!(target(&server, kind, &folder) == expected(), "{kind}");
        server.assert_clean();
        assert_eq!(std::fs::read_dir(folder.path("checkpoints")).unwrap().count(), 0, "{kind}");
        // At most what was in flight is sent again, and the first response of a resumed download.
        let all = transfers_of(&server);
        assert!(all <= TRANSFERS + 2 + 2, "{kind}: {all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_sync_leaves_nothing_half() {
    for kind in KINDS {
        let (server, folder) = fixture();
        let running = sync(&server.url(), kind, &folder.path(""), false).start();
        requests(&server, 9).await;
        running.abort().await.unwrap();
        server.assert_clean();
        let complete = target(&server, kind, &folder);
        assert!(complete.iter().all(|(name, content)| *content == bytes(name)), "{kind}");
        let count = walk(&folder.path("target"));
        assert!(kind != "download" || count == complete.len(), "{kind}: {count} files");
        let summary = sync(&server.url(), kind, &folder.path(""), false).send().await.unwrap();
        // The server may have finished more since, of requests that were on their way.
        assert!(summary.unchanged >= complete.len() as u64, "{kind}");
        assert!(target(&server, kind, &folder) == expected(), "{kind}");
    }
}

fn walk(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    entries.map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changed_since_the_pause_is_sent_from_its_start() {
    let (server, folder) = fixture();
    let running = sync(&server.url(), "upload", &folder.path(""), true).start();
    while server.requests("UploadPart").is_empty() {
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    assert!(matches!(running.pause().await.unwrap(), Paused::NotKept));
    assert!(!server.store().uploads.is_empty());
    for name in ["b/large", "large"] {
        let mut changed = content(LARGE);
        changed[0] ^= 1;
        folder.write(&format!("source/{name}"), &changed);
    }
    let summary = sync(&server.url(), "upload", &folder.path(""), true).send().await.unwrap();
    assert_eq!(summary.exit_code(), 0, "{:?}", summary.failures);
    server.assert_clean();
    assert!(server.store().object("b/p/large").unwrap().data == read(folder.path("source/large")));
}

/// The process that is killed: this test binary, started with the variables.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "is started by the tests below"]
async fn child() {
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    if !var("TRANSFER_URL").is_empty() {
        let sync = sync(&var("TRANSFER_URL"), &var("TRANSFER_KIND"), Path::new(&var("TRANSFER_FOLDER")), true);
        assert_eq!(sync.send().await.unwrap().exit_code(), 0);
    }
}

fn start(server: &Server, kind: &str, folder: &Folder) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "folders::child", "--ignored", "--test-threads", "1"])
        .env("TRANSFER_URL", server.url())
        .env("TRANSFER_KIND", kind)
        .env("TRANSFER_FOLDER", folder.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn matrix(moments: usize) {
    let mut killed = 0;
    for (moment, kind) in (0..moments).flat_map(|moment| KINDS.map(|kind| (moment, kind))) {
        let (server, folder) = fixture();
        let mut child = start(&server, kind, &folder);
        // The moment: some time after a request has begun, whatever the speed of the machine.
        while server.count() < moment * 17 / moments && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros((moment as u64 * 7919 % 101) * 40));
        child.kill().unwrap();
        killed += usize::from(!child.wait().unwrap().success());
        server.wait_for_connections();
        let summary = sync(&server.url(), kind, &folder.path(""), true).send().await.unwrap();
        assert_eq!(summary.exit_code(), 0, "{moment} {kind}: {:?}", summary.failures);
        assert!(target(&server, kind, &folder) == expected(), "{moment} {kind}");
        server.assert_clean();
        // Small files in flight are sent again, too.
        let all = transfers_of(&server);
        assert!(all <= TRANSFERS + 8, "{moment} {kind}: {all}");
    }
    eprintln!("{killed} of {} syncs were killed while they ran", moments * KINDS.len());
    assert!(killed * 2 > moments * KINDS.len(), "only {killed} were killed in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_sync_is_resumed_by_another_process() {
    matrix(MOMENTS).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: 1,000 moments"]
async fn a_sync_killed_at_1000_moments_is_resumed_by_another_process() {
    matrix(334).await;
}

/// All that is about the source goes to the client of the source: its listing, its properties, its deletion.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_of_another_client_is_read_and_deleted_by_it() {
    let (server, other) = (Server::start(), Server::start());
    for server in [&server, &other] {
        for (name, size) in [("src/large", LARGE), ("src/small", 10)] {
            server.store().put(name, content(size));
        }
        server.store().is_tag_count_hidden = true;
    }
    let source_client = client(&other.url());
    let transfers = crate::transfers(&server);
    let copy =
        transfers.copy_dir(Location::prefix("src", ""), Location::prefix("b", "p")).source_client(&source_client);
    // Every filter must accept a key.
    let copy = copy.filter(|entry| entry.key != "other").filter(|entry| entry.size > 0);
    let moved = copy.remove_source(true).copy_with(|_, copy| copy.part_size(PART)).send().await.unwrap();
    assert_eq!((moved.failed, moved.transferred().files), (0, 2), "{moved:?}");
    assert!(server.store().object("b/p/large").is_some() && other.store().object("src/large").is_none());
    for (operation, count) in [("ListObjectsV2", 1), ("HeadObject", 1), ("GetObjectTagging", 1), ("DeleteObjects", 1)] {
        assert_eq!(other.requests(operation).len(), count, "{operation}");
        assert_eq!(server.requests(operation).len(), 0, "{operation}");
    }
    server.assert_clean();
}
