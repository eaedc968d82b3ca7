//! Strings as a timestamp, a URL or a JMESPath expression: a value or an error, never a panic.

#![no_main]

use aws_core::Timestamp;
use aws_core::http::Url;
use aws_core::jmespath::Expression;
use aws_core::types::Document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Timestamp::parse_any(text);
    let _ = Url::parse(text);
    if let Ok(expression) = Expression::decode(text) {
        let _ = expression.evaluate(&Document::from(vec![Document::from("a")]));
    }
});
