//! Downloads: to every kind of target, in as few requests as possible, all of one object, with a verdict.

use aws_s3_transfer::{Checksum, ErrorKind, Meter, Paused, Target, Unvalidated, Verdict};

use crate::server::{Fault, Server};
use crate::{Folder, MIB, PART, builder, content, read, transfers};

const VALID: Verdict = Verdict::Validated(Checksum::Crc64Nvme);

#[tokio::test(flavor = "multi_thread")]
async fn every_target_gets_the_object_in_as_few_requests_as_possible() {
    let (server, folder) = (Server::start(), Folder::create());
    let transfers = transfers(&server);
    for (size, gets) in [(0, 2), (1, 1), (PART as usize, 1), (PART as usize + 1, 2), (22 * MIB, 5)] {
        let bytes = content(size);
        server.store().put("b/k", bytes.clone());
        let path = folder.path("target");
        let open = std::fs::File::create(folder.path("open")).unwrap();
        let writer = tokio::fs::File::create(folder.path("writer")).await.unwrap();
        let targets = [
            ("target", Target::path(&path).sync()),
            ("open", Target::file(open, 3)),
            ("writer", Target::writer(writer)),
            ("memory", Target::memory()),
        ];
        for (name, target) in targets {
            server.clear_log();
            let downloaded = transfers.download("b", "k", target).send().await.unwrap();
            assert_eq!((downloaded.size, downloaded.verdict), (size as u64, VALID), "{name} {size}");
            assert!(downloaded.output.e_tag.is_some());
            let arrived = match name {
                "memory" => downloaded.bytes.to_vec(),
                "open" => read(folder.path(name)).split_off(3.min(read(folder.path(name)).len())),
                name => read(folder.path(name)),
            };
            assert!(arrived == bytes, "{name} {size}: {} bytes", arrived.len());
            let heads = usize::from(size > PART as usize);
            let counts = server.counts();
            let count = |it: &str| counts.get(it).copied().unwrap_or_default();
            assert_eq!((count("GetObject"), count("HeadObject")), (gets, heads), "{name} {size}");
        }
        let mut body = transfers.stream("b", "k").send().await.unwrap().body;
        assert_eq!(body.len(), Some(size as u64));
        let mut arrived = Vec::new();
        while let Some(chunk) = body.try_next().await.unwrap() {
            arrived.extend_from_slice(&chunk);
        }
        assert!(arrived == bytes);
    }
    assert_eq!(folder.names(), ["open", "target", "writer"], "no partial files");
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_and_versions_are_those_of_the_request() {
    let server = Server::start();
    let transfers = transfers(&server);
    let bytes = content(22 * MIB);
    server.store().put("b/k", bytes.clone());
    let version = server.store().object("b/k").unwrap().version.clone();
    server.store().put("b/k", content(100));
    for (range, expect) in [
        ("bytes=0-9", &bytes[..10]),
        ("bytes=100-12000000", &bytes[100..12_000_001]),
        ("bytes=7000000-", &bytes[7_000_000..]),
        ("bytes=-5", &bytes[bytes.len() - 5..]),
        ("bytes=20000000-99999999", &bytes[20_000_000..]),
    ] {
        let download = transfers.download("b", "k", Target::memory());
        let downloaded = download.with(|it| it.range(range).version_id(&version)).send().await.unwrap();
        assert!(downloaded.bytes == expect, "{range}");
        assert_eq!(downloaded.verdict, Verdict::NotValidated(Unvalidated::Range), "{range}");
    }
    for (set, kind) in [("bytes=9-0", ErrorKind::Settings), ("bytes=99999999-", ErrorKind::Call)] {
        let error = transfers.download("b", "k", Target::memory()).with(|it| it.range(set)).send().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_replaced_meanwhile_is_never_mixed() {
    let (server, folder) = (Server::start(), Folder::create());
    let transfers = builder(&server).concurrency(1).build().unwrap();
    let bytes = content(22 * MIB);
    server.store().put("b/k", bytes.clone());
    let path = folder.write("target", b"before");
    // A store with versions goes on with the old one; one without says that it is another.
    server.faults(|request, count| match (request.operation(), count) {
        ("GetObject", 2..) => Fault::Error(412, "PreconditionFailed"),
        _ => Fault::None,
    });
    let error = transfers.download("b", "k", Target::path(&path)).send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::ObjectChanged && error.to_string().contains("start again"), "{error}");
    assert_eq!((read(&path), folder.names()), (b"before".to_vec(), vec!["target".to_owned()]));
    server.faults(|_, _| Fault::None);
    let mut object = transfers.stream("b", "k").read_ahead(1).send().await.unwrap();
    server.store().put("b/k", content(5));
    let mut arrived = Vec::new();
    while let Some(chunk) = object.body.try_next().await.unwrap() {
        arrived.extend_from_slice(&chunk);
    }
    assert!(arrived == bytes, "the version of the first response");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_wrong_is_an_error_and_no_file() {
    let (server, folder) = (Server::start(), Folder::create());
    let transfers = transfers(&server);
    for size in [1000, 22 * MIB] {
        server.store().put("b/k", content(size));
        server.clear_log();
        let at = usize::from(size > 1000);
        server.faults(move |request, count| match request.operation() {
            "GetObject" if count == at => Fault::Flip,
            _ => Fault::None,
        });
        let download = |target| transfers.download("b", "k", target);
        let error = download(Target::path(folder.path("x"))).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Checksum, "{error}");
        server.clear_log();
        let error = download(Target::memory()).send().await.unwrap_err();
        assert!(error.to_string().contains("download it again"), "{error}");
        server.clear_log();
        let mut body = transfers.stream("b", "k").send().await.unwrap().body;
        let mut arrived = 0;
        let error = loop {
            match body.next().await {
                Some(Ok(chunk)) => arrived += chunk.len(),
                Some(Err(error)) => break error,
                None => panic!("the body ended"),
            }
        };
        assert!(error.kind() == aws_core::ErrorKind::Checksum && arrived < size, "{error} after {arrived} of {size}");
        server.clear_log();
        let unchecked = download(Target::memory()).validate(false).send().await.unwrap();
        assert_eq!(unchecked.verdict, Verdict::NotValidated(Unvalidated::Disabled));
    }
    assert_eq!(folder.names(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_stream_is_continued_by_range() {
    let server = Server::start();
    let transfers = transfers(&server);
    let bytes = content(3 * MIB);
    server.store().put("b/k", bytes.clone());
    server.faults(|request, count| match request.operation() {
        "GetObject" if count < 4 => Fault::Cut(100_000 * (count + 1)),
        _ => Fault::None,
    });
    let downloaded = transfers.download("b", "k", Target::memory()).send().await.unwrap();
    assert!(downloaded.bytes == bytes && downloaded.verdict == VALID);
    let requests = server.requests("GetObject");
    assert_eq!(requests.len(), 5);
    assert!(requests[1..].iter().all(|it| it.header("if-match").is_some()));
    assert_eq!(requests[4].header("range"), Some("bytes=1000000-3145727"));
    // A request of the caller's own, as it is.
    server.clear_log();
    let own = transfers.client().get_object("b", "k");
    let mut body = transfers.stream_of(own).read_ahead(0).send().await.unwrap().body;
    let mut arrived = Vec::new();
    while let Some(chunk) = body.try_next().await.unwrap() {
        arrived.extend_from_slice(&chunk);
    }
    assert!(arrived == bytes);
    let requests = server.requests("GetObject");
    assert!(requests.len() == 5 && requests[0].header("range").is_none());
    // Without an end it is an error.
    server.clear_log();
    server.faults(|request, _| if request.operation() == "GetObject" { Fault::Cut(0) } else { Fault::None });
    let error = transfers.download("b", "k", Target::memory()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Call, "{error}");
    assert!(server.counts()["GetObject"] <= 20);
    server.clear_log();
    server.faults(|request, _| if request.operation() == "GetObject" { Fault::Empty } else { Fault::None });
    let error = transfers.download("b", "k", Target::memory()).send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Call && error.to_string().contains("are empty"), "{error}");
    assert!(server.counts()["GetObject"] <= 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_response_for_all_is_read_as_fast_as_its_reader_asks() {
    let server = Server::start();
    let bytes = content(32 * MIB);
    server.store().put("b/k", bytes.clone());
    for (is_range_ignored, read_ahead) in [(false, 0), (true, 0), (true, 2)] {
        server.store().is_range_ignored = is_range_ignored;
        let transfers = builder(&server).concurrency(1).build().unwrap();
        let meter = Meter::new();
        let stream = transfers.stream("b", "k").read_ahead(read_ahead).meter(&meter);
        let mut body = stream.send().await.unwrap().body;
        let mut arrived = body.try_next().await.unwrap().unwrap().to_vec();
        // Meanwhile the only place is free for another transfer, which takes as long as all of the stream would.
        let target = Target::writer(tokio::io::sink());
        let other = transfers.download("b", "k", target).send();
        let other = tokio::time::timeout(std::time::Duration::from_secs(60), other).await.expect("it hangs");
        assert_eq!(other.unwrap().size, bytes.len() as u64);
        let read = meter.progress().bytes;
        assert!(read < 2 * MIB as u64, "{read} bytes were read for {}", arrived.len());
        while let Some(chunk) = body.try_next().await.unwrap() {
            arrived.extend_from_slice(&chunk);
        }
        assert!(arrived == bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_download_goes_on_where_it_was() {
    let (server, folder) = (Server::start(), Folder::create());
    let bytes = content(42 * MIB);
    server.store().put("b/k", bytes.clone());
    server.delay(std::time::Duration::from_millis(60));
    let transfers = builder(&server).concurrency(2).build().unwrap();
    let path = folder.path("target");
    let transfer = transfers.download("b", "k", Target::path(&path)).start();
    let mut events = transfer.events();
    while events.next().await.is_some_and(|it| it.parts < 3) {}
    let Paused::At(checkpoint) = transfer.pause().await.unwrap() else { panic!("it was faster") };
    let there = checkpoint.parts.len();
    assert!((3..9).contains(&there), "{there}");
    assert!(!path.exists() && folder.names().len() == 1, "{:?}", folder.names());
    server.clear_log();
    let resumed = |text: String| transfers.download("b", "k", Target::path(&path)).resume(text.parse().unwrap());
    let downloaded = resumed(checkpoint.to_string()).send().await.unwrap();
    assert_eq!((downloaded.size, downloaded.verdict), (bytes.len() as u64, VALID));
    assert!(read(&path) == bytes && folder.names() == ["target"]);
    // Two requests were in flight, and may have been read by the server only now.
    assert!(server.counts()["GetObject"] <= 9 - there + 2);
    let error = resumed(checkpoint.to_string()).send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Checkpoint && error.to_string().contains("partial file"), "{error}");
    // The file of a checkpoint that a complete download left behind leads to nothing: it begins again.
    let file = folder.write("checkpoint", checkpoint.to_string().as_bytes());
    let again = transfers.download("b", "k", Target::path(&path)).checkpoint_file(&file).send().await.unwrap();
    assert_eq!((again.verdict, folder.names()), (VALID, vec!["target".to_owned()]));
    server.store().objects.clear();
    server.store().put("b/k", content(42 * MIB));
    let error = resumed(checkpoint.to_string()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "the version is gone: {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_that_cannot_be_written_say_why() {
    let (server, folder) = (Server::start(), Folder::create());
    let transfers = transfers(&server);
    server.store().put("b/k", content(1000));
    let taken = folder.write("taken", b"mine");
    let download = |target| transfers.download("b", "k", target).send();
    let error = download(Target::path(&taken).no_overwrite()).await.unwrap_err();
    assert_eq!((error.kind(), read(&taken)), (ErrorKind::TargetExists, b"mine".to_vec()));
    let error = download(Target::path(folder.path("no/such/folder"))).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Target && error.to_string().contains("create its folder"), "{error}");
    let error = download(Target::path(folder.path("."))).await.unwrap_err();
    assert!(error.to_string().contains("is a folder"), "{error}");
    #[cfg(target_os = "linux")]
    {
        let error = download(Target::path("/dev/full")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Target, "{error}");
        download(Target::path("/dev/null")).await.unwrap();
    }
    let error = transfers.download("b", "absent", Target::path(folder.path("x"))).send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::NotFound && error.to_string().contains("s3://b/absent"), "{error}");
    assert_eq!(folder.names(), ["taken"]);
    download(Target::path(folder.path("new")).no_overwrite()).await.unwrap();
    assert_eq!(folder.names(), ["new", "taken"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_that_a_partial_file_has_lost_are_read_again() {
    let (server, folder) = (Server::start(), Folder::create());
    let bytes = content(32 * MIB);
    server.store().put("b/k", bytes.clone());
    let transfers = builder(&server).concurrency(1).build().unwrap();
    let download = || {
        let download = transfers.download("b", "k", Target::path(folder.path("target")).no_overwrite());
        download.checkpoint_file(folder.path("checkpoint"))
    };
    server.faults(|request, count| match (request.operation(), count) {
        ("GetObject", 4..) => Fault::Error(403, "AccessDenied"),
        _ => Fault::None,
    });
    let error = download().send().await.unwrap_err();
    let checkpoint = error.checkpoint().unwrap();
    assert_eq!(checkpoint.parts.len(), 4, "{error}");
    let partial = std::fs::OpenOptions::new().write(true).open(&checkpoint.partial).unwrap();
    partial.set_len(2 * PART + 1).unwrap();
    server.faults(|_, _| Fault::None);
    server.clear_log();
    let downloaded = download().send().await.unwrap();
    assert_eq!((downloaded.verdict, server.counts()["GetObject"]), (VALID, 5));
    assert!(read(folder.path("target")) == bytes);
    assert_eq!(folder.names(), ["target"], "neither checkpoint nor partial file");
}
