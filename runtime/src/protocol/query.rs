//! AWS query: requests are URL-encoded forms, responses are XML. IAM, STS, SNS, RDS and CloudFormation use it.

use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::{BODY_BYTES, ErrorInfo, EventFormat, Protocol, RequestParts, ResponseParts, xml_error};
use crate::codec::form::{self, Style};
use crate::codec::xml::{self, Document};
use crate::encoding::percent;
use crate::error::Result;
use crate::operation::OperationPlan;
use crate::schema::{StructureMut, StructureView};

/// The AWS query protocol. A service refers to the type, so that only the protocols in use are linked.
#[derive(Clone, Copy, Debug)]
pub struct AwsQuery {
    /// The API version.
    pub version: &'static str,
}

impl Protocol for AwsQuery {
    fn serialize(&self, plan: &OperationPlan, input: StructureView<'_>) -> Result<RequestParts> {
        form_request(self.version, Style::Query, plan, input)
    }

    /// Reads the output from its wrapper element: `<GetUserResponse><GetUserResult>`.
    fn parse(&self, plan: &OperationPlan, response: ResponseParts<'_>, out: StructureMut<'_>) -> Result<()> {
        if out.shape().members.is_empty() {
            return Ok(());
        }
        let text = xml::text(response.body);
        let mut document = Document::new(&text);
        let root = document.require_root()?;
        let is_result = |name: &str| match plan.result {
            Some(result) => name == result,
            None => name.strip_suffix("Result") == Some(plan.name),
        };
        let Some(result) = document.child_named(&root, is_result)? else {
            let expected = plan.result.map_or_else(|| format!("{}Result", plan.name), str::to_owned);
            return Err(document.malformed(&format!("the element {expected} is missing")));
        };
        document.structure(&result, out)?;
        while let Some(child) = document.child(&root)? {
            document.skip(&child)?;
        }
        document.end()
    }

    fn error_info(&self, response: ResponseParts<'_>) -> ErrorInfo {
        xml_error::error_info(response)
    }

    fn parse_exception(&self, response: ResponseParts<'_>, exception: StructureMut<'_>) -> Result<()> {
        xml_error::parse_exception(response, exception)
    }

    fn events(&self) -> Option<&'static EventFormat> {
        None
    }

    fn request_id(&self, response: ResponseParts<'_>) -> Option<String> {
        let text = xml::text(response.body);
        let mut document = Document::new(&text);
        let root = document.root().ok()??;
        let metadata = document.child_named(&root, |it| it == "ResponseMetadata").ok()??;
        let id = document.child_named(&metadata, |it| it == "RequestId").ok()??;
        Some(document.text(&id).ok()?.into_owned())
    }

    #[cfg(any(test, feature = "testing"))]
    fn response_format(&self) -> super::ResponseFormat {
        super::ResponseFormat::Query
    }
}

/// The request with a form: operation and version come first, then the members.
pub(super) fn form_request(
    version: &str,
    style: Style,
    plan: &OperationPlan,
    input: StructureView<'_>,
) -> Result<RequestParts> {
    let mut body = String::with_capacity(BODY_BYTES);
    body.push_str("Action=");
    percent::push(&mut body, plan.name);
    body.push_str("&Version=");
    percent::push(&mut body, version);
    form::write(&mut body, style, input)?;
    let (path, body) = ("/".to_owned(), Some(body.into()));
    let mut parts = RequestParts { path, body, ..RequestParts::new(plan.method.clone()) };
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static(form::CONTENT_TYPE));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use http::HeaderMap;

    use super::super::{Protocol, ResponseParts};
    use super::AwsQuery;
    use crate::error::ErrorKind;
    use crate::operation::OperationPlan;
    use crate::schema::dynamic::{Schema, Value, fill, view};

    const QUERY: AwsQuery = AwsQuery { version: "2010-05-08" };

    static PLAN: LazyLock<OperationPlan> = LazyLock::new(|| plan("GetUser POST /?Operation=Ignored"));

    fn plan(descriptor: &'static str) -> OperationPlan {
        let mut schema = Schema::new();
        schema.define("In", "UserName:str; Size:i32", &[]);
        schema.define("Out", "Arn:str; Count:i32; RequestId:str", &[]);
        let shape = |name| schema.shape(name).expect("defined");
        OperationPlan::decode(descriptor, shape("In"), shape("Out"))
    }

    fn parse(plan: &OperationPlan, body: &str) -> Result<String, String> {
        let (headers, body) = (HeaderMap::new(), body.to_owned().into());
        let mut members = Vec::new();
        let out = fill(&mut members, plan.output);
        QUERY.parse(plan, ResponseParts { status: 200, headers: &headers, body: &body }, out).map_err(|it| {
            assert_eq!(it.kind(), ErrorKind::Parse, "{it}");
            it.to_string()
        })?;
        Ok(format!("{members:?}"))
    }

    #[test]
    fn requests_are_forms() {
        let members = [Value::String("a b".to_owned()), Value::I32(3)];
        let parts = QUERY.serialize(&PLAN, view(&members, PLAN.input)).expect("a request");
        assert_eq!((parts.method.as_str(), &*parts.path, &*parts.query), ("POST", "/", ""));
        assert_eq!(parts.headers["content-type"], "application/x-www-form-urlencoded; charset=utf-8");
        assert_eq!(parts.body.as_deref(), Some(&b"Action=GetUser&Version=2010-05-08&UserName=a%20b&Size=3"[..]));
    }

    #[test]
    fn outputs_are_read_from_the_result_element() {
        let check = |body: &str, expect: Result<&str, &str>| match (parse(&PLAN, body), expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect),
            (Err(found), Err(expect)) => assert!(found.contains(expect), "{found}"),
            (found, _) => panic!("{body}: {found:?}, expected {expect:?}"),
        };
        check(
            "<GetUserResponse xmlns='u'><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata><GetUserResult><Arn>a</Arn>\
             <Count>2</Count></GetUserResult></GetUserResponse>",
            Ok(r#"[String("a"), I32(2), Absent]"#),
        );
        check("<GetUserResponse><GetUserResult/></GetUserResponse>", Ok("[Absent, Absent, Absent]"));
        check("<GetUserResponse><Arn>a</Arn></GetUserResponse>", Err("the element GetUserResult is missing"));
        check("", Err("expected an XML element"));
        check("<html>", Err("unexpected end of XML"));
        check(
            "<GetUserResponse><GetUserResult><Count>two</Count></GetUserResult></GetUserResponse>",
            Err("Count: expected a 32-bit integer"),
        );
        check("<GetUserResponse><GetUserResult></GetUserResult>", Err("unexpected end of XML"));
        check("<a><GetUserResult/></a><b/>", Err("after the root"));
    }

    #[test]
    fn the_result_element_can_have_another_name() {
        let plan = plan("GetUser POST /; result=Other");
        assert!(parse(&plan, "<a><Other><Arn>a</Arn></Other></a>").is_ok());
        assert!(parse(&plan, "<a><GetUserResult/></a>").is_err_and(|it| it.contains("the element Other is missing")));
    }

    #[test]
    fn the_request_id_is_read_from_the_body() {
        let check = |body: &str, expect: Option<&str>| {
            let (headers, body) = (HeaderMap::new(), body.to_owned().into());
            assert_eq!(
                QUERY.request_id(ResponseParts { status: 200, headers: &headers, body: &body }).as_deref(),
                expect
            );
        };
        check(
            "<R><Result><RequestId>no</RequestId></Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></R>",
            Some("r"),
        );
        check("<R><ResponseMetadata/></R>", None);
        check("<R>", None);
        check("", None);
    }
}
