//! Responses as a service writes them: an output or an error becomes status, headers and body, by the same descriptions that
//! read them. For stubs. Knows no rule of a stub and no concrete type.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::event::EventFormat;
use super::{Protocol, rest};
use crate::codec::{cbor, json, xml};
use crate::error::{Error, ErrorKind, Result};
use crate::operation::OperationPlan;
use crate::schema::shape::{Kind, Location, Member};
use crate::schema::{StructureView, View};
use crate::types::quote;

/// How a protocol writes responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of the protocols")]
pub enum ResponseFormat {
    Json,
    RestJson,
    RestXml,
    Cbor,
    Query,
    Ec2,
}

/// A response that was written.
#[derive(Clone, Debug)]
pub struct WrittenResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unless the output streams it.
    pub body: Bytes,
}

/// What an error response contains, beside the members of a modelled exception.
#[derive(Clone, Debug)]
pub struct WrittenError<'a> {
    /// The code.
    pub code: &'a str,
    /// The message; empty for none.
    pub message: &'a str,
    /// The status; that of the code if there is none.
    pub status: Option<u16>,
}

/// Writes the response with this output. A streaming body is left to the caller, and so are events; of a protocol that sends
/// the members beside the events in a message, it is the body.
///
/// # Errors
/// [`ErrorKind::Validation`] for a value that the wire cannot carry, with the path of its member.
pub fn write_output(
    protocol: &dyn Protocol,
    plan: &OperationPlan,
    output: StructureView<'_>,
) -> Result<WrittenResponse> {
    let format = protocol.response_format();
    let shape = output.shape();
    let mut written = WrittenResponse { status: 200, headers: HeaderMap::new(), body: Bytes::new() };
    if matches!(format, ResponseFormat::RestJson | ResponseFormat::RestXml) {
        rest::write_headers(&mut written.headers, output)?;
        if let Some(View::I32(status)) = shape.status.and_then(|it| output.get(&shape.members[it])) {
            written.status = u16::try_from(status).ok().filter(|it| (100..600).contains(it)).ok_or_else(|| {
                let why = format!("{status} is not an HTTP status");
                Error::new(ErrorKind::Validation, why).within(shape.status.map_or("", |it| shape.members[it].name))
            })?;
        }
        if let Some(member) = shape.payload.map(|it| &shape.members[it]) {
            if let Some(value) = output.get(member) {
                written.body = payload(format, member, value).map_err(|it| it.within(member.name))?;
            }
            return Ok(written);
        }
    }
    let root = || format!("{}Response", plan.name);
    let mut text = String::new();
    written.body = match format {
        _ if plan.method == Method::HEAD => Bytes::new(),
        ResponseFormat::Cbor => {
            let mut body = Vec::new();
            cbor::write_members(&mut body, output, &shape.read)?;
            written.headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
            body.into()
        }
        ResponseFormat::RestJson if shape.read.is_empty() => Bytes::new(),
        ResponseFormat::Json | ResponseFormat::RestJson => {
            json::write_members(&mut text, output, &shape.read)?;
            text.into()
        }
        ResponseFormat::RestXml if shape.read.is_empty() => Bytes::new(),
        ResponseFormat::RestXml => {
            xml::write_members(&mut text, &root(), None, output, &shape.read)?;
            text.into()
        }
        ResponseFormat::Query => {
            let result = plan.result.map_or_else(|| format!("{}Result", plan.name), str::to_owned);
            text.push_str(&format!("<{}>", root()));
            xml::write_members(&mut text, &result, None, output, &shape.read)?;
            text.push_str(&format!("<ResponseMetadata/></{}>", root()));
            text.into()
        }
        ResponseFormat::Ec2 => {
            xml::write_members(&mut text, &root(), None, output, &shape.read)?;
            text.into()
        }
    };
    set_content_type(format, &mut written);
    Ok(written)
}

/// The body that is one member.
fn payload(format: ResponseFormat, member: &Member, value: View<'_>) -> Result<Bytes> {
    let mut text = String::new();
    match value {
        View::Stream(_) | View::Events => {}
        View::Blob(bytes) => return Ok(bytes.clone()),
        View::String(it) => text.push_str(it),
        View::Structure(it) if format == ResponseFormat::RestXml => {
            xml::write_element(&mut text, member.wire, member.node.namespace, it)?;
        }
        value => json::write_value(&mut text, value, &member.node)?,
    }
    Ok(text.into())
}

fn set_content_type(format: ResponseFormat, written: &mut WrittenResponse) {
    if !written.body.is_empty() {
        let media_type = match format {
            ResponseFormat::Json => "application/x-amz-json-1.1",
            ResponseFormat::RestJson => "application/json",
            ResponseFormat::Cbor => "application/cbor",
            ResponseFormat::RestXml => "application/xml",
            ResponseFormat::Query | ResponseFormat::Ec2 => "text/xml",
        };
        written.headers.entry("content-type").or_insert(HeaderValue::from_static(media_type));
    }
}

/// Writes the response with an error, and the members of the modelled exception if it is one. The response to a HEAD request
/// has no body: its status is all that it says.
///
/// # Errors
/// The same as for [`write_output`].
pub fn write_error(
    protocol: &dyn Protocol,
    plan: &OperationPlan,
    error: &WrittenError<'_>,
    exception: Option<StructureView<'_>>,
) -> Result<WrittenResponse> {
    let format = protocol.response_format();
    let status = error.status.unwrap_or_else(|| usual_status(error.code));
    let mut written = WrittenResponse { status, headers: HeaderMap::new(), body: Bytes::new() };
    if let Some(exception) = exception {
        rest::write_headers(&mut written.headers, exception)?;
    }
    if plan.method == Method::HEAD {
        return Ok(written);
    }
    written.body = match format {
        ResponseFormat::Json | ResponseFormat::RestJson => {
            if format == ResponseFormat::RestJson
                && let Ok(code) = HeaderValue::from_str(error.code)
            {
                written.headers.insert("x-amzn-errortype", code);
            }
            json_error("__type", error, exception)?
        }
        ResponseFormat::Cbor => {
            let message = (!error.message.is_empty()).then(|| (message_name(exception), error.message));
            let strings: Vec<_> = [("__type", error.code)].into_iter().chain(message).collect();
            let others = exception.map_or_else(Vec::new, |it| other_members(it, false));
            let mut body = Vec::new();
            cbor::write_map(&mut body, &strings, exception.map(|it| (it, &*others)))?;
            written.headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
            body.into()
        }
        ResponseFormat::RestXml | ResponseFormat::Query => {
            format!("<ErrorResponse>{}</ErrorResponse>", xml_error(error, exception)?).into()
        }
        ResponseFormat::Ec2 => format!("<Response><Errors>{}</Errors></Response>", xml_error(error, exception)?).into(),
    };
    set_content_type(format, &mut written);
    Ok(written)
}

/// The status that an error with this code usually has: the models of services do not say it to programs.
fn usual_status(code: &str) -> u16 {
    let has_reason = |status: &u16| {
        let reason = StatusCode::from_u16(*status).ok().and_then(|it| it.canonical_reason());
        reason.is_some_and(|it| it.split([' ', '-', '\'']).collect::<String>() == code)
    };
    (400..512).find(has_reason).unwrap_or(match code {
        _ if code.starts_with("NoSuch") || code.ends_with("NotFound") => 404,
        _ if code.starts_with("Internal") => 500,
        "SlowDown" => 503,
        _ => 400,
    })
}

/// Whether a member of an exception is what every error has anyway. In XML its code is such a member.
fn has_own_place(member: &Member, is_xml: bool) -> bool {
    let wire = member.wire;
    member.location != Location::Body
        || wire.eq_ignore_ascii_case("message")
        || is_xml && wire.eq_ignore_ascii_case("code")
}

fn other_members(exception: StructureView<'_>, is_xml: bool) -> Vec<usize> {
    let shape = exception.shape();
    shape.body.iter().copied().filter(|it| !has_own_place(&shape.members[*it], is_xml)).collect()
}

fn json_error(code_name: &str, error: &WrittenError<'_>, exception: Option<StructureView<'_>>) -> Result<Bytes> {
    let mut out = String::from("{");
    let mut pair = |name: &str, value: &str| {
        let separator = if out.len() > 1 { "," } else { "" };
        out.push_str(separator);
        // Writing to a `String` cannot fail.
        let _ = quote(&mut out, name);
        out.push(':');
        let _ = quote(&mut out, value);
    };
    pair(code_name, error.code);
    if !error.message.is_empty() {
        pair(message_name(exception), error.message);
    }
    if let Some(exception) = exception {
        let mut members = String::new();
        json::write_members(&mut members, exception, &other_members(exception, false))?;
        if members != "{}" {
            out.push(',');
            out.push_str(&members[1..]);
            return Ok(out.into());
        }
    }
    out.push('}');
    Ok(out.into())
}

/// The name of the message on the wire: that of the exception's member, which the reader of the exception looks for.
fn message_name(exception: Option<StructureView<'_>>) -> &'static str {
    let members = exception.map_or(&[][..], |it| &it.shape().members);
    members.iter().find(|it| it.wire.eq_ignore_ascii_case("message")).map_or("message", |it| it.wire)
}

fn xml_error(error: &WrittenError<'_>, exception: Option<StructureView<'_>>) -> Result<String> {
    let mut out = String::from("<Error>");
    xml::write_string(&mut out, "Code", error.code);
    // Whatever a model calls the member: that is what services write.
    xml::write_string(&mut out, "Message", error.message);
    if let Some(exception) = exception {
        let mut members = String::new();
        xml::write_members(&mut members, "E", None, exception, &other_members(exception, true))?;
        out.push_str(&members["<E>".len()..members.len() - "</E>".len()]);
    }
    out.push_str("</Error>");
    Ok(out)
}

/// The message of a modelled exception that ends an event stream.
pub(crate) fn event_exception(
    format: &EventFormat,
    union: StructureView<'_>,
    error: &WrittenError<'_>,
    exception: Option<StructureView<'_>>,
) -> Result<crate::eventstream::Message> {
    let known = union.shape().exceptions.iter().find(|(_, code)| *code == error.code);
    let document = match exception {
        Some(exception) => format.write_members(exception)?,
        None => json_error("__type", error, None)?,
    };
    format.exception(known.map_or(error.code, |it| it.0), document)
}

/// Whether an output has events, and which member they are.
pub(crate) fn events_member(plan: &OperationPlan) -> Option<&'static Member> {
    let member = &plan.output.members[plan.output.payload?];
    matches!(member.node.kind, Kind::Events(_)).then_some(member)
}
