//! Bytes as a body of event stream messages: messages that encode to the same bytes, or an error with its offset, never
//! a panic; and the same result for any chunk size.

#![no_main]

use aws_core::internals::eventstream::{Decoder, FrameError, Message};
use libfuzzer_sys::fuzz_target;

fn decode(bytes: &[u8], size: usize) -> (Vec<Message>, Option<FrameError>) {
    let (mut decoder, mut found) = (Decoder::new(), Vec::new());
    for chunk in bytes.chunks(size) {
        decoder.push(chunk);
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
    let expect = decode(bytes, bytes.len().max(1));
    assert_eq!(decode(bytes, 1), expect);
    assert_eq!(decode(bytes, 13), expect);
    let written: Vec<u8> =
        expect.0.iter().flat_map(|it| it.encode().expect("a decoded message can be encoded")).collect();
    assert!(bytes.starts_with(&written));
});
