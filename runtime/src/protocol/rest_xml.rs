//! rest-xml: HTTP bindings with XML documents. S3, CloudFront, Route 53 and S3 Control speak it.

use super::rest::{self, Payload};
use super::{Answer, Fault, Parts, Protocol};
use crate::codec::xml::{Document, write_element};
use crate::error::Result;
use crate::operation::Plan;
use crate::schema::layout::Open;
use crate::schema::{StructureMut, StructureView, View};
use http::HeaderValue;
use http::header::CONTENT_TYPE;

/// The protocol; generated services name it, so that only the protocols in use are linked.
pub static REST_XML: &dyn Protocol = &RestXml;

#[derive(Debug)]
struct RestXml;

impl Protocol for RestXml {
    fn serialize(&self, plan: &Plan, input: StructureView<'_>) -> Result<Parts> {
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

    fn parse(&self, _plan: &Plan, answer: Answer<'_>, mut out: StructureMut<'_>) -> Result<()> {
        rest::parse_head(answer, &mut out)?;
        let shape = out.shape();
        let member = rest::parse_payload(answer, &mut out)?;
        if answer.body.is_empty() || shape.payload.is_some() && member.is_none() || shape.members.is_empty() {
            return Ok(());
        }
        if member.is_none() && shape.read.is_empty() {
            return Ok(());
        }
        let mut document = Document::new(answer.body)?;
        let Some(root) = document.root()? else { return Ok(()) };
        match member.map(|it| out.slot(it).open()) {
            None => document.structure(&root, out),
            Some(Open::Structure(inner)) => document.structure(&root, inner),
            Some(_) => Ok(()),
        }
    }

    fn fault(&self, answer: Answer<'_>) -> Fault {
        let read = || -> Result<Fault> {
            let mut document = Document::new(answer.body)?;
            let Some(_root) = document.root()? else { return Ok(Fault::default()) };
            // S3 sends `<Error>` as the root, other services inside `<ErrorResponse>`.
            let fields = document.fields("Error")?;
            let text = |name: &str| fields.get(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
            Ok(Fault {
                code: text("Code").unwrap_or_default(),
                message: text("Message").or_else(|| text("message")).unwrap_or_default(),
                request_id: text("RequestId"),
                extended_request_id: text("HostId"),
                region: text("Region"),
            })
        };
        read().unwrap_or_default()
    }

    fn parse_exception(&self, answer: Answer<'_>, mut out: StructureMut<'_>) -> Result<()> {
        rest::parse_head(answer, &mut out)?;
        let mut document = Document::new(answer.body)?;
        let Some(mut root) = document.root()? else { return Ok(()) };
        if root.local_name().as_ref() != "Error" {
            while let Some(child) = document.child()? {
                if child.local_name().as_ref() == "Error" {
                    root = child;
                    return document.structure(&root, out);
                }
                document.skip(&child)?;
            }
            return Ok(());
        }
        document.structure(&root, out)
    }
}
