//! The cost of a call apart from its transport: allocations, and the sizes of futures. They are counted, not timed;
//! `cargo xtask bench` measures time.

use std::future::{Future, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use aws_core::http::{HeaderMap, HeaderName, HeaderValue, HttpClient, HttpError, Request, Response, StatusCode};
use aws_core::{BoxFuture, ByteStream, Bytes, Credentials, Session};
use aws_dynamodb::types::AttributeValue;

/// A transport that returns the same response to every request, at once.
#[derive(Debug)]
struct Canned {
    headers: HeaderMap,
    body: Bytes,
}

impl HttpClient for Canned {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        let (headers, body) = (self.headers.clone(), ByteStream::from(self.body.clone()));
        Box::pin(ready(Ok(Response::new(StatusCode::OK, headers, body))))
    }
}

/// A session whose requests have this response.
fn session(headers: &[(&'static str, &'static str)], body: &'static str) -> Session {
    let common =
        [("x-amz-request-id", "4442587FB7D0A2F9"), ("x-amz-id-2", "eftixk72aD6Ap51TnqcoF8eFidJG9Z"), ("server", "s")];
    let headers = common.iter().chain(headers);
    let headers = headers.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let http = Canned { headers: headers.collect(), body: Bytes::from_static(body.as_bytes()) };
    Session::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
        .http_client(http)
        .build()
        .expect("valid settings")
}

/// The output of a future that never waits.
fn finished<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the transport responds at once"),
    }
}

/// The most bytes that the future of a call may have: futures are moved into tasks and into other futures.
const FUTURE_LIMIT: usize = 512;

/// The allocations of `call` once what a client keeps is there.
fn allocations(call: impl Fn()) -> u64 {
    call();
    call();
    let counts = measure(&call);
    assert_eq!(counts.bytes_current, 0, "a call keeps memory");
    counts.count_total
}

const OBJECT: [(&str, &str); 7] = [
    ("etag", "\"9b2cf535f27731c974343645a3985328\""),
    ("last-modified", "Sun, 22 Nov 2026 12:34:56 GMT"),
    ("accept-ranges", "bytes"),
    ("content-type", "binary/octet-stream"),
    ("x-amz-server-side-encryption", "AES256"),
    ("x-amz-checksum-crc32", "DUoRhQ=="),
    ("x-amz-checksum-type", "FULL_OBJECT"),
];

#[test]
fn a_small_call_allocates_little_beside_its_transport() {
    fn check(what: &str, limit: u64, allocations: u64) {
        assert!(allocations <= limit, "{what} allocates {allocations} times, at most {limit} are allowed");
    }

    let s3 = aws_s3::Client::new(&session(&OBJECT, "hello world"));
    let get = allocations(|| {
        let body = finished(s3.get_object("bucket", "key").send()).expect("a response").body;
        assert_eq!(finished(body.collect()).expect("a body").into_bytes().len(), 11);
    });
    check("GetObject", 44, get);

    let s3 = aws_s3::Client::new(&session(&OBJECT[..1], ""));
    let put = allocations(|| {
        let put = s3.put_object("bucket", "key").body(ByteStream::from_static(&[7; 1024]));
        assert!(finished(put.send()).expect("a response").e_tag.is_some());
    });
    check("PutObject", 34, put);

    let dynamodb = aws_dynamodb::Client::new(&session(&[], r#"{"Item":{"pk":{"S":"a"},"sk":{"S":"b"}}}"#));
    let item = allocations(|| {
        let string = |it: &str| AttributeValue::S(it.to_owned());
        let get = dynamodb.get_item("orders", [("pk", string("customer#1")), ("sk", string("order#1"))]);
        assert_eq!(finished(get.send()).expect("a response").item.len(), 2);
    });
    check("GetItem", 42, item);

    let body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>\
                </GetCallerIdentityResponse>";
    let sts = aws_sts::Client::new(&session(&[], body));
    let identity = allocations(|| {
        assert!(finished(sts.get_caller_identity().send()).expect("a response").account.is_some());
    });
    check("GetCallerIdentity", 27, identity);
}

#[test]
fn the_future_of_a_call_is_small_whatever_its_input_is() {
    let s3 = aws_s3::Client::new(&session(&[], ""));
    let check = |what: &str, bytes: usize| assert!(bytes <= FUTURE_LIMIT, "{what}: {bytes} bytes");
    check("GetObject", size_of_val(&s3.get_object("bucket", "key").send()));
    check("PutObject", size_of_val(&s3.put_object("bucket", "key").send()));
    check("PutObject with metadata", size_of_val(&s3.put_object("bucket", "key").send_with_metadata()));
}
