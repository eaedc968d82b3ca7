//! rest-xml: HTTP bindings with XML documents. S3, CloudFront, Route 53 and S3 Control use it.

use super::rest::{self, Payload};
use super::{ErrorInfo, EventFormat, Protocol, RequestParts, ResponseParts, xml_error};
use crate::codec::xml::{self, Document, write_element};
use crate::error::Result;
use crate::operation::OperationPlan;
use crate::schema::layout::Open;
use crate::schema::{StructureMut, StructureView, View};
use http::HeaderValue;
use http::header::CONTENT_TYPE;

/// The rest-xml protocol. A service refers to the type, so that only the protocols in use are linked.
#[derive(Clone, Copy, Debug)]
pub struct RestXml;

impl Protocol for RestXml {
    fn serialize(&self, plan: &OperationPlan, input: StructureView<'_>) -> Result<RequestParts> {
        let (mut parts, payload) = rest::bind(plan, input)?;
        let mut out = String::new();
        match payload {
            Payload::Done => return Ok(parts),
            Payload::Member(member, View::Structure(it)) => {
                write_element(&mut out, member.wire, member.node.namespace, it)?;
            }
            Payload::Member(..) => return Ok(parts),
            Payload::Members => write_element(&mut out, plan.root, plan.root_namespace, input)?,
        }
        parts.body = Some(out.into());
        parts.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/xml"));
        Ok(parts)
    }

    fn parse(&self, _plan: &OperationPlan, response: ResponseParts<'_>, mut out: StructureMut<'_>) -> Result<()> {
        rest::parse_head(response, &mut out)?;
        let shape = out.shape();
        let member = rest::parse_payload(response, &mut out)?;
        if response.body.is_empty() || shape.payload.is_some() && member.is_none() || shape.members.is_empty() {
            return Ok(());
        }
        if member.is_none() && shape.read.is_empty() {
            return Ok(());
        }
        let text = xml::text(response.body);
        let mut document = Document::new(&text);
        let Some(root) = document.root()? else { return Ok(()) };
        match member.map(|it| out.slot(it).open()) {
            None => document.structure(&root, out)?,
            Some(Open::Structure(inner)) => document.structure(&root, inner)?,
            Some(_) => return Ok(()),
        }
        document.end()
    }

    fn error_info(&self, response: ResponseParts<'_>) -> ErrorInfo {
        xml_error::error_info(response)
    }

    fn parse_exception(&self, response: ResponseParts<'_>, mut out: StructureMut<'_>) -> Result<()> {
        rest::parse_head(response, &mut out)?;
        xml_error::parse_exception(response, out)
    }

    fn events(&self) -> Option<&'static EventFormat> {
        Some(&EventFormat::XML)
    }

    fn request_id(&self, _response: ResponseParts<'_>) -> Option<String> {
        None
    }

    #[cfg(any(test, feature = "testing"))]
    fn response_format(&self) -> super::ResponseFormat {
        super::ResponseFormat::RestXml
    }
}
