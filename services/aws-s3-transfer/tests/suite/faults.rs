//! Every exchange of an upload, a download and a copy fails once, in every manner: the bytes are right in the end, or there
//! is an error and nothing is left behind.

use aws_s3::custom::CopySource;
use aws_s3_transfer::{Paused, Source, Target, Transfer};

use crate::server::{Fault, Server};
use crate::{Folder, MIB, PART, content, read, transfers, until};

const FAULTS: [Fault; 6] = [
    Fault::SlowDown,
    Fault::Close,
    Fault::CloseAfter,
    Fault::Cut(10),
    Fault::Error(500, "InternalError"),
    Fault::Error(403, "AccessDenied"),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Upload,
    Download,
    Copy,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_any_exchange_of_an_upload_ends_well_or_cleanly() {
    at_any_exchange(Kind::Upload).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_any_exchange_of_a_download_ends_well_or_cleanly() {
    at_any_exchange(Kind::Download).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_any_exchange_of_a_copy_ends_well_or_cleanly() {
    at_any_exchange(Kind::Copy).await;
}

async fn at_any_exchange(kind: Kind) {
    let (server, folder) = (Server::start(), Folder::create());
    let bytes = content(11 * MIB);
    let path = folder.write("source", &bytes);
    let target = folder.path("target");
    let mut failed = 0;
    for fault in FAULTS {
        for at in 0..6 {
            server.faults(|_, _| Fault::None);
            server.store().objects.clear();
            server.store().put("b/source", bytes.clone());
            server.clear_log();
            let mut count = 0;
            server.faults(move |_, _| {
                count += 1;
                if count == at + 1 { fault } else { Fault::None }
            });
            let transfers = transfers(&server);
            let result = match kind {
                Kind::Upload => transfers.upload("b", "k", Source::path(&path)).send().await.map(drop),
                Kind::Download => transfers.download("b", "source", Target::path(&target)).send().await.map(drop),
                Kind::Copy => {
                    let copy = transfers.copy("b", "k", CopySource::new("b", "source"));
                    copy.part_size(PART).send().await.map(drop)
                }
            };
            let context = format!("{kind:?} {fault:?} at {at}: {result:?}");
            match &result {
                Ok(()) if kind == Kind::Download => {
                    assert!(read(&target) == bytes, "{context}");
                    std::fs::remove_file(&target).unwrap();
                }
                Ok(()) => assert!(server.store().object("b/k").unwrap().data == bytes, "{context}"),
                Err(_) => {
                    failed += 1;
                    assert!(fault == Fault::Error(403, "AccessDenied") || fault == Fault::CloseAfter, "{context}");
                }
            }
            assert_eq!(folder.names(), ["source"], "{context}");
            let left = server.store().uploads.len();
            // A response that was lost after the upload was created leaves one whose id was never known.
            let unknown = usize::from(fault == Fault::CloseAfter || fault == Fault::Cut(10));
            assert!(left <= unknown, "{context}: {left} uploads are left");
            server.store().uploads.clear();
        }
    }
    assert!(failed > 2, "denied requests are errors: {failed}");
}

/// Neither end waits for the response that resuming needs.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_while_it_resumes_keeps_its_parts_only_for_a_pause() {
    let (server, folder) = (Server::start(), Folder::create());
    let path = folder.write("source", &content(16 * MIB));
    let transfers = transfers(&server);
    let upload = || transfers.upload("b", "k", Source::path(&path)).checkpoint_file(folder.path("checkpoint"));
    let copy = || {
        let copy = transfers.copy("b", "k", CopySource::new("b", "source")).part_size(PART);
        copy.checkpoint_file(folder.path("checkpoint"))
    };
    for (kind, part) in [(Kind::Upload, "UploadPart"), (Kind::Copy, "UploadPartCopy")] {
        server.clear_log();
        server.store().put("b/source", content(16 * MIB));
        server.faults(move |request, count| match (request.operation(), count) {
            (operation, 2..) if operation == part => Fault::Error(403, "AccessDenied"),
            ("ListParts", 0 | 1) => Fault::Stall,
            _ => Fault::None,
        });
        match kind {
            Kind::Upload => drop(upload().send().await.unwrap_err()),
            _ => drop(copy().send().await.unwrap_err()),
        }
        for is_abort in [false, true] {
            let is_resuming = || server.requests("ListParts").len() > usize::from(is_abort);
            match kind {
                Kind::Upload => stop(upload().start(), is_abort, is_resuming).await,
                _ => stop(copy().start(), is_abort, is_resuming).await,
            }
            assert_eq!(server.store().uploads.len(), usize::from(!is_abort), "{kind:?} is aborted: {is_abort}");
            assert_eq!(folder.path("checkpoint").exists(), !is_abort, "{kind:?} is aborted: {is_abort}");
        }
    }
}

async fn stop<T: Send + 'static>(transfer: Transfer<T>, is_abort: bool, is_resuming: impl Fn() -> bool) {
    until(is_resuming).await;
    match is_abort {
        true => transfer.abort().await.unwrap(),
        false => assert!(matches!(transfer.pause().await.unwrap(), Paused::At(_))),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overloaded_server_gets_fewer_requests_at_a_time() {
    let server = Server::start();
    let transfers = transfers(&server);
    let mut seen = std::collections::BTreeSet::new();
    server.faults(move |request, _| match request.operation() {
        // The first attempt of some parts.
        "UploadPart" if seen.len() < 6 && seen.insert(request.query["partNumber"].clone()) => Fault::SlowDown,
        _ => Fault::None,
    });
    let transfer = transfers.upload("b", "k", Source::bytes(content(60 * MIB))).start();
    let mut events = transfer.events();
    let mut last = transfer.progress();
    while let Some(progress) = events.next().await {
        assert!(progress.bytes >= last.bytes, "progress never goes back");
        last = progress;
        if progress.bytes == 60 * MIB as u64 {
            break;
        }
    }
    transfer.wait().await.unwrap();
    assert!(last.retries > 0, "{last:?}");
    let debug = format!("{transfers:?}");
    let limit = debug.split("limit: ").nth(1).and_then(|it| it.split(',').next()).unwrap();
    assert!(limit.parse::<usize>().unwrap() < 8, "{debug}");
}
