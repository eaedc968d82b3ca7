//! Checksums of requests and answers.

use aws_core::config::{ChecksumMode, S3Settings};
use aws_core::test_util::{Received, Reply};
use aws_core::{ByteStream, ErrorKind};
use aws_s3::types::{Delete, ObjectIdentifier};

use super::{Script, served};

/// CRC32, SHA-256 and MD5 of `hello world`, in base64.
const CRC32: &str = "DUoRhQ==";
const SHA256: &str = "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=";
/// CRC32 of a mebibyte and a half of `x`, in base64.
const CRC32_OF_MANY: &str = "DMAoYw==";
const MD5: &str = "XrY7u+Ae7tCTyyK7j1rNww==";

fn delete() -> Delete {
    let object = ObjectIdentifier { key: Some("k".into()), ..Default::default() };
    Delete { objects: Some(vec![object]), ..Default::default() }
}

/// The checksum headers of a request, trailers announced included.
fn sums(request: &Received) -> Vec<String> {
    let mut found: Vec<_> = request
        .headers
        .iter()
        .filter(|(name, _)| {
            let name = name.as_str();
            name == "content-md5"
                || name == "x-amz-trailer"
                || name.starts_with("x-amz-checksum-")
                || name == "x-amz-sdk-checksum-algorithm"
        })
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default()))
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn of_requests_to_aws() {
    let script = Script::new((0..6).map(|_| Reply::new(200)));
    let put = || script.s3.put_object("b", "k").body("hello world");
    put().send().await.expect("an answer");
    put().checksum_algorithm("SHA256").send().await.expect("an answer");
    put().checksum_sha256(SHA256).send().await.expect("an answer");
    put().content_md5(MD5).send().await.expect("an answer");
    script.s3.delete_objects("b", delete()).send().await.expect("an answer");
    script.s3.list_objects_v2("b").send().await.expect("an answer");
    let seen: Vec<_> = script.http.requests().iter().map(sums).collect();
    assert_eq!(seen[0], [&format!("x-amz-checksum-crc32: {CRC32}"), "x-amz-sdk-checksum-algorithm: CRC32"]);
    assert_eq!(seen[1], [&format!("x-amz-checksum-sha256: {SHA256}"), "x-amz-sdk-checksum-algorithm: SHA256"]);
    assert_eq!(seen[2], [format!("x-amz-checksum-sha256: {SHA256}")]);
    assert_eq!(seen[3], [format!("content-md5: {MD5}")]);
    assert_eq!(seen[4].len(), 2, "{:?}", seen[4]);
    assert!(seen[4][0].starts_with("x-amz-checksum-crc32: "), "{:?}", seen[4]);
    assert_eq!(seen[5], <[String; 0]>::default());

    let script = Script::with([Reply::new(200), Reply::new(200)], |it| {
        it.request_checksum_calculation(ChecksumMode::WhenRequired)
    });
    script.s3.put_object("b", "k").body("hello world").send().await.expect("an answer");
    script.s3.delete_objects("b", delete()).send().await.expect("an answer");
    let seen: Vec<_> = script.http.requests().iter().map(sums).collect();
    assert_eq!(seen[0], <[String; 0]>::default());
    assert_eq!(seen[1].len(), 2, "{:?}", seen[1]);
}

#[tokio::test]
async fn of_requests_to_a_url_of_ones_own() {
    let (server, s3) = served((0..3).map(|_| Reply::new(200)), |it| it);
    s3.put_object("b", "k").body("hello world").send().await.expect("an answer");
    s3.delete_objects("b", delete()).send().await.expect("an answer");
    s3.put_object("b", "k").body("hello world").checksum_algorithm("CRC32").send().await.expect("an answer");
    let requests = server.requests();
    assert_eq!(sums(&requests[0]), <[String; 0]>::default());
    let found = sums(&requests[1]);
    assert!(found.len() == 1 && found[0].starts_with("content-md5: "), "{found:?}");
    assert_eq!(sums(&requests[2]), [&format!("x-amz-checksum-crc32: {CRC32}"), "x-amz-sdk-checksum-algorithm: CRC32"]);
}

#[tokio::test]
async fn behind_a_stream() {
    let script = Script::new([Reply::new(200)]);
    let body = ByteStream::from_reader(&b"hello world"[..]).with_len(11);
    script.s3.put_object("b", "k").body(body).send().await.expect("an answer");
    let request = script.only();
    assert_eq!(sums(&request), ["x-amz-sdk-checksum-algorithm: CRC32", "x-amz-trailer: x-amz-checksum-crc32"]);
    assert_eq!(request.header("content-encoding"), "aws-chunked");
    assert_eq!(request.header("x-amz-decoded-content-length"), "11");
    assert_eq!(request.header("x-amz-content-sha256"), "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    let expect = format!("b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:{CRC32}\r\n\r\n");
    assert_eq!(request.body, expect);

    let script = Script::new([Reply::new(200)]);
    let body = ByteStream::from_reader(&b"hello world"[..]).with_len(11);
    script.s3.put_object("b", "k").body(body).content_encoding("gzip").send().await.expect("an answer");
    assert_eq!(script.only().header("content-encoding"), "gzip,aws-chunked");
}

#[tokio::test]
async fn behind_a_stream_of_many_chunks() {
    use aws_core::SessionBuilder;
    use aws_core::credentials::Anonymous;

    // A mebibyte and a half, which the encoding splits; its CRC32 by another program.
    let data = || ByteStream::from_reader(std::io::Cursor::new(vec![b'x'; 1_572_864])).with_len(1_572_864);
    let check = async |change: fn(SessionBuilder) -> SessionBuilder, signed: bool| {
        let script = Script::with([Reply::new(200)], change);
        script.s3.put_object("b", "k").body(data()).send().await.expect("an answer");
        let request = script.only();
        for (name, expect) in [
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("x-amz-decoded-content-length", "1572864"),
            ("content-encoding", "aws-chunked"),
            ("transfer-encoding", ""),
        ] {
            assert_eq!(request.header(name), expect, "{name}");
        }
        // What says how to read the body is signed with the rest, where there is a signature.
        let line = request.header("authorization");
        for name in ["content-encoding", "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer"] {
            assert_eq!(line.contains(name), signed, "{name}: {line}");
        }
        let trailer = format!("\r\n0\r\nx-amz-checksum-crc32:{CRC32_OF_MANY}\r\n\r\n");
        let expect = [
            b"100000\r\n".to_vec(),
            vec![b'x'; 1_048_576],
            b"\r\n80000\r\n".to_vec(),
            vec![b'x'; 524_288],
            trailer.into_bytes(),
        ]
        .concat();
        assert!(request.body == expect, "another framing, {} bytes instead of {}", request.body.len(), expect.len());
    };
    check(|it| it, true).await;
    check(|it| it.credentials(Anonymous), false).await;
}

#[tokio::test]
async fn of_a_stream_over_http() {
    // A trailer wants https; without, what can be read twice has its checksum in a header, and only the rest a trailer.
    let check = async |body: ByteStream, expect: [&str; 3]| {
        let (server, s3) = served([Reply::new(200)], |it| it.request_checksum_calculation(ChecksumMode::WhenSupported));
        s3.put_object("b", "k").body(body).send().await.expect("an answer");
        let request = server.requests().remove(0);
        let found = ["x-amz-content-sha256", "x-amz-trailer", "x-amz-checksum-crc32"].map(|it| request.header(it));
        assert_eq!(found, expect);
    };
    let once = ByteStream::from_reader(&b"hello world"[..]).with_len(11);
    check(once, ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-checksum-crc32", ""]).await;
    let path = std::env::temp_dir().join(format!("aws-suite-checksums-{}", std::process::id()));
    std::fs::write(&path, "hello world").expect("temporary file");
    let file = ByteStream::from_path(&path).await.expect("a file");
    check(file, ["UNSIGNED-PAYLOAD", "", CRC32]).await;
    let _ = std::fs::remove_file(&path);
}

#[tokio::test]
async fn signed_in_their_place_if_so_chosen() {
    const HASH: &str = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
    let path = std::env::temp_dir().join(format!("aws-suite-signed-{}", std::process::id()));
    std::fs::write(&path, "hello world").expect("temporary file");
    let check = async |chosen: Option<bool>, body: ByteStream, expect: &str| {
        let s3 = S3Settings { payload_signing_enabled: chosen, ..S3Settings::default() };
        let script =
            Script::with([Reply::new(200)], |it| it.request_checksum_calculation(ChecksumMode::WhenRequired).s3(s3));
        script.s3.put_object("b", "k").body(body).send().await.expect("an answer");
        assert_eq!(script.only().header("x-amz-content-sha256"), expect, "{chosen:?}");
    };
    let file = async || ByteStream::from_path(&path).await.expect("a file");
    check(None, "hello world".into(), HASH).await;
    check(None, file().await, "UNSIGNED-PAYLOAD").await;
    check(Some(true), file().await, HASH).await;
    check(Some(false), "hello world".into(), "UNSIGNED-PAYLOAD").await;
    let _ = std::fs::remove_file(&path);
}

#[tokio::test]
async fn of_answers() {
    let whole = |sum: &str| Reply::ok("hello world").header("x-amz-checksum-crc32", sum);
    let script = Script::new([whole(CRC32), whole("AAAAAA=="), whole("AAAAAA=="), Reply::ok("hello world")]);
    let get = || script.s3.get_object("b", "k");
    let answer = get().send().await.expect("a head");
    assert_eq!(answer.checksum_crc32.as_deref(), Some(CRC32));
    assert_eq!(answer.body.collect().await.expect("a body").into_string().expect("text"), "hello world");
    let error = get().send().await.expect("a head").body.collect().await.expect_err("another body");
    assert_eq!(error.kind(), ErrorKind::Checksum, "{error}");
    assert!(error.to_string().contains("AAAAAA=="), "{error}");
    // Chunk by chunk the end is an error too, so that a cut or changed file is never taken for whole.
    let mut body = get().send().await.expect("a head").body;
    let mut end = Ok(());
    loop {
        match body.try_next().await {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                end = Err(error);
                break;
            }
        }
    }
    assert_eq!(end.expect_err("another body").kind(), ErrorKind::Checksum);
    get().send().await.expect("a head").body.collect().await.expect("a body without a checksum");
    assert!(script.http.requests().iter().all(|it| it.header("x-amz-checksum-mode") == "ENABLED"));

    // The checksum of an object of parts is one of checksums: nothing to compare a body with.
    let script = Script::new([whole("AAAAAA==-2")]);
    script.s3.get_object("b", "k").send().await.expect("a head").body.collect().await.expect("a body");
    let script = Script::with([whole("AAAAAA==")], |it| it.response_checksum_validation(ChecksumMode::WhenRequired));
    script.s3.get_object("b", "k").send().await.expect("a head").body.collect().await.expect("a body, unchecked");
    assert_eq!(script.only().header("x-amz-checksum-mode"), "");
}

#[tokio::test]
async fn behind_a_stream_of_unknown_length() {
    // As botocore does: sent without a length, which S3 refuses and some other stores take.
    let script = Script::new([Reply::new(200), Reply::new(200)]);
    let put = || script.s3.put_object("b", "k").body(ByteStream::from_reader(&b"hello world"[..]));
    put().send().await.expect("an answer");
    // The caller knows the length that the body does not: it is that of the decoded body.
    put().content_length(11).send().await.expect("an answer");
    let requests = script.http.requests();
    assert_eq!(requests[0].header("x-amz-decoded-content-length"), "");
    assert_eq!(requests[1].header("x-amz-decoded-content-length"), "11");
    let encoded = requests[1].body.len().to_string();
    assert!(["", &*encoded].contains(&requests[1].header("content-length")), "{:?}", requests[1].headers);
    assert_eq!(requests[0].body, requests[1].body);
}
