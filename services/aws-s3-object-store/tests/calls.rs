//! What the store sends and what it makes of responses and failures, with scripted HTTP.

use std::error::Error as _;

use aws_core::Session;
use aws_core::config::Environment;
use aws_core::http::HttpErrorKind;
use aws_core::testing::{RecordedSleep, Reply, ScriptedClient, credentials};
use aws_s3::Client;
use aws_s3_object_store::S3Store;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{
    Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions, UpdateVersion,
};

struct Fixture {
    store: S3Store,
    http: ScriptedClient,
}

fn scripted(bucket: &str, replies: impl IntoIterator<Item = Reply>) -> Fixture {
    let http = ScriptedClient::new(replies);
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(credentials())
        .http_client(http.clone())
        .sleep(RecordedSleep::new().sleep())
        .build()
        .expect("a session");
    Fixture { store: S3Store::new(&Client::new(&session), bucket), http }
}

fn failure(status: u16, code: &str) -> Reply {
    Reply::new(status).body(format!("<Error><Code>{code}</Code><Message>why</Message></Error>"))
}

fn object(body: &'static str) -> Reply {
    Reply::ok(body).header("etag", "\"v1\"").header("last-modified", "Fri, 02 Jan 2026 03:04:05 GMT")
}

fn part(body: &'static str, range: &str) -> Reply {
    let reply = Reply::new(206).body(body).header("content-range", range);
    reply.header("etag", "\"v1\"").header("last-modified", "Fri, 02 Jan 2026 03:04:05 GMT")
}

/// The kind of an error, and the code of the error of this SDK that is its source.
fn kind(error: &Error) -> (&'static str, Option<&str>) {
    let kind = match error {
        Error::Generic { .. } => "generic",
        Error::NotFound { .. } => "not found",
        Error::AlreadyExists { .. } => "already exists",
        Error::Precondition { .. } => "precondition",
        Error::NotModified { .. } => "not modified",
        Error::PermissionDenied { .. } => "permission denied",
        Error::Unauthenticated { .. } => "unauthenticated",
        Error::NotSupported { .. } => "not supported",
        Error::InvalidPath { .. } => "invalid path",
        _ => "other",
    };
    (kind, error.source().and_then(|it| it.downcast_ref::<aws_core::Error>()).and_then(|it| it.code()))
}

fn kind_only(error: &Error) -> &'static str {
    kind(error).0
}

#[tokio::test]
async fn errors_have_the_kinds_of_object_store_and_ours_as_source() {
    for (status, code, expect) in [
        (404, "NoSuchKey", "not found"),
        (404, "NoSuchBucket", "not found"),
        (403, "AccessDenied", "permission denied"),
        (403, "ExpiredToken", "unauthenticated"),
        (403, "SignatureDoesNotMatch", "unauthenticated"),
        (401, "Unauthorized", "unauthenticated"),
        (304, "NotModified", "not modified"),
        (412, "PreconditionFailed", "precondition"),
        (416, "InvalidRange", "generic"),
        (501, "NotImplemented", "not supported"),
    ] {
        let error = scripted("b", [failure(status, code)]).store.get(&Path::from("k")).await.expect_err("an error");
        assert_eq!(kind(&error), (expect, Some(code)), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_conditional_write_is_repeated_only_if_nothing_was_written() {
    let update = || PutMode::Update(UpdateVersion { e_tag: Some("\"v0\"".to_owned()), version: None });
    let done = || Reply::ok("").header("etag", "\"v1\"");
    let exists = || failure(412, "PreconditionFailed");
    let conflict = || failure(409, "ConditionalRequestConflict");
    let cases: Vec<(PutMode, Vec<Reply>, Result<&str, &str>)> = vec![
        (PutMode::Create, vec![done()], Ok("\"v1\"")),
        (PutMode::Create, vec![exists()], Err("already exists")),
        (PutMode::Create, vec![conflict(), conflict(), done()], Ok("\"v1\"")),
        (PutMode::Create, vec![conflict(), exists()], Err("already exists")),
        (PutMode::Create, vec![failure(503, "SlowDown"), exists()], Err("already exists")),
        (PutMode::Create, vec![Reply::failure(HttpErrorKind::Connect), done()], Ok("\"v1\"")),
        // The first attempt may have written: a second would find its object.
        (PutMode::Create, vec![Reply::close(), exists()], Err("generic")),
        (PutMode::Create, vec![failure(500, "InternalError"), exists()], Err("generic")),
        (PutMode::Create, (0..8).map(|_| conflict()).collect(), Err("precondition")),
        (update(), vec![exists()], Err("precondition")),
        (update(), vec![failure(404, "NoSuchKey")], Err("precondition")),
        (update(), vec![conflict(), done()], Ok("\"v1\"")),
        (PutMode::Overwrite, vec![Reply::close(), done()], Ok("\"v1\"")),
    ];
    for (mode, replies, expect) in cases {
        let fixture = scripted("b", replies);
        let result = fixture.store.put_opts(&Path::from("k"), "x".into(), mode.clone().into()).await;
        let outcome = result.map(|it| it.e_tag.unwrap_or_default()).map_err(|it| kind(&it).0);
        assert_eq!(outcome.as_deref(), expect.as_ref().copied(), "{mode:?}");
        assert_eq!(fixture.http.remaining(), usize::from(expect == Err("generic")), "{mode:?}");
        for request in fixture.http.requests() {
            let header = |name: &str| request.headers.get(name).and_then(|it| it.to_str().ok());
            let conditions = (header("if-match"), header("if-none-match"));
            let expect = match mode {
                PutMode::Create => (None, Some("*")),
                PutMode::Update(_) => (Some("\"v0\""), None),
                PutMode::Overwrite => (None, None),
            };
            assert_eq!(conditions, expect, "{mode:?}");
        }
    }
    let untagged = PutMode::Update(UpdateVersion { e_tag: None, version: None });
    let Fixture { store, http } = scripted("b", []);
    let error = store.put_opts(&Path::from("k"), "x".into(), untagged.into()).await.expect_err("no tag");
    assert!(error.to_string().contains("no entity tag") && http.requests().is_empty(), "{error}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_continued() {
    let rest = part("56789", "bytes 5-9/10");
    let Fixture { store, http } = scripted("b", [object("0123456789").truncated(5), rest]);
    let bytes = store.get(&Path::from("k")).await.expect("a response").bytes().await.expect("the content");
    assert_eq!(bytes, "0123456789");
    let second = &http.requests()[1];
    assert_eq!(
        (&second.headers["range"], &second.headers["if-match"]),
        (&"bytes=5-9".parse().unwrap(), &"\"v1\"".parse().unwrap())
    );

    // Another object, a store without ranges, and a body that never arrives.
    for (replies, expect) in [
        (vec![failure(412, "PreconditionFailed")], "precondition"),
        (vec![object("0123456789")], "generic"),
        ((0..11).map(|_| part("56789", "bytes 5-9/10").truncated(0)).collect(), "generic"),
    ] {
        let replies = [object("0123456789").truncated(5)].into_iter().chain(replies);
        let result = scripted("b", replies).store.get(&Path::from("k")).await.expect("a response").bytes().await;
        assert_eq!(kind(&result.expect_err("an error")).0, expect);
    }
}

#[tokio::test]
async fn the_range_of_a_response_is_the_one_that_was_requested() {
    for (range, reply, expect) in [
        (GetRange::Bounded(2..5), part("234", "bytes 2-4/10"), Ok(2..5)),
        (GetRange::Bounded(8..20), part("89", "bytes 8-9/10"), Ok(8..10)),
        (GetRange::Suffix(3), part("789", "bytes 7-9/10"), Ok(7..10)),
        (GetRange::Offset(9), part("9", "bytes 9-9/10"), Ok(9..10)),
        (GetRange::Bounded(2..5), object("0123456789"), Err("no range, although one was requested")),
        (GetRange::Bounded(2..5), part("01", "bytes 0-1/10"), Err("0..2 instead of 2..5")),
        (GetRange::Bounded(2..5), part("01", "bytes 0/10"), Err("malformed Content-Range")),
    ] {
        let options = GetOptions::new().with_range(Some(range));
        let result = scripted("b", [reply]).store.get_opts(&Path::from("k"), options).await;
        match (result, expect) {
            (Ok(result), expect) => assert_eq!((Ok(result.range), result.meta.size), (expect, 10)),
            (Err(error), Err(expect)) => assert!(error.to_string().contains(expect), "{error}"),
            (Err(error), Ok(_)) => panic!("{error}"),
        }
    }
    // The start is behind the end: nothing is sent.
    let Fixture { store, http } = scripted("b", []);
    #[allow(clippy::reversed_empty_ranges)]
    let ranges = [0..0, 5..2];
    for range in ranges {
        assert!(store.get_range(&Path::from("k"), range).await.is_err());
    }
    assert!(http.requests().is_empty());
}

#[tokio::test]
async fn every_location_to_delete_has_a_result_in_its_place() {
    let reply =
        "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>";
    let Fixture { store, http } = scripted("b", [Reply::ok(reply)]);
    let locations = vec![Ok(Path::from("a")), Err(Error::NotSupported { source: "x".into() }), Ok(Path::from("b"))];
    let results: Vec<_> = store.delete_stream(stream::iter(locations).boxed()).collect().await;
    let results: Vec<_> = results.iter().map(|it| it.as_ref().map(Path::as_ref).map_err(kind_only)).collect();
    assert_eq!(results, [Ok("a"), Err("not supported"), Err("permission denied")]);
    assert_eq!(http.requests().len(), 1);

    // 1,001 objects are two requests, and of a batch that fails each object fails.
    let Fixture { store, http } = scripted("b", [failure(403, "AccessDenied"), Reply::new(204)]);
    let locations = (0..1001).map(|it| Ok(Path::from(format!("k{it}"))));
    let results: Vec<_> = store.delete_stream(stream::iter(locations.collect::<Vec<_>>()).boxed()).collect().await;
    assert_eq!((results.len(), results.iter().filter(|it| it.is_ok()).count()), (1001, 1));
    assert!(results[0].as_ref().is_err_and(|it| kind(it) == ("permission denied", Some("AccessDenied"))));
    assert_eq!(http.requests().len(), 2);
}

#[tokio::test]
async fn listings_name_what_is_no_path() {
    let object = |key: &str| {
        format!("<Contents><Key>{key}</Key><Size>1</Size><LastModified>2026-01-02T03:04:05Z</LastModified></Contents>")
    };
    let page = format!("<ListBucketResult>{}{}{}</ListBucketResult>", object("a"), object("a//b"), object("c/"));
    let store = scripted("b", [Reply::ok(page)]).store;
    let results: Vec<_> = store.list(None).collect().await;
    let results: Vec<_> = results
        .iter()
        .map(|result| result.as_ref().map(|object| object.location.as_ref()).map_err(kind_only))
        .collect();
    assert_eq!(results, [Ok("a"), Err("invalid path")]);
}

#[tokio::test]
async fn an_upload_in_parts_completes_with_all_parts_and_its_condition() {
    let begun = || Reply::ok("<R><UploadId>id</UploadId></R>");
    let sent = |tag: &str| Reply::ok("").header("etag", tag);
    let done = || Reply::ok("<R><ETag>\"v1\"</ETag></R>");
    let mut options = PutMultipartOptions::default();
    options.extensions.insert(PutMode::Create);

    let Fixture { store, http } = scripted("b", [begun(), sent("p2"), sent("p1"), done()]);
    let mut upload = store.put_multipart_opts(&Path::from("k"), options.clone()).await.expect("an upload");
    let (first, second) = (upload.put_part("one".into()), upload.put_part("two".into()));
    second.await.expect("a part");
    first.await.expect("a part");
    assert_eq!(upload.complete().await.expect("a result").e_tag.as_deref(), Some("\"v1\""));
    let last = http.requests().pop().expect("a request");
    let body = String::from_utf8_lossy(&last.body).into_owned();
    assert!(body.contains("<Part><ETag>p1</ETag><PartNumber>1</PartNumber></Part><Part><ETag>p2</ETag>"), "{body}");
    assert_eq!(last.headers["if-none-match"], "*");

    // It exists already; and a part that was not sent.
    let exists = failure(412, "PreconditionFailed");
    let store = scripted("b", [begun(), sent("p1"), exists]).store;
    let mut upload = store.put_multipart_opts(&Path::from("k"), options).await.expect("an upload");
    upload.put_part("one".into()).await.expect("a part");
    assert_eq!(kind(&upload.complete().await.expect_err("it exists")).0, "already exists");
    let store = scripted("b", [begun()]).store;
    let mut upload = store.put_multipart(&Path::from("k")).await.expect("an upload");
    drop(upload.put_part("one".into()));
    let error = upload.complete().await.expect_err("a missing part");
    assert!(error.to_string().contains("1 of its 1 parts were not sent"), "{error}");
}

#[tokio::test]
async fn a_copy_above_five_gib_is_one_in_parts_of_the_same_object() {
    let size = 6 * 1024 * 1024 * 1024_u64 + 1;
    let head = || {
        let reply = Reply::new(200).header("content-length", &size.to_string()).header("etag", "\"v1\"");
        reply.header("content-type", "text/csv").header("last-modified", "Fri, 02 Jan 2026 03:04:05 GMT")
    };
    let copied = Reply::ok("<CopyPartResult><ETag>\"p\"</ETag></CopyPartResult>");
    let tags = Reply::ok("<R><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></R>");
    let begun = || Reply::ok("<R><UploadId>id</UploadId></R>");
    // No count of tags does not say that there are none.
    let mut replies = vec![failure(400, "InvalidRequest"), head(), head(), tags, begun()];
    replies.extend((0..13).map(|_| copied.clone()));
    replies.push(Reply::ok("<R><ETag>\"v2\"</ETag></R>"));
    let Fixture { store, http } = scripted("b", replies);
    store.copy(&Path::from("from"), &Path::from("to")).await.expect("a copy");
    assert_eq!(http.remaining(), 0);
    let requests = http.requests();
    assert_eq!(requests[4].headers["content-type"], "text/csv");
    assert_eq!(requests[4].headers["x-amz-tagging"], "k=v");
    let ranges: Vec<_> = requests[5..18].iter().map(|it| it.headers["x-amz-copy-source-range"].clone()).collect();
    assert_eq!(
        (&ranges[0], &ranges[12]),
        (&"bytes=0-536870911".parse().unwrap(), &"bytes=6442450944-6442450944".parse().unwrap())
    );
    assert!(requests[5..18].iter().all(|it| it.headers["x-amz-copy-source-if-match"] == "\"v1\""));

    // A failed part ends the upload, and its error is the one that is returned.
    let mut replies = vec![head().header("x-amz-tagging-count", "0"), begun()];
    replies.extend((0..8).map(|_| failure(403, "AccessDenied")));
    replies.push(Reply::new(204));
    let Fixture { store, http } = scripted("b", replies);
    let error = store.copy_if_not_exists(&Path::from("from"), &Path::from("to")).await.expect_err("no access");
    assert_eq!(kind(&error).0, "permission denied");
    assert_eq!(http.requests().last().expect("a request").method, "DELETE");
}

#[tokio::test]
async fn a_copy_in_parts_asks_for_tags_unless_there_are_none() {
    for (status, code, is_copied) in
        [(501, "NotImplemented", true), (405, "MethodNotAllowed", true), (403, "AccessDenied", false)]
    {
        let replies = [object(""), failure(status, code), failure(403, "Stop")];
        let Fixture { store, http } = scripted("b", replies);
        let error = store.copy_if_not_exists(&Path::from("from"), &Path::from("to")).await.expect_err("it stops");
        let requests = if is_copied { (3, 0) } else { (2, 1) };
        assert_eq!((http.requests().len(), http.remaining()), requests, "{code}: {error}");
    }
}

#[tokio::test]
async fn renaming_an_object_to_its_own_name_keeps_it() {
    let Fixture { store, http } = scripted("b", [object(""), object("")]);
    let path = Path::from("k");
    store.rename(&path, &path).await.expect("nothing to do");
    assert_eq!(kind(&store.rename_if_not_exists(&path, &path).await.expect_err("it exists")).0, "already exists");
    assert!(http.requests().iter().all(|it| it.method == "HEAD"));
}

#[tokio::test]
async fn options_reach_the_calls_that_they_are_for() {
    let ok = || Reply::ok("").header("etag", "\"v1\"");
    let Fixture { store, http } = scripted("b", [ok(), object("x")]);
    let store = store
        .with_options(aws_core::Options::new().header("x-amz-request-payer", "requester"))
        .with_create_options(aws_core::Options::new().header("x-amz-server-side-encryption", "aws:kms"));
    store.put(&Path::from("k"), "x".into()).await.expect("a put");
    store.get(&Path::from("k")).await.expect("a get");
    let sent: Vec<_> = http
        .requests()
        .iter()
        .map(|it| {
            (it.headers.contains_key("x-amz-request-payer"), it.headers.contains_key("x-amz-server-side-encryption"))
        })
        .collect();
    assert_eq!(sent, [(false, true), (true, false)]);
    assert_eq!((store.to_string(), format!("{store:?}").contains("secret")), ("S3Store(b)".to_owned(), false));
}

#[tokio::test]
async fn results_have_the_metadata_of_their_response() {
    let Fixture { store, .. } = scripted("b", [object("x").header("x-amz-request-id", "R1")]);
    let result = store.get(&Path::from("k")).await.expect("a get");
    let metadata = result.extensions.get::<aws_core::ResponseMetadata>().expect("metadata");
    assert_eq!(metadata.request_id(), Some("R1"));
}

/// What creates the session of a directory bucket, with the keys that a scripted client verifies.
fn session() -> Reply {
    let keys = credentials();
    Reply::ok(format!(
        "<CreateSessionResult><Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>token</SessionToken><Expiration>2126-01-02T03:04:05Z</Expiration></Credentials></CreateSessionResult>",
        keys.access_key_id(),
        keys.secret_access_key()
    ))
}

#[tokio::test]
async fn a_directory_bucket_is_listed_from_its_start() {
    let object = |key: &str| {
        format!("<Contents><Key>{key}</Key><Size>1</Size><LastModified>2026-01-02T03:04:05Z</LastModified></Contents>")
    };
    let page = format!("<ListBucketResult>{}{}</ListBucketResult>", object("b"), object("a"));
    for bucket in ["name--use1-az4--x-s3", "name--use1-az4--xa-s3"] {
        let Fixture { store, http } = scripted(bucket, [session(), Reply::ok(page.clone())]);
        let listing = store.list_with_offset(None, &Path::from("a")).map_ok(|it| it.location);
        assert_eq!(listing.try_collect::<Vec<_>>().await.expect("a listing"), [Path::from("b")]);
        let options = PaginatedListOptions { offset: Some("a".into()), ..Default::default() };
        let error = store.list_paginated(None, options).await.expect_err("it has no offset");
        assert_eq!(kind(&error).0, "not supported", "{error}");
        let [session, listing] = &http.requests()[..] else { panic!("a session and a listing") };
        assert!(session.url.ends_with("?session"), "{}", session.url);
        assert!(listing.header("x-amz-s3session-token") == "token" && !listing.url.contains("start-after"));
    }
}

#[tokio::test]
async fn requests_to_a_directory_bucket_are_signed_with_its_session() {
    let (copied, deleted) =
        ("<CopyObjectResult><ETag>\"v1\"</ETag></CopyObjectResult>", "<DeleteResult></DeleteResult>");
    let created = "<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>";
    let completed = "<CompleteMultipartUploadResult><ETag>\"v1\"</ETag></CompleteMultipartUploadResult>";
    let e_tag = || Reply::ok("").header("etag", "\"v1\"");
    let replies = [
        session(),
        e_tag(),
        object("hello"),
        part("ell", "bytes 1-3/5"),
        Reply::ok(copied),
        Reply::ok(created),
        e_tag(),
        Reply::ok(completed),
        Reply::ok(deleted),
    ];
    let Fixture { store, http } = scripted("name--use1-az4--x-s3", replies);
    let (path, other) = (Path::from("a/b"), Path::from("a/c"));
    store.put(&path, "hello".into()).await.expect("put");
    assert_eq!(store.get(&path).await.expect("got").bytes().await.expect("bytes"), "hello");
    assert_eq!(store.get_range(&path, 1..4).await.expect("a range"), "ell");
    store.copy(&path, &other).await.expect("copied");
    let mut upload = store.put_multipart(&path).await.expect("an upload");
    upload.put_part("hello".into()).await.expect("a part");
    upload.complete().await.expect("completed");
    let deleted: Vec<_> = store.delete_stream(stream::iter([Ok(path)]).boxed()).try_collect().await.expect("deleted");
    assert_eq!(deleted.len(), 1);
    let [session, others @ ..] = &http.requests()[..] else { panic!("a session") };
    assert_eq!((session.header("x-amz-s3session-token"), others.len()), ("", 8));
    for request in others {
        assert!(request.url.starts_with("https://name--use1-az4--x-s3.s3express-use1-az4."), "{}", request.url);
        // A copy reads another bucket, for which the session is not valid.
        let expect = if request.header("x-amz-copy-source").is_empty() { "token" } else { "" };
        assert_eq!(request.header("x-amz-s3session-token"), expect, "{}", request.url);
    }
}

#[cfg(feature = "credentials")]
#[tokio::test]
async fn credentials_of_a_session_are_converted_once() {
    use object_store::CredentialProvider;
    let temporary = aws_core::Credentials::new("akid", "skid").with_session_token("token");
    let builder = Session::builder().environment(Environment::empty()).region("us-east-1");
    let session = builder.clone().credentials(temporary).build().expect("a session");
    let provider = aws_s3_object_store::SessionCredentials::new(&session);
    let (first, second) =
        (provider.get_credential().await.expect("keys"), provider.get_credential().await.expect("keys"));
    assert_eq!((&*first.key_id, &*first.secret_key, first.token.as_deref()), ("akid", "skid", Some("token")));
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    assert!(!format!("{provider:?}").contains("skid"));
    let none = builder.credentials(aws_core::credentials::Anonymous).build().expect("a session");
    let error = aws_s3_object_store::SessionCredentials::new(&none).get_credential().await.expect_err("no keys");
    assert_eq!(kind(&error).0, "unauthenticated");
}
