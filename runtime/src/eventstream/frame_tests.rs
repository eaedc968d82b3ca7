use super::*;
use crate::eventstream::HeaderValue;
use crate::value::Timestamp;

fn sample() -> Message {
    let mut headers = Headers::new();
    for (name, value) in [
        ("true", HeaderValue::Bool(true)),
        ("false", HeaderValue::Bool(false)),
        ("byte", HeaderValue::Byte(-50)),
        ("short", HeaderValue::Short(20_000)),
        ("int", HeaderValue::Int(-500_000)),
        ("long", HeaderValue::Long(50_000_000_000)),
        ("bytes", HeaderValue::Bytes(b"some bytes")),
        ("text", HeaderValue::String("some text, naïve")),
        ("time", HeaderValue::Timestamp(Timestamp::from_millis(-1))),
        ("uuid", HeaderValue::Uuid([0xb7; 16])),
    ] {
        headers.push(name, value).unwrap();
    }
    Message { headers, payload: Bytes::from_static(b"some payload") }
}

/// All messages of `bytes`, given in pieces.
fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Message>, FrameError> {
    let (mut decoder, mut found) = (Decoder::new(), Vec::new());
    for piece in pieces {
        decoder.push(piece);
        while let Some(message) = decoder.take()? {
            found.push(message);
        }
    }
    decoder.finish().map(|()| found)
}

/// A frame of these parts, its checksums right whatever the lengths say.
fn frame(total: u32, headers_length: u32, rest: &[u8]) -> Vec<u8> {
    let mut bytes = [total.to_be_bytes(), headers_length.to_be_bytes()].concat();
    bytes.extend(crc(&bytes).to_be_bytes());
    bytes.extend(rest);
    bytes.extend(crc(&bytes).to_be_bytes());
    bytes
}

#[test]
fn what_is_written_is_read() {
    for message in [sample(), Message::default(), Message { payload: vec![7; 70_000].into(), ..sample() }] {
        let bytes = message.encode().unwrap();
        assert_eq!(decode([&*bytes]).unwrap(), std::slice::from_ref(&message));
        let values: Vec<_> = message.headers.iter().collect();
        assert_eq!(values.len(), if message.headers.as_bytes().is_empty() { 0 } else { 10 });
    }
    let message = sample();
    assert_eq!(message.headers.get("int"), Some(HeaderValue::Int(-500_000)));
    assert_eq!(message.headers.text("text"), Some("some text, naïve"));
    assert_eq!((message.headers.text("int"), message.headers.get("none")), (None, None));
}

#[test]
fn the_bytes_of_a_frame() {
    let mut headers = Headers::new();
    headers.push("a", HeaderValue::String("b")).unwrap();
    let message = Message { headers, payload: Bytes::from_static(b"c") };
    let expect = "000000170000000637f4fda80161070001620063";
    let hex: String = message.encode().unwrap().iter().map(|it| format!("{it:02x}")).collect();
    assert_eq!((&hex[..16], &hex[24..38]), (&expect[..16], "01610700016263"));
    assert_eq!(hex.len(), 2 * 23);
    let empty: String = Message::default().encode().unwrap().iter().map(|it| format!("{it:02x}")).collect();
    assert_eq!(empty, "000000100000000005c248eb7d98c8ff");
}

#[test]
fn pieces_of_every_size() {
    let messages = [sample(), Message::default(), sample()];
    let bytes: Vec<u8> = messages.iter().flat_map(|it| it.encode().unwrap()).collect();
    for size in 1..=bytes.len() {
        assert_eq!(decode(bytes.chunks(size)).unwrap(), messages, "pieces of {size}");
    }
    for at in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(at);
        assert_eq!(decode([head, tail]).unwrap(), messages, "split at {at}");
    }
}

#[test]
fn every_flipped_byte_shows() {
    let bytes = sample().encode().unwrap();
    for at in 0..bytes.len() {
        for mask in [1, 0x80, 0xff] {
            let mut broken = bytes.to_vec();
            broken[at] ^= mask;
            let error = decode([&*broken]).expect_err("a flipped byte");
            assert!(error.position() <= bytes.len() as u64, "{error}");
        }
    }
}

#[test]
fn every_shortened_frame_shows() {
    let bytes = sample().encode().unwrap();
    for end in 1..bytes.len() {
        let error = decode([&bytes[..end]]).unwrap_err();
        assert!(matches!(error.fault(), FrameFault::CutOff { missing } if *missing > 0), "{error}");
        assert_eq!(error.position(), end as u64);
    }
}

#[test]
fn faults_and_where_they_are() {
    fn check(bytes: &[u8], position: u64, expect: FrameFault) {
        let good = Message::default().encode().unwrap();
        for before in [0, 2] {
            let pieces = std::iter::repeat_n(&*good, before).chain([bytes]);
            let error = decode(pieces).unwrap_err();
            let offset = (before * good.len()) as u64;
            assert_eq!((error.position() - offset, error.fault()), (position, &expect));
        }
    }
    let headed = |headers: &[u8]| frame(16 + headers.len() as u32, headers.len() as u32, headers);
    check(&frame(15, 0, b""), 0, FrameFault::Length { total: 15, headers: 0 });
    check(&frame(20, 5, b"abcd"), 0, FrameFault::Length { total: 20, headers: 5 });
    check(&frame(u32::MAX, 0, b""), 0, FrameFault::PayloadTooLong(u32::MAX as usize - 16));
    check(&frame(16 + 24 * 1024 * 1024 + 1, 0, b""), 0, FrameFault::PayloadTooLong(24 * 1024 * 1024 + 1));
    check(&frame(u32::MAX, u32::MAX, b""), 4, FrameFault::HeadersTooLong(u32::MAX as usize));
    check(&frame(1 << 20, 128 * 1024 + 1, b""), 4, FrameFault::HeadersTooLong(128 * 1024 + 1));
    check(&headed(b"\0"), 12, FrameFault::HeaderName);
    check(&headed(b"\x01\xff\0"), 12, FrameFault::HeaderName);
    check(&headed(b"\x01a\x0a"), 12, FrameFault::HeaderType(10));
    check(&headed(b"\x01a\0\x01b\x60"), 15, FrameFault::HeaderType(0x60));
    check(&headed(b"\x01a\x07\0\x02\xc3"), 12, FrameFault::HeaderCutOff);
    check(&headed(b"\x01a\x07\0\x02\xc3("), 12, FrameFault::HeaderText);
    check(&headed(b"\x01a"), 12, FrameFault::HeaderCutOff);
    check(&headed(b"\x01a\x09123"), 12, FrameFault::HeaderCutOff);
    check(&headed(b"\x01a\0\x01a\x01"), 12, FrameFault::DuplicateHeader("a".to_owned()));
    let good = sample().encode().unwrap();
    let end = good.len();
    let mut broken = good.to_vec();
    broken[end - 1] ^= 1;
    let expected = u32::from_be_bytes(good[end - 4..].try_into().unwrap());
    check(&broken, end as u64 - 4, FrameFault::MessageChecksum { expected, found: expected ^ 1 });
    broken = good.to_vec();
    broken[11] ^= 1;
    let expected = u32::from_be_bytes(good[8..12].try_into().unwrap());
    check(&broken, 8, FrameFault::PreludeChecksum { expected, found: expected ^ 1 });
}

#[test]
fn what_failed_stays_failed() {
    let mut decoder = Decoder::new();
    decoder.push(&frame(15, 0, b""));
    let error = decoder.take().unwrap_err();
    decoder.push(&sample().encode().unwrap());
    assert_eq!(decoder.take().unwrap_err(), error);
    assert_eq!(decoder.finish().unwrap_err(), error);
    assert_eq!(Error::from(error).kind(), ErrorKind::Parse);
}

#[test]
fn what_no_frame_can_hold_is_refused() {
    let mut headers = Headers::new();
    let long = "x".repeat(65_536);
    assert!(headers.push("", HeaderValue::Bool(true)).is_err());
    assert!(headers.push(&long[..256], HeaderValue::Bool(true)).is_err());
    assert!(headers.push("a", HeaderValue::String(&long)).is_err());
    assert!(headers.as_bytes().is_empty());
    headers.push("a", HeaderValue::String(&long[1..])).unwrap();
    assert!(headers.push("b", HeaderValue::Bytes(&long.as_bytes()[1..])).is_err(), "more than 128 KiB together");
    let huge = Message { payload: vec![0; MAX_PAYLOAD + 1].into(), ..Message::default() };
    assert_eq!(huge.encode().unwrap_err().kind(), ErrorKind::Validation);
}

#[test]
fn debug_shows_no_values() {
    let text = format!("{:?}", sample());
    assert!(text.contains("uuid") && text.contains("12 bytes") && !text.contains("some"), "{text}");
}
