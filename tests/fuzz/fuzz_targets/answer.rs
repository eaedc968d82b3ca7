//! Bytes as the body of an answer in XML, good or bad: a typed output or a typed error, never a panic.

#![no_main]

use aws_core::schema::StructureMut;
use aws_core::operation::Plan;
use aws_core::protocol::{Answer, AwsQuery, Ec2Query, Protocol, RestXml};
use aws_s3::operation::{GetBucketLocation, GetBucketLocationOutput, ListObjectVersions, ListObjectVersionsOutput};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let body = aws_core::Bytes::copy_from_slice(body);
    let headers = aws_core::http::HeaderMap::new();
    let answer = Answer { status: 200, headers: &headers, body: &body };
    let protocols: [&dyn Protocol; 3] = [&RestXml, &AwsQuery { version: "1" }, &Ec2Query { version: "1" }];
    for protocol in protocols {
        // The shapes need not be of a service that speaks the protocol.
        let mut versions = ListObjectVersionsOutput::default();
        let _ = protocol.parse(Plan::of::<ListObjectVersions>(), answer, StructureMut::new(&mut versions));
        let mut location = GetBucketLocationOutput::default();
        let _ = protocol.parse(Plan::of::<GetBucketLocation>(), answer, StructureMut::new(&mut location));
        let _ = protocol.fault(answer);
        let _ = protocol.request_id(answer);
        let _ = protocol.parse_exception(answer, StructureMut::new(&mut location));
    }
});
