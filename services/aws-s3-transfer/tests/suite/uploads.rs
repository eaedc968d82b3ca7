//! Uploads: from every kind of source, in as few requests as possible, with all settings on every request.

use aws_core::ByteStream;
use aws_s3_transfer::{Checksum, ErrorKind, Paused, Source, Transfers};
use bytes::Bytes;

use crate::server::{Fault, Server};
use crate::store::{Part, Upload, base64, crc64, now};
use crate::{Folder, MIB, PART, builder, content, transfers};

/// A stream in chunks of a size that fits no part.
fn stream(bytes: &[u8]) -> ByteStream {
    struct Chunks(Vec<Bytes>);
    impl futures_core::Stream for Chunks {
        type Item = std::io::Result<Bytes>;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(self.0.pop().map(Ok))
        }
    }
    let mut chunks: Vec<_> = bytes.chunks(300_007).map(Bytes::copy_from_slice).collect();
    chunks.reverse();
    ByteStream::from_stream(Chunks(chunks))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_source_arrives_in_as_few_requests_as_possible() {
    let (server, folder) = (Server::start(), Folder::create());
    let transfers = transfers(&server);
    for (size, parts) in [(0, 1), (1, 1), (100_000, 1), (PART as usize - 1, 1), (PART as usize, 1), (12 * MIB, 3)] {
        let bytes = content(size);
        let path = folder.write("source", &bytes);
        let larger = folder.write("larger", &[b"before", &*bytes, b"after"].concat());
        let sources = [
            ("path", Source::path(&path)),
            ("range", Source::file_range(&larger, 6, Some(size as u64))),
            ("bytes", Source::bytes(bytes.clone())),
            ("stream", Source::stream(stream(&bytes))),
            ("known", Source::stream(stream(&bytes).with_len(size as u64))),
            ("reader", Source::reader(std::io::Cursor::new(bytes.clone()))),
        ];
        for (name, source) in sources {
            server.clear_log();
            let uploaded = transfers.upload("b", name, source).send().await.unwrap();
            assert_eq!((uploaded.size, uploaded.parts), (size as u64, parts), "{name}");
            let counts = server.counts();
            let expect: Vec<(&str, usize)> = match size < PART as usize {
                true => vec![("PutObject", 1)],
                false => {
                    vec![("CompleteMultipartUpload", 1), ("CreateMultipartUpload", 1), ("UploadPart", parts as usize)]
                }
            };
            assert_eq!(counts.into_iter().collect::<Vec<_>>(), expect, "{name} {size}");
            let store = server.store();
            let object = store.object(&format!("b/{name}")).unwrap();
            assert!(object.data == bytes, "{name} {size}");
            assert_eq!(object.sum, Some(base64(crc64(&bytes))), "{name}: the checksum of the whole is stored");
            assert!(uploaded.output.e_tag == Some(object.e_tag.clone()) && uploaded.output.version_id.is_some());
        }
    }
    server.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_hold_for_every_request() {
    let server = Server::start();
    let bytes = content(11 * MIB);
    let upload = transfers(&server).upload("b", "k", Source::bytes(bytes)).with(|put| {
        put.content_type("text/plain")
            .metadata([("a", "b")])
            .tagging("x=y")
            .storage_class("STANDARD_IA")
            .request_payer("requester")
            .expected_bucket_owner("111122223333")
            .sse_customer_algorithm("AES256")
            .sse_customer_key("0123456789abcdef0123456789abcdef")
            .if_none_match("*")
            .with_options(aws_core::Options::new().header("x-trace", "t"))
    });
    upload.send().await.unwrap();
    let has = |operation: &str, names: &[&str], missing: &[&str]| {
        for request in server.requests(operation) {
            let headers = &request.headers;
            assert!(names.iter().all(|it| headers.contains_key(*it)), "{operation}: {names:?} in {headers:?}");
            assert!(!missing.iter().any(|it| headers.contains_key(*it)), "{operation}: {missing:?} in {headers:?}");
        }
    };
    let key = ["x-amz-server-side-encryption-customer-key", "x-amz-server-side-encryption-customer-key-md5"];
    let all = ["x-amz-request-payer", "x-amz-expected-bucket-owner", "x-trace", key[0], key[1]];
    let object = ["content-type", "x-amz-meta-a", "x-amz-tagging", "x-amz-storage-class"];
    has("CreateMultipartUpload", &[&all[..], &object[..]].concat(), &["if-none-match"]);
    has("UploadPart", &[&all[..], &["x-amz-checksum-crc64nvme"]].concat(), &object[1..]);
    let complete = ["if-none-match", "x-amz-checksum-crc64nvme", "x-amz-checksum-type", "x-amz-mp-object-size"];
    has("CompleteMultipartUpload", &[&all[..], &complete[..]].concat(), &object[1..]);
    assert_eq!(server.store().object("b/k").unwrap().tags, [("x".to_owned(), "y".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checksum_of_the_callers_own_is_that_of_the_whole() {
    let server = Server::start();
    let transfers = transfers(&server);
    let bytes = content(11 * MIB);
    let value = base64(crc64(&bytes));
    for size in [1000, bytes.len()] {
        let part = bytes[..size].to_vec();
        let right = base64(crc64(&part));
        let upload = || transfers.upload("b", "k", Source::bytes(part.clone()));
        upload().with(|it| it.checksum_crc64_nvme(&right)).send().await.unwrap();
        let error = upload().with(|it| it.checksum_crc64_nvme("AAAAAAAAAAA=")).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Checksum, "{error}");
    }
    let upload = || transfers.upload("b", "k", Source::bytes(bytes.clone()));
    let error = upload().with(|it| it.content_md5("x")).send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Settings && error.to_string().contains("set a checksum"), "{error}");
    let error = upload().with(|it| it.checksum_crc64_nvme(&value).checksum_crc32("AAAAAA==")).send().await.unwrap_err();
    assert!(error.to_string().contains("more than one checksum is set: CRC32, CRC64NVME"), "{error}");
    server.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_algorithm_protects_every_request() {
    let server = Server::start();
    let all = [
        (Checksum::Crc32, "crc32"),
        (Checksum::Crc32c, "crc32c"),
        (Checksum::Crc64Nvme, "crc64nvme"),
        (Checksum::Sha1, "sha1"),
        (Checksum::Sha256, "sha256"),
        (Checksum::Sha512, "sha512"),
        (Checksum::Md5, "md5"),
        (Checksum::XxHash64, "xxhash64"),
        (Checksum::XxHash3, "xxhash3"),
        (Checksum::XxHash128, "xxhash128"),
    ];
    for (checksum, name) in all {
        for size in [1000, 6 * MIB] {
            server.clear_log();
            let upload = transfers(&server).upload("b", name, Source::bytes(content(size))).checksum(checksum);
            upload.send().await.unwrap_or_else(|it| panic!("{name} {size}: {it}"));
            let header = format!("x-amz-checksum-{name}");
            let requests = [server.requests("PutObject"), server.requests("UploadPart")].concat();
            assert!(
                !requests.is_empty() && requests.iter().all(|it| it.headers.contains_key(&header)),
                "{name} {size}"
            );
            for create in server.requests("CreateMultipartUpload") {
                assert_eq!(create.header("x-amz-checksum-algorithm"), Some(&*name.to_uppercase()));
            }
        }
    }
    server.clear_log();
    for size in [1000, 6 * MIB] {
        let upload = transfers(&server).upload("b", "none", Source::bytes(content(size))).checksum(Checksum::None);
        upload.send().await.unwrap();
    }
    for operation in ["PutObject", "UploadPart", "CreateMultipartUpload", "CompleteMultipartUpload"] {
        for request in server.requests(operation) {
            let names: Vec<_> = request.headers.keys().filter(|it| it.contains("checksum")).collect();
            assert_eq!(names, [""; 0], "{operation}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changes_stores_nothing() {
    let (server, folder) = (Server::start(), Folder::create());
    let transfers = builder(&server).concurrency(1).build().unwrap();
    for (change, expect) in [("shrink", "became shorter"), ("grow", "became longer"), ("touch", "was written to")] {
        let path = folder.write("source", &content(12 * MIB));
        let changed = path.clone();
        server.faults(move |request, count| {
            if request.operation() == "UploadPart" && count % 3 == 0 {
                let file = std::fs::OpenOptions::new().write(true).open(&changed).unwrap();
                match change {
                    "shrink" => file.set_len(MIB as u64).unwrap(),
                    "grow" => file.set_len(20 * MIB as u64).unwrap(),
                    _ => file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap(),
                }
            }
            Fault::None
        });
        server.clear_log();
        let error = transfers.upload("b", "k", Source::path(&path)).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SourceChanged, "{error}");
        assert!(error.to_string().contains(expect), "{error}");
        assert!(server.store().object("b/k").is_none());
        server.assert_clean();
    }
    for (path, expect) in [(folder.path("absent"), "cannot read"), (folder.path("."), "is a folder")] {
        let error = transfers.upload("b", "k", Source::path(path)).send().await.unwrap_err();
        assert!(error.kind() == ErrorKind::Source && error.to_string().contains(expect), "{error}");
    }
    let small = folder.write("small", b"123");
    let error = transfers.upload("b", "k", Source::file_range(small, 2, Some(9))).send().await.unwrap_err();
    assert!(error.to_string().contains("has 3 bytes, but 9 bytes from byte 2 are wanted"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_stream_leaves_nothing() {
    let server = Server::start();
    let short = Source::stream(stream(&content(11 * MIB)).with_len(12 * MIB as u64));
    let error = transfers(&server).upload("b", "k", short).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Source, "{error}");
    server.assert_clean();
    assert!(server.store().object("b/k").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_upload_goes_on_where_it_was() {
    let (server, folder) = (Server::start(), Folder::create());
    let bytes = content(42 * MIB);
    let path = folder.write("source", &bytes);
    let transfers = builder(&server).concurrency(2).build().unwrap();
    server.delay(std::time::Duration::from_millis(60));
    let transfer = transfers.upload("b", "k", Source::path(&path)).start();
    let mut events = transfer.events();
    while events.next().await.is_some_and(|it| it.parts < 3) {}
    let progress = transfer.progress();
    assert!(progress.is_total_known && progress.total == bytes.len() as u64 && progress.bytes >= 3 * PART);
    let Paused::At(checkpoint) = transfer.pause().await.unwrap() else { panic!("it was faster") };
    let sent = checkpoint.parts.len();
    assert!((3..9).contains(&sent), "{sent}");
    server.clear_log();
    // In another process: all there is is the text.
    let checkpoint = checkpoint.to_string().parse().unwrap();
    let other = Transfers::builder(transfers.client()).part_size(PART * 3).build().unwrap();
    let resumed = other.upload("b", "k", Source::path(&path)).resume(checkpoint).send().await.unwrap();
    assert_eq!((resumed.size, resumed.parts), (bytes.len() as u64, 9));
    assert!(server.store().object("b/k").unwrap().data == bytes);
    // Those in flight at the pause may be counted, too.
    assert!(server.counts()["UploadPart"] <= 9 - sent + 2, "what has arrived is not sent again");
    server.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_says_if_there_is_nothing_to_resume() {
    let server = Server::start();
    server.delay(std::time::Duration::from_millis(60));
    let transfers = builder(&server).concurrency(1).build().unwrap();
    let transfer = transfers.upload("b", "k", Source::bytes(content(1000))).start();
    assert!(matches!(transfer.pause().await.unwrap(), Paused::NotKept));
    let transfer = transfers.upload("b", "k", Source::stream(stream(&content(22 * MIB)))).start();
    let mut events = transfer.events();
    while events.next().await.is_some_and(|it| it.parts < 2) {}
    assert!(matches!(transfer.pause().await.unwrap(), Paused::NotKept));
    server.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_or_dropped_upload_leaves_nothing() {
    let server = Server::start();
    server.delay(std::time::Duration::from_millis(60));
    let transfers = builder(&server).concurrency(2).build().unwrap();
    let start = || transfers.upload("b", "k", Source::bytes(content(42 * MIB))).start();
    let transfer = start();
    let mut events = transfer.events();
    while events.next().await.is_some_and(|it| it.parts < 2) {}
    transfer.abort().await.unwrap();
    server.assert_clean();
    let transfer = start();
    let mut events = transfer.events();
    while events.next().await.is_some_and(|it| it.parts < 2) {}
    drop(transfer);
    // The meter is gone when the task has ended.
    while events.next().await.is_some() {}
    server.assert_clean();
    assert!(server.store().object("b/k").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_of_something_else_is_an_error_that_says_so() {
    let (server, folder) = (Server::start(), Folder::create());
    let path = folder.write("source", &content(22 * MIB + 1));
    let source = |offset| Source::file_range(&path, offset, Some(22 * MIB as u64));
    let transfers = builder(&server).concurrency(1).build().unwrap();
    server.faults(|request, count| match (request.operation(), count) {
        ("UploadPart", 2..) => Fault::Error(403, "AccessDenied"),
        _ => Fault::None,
    });
    let upload = || transfers.upload("b", "k", source(0));
    let error = upload().send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Call && error.checkpoint().is_none(), "{error}");
    assert_eq!(error.call().unwrap().code(), Some("AccessDenied"));
    server.assert_clean();
    server.clear_log();
    let error = upload().keep_on_failure(true).send().await.unwrap_err();
    let checkpoint = error.checkpoint().unwrap().clone();
    assert_eq!(checkpoint.parts.len(), 2);
    server.faults(|_, _| Fault::None);

    let error = transfers.upload("b", "other", source(0)).resume(checkpoint.clone()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Checkpoint, "{error}");
    let error = transfers.upload("b", "k", Source::bytes(content(22 * MIB))).resume(checkpoint.clone()).send().await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::SourceChanged);
    // The same file and length, from another byte on.
    let error = transfers.upload("b", "k", source(1)).resume(checkpoint.clone()).send().await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::SourceChanged);
    let error = transfers.download("b", "k", folder.path("x")).resume(checkpoint.clone()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Checkpoint, "{error}");

    // Another process sent a part into the same upload.
    let id = checkpoint.upload_id.clone();
    let before = server.store().uploads[&id].parts[&1].clone();
    server.store().uploads.get_mut(&id).unwrap().parts.get_mut(&1).unwrap().e_tag = "\"other\"".into();
    let error = upload().resume(checkpoint.clone()).send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::PartsDiffer && error.to_string().contains("start again"), "{error}");
    server.store().uploads.get_mut(&id).unwrap().parts.insert(1, before);
    upload().resume(checkpoint.clone()).send().await.unwrap();
    server.assert_clean();

    // Complete, but the process did not learn of it: the object is there.
    let again = upload().resume(checkpoint.clone()).send().await.unwrap();
    assert_eq!(again.parts, 5);
    server.store().objects.clear();
    let error = upload().resume(checkpoint).send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::UploadGone && error.to_string().contains("start it again"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_and_requests_in_flight_are_limited() {
    let server = Server::start();
    server.delay(std::time::Duration::from_millis(10));
    let transfers = builder(&server).memory(3 * PART).concurrency(64).build().unwrap();
    let folder = Folder::create();
    let path = folder.write("source", &content(60 * MIB));
    let running: Vec<_> =
        (0..4).map(|it| transfers.upload("b", format!("k{it}"), Source::path(&path)).start()).collect();
    for transfer in running {
        transfer.wait().await.unwrap();
    }
    assert!(server.peak() <= 3, "three parts have memory, but {} were in flight", server.peak());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_uploaded_while_the_same_transfers_read_it() {
    let server = Server::start();
    let bytes = content(6 * PART as usize);
    server.store().put("b/source", bytes.clone());
    let cases = [1, 2].into_iter().flat_map(|it| [(it, 0, 1), (it, 2, 1), (it, 0, 7), (it, 2, 7)]);
    for (concurrency, read_ahead, threshold) in cases {
        let transfers = builder(&server).multipart_threshold(threshold * PART).concurrency(concurrency);
        let transfers = transfers.build().unwrap();
        let pipe = async {
            let body = transfers.stream("b", "source").read_ahead(read_ahead).send().await.unwrap().body;
            transfers.upload("b", "k", Source::stream(body)).send().await.unwrap()
        };
        let piped = tokio::time::timeout(std::time::Duration::from_secs(60), pipe).await;
        let uploaded =
            piped.unwrap_or_else(|_| panic!("{concurrency} at a time, {read_ahead} ahead, {threshold}: it hangs"));
        let parts = if threshold > 6 { 1 } else { 6 };
        assert_eq!((uploaded.size, uploaded.parts), (bytes.len() as u64, parts));
        assert!(server.store().object("b/k").unwrap().data == bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_another_process_is_not_taken() {
    let (server, folder) = (Server::start(), Folder::create());
    let path = folder.write("source", &content(11 * MIB));
    let transfers = transfers(&server);
    let upload = || transfers.upload("b", "k", Source::path(&path)).checkpoint_file(folder.path("checkpoint"));
    // Checkpoint without an id: as if the process had ended while it created the upload.
    for has_parts in [true, false] {
        server.clear_log();
        server.faults(|request, _| match request.operation() {
            "CreateMultipartUpload" => Fault::Close,
            _ => Fault::None,
        });
        upload().send().await.unwrap_err();
        server.faults(|_, _| Fault::None);
        let data = b"another's".to_vec();
        let part = Part { e_tag: "\"x\"".into(), sum: crc64(&data), data };
        let parts = if has_parts { [(1, part)].into() } else { Default::default() };
        let headers = [("x-amz-checksum-algorithm", "CRC64NVME"), ("x-amz-checksum-type", "FULL_OBJECT")];
        let headers = headers.map(|it| (it.0.to_owned(), it.1.to_owned())).into();
        let other = Upload { key: "b/k".into(), headers, parts, initiated: now() };
        server.store().uploads.insert("other".into(), other);
        upload().send().await.unwrap();
        let is_left = server.store().uploads.remove("other").is_some();
        assert_eq!(is_left, has_parts, "one without parts is what this transfer began");
        server.assert_clean();
        assert_eq!(folder.names(), ["source"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_response_to_a_conditional_completion_is_no_failure() {
    let server = Server::start();
    let upload = || transfers(&server).upload("b", "k", Source::bytes(content(11 * MIB)));
    for is_lost in [true, false] {
        server.store().objects.clear();
        server.clear_log();
        server.faults(move |request, count| match (request.operation(), count) {
            ("CompleteMultipartUpload", 0) if is_lost => Fault::CloseAfter,
            ("CompleteMultipartUpload", 0) => Fault::SlowDown,
            ("CompleteMultipartUpload", _) => Fault::Error(412, "PreconditionFailed"),
            _ => Fault::None,
        });
        let sent = upload().with(|it| it.if_none_match("*")).send().await.map(drop).map_err(|it| it.kind());
        assert_eq!(sent, if is_lost { Ok(()) } else { Err(ErrorKind::Condition) });
        assert_eq!(server.store().object("b/k").is_some(), is_lost);
        server.assert_clean();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_the_service_refused_leaves_nothing_to_look_for() {
    let (server, folder) = (Server::start(), Folder::create());
    let path = folder.write("source", &content(12 * MIB));
    let transfers = transfers(&server);
    let upload = || transfers.upload("b", "k", Source::path(&path)).checkpoint_file(folder.path("checkpoint"));
    server.faults(|request, _| match request.operation() {
        "CreateMultipartUpload" | "ListMultipartUploads" => Fault::Error(403, "AccessDenied"),
        _ => Fault::None,
    });
    let error = upload().send().await.unwrap_err();
    assert_eq!(error.call().unwrap().operation(), Some("CreateMultipartUpload"), "{error}");
    assert!(!folder.path("checkpoint").exists());
    // Whether this one began is not known.
    server.faults(|request, _| match request.operation() {
        "CreateMultipartUpload" => Fault::Close,
        "ListMultipartUploads" => Fault::Error(403, "AccessDenied"),
        _ => Fault::None,
    });
    upload().send().await.unwrap_err();
    let error = upload().send().await.unwrap_err().to_string();
    assert!(error.contains("remove the checkpoint") && error.contains("ListMultipartUploads"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_id_cannot_be_noted_is_removed() {
    let server = Server::start();
    let bytes = content(12 * MIB);
    server.store().put("b/source", bytes.clone());
    for is_copy in [false, true] {
        let folder = Folder::create();
        let checkpoint = folder.path("checkpoints/one");
        let checkpoints = folder.path("checkpoints");
        std::fs::create_dir(&checkpoints).unwrap();
        server.faults(move |request, _| {
            if request.operation() == "CreateMultipartUpload" {
                std::fs::remove_dir_all(&checkpoints).unwrap();
            }
            Fault::None
        });
        let error = match is_copy {
            false => {
                let upload = transfers(&server).upload("b", "k", Source::path(folder.write("source", &bytes)));
                upload.checkpoint_file(checkpoint).send().await.unwrap_err()
            }
            true => {
                let copy = transfers(&server).copy("b", "k", aws_s3::custom::CopySource::new("b", "source"));
                copy.part_size(PART).checkpoint_file(checkpoint).send().await.unwrap_err()
            }
        };
        assert!(error.kind() == ErrorKind::Checkpoint && error.to_string().contains("cannot write"), "{error}");
        server.assert_clean();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_within_the_memory_budget_until_they_are_sent() {
    use std::sync::atomic::{AtomicU64, Ordering};
    const BUDGET: u64 = 2 * PART;
    // Objects in one request, and in parts.
    for len in [4 * MIB, PART as usize + 1] {
        let server = std::sync::Arc::new(Server::start());
        let transfers = builder(&server).multipart_threshold(PART).memory(BUDGET).concurrency(1).build().unwrap();
        let (read, most) = (std::sync::Arc::new(AtomicU64::new(0)), std::sync::Arc::new(AtomicU64::new(0)));
        let running: Vec<_> = (0..12)
            .map(|number| {
                let (server, read, most) = (server.clone(), read.clone(), most.clone());
                let stream = stream(&content(len)).inspect(move |chunk: Option<&bytes::Bytes>| {
                    let read = read.fetch_add(chunk.map_or(0, |it| it.len() as u64), Ordering::Relaxed);
                    let sent = [server.requests("PutObject"), server.requests("UploadPart")].concat();
                    let sent: u64 =
                        sent.iter().map(|it| it.header("content-length").unwrap().parse::<u64>().unwrap()).sum();
                    most.fetch_max(read.saturating_sub(sent), Ordering::Relaxed);
                    Ok(())
                });
                transfers.upload("b", format!("k{number}"), Source::stream(stream)).start()
            })
            .collect();
        for upload in running {
            upload.wait().await.unwrap();
        }
        let most = most.load(Ordering::Relaxed);
        assert!(most <= BUDGET + MIB as u64, "{most} bytes were read and not sent");
    }
}
