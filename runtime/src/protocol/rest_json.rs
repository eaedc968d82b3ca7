//! rest-json: HTTP bindings with JSON documents. Lambda, API Gateway and most newer services use it.

use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::json_error::{self, CodePrecedence};
use super::rest::{self, Payload};
use super::{ErrorInfo, EventFormat, Protocol, RequestParts, ResponseParts};
use crate::codec::json;
use crate::error::Result;
use crate::operation::OperationPlan;
use crate::schema::shape::Kind;
use crate::schema::{StructureMut, StructureView, View};

/// The rest-json protocol. A service refers to the type, so that only the protocols in use are linked.
#[derive(Clone, Copy, Debug)]
pub struct RestJson;

impl Protocol for RestJson {
    fn serialize(&self, plan: &OperationPlan, input: StructureView<'_>) -> Result<RequestParts> {
        let (mut parts, payload) = rest::bind(plan, input)?;
        let mut out = String::new();
        match payload {
            Payload::Member(member, value) => json::write_value(&mut out, value, &member.node)?,
            Payload::Members => json::write(&mut out, input)?,
            Payload::Done if expects_document(input) => out.push_str("{}"),
            Payload::Done => {
                if has_byte_payload(input) {
                    parts.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/octet-stream"));
                }
                return Ok(parts);
            }
        }
        parts.body = Some(out.into());
        parts.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        Ok(parts)
    }

    fn parse(&self, _plan: &OperationPlan, response: ResponseParts<'_>, mut out: StructureMut<'_>) -> Result<()> {
        rest::parse_head(response, &mut out)?;
        let shape = out.shape();
        match rest::parse_payload(response, &mut out)? {
            Some(member) => json::read_member(response.body, &mut out, member),
            None if shape.payload.is_some() || shape.read.is_empty() => Ok(()),
            None => json::read(response.body, out),
        }
    }

    fn error_info(&self, response: ResponseParts<'_>) -> ErrorInfo {
        json_error::error_info(response, CodePrecedence::TypeLast)
    }

    fn parse_exception(&self, response: ResponseParts<'_>, mut out: StructureMut<'_>) -> Result<()> {
        // The body is read even if a header cannot be, such as a date in `Retry-After`.
        let body = json::read(response.body, out.reborrow());
        body.and(rest::parse_head(response, &mut out))
    }

    fn events(&self) -> Option<&'static EventFormat> {
        Some(&EventFormat::JSON)
    }

    fn request_id(&self, _response: ResponseParts<'_>) -> Option<String> {
        None
    }

    #[cfg(any(test, feature = "testing"))]
    fn response_format(&self) -> super::ResponseFormat {
        super::ResponseFormat::RestJson
    }
}

/// Whether the input's body is a document even if none of its members is set. Not so for a union: `{}` is not a valid
/// one.
fn expects_document(input: StructureView<'_>) -> bool {
    let shape = input.shape();
    match shape.payload.map(|it| &shape.members[it].node.kind) {
        Some(Kind::Structure(it)) => !it.get().union,
        Some(kind) => matches!(kind, Kind::List(_) | Kind::Map(_) | Kind::Document),
        None => !shape.body.is_empty(),
    }
}

fn has_byte_payload(input: StructureView<'_>) -> bool {
    let payload = input.shape().payload.and_then(|it| input.get(&input.shape().members[it]));
    matches!(payload, Some(View::Blob(_) | View::Stream(_)))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;
    use crate::error::ErrorKind;
    use crate::schema::dynamic::{Link, Schema, Value, fill, view};

    fn schema() -> Schema {
        let mut schema = Schema::new();
        let inner = || Link::Structure("Inner".to_owned());
        schema.define("Inner", "Name:str =name", &[]);
        schema.define("Choice", "union; Name:str", &[]);
        schema.define("Nothing", "", &[]);
        schema.define("OnlyHead", "Id:str @header=x-id; Page:i32 @query=page", &[]);
        schema.define("Head", "Id:str @header=x-id; Status:i32 @status", &[]);
        schema.define("Members", "Id:str @header=x-id; Name:str =name; Status:i32 @status", &[]);
        schema.define("Payload", "Id:str @header=x-id; Body:* @payload", &[inner()]);
        schema.define("Union", "Body:* @payload", &[Link::Structure("Choice".to_owned())]);
        schema.define("Blob", "Type:str @header=Content-Type; Body:blob @payload", &[]);
        schema.define("Text", "Body:str @payload", &[]);
        schema.define("Document", "Body:doc @payload", &[]);
        schema.define("Throttled", "RetryAfter:i32 @header=Retry-After; Message:str =message", &[]);
        schema
    }

    #[test]
    fn payloads_decide_body_and_content_type() {
        let schema = schema();
        let check = |name: &str, members: Vec<Value>, body: Option<&str>, media_type: Option<&str>| {
            let shape = schema.shape(name).expect("defined");
            let plan = OperationPlan::decode("DoIt PUT /it", shape, shape);
            let parts = RestJson.serialize(&plan, view(&members, shape)).expect("writable");
            assert_eq!(parts.body.as_deref(), body.map(str::as_bytes), "{name} {members:?}");
            let found = parts.headers.get(CONTENT_TYPE).map(|it| it.to_str().expect("text"));
            assert_eq!(found, media_type, "{name} {members:?}");
        };
        let text = |it: &str| Value::String(it.to_owned());
        let json = Some("application/json");
        let absent = || Value::Absent;
        check("Nothing", vec![], None, None);
        check("OnlyHead", vec![text("a"), Value::I32(1)], None, None);
        check("Members", vec![text("a"), absent(), absent()], Some("{}"), json);
        check("Members", vec![absent(), text("n"), absent()], Some("{\"name\":\"n\"}"), json);
        check("Payload", vec![absent(), absent()], Some("{}"), json);
        check("Payload", vec![absent(), Value::Structure(vec![text("n")])], Some("{\"name\":\"n\"}"), json);
        check("Union", vec![absent()], None, None);
        check("Union", vec![Value::Structure(vec![text("n")])], Some("{\"Name\":\"n\"}"), json);
        check("Blob", vec![absent(), Value::Blob("b".into())], Some("b"), Some("application/octet-stream"));
        check("Blob", vec![text("x/y"), Value::Blob("b".into())], Some("b"), Some("x/y"));
        check("Blob", vec![absent(), absent()], None, None);
        check("Text", vec![text("t")], Some("t"), Some("text/plain"));
        check("Document", vec![Value::Document("d".into())], Some("\"d\""), json);
    }

    #[test]
    fn outputs_are_read_from_headers_status_and_body() {
        let schema = schema();
        let parse = |name: &str, body: &'static str| {
            let shape = schema.shape(name).expect("defined");
            let plan = OperationPlan::decode("DoIt PUT /it", schema.shape("Nothing").expect("defined"), shape);
            let headers = HeaderMap::from_iter([("x-id".parse().expect("a name"), HeaderValue::from_static("i"))]);
            let (body, mut members) = (body.into(), Vec::new());
            let response = ResponseParts { status: 202, headers: &headers, body: &body };
            RestJson.parse(&plan, response, fill(&mut members, shape)).map(|()| format!("{members:?}"))
        };
        let check = |name, body, expect: &str| assert_eq!(parse(name, body).expect(body), expect, "{name} {body}");
        check("Members", "{\"name\":\"n\",\"x-id\":\"no\"}", "[String(\"i\"), String(\"n\"), I32(202)]");
        check("Members", "", "[String(\"i\"), Absent, I32(202)]");
        check("Payload", "{\"name\":\"n\"}", "[String(\"i\"), Structure([String(\"n\")])]");
        check("Payload", "", "[String(\"i\"), Absent]");
        check("Union", "{\"Name\":\"n\"}", "[Structure([String(\"n\")])]");
        check("Union", "", "[Absent]");
        check("Blob", "{", "[Absent, Blob(b\"{\")]");
        check("Text", "t", "[String(\"t\")]");
        check("Document", "[1]", "[Document([1])]");
        // An output without members in the body ignores the body.
        check("Nothing", "<html>", "[]");
        check("Head", "<html>", "[String(\"i\"), I32(202)]");
        let problem = |name, body| parse(name, body).expect_err(body);
        assert_eq!(problem("Members", "<html>").kind(), ErrorKind::Parse);
        assert!(problem("Payload", "{\"name\":[]}").to_string().starts_with("Body.Name: expected a string"));
    }

    #[test]
    fn a_header_that_is_not_utf8_is_latin1() {
        let schema = schema();
        let check = |value: &[u8], expect: &str| {
            let value = HeaderValue::from_bytes(value).expect("a header value");
            let headers = HeaderMap::from_iter([("x-id".parse().expect("a name"), value)]);
            let (body, mut members) = (Bytes::new(), Vec::new());
            let shape = schema.shape("Head").expect("defined");
            let plan = OperationPlan::decode("DoIt PUT /it", schema.shape("Nothing").expect("defined"), shape);
            let response = ResponseParts { status: 200, headers: &headers, body: &body };
            RestJson.parse(&plan, response, fill(&mut members, shape)).expect("readable");
            assert_eq!(format!("{:?}", members[0]), format!("String({expect:?})"));
        };
        check(b"caf\xE9 \xFF", "caf\u{e9} \u{ff}");
        check("caf\u{e9}".as_bytes(), "caf\u{e9}");
        check(b"plain", "plain");
    }

    #[test]
    fn exceptions_are_read_from_body_and_headers() {
        let schema = schema();
        let headers = HeaderMap::from_iter([("retry-after".parse().expect("a name"), HeaderValue::from_static("7"))]);
        let (body, mut members) = ("{\"message\":\"m\"}".into(), Vec::new());
        let response = ResponseParts { status: 429, headers: &headers, body: &body };
        let out = fill(&mut members, schema.shape("Throttled").expect("defined"));
        RestJson.parse_exception(response, out).expect("sound");
        assert_eq!(format!("{members:?}"), "[I32(7), String(\"m\")]");

        let date = HeaderValue::from_static("Tue, 29 Apr 2014 18:30:38 GMT");
        let headers = HeaderMap::from_iter([("retry-after".parse().expect("a name"), date)]);
        let mut members = Vec::new();
        let out = fill(&mut members, schema.shape("Throttled").expect("defined"));
        RestJson.parse_exception(ResponseParts { headers: &headers, ..response }, out).expect_err("not a number");
        assert_eq!(format!("{members:?}"), "[Absent, String(\"m\")]");
    }
}
