//! Protocols: an operation's input to a plain request, and a plain answer to its output or error.
//!
//! Each protocol is one file behind [`Protocol`]; what the REST protocols share is in `rest`. None of them knows a
//! service, a host, a signature or a retry.

mod rest;
mod rest_xml;

use std::fmt::Debug;

use bytes::Bytes;
use http::{HeaderMap, Method};

pub use rest_xml::REST_XML;

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
    /// The message.
    pub message: String,
    /// The request id, if the body told it.
    pub request_id: Option<String>,
    /// S3's second id.
    pub extended_request_id: Option<String>,
    /// Where the service says the resource lives (S3's redirects).
    pub region: Option<String>,
}

/// A wire protocol.
pub trait Protocol: Send + Sync + Debug {
    /// Makes a request of an input that was validated.
    fn serialize(&self, plan: &Plan, input: StructureView<'_>) -> Result<Parts>;

    /// Fills the output from a successful answer. A streaming payload is left to the caller.
    fn parse(&self, plan: &Plan, answer: Answer<'_>, output: StructureMut<'_>) -> Result<()>;

    /// What an error answer says; a body that cannot be read counts as none.
    fn fault(&self, answer: Answer<'_>) -> Fault;

    /// Fills a modelled exception from an error answer.
    fn parse_exception(&self, answer: Answer<'_>, exception: StructureMut<'_>) -> Result<()>;
}
