//! Bodies as the case files contain them, and their comparison by the meaning that each protocol gives them.

use aws_core::internals::encoding::{base64, percent};
use serde_json::Value;
use tests::suite::Outcome;
use tests::{cbor, xml};

/// Compares a request's body. `any_order`: whether entries may be in another order, since ours is that of their keys.
pub(super) fn compare(protocol: &str, found: &[u8], expect: &str, any_order: bool) -> Outcome {
    let text = String::from_utf8_lossy(found);
    let equal = match protocol {
        "json" | "rest-json" => match (json(&text), json(expect)) {
            (Some(found), Some(expect)) => found == expect,
            // A string or a blob as the payload; `json` always sends a document.
            _ => protocol == "rest-json" && text == expect,
        },
        "query" | "ec2" => pairs(&text) == pairs(expect),
        "smithy-rpc-v2-cbor" => {
            let expect = base64::decode(expect).map_err(|it| it.to_string())?;
            match (cbor::parse(found), cbor::parse(&expect)) {
                (Ok(found), Ok(expect)) => found.widened() == expect.widened(),
                _ => expect == found,
            }
        }
        _ => match (xml::parse(&text), xml::parse(expect)) {
            (Some(found), Some(expect)) if any_order => found.sorted() == expect.sorted(),
            (Some(found), Some(expect)) => found == expect,
            _ => text == expect,
        },
    };
    if equal { Ok(()) } else { Err(format!("body {text:?}, expected {expect:?}")) }
}

/// The bytes of a response's body.
pub(super) fn response_body(protocol: &str, body: Option<&str>) -> Result<Vec<u8>, String> {
    match (protocol, body) {
        ("smithy-rpc-v2-cbor", Some(body)) => base64::decode(body).map_err(|it| it.to_string()),
        ("query", None) => Ok(b"<xml/>".to_vec()),
        (_, body) => Ok(body.unwrap_or_default().into()),
    }
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// The pairs of a form, sorted: a typed client sends them in the order of the model.
fn pairs(form: &str) -> Vec<(String, String)> {
    let pair = |it: &str| {
        let (key, value) = it.split_once('=').unwrap_or((it, ""));
        (percent::decode_form(key).into_owned(), percent::decode_form(value).into_owned())
    };
    let mut pairs: Vec<_> = form.split('&').map(pair).collect();
    pairs.sort();
    pairs
}
