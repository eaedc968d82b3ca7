//! Wire protocols: they turn an operation's input into an HTTP request, and an HTTP response into an output or an
//! error.
//!
//! Each protocol is one file behind [`Protocol`]; what the REST protocols share is in `rest`. None of them knows a
//! service, a host, a signature or a retry.

mod aws_json;
mod ec2;
mod event;
mod json_error;
mod query;
mod rest;
mod rest_json;
mod rest_xml;
mod rpc_v2_cbor;
#[cfg(any(test, feature = "testing"))]
mod write_response;
mod xml_error;

use bytes::Bytes;
use http::{HeaderMap, Method};

pub use aws_json::AwsJson;
pub use ec2::Ec2Query;
pub use event::EventFormat;
pub(crate) use event::INITIAL_RESPONSE;
pub use query::AwsQuery;
pub use rest_json::RestJson;
pub use rest_xml::RestXml;
pub use rpc_v2_cbor::RpcV2Cbor;
#[cfg(any(test, feature = "testing"))]
pub use write_response::{ResponseFormat, WrittenError, WrittenResponse, write_error, write_output};
#[cfg(any(test, feature = "testing"))]
pub(crate) use write_response::{event_exception, events_member};
pub(crate) use xml_error::is_error_document;

use crate::error::Result;
use crate::operation::OperationPlan;
use crate::schema::{StructureMut, StructureView};

/// The HTTP request that a protocol writes for an input, without scheme and host.
#[derive(Debug, Default)]
pub struct RequestParts {
    /// The HTTP method.
    pub method: Method,
    /// The path, percent-encoded, starting with `/`.
    pub path: String,
    /// The query string without `?`, percent-encoded; empty if there is no query.
    pub query: String,
    /// The headers of the input's members, and the content type where the protocol sets one.
    pub headers: HeaderMap,
    /// The body; `None` for no body, and for one that the input streams.
    pub body: Option<Bytes>,
    /// Whether the body is the input's streaming member.
    pub streaming: bool,
}

/// For how many bytes a body in text has room at first. Our choice: most are shorter.
const BODY_BYTES: usize = 256;

/// For how many headers a request has room: those of the protocol, the attempt and the signature, and some of the input.
/// With more, it grows. Our choice: the largest number for which a map has no more slots.
const HEADERS: usize = 12;

impl RequestParts {
    /// The parts of a request without headers and body.
    fn new(method: Method) -> Self {
        Self { method, headers: HeaderMap::with_capacity(HEADERS), ..Self::default() }
    }
}

/// An HTTP response: its head, and its body unless the output streams it.
#[derive(Clone, Copy, Debug)]
pub struct ResponseParts<'a> {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a Bytes,
}

/// The fields that the error responses of all protocols have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorInfo {
    /// The error code, without namespace.
    pub code: String,
    /// The code of the modelled exception, if a query-compatible service reports another one in `code`.
    pub shape_code: Option<String>,
    /// The error message.
    pub message: String,
    /// The request id, if the body has one.
    pub request_id: Option<String>,
    /// S3's second request id: `HostId` in the body.
    pub extended_request_id: Option<String>,
    /// The region of the resource, in S3's redirects.
    pub region: Option<String>,
}

impl ErrorInfo {
    /// Whether this is the modelled exception with that code.
    pub(crate) fn has_code(&self, code: &str) -> bool {
        // SQS models none of the codes that it sends in the header, CloudWatch models all of them.
        self.code == code || self.shape_code.as_deref() == Some(code)
    }

    /// Takes the code from the header `x-amzn-query-error: Code;Sender`, which services that moved from the query
    /// protocol send; the body's code becomes `shape_code`.
    fn with_query_error(mut self, headers: &HeaderMap) -> Self {
        let header = headers.get("x-amzn-query-error").and_then(|it| it.to_str().ok()?.split_once(';'));
        if let Some((code, _)) = header.filter(|it| !it.0.is_empty() && !it.1.contains(';')) {
            let body_code = std::mem::replace(&mut self.code, code.to_owned());
            self.shape_code = Some(body_code).filter(|it| !it.is_empty());
        }
        self
    }
}

/// The error code without namespace (`aws.api#Code`) and URI (`Code:http://…`).
fn strip_namespace(code: &str) -> String {
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default().trim().to_owned()
}

/// A wire protocol.
// No method has a default body, and `Debug` is no supertrait: both would be compiled again in the crate of every
// service, which costs rustc 25 MB of memory for the list of all instances below it.
pub trait Protocol: Send + Sync {
    /// Writes the request for an input that was validated.
    fn serialize(&self, plan: &OperationPlan, input: StructureView<'_>) -> Result<RequestParts>;

    /// Fills the output from a successful response. A streaming payload is left to the caller.
    fn parse(&self, plan: &OperationPlan, response: ResponseParts<'_>, output: StructureMut<'_>) -> Result<()>;

    /// Reads code, message and ids of an error response; a body that cannot be read counts as empty.
    fn error_info(&self, response: ResponseParts<'_>) -> ErrorInfo;

    /// Fills a modelled exception from an error response.
    fn parse_exception(&self, response: ResponseParts<'_>, exception: StructureMut<'_>) -> Result<()>;

    /// The format of events; `None` if the protocol has no event streams.
    fn events(&self) -> Option<&'static EventFormat>;

    /// The request id in the body of a successful response. Only called if no header has it.
    fn request_id(&self, response: ResponseParts<'_>) -> Option<String>;

    /// How the service writes responses, for stubs.
    #[cfg(any(test, feature = "testing"))]
    fn response_format(&self) -> ResponseFormat;
}
