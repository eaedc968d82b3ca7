//! Time to parse a response to DescribeInstances with 200 instances into its typed output, compared with the tokenizer
//! of an XML library alone on the same bytes. Prints both times and their ratio; enforces no limit.

mod measure;
mod tokens;

use std::hint::black_box;

use aws_core::internals::operation::OperationPlan;
use aws_core::internals::protocol::{Ec2Query, Protocol, ResponseParts};
use aws_core::internals::schema::StructureMut;
use aws_ec2::operation::{DescribeInstances, DescribeInstancesOutput};
use tests::pages::{INSTANCES, instances_page};

const ROUNDS: usize = 200;

fn main() {
    let body = aws_core::Bytes::from(instances_page());
    let headers = aws_core::http::HeaderMap::new();
    let response = ResponseParts { status: 200, headers: &headers, body: &body };
    let plan = OperationPlan::for_operation::<DescribeInstances>();
    let protocol = Ec2Query { version: "2016-11-15" };
    println!("{INSTANCES} instances, {} bytes, {ROUNDS} rounds", body.len());
    let mut parse = || {
        let mut output = DescribeInstancesOutput::default();
        protocol.parse(plan, response, StructureMut::new(&mut output)).expect("a valid page");
        assert_eq!(output.reservations.len(), INSTANCES);
        black_box(output);
    };
    let mut tokens = || assert!(tokens::events(&body) > INSTANCES);
    measure::alternating(
        ROUNDS,
        &mut [("parsed to DescribeInstancesOutput", &mut parse), ("tokenizer of quick-xml alone", &mut tokens)],
    );
}
