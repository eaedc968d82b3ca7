//! Bytes as CBOR: a typed output or a typed error, never a panic; and every token that is split off takes at least a byte.

#![no_main]

use aws_core::codec::cbor;
use aws_core::schema::StructureMut;
use aws_core::http::HeaderMap;
use aws_core::protocol::{Answer, Protocol, RpcV2Cbor};
use aws_dynamodb::operation::{DescribeTableOutput, QueryOutput};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Any shapes will do: these have lists, maps, structures, numbers, timestamps and bytes.
    let _ = cbor::read(bytes, StructureMut::new(&mut QueryOutput::default()));
    let _ = cbor::read(bytes, StructureMut::new(&mut DescribeTableOutput::default()));
    let mut tokens = cbor::Tokens::new(bytes);
    for _ in 0..bytes.len() {
        if tokens.next().is_err() {
            break;
        }
    }
    let protocol = RpcV2Cbor { target: "Fuzz", query_compatible: true };
    let _ = protocol.fault(Answer { status: 400, headers: &HeaderMap::new(), body: &bytes.to_vec().into() });
});
