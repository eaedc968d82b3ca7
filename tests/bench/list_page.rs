//! Time to parse a response to ListObjectsV2 with 1,000 keys into its typed output, compared with the tokenizer of an
//! XML library alone on the same bytes. Prints both times and their ratio; enforces no limit.

mod measure;
mod tokens;

use std::hint::black_box;

use aws_core::operation::OperationPlan;
use aws_core::protocol::{Protocol, ResponseParts, RestXml};
use aws_core::schema::StructureMut;
use aws_s3::operation::{ListObjectsV2, ListObjectsV2Output};

const KEYS: usize = 1000;
const ROUNDS: usize = 300;

fn main() {
    let body = aws_core::Bytes::from(page());
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

fn page() -> String {
    let mut body = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Name>bucket</Name><Prefix></Prefix><KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>",
    );
    for key in 0..KEYS {
        body.push_str(&format!(
            "<Contents><Key>logs/2026/11/22/some-prefix/object-{key:06}.json.gz</Key>\
             <LastModified>2026-11-22T12:34:56.000Z</LastModified><ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag>\
             <ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>{}</Size>\
             <StorageClass>STANDARD</StorageClass></Contents>",
            key * 37
        ));
    }
    body.push_str("</ListBucketResult>");
    body
}
