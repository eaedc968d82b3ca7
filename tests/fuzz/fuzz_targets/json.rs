//! Bytes as the body of a JSON response: a typed output or a typed error, never a panic; a parsed output can be
//! written, and reads back as the same value if the shape has all of its members.

#![no_main]

use aws_core::internals::codec::json;
use aws_core::internals::protocol::{AwsJson, Protocol, ResponseParts, RestJson};
use aws_core::internals::schema::StructureMut;
use aws_core::internals::schema::StructureView;
use aws_dynamodb::operation::{DescribeTableOutput, QueryOutput};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let mut page = QueryOutput::default();
    if json::read(body, StructureMut::new(&mut page)).is_ok() {
        let (mut written, mut again) = (String::new(), QueryOutput::default());
        json::write(&mut written, StructureView::new(&page)).expect("a parsed value can be written");
        // A member that a union does not know is not written.
        if json::read(written.as_bytes(), StructureMut::new(&mut again)).is_ok() {
            assert!(page == again, "{written}");
        }
    }
    // Timestamps, floats and nested structures.
    let _ = json::read(body, StructureMut::new(&mut DescribeTableOutput::default()));
    let headers = aws_core::http::HeaderMap::new();
    let body = aws_core::Bytes::copy_from_slice(body);
    let response = ResponseParts { status: 400, headers: &headers, body: &body };
    let _ = AwsJson { version: "1.0", target: "T", query_compatible: true }.error_info(response);
    let _ = RestJson.error_info(response);
});
