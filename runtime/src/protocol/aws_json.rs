//! AWS JSON 1.0 and 1.1: JSON documents, with the operation in a header. DynamoDB, KMS and most older services use it.

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method};

use super::json_error::{self, CodePrecedence};
use super::{BODY_BYTES, ErrorInfo, EventFormat, Protocol, RequestParts, ResponseParts};
use crate::codec::json;
use crate::error::{Error, ErrorKind, Result};
use crate::operation::OperationPlan;
use crate::schema::{StructureMut, StructureView};

/// The AWS JSON 1.0 and 1.1 protocol. A service refers to the type, so that only the protocols in use are linked.
#[derive(Clone, Copy, Debug)]
pub struct AwsJson {
    /// `1.0` or `1.1`.
    pub version: &'static str,
    /// The first part of the header `X-Amz-Target`, which is `<target>.<operation>`.
    pub target: &'static str,
    /// Whether errors have the codes of the query protocol, which the service used before.
    pub query_compatible: bool,
}

impl Protocol for AwsJson {
    fn serialize(&self, plan: &OperationPlan, input: StructureView<'_>) -> Result<RequestParts> {
        let mut body = String::with_capacity(BODY_BYTES);
        json::write(&mut body, input)?;
        let mut parts =
            RequestParts { path: "/".to_owned(), body: Some(body.into()), ..RequestParts::new(Method::POST) };
        let header = |text: String| {
            HeaderValue::try_from(text).map_err(|it| {
                Error::new(ErrorKind::Config, "the service's target is not a valid header value").with_source(it)
            })
        };
        // A header takes over a string without spare capacity as it is.
        let target = header([self.target, ".", plan.name].concat())?;
        parts.headers.insert(HeaderName::from_static("x-amz-target"), target);
        let content_type = match self.version {
            "1.0" => HeaderValue::from_static("application/x-amz-json-1.0"),
            "1.1" => HeaderValue::from_static("application/x-amz-json-1.1"),
            version => header(["application/x-amz-json-", version].concat())?,
        };
        parts.headers.insert(CONTENT_TYPE, content_type);
        if self.query_compatible {
            parts.headers.insert(HeaderName::from_static("x-amzn-query-mode"), HeaderValue::from_static("true"));
        }
        Ok(parts)
    }

    fn parse(&self, _plan: &OperationPlan, response: ResponseParts<'_>, output: StructureMut<'_>) -> Result<()> {
        // An operation without output has succeeded whatever the body is.
        if output.shape().read.is_empty() { Ok(()) } else { json::read(response.body, output) }
    }

    fn error_info(&self, response: ResponseParts<'_>) -> ErrorInfo {
        json_error::error_info(response, CodePrecedence::TypeFirst)
    }

    fn parse_exception(&self, response: ResponseParts<'_>, exception: StructureMut<'_>) -> Result<()> {
        json::read(response.body, exception)
    }

    fn events(&self) -> Option<&'static EventFormat> {
        Some(&EventFormat::JSON_RPC)
    }

    fn request_id(&self, _response: ResponseParts<'_>) -> Option<String> {
        None
    }

    #[cfg(any(test, feature = "testing"))]
    fn response_format(&self) -> super::ResponseFormat {
        super::ResponseFormat::Json
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::schema::dynamic::{Schema, Value, fill, view};

    #[test]
    fn requests_name_the_operation_and_responses_fill_the_output() {
        let mut schema = Schema::new();
        schema.define("In", "Name:str", &[]);
        schema.define("Out", "Count:i32", &[]);
        schema.define("None", "", &[]);
        let shape = |name| schema.shape(name).expect("defined");
        let plan = OperationPlan::decode("DoIt POST /", shape("In"), shape("Out"));
        let check = |protocol: &AwsJson, members: &[Value], body: &str, mode: bool| {
            let parts = protocol.serialize(&plan, view(members, plan.input)).expect("writable");
            assert_eq!((parts.method.as_str(), &*parts.path, &*parts.query), ("POST", "/", ""));
            assert_eq!(parts.body.as_deref(), Some(body.as_bytes()));
            assert_eq!(parts.headers["x-amz-target"], "Target_2011.DoIt");
            assert_eq!(parts.headers["content-type"], format!("application/x-amz-json-{}", protocol.version));
            assert_eq!(parts.headers.contains_key("x-amzn-query-mode"), mode);
        };
        let old = AwsJson { version: "1.1", target: "Target_2011", query_compatible: false };
        let compatible = AwsJson { version: "1.0", query_compatible: true, ..old };
        check(&old, &[Value::String("a".to_owned())], "{\"Name\":\"a\"}", false);
        check(&compatible, &[Value::Absent], "{}", true);

        let headers = HeaderMap::new();
        let parse = |body: &'static str, output| {
            let (body, mut members) = (body.into(), Vec::new());
            let response = ResponseParts { status: 200, headers: &headers, body: &body };
            old.parse(&plan, response, fill(&mut members, shape(output))).map(|()| format!("{members:?}"))
        };
        assert_eq!(parse("{\"Count\":3}", "Out").expect("sound"), "[I32(3)]");
        assert_eq!(parse("", "Out").expect("sound"), "[Absent]");
        assert_eq!(parse("Bad gateway", "Out").map_err(|it| it.kind()), Err(ErrorKind::Parse));
        assert_eq!(parse("OK", "None").expect("the body is ignored"), "[]");
    }
}
