//! Objects: bodies of every kind, checksums, metadata, ranges, multipart uploads, copies and versions, customer keys,
//! and Select.

use std::time::Duration;

use aws_core::{ByteStream, Bytes, Timestamp, make};
use aws_s3::types::{
    ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, CsvInput, CsvOutput, ExpressionType, FileHeaderInfo,
    InputSerialization, MetadataDirective, OutputSerialization, SelectObjectContentEventStream, Tag, Tagging,
    VersioningConfiguration,
};

use super::{Fixture, on_every_server, read_string};

const MIB: usize = 1024 * 1024;

/// Bytes without a short period, so that a missing or repeated part is noticed.
fn noise(len: usize) -> Vec<u8> {
    (0..len as u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

#[tokio::test]
async fn bodies_of_every_kind_are_stored_unchanged() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        let file = std::env::temp_dir().join(tests::moto::unique("body"));
        std::fs::write(&file, noise(100_000)).expect("a temporary file");
        let bodies: [(&str, ByteStream, Vec<u8>); 8] = [
            ("text", "hello".into(), b"hello".to_vec()),
            ("bytes", Bytes::from_static(b"\0\xff").into(), vec![0, 255]),
            ("vec", noise(3000).into(), noise(3000)),
            ("empty", ByteStream::default(), Vec::new()),
            ("file", ByteStream::from_path(&file).await?, noise(100_000)),
            ("range", ByteStream::from_path_range(&file, 10, Some(20)).await?, noise(100_000)[10..30].to_vec()),
            ("reader", ByteStream::from_reader(std::io::Cursor::new(noise(70_000))).with_len(70_000), noise(70_000)),
            ("empty reader", ByteStream::from_reader(tokio::io::empty()).with_len(0), Vec::new()),
        ];
        for (key, body, expect) in bodies {
            s3.put_object(&bucket, key).body(body).send().await?;
            let response = s3.get_object(&bucket, key).send().await?;
            assert_eq!(response.content_length, Some(expect.len() as i64), "{key}");
            assert!(response.body.collect().await?[..] == expect, "{key}");
        }
        // A stream of unknown length, whose length the caller sets.
        let body = ByteStream::from_reader(std::io::Cursor::new(noise(5000)));
        s3.put_object(&bucket, "sized").body(body).content_length(5000).send().await?;
        assert!(s3.get_object(&bucket, "sized").send().await?.body.collect().await?[..] == noise(5000));
        s3.put_object(&bucket, "none").send().await?;
        assert_eq!(read_string(&s3, &bucket, "none").await?, "");
        std::fs::remove_file(file).expect("the temporary file");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn large_objects_are_streamed_in_chunks() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        let content = noise(8 * MIB);
        let body = ByteStream::from_reader(std::io::Cursor::new(content.clone())).with_len(content.len() as u64);
        s3.put_object(&bucket, "big").body(body).send().await?;
        let mut body = s3.get_object(&bucket, "big").send().await?.body;
        let (mut offset, mut chunks) = (0, 0);
        while let Some(chunk) = body.try_next().await? {
            assert!(content[offset..offset + chunk.len()] == chunk[..], "at byte {offset}");
            offset += chunk.len();
            chunks += 1;
        }
        assert_eq!(offset, content.len());
        assert!(chunks > 8, "only {chunks} chunks");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn uploads_with_every_checksum_algorithm_are_read_back() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        for algorithm in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] {
            for stream in [false, true] {
                let body = match stream {
                    false => noise(1000).into(),
                    true => ByteStream::from_reader(std::io::Cursor::new(noise(1000))).with_len(1000),
                };
                let key = format!("{algorithm}-{stream}");
                s3.put_object(&bucket, &key).body(body).checksum_algorithm(algorithm).send().await?;
                let response = s3.get_object(&bucket, &key).send().await?;
                assert!(response.body.collect().await?[..] == noise(1000), "{key}");
            }
        }
        assert_eq!(ChecksumAlgorithm::CRC32.as_str(), "CRC32");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn headers_tags_and_acl_of_an_object_are_read_back() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        let expires = Timestamp::parse_any("2030-01-02T03:04:05Z")?;
        s3.put_object(&bucket, "k")
            .body("12345")
            .metadata([("color", "blue"), ("Size-Class", "a  b")])
            .content_type("text/x-story; charset=utf-8")
            .content_language("de")
            .cache_control("max-age=5")
            .content_disposition("attachment; filename=\"a b.txt\"")
            .expires(expires)
            .storage_class("STANDARD_IA")
            .tagging("a=1&b=x%20y")
            .send()
            .await?;
        let head = s3.head_object(&bucket, "k").send().await?;
        assert_eq!(head.content_length, Some(5));
        assert_eq!(head.content_type.as_deref(), Some("text/x-story; charset=utf-8"));
        assert_eq!(head.content_language.as_deref(), Some("de"));
        assert_eq!(head.cache_control.as_deref(), Some("max-age=5"));
        assert_eq!(head.content_disposition.as_deref(), Some("attachment; filename=\"a b.txt\""));
        assert_eq!(head.storage_class.as_ref().map(|it| it.as_str()), Some("STANDARD_IA"));
        assert_eq!(head.e_tag.as_deref(), Some("\"827ccb0eea8a706c4c34a16891f84e7b\""));
        assert_eq!(head.metadata.get("color").map(String::as_str), Some("blue"));
        assert_eq!(head.metadata.get("size-class").map(|it| it.replace("  ", " ")).as_deref(), Some("a b"));
        assert!(head.last_modified.is_some());

        let tags = s3.get_object_tagging(&bucket, "k").send().await?.tag_set;
        let tags: Vec<_> = tags.iter().map(|it| (it.key.as_deref(), it.value.as_deref())).collect();
        assert_eq!(tags, [(Some("a"), Some("1")), (Some("b"), Some("x y"))]);
        let tagging = make!(Tagging { tag_set: [Tag { key: "a+b:c/d", value: "x=1 @_-." }] });
        s3.put_object_tagging(&bucket, "k", tagging.clone()).send().await?;
        assert_eq!(s3.get_object_tagging(&bucket, "k").send().await?.tag_set, tagging.tag_set);
        s3.delete_object_tagging(&bucket, "k").send().await?;
        assert!(s3.get_object_tagging(&bucket, "k").send().await?.tag_set.is_empty());

        s3.put_object_acl(&bucket, "k").acl("public-read").send().await?;
        let grants = s3.get_object_acl(&bucket, "k").send().await?.grants;
        let read =
            grants.iter().find(|grant| grant.permission.as_ref().is_some_and(|it| *it == "READ")).expect("a grant");
        let everyone = read.grantee.as_ref().and_then(|it| it.uri.as_deref());
        assert_eq!(everyone, Some("http://acs.amazonaws.com/groups/global/AllUsers"));
        assert_eq!(read.grantee.as_ref().and_then(|it| it.r#type.as_ref()).map(|it| it.as_str()), Some("Group"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn ranges_and_conditions_of_requests_are_applied() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        let tag = s3.put_object(&bucket, "k").body("0123456789").send().await?.e_tag.unwrap_or_default();
        let response = s3.get_object(&bucket, "k").range("bytes=2-4").send().await?;
        assert_eq!(response.content_range.as_deref(), Some("bytes 2-4/10"));
        assert_eq!(response.body.collect().await?.into_string()?, "234");
        let response = s3.get_object(&bucket, "k").range("bytes=-3").send().await?;
        assert_eq!(response.body.collect().await?.into_string()?, "789");

        let same = s3.get_object(&bucket, "k").if_none_match(&tag).send().await.expect_err("unchanged");
        assert_eq!((same.status(), same.code()), (Some(304), Some("NotModified")));
        assert!(s3.get_object(&bucket, "k").if_match(&tag).send().await.is_ok());
        let other = s3.get_object(&bucket, "k").if_match("\"other\"").send().await.expect_err("another");
        assert_eq!((other.status(), other.code()), (Some(412), Some("PreconditionFailed")));
        let hour = Duration::from_secs(3600);
        let later = Timestamp::now().checked_add(hour).expect("in an hour");
        let unchanged = s3.head_object(&bucket, "k").if_modified_since(later).send().await.expect_err("unchanged");
        assert_eq!((unchanged.status(), unchanged.code()), (Some(304), Some("NotModified")));
        let range = s3.get_object(&bucket, "k").range("bytes=100-").send().await.expect_err("beyond the end");
        assert_eq!((range.status(), range.code()), (Some(416), Some("InvalidRange")));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn multipart_uploads_are_listed_completed_and_aborted() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        let upload = s3.create_multipart_upload(&bucket, "whole").content_type("x/y").send().await?;
        let id = upload.upload_id.expect("an id");
        let mut parts = Vec::new();
        for (number, size) in [(1, 5 * MIB), (2, 1000)] {
            let part = s3.upload_part(&bucket, "whole", number, &id).body(noise(size)).send().await?;
            parts.push(CompletedPart { e_tag: part.e_tag, part_number: Some(number), ..Default::default() });
        }
        let listed = s3.list_parts(&bucket, "whole", &id).items().try_collect().await?;
        assert_eq!(listed.iter().map(|it| it.size).collect::<Vec<_>>(), [Some(5 * MIB as i64), Some(1000)]);
        let open = s3.list_multipart_uploads(&bucket).send().await?.uploads;
        assert_eq!(open.first().and_then(|it| it.upload_id.as_deref()), Some(&*id));
        let done = s3
            .complete_multipart_upload(&bucket, "whole", &id)
            .multipart_upload(make!(CompletedMultipartUpload { parts }))
            .send()
            .await?;
        assert_eq!((done.bucket.as_deref(), done.key.as_deref()), (Some(&*bucket), Some("whole")));
        assert!(done.e_tag.is_some_and(|it| it.trim_matches('"').ends_with("-2")));
        let response = s3.get_object(&bucket, "whole").send().await?;
        assert_eq!(response.content_type.as_deref(), Some("x/y"));
        let mut expect = noise(5 * MIB);
        expect.extend(noise(1000));
        assert!(response.body.collect().await?[..] == expect);

        let upload = s3.create_multipart_upload(&bucket, "gone").send().await?.upload_id.expect("an id");
        let part = s3.upload_part_copy(&bucket, "gone", 1, &upload).copy_source(format!("{bucket}/whole"));
        assert!(
            part.copy_source_range("bytes=0-9").send().await?.copy_part_result.is_some_and(|it| it.e_tag.is_some())
        );
        s3.abort_multipart_upload(&bucket, "gone", &upload).send().await?;
        let none = s3.list_parts(&bucket, "gone", &upload).send().await.expect_err("no upload");
        assert!(none.is::<aws_s3::error::NoSuchUpload>(), "{none}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn versions_are_read_copied_and_listed_with_an_unusual_key() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        let enabled = VersioningConfiguration { status: Some("Enabled".into()), ..Default::default() };
        s3.put_bucket_versioning(&bucket, enabled).send().await?;
        let status = s3.get_bucket_versioning(&bucket).send().await?.status;
        assert_eq!(status.as_ref().map(|it| it.as_str()), Some("Enabled"));
        let key = "ä +&?=%41/#x y";
        let first = s3.put_object(&bucket, key).body("first").send().await?.version_id.expect("a version");
        let second = s3.put_object(&bucket, key).body("second").send().await?.version_id.expect("a version");
        assert_ne!(first, second);
        let old = s3.get_object(&bucket, key).version_id(&first).send().await?;
        assert_eq!(old.body.collect().await?.into_string()?, "first");

        let copied = s3.copy_object(&bucket, "copy", format!("{bucket}/{key}")).send().await?;
        assert!(copied.copy_object_result.is_some_and(|it| it.e_tag.is_some() && it.last_modified.is_some()));
        assert_eq!(read_string(&s3, &bucket, "copy").await?, "second");
        let source = format!("{bucket}/{key}?versionId={first}");
        let old = s3.copy_object(&bucket, "old copy", source);
        old.metadata([("from", "old")]).metadata_directive(MetadataDirective::REPLACE).send().await?;
        assert_eq!(read_string(&s3, &bucket, "old copy").await?, "first");
        assert_eq!(s3.head_object(&bucket, "old copy").send().await?.metadata["from"], "old");

        s3.delete_object(&bucket, key).send().await?;
        let page = s3.list_object_versions(&bucket).prefix("ä").send().await?;
        assert_eq!(page.versions.iter().map(|it| it.key.as_deref()).collect::<Vec<_>>(), [Some(key); 2]);
        assert_eq!(page.delete_markers.iter().map(|it| it.key.as_deref()).collect::<Vec<_>>(), [Some(key)]);
        let gone = s3.get_object(&bucket, key).send().await.expect_err("deleted");
        assert!(gone.is::<aws_s3::error::NoSuchKey>(), "{gone}");
        let all = s3.list_object_versions(&bucket).items().page_size(1).try_collect().await?;
        assert_eq!(all.len(), 4);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn objects_with_a_customer_key_are_read_back_and_the_key_is_not_in_debug_output() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        let key = "0123456789abcdef0123456789abcdef";
        let put = s3.put_object(&bucket, "k").body("sealed").sse_customer_algorithm("AES256").sse_customer_key(key);
        assert!(!format!("{put:?}").contains(key), "the key is in the debug output");
        put.send().await?;
        let response =
            s3.get_object(&bucket, "k").sse_customer_algorithm("AES256").sse_customer_key(key).send().await?;
        assert_eq!(response.body.collect().await?.into_string()?, "sealed");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn select_object_content_returns_records_stats_and_end() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        s3.put_object(&bucket, "t.csv").body("name,age\nada,36\nalan,41\n").send().await?;
        let csv = CsvInput { file_header_info: Some(FileHeaderInfo::USE), ..Default::default() };
        let response = s3
            .select_object_content(&bucket, "t.csv", "SELECT s.name FROM s3object s", ExpressionType::SQL)
            .input_serialization(InputSerialization { csv: Some(csv), ..Default::default() })
            .output_serialization(OutputSerialization { csv: Some(CsvOutput::default()), ..Default::default() })
            .send()
            .await?;
        let (mut events, mut records, mut ended) = (response.payload, Vec::new(), false);
        while let Some(event) = events.try_next().await? {
            match event {
                SelectObjectContentEventStream::Records(it) => records.extend(it.payload.unwrap_or_default()),
                SelectObjectContentEventStream::Stats(it) => {
                    let processed = it.details.and_then(|it| it.bytes_processed);
                    assert!(processed.is_some(), "the document of an event");
                }
                SelectObjectContentEventStream::End(_) => ended = true,
                _ => {}
            }
        }
        // moto ends with an empty line of its own.
        assert_eq!(String::from_utf8_lossy(&records).split_whitespace().collect::<Vec<_>>(), ["ada", "alan"]);
        assert!(ended);
        Ok(())
    })
    .await;
}
