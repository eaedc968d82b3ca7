//! Copies: in one request or in parts, with what follows the source.

use aws_s3::custom::CopySource;
use aws_s3_transfer::{CopyProperties, ErrorKind, Paused, Source};

use crate::server::{Fault, Server};
use crate::store::{base64, crc64};
use crate::{Folder, MIB, PART, builder, client, content, transfers};

/// Uploads a source with metadata and tags.
async fn put(server: &Server, size: usize) -> Vec<u8> {
    let bytes = content(size);
    let upload = transfers(server).upload("src", "a?b &ü", Source::bytes(bytes.clone()));
    let with = upload.with(|it| it.content_type("text/plain").metadata([("m", "1")]).tagging("x=y%20z"));
    with.send().await.unwrap();
    server.clear_log();
    bytes
}

fn source() -> CopySource {
    CopySource::new("src", "a?b &ü")
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_and_tags_follow_a_copy_in_one_request_and_in_parts_alike() {
    for size in [1000, 12 * MIB] {
        let server = Server::start();
        let bytes = put(&server, size).await;
        let tag = ("x".to_owned(), "y z".to_owned());
        for (properties, metadata, tags) in [
            (CopyProperties::Default, Some("1"), vec![tag.clone()]),
            (CopyProperties::Metadata, Some("1"), vec![]),
            (CopyProperties::None, None, vec![]),
        ] {
            let copy = transfers(&server).copy("dst", "k", source()).part_size(PART).properties(properties);
            let copied = copy.send().await.unwrap();
            assert_eq!(copied.size, size as u64);
            let store = server.store();
            let object = store.object("dst/k").unwrap();
            assert!(object.data == bytes);
            assert_eq!(object.headers.get("x-amz-meta-m").map(String::as_str), metadata, "{properties:?} {size}");
            assert_eq!(object.tags, tags, "{properties:?} {size}");
            assert_eq!(object.sum, Some(base64(crc64(&bytes))));
            assert_eq!(copied.output.e_tag.as_deref(), Some(&*object.e_tag));
        }
        let replace = |it: aws_s3::Request<aws_s3::operation::CopyObject>| {
            it.metadata_directive("REPLACE").metadata([("new", "2")]).tagging_directive("REPLACE").tagging("t=u")
        };
        transfers(&server).copy("dst", "k", source()).part_size(PART).with(replace).send().await.unwrap();
        let store = server.store();
        let object = store.object("dst/k").unwrap();
        assert!(object.headers.contains_key("x-amz-meta-new") && !object.headers.contains_key("x-amz-meta-m"));
        assert_eq!(object.tags, [("t".to_owned(), "u".to_owned())]);
    }
}

/// Gives the source two annotations.
fn annotate(server: &Server) {
    let mut store = server.store();
    let object = store.objects.get_mut("src/a?b &ü").unwrap().last_mut().unwrap();
    object.annotations = [("one", "1".into()), ("two", content(200_000))].map(|it| (it.0.to_owned(), it.1)).into();
}

#[tokio::test(flavor = "multi_thread")]
async fn annotations_follow_a_copy_that_asks_for_them() {
    for size in [1000, 12 * MIB] {
        let server = Server::start();
        put(&server, size).await;
        annotate(&server);
        let source = server.store().object("src/a?b &ü").unwrap().clone();
        let newer = transfers(&server).upload("src", "a?b &ü", Source::bytes(content(9 * MIB)));
        newer.send().await.unwrap();
        let version = self::source().version_id(&source.version);
        for (properties, expect) in [
            (CopyProperties::Default, size == 1000),
            (CopyProperties::WithAnnotations, true),
            (CopyProperties::Metadata, false),
            (CopyProperties::None, false),
        ] {
            let copy = transfers(&server).copy("dst", "k", version.clone()).part_size(PART).properties(properties);
            copy.send().await.unwrap();
            let copied = server.store().object("dst/k").unwrap().annotations.clone();
            let expect = if expect { source.annotations.clone() } else { Default::default() };
            assert!(copied == expect, "{properties:?} {size}: {:?}", copied.keys());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_names_all_that_it_lacks() {
    let server = Server::start();
    put(&server, 12 * MIB).await;
    annotate(&server);
    // Too long for the request that creates the copy.
    let tags = (0..10).map(|it| (format!("k{it}"), "x".repeat(256))).collect();
    server.store().objects.get_mut("src/a?b &ü").unwrap().last_mut().unwrap().tags = tags;
    server.faults(|request, _| match request.query.get("annotationName").map(String::as_str) {
        Some("one") if request.method == "PUT" => Fault::Error(403, "AccessDenied"),
        _ if request.operation() == "PutObjectTagging" => Fault::Error(403, "AccessDenied"),
        _ => Fault::None,
    });
    let copy = transfers(&server).copy("dst", "k", source()).part_size(PART);
    let error = copy.with(|it| it.annotation_directive("COPY")).send().await.unwrap_err().to_string();
    assert!(error.contains("the object was copied, but not its tags and its annotations one: "), "{error}");
    assert!(server.store().object("dst/k").unwrap().annotations.contains_key("two"));
}

/// The object is there before its annotations are: what ends in between goes on there.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_without_all_of_its_annotations_says_so_and_can_be_completed() {
    let (server, folder) = (Server::start(), Folder::create());
    let bytes = put(&server, 12 * MIB).await;
    annotate(&server);
    let copy = || {
        let copy = transfers(&server).copy("dst", "k", source()).part_size(PART).checkpoint_file(folder.path("c"));
        copy.with(|it| it.annotation_directive("COPY")).send()
    };
    server.faults(|request, _| match request.query.get("annotationName").map(String::as_str) {
        Some("one") if request.method == "PUT" => Fault::Error(403, "AccessDenied"),
        _ => Fault::None,
    });
    let error = copy().await.unwrap_err();
    assert!(error.to_string().contains("the object was copied, but not its annotations one: "), "{error}");
    let names = || server.store().object("dst/k").unwrap().annotations.keys().cloned().collect::<Vec<_>>();
    assert_eq!((names(), folder.names()), (vec!["two".to_owned()], vec!["c".to_owned()]));
    server.faults(|_, _| Fault::None);
    server.clear_log();
    assert_eq!(copy().await.unwrap().size, bytes.len() as u64);
    assert!(!server.counts().contains_key("UploadPartCopy"), "{:?}", server.counts());
    assert_eq!((names(), folder.names()), (vec!["one".to_owned(), "two".to_owned()], vec![]));
    // Another object in its place gets none.
    server.faults(|request, _| match request.operation() {
        "PutObjectAnnotation" => Fault::Error(412, "PreconditionFailed"),
        _ => Fault::None,
    });
    let copy = transfers(&server).copy("dst", "k", source()).part_size(PART);
    let error = copy.properties(CopyProperties::WithAnnotations).send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Condition && error.to_string().contains("annotations one, two"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_paused_while_its_annotations_are_set() {
    let server = Server::start();
    let bytes = put(&server, 12 * MIB).await;
    annotate(&server);
    server.faults(|request, _| match request.operation() {
        "PutObjectAnnotation" => Fault::Stall,
        _ => Fault::None,
    });
    let copy = || {
        let copy = transfers(&server).copy("dst", "k", source()).part_size(PART);
        copy.with(|it| it.annotation_directive("COPY"))
    };
    let transfer = copy().start();
    while !server.counts().contains_key("PutObjectAnnotation") {
        tokio::task::yield_now().await;
    }
    let paused = tokio::time::timeout(std::time::Duration::from_secs(60), transfer.pause());
    let Paused::At(checkpoint) = paused.await.expect("a pause that waits for no response").unwrap() else {
        panic!("no annotation can be set")
    };
    server.faults(|_, _| Fault::None);
    server.clear_log();
    assert_eq!(copy().resume(*checkpoint).send().await.unwrap().size, bytes.len() as u64);
    assert!(!server.counts().contains_key("UploadPartCopy"), "{:?}", server.counts());
    assert_eq!(server.store().object("dst/k").unwrap().annotations.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_size_saves_the_request_for_it() {
    let server = Server::start();
    put(&server, 1000).await;
    transfers(&server).copy("dst", "k", source()).source_size(1000).send().await.unwrap();
    assert_eq!(server.counts().into_iter().collect::<Vec<_>>(), [("CopyObject", 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_of_one_version_of_the_source() {
    let server = Server::start();
    let bytes = put(&server, 12 * MIB).await;
    let version = server.store().object("src/a?b &ü").unwrap().version.clone();
    transfers(&server).copy("dst", "k", source()).part_size(PART).send().await.unwrap();
    let parts = server.requests("UploadPartCopy");
    assert_eq!(parts.len(), 3);
    for part in parts {
        assert!(part.header("x-amz-copy-source").unwrap().ends_with(&format!("?versionId={version}")));
        assert!(part.header("x-amz-copy-source-if-match").is_some());
    }
    assert!(server.store().object("dst/k").unwrap().data == bytes);
    server.faults(|request, _| match request.operation() {
        "UploadPartCopy" => Fault::Error(412, "PreconditionFailed"),
        _ => Fault::None,
    });
    let error = transfers(&server).copy("dst", "k", source()).part_size(PART).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ObjectChanged, "{error}");
    server.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_copy_goes_on_where_it_was() {
    let server = Server::start();
    let bytes = put(&server, 42 * MIB).await;
    server.delay(std::time::Duration::from_millis(60));
    let transfers = builder(&server).concurrency(2).build().unwrap();
    let copy = || transfers.copy("dst", "k", source()).part_size(PART);
    let transfer = copy().start();
    let mut events = transfer.events();
    while events.next().await.is_some_and(|it| it.parts < 3) {}
    let Paused::At(checkpoint) = transfer.pause().await.unwrap() else { panic!("it was faster") };
    server.clear_log();
    let checkpoint = checkpoint.to_string().parse::<aws_s3_transfer::Checkpoint>().unwrap();
    copy().resume(checkpoint.clone()).send().await.unwrap();
    // Two requests were in flight, and may have been read by the server only now.
    assert!(server.counts()["UploadPartCopy"] <= 6 + 2);
    assert!(server.store().object("dst/k").unwrap().data == bytes);
    server.assert_clean();
    server.store().objects.remove("src/a?b &ü");
    let error = copy().resume(checkpoint.clone()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    put(&server, 42 * MIB).await;
    let error = copy().resume(checkpoint).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ObjectChanged, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_copied_from_a_store_that_does_not_count_them() {
    let server = Server::start();
    put(&server, 12 * MIB).await;
    server.store().is_tag_count_hidden = true;
    let copy = || transfers(&server).copy("dst", "k", source()).part_size(PART).send();
    copy().await.unwrap();
    assert_eq!(server.store().object("dst/k").unwrap().tags, [("x".to_owned(), "y z".to_owned())]);
    for (status, code) in [(501, "NotImplemented"), (405, "MethodNotAllowed"), (403, "AccessDenied")] {
        server.faults(move |request, _| match request.operation() {
            "GetObjectTagging" => Fault::Error(status, code),
            _ => Fault::None,
        });
        assert_eq!(copy().await.is_ok(), status != 403, "{code}");
    }
    server.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_for_the_source_only_without_a_client_of_its_own() {
    let (server, other) = (Server::start(), Server::start());
    for server in [&server, &other] {
        put(server, 12 * MIB).await;
        server.store().is_tag_count_hidden = true;
    }
    let source_client = client(&other.url());
    for has_client in [false, true] {
        let copy = transfers(&server).copy("dst", "k", source()).part_size(PART);
        let copy = copy.with(|it| it.with_options(aws_core::Options::new().header("x-test", "1")));
        let copy = if has_client { copy.source_client(&source_client) } else { copy };
        copy.send().await.unwrap();
        let (about_source, not) = if has_client { (&other, &server) } else { (&server, &other) };
        for operation in ["HeadObject", "GetObjectTagging"] {
            let requests = about_source.requests(operation);
            let sent: Vec<_> = requests.iter().map(|it| it.header("x-test").is_some()).collect();
            assert_eq!(sent, [!has_client], "{operation}");
            assert_eq!(not.requests(operation).len(), 0, "{operation}");
        }
        assert!(server.requests("UploadPartCopy").iter().all(|it| it.header("x-test").is_some()));
        server.clear_log();
        other.clear_log();
    }
}
