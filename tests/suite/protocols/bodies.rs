//! Bodies as the case files write them, compared as each protocol means them.

use aws_core::text::{base64, percent};
use serde_json::Value;
use tests::suite::Outcome;
use tests::{cbor, xml};

/// Compares a request's body. `any_order`: whether entries may stand in another order, ours being that of their keys.
pub(super) fn same(protocol: &str, found: &[u8], expect: &str, any_order: bool) -> Outcome {
    let shown = String::from_utf8_lossy(found);
    let same = match protocol {
        "json" | "rest-json" => match (json(&shown), json(expect)) {
            (Some(found), Some(expect)) => found == expect,
            // A text or a blob as the payload. JSON protocols always send a document.
            _ => protocol == "rest-json" && shown == expect,
        },
        "query" | "ec2" => pairs(&shown) == pairs(expect),
        "smithy-rpc-v2-cbor" => {
            let expect = base64::decode(expect).map_err(|it| it.to_string())?;
            match (cbor::parse(found), cbor::parse(&expect)) {
                (Ok(found), Ok(expect)) => found.widened() == expect.widened(),
                _ => expect == found,
            }
        }
        _ => match (xml::parse(&shown), xml::parse(expect)) {
            (Some(found), Some(expect)) if any_order => found.sorted() == expect.sorted(),
            (Some(found), Some(expect)) => found == expect,
            _ => shown == expect,
        },
    };
    if same { Ok(()) } else { Err(format!("body {shown:?}, expected {expect:?}")) }
}

/// The bytes of an answer's body.
pub(super) fn of_answer(protocol: &str, body: Option<&str>) -> Result<Vec<u8>, String> {
    match (protocol, body) {
        ("smithy-rpc-v2-cbor", Some(body)) => base64::decode(body).map_err(|it| it.to_string()),
        ("query", None) => Ok(b"<xml/>".to_vec()),
        (_, body) => Ok(body.unwrap_or_default().into()),
    }
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// The pairs of a form in the order of their names: a typed client's order is the model's.
fn pairs(form: &str) -> Vec<(String, String)> {
    let pair = |it: &str| {
        let (key, value) = it.split_once('=').unwrap_or((it, ""));
        (percent::decode_form(key).into_owned(), percent::decode_form(value).into_owned())
    };
    let mut pairs: Vec<_> = form.split('&').map(pair).collect();
    pairs.sort();
    pairs
}
