//! The acceptors of waiters without a waiter, for tests over descriptors that are built at run time.

use crate::error::{Error, RawResponse, Result, ServiceRef};
use crate::http::HeaderMap;
use crate::protocol::AwsJson;
use crate::schema::StructureView;
use crate::wait::{Acceptor, Outcome};

/// The number of the first line in a waiter's `acceptors` that matches the result of a call: an output with its status, or
/// the status and the code of a service's error.
///
/// # Errors
/// The lines cannot be decoded.
pub fn accepting_line(
    acceptors: &'static str,
    result: std::result::Result<(StructureView<'_>, u16), (u16, &str)>,
) -> Result<Option<usize>> {
    static PROTOCOL: AwsJson = AwsJson { version: "1.1", target: "T", query_compatible: false };
    let acceptors = Acceptor::decode("under test", acceptors)?;
    let position = |outcome: Outcome<'_>| acceptors.iter().position(|it| it.matches(&outcome));
    Ok(match result {
        Ok((output, status)) => position(Outcome::Output(output, status)),
        Err((status, code)) => {
            let body = crate::types::Document::from([("__type", code)]).to_string().into();
            let service = ServiceRef { id: "T", protocol: &PROTOCOL };
            let response = RawResponse { status, headers: HeaderMap::new(), body };
            position(Outcome::Error(&Error::from_response(service, response)))
        }
    })
}
