//! Documents: from and to text, serde_json's values and serde, without loss.

use aws_core::{Document, make};
use serde_json::{Value, json};

#[test]
fn a_document_goes_to_json_and_comes_back() {
    #[track_caller]
    fn check(value: Value) {
        let document = Document::from(value.clone());
        assert_eq!(Value::from(document.clone()), value);
        assert_eq!(document.to_string().parse::<Document>().expect("JSON"), document);
        let text = serde_json::to_string(&document).expect("JSON");
        assert_eq!(text.parse::<Document>().expect("JSON"), document);
        assert_eq!(serde_json::from_value::<Document>(value).expect("a document"), document);
    }
    check(json!(null));
    check(json!([true, false, "a\n\u{1}\u{e9}", [], {}]));
    check(json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}));
    for number in
        [json!(u64::MAX), json!(i64::MIN), json!(0), json!(-1), json!(1.0), json!(0.1), json!(1e300), json!(-2.5e-300)]
    {
        check(number);
    }
}

#[test]
fn text_that_is_no_json_is_an_error_that_names_the_place() {
    let error = "{\"a\": }".parse::<Document>().expect_err("no JSON").to_string();
    assert!(error.contains("line 1 column 7"), "{error}");
    assert!("1e999".parse::<Document>().is_err());
}

#[test]
fn a_document_is_written_as_json_is() {
    let city = "Berlin".to_owned();
    let document: Document =
        make!({ "city" => &*city, "days" => [1, 2.5, true, ()], "none" => { }, "deep" => { "a" => [{ "b" => 1 }] } });
    let expect = json!({"city": "Berlin", "days": [1, 2.5, true, null], "none": {}, "deep": {"a": [{"b": 1}]}});
    assert_eq!(document, Document::from(expect));
    assert_eq!(document["days"][1].as_f64(), Some(2.5));
}
