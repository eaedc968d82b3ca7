//! Time to parse a response to DynamoDB's Query with 1,600 items, just under its limit of 1 MB, into its typed output,
//! compared with serde_json's time to parse the same JSON into structures of the same shape, with derived code. Prints
//! both times and their ratio; enforces no limit.

mod measure;
mod same_shape;

use std::hint::black_box;

use aws_core::internals::operation::OperationPlan;
use aws_core::internals::protocol::{AwsJson, Protocol, ResponseParts};
use aws_core::internals::schema::StructureMut;
use aws_dynamodb::operation::{Query, QueryOutput};
use tests::pages::{ITEMS, query_page};

const ROUNDS: usize = 200;

fn main() {
    let body = aws_core::Bytes::from(query_page());
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
    let mut derived = || {
        let page: same_shape::Page = serde_json::from_slice(&body).expect("a valid page");
        assert_eq!(page.items.len(), ITEMS);
        black_box(page);
    };
    measure::alternating(
        ROUNDS,
        &mut [("parsed to QueryOutput", &mut parse), ("derived code of serde, same shape", &mut derived)],
    );
}
