//! Stubs under transfers: the requests of one upload or download, side by side, with a failure that is retried.

use std::sync::{Arc, Mutex};

use aws_core::testing::Stub;
use aws_core::{ByteStream, Bytes, make};
use aws_s3::error::NoSuchUpload;
use aws_s3::operation::{
    AbortMultipartUpload, AbortMultipartUploadOutput, CompleteMultipartUpload, CompleteMultipartUploadOutput,
    CreateMultipartUpload, CreateMultipartUploadOutput, GetObject, GetObjectOutput, HeadObject, HeadObjectOutput,
    ListParts, UploadPart, UploadPartOutput,
};
use aws_s3_transfer::{Source, Target, Transfers};

/// The smallest part that S3 accepts.
const PART: usize = 5 << 20;
const SIZE: usize = 2 * PART + 7;

fn object() -> Bytes {
    (0..SIZE).map(|it| (it % 251) as u8).collect::<Vec<_>>().into()
}

fn transfers(stub: &Stub) -> Transfers {
    let s3 = aws_s3::Client::new(&stub.session());
    let builder = Transfers::builder(&s3).part_size(PART as u64).multipart_threshold(PART as u64);
    builder.build().expect("valid settings")
}

#[tokio::test]
async fn an_upload_in_parts_takes_its_responses_from_rules() {
    let stub = Stub::new();
    stub.on::<CreateMultipartUpload>().reply(make!(CreateMultipartUploadOutput { upload_id: "id" }));
    let parts =
        stub.on::<UploadPart>().http(503).times(1).reply_with(|part| {
            make!(UploadPartOutput { e_tag: format!("\"{}\"", part.part_number.unwrap_or_default()) })
        });
    let tags = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&tags);
    stub.on::<CompleteMultipartUpload>().reply_with(move |input| {
        let parts = input.multipart_upload.iter().flat_map(|it| it.parts.iter());
        *seen.lock().expect("the tags") = parts.map(|it| it.e_tag.clone().unwrap_or_default()).collect();
        make!(CompleteMultipartUploadOutput { e_tag: "\"whole\"" })
    });
    let uploaded = transfers(&stub).upload("bucket", "key", Source::bytes(object())).send().await.expect("uploaded");
    assert_eq!((uploaded.size, uploaded.parts), (SIZE as u64, 3));
    assert_eq!(uploaded.output.e_tag.as_deref(), Some("\"whole\""));
    assert_eq!(*tags.lock().expect("the tags"), ["\"1\"", "\"2\"", "\"3\""]);
    assert_eq!(parts.calls(), 4);
    stub.verify();
}

#[tokio::test]
async fn an_upload_that_fails_leaves_no_parts() {
    let stub = Stub::new();
    stub.on::<CreateMultipartUpload>().reply(make!(CreateMultipartUploadOutput { upload_id: "id" }));
    stub.on::<UploadPart>().http(403);
    let abort = stub.on::<AbortMultipartUpload>().reply(AbortMultipartUploadOutput::default());
    // It asks whether a part arrived after that.
    stub.on::<ListParts>().error(NoSuchUpload::default());
    let upload = transfers(&stub).upload("bucket", "key", Source::bytes(object())).send().await;
    upload.expect_err("refused");
    assert_eq!((abort.calls(), stub.calls::<CompleteMultipartUpload>()), (1, 0));
    stub.verify();
}

#[tokio::test]
async fn a_download_in_ranges_takes_its_responses_from_a_rule() {
    let stub = Stub::new();
    // It asks for the checksum of the whole, which this object does not have.
    stub.on::<HeadObject>().reply(make!(HeadObjectOutput { e_tag: "\"whole\"", content_length: SIZE as i64 }));
    let bytes = object();
    let rule = stub.on::<GetObject>().reply_with(move |input| {
        let range = input.range.as_deref().and_then(|it| it.strip_prefix("bytes=")?.split_once('-'));
        let (first, last) = range.expect("a range");
        let first: usize = first.parse().expect("a number");
        let last = last.parse::<usize>().map_or(SIZE, |it| (it + 1).min(SIZE));
        make!(GetObjectOutput {
            body: ByteStream::from(bytes.slice(first..last)),
            content_range: format!("bytes {first}-{}/{SIZE}", last - 1),
            e_tag: "\"whole\""
        })
    });
    let downloaded = transfers(&stub).download("bucket", "key", Target::memory()).send().await.expect("downloaded");
    assert!(downloaded.size == SIZE as u64 && downloaded.bytes == object(), "{} bytes", downloaded.bytes.len());
    assert!(rule.calls() > 1, "{rule:?}");
    stub.verify();
}
