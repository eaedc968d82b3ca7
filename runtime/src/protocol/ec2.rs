//! EC2's variant of the query protocol: members have other names in requests, and output and request id have no wrapper
//! element in responses.

use super::query::form_request;
use super::{ErrorInfo, EventFormat, Protocol, RequestParts, ResponseParts, xml_error};
use crate::codec::form::Style;
use crate::codec::xml::{self, Document};
use crate::error::Result;
use crate::operation::OperationPlan;
use crate::schema::{StructureMut, StructureView};

/// EC2's variant of the query protocol. A service refers to the type, so that only the protocols in use are linked.
#[derive(Clone, Copy, Debug)]
pub struct Ec2Query {
    /// The API version.
    pub version: &'static str,
}

impl Protocol for Ec2Query {
    fn serialize(&self, plan: &OperationPlan, input: StructureView<'_>) -> Result<RequestParts> {
        form_request(self.version, Style::Ec2, plan, input)
    }

    fn parse(&self, _plan: &OperationPlan, response: ResponseParts<'_>, out: StructureMut<'_>) -> Result<()> {
        if out.shape().members.is_empty() {
            return Ok(());
        }
        let text = xml::text(response.body);
        let mut document = Document::new(&text);
        let root = document.require_root()?;
        document.structure(&root, out)?;
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
        let id = document.child_named(&root, |it| it == "requestId").ok()??;
        Some(document.text(&id).ok()?.into_owned())
    }

    #[cfg(any(test, feature = "testing"))]
    fn response_format(&self) -> super::ResponseFormat {
        super::ResponseFormat::Ec2
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::super::{Protocol, ResponseParts};
    use super::Ec2Query;
    use crate::operation::OperationPlan;
    use crate::schema::dynamic::{Link, Schema, Value, fill, view};

    const EC2: Ec2Query = Ec2Query { version: "2016-11-15" };

    #[test]
    fn requests_are_forms_and_responses_have_no_wrapper() {
        let mut schema = Schema::new();
        schema.define(
            "In",
            "InstanceIds:[str] =InstanceId item=InstanceId; DryRun:bool =dryRun; Filters:* =Filter item=Filter",
            &[Link::List(Box::new(Link::Structure("Filter".to_owned())))],
        );
        schema.define("Filter", "Name:str; Values:[str] =Value item=item", &[]);
        schema.define("Out", "Names:[str] =nameSet item=item; NextToken:str =nextToken", &[]);
        let shape = |name| schema.shape(name).expect("defined");
        let plan = OperationPlan::decode("DescribeThings POST /", shape("In"), shape("Out"));
        let strings = |it: &[&str]| Value::List(it.iter().map(|&it| Value::String(it.to_owned())).collect());
        let filter = Value::Structure(vec![Value::String("tag:a".to_owned()), strings(&["1", "2"])]);
        let members = [strings(&["i-1"]), Value::Bool(true), Value::List(vec![filter])];
        let parts = EC2.serialize(&plan, view(&members, plan.input)).expect("a request");
        let expect = "Action=DescribeThings&Version=2016-11-15&InstanceId.1=i-1&DryRun=true&Filter.1.Name=tag%3Aa\
                      &Filter.1.Value.1=1&Filter.1.Value.2=2";
        assert_eq!(parts.body.as_deref(), Some(expect.as_bytes()));

        let check = |body: &str, expect: Option<&str>, id: Option<&str>| {
            let (headers, body) = (HeaderMap::new(), body.to_owned().into());
            let response = ResponseParts { status: 200, headers: &headers, body: &body };
            let mut members = Vec::new();
            let read = EC2.parse(&plan, response, fill(&mut members, plan.output));
            assert_eq!(read.is_ok().then(|| format!("{members:?}")).as_deref(), expect, "{read:?}");
            assert_eq!(EC2.request_id(response).as_deref(), id);
        };
        check(
            "<DescribeThingsResponse xmlns='u'><requestId>r</requestId><nameSet><item>a</item></nameSet></DescribeThingsResponse>",
            Some(r#"[List([String("a")]), Absent]"#),
            Some("r"),
        );
        check("<DescribeThingsResponse/>", Some("[Absent, Absent]"), None);
        check("", None, None);
        check("<DescribeThingsResponse><requestId>r</requestId>", None, Some("r"));
    }
}
