//! Faults by rule and by seed: each is what a client sees of a broken transport or a refusing service.

use std::time::Duration;

use aws_core::http::HttpErrorKind;
use aws_core::testing::{Fault, Faults, Reply, ServiceError, Stub, credentials};
use aws_core::{ByteStream, ErrorKind, Options, Session, make};
use aws_s3::operation::{GetObject, GetObjectOutput};
use tests::doubles::MockServer;

const BODY: &str = "0123456789";

/// The result of reading an object of ten bytes with a checksum: the body, or the kind of error, and the attempts.
async fn read(faults: Faults) -> (Result<String, ErrorKind>, usize, Stub) {
    let stub = Stub::new();
    stub.on::<GetObject>()
        .reply(make!(GetObjectOutput { body: ByteStream::from_static(BODY.as_bytes()), checksum_crc32: "poTHxg==" }));
    let session = stub.builder().hook(faults).build().expect("settings");
    let read = async {
        let response = aws_s3::Client::new(&session).get_object("b", "k").send().await?;
        Ok(String::from_utf8(response.body.collect().await?.into_bytes().to_vec()).expect("a string"))
    };
    let result = read.await.map_err(|it: aws_core::Error| it.kind());
    (result, stub.calls::<GetObject>(), stub)
}

#[tokio::test]
async fn each_fault_is_what_a_client_sees_of_it() {
    async fn check(fault: Fault, expect: Result<&str, ErrorKind>, attempts: usize) {
        let what = format!("{fault:?}");
        let (found, sent, _) = read(Faults::new(1).with(fault)).await;
        assert_eq!((found.as_deref().map_err(|it| *it), sent), (expect, attempts), "{what}");
    }
    // Before the body is read, faults are retried.
    check(Fault::status(503).times(2), Ok(BODY), 3).await;
    check(Fault::status(503), Err(ErrorKind::Service), 3).await;
    check(Fault::status(404), Err(ErrorKind::Service), 1).await;
    check(Fault::error(ServiceError::new("SlowDown").status(503)).times(1), Ok(BODY), 2).await;
    check(Fault::failure(HttpErrorKind::Connect).times(1), Ok(BODY), 2).await;
    check(Fault::failure(HttpErrorKind::Io), Err(ErrorKind::Io), 3).await;
    check(Fault::silence().times(2), Ok(BODY), 3).await;
    check(Fault::expired_credentials(), Err(ErrorKind::Service), 1).await;
    // The clock is corrected, and the call is sent once more.
    check(Fault::service_clock_ahead(Duration::from_secs(3600)).times(1), Ok(BODY), 2).await;
    check(Fault::service_clock_behind(Duration::from_secs(3600)).times(1), Ok(BODY), 2).await;
    // A streamed body is the caller's.
    check(Fault::reset_after(4), Err(ErrorKind::Io), 1).await;
    check(Fault::stall_after(0), Err(ErrorKind::Timeout), 1).await;
    check(Fault::truncated(9), Err(ErrorKind::Io), 1).await;
    check(Fault::truncated(10), Ok(BODY), 1).await;
    check(Fault::trickle(3), Ok(BODY), 1).await;
    check(Fault::corrupt(), Err(ErrorKind::Checksum), 1).await;
    check(Fault::wrong_length(1), Err(ErrorKind::Io), 1).await;
    check(Fault::wrong_length(-1), Err(ErrorKind::Io), 1).await;
}

#[tokio::test]
async fn a_body_trickles_in_pieces_of_its_size() {
    let stub = Stub::new();
    stub.on::<GetObject>().reply(make!(GetObjectOutput { body: ByteStream::from_static(BODY.as_bytes()) }));
    let session = stub.builder().hook(Faults::new(1).with(Fault::trickle(3))).build().expect("settings");
    let mut body = aws_s3::Client::new(&session).get_object("b", "k").send().await.expect("a head").body;
    let mut lengths = Vec::new();
    while let Some(piece) = body.try_next().await.expect("a piece") {
        lengths.push(piece.len());
    }
    assert_eq!(lengths, [3, 3, 3, 1]);
}

#[tokio::test]
async fn an_error_with_an_invalid_status_is_an_error_of_the_faults() {
    let (found, _, _) = read(Faults::new(1).with(Fault::error(ServiceError::new("Odd").status(7)))).await;
    assert_eq!(found, Err(ErrorKind::Hook));
}

#[tokio::test]
async fn a_fault_happens_where_its_conditions_and_its_seed_say() {
    let (found, sent, stub) = read(
        Faults::new(1).with(Fault::status(503).when(|call| call.attempt() == 2 || call.operation() != "GetObject")),
    )
    .await;
    assert_eq!((found.as_deref(), sent), (Ok(BODY), 1));
    stub.verify();

    let run = |seed| async move {
        let mut failed = Vec::new();
        let stub = Stub::new();
        stub.on::<GetObject>().reply(GetObjectOutput::default());
        let s3 = aws_s3::Client::new(
            &stub.builder().hook(Faults::new(seed).with(Fault::status(404).rate(0.5))).build().expect("settings"),
        );
        for _ in 0..40 {
            failed.push(s3.get_object("b", "k").send().await.is_err());
        }
        failed
    };
    let one = run(1).await;
    assert_eq!(one, run(1).await, "the same seed");
    assert_ne!(one, run(2).await, "another seed");
    let count = one.iter().filter(|it| **it).count();
    assert!((10..30).contains(&count), "about half: {count}");
}

#[tokio::test]
async fn faults_are_put_into_real_connections_too() {
    let server = MockServer::start([Reply::ok(BODY), Reply::ok(BODY)]);
    let faults = Faults::new(1).with(Fault::truncated(2).times(1)).with(Fault::status(500).times(1));
    let session = Session::builder()
        .environment(aws_core::config::Environment::empty())
        .region("us-east-1")
        .credentials(credentials())
        .sleep(aws_core::testing::RecordedSleep::new().sleep())
        .endpoint_url(server.url())
        .hook(faults)
        .build()
        .expect("settings");
    let s3 = aws_s3::Client::new(&session);
    let first = s3.get_object("b", "k").send().await.expect("a head").body.collect().await;
    assert_eq!(first.expect_err("truncated").kind(), ErrorKind::Io);
    let second = s3.get_object("b", "k").send().await.expect("the second attempt").body.collect().await;
    assert_eq!(second.expect("a body").into_bytes(), BODY);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn the_faults_of_a_session_and_those_of_a_call_happen_both() {
    let stub = Stub::new();
    stub.on::<GetObject>().reply(make!(GetObjectOutput { body: ByteStream::from_static(BODY.as_bytes()) }));
    let session = stub.builder().hook(Faults::new(1).with(Fault::corrupt())).build().expect("settings");
    let options = Options::new().hook(Faults::new(1).with(Fault::trickle(3)));
    let get = aws_s3::Client::new(&session).get_object("b", "k").with_options(options);
    let mut body = get.send().await.expect("a head").body;
    let mut pieces = Vec::new();
    while let Some(piece) = body.try_next().await.expect("a piece") {
        pieces.push(String::from_utf8(piece.to_vec()).expect("a string"));
    }
    assert_eq!(pieces, ["112", "345", "678", "9"]);
}
