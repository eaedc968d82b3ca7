use std::time::{SystemTime, UNIX_EPOCH};

use super::*;
use crate::auth::{Payload, SessionToken, check_expiry};
use crate::error::ErrorKind;
use crate::http::{Body, HeaderName, HeaderValue, Method, Url};

const TIME: u64 = 1_440_938_160;
const TOKEN: &str = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";

fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn credentials(token: Option<&str>) -> Credentials {
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    match token {
        Some(token) => credentials.with_session_token(token),
        None => credentials,
    }
}

fn request(method: &str, url: &str, headers: &[(&'static str, &'static str)], body: impl Into<Body>) -> Request {
    let mut request = Request::new(Method::from_bytes(method.as_bytes()).unwrap(), Url::parse(url).unwrap());
    for (name, value) in headers {
        request.headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    request.body = body.into();
    request
}

fn header(request: &Request, name: &str) -> String {
    request.headers.get(name).map_or(String::new(), |it| it.to_str().unwrap().to_owned())
}

/// The expected values are those of the public test suite of Signature Version 4.
#[test]
fn header_signatures_equal_the_test_suites() {
    fn check(request: &mut Request, token: Option<&str>, params: &SigningParams<'_>, names: &str, signature: &str) {
        SigV4::new().sign(request, &credentials(token), params).unwrap();
        let expect = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders={names}, Signature={signature}"
        );
        assert_eq!(header(request, "authorization"), expect);
        assert_eq!(header(request, "x-amz-date"), "20150830T123600Z");
        assert_eq!(header(request, "x-amz-security-token"), token.unwrap_or_default());
    }
    let params = SigningParams::new("us-east-1", "service", time(TIME));
    let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    let host = "https://example.amazonaws.com";
    check(&mut request("GET", host, &[], ""), None, &params, "host;x-amz-date", vanilla);
    // Headers that proxies may change are not signed, and an earlier signature is replaced.
    let unsigned_headers = [
        ("user-agent", "x"),
        ("expect", "100-continue"),
        ("x-amzn-trace-id", "y"),
        ("authorization", "old"),
        ("x-amz-date", "20000101T000000Z"),
    ];
    check(&mut request("GET", host, &unsigned_headers, ""), None, &params, "host;x-amz-date", vanilla);
    check(
        &mut request("GET", "https://EXAMPLE.amazonaws.com:443/a/..", &[], ""),
        None,
        &params,
        "host;x-amz-date",
        vanilla,
    );
    let with_token = "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8";
    check(&mut request("GET", host, &[], ""), Some(TOKEN), &params, "host;x-amz-date;x-amz-security-token", with_token);
    let unsigned = SigningParams { session_token: SessionToken::Unsigned, ..params };
    check(&mut request("GET", host, &[], ""), Some(TOKEN), &unsigned, "host;x-amz-date", vanilla);
    let form = [("content-type", "application/x-www-form-urlencoded"), ("content-length", "13")];
    let hashed = SigningParams { content_sha256_header: true, ..params };
    check(
        &mut request("POST", host, &form, "Param1=value1"),
        None,
        &hashed,
        "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
        "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
    );
}

#[test]
fn presigned_urls_carry_the_signature_in_the_query() {
    fn check(request: &mut Request, token: Option<&str>, params: &SigningParams<'_>, expect: &str) {
        SigV4::new().presign(request, &credentials(token), params, Duration::from_secs(3600)).unwrap();
        assert_eq!(request.url.as_str(), expect);
    }
    let start = "https://example.amazonaws.com/?X-Amz-Algorithm=AWS4-HMAC-SHA256\
                 &X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request\
                 &X-Amz-Date=20150830T123600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host";
    let params = SigningParams::new("us-east-1", "service", time(TIME));
    let mut plain = request("GET", "https://example.amazonaws.com", &[("user-agent", "x")], "");
    SigV4::new().presign(&mut plain, &credentials(None), &params, Duration::from_secs(3600)).unwrap();
    assert!(plain.url.as_str().starts_with(start), "{}", plain.url.as_str());
    assert!(plain.headers.is_empty());
    check(
        &mut request("GET", "https://example.amazonaws.com", &[("x-amz-date", "now")], ""),
        Some(TOKEN),
        &params,
        &format!(
            "{start}&X-Amz-Security-Token={TOKEN}\
             &X-Amz-Signature=7ff2b50b376cb4d151970630573d6291dc128cc5c2a12ffb237f73cc53f67b6c"
        ),
    );
}

#[test]
fn explain_returns_what_was_signed() {
    let signer = SigV4::new();
    let params = SigningParams::s3("eu-west-1", "s3", time(TIME));
    for token in [None, Some("a+b/c=")] {
        for mode in [SessionToken::Signed, SessionToken::Unsigned, SessionToken::S3Express] {
            let params = SigningParams { session_token: mode, payload: Payload::Unsigned, ..params };
            let mut sent = request("PUT", "http://h:9000/b/k%20y?x-id=Put&tag", &[("content-type", "a")], "body");
            signer.sign(&mut sent, &credentials(token), &params).unwrap();
            let explained = signer.explain(&sent, &credentials(token), &params, false).unwrap();
            assert!(header(&sent, "authorization").ends_with(&explained.signature));
            assert!(
                explained.canonical_request.starts_with("PUT\n/b/k%20y\ntag=&x-id=Put\ncontent-type:a\nhost:h:9000\n")
            );
            assert!(explained.canonical_request.ends_with("\nUNSIGNED-PAYLOAD"));
            let mut presigned = request("PUT", "http://h:9000/b/k%20y?x-id=Put&tag", &[("content-type", "a")], "body");
            signer.presign(&mut presigned, &credentials(token), &params, Duration::from_secs(5)).unwrap();
            let explained = signer.explain(&presigned, &credentials(token), &params, true).unwrap();
            assert!(presigned.url.as_str().ends_with(&explained.signature), "{token:?} {mode:?}");
            assert_eq!(presigned.headers.len(), 1, "content-type must be sent with the URL");
        }
    }
}

#[test]
fn cached_keys_are_used_for_their_own_scope_only() {
    let shared = SigV4::new();
    for round in 0..2 {
        for day in 0..20 {
            for (region, service, key, secret) in
                [("a", "b", "K", "s"), ("b", "b", "K", "s"), ("a", "c", "K", "s"), ("a", "b", "K", "t")]
            {
                let params = SigningParams::new(region, service, time(TIME + day * 86_400));
                let credentials = Credentials::new(key, secret);
                let (mut one, mut two) = (request("GET", "https://h", &[], ""), request("GET", "https://h", &[], ""));
                shared.sign(&mut one, &credentials, &params).unwrap();
                SigV4::new().sign(&mut two, &credentials, &params).unwrap();
                assert_eq!(header(&one, "authorization"), header(&two, "authorization"), "round {round}");
            }
        }
    }
    assert_eq!(shared.keys.lock().unwrap().len(), MAX_SIGNING_KEYS);
}

#[test]
fn unusable_credentials_and_parameters_are_rejected() {
    fn check(credentials: Credentials, params: SigningParams<'_>, expect: &str) {
        let error = SigV4::new().sign(&mut request("GET", "https://h", &[], ""), &credentials, &params).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Signing);
        assert!(error.to_string().contains(expect), "{error}");
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    }
    let valid = || SigningParams::new("r", "s", time(TIME));
    check(Credentials::new("", "hush"), valid(), "access key id is empty");
    check(Credentials::new("k", ""), valid(), "secret access key is empty");
    check(Credentials::new("k\n", "hush"), valid(), "access key id contains characters");
    check(Credentials::new("k", "hush").with_session_token("hush\n"), valid(), "session token contains characters");
    check(credentials(None), SigningParams { region: "", ..valid() }, "region is empty");
    check(credentials(None), SigningParams { service: "", ..valid() }, "signing name");
    check(credentials(None), SigningParams { time: UNIX_EPOCH - Duration::from_secs(9), ..valid() }, "before 1970");
}

#[test]
fn presigned_urls_are_valid_for_a_second_to_seven_days() {
    fn check(expires: Duration, expect: Option<u64>) {
        match check_expiry(expires) {
            Ok(seconds) => assert_eq!(Some(seconds), expect),
            Err(e) => assert!(
                expect.is_none() && e.kind() == ErrorKind::Validation && e.to_string().contains("7 days"),
                "{e}"
            ),
        }
    }
    check(Duration::ZERO, None);
    check(Duration::from_millis(999), None);
    check(Duration::from_secs(1), Some(1));
    check(Duration::from_millis(1500), Some(1));
    check(Duration::from_secs(604_800), Some(604_800));
    check(Duration::from_millis(604_800_001), None);
    check(Duration::MAX, None);
}

#[test]
fn secrets_stay_out_of_debug() {
    let signer = SigV4::new();
    let mut sent = request("GET", "https://h", &[], "");
    signer.sign(&mut sent, &credentials(Some(TOKEN)), &SigningParams::new("r", "s", time(TIME))).unwrap();
    let explained = signer.explain(&sent, &credentials(Some(TOKEN)), &SigningParams::new("r", "s", time(TIME)), false);
    let text = format!("{signer:?} {sent:?} {:?} {:?}", sent.headers, explained.unwrap());
    for secret in ["wJalr", TOKEN, "AKID"] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// The expected values are those of botocore 1.44.5 (`generate_presigned_post`) for the same credentials and time.
#[test]
fn presigned_post_signatures_equal_botocores() {
    const POLICY: &str = "eyJleHBpcmF0aW9uIjogIjIwMTYtMTEtMDdUMTg6Mzk6MzNaIiwgImNvbmRpdGlvbnMiOiBbeyJidWNrZXQiOiAibXlidWNrZXQi\
        fSwgeyJrZXkiOiAia2V5In0sIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwgeyJ4LWFtei1jcmVkZW50aWFsIjogImFraWQv\
        MjAxNjExMDcvdXMtd2VzdC0yL3MzL2F3czRfcmVxdWVzdCJ9LCB7IngtYW16LWRhdGUiOiAiMjAxNjExMDdUMTczOTMzWiJ9LCB7IngtYW16LXNlY3Vy\
        aXR5LXRva2VuIjogInRvayJ9XX0=";
    let credentials = Credentials::new("akid", "skid").with_session_token("tok");
    let params = SigningParams::s3("us-west-2", "s3", time(1_478_540_373));
    let mut seen = Vec::new();
    let fields = SigV4::new().sign_policy(&credentials, &params, |signing_fields| {
        seen = signing_fields.to_vec();
        POLICY.to_owned()
    });
    let expect = [
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", "akid/20161107/us-west-2/s3/aws4_request"),
        ("x-amz-date", "20161107T173933Z"),
        ("x-amz-security-token", "tok"),
        ("policy", POLICY),
        ("x-amz-signature", "6e5651b23c9670ac4bde0f6847bf27f930741b37c18d459dcf535a0f62cd8cb6"),
    ];
    let fields = fields.unwrap();
    let found: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!((found, &seen[..]), (expect.to_vec(), &fields[..4]));
}
