//! Laws of checksums over closed lists: every algorithm, as header and as trailer, in requests and in responses; every
//! member that makes one required; every kind of host.

use aws_core::internals::checksum::Algorithm;
use aws_core::internals::encoding::base64;
use aws_core::testing::Reply;
use aws_core::{ByteStream, ErrorKind, Timestamp};

use super::{ScriptedS3, serve};

pub(crate) const BODY: &str = "123456789";

/// The checksums of [`BODY`], in hex. Sources: the CRC catalogue (CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME), Python's
/// `hashlib`, and the reference program of xxHash.
pub(crate) const DIGESTS: [(Algorithm, &str); 10] = [
    (Algorithm::Crc32, "cbf43926"),
    (Algorithm::Crc32c, "e3069283"),
    (Algorithm::Crc64Nvme, "ae8b14860a799888"),
    (Algorithm::Md5, "25f9e794323b453885f5181f1b624d0b"),
    (Algorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
    (Algorithm::Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    (
        Algorithm::Sha512,
        "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a\
         d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
    ),
    (Algorithm::XxHash64, "8cb841db40e6ae83"),
    (Algorithm::XxHash3, "72dcb18b67a17dff"),
    (Algorithm::XxHash128, "33119477ede5dcd5e9716427681d5860"),
];

pub(crate) fn in_base64(hex: &str) -> String {
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    base64::encode((0..hex.len()).step_by(2).map(byte).collect::<Vec<_>>())
}

#[tokio::test]
async fn every_algorithm_is_sent_in_a_header_of_a_whole_body_and_a_trailer_of_a_stream() {
    for (algorithm, hex) in DIGESTS {
        let (name, header, value) = (algorithm.name(), algorithm.header_name(), in_base64(hex));
        let scripted = ScriptedS3::new([Reply::new(200), Reply::new(200)]);
        let put = |body: ByteStream| scripted.s3.put_object("b", "k").body(body).checksum_algorithm(name);
        put(BODY.into()).send().await.expect("a response");
        put(ByteStream::from_reader(BODY.as_bytes()).with_len(9)).send().await.expect("a response");
        let [whole, streamed] = &scripted.http.requests()[..] else { panic!("two requests") };
        assert_eq!((whole.header(header), whole.header("x-amz-trailer")), (&*value, ""), "{name}");
        assert_eq!(&*whole.body, BODY.as_bytes(), "{name}");
        assert_eq!((streamed.header(header), streamed.header("x-amz-trailer")), ("", header), "{name}");
        assert_eq!(streamed.body, format!("9\r\n{BODY}\r\n0\r\n{header}:{value}\r\n\r\n"), "{name}");
        for request in [whole, streamed] {
            assert_eq!(request.header("x-amz-sdk-checksum-algorithm"), name);
            let others = DIGESTS.iter().map(|it| it.0.header_name()).filter(|it| *it != header);
            assert!(others.into_iter().all(|it| request.header(it).is_empty()), "{name}");
        }
    }
}

#[tokio::test]
async fn every_algorithm_but_md5_is_verified_in_responses() {
    for (algorithm, hex) in DIGESTS {
        let value = in_base64(hex);
        // Another checksum of the same length.
        let wrong = in_base64(&hex.chars().rev().collect::<String>());
        let reply = |value: &str| Reply::ok(BODY).header(algorithm.header_name(), value);
        let scripted = ScriptedS3::new([reply(&value), reply(&wrong)]);
        let get = async || {
            let body = scripted.s3.get_object("b", "k").send().await.expect("a head").body;
            body.collect().await
        };
        assert_eq!(&get().await.expect("a body").into_bytes()[..], BODY.as_bytes(), "{algorithm:?}");
        match get().await {
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Checksum, "{algorithm:?}");
                assert!(error.to_string().contains(&wrong) && error.to_string().contains(algorithm.name()), "{error}");
                assert_ne!(algorithm, Algorithm::Md5, "S3's header may be an MD5 of something else");
            }
            Ok(_) => assert_eq!(algorithm, Algorithm::Md5, "{algorithm:?} is not verified"),
        }
    }
}

/// A checksum in a request: MD5, CRC32 in a header, or CRC32 in a trailer.
fn sent(request: &aws_core::testing::ReceivedRequest) -> &'static str {
    let has = |name: &str| !request.header(name).is_empty();
    match (has("content-md5"), has("x-amz-checksum-crc32"), request.header("x-amz-trailer") == "x-amz-checksum-crc32") {
        (false, false, false) => "",
        (true, false, false) => "MD5",
        (false, true, false) => "CRC32",
        (false, false, true) => "trailer",
        _ => "several",
    }
}

#[tokio::test]
async fn the_upload_of_a_locked_object_has_a_checksum_at_every_endpoint() {
    use aws_s3::operation::PutObject;
    type Lock = fn(aws_s3::Request<PutObject>) -> aws_s3::Request<PutObject>;
    let locks: [(&str, Lock); 4] = [
        ("no lock", |it| it),
        ("mode", |it| it.object_lock_mode("GOVERNANCE")),
        ("until", |it| it.object_lock_retain_until_date(Timestamp::from_secs(2_000_000_000))),
        ("hold", |it| it.object_lock_legal_hold_status("ON")),
    ];
    for (lock, set) in locks {
        let locked = lock != "no lock";
        let (server, s3) = serve((0..3).map(|_| Reply::new(200)), |it| it);
        let put = |body: ByteStream| set(s3.put_object("b", "k").body(body));
        put(BODY.into()).send().await.expect("a response");
        put(ByteStream::from_reader(BODY.as_bytes()).with_len(9)).send().await.expect("a response");
        // A checksum of the caller is enough.
        put(BODY.into()).checksum_crc32("y/Q5Jg==").send().await.expect("a response");
        let found: Vec<_> = server.requests().iter().map(sent).collect();
        // An MD5 is sent before the body, so a body that can be read once has a trailer.
        assert_eq!(found, if locked { ["MD5", "trailer", "CRC32"] } else { ["", "", "CRC32"] }, "{lock}");
        let when_required = ScriptedS3::with_session([Reply::new(200)], |it| {
            it.request_checksum_calculation(aws_core::config::ChecksumMode::WhenRequired)
        });
        set(when_required.s3.put_object("b", "k").body(BODY)).send().await.expect("a response");
        assert_eq!(sent(&when_required.only_request()), if locked { "CRC32" } else { "" }, "{lock}");
    }
}

#[tokio::test]
async fn a_host_of_aws_in_an_endpoint_url_is_aws() {
    let check = async |url: &str, expect: &str| {
        let scripted = ScriptedS3::with_session([Reply::new(200)], |it| it.endpoint_url(url));
        scripted.s3.put_object("b", "k").body(BODY).send().await.expect("a response");
        assert_eq!(sent(&scripted.only_request()), expect, "{url}");
    };
    for url in [
        "https://s3.us-east-1.amazonaws.com",
        "https://s3.amazonaws.com/",
        "https://S3.Us-East-1.AmazonAWS.com:443",
        "http://s3-fips.us-gov-west-1.amazonaws.com",
        "https://s3.dualstack.us-west-2.amazonaws.com",
        "https://bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com",
        "https://s3-accelerate.amazonaws.com",
    ] {
        check(url, "CRC32").await;
    }
    for partition in aws_core::internals::endpoint::Partition::all() {
        for suffix in [partition.dns_suffix, partition.dual_stack_dns_suffix] {
            check(&format!("https://s3.some-region.{suffix}"), "CRC32").await;
        }
    }
    for url in [
        "http://localhost:9000",
        "http://127.0.0.1",
        "http://[::1]:9000",
        "https://s3.example.com",
        "https://s3.amazonaws.com.example.com",
        "https://notamazonaws.com",
        // Machines and load balancers of customers.
        "http://ec2-1-2-3-4.us-west-2.compute.amazonaws.com:9000",
        "http://ec2-1-2-3-4.compute-1.amazonaws.com:9000",
        "https://minio-123.us-east-1.elb.amazonaws.com",
        "https://minio-123.elb.us-east-1.amazonaws.com",
    ] {
        check(url, "").await;
    }
}
