//! Time to parse a response to ListObjectsV2 with 1,000 keys into its typed output, compared with the tokenizer of an
//! XML library alone on the same bytes. Prints both times and their ratio; enforces no limit.

mod measure;
mod tokens;

use std::hint::black_box;

use aws_core::internals::operation::OperationPlan;
use aws_core::internals::protocol::{Protocol, ResponseParts, RestXml};
use aws_core::internals::schema::StructureMut;
use aws_s3::operation::{ListObjectsV2, ListObjectsV2Output};
use tests::pages::{KEYS, list_page};

const ROUNDS: usize = 300;

fn main() {
    let body = aws_core::Bytes::from(list_page());
    let headers = aws_core::http::HeaderMap::new();
    let response = ResponseParts { status: 200, headers: &headers, body: &body };
    let plan = OperationPlan::for_operation::<ListObjectsV2>();
    println!("a page of {KEYS} keys, {} bytes, {ROUNDS} rounds", body.len());
    let mut parse = || {
        let mut output = ListObjectsV2Output::default();
        RestXml.parse(plan, response, StructureMut::new(&mut output)).expect("a valid page");
        assert_eq!(output.contents.len(), KEYS);
        black_box(output);
    };
    let mut tokens = || assert!(tokens::events(&body) > KEYS);
    measure::alternating(
        ROUNDS,
        &mut [("parsed to ListObjectsV2Output", &mut parse), ("tokenizer of quick-xml alone", &mut tokens)],
    );
}
