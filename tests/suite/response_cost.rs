//! The allocations of reading a response. They are counted, not timed; `cargo bench -p tests` measures times.

use allocation_counter::measure;
use aws_core::Bytes;
use aws_core::internals::operation::OperationPlan;
use aws_core::internals::protocol::{Protocol, ResponseParts, RestXml};
use aws_core::internals::schema::{SchemaType, StructureMut};
use aws_dynamodb::operation::{DescribeTable, DescribeTableOutput};
use aws_s3::operation::{ListObjectsV2, ListObjectsV2Output};

/// The allocations of reading `body` as a `T`, once its shapes are decoded.
fn allocations<T: SchemaType + Default>(protocol: &dyn Protocol, plan: &'static OperationPlan, body: String) -> u64 {
    let (headers, body) = (aws_core::http::HeaderMap::new(), Bytes::from(body));
    let read = || {
        let response = ResponseParts { status: 200, headers: &headers, body: &body };
        protocol.parse(plan, response, StructureMut::new(&mut T::default())).expect("a valid response");
    };
    read();
    measure(read).count_total
}

#[test]
fn only_long_unknown_values_of_enumerations_allocate() {
    let list = |member: &str| {
        let body = format!("<ListBucketResult><Contents><Key>k</Key>{member}</Contents></ListBucketResult>");
        allocations::<ListObjectsV2Output>(&RestXml, OperationPlan::for_operation::<ListObjectsV2>(), body)
    };
    let table = |members: &str| {
        let body = format!("{{\"Table\":{{\"TableName\":\"t\"{members}}}}}");
        let protocol = aws_core::internals::protocol::AwsJson {
            version: "1.0",
            target: "DynamoDB_20120810",
            query_compatible: false,
        };
        allocations::<DescribeTableOutput>(&protocol, OperationPlan::for_operation::<DescribeTable>(), body)
    };
    for class in
        ["STANDARD", "EXPRESS_ONEZONE", "INTELLIGENT_TIERING", "UNKNOWN_OF_22_BYTES_..", "AWS_BACKUP_LOW_COST_WARM"]
    {
        assert_eq!(list(&format!("<StorageClass>{class}</StorageClass>")), list(""), "{class}");
    }
    assert_eq!(list("<StorageClass>UNKNOWN_OF_23_BYTES_...</StorageClass>"), list("") + 1);
    assert_eq!(table(",\"TableStatus\":\"ACTIVE\""), table(""));
    assert_eq!(table(",\"TableStatus\":\"a status of more than 22 bytes\""), table("") + 1);
}

/// A Query page is thousands of them.
#[test]
fn an_attribute_and_its_name_take_56_bytes() {
    assert_eq!(size_of::<(String, aws_dynamodb::types::AttributeValue)>(), 56);
}
