//! Checksums of requests and responses.

use aws_core::config::{AddressingStyle, ChecksumMode, S3Config};
use aws_core::testing::{ReceivedRequest, Reply};
use aws_core::{ByteStream, ErrorKind};
use aws_s3::types::{Delete, ObjectIdentifier};

use super::{ScriptedS3, serve};

/// CRC32, SHA-256 and MD5 of `hello world`, in base64.
const CRC32: &str = "DUoRhQ==";
const SHA256: &str = "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=";
/// CRC32 of 1.5 MiB of `x`, in base64.
const CRC32_OF_LONG_BODY: &str = "DMAoYw==";
const MD5: &str = "XrY7u+Ae7tCTyyK7j1rNww==";

fn delete() -> Delete {
    let object = ObjectIdentifier { key: Some("k".into()), ..Default::default() };
    Delete { objects: vec![object].into(), ..Default::default() }
}

/// The checksum headers of a request, among them the names of trailers.
fn checksum_headers(request: &ReceivedRequest) -> Vec<String> {
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
async fn requests_to_aws_carry_the_default_the_chosen_or_the_explicit_checksum() {
    let scripted = ScriptedS3::new((0..6).map(|_| Reply::new(200)));
    let put = || scripted.s3.put_object("b", "k").body("hello world");
    put().send().await.expect("a response");
    put().checksum_algorithm("SHA256").send().await.expect("a response");
    put().checksum_sha256(SHA256).send().await.expect("a response");
    put().content_md5(MD5).send().await.expect("a response");
    scripted.s3.delete_objects("b", delete()).send().await.expect("a response");
    scripted.s3.list_objects_v2("b").send().await.expect("a response");
    let seen: Vec<_> = scripted.http.requests().iter().map(checksum_headers).collect();
    assert_eq!(seen[0], [&format!("x-amz-checksum-crc32: {CRC32}"), "x-amz-sdk-checksum-algorithm: CRC32"]);
    assert_eq!(seen[1], [&format!("x-amz-checksum-sha256: {SHA256}"), "x-amz-sdk-checksum-algorithm: SHA256"]);
    assert_eq!(seen[2], [format!("x-amz-checksum-sha256: {SHA256}")]);
    assert_eq!(seen[3], [format!("content-md5: {MD5}")]);
    assert_eq!(seen[4].len(), 2, "{:?}", seen[4]);
    assert!(seen[4][0].starts_with("x-amz-checksum-crc32: "), "{:?}", seen[4]);
    assert_eq!(seen[5], <[String; 0]>::default());

    let scripted = ScriptedS3::with_session([Reply::new(200), Reply::new(200)], |it| {
        it.request_checksum_calculation(ChecksumMode::WhenRequired)
    });
    scripted.s3.put_object("b", "k").body("hello world").send().await.expect("a response");
    scripted.s3.delete_objects("b", delete()).send().await.expect("a response");
    let seen: Vec<_> = scripted.http.requests().iter().map(checksum_headers).collect();
    assert_eq!(seen[0], <[String; 0]>::default());
    assert_eq!(seen[1].len(), 2, "{:?}", seen[1]);
}

#[tokio::test]
async fn requests_to_a_custom_endpoint_carry_only_required_or_chosen_checksums() {
    let (server, s3) = serve((0..3).map(|_| Reply::new(200)), |it| it);
    s3.put_object("b", "k").body("hello world").send().await.expect("a response");
    s3.delete_objects("b", delete()).send().await.expect("a response");
    s3.put_object("b", "k").body("hello world").checksum_algorithm("CRC32").send().await.expect("a response");
    let requests = server.requests();
    assert_eq!(checksum_headers(&requests[0]), <[String; 0]>::default());
    let found = checksum_headers(&requests[1]);
    assert!(found.len() == 1 && found[0].starts_with("content-md5: "), "{found:?}");
    assert_eq!(
        checksum_headers(&requests[2]),
        [&format!("x-amz-checksum-crc32: {CRC32}"), "x-amz-sdk-checksum-algorithm: CRC32"]
    );
}

#[tokio::test]
async fn the_checksum_of_a_stream_is_sent_in_a_trailer() {
    let scripted = ScriptedS3::new([Reply::new(200)]);
    let body = ByteStream::from_reader(&b"hello world"[..]).with_len(11);
    scripted.s3.put_object("b", "k").body(body).send().await.expect("a response");
    let request = scripted.only_request();
    assert_eq!(
        checksum_headers(&request),
        ["x-amz-sdk-checksum-algorithm: CRC32", "x-amz-trailer: x-amz-checksum-crc32"]
    );
    assert_eq!(request.header("content-encoding"), "aws-chunked");
    assert_eq!(request.header("x-amz-decoded-content-length"), "11");
    assert_eq!(request.header("x-amz-content-sha256"), "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    let expect = format!("b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:{CRC32}\r\n\r\n");
    assert_eq!(request.body, expect);

    let scripted = ScriptedS3::new([Reply::new(200)]);
    let body = ByteStream::from_reader(&b"hello world"[..]).with_len(11);
    scripted.s3.put_object("b", "k").body(body).content_encoding("gzip").send().await.expect("a response");
    assert_eq!(scripted.only_request().header("content-encoding"), "gzip,aws-chunked");
}

#[tokio::test]
async fn a_long_stream_is_sent_in_chunks_of_1_mib_before_its_trailer() {
    use aws_core::SessionBuilder;
    use aws_core::credentials::Anonymous;

    // 1.5 MiB, which the encoding splits. Its CRC32 was computed by another program.
    let data = || ByteStream::from_reader(std::io::Cursor::new(vec![b'x'; 1_572_864])).with_len(1_572_864);
    let check = async |change: fn(SessionBuilder) -> SessionBuilder, signed: bool| {
        let scripted = match signed {
            true => ScriptedS3::with_session([Reply::new(200)], change),
            false => ScriptedS3::unverified([Reply::new(200)], change),
        };
        scripted.s3.put_object("b", "k").body(data()).send().await.expect("a response");
        let request = scripted.only_request();
        for (name, expect) in [
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("x-amz-decoded-content-length", "1572864"),
            ("content-encoding", "aws-chunked"),
            ("transfer-encoding", ""),
        ] {
            assert_eq!(request.header(name), expect, "{name}, signed: {signed}");
        }
        // The headers that describe the encoding of the body are signed, if the request is signed at all.
        let authorization = request.header("authorization");
        for name in ["content-encoding", "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer"] {
            assert_eq!(authorization.contains(name), signed, "{name}: {authorization}");
        }
        let trailer = format!("\r\n0\r\nx-amz-checksum-crc32:{CRC32_OF_LONG_BODY}\r\n\r\n");
        let expect = [
            b"100000\r\n".to_vec(),
            vec![b'x'; 1_048_576],
            b"\r\n80000\r\n".to_vec(),
            vec![b'x'; 524_288],
            trailer.into_bytes(),
        ]
        .concat();
        assert!(
            request.body == expect,
            "the framing differs (signed: {signed}): {} bytes instead of {}",
            request.body.len(),
            expect.len()
        );
    };
    check(|it| it, true).await;
    check(|it| it.credentials(Anonymous), false).await;
}

#[tokio::test]
async fn over_http_only_a_stream_that_can_be_read_once_has_a_trailer() {
    // A trailer requires https. Over http a body that can be read twice has its checksum in a header, and only a body
    // that can be read once has a trailer.
    let check = async |body: ByteStream, expect: [&str; 3]| {
        let (server, s3) = serve([Reply::new(200)], |it| it.request_checksum_calculation(ChecksumMode::WhenSupported));
        s3.put_object("b", "k").body(body).send().await.expect("a response");
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
async fn payload_signing_enabled_decides_whether_the_payload_is_signed() {
    const HASH: &str = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
    let path = std::env::temp_dir().join(format!("aws-suite-signed-{}", std::process::id()));
    std::fs::write(&path, "hello world").expect("temporary file");
    let check = async |enabled: Option<bool>, body: ByteStream, expect: &str| {
        let s3 = S3Config::new().payload_signing_enabled(enabled);
        let scripted = ScriptedS3::with_session([Reply::new(200)], |it| {
            it.request_checksum_calculation(ChecksumMode::WhenRequired).s3(s3)
        });
        scripted.s3.put_object("b", "k").body(body).send().await.expect("a response");
        assert_eq!(scripted.only_request().header("x-amz-content-sha256"), expect, "{enabled:?}");
    };
    let file = async || ByteStream::from_path(&path).await.expect("a file");
    check(None, "hello world".into(), HASH).await;
    check(None, file().await, "UNSIGNED-PAYLOAD").await;
    check(Some(true), file().await, HASH).await;
    check(Some(false), "hello world".into(), "UNSIGNED-PAYLOAD").await;
    // With a checksum in a header, the file is read once for both.
    let (server, s3) = serve([Reply::new(200)], |it| {
        let s3 = S3Config::new().payload_signing_enabled(true).addressing_style(AddressingStyle::Path);
        it.request_checksum_calculation(ChecksumMode::WhenSupported).s3(s3)
    });
    s3.put_object("b", "k").body(file().await).send().await.expect("a response");
    let request = server.requests().remove(0);
    assert_eq!(["x-amz-content-sha256", "x-amz-checksum-crc32"].map(|it| request.header(it)), [HASH, CRC32]);
    assert_eq!(&request.body[..], b"hello world");
    let _ = std::fs::remove_file(&path);
}

#[tokio::test]
async fn response_checksums_are_verified_at_the_end_of_the_body() {
    let reply = |sum: &str| Reply::ok("hello world").header("x-amz-checksum-crc32", sum);
    let scripted = ScriptedS3::new([reply(CRC32), reply("AAAAAA=="), reply("AAAAAA=="), Reply::ok("hello world")]);
    let get = || scripted.s3.get_object("b", "k");
    let response = get().send().await.expect("a head");
    assert_eq!(response.checksum_crc32.as_deref(), Some(CRC32));
    assert_eq!(response.body.collect().await.expect("a body").into_string().expect("text"), "hello world");
    let error = get().send().await.expect("a head").body.collect().await.expect_err("a checksum mismatch");
    assert_eq!(error.kind(), ErrorKind::Checksum, "{error}");
    assert!(error.to_string().contains("AAAAAA=="), "{error}");
    // Read chunk by chunk, the end is an error too, so that a truncated or changed file is never taken for complete.
    let mut body = get().send().await.expect("a head").body;
    let (mut end, mut rounds) = (Ok(()), tests::rounds::Rounds::default());
    loop {
        rounds.count();
        match body.try_next().await {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                end = Err(error);
                break;
            }
        }
    }
    assert_eq!(end.expect_err("a checksum mismatch").kind(), ErrorKind::Checksum);
    get().send().await.expect("a head").body.collect().await.expect("a body without a checksum");
    assert!(scripted.http.requests().iter().all(|it| it.header("x-amz-checksum-mode") == "ENABLED"));

    // The checksum of a multipart object is computed from the checksums of its parts: it cannot be compared with a
    // body.
    let scripted = ScriptedS3::new([reply("AAAAAA==-2")]);
    scripted.s3.get_object("b", "k").send().await.expect("a head").body.collect().await.expect("a body");
    let scripted =
        ScriptedS3::with_session([reply("AAAAAA==")], |it| it.response_checksum_validation(ChecksumMode::WhenRequired));
    scripted.s3.get_object("b", "k").send().await.expect("a head").body.collect().await.expect("a body, unchecked");
    assert_eq!(scripted.only_request().header("x-amz-checksum-mode"), "");
}

#[tokio::test]
async fn a_stream_of_unknown_length_is_sent_without_a_decoded_length() {
    // As in botocore: it is sent without a length, which S3 rejects and some other stores accept.
    let scripted = ScriptedS3::new([Reply::new(200), Reply::new(200)]);
    let put = || scripted.s3.put_object("b", "k").body(ByteStream::from_reader(&b"hello world"[..]));
    put().send().await.expect("a response");
    // A length that the caller sets is that of the decoded body.
    put().content_length(11).send().await.expect("a response");
    let requests = scripted.http.requests();
    assert_eq!(requests[0].header("x-amz-decoded-content-length"), "");
    assert_eq!(requests[1].header("x-amz-decoded-content-length"), "11");
    let encoded = requests[1].body.len().to_string();
    assert!(["", &*encoded].contains(&requests[1].header("content-length")), "{:?}", requests[1].headers);
    assert_eq!(requests[0].body, requests[1].body);
}
