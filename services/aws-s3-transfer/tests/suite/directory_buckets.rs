//! Transfers to, from and between directory buckets, at a store that rejects what these do not have.

use std::collections::{BTreeMap, BTreeSet};

use aws_s3::custom::CopySource;
use aws_s3_transfer::folder::{Compare, FolderTransfer, Location, NoticeKind, Step};
use aws_s3_transfer::{Checkpoint, ErrorKind, Source, Target};

use crate::server::{Fault, Server};
use crate::{Folder, MIB, PART, builder, content, read, transfers};

pub const BUCKET: &str = "mine--usw2-az1--x-s3";
const OTHER: &str = "other--usw2-az1--x-s3";
const NAMES: [&str; 7] = ["a", "a.b", "a/x", "a/y/z", "b", "logs-2026/x", "logs/x"];

/// All requests to directory buckets are as these want them, and each bucket has one session.
pub fn assert_accepted(server: &Server) {
    let created: Vec<_> = server.requests("CreateSession").into_iter().map(|it| it.path).collect();
    let buckets: BTreeSet<_> = created.iter().collect();
    assert_eq!(buckets.len(), created.len(), "{created:?}");
    let asked_for_tags = server.requests("GetObjectTagging");
    assert!(asked_for_tags.iter().all(|it| !it.is_of_directory_bucket()), "{asked_for_tags:?}");
    server.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_uploaded_downloaded_and_copied_in_one_request_and_in_parts() {
    for (size, parts) in [(1000, 1), (12 * MIB, 3)] {
        let (server, bytes) = (Server::start(), content(size));
        let transfers = transfers(&server);
        let uploaded = transfers.upload(BUCKET, "a/k", Source::bytes(bytes.clone())).send().await.unwrap();
        assert_eq!(uploaded.parts, parts);
        let downloaded = transfers.download(BUCKET, "a/k", Target::memory()).send().await.unwrap();
        assert!(downloaded.bytes == bytes);
        assert_eq!(server.requests("GetObject").len() as u64, parts, "ranges");
        for (from, to) in [(BUCKET, OTHER), (OTHER, "general"), ("general", BUCKET), (BUCKET, BUCKET)] {
            // As stores are that do not say that an object has no tags.
            server.store().is_tag_count_hidden = true;
            let copy =
                transfers.copy(to, "a/copy", CopySource::new(from, if from == BUCKET { "a/k" } else { "a/copy" }));
            let copied = copy.part_size(PART).send().await.unwrap_or_else(|it| panic!("{from} {to}: {it}"));
            assert_eq!(copied.parts, parts);
            assert!(server.store().object(&format!("{to}/a/copy")).unwrap().data == bytes, "{from} {to}");
        }
        assert_accepted(&server);
    }
}

/// A process that ends before it can note the id of an upload leaves it for the next, which finds it by its key.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_id_is_unknown_is_found() {
    for (bucket, key) in [(BUCKET, "a/b/k"), (BUCKET, "k"), ("general", "a/b/k")] {
        let (server, folder, bytes) = (Server::start(), Folder::create(), content(12 * MIB));
        let path = folder.write("source", &bytes);
        let file = folder.path("checkpoint");
        // One at a time, so that none of the first process arrives late.
        let transfers = builder(&server).concurrency(1).build().unwrap();
        let upload = || transfers.upload(bucket, key, Source::path(&path)).checkpoint_file(&file);
        server.faults(|request, _| match request.operation() {
            "UploadPart" => Fault::Error(403, "AccessDenied"),
            _ => Fault::None,
        });
        let error = upload().send().await.unwrap_err();
        let mut checkpoint: Checkpoint = error.checkpoint().unwrap().clone();
        checkpoint.upload_id.clear();
        std::fs::write(&file, checkpoint.to_string()).unwrap();
        server.faults(|_, _| Fault::None);
        upload().send().await.unwrap();
        assert_eq!(server.requests("CreateMultipartUpload").len(), 1, "{bucket} {key}");
        assert!(server.store().object(&format!("{bucket}/{key}")).unwrap().data == bytes);
        assert_accepted(&server);
    }
}

/// A server whose directory bucket has all names below `p/`, and a folder that has them, too.
fn fixture() -> (Server, Folder) {
    let (server, folder) = (Server::start(), Folder::create());
    for name in NAMES {
        server.store().put(&format!("{BUCKET}/p/{name}"), name.as_bytes().to_vec());
    }
    server.store().put(&format!("{BUCKET}/q"), Vec::new());
    (server, folder)
}

fn objects(server: &Server, root: &str) -> BTreeMap<String, Vec<u8>> {
    let store = server.store();
    let object = |(path, versions): (&String, &Vec<crate::store::Object>)| {
        Some((path.strip_prefix(root)?.to_owned(), versions.last()?.data.clone()))
    };
    store.objects.iter().filter_map(object).collect()
}

fn expected(names: &[&str]) -> BTreeMap<String, Vec<u8>> {
    names.iter().map(|name| ((*name).to_owned(), name.as_bytes().to_vec())).collect()
}

/// The keys of what is done, each after what is done with it.
async fn plan(transfer: FolderTransfer) -> Vec<String> {
    let steps = transfer.plan().await.unwrap().try_collect().await.unwrap();
    let action = |step: &Step| match step {
        Step::Do(action) => format!("{} {}", action.kind, action.key),
        other => panic!("{other:?}"),
    };
    steps.iter().map(action).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_transfers_and_deletes_only_what_differs() {
    let (server, folder) = fixture();
    let transfers = transfers(&server);
    // `a` is both an object and a folder, so that the folder is synced without it.
    let (here, there) = (Location::folder(folder.path("")), Location::prefix(BUCKET, "p"));
    let sync = |from: &Location, to: &Location| transfers.sync(from.clone(), to.clone()).exclude("a").delete(true);
    let summary = sync(&there, &here).send().await.unwrap();
    assert_eq!((summary.exit_code(), summary.transferred().files), (0, 6), "{summary:?}");
    assert_eq!(read(folder.path("a/y/z")), b"a/y/z");
    assert_eq!(plan(sync(&there, &here)).await, [""; 0]);
    assert_eq!(plan(sync(&here, &there)).await, [""; 0]);
    folder.write("b", b"longer");
    folder.write("new", b"new");
    std::fs::remove_file(folder.path("logs/x")).unwrap();
    assert_eq!(plan(sync(&here, &there)).await, ["upload b", "delete logs/x", "upload new"]);
    let copied = sync(&there, &Location::prefix(OTHER, "")).send().await.unwrap();
    assert_eq!((copied.exit_code(), copied.transferred().files), (0, 6), "{copied:?}");
    server.store().put(&format!("{OTHER}/0"), Vec::new());
    assert_eq!(plan(sync(&there, &Location::prefix(OTHER, ""))).await, ["delete 0"]);
    assert_accepted(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_uploaded_downloaded_and_copied() {
    let (server, folder) = fixture();
    let transfers = transfers(&server);
    let names: Vec<_> = NAMES.into_iter().filter(|it| *it != "a").collect();
    let downloaded = transfers.download_dir(BUCKET, "p", folder.path("")).exclude("a").send().await.unwrap();
    assert_eq!((downloaded.exit_code(), downloaded.transferred().files), (0, 6), "{downloaded:?}");
    transfers.upload_dir(folder.path(""), OTHER, "up").send().await.unwrap();
    assert_eq!(objects(&server, &format!("{OTHER}/up/")), expected(&names));
    transfers.copy_dir(Location::prefix(BUCKET, "p/"), Location::prefix("general", "")).send().await.unwrap();
    assert_eq!(objects(&server, "general/"), expected(&NAMES));
    assert_accepted(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_within_a_name_is_deleted_with_all_that_begins_so() {
    for (prefix, left) in [("p/logs", 5), ("p/a/", 5), ("p", 0), ("", 0), ("p/a/y/z", 6), ("p/c", 7)] {
        let (server, _) = fixture();
        let summary = transfers(&server).delete_prefix(BUCKET, prefix).send().await.unwrap();
        assert_eq!(summary.exit_code(), 0, "{prefix}: {summary:?}");
        assert_eq!(objects(&server, &format!("{BUCKET}/p/")).len(), left, "{prefix}");
        assert_accepted(&server);
    }
}

/// Its ETags have the form of an MD5, but are none.
#[tokio::test(flavor = "multi_thread")]
async fn an_e_tag_is_not_taken_for_the_md5_of_the_content() {
    let (server, folder) = fixture();
    folder.write("b", b"b");
    server.store().objects.retain(|path, _| path.ends_with("p/b"));
    for versions in server.store().objects.values_mut() {
        versions.last_mut().unwrap().sum = None;
    }
    let sync = transfers(&server).sync(Location::prefix(BUCKET, "p"), Location::folder(folder.path("")));
    let steps = sync.compare(Compare::Content).plan().await.unwrap().try_collect().await.unwrap();
    let [Step::Notice(notice), ..] = &*steps else { panic!("{steps:?}") };
    assert_eq!(notice.kind, NoticeKind::Checksum, "{notice:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_delimiter_is_an_error_before_any_request() {
    let server = Server::start();
    let transfers = transfers(&server);
    for transfer in [
        transfers.sync(Location::folder("."), Location::prefix(BUCKET, "p")),
        transfers.copy_dir(Location::prefix(BUCKET, ""), Location::prefix("general", "")),
        transfers.delete_prefix(BUCKET, "p"),
    ] {
        let error = transfer.delimiter(":").send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings);
        let expect = format!("the delimiter is `:`: expected `/`, the only one of directory buckets such as {BUCKET}");
        assert_eq!(error.to_string(), expect);
    }
    assert_eq!(server.count(), 0);
}
