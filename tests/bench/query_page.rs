//! Time to parse a response to DynamoDB's Query with 1,600 items, just under its limit of 1 MB, into its typed output,
//! compared with serde_json's time to parse the same JSON into a `Value`. Prints both times and their ratio; enforces
//! no limit.

mod measure;

use std::hint::black_box;

use aws_core::operation::OperationPlan;
use aws_core::protocol::{AwsJson, Protocol, ResponseParts};
use aws_core::schema::StructureMut;
use aws_dynamodb::operation::{Query, QueryOutput};

const ITEMS: usize = 1600;
const ROUNDS: usize = 200;

fn main() {
    let body = aws_core::Bytes::from(page());
    let headers = aws_core::http::HeaderMap::new();
    let response = ResponseParts { status: 200, headers: &headers, body: &body };
    let plan = OperationPlan::for_operation::<Query>();
    let protocol = AwsJson { version: "1.0", target: "DynamoDB_20120810", query_compatible: false };
    println!("{ITEMS} items, {} bytes, {ROUNDS} rounds", body.len());
    let mut parse = || {
        let mut output = QueryOutput::default();
        protocol.parse(plan, response, StructureMut::new(&mut output)).expect("a valid page");
        assert_eq!(output.items.len(), ITEMS);
        black_box(output);
    };
    let mut tree = || {
        let value: serde_json::Value = serde_json::from_slice(&body).expect("a valid page");
        black_box(value);
    };
    measure::alternating(ROUNDS, &mut [("parsed to QueryOutput", &mut parse), ("serde_json to Value", &mut tree)]);
}

fn page() -> String {
    let items: Vec<_> = (0..ITEMS).map(item).collect();
    format!(
        "{{\"Count\":{ITEMS},\"Items\":[{}],\"LastEvaluatedKey\":{{\"pk\":{{\"S\":\"customer#1\"}},\"sk\":{{\"S\":\
         \"order#1\"}}}},\"ScannedCount\":{ITEMS}}}",
        items.join(",")
    )
}

/// An order: most attribute types, nested ones, and a string with escapes.
fn item(index: usize) -> String {
    format!(
        "{{\"pk\":{{\"S\":\"customer#{index:012x}\"}},\"sk\":{{\"S\":\"order#2025-11-{:02}#{index:08}\"}},\
         \"status\":{{\"S\":\"SHIPPED\"}},\"total\":{{\"N\":\"{index}.25\"}},\"quantity\":{{\"N\":\"{}\"}},\
         \"gift\":{{\"BOOL\":{}}},\"coupon\":{{\"NULL\":true}},\"tags\":{{\"SS\":[\"alpha\",\"beta\",\"gamma\"]}},\
         \"thumb\":{{\"B\":\"{}\"}},\"address\":{{\"M\":{{\"street\":{{\"S\":\"{index} Example Street\"}},\
         \"city\":{{\"S\":\"Seattle\"}},\"zip\":{{\"S\":\"98101\"}}}}}},\"lines\":{{\"L\":[{{\"M\":{{\"sku\":\
         {{\"S\":\"{index:010x}\"}},\"qty\":{{\"N\":\"1\"}}}}}},{{\"M\":{{\"sku\":{{\"S\":\"{index:010x}\"}},\"qty\":\
         {{\"N\":\"2\"}}}}}}]}},\"note\":{{\"S\":\"left at the \\\"front\\\" door\"}}}}",
        index % 28 + 1,
        index % 50,
        index.is_multiple_of(2),
        "aGVsbG8gd29y".repeat(5) + "bGQh",
    )
}
