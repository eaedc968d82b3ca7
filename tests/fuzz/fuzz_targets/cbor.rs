//! Bytes as CBOR: a typed output or a typed error, never a panic; and every token consumes at least one byte.

#![no_main]

use aws_core::http::HeaderMap;
use aws_core::internals::codec::cbor;
use aws_core::internals::protocol::{Protocol, ResponseParts, RpcV2Cbor};
use aws_core::internals::schema::StructureMut;
use aws_dynamodb::operation::{DescribeTableOutput, QueryOutput};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // These shapes have lists, maps, structures, numbers, timestamps and bytes.
    let _ = cbor::read(bytes, StructureMut::new(&mut QueryOutput::default()));
    let _ = cbor::read(bytes, StructureMut::new(&mut DescribeTableOutput::default()));
    let mut tokens = cbor::Tokens::new(bytes);
    for _ in 0..bytes.len() {
        if tokens.next().is_err() {
            break;
        }
    }
    let protocol = RpcV2Cbor { target: "Fuzz", query_compatible: true };
    let _ =
        protocol.error_info(ResponseParts { status: 400, headers: &HeaderMap::new(), body: &bytes.to_vec().into() });
});
