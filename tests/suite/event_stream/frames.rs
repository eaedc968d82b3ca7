//! Frames of the conformance data `event-stream`: they are read, written and rejected as it says.

use std::path::Path;

use aws_core::Bytes;
use aws_core::internals::eventstream::{Decoder, EventHeaderValue, FrameErrorKind, Headers, Message};
use aws_core::types::Timestamp;
use tests::suite::{Outcome, Suite, conformance};

/// The bytes of a UUID without its hyphens.
const UUID: u128 = 0xb79b_c914_de21_4e13_b8b2_bc47_e85b_7f0b;

#[test]
fn frames_of_the_conformance_data_are_read_written_and_rejected() {
    let Some(folder) = conformance("event-stream") else { return };
    let mut suite = Suite::new("event-stream", &[]);
    let mut all_bytes = Vec::new();
    for (file, expect) in [("valid_with_all_headers_and_payload", all_headers()), ("valid_no_headers", no_headers())] {
        suite.run(file, || {
            let bytes = read(&folder, file)?;
            for size in 1..=bytes.len() {
                expect_messages(&decode(bytes.chunks(size))?, std::slice::from_ref(&expect))?;
            }
            all_bytes.extend(bytes.clone());
            let written = expect.encode().map_err(|it| it.to_string())?;
            if written == bytes { Ok(()) } else { Err("other bytes were written".to_owned()) }
        });
    }
    suite.run("several frames in pieces of every size", || {
        for size in 1..=all_bytes.len() {
            expect_messages(&decode(all_bytes.chunks(size))?, &[all_headers(), no_headers()])?;
        }
        Ok(())
    });
    type Matches = fn(&FrameErrorKind) -> bool;
    let invalid: [(&str, Matches); 6] = [
        ("invalid_header_string_value_length", |it| *it == FrameErrorKind::HeaderTruncated),
        ("invalid_header_string_length_cut_off", |it| *it == FrameErrorKind::HeaderTruncated),
        ("invalid_header_value_type", |it| *it == FrameErrorKind::UnknownHeaderType(0x60)),
        ("invalid_header_name_length", |it| *it == FrameErrorKind::HeaderTruncated),
        ("invalid_prelude_checksum", |it| {
            *it == FrameErrorKind::PreludeChecksum { expected: 0x8BB4_95FB, found: 0xDEAD_BEEF }
        }),
        ("invalid_message_checksum", |it| {
            *it == FrameErrorKind::MessageChecksum { expected: 0x01A0_5860, found: 0xDEAD_BEEF }
        }),
    ];
    for (file, expect) in invalid {
        suite.run(file, || {
            let mut decoder = Decoder::new();
            decoder.push(&read(&folder, file)?);
            match decoder.take() {
                Err(error) if expect(error.kind()) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        });
    }
    suite.finish();
}

fn read(folder: &Path, file: &str) -> Result<Vec<u8>, String> {
    std::fs::read(folder.join(file)).map_err(|it| it.to_string())
}

fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<Vec<Message>, String> {
    let (mut decoder, mut found) = (Decoder::new(), Vec::new());
    for piece in pieces {
        decoder.push(piece);
        while let Some(message) = decoder.take().map_err(|it| it.to_string())? {
            found.push(message);
        }
    }
    decoder.finish().map_err(|it| it.to_string())?;
    Ok(found)
}

fn expect_messages(found: &[Message], expect: &[Message]) -> Outcome {
    if found == expect { Ok(()) } else { Err(format!("found {found:?}")) }
}

fn all_headers() -> Message {
    let mut headers = Headers::new();
    for (name, value) in [
        ("true", EventHeaderValue::Bool(true)),
        ("false", EventHeaderValue::Bool(false)),
        ("byte", EventHeaderValue::Byte(50)),
        ("short", EventHeaderValue::Short(20_000)),
        ("int", EventHeaderValue::Int(500_000)),
        ("long", EventHeaderValue::Long(50_000_000_000)),
        ("bytes", EventHeaderValue::Bytes(b"some bytes")),
        ("str", EventHeaderValue::String("some str")),
        ("time", EventHeaderValue::Timestamp(Timestamp::from_secs(5_000_000))),
        ("uuid", EventHeaderValue::Uuid(UUID.to_be_bytes())),
    ] {
        headers.push(name, value).expect("a header");
    }
    Message { headers, payload: Bytes::from_static(b"some payload") }
}

fn no_headers() -> Message {
    Message { headers: Headers::new(), payload: Bytes::from_static(b"another test payload") }
}
