//! Signers of a program's own, and input that cannot be signed. No key is needed.

use std::time::Duration;

use aws_cloudfront_signer::{HashAlgorithm, Policy, Signer};
use aws_core::{ErrorKind, Timestamp};

const END: Timestamp = Timestamp::from_secs(1_800_000_000);

fn signer() -> Signer {
    Signer::new("K1", |_: &[u8]| Ok::<_, std::io::Error>(vec![0xfb, 0xff, 0xfe, 0]))
}

#[test]
fn a_closure_signs_and_its_hash_is_named() {
    let url = signer().sign_url("https://h/a", END).expect("a URL");
    assert_eq!(url, "https://h/a?Expires=1800000000&Signature=-~~-AA__&Key-Pair-Id=K1");
    let named = signer().hash(HashAlgorithm::Sha256).sign_url("https://h/a?b", END).expect("a URL");
    assert_eq!(named, "https://h/a?b&Expires=1800000000&Signature=-~~-AA__&Key-Pair-Id=K1&Hash-Algorithm=SHA256");
    let cookies = signer().sign_cookies("https://h/a", END).expect("cookies");
    assert_eq!(format!("{cookies:?}"), r#"["CloudFront-Expires", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]"#);
    assert_eq!(cookies.into_iter().count(), 3);
}

#[test]
fn a_failure_of_the_closure_is_that_of_the_signature() {
    let failing = Signer::new("K1", |_: &[u8]| Err::<Vec<u8>, _>("the device is gone"));
    let error = failing.sign_url("https://h/a", END).expect_err("an error");
    assert_eq!(error.to_string(), "cannot sign the CloudFront policy: the device is gone");
    assert_eq!(error.kind(), ErrorKind::Signing);
    let own = Signer::new("K1", |_: &[u8]| Err::<Vec<u8>, _>(aws_core::Error::new(ErrorKind::Timeout, "late")));
    assert_eq!(own.sign_cookies("https://h/a", END).expect_err("an error").kind(), ErrorKind::Timeout);
}

#[test]
fn urls_that_cloudfront_would_reject_are_errors() {
    for (url, expect) in [
        ("", "is empty"),
        ("/a", "is not absolute"),
        ("https://", "is not absolute"),
        ("s3://bucket/a", "is not absolute"),
        ("https://h/a b", "percent-encode them"),
        ("https://h/ü", "percent-encode them"),
        ("https://h/a\"b", "percent-encode them"),
        ("https://h/a#b", "has a fragment"),
        ("https://h/a?x=1&Expires=7&token=hidden", "has the query parameter Expires, which CloudFront reserves"),
    ] {
        let errors = [
            signer().sign_url(url, END).expect_err("an error"),
            signer().sign_url_with(url, &Policy::new("https://h/*", END)).expect_err("an error"),
            signer().sign_cookies(url, END).expect_err("an error"),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Validation);
            assert!(error.to_string().contains(expect), "{url}: {error}");
        }
        // The query of a URL may hold secrets, and that of a resource must be in its message.
        let error = signer().sign_url_with(url, &Policy::new("https://h/*", END)).expect_err("an error");
        assert!(!error.to_string().contains("hidden"), "{error}");
    }
    for id in ["", "K 1", "K1&Expires=9"] {
        let signer = Signer::new(id, |_: &[u8]| Ok::<_, std::io::Error>(Vec::new()));
        assert!(signer.sign_url("https://h/a", END).expect_err("an error").to_string().contains("key pair id"));
    }
}

#[test]
fn all_problems_of_a_policy_are_reported_at_once() {
    let before = Timestamp::EPOCH.checked_sub(Duration::from_secs(1)).expect("a time");
    let policy = Policy::new("https://h/\"", before).starts(END).ip_range("192.0.2.0/33");
    let error = policy.to_json().expect_err("an error");
    assert_eq!(
        error.to_string(),
        "invalid CloudFront policy: the resource \"https://h/\\\"\" has characters that no request has: percent-encode \
         them; a time is before 1970; the policy ends before it starts; the addresses \"192.0.2.0/33\" are not valid: \
         expected an IPv4 address, or a range such as 192.0.2.0/24"
    );
    assert!(Policy::new("*", END).starts(END).to_json().is_err());
    assert!(Policy::new("*", END).ip_range("::1").to_json().is_err());
}
