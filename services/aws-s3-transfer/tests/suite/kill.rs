//! A process that is killed at any moment is resumed by another: the bytes are equal, nothing is left at the server, and
//! what has arrived is not sent again.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_s3::custom::CopySource;
use aws_s3_transfer::{Error, Source, Target, Transfers};

use crate::server::Server;
use crate::{Folder, MIB, PART, client, content, read};

const SIZE: usize = 24 * MIB;
/// The requests that such a transfer has, about.
const REQUESTS: usize = 9;
/// How many moments are tried in the default run; the ignored test tries 1,000.
const MOMENTS: usize = 36;

/// The transfer of a kind in this folder, from the start or from where the last one was.
async fn transfer(url: &str, kind: &str, folder: &Path) -> Result<(), Error> {
    let transfers =
        Transfers::builder(&client(url)).part_size(PART).multipart_threshold(PART).concurrency(2).build()?;
    let checkpoint = folder.join("checkpoint");
    match kind {
        "upload" => {
            let upload = transfers.upload("b", "k", Source::path(folder.join("source")));
            upload.checkpoint_file(checkpoint).send().await.map(drop)
        }
        "download" => {
            let download = transfers.download("b", "source", Target::path(folder.join("target")));
            download.checkpoint_file(checkpoint).send().await.map(drop)
        }
        _ => {
            let copy = transfers.copy("b", "k", CopySource::new("b", "source")).part_size(PART);
            copy.checkpoint_file(checkpoint).send().await.map(drop)
        }
    }
}

/// The process that is killed: this test binary, started with the variables.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "is started by the tests below"]
async fn child() {
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    if !var("TRANSFER_URL").is_empty() {
        transfer(&var("TRANSFER_URL"), &var("TRANSFER_KIND"), Path::new(&var("TRANSFER_FOLDER"))).await.unwrap();
    }
}

/// Starts a process with the transfer of a kind.
fn start(server: &Server, kind: &str, folder: &Folder) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--ignored", "--test-threads", "1"])
        .env("TRANSFER_URL", server.url())
        .env("TRANSFER_KIND", kind)
        .env("TRANSFER_FOLDER", folder.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A server and a folder with what a transfer needs.
fn fixture(bytes: &[u8]) -> (Server, Folder) {
    let (server, folder) = (Server::start(), Folder::create());
    server.delay(Duration::from_millis(4));
    server.store().put("b/source", bytes.to_vec());
    folder.write("source", bytes);
    (server, folder)
}

async fn matrix(moments: usize) {
    const KINDS: [&str; 3] = ["upload", "download", "copy"];
    let bytes = content(SIZE);
    let mut killed = 0;
    for moment in 0..moments {
        let (server, folder) = fixture(&bytes);
        let kind = KINDS[moment % 3];
        let target = folder.path("target");
        let mut child = start(&server, kind, &folder);
        // The moment: some time after a request has begun, whatever the speed of the machine.
        while server.count() < moment / 3 % REQUESTS && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros((moment as u64 * 7919 % 101) * 70));
        child.kill().unwrap();
        killed += usize::from(!child.wait().unwrap().success());
        // No process can find an upload that the server begins after it looked.
        server.wait_for_connections();
        let sent = |counts: &std::collections::BTreeMap<&str, usize>| {
            ["UploadPart", "UploadPartCopy", "GetObject"].iter().filter_map(|it| counts.get(it)).sum::<usize>()
        };
        // Without a checkpoint nothing had begun, or all was complete.
        let is_resumed = folder.path("checkpoint").exists();
        transfer(&server.url(), kind, &folder.path("")).await.unwrap_or_else(|it| panic!("{moment} {kind}: {it:?}"));
        let all = sent(&server.counts());
        let is_equal = match kind {
            "download" => read(&target) == bytes,
            _ => server.store().object("b/k").unwrap().data == bytes,
        };
        assert!(is_equal, "{moment} {kind}");
        server.assert_clean();
        let parts = SIZE.div_ceil(PART as usize);
        // Ranges that had arrived, but were not on the disk yet.
        let late = if kind == "download" { 2 } else { 0 };
        // Parts in flight when it was killed, and the response that a complete download is read from again.
        assert!(all <= parts + 2 + 1 + late || !is_resumed, "{moment} {kind}: {all} requests for {parts} parts");
        let mut names = folder.names();
        names.retain(|it| it != "source" && it != "target");
        // A partial file that no checkpoint led to yet.
        assert!(names.len() <= 1 && names.iter().all(|it| it.starts_with("target.")), "{moment} {kind}: {names:?}");
    }
    eprintln!("{killed} of {moments} processes were killed while they ran");
    assert!(killed * 2 > moments, "only {killed} of {moments} processes were killed in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_is_resumed_by_another() {
    matrix(MOMENTS).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: 1,000 moments"]
async fn a_process_killed_at_1000_moments_is_resumed_by_another() {
    matrix(1000).await;
}
