//! The operation of requests to services without a model, as hooks and stubs see it. Knows no signer.

#![allow(unsafe_code, reason = "the structures are described like generated ones")]

use bytes::Bytes;

use crate::operation::{Operation, OperationDescriptor};
use crate::types::ByteStream;

/// The operation of the requests that [`RequestSigner::send`](super::RequestSigner::send) sends, for hooks and stubs.
pub enum SendRequest {}

impl Operation for SendRequest {
    type Input = SendRequestInput;
    type Output = SendRequestOutput;
    const DESCRIPTOR: OperationDescriptor = OperationDescriptor::new("SendRequest POST /");
}

/// What hooks and the rules of stubs see of a request before it is signed.
#[cfg_attr(not(doc), repr(C))]
pub struct SendRequestInput {
    /// The method: `GET`.
    pub method: Option<String>,
    /// The URL.
    pub url: Option<String>,
    /// The body.
    pub body: Option<Bytes>,
    #[doc(hidden)]
    pub __non_exhaustive: (),
}

crate::generated::plain_structure!(SendRequestInput, unsafe { "Method:str; Url:str; Body:blob" });

/// What a stub replies with, and status 200. Another status, or headers: `http` of its rule.
#[cfg_attr(not(doc), repr(C))]
pub struct SendRequestOutput {
    /// The body.
    pub body: ByteStream,
    #[doc(hidden)]
    pub __non_exhaustive: (),
}

crate::generated::streaming_structure!(SendRequestOutput, unsafe { "Body:stream @payload" });
