//! Bytes as the body of an XML response, of a success or an error: a typed output or a typed error, never a panic.

#![no_main]

use aws_core::internals::operation::OperationPlan;
use aws_core::internals::protocol::{AwsQuery, Ec2Query, Protocol, ResponseParts, RestXml};
use aws_core::internals::schema::StructureMut;
use aws_s3::operation::{GetBucketLocation, GetBucketLocationOutput, ListObjectVersions, ListObjectVersionsOutput};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let body = aws_core::Bytes::copy_from_slice(body);
    let headers = aws_core::http::HeaderMap::new();
    let response = ResponseParts { status: 200, headers: &headers, body: &body };
    let protocols: [&dyn Protocol; 3] = [&RestXml, &AwsQuery { version: "1" }, &Ec2Query { version: "1" }];
    for protocol in protocols {
        // The shapes need not belong to a service of the protocol.
        let mut versions = ListObjectVersionsOutput::default();
        let _ = protocol.parse(
            OperationPlan::for_operation::<ListObjectVersions>(),
            response,
            StructureMut::new(&mut versions),
        );
        let mut location = GetBucketLocationOutput::default();
        let _ = protocol.parse(
            OperationPlan::for_operation::<GetBucketLocation>(),
            response,
            StructureMut::new(&mut location),
        );
        let _ = protocol.error_info(response);
        let _ = protocol.request_id(response);
        let _ = protocol.parse_exception(response, StructureMut::new(&mut location));
    }
});
