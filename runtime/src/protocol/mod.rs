//! Protocols: an operation's input to a plain request, and a plain answer to its output or error.
//!
//! Each protocol is one file behind [`Protocol`]; what the REST protocols share is in `rest`. None of them knows a
//! service, a host, a signature or a retry.

mod aws_json;
mod ec2;
mod event;
mod json_fault;
mod query;
mod rest;
mod rest_json;
mod rest_xml;
mod rpc_v2_cbor;
mod xml_fault;

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
pub(crate) use xml_fault::is_error_document;

use crate::error::Result;
use crate::operation::Plan;
use crate::schema::{StructureMut, StructureView};

/// A request without a host: what a protocol makes of an input.
#[derive(Debug, Default)]
pub struct Parts {
    /// The method.
    pub method: Method,
    /// The path, percent-encoded, starting with `/`.
    pub path: String,
    /// The query string without `?`, percent-encoded; empty for none.
    pub query: String,
    /// Headers that the input gives, and the content type where the protocol has one.
    pub headers: HeaderMap,
    /// The body, unless the input holds a stream.
    pub body: Option<Bytes>,
    /// Whether the payload is the input's streaming member.
    pub streaming: bool,
}

/// An answer: its head, and its body unless the output streams it.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a Bytes,
}

/// What every error of a service tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// The code, without namespace.
    pub code: String,
    /// The code by which the modelled exception is known, where a query-compatible service tells another to people.
    pub shape_code: Option<String>,
    /// The message.
    pub message: String,
    /// The request id, if the body told it.
    pub request_id: Option<String>,
    /// S3's second id.
    pub extended_request_id: Option<String>,
    /// Where the service says the resource lives (S3's redirects).
    pub region: Option<String>,
}

impl Fault {
    /// Whether this is the modelled exception of that code.
    pub(crate) fn is(&self, code: &str) -> bool {
        // SQS models none of the codes that it tells people, CloudWatch models them all.
        self.code == code || self.shape_code.as_deref() == Some(code)
    }

    /// The same with the code that a service which once spoke the query protocol tells in a header, `Code;Sender`.
    fn with_query_error(mut self, headers: &HeaderMap) -> Self {
        let told = headers.get("x-amzn-query-error").and_then(|it| it.to_str().ok()?.split_once(';'));
        if let Some((code, _)) = told.filter(|it| !it.0.is_empty() && !it.1.contains(';')) {
            let own = std::mem::replace(&mut self.code, code.to_owned());
            self.shape_code = Some(own).filter(|it| !it.is_empty());
        }
        self
    }
}

/// A code without namespace (`aws.api#Code`) and URI (`Code:http://…`).
fn bare(code: &str) -> String {
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default().trim().to_owned()
}

/// A wire protocol.
// No method has a body here, and `Debug` is not asked for: both would be compiled again in the crate of every service,
// which costs rustc 25 MB of memory for the list of all instances below it.
pub trait Protocol: Send + Sync {
    /// Makes a request of an input that was validated.
    fn serialize(&self, plan: &Plan, input: StructureView<'_>) -> Result<Parts>;

    /// Fills the output from a successful answer. A streaming payload is left to the caller.
    fn parse(&self, plan: &Plan, answer: Answer<'_>, output: StructureMut<'_>) -> Result<()>;

    /// What an error answer says; a body that cannot be read counts as none.
    fn fault(&self, answer: Answer<'_>) -> Fault;

    /// Fills a modelled exception from an error answer.
    fn parse_exception(&self, answer: Answer<'_>, exception: StructureMut<'_>) -> Result<()>;

    /// How events look, if the protocol has any.
    fn events(&self) -> Option<&'static EventFormat>;

    /// The request id that the body of a successful answer tells. Asked only when no header does.
    fn request_id(&self, answer: Answer<'_>) -> Option<String>;
}
