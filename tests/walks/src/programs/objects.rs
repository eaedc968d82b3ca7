//! Programs that use S3: a backup of a folder, listings, presigned requests, downloads, copies, a multipart upload, the
//! settings of a bucket, resources, progress, and what `Debug` shows. Know no internals.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_core::{ByteStream, Bytes, Credentials, Options, Result, Session, make};
use aws_s3::Client;
use aws_s3::custom::CopySource;
use aws_s3::error::{NoSuchKey, NotFound};
use aws_s3::types::SelectObjectContentEventStream::Records;
use aws_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, CompletedMultipartUpload, CompletedPart, CorsConfiguration,
    CorsRule, CsvInput, CsvOutput, Delete, FileHeaderInfo, IndexDocument, InputSerialization, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, MetadataDirective, ObjectIdentifier, ObjectStorageClass, OutputSerialization,
    Tag, Tagging, Transition, TransitionStorageClass, VersioningConfiguration, WebsiteConfiguration,
};
use aws_s3_resource::S3;

use crate::{on_every_server, unique_name};

/// Runs a program with a client and a new bucket.
async fn with_bucket(program: impl AsyncFn(&Session, &Client, &str) -> Result<()>) {
    on_every_server(async |session| {
        let (s3, bucket) = (Client::new(&session), unique_name());
        s3.create_bucket(&bucket).send().await?;
        program(&session, &s3, &bucket).await
    })
    .await;
}

async fn read(s3: &Client, bucket: &str, key: &str) -> Result<String> {
    s3.get_object(bucket, key).send().await?.body.collect().await?.into_string()
}

/// Uploads the files below the folder that are new or have changed, and returns how many those are.
async fn backup(s3: &Client, bucket: &str, folder: &Path) -> Result<usize> {
    let (mut folders, mut uploaded) = (vec![folder.to_owned()], 0);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("a folder").map(|it| it.expect("an entry")) {
            let (path, about) = (entry.path(), entry.metadata().expect("metadata"));
            if about.is_dir() {
                folders.push(path);
                continue;
            }
            let key = path.strip_prefix(folder).expect("below the folder").to_string_lossy().into_owned();
            let modified = format!("{:?} {}", about.modified().expect("a time"), about.len());
            match s3.head_object(bucket, &key).send().await {
                Ok(head) if head.metadata.get("modified") == Some(&modified) => continue,
                Err(error) if !error.is::<NotFound>() => return Err(error),
                _ => {}
            }
            let content_type = path.extension().is_some_and(|it| it == "html").then_some("text/html");
            s3.put_object(bucket, &key)
                .body(ByteStream::from_path(&path).await?)
                .content_type(content_type)
                .metadata([("modified", &modified)])
                .send()
                .await?;
            uploaded += 1;
        }
    }
    Ok(uploaded)
}

#[tokio::test]
async fn a_backup_uploads_what_has_changed() {
    with_bucket(async |_, s3, bucket| {
        let folder = std::env::temp_dir().join(unique_name());
        std::fs::create_dir_all(folder.join("sub folder")).expect("a folder");
        for (name, content) in [("a.txt", "text"), ("b.html", "<p>"), ("sub folder/ü.bin", "\0")] {
            std::fs::write(folder.join(name), content).expect("a file");
        }
        assert_eq!(backup(s3, bucket, &folder).await?, 3);
        assert_eq!(backup(s3, bucket, &folder).await?, 0);
        std::fs::write(folder.join("a.txt"), "text and more").expect("a file");
        assert_eq!(backup(s3, bucket, &folder).await?, 1);
        assert_eq!(read(s3, bucket, "a.txt").await?, "text and more");
        assert_eq!(s3.head_object(bucket, "b.html").send().await?.content_type.as_deref(), Some("text/html"));
        assert_eq!(read(s3, bucket, "sub folder/ü.bin").await?, "\0");
        std::fs::remove_dir_all(folder).expect("the folder");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn folders_are_listed_and_a_prefix_is_deleted() {
    with_bucket(async |_, s3, bucket| {
        for key in ["top", "logs/1", "logs/2", "logs/3", "tmp/1"] {
            s3.put_object(bucket, key).body(key).send().await?;
        }
        let folders = s3.list_objects_v2(bucket).delimiter("/").items_common_prefixes().try_collect().await?;
        assert_eq!(folders.iter().filter_map(|it| it.prefix.as_deref()).collect::<Vec<_>>(), ["logs/", "tmp/"]);
        let large = s3.list_objects_v2(bucket).pages().search("Contents[?Size > `5`].Key")?.try_collect().await?;
        assert_eq!(large.iter().filter_map(|it| it.as_str()).collect::<Vec<_>>(), ["logs/1", "logs/2", "logs/3"]);

        let mut pages = s3.list_objects_v2(bucket).prefix("logs/").pages().page_size(2);
        while let Some(page) = pages.try_next().await? {
            assert!(page.contents.iter().all(|it| it.storage_class == Some(ObjectStorageClass::STANDARD)));
            let objects: Vec<_> = page.contents.into_iter().map(|it| make!(ObjectIdentifier { key: it.key })).collect();
            let deleted = s3.delete_objects(bucket, make!(Delete { quiet: true, objects })).send().await?;
            assert!(deleted.errors.is_empty());
        }
        let left = s3.list_objects_v2(bucket).items().try_collect().await?;
        assert_eq!(left.iter().filter_map(|it| it.key.as_deref()).collect::<Vec<_>>(), ["tmp/1", "top"]);
        Ok(())
    })
    .await;
}

/// Sends a request as any HTTP client does, and returns the response.
fn http(method: &str, url: &str, headers: &str, body: &[u8]) -> String {
    let (host, path) = url.strip_prefix("http://").and_then(|it| it.split_once('/')).expect("an URL");
    let mut stream = TcpStream::connect(host).expect("a connection");
    let head = format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}");
    let head = format!("{head}content-length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat()).expect("a request");
    let mut response = Vec::new();
    stream.read_to_end(&mut response).expect("a response");
    String::from_utf8_lossy(&response).into_owned()
}

#[tokio::test]
async fn presigned_requests_and_forms_need_no_credentials() {
    with_bucket(async |_, s3, bucket| {
        let soon = Duration::from_secs(60);
        let put = s3.put_object(bucket, "a b.txt").content_type("text/plain").presign(soon).await?;
        if !put.url().starts_with("http:") {
            return Ok(());
        }
        let headers: String = put
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().expect("text")))
            .collect();
        assert!(http(put.method().as_str(), put.url(), &headers, b"hello").starts_with("HTTP/1.1 200"));
        let get = s3.get_object(bucket, "a b.txt").response_content_type("text/x").presign(soon).await?;
        let response = http("GET", get.url(), "", b"");
        assert!(response.ends_with("hello"), "{response}");

        let post =
            s3.presigned_post(bucket, "form/${filename}").expires(soon).content_length_range(1, 99).send().await?;
        let mut form = String::new();
        for (name, value) in &post.fields {
            form += &format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        form += "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f.txt\"\r\n\r\nposted\r\n--x--\r\n";
        let response = http("POST", &post.url, "content-type: multipart/form-data; boundary=x\r\n", form.as_bytes());
        assert!(response.starts_with("HTTP/1.1 20"), "{response}");
        assert_eq!(read(s3, bucket, "form/f.txt").await?, "posted");
        Ok(())
    })
    .await;
}

/// Adds the length of each chunk to the counter.
fn count(counter: &Arc<AtomicUsize>) -> impl FnMut(Option<&Bytes>) -> Result<()> + Send + use<> {
    let counter = counter.clone();
    move |chunk| {
        counter.fetch_add(chunk.map_or(0, |it| it.len()), Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test]
async fn downloads_report_progress_and_take_ranges() {
    with_bucket(async |_, s3, bucket| {
        s3.put_object(bucket, "big").body(vec![b'x'; 3_000_000]).send().await?;
        let response = s3.get_object(bucket, "big").send().await?;
        let (total, done) = (response.content_length, Arc::new(AtomicUsize::new(0)));
        let mut body = response.body.inspect(count(&done));
        let path = std::env::temp_dir().join(unique_name());
        let mut file = std::fs::File::create(&path).expect("a file");
        while let Some(chunk) = body.try_next().await? {
            file.write_all(&chunk).expect("written");
        }
        assert_eq!((total, done.load(Ordering::Relaxed)), (Some(3_000_000), 3_000_000));
        std::fs::remove_file(path).expect("the file");

        let part = s3.get_object(bucket, "big").range("bytes=10-19").send().await?;
        assert_eq!(part.content_range.as_deref(), Some("bytes 10-19/3000000"));
        assert_eq!(part.body.collect().await?.into_vec(), [b'x'; 10]);
        let beyond = s3.get_object(bucket, "big").range("bytes=3000000-").send().await.expect_err("out of range");
        assert_eq!(beyond.code(), Some("InvalidRange"), "{beyond}");
        assert!(s3.get_object(bucket, "none").send().await.expect_err("no object").is::<NoSuchKey>());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn objects_are_copied_between_buckets_and_old_versions_restored() {
    with_bucket(async |_, s3, bucket| {
        let other = unique_name();
        s3.create_bucket(&other).send().await?;
        let versioning = make!(VersioningConfiguration { status: BucketVersioningStatus::ENABLED });
        s3.put_bucket_versioning(bucket, versioning).send().await?;
        let key = "ä b+%&?.txt";
        let first = s3.put_object(bucket, key).body("one").send().await?.version_id;
        s3.put_object(bucket, key).body("two").send().await?;
        s3.copy_object(&other, "new", CopySource::new(bucket, key))
            .metadata([("from", bucket)])
            .metadata_directive(MetadataDirective::REPLACE)
            .send()
            .await?;
        assert_eq!(read(s3, &other, "new").await?, "two");
        assert_eq!(s3.head_object(&other, "new").send().await?.metadata["from"], bucket);

        s3.delete_object(bucket, key).send().await?;
        let listed = s3.list_object_versions(bucket).pages().try_merge().await?;
        assert_eq!((listed.versions.len(), listed.delete_markers.len()), (2, 1));
        let source = CopySource::new(bucket, key).version_id(first.unwrap_or_default());
        s3.copy_object(bucket, key, source).send().await?;
        assert_eq!(read(s3, bucket, key).await?, "one");
        let mut versions = s3.list_object_versions(bucket).items();
        while let Some(version) = versions.try_next().await? {
            s3.delete_object(bucket, version.key.unwrap_or_default()).version_id(version.version_id).send().await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_file_is_uploaded_in_parts_side_by_side() {
    const PART: u64 = 5 * 1024 * 1024;
    with_bucket(async |_, s3, bucket| {
        let path = std::env::temp_dir().join(unique_name());
        std::fs::write(&path, vec![b'y'; 2 * PART as usize + 7]).expect("a file");
        let id = s3.create_multipart_upload(bucket, "large").send().await?.upload_id.unwrap_or_default();
        let tasks: Vec<_> = (0..3)
            .map(|index| {
                let (s3, bucket, path, id) = (s3.clone(), bucket.to_owned(), path.clone(), id.clone());
                tokio::spawn(async move {
                    let body = ByteStream::from_path_range(path, index * PART, (index < 2).then_some(PART)).await?;
                    let part_number = index as i32 + 1;
                    let part = s3.upload_part(bucket, "large", part_number, id).body(body).send().await?;
                    Ok(make!(CompletedPart { e_tag: part.e_tag, part_number }))
                })
            })
            .collect();
        let mut parts = Vec::new();
        for task in tasks {
            let part: Result<_> = task.await.expect("no panic");
            parts.push(part?);
        }
        let parts = make!(CompletedMultipartUpload { parts });
        s3.complete_multipart_upload(bucket, "large", &id).multipart_upload(parts).send().await?;
        assert_eq!(s3.head_object(bucket, "large").send().await?.content_length, Some(2 * PART as i64 + 7));
        std::fs::remove_file(path).expect("the file");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_settings_of_a_bucket_are_written_and_its_objects_queried() {
    with_bucket(async |_, s3, bucket| {
        let lifecycle = make!(BucketLifecycleConfiguration {
            rules: [LifecycleRule {
                id: "logs",
                status: "Enabled",
                filter: LifecycleRuleFilter { prefix: "logs/" },
                transitions: [Transition { days: 30, storage_class: TransitionStorageClass::GLACIER }],
                expiration: LifecycleExpiration { days: 365 },
            }],
        });
        s3.put_bucket_lifecycle_configuration(bucket).lifecycle_configuration(lifecycle).send().await?;
        let rules = s3.get_bucket_lifecycle_configuration(bucket).send().await?.rules;
        assert_eq!(rules[0].transitions[0].storage_class, Some(TransitionStorageClass::GLACIER));

        let rule = make!(CorsRule { allowed_methods: ["GET", "PUT"], allowed_origins: ["*"], max_age_seconds: 60 });
        s3.put_bucket_cors(bucket, make!(CorsConfiguration { cors_rules: [rule] })).send().await?;
        assert_eq!(s3.get_bucket_cors(bucket).send().await?.cors_rules[0].allowed_methods, ["GET", "PUT"]);

        let all = format!("arn:aws:s3:::{bucket}/*");
        let allow = serde_json::json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": all});
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [allow]});
        s3.put_bucket_policy(bucket, policy.to_string()).send().await?;
        let found = s3.get_bucket_policy(bucket).send().await?.policy.unwrap_or_default();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&found).expect("JSON"), policy);

        let tags = make!(Tagging { tag_set: [Tag { key: "team", value: "red" }, Tag { key: "a <&> b", value: "ü" }] });
        s3.put_bucket_tagging(bucket, tags.clone()).send().await?;
        assert_eq!(s3.get_bucket_tagging(bucket).send().await?.tag_set, tags.tag_set);
        let website = make!(WebsiteConfiguration { index_document: IndexDocument { suffix: "index.html" } });
        s3.put_bucket_website(bucket, website.clone()).send().await?;
        assert_eq!(s3.get_bucket_website(bucket).send().await?.index_document, website.index_document);

        s3.put_object(bucket, "t.csv").body("name,age\nada,36\nalan,41\n").tagging("kind=csv").send().await?;
        let tags = s3.get_object_tagging(bucket, "t.csv").send().await?.tag_set;
        assert_eq!(tags, [make!(Tag { key: "kind", value: "csv" })]);
        let mut events = s3
            .select_object_content(bucket, "t.csv", "SELECT s.name FROM s3object s", "SQL")
            .input_serialization(make!(InputSerialization { csv: CsvInput { file_header_info: FileHeaderInfo::USE } }))
            .output_serialization(make!(OutputSerialization { csv: CsvOutput {} }))
            .send()
            .await?
            .payload;
        let mut names = Vec::new();
        while let Some(event) = events.try_next().await? {
            if let Records(records) = event {
                names.extend(records.payload.unwrap_or_default());
            }
        }
        assert_eq!(String::from_utf8_lossy(&names).split_whitespace().collect::<Vec<_>>(), ["ada", "alan"]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn resources_do_the_same() {
    on_every_server(async |session| {
        let bucket = S3::new(&session).bucket(unique_name());
        bucket.create().send().await?;
        bucket.wait_until_exists().delay(Duration::from_millis(1)).max_attempts(3).await?;
        bucket.versioning().enable().send().await?;
        for key in ["a/1", "a/2", "b"] {
            bucket.object(key).put().body(key).content_type("text/plain").send().await?;
        }
        let object = bucket.object("b").load().await?;
        assert_eq!((object.content_length(), object.content_type()), (Some(1), Some("text/plain")));
        let objects = bucket.objects().filter(|list| list.prefix("a/")).try_collect().await?;
        let objects: Vec<_> = objects.iter().map(|it| (it.key(), it.size())).collect();
        assert_eq!(objects, [("a/1", Some(3)), ("a/2", Some(3))]);
        bucket.objects().filter(|list| list.prefix("a/")).delete().await?;
        assert_eq!(bucket.objects().all().try_collect().await?.len(), 1);
        assert_eq!(bucket.object_versions().all().try_collect().await?.len(), 5);
        bucket.object_versions().all().delete().await?;
        bucket.delete().send().await?;
        bucket.wait_until_not_exists().await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn uploads_report_progress_and_listings_resume() {
    with_bucket(async |session, s3, bucket| {
        let sent = Arc::new(AtomicUsize::new(0));
        let body = ByteStream::from(vec![b'z'; 300_000]).inspect(count(&sent));
        s3.put_object(bucket, "progress").body(body).send().await?;
        assert_eq!(sent.load(Ordering::Relaxed), 300_000);

        // S3 wants to know the length before the first byte.
        let reader = ByteStream::from_reader(std::io::Cursor::new("a reader"));
        assert_eq!(reader.len(), None);
        s3.put_object(bucket, "reader").body(reader.with_len(8)).send().await?;
        assert_eq!(read(s3, bucket, "reader").await?, "a reader");

        let tasks = (0..20).map(|i| tokio::spawn(s3.put_object(bucket, format!("task/{i:02}")).body("x").send()));
        for task in tasks.collect::<Vec<_>>() {
            task.await.expect("no panic")?;
        }
        let list = || s3.list_objects_v2(bucket).prefix("task/").items().page_size(7);
        let mut first = list().limit(9);
        while first.try_next().await?.is_some() {}
        let token = first.resume_token().expect("more");
        let rest = list().starting_token(&token).try_collect().await?;
        assert_eq!((rest.len(), rest[0].key.as_deref()), (11, Some("task/09")));

        assert!(session.explain()?.to_string().contains("us-east-1"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn debug_shows_no_secret() {
    const SECRETS: [&str; 4] = ["the-secret-key", "the-token", "the-customer-key-of-32-bytes-xxx", "X-Amz-Signature"];
    let credentials = Credentials::new("AKID", "the-secret-key").with_session_token("the-token");
    let builder = Session::builder().region("us-east-1").credentials(credentials.clone());
    let mut shown = vec![format!("{credentials:?} {builder:?}")];
    let session = builder.build().expect("a session");
    let s3 = Client::new(&session);
    let put = s3.put_object("mybucket", "key").sse_customer_key("the-customer-key-of-32-bytes-xxx");
    let options = Options::new().credentials(credentials).header("x-id", "the-token").query("id", "the-token");
    shown.push(format!("{session:?} {s3:?} {put:?} {options:?} {:?}", S3::new(&session)));
    shown.push(format!("{:?}", session.explain().expect("a report")));
    shown.push(session.explain().expect("a report").to_string());
    let options = options.endpoint_url("http://127.0.0.1:1").max_attempts(1);
    let error = put.with_options(options).send().await.expect_err("nobody listens");
    shown.push(format!("{error:?} {error}"));
    let presigned = s3.get_object("mybucket", "key").presign(Duration::from_secs(60)).await.expect("a URL");
    assert!(presigned.url().contains("X-Amz-Signature"));
    let post = s3.presigned_post("mybucket", "key").send().await.expect("a form");
    shown.push(format!("{presigned:?} {post:?}"));
    for (shown, secret) in shown.iter().flat_map(|shown| SECRETS.map(|it| (shown, it))) {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
