//! How long the answer to ListObjectsV2 with 1,000 keys takes to become its typed output, beside the time that the XML
//! tokenizer alone takes for the same bytes. Prints both and their ratio; judges nothing.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_core::codegen::StructureMut;
use aws_core::operation::Plan;
use aws_core::protocol::{Answer, REST_XML};
use aws_s3::operation::{ListObjectsV2, ListObjectsV2Output};
use quick_xml::Reader;
use quick_xml::events::Event;

const KEYS: usize = 1000;
const ROUNDS: usize = 300;

fn main() {
    let body = aws_core::Bytes::from(page());
    let headers = aws_core::http::HeaderMap::new();
    let answer = Answer { status: 200, headers: &headers, body: &body };
    let plan = Plan::of::<ListObjectsV2>();
    // In turn, so that both see the same machine.
    let (mut parse, mut tokens) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        parse.push(time(|| {
            let mut output = ListObjectsV2Output::default();
            REST_XML.parse(plan, answer, StructureMut::new(&mut output)).expect("a sound page");
            assert_eq!(output.contents.len(), KEYS);
            black_box(output);
        }));
        tokens.push(time(|| {
            assert!(count(&body) > KEYS);
        }));
    }
    let (parse, tokens) = (summary(parse), summary(tokens));
    println!("a page of {KEYS} keys, {} bytes, {ROUNDS} rounds", body.len());
    println!("parsed to ListObjectsV2Output: {}", told(parse));
    println!("tokenizer alone:               {}", told(tokens));
    println!("ratio of the medians: {:.2}", parse.1.as_secs_f64() / tokens.1.as_secs_f64());
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

fn count(body: &[u8]) -> usize {
    let mut reader = Reader::from_reader(body);
    let mut events = 0;
    loop {
        match reader.read_event().expect("a sound page") {
            Event::Eof => return events,
            event => {
                black_box(&event);
                events += 1;
            }
        }
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The shortest and the median.
fn summary(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[0], times[times.len() / 2])
}

fn told((best, median): (Duration, Duration)) -> String {
    format!("best {:.0} µs, median {:.0} µs", best.as_secs_f64() * 1e6, median.as_secs_f64() * 1e6)
}
