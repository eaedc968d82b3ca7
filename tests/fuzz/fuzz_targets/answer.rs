//! Bytes as the body of an S3 answer: a typed output or a typed error, never a panic.

#![no_main]

use aws_core::codegen::StructureMut;
use aws_core::operation::Plan;
use aws_core::protocol::{Answer, REST_XML};
use aws_s3::operation::{GetBucketLocation, GetBucketLocationOutput, ListObjectVersions, ListObjectVersionsOutput};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let body = aws_core::Bytes::copy_from_slice(body);
    let headers = aws_core::http::HeaderMap::new();
    let answer = Answer { status: 200, headers: &headers, body: &body };
    let mut versions = ListObjectVersionsOutput::default();
    let _ = REST_XML.parse(Plan::of::<ListObjectVersions>(), answer, StructureMut::new(&mut versions));
    let mut location = GetBucketLocationOutput::default();
    let _ = REST_XML.parse(Plan::of::<GetBucketLocation>(), answer, StructureMut::new(&mut location));
    let _ = REST_XML.fault(answer);
});
