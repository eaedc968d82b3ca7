//! HTTP bindings that rest-xml and rest-json share: labels, query strings, headers, status, payload. Knows no body
//! format.

use std::borrow::Cow;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{RequestParts, ResponseParts};
use crate::codec::scalar_string;
use crate::encoding::{base64, percent};
use crate::error::{Error, ErrorKind, Result};
use crate::operation::{OperationPlan, Segment};
use crate::schema::dynamic::Value;
use crate::schema::layout::Open;
use crate::schema::shape::{Kind, Location, Member, Node};
use crate::schema::{MapView, StructureMut, StructureView, View};

/// What is allocated for a path; few are longer. Our choice.
const PATH_BYTES: usize = 128;

/// What the body consists of.
pub(super) enum Payload<'a> {
    /// No document: there is no body, or it is already bound (a stream, a blob or a string).
    Done,
    /// The document is one member.
    Member(&'static Member, View<'a>),
    /// The document has the members that are bound to nothing else; at least one of them is set.
    Members,
}

/// Writes everything but a structured body.
pub(super) fn bind<'a>(plan: &OperationPlan, input: StructureView<'a>) -> Result<(RequestParts, Payload<'a>)> {
    let mut parts = RequestParts::new(plan.method.clone());
    parts.path.reserve(PATH_BYTES);
    path(plan, input, &mut parts.path)?;
    parts.query.push_str(plan.query);
    let shape = input.shape();
    for &index in &shape.queries {
        let member = &shape.members[index];
        if let Some(value) = input.get(member) {
            query(&mut parts.query, input, member, value)?;
        }
    }
    write_headers(&mut parts.headers, input)?;
    let payload = match shape.payload {
        Some(index) => {
            let member = &shape.members[index];
            match (input.get(member), &member.node.kind) {
                (_, Kind::Stream | Kind::Events(_)) => {
                    parts.streaming = true;
                    Payload::Done
                }
                (Some(View::Blob(bytes)), _) => {
                    parts.body = Some(bytes.clone());
                    Payload::Done
                }
                (Some(View::String(text)), _) => {
                    parts.body = Some(text.to_owned().into());
                    parts.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("text/plain"));
                    Payload::Done
                }
                (Some(value), _) => Payload::Member(member, value),
                (None, _) => Payload::Done,
            }
        }
        None if shape.body.iter().any(|&it| input.get(&shape.members[it]).is_some()) => Payload::Members,
        None => Payload::Done,
    };
    Ok((parts, payload))
}

/// Writes the members that are headers.
pub(super) fn write_headers(headers: &mut HeaderMap, structure: StructureView<'_>) -> Result<()> {
    let shape = structure.shape();
    for (name, index) in shape.header_members() {
        let member = &shape.members[*index];
        if let Some(value) = structure.get(member) {
            header_of(headers, name, member, value)?;
        }
    }
    for member in shape.headers.iter().map(|&it| &shape.members[it]) {
        if let (Location::PrefixHeaders, Some(View::Map(map))) = (member.location, structure.get(member)) {
            prefix_headers(headers, member, map)?;
        }
    }
    Ok(())
}

fn path(plan: &OperationPlan, input: StructureView<'_>, out: &mut String) -> Result<()> {
    for segment in &plan.path {
        match segment {
            Segment::Literal(text) => out.push_str(text),
            Segment::Label { member, greedy } => {
                let member = &input.shape().members[*member];
                let value = match input.get(member) {
                    Some(value) => scalar_string::format(value, &member.node.kind)?,
                    None => None,
                };
                match value.as_deref() {
                    None | Some("") => {
                        let name = member.name;
                        return Err(invalid_member(name, "is part of the path and must not be empty"));
                    }
                    Some(text) if *greedy => percent::push_path(out, text),
                    Some(text) => percent::push(out, text),
                }
            }
        }
    }
    Ok(())
}

fn query(out: &mut String, input: StructureView<'_>, member: &'static Member, value: View<'_>) -> Result<()> {
    match (value, &member.node.kind) {
        (View::List(list), Kind::List(kind)) => {
            for value in list.iter().flatten() {
                push_pair(out, member.wire, value, &kind.element)?;
            }
            Ok(())
        }
        (View::Map(map), Kind::Map(kind)) => map.try_each(|key, value| {
            // A member with its own parameter wins over the same name in the map.
            let shape = input.shape();
            let has_own_member = |&it: &usize| shape.members[it].wire == key && input.get(&shape.members[it]).is_some();
            match (value, &kind.value.kind) {
                _ if shape.queries.iter().any(has_own_member) => Ok(()),
                (Some(View::List(list)), Kind::List(kind)) => {
                    list.iter().flatten().try_for_each(|value| push_pair(out, key, value, &kind.element))
                }
                (Some(value), _) => push_pair(out, key, value, &kind.value),
                (None, _) => Ok(()),
            }
        }),
        (value, _) => push_pair(out, member.wire, value, &member.node),
    }
}

fn push_pair(out: &mut String, key: &str, value: View<'_>, node: &Node) -> Result<()> {
    if let Some(text) = scalar_string::format(value, &node.kind)? {
        if !out.is_empty() {
            out.push('&');
        }
        percent::push(out, key);
        out.push('=');
        percent::push(out, &text);
    }
    Ok(())
}

fn prefix_headers(out: &mut HeaderMap, member: &Member, map: MapView<'_>) -> Result<()> {
    map.try_each(|key, value| {
        let Some(View::String(text)) = value else { return Ok(()) };
        let name = format!("{}{key}", member.wire);
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|it| {
            invalid_member(member.name, &format!("makes {name:?}, which is not a valid header name")).with_source(it)
        })?;
        insert(out, member, &header, text)
    })
}

fn header_of(out: &mut HeaderMap, name: &HeaderName, member: &'static Member, value: View<'_>) -> Result<()> {
    match value {
        View::List(list) => {
            let Kind::List(kind) = &member.node.kind else { return Ok(()) };
            let mut joined = String::new();
            for value in list.iter().flatten() {
                if !joined.is_empty() {
                    joined.push(',');
                }
                match value {
                    View::String(text) if text.contains([',', '"']) => {
                        joined.push('"');
                        joined.push_str(&text.replace('"', "\\\""));
                        joined.push('"');
                    }
                    value => joined.push_str(&scalar_string::format(value, &kind.element.kind)?.unwrap_or_default()),
                }
            }
            // An empty list sends no header, as in botocore.
            if list.is_empty() { Ok(()) } else { insert(out, member, name, &joined) }
        }
        View::String(text) if member.json => insert(out, member, name, &base64::encode(text)),
        value => match scalar_string::format(value, &member.node.kind)? {
            Some(text) => insert(out, member, name, &text),
            None => Ok(()),
        },
    }
}

fn insert(out: &mut HeaderMap, member: &Member, name: &HeaderName, value: &str) -> Result<()> {
    let mut value = HeaderValue::from_bytes(value.as_bytes())
        .map_err(|it| invalid_member(member.name, "has a character that is not valid in a header").with_source(it))?;
    value.set_sensitive(member.secret);
    out.insert(name, value);
    Ok(())
}

fn invalid_member(member: &str, why: &str) -> Error {
    Error::new(ErrorKind::Validation, format!("Parameter validation failed:\nParameter {member} {why}"))
}

/// Reads headers and status into the output.
pub(super) fn parse_head(response: ResponseParts<'_>, out: &mut StructureMut<'_>) -> Result<()> {
    let shape = out.shape();
    // A response has about ten headers, an output up to 45 members for them: the former are looked up in the latter.
    let members = shape.header_members();
    for name in response.headers.keys() {
        let start = members.partition_point(|it| it.0.as_str() < name.as_str());
        for (_, index) in members[start..].iter().take_while(|it| it.0 == *name) {
            let member = &shape.members[*index];
            header(response.headers, name, member, out).map_err(|it| it.within(member.name))?;
        }
    }
    for member in shape.headers.iter().map(|&it| &shape.members[it]) {
        if member.location == Location::PrefixHeaders {
            prefixed_headers(response.headers, member, out);
        }
    }
    if let Some(index) = shape.status {
        out.slot(&shape.members[index]).put(Value::I32(i32::from(response.status)));
    }
    Ok(())
}

/// The text of a header: UTF-8, else Latin-1, of which each byte is a character. botocore reads any header as Latin-1.
fn text(value: &HeaderValue) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().map(|it| char::from(*it)).collect::<String>().into(),
    }
}

fn header(headers: &HeaderMap, name: &HeaderName, member: &'static Member, out: &mut StructureMut<'_>) -> Result<()> {
    let Some(value) = headers.get(name) else { return Ok(()) };
    let value = text(value);
    match &member.node.kind {
        Kind::List(kind) => {
            let joined: Vec<_> = headers.get_all(name).iter().map(text).collect();
            let joined = joined.join(",");
            let dates = matches!(kind.element.kind, Kind::Timestamp(_));
            if let Open::List(mut list) = out.slot(member).open() {
                for item in split_list(&joined, dates) {
                    list.push().put(scalar_string::parse(item.into(), &kind.element.kind)?);
                }
            }
        }
        Kind::String if member.json => {
            let decoded = base64::decode(value.as_bytes())?;
            out.slot(member).put(Value::String(String::from_utf8_lossy(&decoded).into_owned()));
        }
        // An invalid timestamp is dropped, as botocore drops S3's free-form `Expires`: losing the whole response for it
        // would be worse.
        Kind::Timestamp(_) => {
            if let Ok(value) = scalar_string::parse(value, &member.node.kind) {
                out.slot(member).put(value);
            }
        }
        Kind::String | Kind::Enum => {
            out.slot(member).put_str(value);
        }
        kind => {
            let value = scalar_string::parse(value, kind)?;
            out.slot(member).put(value);
        }
    }
    Ok(())
}

/// The items of a list in a header. They are separated by commas, except inside quotes and inside an HTTP date.
fn split_list(text: &str, dates: bool) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    let mut commas = 0;
    while let Some(c) = chars.next() {
        let item = items.last_mut().expect("starts with one item");
        match c {
            '"' if !quoted && item.trim().is_empty() => {
                item.clear();
                quoted = true;
            }
            '\\' if quoted => item.extend(chars.next()),
            '"' if quoted => quoted = false,
            ',' if !quoted => {
                commas += 1;
                if dates && commas % 2 == 1 && item.trim().len() == 3 {
                    item.push(c);
                } else {
                    commas = 0;
                    items.push(String::new());
                }
            }
            c => item.push(c),
        }
    }
    items.into_iter().map(|it| it.trim().to_owned()).collect()
}

fn prefixed_headers(headers: &HeaderMap, member: &'static Member, out: &mut StructureMut<'_>) {
    let prefix = member.wire;
    // The map is set even if there is no such header, as in botocore.
    let Open::Map(mut map) = out.slot(member).open() else { return };
    let found = headers.iter().filter_map(|(name, value)| {
        let (start, key) = name.as_str().split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some((key, value))
    });
    for (key, value) in found {
        map.insert(key.to_owned()).put_str(text(value));
    }
}

/// Reads a payload that is a blob or a string; returns the payload member if it is a document that is still to be
/// parsed.
pub(super) fn parse_payload(
    response: ResponseParts<'_>,
    out: &mut StructureMut<'_>,
) -> Result<Option<&'static Member>> {
    let shape = out.shape();
    let Some(index) = shape.payload else { return Ok(None) };
    let member = &shape.members[index];
    let value = match &member.node.kind {
        Kind::Stream | Kind::Events(_) => return Ok(None),
        Kind::Blob | Kind::String | Kind::Enum if response.body.is_empty() => return Ok(None),
        Kind::Blob => Value::Blob(response.body.clone()),
        Kind::String | Kind::Enum => Value::String(String::from_utf8_lossy(response.body).into_owned()),
        _ => return Ok(Some(member)),
    };
    out.slot(member).put(value);
    Ok(None)
}
