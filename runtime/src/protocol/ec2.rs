//! EC2's kind of the query protocol: other names in requests, answers and request ids without elements around them.

use super::query::request;
use super::{Answer, EventFormat, Fault, Parts, Protocol, xml_fault};
use crate::codec::form::Style;
use crate::codec::xml::Document;
use crate::error::Result;
use crate::operation::Plan;
use crate::schema::{StructureMut, StructureView};

/// The protocol; generated services name it, so that only the protocols in use are linked.
#[derive(Clone, Copy, Debug)]
pub struct Ec2Query {
    /// The API version.
    pub version: &'static str,
}

impl Protocol for Ec2Query {
    fn serialize(&self, plan: &Plan, input: StructureView<'_>) -> Result<Parts> {
        request(self.version, Style::Ec2, plan, input)
    }

    fn parse(&self, _plan: &Plan, answer: Answer<'_>, out: StructureMut<'_>) -> Result<()> {
        if out.shape().members.is_empty() {
            return Ok(());
        }
        let mut document = Document::new(answer.body)?;
        let root = document.some_root()?;
        document.structure(&root, out)?;
        document.end()
    }

    fn fault(&self, answer: Answer<'_>) -> Fault {
        xml_fault::fault(answer)
    }

    fn parse_exception(&self, answer: Answer<'_>, exception: StructureMut<'_>) -> Result<()> {
        xml_fault::parse_exception(answer, exception)
    }

    fn events(&self) -> Option<&'static EventFormat> {
        None
    }

    fn request_id(&self, answer: Answer<'_>) -> Option<String> {
        let mut document = Document::new(answer.body).ok()?;
        let root = document.root().ok()??;
        let id = document.child_named(&root, |it| it == "requestId").ok()??;
        Some(document.text(&id).ok()?.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::super::{Answer, Protocol};
    use super::Ec2Query;
    use crate::operation::Plan;
    use crate::schema::dynamic::{Link, Schema, Value, fill, view};

    const EC2: Ec2Query = Ec2Query { version: "2016-11-15" };

    #[test]
    fn there_and_back() {
        let mut schema = Schema::new();
        schema.define(
            "In",
            "InstanceIds:[str] =InstanceId item=InstanceId; DryRun:bool =dryRun; Filters:* =Filter item=Filter",
            &[Link::List(Box::new(Link::Structure("Filter".to_owned())))],
        );
        schema.define("Filter", "Name:str; Values:[str] =Value item=item", &[]);
        schema.define("Out", "Names:[str] =nameSet item=item; NextToken:str =nextToken", &[]);
        let shape = |name| schema.shape(name).expect("defined");
        let plan = Plan::decode("DescribeThings POST /", shape("In"), shape("Out"));
        let texts = |it: &[&str]| Value::List(it.iter().map(|&it| Value::String(it.to_owned())).collect());
        let filter = Value::Structure(vec![Value::String("tag:a".to_owned()), texts(&["1", "2"])]);
        let members = [texts(&["i-1"]), Value::Bool(true), Value::List(vec![filter])];
        let parts = EC2.serialize(&plan, view(&members, plan.input)).expect("a request");
        let expect = "Action=DescribeThings&Version=2016-11-15&InstanceId.1=i-1&DryRun=true&Filter.1.Name=tag%3Aa\
                      &Filter.1.Value.1=1&Filter.1.Value.2=2";
        assert_eq!(parts.body.as_deref(), Some(expect.as_bytes()));

        let check = |body: &str, expect: Option<&str>, id: Option<&str>| {
            let (headers, body) = (HeaderMap::new(), body.to_owned().into());
            let answer = Answer { status: 200, headers: &headers, body: &body };
            let mut members = Vec::new();
            let read = EC2.parse(&plan, answer, fill(&mut members, plan.output));
            assert_eq!(read.is_ok().then(|| format!("{members:?}")).as_deref(), expect, "{read:?}");
            assert_eq!(EC2.request_id(answer).as_deref(), id);
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
