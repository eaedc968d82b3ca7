//! Strings as JMESPath expressions: an expression that is shown as one with the same value, or an error with its position,
//! never a panic.

#![no_main]

use aws_core::Document;
use aws_core::jmespath::Expression;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let document = Document::from([("a", vec![Document::from(1), Document::from("b")])]);
    match Expression::parse(text) {
        Ok(expression) => {
            let shown = Expression::parse(&expression.to_string()).expect("what is shown is an expression");
            assert_eq!(shown.search(&document).ok(), expression.search(&document).ok());
        }
        Err(error) => assert!(error.position().is_some_and(|it| text.is_char_boundary(it))),
    }
});
