//! What transfers of one client share: which of them goes first, and how many bytes a second pass.

use std::time::{Duration, Instant};

use aws_core::ByteStream;
use aws_s3::custom::CopySource;
use aws_s3_transfer::folder::Location;
use aws_s3_transfer::{Source, Target};

use crate::server::{Fault, Server};
use crate::{Folder, MIB, PART, builder, content, until};

/// So long no transfer here takes.
const MINUTE: Duration = Duration::from_secs(60);

/// An urgent transfer has each place that another leaves, whatever the other is, and from when on it is less urgent.
#[tokio::test(flavor = "multi_thread")]
async fn parts_of_urgent_transfers_are_sent_first() {
    let server = Server::start();
    let bytes = content(60 * MIB);
    for name in ["src/k", "dir/k"] {
        server.store().put(name, bytes.clone());
    }
    server.delay(Duration::from_millis(20));
    let transfers = builder(&server).concurrency(1).build().unwrap();
    for case in ["urgent", "less urgent later", "less urgent sync", "sync that is less urgent later"] {
        server.clear_log();
        let copy = |to: &str| transfers.copy("b", to, CopySource::new("src", "k")).part_size(PART);
        let sync = || transfers.sync(Location::prefix("dir", ""), Location::prefix("b", case));
        let sync = || sync().copy_with(|_, copy| copy.part_size(PART));
        let (other, urgency) = match case {
            "urgent" => (Some(copy("other").start()), 1),
            "less urgent later" => (Some(copy("other").start()), 0),
            _ => (None, 0),
        };
        let folder = match case {
            "less urgent sync" => Some(sync().priority(-1).start()),
            "sync that is less urgent later" => Some(sync().start()),
            _ => None,
        };
        while server.requests("UploadPartCopy").is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        match (case, &other, &folder) {
            ("less urgent later", Some(other), _) => other.set_priority(-1),
            ("sync that is less urgent later", _, Some(folder)) => folder.set_priority(-1),
            _ => {}
        }
        copy("first").priority(urgency).send().await.unwrap();
        let parts = server.requests("UploadPartCopy");
        let of_first: Vec<_> = parts.iter().map(|it| it.path == "b/first").collect();
        let begin = of_first.iter().position(|it| *it).unwrap();
        let end = of_first.iter().rposition(|it| *it).unwrap();
        let others = of_first[begin..end].iter().filter(|it| !**it).count();
        // Without urgency both take turns. Now and then a task queues its next part only after the place was given away.
        assert!(others <= 4, "{case}: {others} parts of the other between the 12 of the first");
        if let Some(other) = other {
            other.abort().await.unwrap();
        }
        if let Some(folder) = folder {
            folder.abort().await.unwrap();
        }
    }
    server.assert_clean();
}

/// With a limit of one byte a second the first bytes pass, and the next wait for hours: the only place is free meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_limit_of_bytes_holds_no_place() {
    let (server, folder) = (Server::start(), Folder::create());
    let bytes = content(12 * MIB);
    server.store().put("b/k", bytes.clone());
    let unlimited = || builder(&server).concurrency(1);
    let transfers = unlimited().upload_limit(1).build().unwrap();
    let small = || transfers.upload("b", "small", Source::bytes(&b"small"[..]));
    small().send().await.unwrap();
    let stream = ByteStream::from_reader(std::io::Cursor::new(bytes.clone()));
    let uploads = [
        small().start(),
        transfers.upload("b", "parts", Source::bytes(bytes.clone())).start(),
        transfers.upload("b", "stream", Source::stream(stream)).start(),
    ];
    let download = transfers.download("b", "k", Target::memory()).send();
    let download = tokio::time::timeout(MINUTE, download).await.expect("it waits for the uploads");
    assert!(download.unwrap().bytes == bytes);
    for upload in uploads {
        assert!(!upload.progress().is_ended);
        upload.abort().await.unwrap();
    }
    let transfers = unlimited().download_limit(1).build().unwrap();
    let targets = [Target::memory(), Target::path(folder.path("target")), Target::writer(tokio::io::sink())];
    let downloads = targets.map(|target| transfers.download("b", "k", target).start());
    let upload = transfers.upload("b", "parts", Source::bytes(bytes.clone())).send();
    let upload = tokio::time::timeout(MINUTE, upload).await.expect("it waits for the downloads");
    assert_eq!(upload.unwrap().parts, 3);
    for download in downloads {
        assert!(!download.progress().is_ended);
        download.abort().await.unwrap();
    }
    server.assert_clean();
    assert_eq!(folder.names(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_pass_at_the_rate_that_is_set() {
    let server = Server::start();
    let bytes = content(12 * MIB);
    server.store().put("b/k", bytes.clone());
    let rate = 20 * MIB as u64;
    let transfers = builder(&server).upload_limit(rate).download_limit(rate).build().unwrap();
    let start = Instant::now();
    transfers.upload("b", "up", Source::bytes(bytes.clone())).send().await.unwrap();
    // The last of three parts begins when the first two have had their time; a tenth of a second is saved up.
    assert!(start.elapsed() >= Duration::from_millis(390), "{:?}", start.elapsed());
    let start = Instant::now();
    let (one, two) = tokio::join!(
        transfers.download("b", "k", Target::memory()).send(),
        transfers.download("b", "k", Target::writer(tokio::io::sink())).send()
    );
    assert_eq!((one.unwrap().bytes.len(), two.unwrap().size), (12 * MIB, 12 * MIB as u64));
    assert!(start.elapsed() >= Duration::from_millis(900), "{:?}", start.elapsed());
}

/// With a limit of one byte a second the bytes of a part have their time after two months.
#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_upload_gives_back_the_bytes_that_it_did_not_send() {
    let server = Server::start();
    server.store().put("b/k", content(1000));
    server.faults(|request, _| if request.operation() == "GetObject" { Fault::Stall } else { Fault::None });
    let transfers = builder(&server).concurrency(1).upload_limit(1).build().unwrap();
    let sources = [("one request", 1000), ("parts", 12 * MIB)];
    for (name, size) in sources {
        let stalled = transfers.download("b", "k", Target::memory()).start();
        until(|| format!("{transfers:?}").contains("running: 1")).await;
        let upload = transfers.upload("b", name, Source::bytes(content(size))).start();
        // It has taken its bytes, and waits for the only place.
        until(|| format!("{transfers:?}").contains("waiting: 1")).await;
        upload.abort().await.unwrap();
        stalled.abort().await.unwrap();
        let next = transfers.upload("b", "next", Source::bytes(&b""[..])).send();
        let next = tokio::time::timeout(MINUTE, next).await;
        next.unwrap_or_else(|_| panic!("it waits for the bytes of {name}")).unwrap();
    }
    server.assert_clean();
}

/// The bytes of a part, or as many of one response for all, have one turn, not a turn for each chunk.
#[tokio::test(flavor = "multi_thread")]
async fn a_small_download_passes_beside_a_large_one() {
    let server = Server::start();
    let bytes = content(100 * MIB);
    server.store().put("b/large", bytes.clone());
    server.store().put("b/small", content(4 * MIB));
    let transfers = builder(&server).download_limit(10 * MIB as u64).build().unwrap();
    for is_stream in [false, true] {
        let large = transfers.download("b", "large", Target::writer(tokio::io::sink())).start();
        for _ in 0..3 {
            let mut size = 0;
            if is_stream {
                let mut body = transfers.stream("b", "small").read_ahead(0).send().await.unwrap().body;
                while let Some(chunk) = body.try_next().await.unwrap() {
                    size += chunk.len();
                }
            } else {
                size += transfers.download("b", "small", Target::memory()).send().await.unwrap().bytes.len();
            }
            assert_eq!(size, 4 * MIB);
        }
        assert!(!large.progress().is_ended, "is a stream: {is_stream}");
        large.abort().await.unwrap();
    }
}
