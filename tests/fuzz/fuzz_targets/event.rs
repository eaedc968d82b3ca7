//! Bytes as a stream of typed events: each message becomes an event or a typed error, never a panic.

#![no_main]

use aws_core::internals::eventstream::Decoder;
use aws_core::internals::protocol::{AwsJson, Protocol, RestJson, RestXml, RpcV2Cbor};
use aws_core::internals::schema::StructureMut;
use aws_s3::types::SelectObjectContentEventStream;
use libfuzzer_sys::fuzz_target;

const JSON: AwsJson = AwsJson { version: "1.1", target: "T", query_compatible: false };
const CBOR: RpcV2Cbor = RpcV2Cbor { target: "T", query_compatible: false };

fuzz_target!(|bytes: &[u8]| {
    let mut decoder = Decoder::new();
    decoder.push(bytes);
    while let Ok(Some(message)) = decoder.take() {
        // The shapes need not belong to a service of the protocol.
        let protocols: [&dyn Protocol; 4] = [&RestXml, &RestJson, &JSON, &CBOR];
        for format in protocols.into_iter().filter_map(Protocol::events) {
            for name in ["Records", "Stats", "Progress", "Cont", "News"] {
                let mut event = SelectObjectContentEventStream::default();
                let read = format.read(name, &message, StructureMut::new(&mut event));
                assert!(read.is_err() || format!("{event:?}").len() > 2);
            }
        }
    }
});
