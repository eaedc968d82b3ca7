//! Events and the messages that carry them: which member of the union it is, what stands in headers, what is the payload.
//! Knows no frame and no transport; documents are the protocol's.

use bytes::Bytes;

use super::Protocol;
use crate::codec::{cbor, json, xml};
use crate::error::{Error, ErrorKind, Result};
use crate::eventstream::{HeaderValue, Message};
use crate::schema::dynamic::Value;
use crate::schema::layout::Open;
use crate::schema::shape::{Kind, Member};
use crate::schema::{StructureMut, StructureView, View};
use crate::text::uuid;

/// How the events of a protocol look.
#[derive(Debug)]
pub struct EventFormat {
    media_type: &'static str,
    /// Whether the members beside a stream of events travel in a first message of their own, not in the HTTP head.
    pub(crate) initial: bool,
    /// Reads the document of an event, or of the exception that ended a stream; an empty one leaves all as it is.
    pub(crate) read_document: fn(&[u8], StructureMut<'_>) -> Result<()>,
    /// Writes the document of an event: the event itself, or its member that is the payload.
    write_document: fn(StructureView<'_>, Option<&Member>) -> Result<Bytes>,
}

impl EventFormat {
    pub(super) const JSON: Self = Self {
        media_type: "application/json",
        initial: false,
        read_document: json::read,
        write_document: |it, _| {
            let mut document = String::new();
            json::write(&mut document, it)?;
            Ok(document.into())
        },
    };
    /// JSON where the operation is not told by the HTTP head.
    pub(super) const JSON_RPC: Self = Self { initial: true, ..Self::JSON };
    pub(super) const CBOR: Self = Self {
        media_type: "application/cbor",
        initial: true,
        read_document: cbor::read,
        write_document: |it, _| {
            let mut document = Vec::new();
            cbor::write(&mut document, it)?;
            Ok(document.into())
        },
    };
    pub(super) const XML: Self = Self {
        media_type: "application/xml",
        initial: false,
        read_document: |document, out| {
            let mut document = xml::Document::new(document)?;
            match document.root()? {
                Some(root) => document.structure(&root, out),
                None => Ok(()),
            }
        },
        write_document: |it, payload| {
            let mut document = String::new();
            let (name, namespace) = payload.map_or((it.shape().name, None), |it| (it.wire, it.node.namespace));
            xml::write_element(&mut document, name, namespace, it)?;
            Ok(document.into())
        },
    };

    /// Of a protocol.
    ///
    /// # Errors
    /// It has no events.
    pub(crate) fn of(protocol: &dyn Protocol) -> Result<&'static Self> {
        let none = || Error::new(ErrorKind::Config, "the protocol of this service has no events");
        protocol.events().ok_or_else(none)
    }

    /// Fills an event, a union, from the message of type `name`; one that the union does not know is kept by its name.
    pub fn read(&self, name: &str, message: &Message, mut event: StructureMut<'_>) -> Result<()> {
        match event.shape().members.iter().find(|it| it.wire == name) {
            Some(member) => match event.slot(member).open() {
                Open::Structure(inner) => self.fill(message, inner).map_err(|it| it.within(member.name)),
                _ => Err(Error::new(ErrorKind::Parse, "an event that is no structure").within(member.name)),
            },
            None => {
                event.set_unknown(name);
                Ok(())
            }
        }
    }

    fn fill(&self, message: &Message, mut out: StructureMut<'_>) -> Result<()> {
        let shape = out.shape();
        for &index in &shape.headers {
            let member = &shape.members[index];
            if let Some(value) = message.headers.get(member.wire) {
                let value = of_header(value, &member.node.kind).ok_or_else(|| {
                    Error::new(ErrorKind::Parse, format!("the header {} is of another type", member.wire))
                        .within(member.name)
                })?;
                out.slot(member).put(value);
            }
        }
        let payload = &message.payload;
        let Some(index) = shape.payload else {
            return if shape.read.is_empty() { Ok(()) } else { (self.read_document)(payload, out) };
        };
        let member = &shape.members[index];
        let value = match &member.node.kind {
            Kind::Blob => Value::Blob(payload.clone()),
            Kind::String | Kind::Enum => match std::str::from_utf8(payload) {
                Ok(text) => Value::String(text.to_owned()),
                Err(it) => {
                    let error = Error::new(ErrorKind::Parse, "a text that is not UTF-8").with_source(it);
                    return Err(error.within(member.name));
                }
            },
            _ => {
                return match out.slot(member).open() {
                    Open::Structure(inner) => (self.read_document)(payload, inner).map_err(|it| it.within(member.name)),
                    _ => Err(Error::new(ErrorKind::Parse, "a payload that no event can have").within(member.name)),
                };
            }
        };
        out.slot(member).put(value);
        Ok(())
    }

    /// The message of an event, a union.
    pub fn write(&self, event: StructureView<'_>) -> Result<Message> {
        let Some((member, View::Structure(it))) = event.members().next() else {
            let why = "an event that this version does not know cannot be sent";
            return Err(Error::new(ErrorKind::Validation, why));
        };
        self.make(member.wire, it).map_err(|it| it.within(member.name))
    }

    /// The message with the members beside the events.
    pub(crate) fn initial_request(&self, document: Bytes) -> Result<Message> {
        let mut message = typed(INITIAL_REQUEST)?;
        media_type(&mut message, self.media_type)?;
        message.payload = document;
        Ok(message)
    }

    fn make(&self, name: &str, it: StructureView<'_>) -> Result<Message> {
        let shape = it.shape();
        let mut message = typed(name)?;
        match shape.payload.map(|index| &shape.members[index]) {
            Some(member) => match it.get(member) {
                Some(View::Blob(bytes)) => {
                    media_type(&mut message, "application/octet-stream")?;
                    message.payload = bytes.clone();
                }
                Some(View::String(text)) => {
                    media_type(&mut message, "text/plain")?;
                    message.payload = Bytes::copy_from_slice(text.as_bytes());
                }
                Some(View::Structure(inner)) => {
                    media_type(&mut message, self.media_type)?;
                    message.payload = (self.write_document)(inner, Some(member))?;
                }
                Some(_) => return Err(Error::new(ErrorKind::Validation, "no payload of an event").within(member.name)),
                None => {}
            },
            // An event of headers alone has no document; one without any members has an empty one.
            None if shape.body.is_empty() && !shape.headers.is_empty() => {}
            None => {
                media_type(&mut message, self.media_type)?;
                message.payload = (self.write_document)(it, None)?;
            }
        }
        for &index in &shape.headers {
            let member = &shape.members[index];
            if let Some(value) = it.get(member) {
                put_header(&mut message, member, value).map_err(|it| it.within(member.name))?;
            }
        }
        Ok(message)
    }
}

/// The first message of a protocol whose outputs have one.
pub(crate) const INITIAL_RESPONSE: &str = "initial-response";
/// The first message of a protocol whose inputs have one.
const INITIAL_REQUEST: &str = "initial-request";

/// The value of a header for a member of this kind, if it fits.
fn of_header(value: HeaderValue<'_>, kind: &Kind) -> Option<Value> {
    let whole = match value {
        HeaderValue::Byte(it) => Some(i64::from(it)),
        HeaderValue::Short(it) => Some(i64::from(it)),
        HeaderValue::Int(it) => Some(i64::from(it)),
        HeaderValue::Long(it) => Some(it),
        _ => None,
    };
    Some(match (kind, value) {
        (Kind::I32, _) => Value::I32(whole?.try_into().ok()?),
        (Kind::I64, _) => Value::I64(whole?),
        (Kind::Bool, HeaderValue::Bool(it)) => Value::Bool(it),
        (Kind::String | Kind::Enum, HeaderValue::String(it)) => Value::String(it.to_owned()),
        (Kind::String, HeaderValue::Uuid(it)) => Value::String(uuid::hyphenated(u128::from_be_bytes(it))),
        (Kind::Blob, HeaderValue::Bytes(it)) => Value::Blob(Bytes::copy_from_slice(it)),
        (Kind::Timestamp(_), HeaderValue::Timestamp(it)) => Value::Timestamp(it),
        _ => return None,
    })
}

fn typed(name: &str) -> Result<Message> {
    let mut message = Message::default();
    message.headers.push(":message-type", HeaderValue::String("event"))?;
    message.headers.push(":event-type", HeaderValue::String(name))?;
    Ok(message)
}

fn media_type(message: &mut Message, media_type: &str) -> Result<()> {
    message.headers.push(":content-type", HeaderValue::String(media_type))
}

fn put_header(message: &mut Message, member: &Member, value: View<'_>) -> Result<()> {
    let value = match value {
        View::String(it) => HeaderValue::String(it),
        View::Bool(it) => HeaderValue::Bool(it),
        View::I32(it) => HeaderValue::Int(it),
        View::I64(it) => HeaderValue::Long(it),
        View::Timestamp(it) => HeaderValue::Timestamp(it),
        View::Blob(it) => HeaderValue::Bytes(it),
        _ => return Err(Error::new(ErrorKind::Validation, "a value that no header of an event can hold")),
    };
    message.headers.push(member.wire, value)
}
