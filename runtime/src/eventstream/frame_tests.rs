use super::*;
use crate::eventstream::EventHeaderValue;
use crate::types::Timestamp;

fn sample() -> Message {
    let mut headers = Headers::new();
    for (name, value) in [
        ("true", EventHeaderValue::Bool(true)),
        ("false", EventHeaderValue::Bool(false)),
        ("byte", EventHeaderValue::Byte(-50)),
        ("short", EventHeaderValue::Short(20_000)),
        ("int", EventHeaderValue::Int(-500_000)),
        ("long", EventHeaderValue::Long(50_000_000_000)),
        ("bytes", EventHeaderValue::Bytes(b"some bytes")),
        ("text", EventHeaderValue::String("some text, naïve")),
        ("time", EventHeaderValue::Timestamp(Timestamp::from_millis(-1))),
        ("uuid", EventHeaderValue::Uuid([0xb7; 16])),
    ] {
        headers.push(name, value).unwrap();
    }
    Message { headers, payload: Bytes::from_static(b"some payload") }
}

/// Decodes all messages of a stream that arrives in these pieces.
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

/// A frame with these parts and correct checksums, even if the lengths are wrong.
fn frame(total: u32, headers_length: u32, rest: &[u8]) -> Vec<u8> {
    let mut bytes = [total.to_be_bytes(), headers_length.to_be_bytes()].concat();
    bytes.extend(crc(&bytes).to_be_bytes());
    bytes.extend(rest);
    bytes.extend(crc(&bytes).to_be_bytes());
    bytes
}

#[test]
fn encoded_messages_are_decoded_unchanged() {
    for message in [sample(), Message::default(), Message { payload: vec![7; 70_000].into(), ..sample() }] {
        let bytes = message.encode().unwrap();
        assert_eq!(decode([&*bytes]).unwrap(), std::slice::from_ref(&message));
        let values: Vec<_> = message.headers.iter().collect();
        assert_eq!(values.len(), if message.headers.as_bytes().is_empty() { 0 } else { 10 });
    }
    let message = sample();
    assert_eq!(message.headers.get("int"), Some(EventHeaderValue::Int(-500_000)));
    assert_eq!(message.headers.get_str("text"), Some("some text, naïve"));
    assert_eq!((message.headers.get_str("int"), message.headers.get("none")), (None, None));
}

#[test]
fn frames_have_the_specified_bytes() {
    let mut headers = Headers::new();
    headers.push("a", EventHeaderValue::String("b")).unwrap();
    let message = Message { headers, payload: Bytes::from_static(b"c") };
    let expect = "000000170000000637f4fda80161070001620063";
    let hex: String = message.encode().unwrap().iter().map(|it| format!("{it:02x}")).collect();
    assert_eq!((&hex[..16], &hex[24..38]), (&expect[..16], "01610700016263"));
    assert_eq!(hex.len(), 2 * 23);
    let empty: String = Message::default().encode().unwrap().iter().map(|it| format!("{it:02x}")).collect();
    assert_eq!(empty, "000000100000000005c248eb7d98c8ff");
}

#[test]
fn messages_are_decoded_from_pieces_of_every_size() {
    let messages = [sample(), Message::default(), sample()];
    let bytes: Vec<u8> = messages.iter().flat_map(|it| it.encode().unwrap()).collect();
    for size in 1..=bytes.len() {
        assert_eq!(decode(bytes.chunks(size)).unwrap(), messages, "pieces of {size}");
    }
    for position in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(position);
        assert_eq!(decode([head, tail]).unwrap(), messages, "split at {position}");
    }
}

#[test]
fn every_flipped_byte_is_an_error() {
    let bytes = sample().encode().unwrap();
    for position in 0..bytes.len() {
        for mask in [1, 0x80, 0xff] {
            let mut broken = bytes.to_vec();
            broken[position] ^= mask;
            let error = decode([&*broken]).expect_err("a flipped byte");
            assert!(error.position() <= bytes.len() as u64, "{error}");
        }
    }
}

#[test]
fn every_truncated_frame_is_an_error() {
    let bytes = sample().encode().unwrap();
    for end in 1..bytes.len() {
        let error = decode([&bytes[..end]]).unwrap_err();
        assert!(matches!(error.kind(), FrameErrorKind::Truncated { missing } if *missing > 0), "{error}");
        assert_eq!(error.position(), end as u64);
    }
}

#[test]
fn errors_have_kind_and_position() {
    fn check(bytes: &[u8], position: u64, expect: FrameErrorKind) {
        let good = Message::default().encode().unwrap();
        for before in [0, 2] {
            let pieces = std::iter::repeat_n(&*good, before).chain([bytes]);
            let error = decode(pieces).unwrap_err();
            let offset = (before * good.len()) as u64;
            assert_eq!((error.position() - offset, error.kind()), (position, &expect));
        }
    }
    let headed = |headers: &[u8]| frame(16 + headers.len() as u32, headers.len() as u32, headers);
    check(&frame(15, 0, b""), 0, FrameErrorKind::InvalidLength { total: 15, headers: 0 });
    check(&frame(20, 5, b"abcd"), 0, FrameErrorKind::InvalidLength { total: 20, headers: 5 });
    check(&frame(u32::MAX, 0, b""), 0, FrameErrorKind::PayloadTooLong(u32::MAX as usize - 16));
    check(&frame(16 + 24 * 1024 * 1024 + 1, 0, b""), 0, FrameErrorKind::PayloadTooLong(24 * 1024 * 1024 + 1));
    check(&frame(u32::MAX, u32::MAX, b""), 4, FrameErrorKind::HeadersTooLong(u32::MAX as usize));
    check(&frame(1 << 20, 128 * 1024 + 1, b""), 4, FrameErrorKind::HeadersTooLong(128 * 1024 + 1));
    check(&headed(b"\0"), 12, FrameErrorKind::InvalidHeaderName);
    check(&headed(b"\x01\xff\0"), 12, FrameErrorKind::InvalidHeaderName);
    check(&headed(b"\x01a\x0a"), 12, FrameErrorKind::UnknownHeaderType(10));
    check(&headed(b"\x01a\0\x01b\x60"), 15, FrameErrorKind::UnknownHeaderType(0x60));
    check(&headed(b"\x01a\x07\0\x02\xc3"), 12, FrameErrorKind::HeaderTruncated);
    check(&headed(b"\x01a\x07\0\x02\xc3("), 12, FrameErrorKind::HeaderNotUtf8);
    check(&headed(b"\x01a"), 12, FrameErrorKind::HeaderTruncated);
    check(&headed(b"\x01a\x09123"), 12, FrameErrorKind::HeaderTruncated);
    check(&headed(b"\x01a\0\x01a\x01"), 12, FrameErrorKind::DuplicateHeader("a".to_owned()));
    let good = sample().encode().unwrap();
    let end = good.len();
    let mut broken = good.to_vec();
    broken[end - 1] ^= 1;
    let expected = u32::from_be_bytes(good[end - 4..].try_into().unwrap());
    check(&broken, end as u64 - 4, FrameErrorKind::MessageChecksum { expected, found: expected ^ 1 });
    broken = good.to_vec();
    broken[11] ^= 1;
    let expected = u32::from_be_bytes(good[8..12].try_into().unwrap());
    check(&broken, 8, FrameErrorKind::PreludeChecksum { expected, found: expected ^ 1 });
}

#[test]
fn a_failed_decoder_keeps_returning_its_error() {
    let mut decoder = Decoder::new();
    decoder.push(&frame(15, 0, b""));
    let error = decoder.take().unwrap_err();
    decoder.push(&sample().encode().unwrap());
    assert_eq!(decoder.take().unwrap_err(), error);
    assert_eq!(decoder.finish().unwrap_err(), error);
    assert_eq!(Error::from(error).kind(), ErrorKind::Parse);
}

#[test]
fn headers_and_payloads_over_the_maximum_are_rejected() {
    let mut headers = Headers::new();
    let long = "x".repeat(65_536);
    assert!(headers.push("", EventHeaderValue::Bool(true)).is_err());
    assert!(headers.push(&long[..256], EventHeaderValue::Bool(true)).is_err());
    assert!(headers.push("a", EventHeaderValue::String(&long)).is_err());
    assert!(headers.as_bytes().is_empty());
    headers.push("a", EventHeaderValue::String(&long[1..])).unwrap();
    assert!(headers.push("b", EventHeaderValue::Bytes(&long.as_bytes()[1..])).is_err(), "more than 128 KiB together");
    let huge = Message { payload: vec![0; MAX_PAYLOAD + 1].into(), ..Message::default() };
    assert_eq!(huge.encode().unwrap_err().kind(), ErrorKind::Validation);
}

#[test]
fn debug_shows_no_values() {
    let text = format!("{:?}", sample());
    assert!(text.contains("uuid") && text.contains("12 bytes") && !text.contains("some"), "{text}");
}
