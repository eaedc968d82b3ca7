//! Bytes as a body of messages: messages that are written as they were read, or an error with its place; never a panic,
//! and the same whatever the pieces are in which they come.

#![no_main]

use aws_core::eventstream::{Decoder, FrameError, Message};
use libfuzzer_sys::fuzz_target;

fn decode(bytes: &[u8], size: usize) -> (Vec<Message>, Option<FrameError>) {
    let (mut decoder, mut found) = (Decoder::new(), Vec::new());
    for piece in bytes.chunks(size) {
        decoder.push(piece);
        loop {
            match decoder.take() {
                Ok(Some(message)) => found.push(message),
                Ok(None) => break,
                Err(error) => return (found, Some(error)),
            }
        }
    }
    (found, decoder.finish().err())
}

fuzz_target!(|bytes: &[u8]| {
    let whole = decode(bytes, bytes.len().max(1));
    assert_eq!(decode(bytes, 1), whole);
    assert_eq!(decode(bytes, 13), whole);
    let written: Vec<u8> = whole.0.iter().flat_map(|it| it.encode().expect("what was read")).collect();
    assert!(bytes.starts_with(&written));
});
