//! Laws over lists that are closed: the error codes that are retried, references of XML, scalars of JSON, names of the
//! prelude. Each list is written here a second time, from its source.

use aws_core::testing::Reply;
use codegen::name::escape_type;
use serde_json::{Value, json};
use tests::dynamic::Service;

use super::lifecycle::{ScriptedS3, error_reply};

/// The attempts of a call that fails once with this response, and the delay before the second, in milliseconds.
async fn retried(failure: Reply) -> (usize, Vec<u128>) {
    let scripted = ScriptedS3::new([failure, Reply::new(200)]);
    let _ = scripted.s3.delete_object("b", "k").send().await;
    (scripted.http.requests().len(), scripted.waits())
}

/// Source: botocore 1.44.8, `retries/standard.py`, `ThrottledRetryableChecker` and `TransientRetryableChecker`.
#[tokio::test]
async fn exactly_the_error_codes_and_statuses_of_botocore_are_retried() {
    let throttling = [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    ];
    let transient = ["RequestTimeout", "RequestTimeoutException"];
    for (codes, delay) in [(&throttling[..], 1000), (&transient[..], 50)] {
        for code in codes {
            assert_eq!(retried(error_reply(400, code)).await, (2, vec![delay]), "{code}");
            for other in
                [format!("{code}x"), format!("x{code}"), code.to_lowercase(), code[..code.len() - 1].to_owned()]
            {
                assert_eq!(retried(error_reply(400, &other)).await, (1, vec![]), "{other}");
            }
        }
    }
    for status in 400..600 {
        let expect = match status {
            429 => (2, vec![1000]),
            500 | 502 | 503 | 504 => (2, vec![50]),
            _ => (1, vec![]),
        };
        assert_eq!(retried(error_reply(status, "Other")).await, expect, "{status}");
    }
}

/// The names of the buckets in a response, which contains these strings as names.
async fn bucket_names(names: impl IntoIterator<Item = String>) -> aws_core::Result<Vec<String>> {
    let buckets: String = names.into_iter().map(|it| format!("<Bucket><Name>a{it}z</Name></Bucket>")).collect();
    let body = format!("<ListAllMyBucketsResult><Buckets>{buckets}</Buckets></ListAllMyBucketsResult>");
    let output = ScriptedS3::new([Reply::ok(body)]).s3.list_buckets().send().await?;
    Ok(output.buckets.into_iter().map(|it| it.name.unwrap_or_default()).collect())
}

#[tokio::test]
async fn every_reference_of_xml_is_the_character_that_it_names() {
    for (name, expect) in [("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"'), ("apos", '\'')] {
        let found = bucket_names([format!("&{name};"), format!("&{name};&{name};"), format!("&amp;{name};")]).await;
        let expect = [format!("a{expect}z"), format!("a{expect}{expect}z"), format!("a&{name};z")];
        assert_eq!(found.expect("valid XML"), expect, "{name}");
    }
    // The characters that XML 1.0 allows: the ends of each range, and a sample of each.
    let ranges = ['\t'..='\n', '\r'..='\r', ' '..='\u{d7ff}', '\u{e000}'..='\u{fffd}', '\u{10000}'..='\u{10ffff}'];
    let chars: Vec<char> = ranges
        .into_iter()
        .flat_map(|it| [*it.start(), *it.end()].into_iter().chain(it.step_by(997)))
        .chain('\u{20}'..='\u{ff}')
        .collect();
    assert!(chars.len() > 1000);
    let forms: [fn(u32) -> String; 5] = [
        |it| format!("&#{it};"),
        |it| format!("&#x{it:x};"),
        |it| format!("&#x{it:X};"),
        |it| format!("&#x000{it:x};"),
        |it| format!("&#000{it};"),
    ];
    for form in forms {
        let found = bucket_names(chars.iter().map(|it| form(u32::from(*it)))).await.expect("valid XML");
        let expect: Vec<_> = chars.iter().map(|it| format!("a{it}z")).collect();
        assert!(found == expect, "{}: {:?}", form(65), found.iter().zip(&expect).find(|it| it.0 != it.1));
    }
}

#[tokio::test]
async fn a_malformed_reference_is_an_error() {
    for text in [
        "&", "& ", "&;", "&lt", "&LT;", "&lt ;", "&nbsp;", "&ltgt;", "&#;", "&#x;", "&#X41;", "&#-65;", "&#+65;",
        "&# 65;", "&#6 5;", "&#x+41;", "&#x4g;", "&#a;",
    ] {
        let found = bucket_names([text.to_owned()]).await;
        assert!(found.is_err(), "{text}: {found:?}");
    }
}

#[tokio::test]
async fn a_reference_to_no_character_costs_a_character() {
    for reference in ["&#xd800;", "&#xdfff;", "&#55296;", "&#x110000;", "&#1114112;"] {
        let found = bucket_names([reference.to_owned()]).await.unwrap_or_else(|it| panic!("{reference}: {it}"));
        assert_eq!(found, ["a\u{fffd}z"], "{reference}");
    }
}

/// The output of an operation with one member of this type, whose response is this body.
fn read(ty: Value, body: &Value) -> Result<Vec<aws_core::internals::schema::dynamic::Value>, String> {
    let shapes = json!({"Out": {"type": "structure", "members": {"It": {"shape": "It"}}}, "It": ty});
    let operation = json!({"name": "Get", "http": {"method": "POST", "requestUri": "/"}, "output": {"shape": "Out"}});
    let metadata = json!({
        "apiVersion": "1", "serviceId": "toy", "protocol": "json", "jsonVersion": "1.0", "targetPrefix": "Toy",
    });
    let service = Service::from_case(&metadata, &shapes, &operation)?;
    let operation = &service.operations["Get"];
    let body = body.to_string().into();
    let headers = aws_core::http::HeaderMap::new();
    operation.parse(
        service.protocol,
        aws_core::internals::protocol::ResponseParts { status: 200, headers: &headers, body: &body },
    )
}

#[test]
fn every_scalar_of_json_may_be_a_string() {
    let check = |ty: Value, sent: Value, expect: Option<Value>| {
        let found = read(ty.clone(), &json!({"It": sent}));
        match expect {
            None => assert!(found.is_err(), "{ty} {sent}: {found:?}"),
            Some(expect) => {
                let expect = read(ty.clone(), &json!({"It": expect})).expect("the usual form");
                let found = found.unwrap_or_else(|it| panic!("{ty} {sent}: {it}"));
                assert_eq!(format!("{found:?}"), format!("{expect:?}"), "{ty} {sent}");
            }
        }
    };
    let ty = |name: &str| json!({"type": name});
    for (name, least, most) in [
        ("integer", json!(i32::MIN), json!(i32::MAX)),
        ("long", json!(i64::MIN), json!(i64::MAX)),
        ("float", json!(-1.5), json!(0.25)),
        ("double", json!(-1e300), json!(0.1)),
    ] {
        for value in [least, most, json!(0), json!(7)] {
            check(ty(name), json!(value.to_string()), Some(value));
        }
        for wrong in ["", " ", "x", "1,5", "0x10", "true", "--1"] {
            check(ty(name), json!(wrong), None);
        }
    }
    check(ty("integer"), json!((i64::from(i32::MAX) + 1).to_string()), None);
    check(ty("long"), json!("9223372036854775808"), None);
    for text in ["1.5", "1e3"] {
        check(ty("integer"), json!(text), None);
    }
    for (text, value) in [("true", true), ("True", true), ("false", false), ("False", false)] {
        check(ty("boolean"), json!(text), Some(json!(value)));
    }
    check(ty("boolean"), json!("yes"), None);
    check(ty("boolean"), json!(""), None);
    for text in ["1398796238", "2014-04-29T18:30:38Z", "Tue, 29 Apr 2014 18:30:38 GMT"] {
        check(ty("timestamp"), json!(text), Some(json!(1_398_796_238)));
    }
    check(ty("timestamp"), json!("soon"), None);
    for value in ["NaN", "Infinity", "-Infinity"] {
        for name in ["float", "double"] {
            check(ty(name), json!(value), Some(json!(value)));
        }
        check(ty("long"), json!(value), None);
    }
    // And the other way round: a number or a Boolean is kept as it is written where a string is expected.
    for (scalar, text) in [(json!(1), "1"), (json!(true), "true"), (json!(1.5), "1.5")] {
        check(ty("string"), scalar.clone(), Some(json!(text)));
        check(json!({"type": "string", "enum": ["a"]}), scalar.clone(), Some(json!(text)));
        check(ty("blob"), scalar, None);
    }
    for wrong in [json!([]), json!({})] {
        check(ty("string"), wrong.clone(), None);
        check(json!({"type": "string", "enum": ["a"]}), wrong.clone(), None);
        check(ty("blob"), wrong, None);
    }
}

/// The names are those of the standard library's documentation; this module would not compile with one that is not there.
mod prelude {
    #[allow(unused_imports)]
    pub use std::prelude::rust_2024::{
        AsMut, AsRef, AsyncFn, AsyncFnMut, AsyncFnOnce, Box, Clone, Copy, Default, DoubleEndedIterator, Drop, Eq, Err,
        ExactSizeIterator, Extend, Fn, FnMut, FnOnce, From, FromIterator, Future, Into, IntoFuture, IntoIterator,
        Iterator, None, Ok, Option, Ord, PartialEq, PartialOrd, Result, Send, Sized, Some, String, Sync, ToOwned,
        ToString, TryFrom, TryInto, Unpin, Vec,
    };

    pub const SOURCE: &str = include_str!("closed_lists.rs");
}

#[test]
fn no_generated_type_shadows_a_name_of_the_prelude() {
    let list = prelude::SOURCE.split("pub use std::prelude::rust_2024::{").nth(1).expect("the list");
    let names: Vec<_> =
        list.split('}').next().expect("its end").split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    assert_eq!(names.len(), 43);
    for name in names {
        assert_eq!(escape_type(name), format!("{name}_"));
        // A value of that name shadows nothing.
        assert_ne!(escape_type(&name.to_lowercase()), format!("{}_", name.to_lowercase()));
    }
}

#[test]
fn an_exception_has_the_members_of_its_headers_and_of_its_body_in_every_protocol_that_binds_headers() {
    let shapes = json!({
        "Text": {"type": "string"},
        "Gone": {"type": "structure", "exception": true, "error": {"httpStatusCode": 410}, "members": {
            "Since": {"shape": "Text", "location": "header", "locationName": "x-since"}, "Reason": {"shape": "Text"},
        }},
    });
    let operation = json!({"name": "Get", "http": {"method": "GET", "requestUri": "/"}, "errors": [{"shape": "Gone"}]});
    let xml = "<ErrorResponse><Error><Code>Gone</Code><Reason>moved</Reason></Error></ErrorResponse>";
    for (protocol, body) in [("rest-xml", xml), ("rest-json", r#"{"__type":"Gone","Reason":"moved"}"#)] {
        let metadata = json!({"apiVersion": "1", "serviceId": "toy", "protocol": protocol});
        let service = Service::from_case(&metadata, &shapes, &operation).expect("a sound toy");
        let shape = service.operations["Get"].errors[0].1;
        let headers = [("x-since".parse().expect("a name"), "monday".parse().expect("a value"))].into_iter().collect();
        let response =
            aws_core::internals::protocol::ResponseParts { status: 410, headers: &headers, body: &body.into() };
        let mut members = Vec::new();
        let out = aws_core::internals::schema::dynamic::fill(&mut members, shape);
        service.protocol.parse_exception(response, out).expect("an exception");
        let found = aws_core::internals::schema::dynamic::view(&members, shape);
        tests::values::compare(found, &json!({"Since": "monday", "Reason": "moved"})).expect(protocol);
    }
}
