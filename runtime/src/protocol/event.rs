//! Events as messages of an event stream: the type header names the union's member, the event's members are headers and
//! payload. Knows no frame and no transport; the document format is the protocol's.

use bytes::Bytes;

use super::Protocol;
use crate::codec::{cbor, json, xml};
use crate::encoding::uuid;
use crate::error::{Error, ErrorKind, Result};
use crate::eventstream::{EventHeaderValue, Message};
use crate::schema::dynamic::Value;
use crate::schema::layout::Open;
use crate::schema::shape::{Kind, Member};
use crate::schema::{StructureMut, StructureView, View};

/// The format of a protocol's events.
#[derive(Debug)]
pub struct EventFormat {
    media_type: &'static str,
    /// Whether the members beside the event stream are sent in an initial message, not in the HTTP head.
    pub(crate) initial_message: bool,
    /// Reads the document of an event, or of the exception that ended a stream; an empty document changes nothing.
    pub(crate) read_document: fn(&[u8], StructureMut<'_>) -> Result<()>,
    /// Writes the document of an event: of the whole event, or of its payload member if there is one.
    write_document: fn(StructureView<'_>, Option<&Member>) -> Result<Bytes>,
}

impl EventFormat {
    pub(super) const JSON: Self = Self {
        media_type: "application/json",
        initial_message: false,
        read_document: json::read,
        write_document: |event, _| {
            let mut document = String::new();
            json::write(&mut document, event)?;
            Ok(document.into())
        },
    };
    /// JSON for the RPC protocols, which send the members beside the events in an initial message.
    pub(super) const JSON_RPC: Self = Self { initial_message: true, ..Self::JSON };
    pub(super) const CBOR: Self = Self {
        media_type: "application/cbor",
        initial_message: true,
        read_document: cbor::read,
        write_document: |event, _| {
            let mut document = Vec::new();
            cbor::write(&mut document, event)?;
            Ok(document.into())
        },
    };
    pub(super) const XML: Self = Self {
        media_type: "application/xml",
        initial_message: false,
        read_document: |document, out| {
            let text = xml::text(document);
            let mut document = xml::Document::new(&text);
            match document.root()? {
                Some(root) => document.structure(&root, out),
                None => Ok(()),
            }
        },
        write_document: |event, payload| {
            let mut document = String::new();
            let (name, namespace) = payload.map_or((event.shape().name, None), |it| (it.wire, it.node.namespace));
            xml::write_element(&mut document, name, namespace, event)?;
            Ok(document.into())
        },
    };

    /// The format of a protocol's events.
    ///
    /// # Errors
    /// The protocol has no event streams.
    pub(crate) fn for_protocol(protocol: &dyn Protocol) -> Result<&'static Self> {
        let unsupported = || Error::new(ErrorKind::Config, "the protocol of this service has no event streams");
        protocol.events().ok_or_else(unsupported)
    }

    /// Fills an event, a union, from the message of event type `name`. Of a type that the union does not know, only the
    /// name is set.
    pub fn read(&self, name: &str, message: &Message, mut event: StructureMut<'_>) -> Result<()> {
        match event.shape().members.iter().find(|it| it.wire == name) {
            Some(member) => match event.slot(member).open() {
                Open::Structure(inner) => self.read_event(message, inner).map_err(|it| it.within(member.name)),
                _ => Err(Error::new(ErrorKind::Parse, "the event is not a structure").within(member.name)),
            },
            None => {
                event.set_unknown(name);
                Ok(())
            }
        }
    }

    fn read_event(&self, message: &Message, mut out: StructureMut<'_>) -> Result<()> {
        let shape = out.shape();
        for &index in &shape.headers {
            let member = &shape.members[index];
            if let Some(value) = message.headers.get(member.wire) {
                let value = value_from_header(value, &member.node.kind).ok_or_else(|| {
                    Error::new(ErrorKind::Parse, format!("the header {} has an unexpected type", member.wire))
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
            Kind::String | Kind::Enum => Value::String(String::from_utf8_lossy(payload).into_owned()),
            _ => {
                return match out.slot(member).open() {
                    Open::Structure(inner) => (self.read_document)(payload, inner).map_err(|it| it.within(member.name)),
                    _ => {
                        Err(Error::new(ErrorKind::Parse, "the payload member has an unsupported type")
                            .within(member.name))
                    }
                };
            }
        };
        out.slot(member).put(value);
        Ok(())
    }

    /// Writes an event, a union, as a message.
    pub fn write(&self, event: StructureView<'_>) -> Result<Message> {
        let Some((member, View::Structure(structure))) = event.members().next() else {
            let why = "an event that this version does not know cannot be sent";
            return Err(Error::new(ErrorKind::Validation, why));
        };
        self.write_event(member.wire, structure).map_err(|it| it.within(member.name))
    }

    /// The initial message, with the members beside the events.
    pub(crate) fn initial_request(&self, document: Bytes) -> Result<Message> {
        let mut message = new_message(INITIAL_REQUEST)?;
        set_content_type(&mut message, self.media_type)?;
        message.payload = document;
        Ok(message)
    }

    /// The initial message of a response, with the members beside the events.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn initial_response(&self, document: Bytes) -> Result<Message> {
        let mut message = new_message(INITIAL_RESPONSE)?;
        set_content_type(&mut message, self.media_type)?;
        message.payload = document;
        Ok(message)
    }

    /// The message of the exception `name`, which ends a stream.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn exception(&self, name: &str, document: Bytes) -> Result<Message> {
        let mut message = Message { payload: document, ..Message::default() };
        message.headers.push(":message-type", EventHeaderValue::String("exception"))?;
        message.headers.push(":exception-type", EventHeaderValue::String(name))?;
        set_content_type(&mut message, self.media_type)?;
        Ok(message)
    }

    /// The document of an exception.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn write_members(&self, exception: StructureView<'_>) -> Result<Bytes> {
        (self.write_document)(exception, None)
    }

    fn write_event(&self, name: &str, event: StructureView<'_>) -> Result<Message> {
        let shape = event.shape();
        let mut message = new_message(name)?;
        match shape.payload.map(|index| &shape.members[index]) {
            Some(member) => match event.get(member) {
                Some(View::Blob(bytes)) => {
                    set_content_type(&mut message, "application/octet-stream")?;
                    message.payload = bytes.clone();
                }
                Some(View::String(text)) => {
                    set_content_type(&mut message, "text/plain")?;
                    message.payload = Bytes::copy_from_slice(text.as_bytes());
                }
                Some(View::Structure(inner)) => {
                    set_content_type(&mut message, self.media_type)?;
                    message.payload = (self.write_document)(inner, Some(member))?;
                }
                Some(_) => {
                    let why = "the payload member has an unsupported type";
                    return Err(Error::new(ErrorKind::Validation, why).within(member.name));
                }
                None => {}
            },
            // An event with headers only has no document; one without any members has an empty document.
            None if shape.body.is_empty() && !shape.headers.is_empty() => {}
            None => {
                set_content_type(&mut message, self.media_type)?;
                message.payload = (self.write_document)(event, None)?;
            }
        }
        for &index in &shape.headers {
            let member = &shape.members[index];
            if let Some(value) = event.get(member) {
                put_header(&mut message, member, value).map_err(|it| it.within(member.name))?;
            }
        }
        Ok(message)
    }
}

/// The event type of the initial message of an output.
pub(crate) const INITIAL_RESPONSE: &str = "initial-response";
/// The event type of the initial message of an input.
const INITIAL_REQUEST: &str = "initial-request";

/// The value of a header for a member of this kind; `None` if the types do not match.
fn value_from_header(value: EventHeaderValue<'_>, kind: &Kind) -> Option<Value> {
    let integer = match value {
        EventHeaderValue::Byte(it) => Some(i64::from(it)),
        EventHeaderValue::Short(it) => Some(i64::from(it)),
        EventHeaderValue::Int(it) => Some(i64::from(it)),
        EventHeaderValue::Long(it) => Some(it),
        _ => None,
    };
    Some(match (kind, value) {
        (Kind::I32, _) => Value::I32(integer?.try_into().ok()?),
        (Kind::I64, _) => Value::I64(integer?),
        (Kind::Bool, EventHeaderValue::Bool(it)) => Value::Bool(it),
        (Kind::String | Kind::Enum, EventHeaderValue::String(it)) => Value::String(it.to_owned()),
        (Kind::String, EventHeaderValue::Uuid(it)) => Value::String(uuid::hyphenated(u128::from_be_bytes(it))),
        (Kind::Blob, EventHeaderValue::Bytes(it)) => Value::Blob(Bytes::copy_from_slice(it)),
        (Kind::Timestamp(_), EventHeaderValue::Timestamp(it)) => Value::Timestamp(it),
        _ => return None,
    })
}

/// A message of the event type `name`, without content.
fn new_message(name: &str) -> Result<Message> {
    let mut message = Message::default();
    message.headers.push(":message-type", EventHeaderValue::String("event"))?;
    message.headers.push(":event-type", EventHeaderValue::String(name))?;
    Ok(message)
}

fn set_content_type(message: &mut Message, media_type: &str) -> Result<()> {
    message.headers.push(":content-type", EventHeaderValue::String(media_type))
}

fn put_header(message: &mut Message, member: &Member, value: View<'_>) -> Result<()> {
    let value = match value {
        View::String(it) => EventHeaderValue::String(it),
        View::Bool(it) => EventHeaderValue::Bool(it),
        View::I32(it) => EventHeaderValue::Int(it),
        View::I64(it) => EventHeaderValue::Long(it),
        View::Timestamp(it) => EventHeaderValue::Timestamp(it),
        View::Blob(it) => EventHeaderValue::Bytes(it),
        _ => return Err(Error::new(ErrorKind::Validation, "a header cannot have a value of this type")),
    };
    message.headers.push(member.wire, value)
}
