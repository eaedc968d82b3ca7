//! The verifier over the examples of AWS's documentation, and over what is wrong with a request.

use aws_core::http::{HeaderMap, HeaderName, HeaderValue};

use super::*;

fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> ReceivedRequest {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    ReceivedRequest::new(method, url, map, body.to_owned())
}

const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
                             SignedHeaders=";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn keys() -> [Credentials; 1] {
    [Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")]
}

/// Source: the Amazon S3 API Reference, "Authenticating Requests", in the header and in the query.
#[test]
fn the_examples_of_the_documentation_are_valid() {
    let get = format!(
        "{AUTHORIZATION}host;range;x-amz-content-sha256;x-amz-date, \
         Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    );
    let put = format!(
        "{AUTHORIZATION}date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, \
         Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    );
    let list = format!(
        "{AUTHORIZATION}host;x-amz-content-sha256;x-amz-date, \
         Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    );
    let date = ("x-amz-date", "20130524T000000Z");
    let (host, empty) = ("https://examplebucket.s3.amazonaws.com", ("x-amz-content-sha256", EMPTY));
    let cases = [
        request(
            "GET",
            &format!("{host}/test.txt"),
            &[("range", "bytes=0-9"), date, empty, ("authorization", &get)],
            "",
        ),
        request(
            "PUT",
            &format!("{host}/test%24file.text"),
            &[
                ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                date,
                ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
                ("authorization", &put),
            ],
            "Welcome to Amazon S3.",
        ),
        request("GET", &format!("{host}/?max-keys=2&prefix=J"), &[date, empty, ("authorization", &list)], ""),
        request("GET", &presigned(), &[], ""),
    ];
    for case in cases {
        assert_eq!(verify_signature(&case, &keys()), Ok(()), "{} {}", case.method, case.url);
    }
}

fn presigned() -> String {
    "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=\
     AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400\
     &X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        .to_owned()
}

#[test]
fn whatever_differs_from_what_was_signed_is_named() {
    let check = |change: fn(&mut ReceivedRequest), expect: &str| {
        let mut changed = request("GET", &presigned(), &[], "");
        change(&mut changed);
        let problem = verify_signature(&changed, &keys()).expect_err(expect);
        assert!(problem.contains(expect), "{problem}");
    };
    check(|it| it.method = "PUT".into(), "does not match");
    check(|it| it.target = it.target.replace("test.txt", "test%2Etxt.gz"), "does not match");
    check(|it| it.url = it.url.replace("examplebucket", "another"), "does not match");
    check(|it| it.target.push_str("&versionId=1"), "does not match");
    check(|it| it.target = it.target.replace("86400", "86401"), "does not match");
    check(|it| it.target = it.target.replace("86400", "604801"), "X-Amz-Expires is 604801");
    check(|it| it.target = it.target.replace("IOSFODNN7", "OTHER"), "unknown access key id AKIAOTHEREXAMPLE");
    check(|it| it.target = it.target.replace("=20130524T", "=20130525T"), "for the day 20130524");
    check(|it| it.target = "/test.txt".into(), "it is not signed");
    fn insert(it: &mut ReceivedRequest, name: &'static str) {
        it.headers.insert(HeaderName::from_static(name), HeaderValue::from_static("x"));
    }
    check(|it| insert(it, "x-amz-acl"), "its header x-amz-acl is not signed");
    check(|it| insert(it, "content-type"), "its header content-type is not signed");
    check(|it| insert(it, "authorization"), "more than one signature");
}
