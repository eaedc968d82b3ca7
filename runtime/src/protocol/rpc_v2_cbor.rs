//! Smithy RPC v2 CBOR: CBOR documents, with the operation in the path.

use super::{ErrorInfo, EventFormat, Protocol, RequestParts, ResponseParts, strip_namespace};
use crate::codec::cbor::{self, Token, Tokens};
use crate::error::Result;
use crate::operation::OperationPlan;
use crate::schema::shape::Kind;
use crate::schema::{Shape, StructureMut, StructureView};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};

/// The Smithy RPC v2 CBOR protocol. A service refers to the type, so that only the protocols in use are linked.
#[derive(Clone, Copy, Debug)]
pub struct RpcV2Cbor {
    /// The service's name in the path.
    pub target: &'static str,
    /// Whether errors have the codes of the query protocol, which the service used before.
    pub query_compatible: bool,
}

impl Protocol for RpcV2Cbor {
    fn serialize(&self, plan: &OperationPlan, input: StructureView<'_>) -> Result<RequestParts> {
        let path = format!("/service/{}/operation/{}", self.target, plan.name);
        let mut parts = RequestParts { path, ..RequestParts::new(Method::POST) };
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

    fn parse(&self, _plan: &OperationPlan, response: ResponseParts<'_>, output: StructureMut<'_>) -> Result<()> {
        cbor::read(response.body, output)
    }

    fn error_info(&self, response: ResponseParts<'_>) -> ErrorInfo {
        let mut info = read_error(response.body).unwrap_or_default();
        info.code = strip_namespace(&info.code);
        info.with_query_error(response.headers)
    }

    fn parse_exception(&self, response: ResponseParts<'_>, exception: StructureMut<'_>) -> Result<()> {
        cbor::read(response.body, exception)
    }

    fn events(&self) -> Option<&'static EventFormat> {
        Some(&EventFormat::CBOR)
    }

    fn request_id(&self, _response: ResponseParts<'_>) -> Option<String> {
        None
    }

    #[cfg(any(test, feature = "testing"))]
    fn response_format(&self) -> super::ResponseFormat {
        super::ResponseFormat::Cbor
    }
}

fn media_type(shape: &Shape) -> HeaderValue {
    HeaderValue::from_static(match shape.members.iter().any(|it| matches!(it.node.kind, Kind::Events(_))) {
        true => "application/vnd.amazon.eventstream",
        false => "application/cbor",
    })
}

/// Reads the type and the message of an error without knowing its shape.
fn read_error(body: &[u8]) -> Result<ErrorInfo> {
    let mut tokens = Tokens::new(body);
    let mut info = ErrorInfo::default();
    let Token::Map(mut rest) = tokens.next()? else { return Ok(info) };
    while rest != Some(0) && !(rest.is_none() && tokens.take_break()) {
        rest = rest.map(|it| it - 1);
        let Token::Text(key) = tokens.next()? else { break };
        let start = tokens.clone();
        match (key.as_ref(), tokens.next()?) {
            ("__type", Token::Text(it)) => info.code = it.into_owned(),
            ("message", Token::Text(it)) => info.message = it.into_owned(),
            ("Message", Token::Text(it)) if info.message.is_empty() => info.message = it.into_owned(),
            _ => {
                tokens = start;
                cbor::skip(&mut tokens)?;
            }
        }
    }
    Ok(info)
}
