//! Smithy RPC v2 CBOR: CBOR documents with the operation in the path.

use super::{Answer, EventFormat, Fault, Parts, Protocol, bare};
use crate::codec::cbor::{self, Token, Tokens};
use crate::error::Result;
use crate::operation::Plan;
use crate::schema::shape::Kind;
use crate::schema::{Shape, StructureMut, StructureView};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};

/// The protocol; generated services name it, so that only the protocols in use are linked.
#[derive(Clone, Copy, Debug)]
pub struct RpcV2Cbor {
    /// The service in the path.
    pub target: &'static str,
    /// Whether errors carry the codes of the query protocol that the service spoke before.
    pub query_compatible: bool,
}

impl Protocol for RpcV2Cbor {
    fn serialize(&self, plan: &Plan, input: StructureView<'_>) -> Result<Parts> {
        let path = format!("/service/{}/operation/{}", self.target, plan.name);
        let mut parts = Parts { method: Method::POST, path, ..Parts::default() };
        let headers = &mut parts.headers;
        headers.insert(HeaderName::from_static("smithy-protocol"), HeaderValue::from_static("rpc-v2-cbor"));
        headers.insert(ACCEPT, media_type(plan.output));
        if self.query_compatible {
            headers.insert(HeaderName::from_static("x-amzn-query-mode"), HeaderValue::from_static("true"));
        }
        if !plan.bare {
            headers.insert(CONTENT_TYPE, media_type(plan.input));
            let mut body = Vec::new();
            cbor::write(&mut body, input)?;
            parts.body = Some(body.into());
        }
        Ok(parts)
    }

    fn parse(&self, _plan: &Plan, answer: Answer<'_>, output: StructureMut<'_>) -> Result<()> {
        cbor::read(answer.body, output)
    }

    fn fault(&self, answer: Answer<'_>) -> Fault {
        let mut fault = head(answer.body).unwrap_or_default();
        fault.code = bare(&fault.code);
        fault.with_query_error(answer.headers)
    }

    fn parse_exception(&self, answer: Answer<'_>, exception: StructureMut<'_>) -> Result<()> {
        cbor::read(answer.body, exception)
    }

    fn events(&self) -> Option<&'static EventFormat> {
        Some(&EventFormat::CBOR)
    }

    fn request_id(&self, _answer: Answer<'_>) -> Option<String> {
        None
    }
}

fn media_type(shape: &Shape) -> HeaderValue {
    HeaderValue::from_static(match shape.members.iter().any(|it| matches!(it.node.kind, Kind::Events(_))) {
        true => "application/vnd.amazon.eventstream",
        false => "application/cbor",
    })
}

/// The type and the message of an error, without knowing its shape.
fn head(body: &[u8]) -> Result<Fault> {
    let mut tokens = Tokens::new(body);
    let mut fault = Fault::default();
    let Token::Map(mut rest) = tokens.next()? else { return Ok(fault) };
    while rest != Some(0) && !(rest.is_none() && tokens.take_break()) {
        rest = rest.map(|it| it - 1);
        let Token::Text(key) = tokens.next()? else { break };
        let start = tokens.clone();
        match (key.as_ref(), tokens.next()?) {
            ("__type", Token::Text(it)) => fault.code = it.into_owned(),
            ("message", Token::Text(it)) => fault.message = it.into_owned(),
            ("Message", Token::Text(it)) if fault.message.is_empty() => fault.message = it.into_owned(),
            _ => {
                tokens = start;
                cbor::skip(&mut tokens)?;
            }
        }
    }
    Ok(fault)
}
