//! Answers as a service would send them: values in the form of `values` to status, headers and body, by what the model
//! says and botocore reads. Written for the tests alone: it shares neither descriptions nor writers with the runtime, and so
//! holds them to names, flattening, namespaces and formats of their own.

mod cbor;
mod form;
mod json;
mod xml;

use aws_core::http::{HeaderMap, HeaderName, HeaderValue};
use aws_core::text::base64;
use codegen::model::{Member, Metadata, Service, Shape, ShapeKind, Structure};
use serde_json::{Map, Value};

/// How a service is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the protocols")]
pub enum Kind {
    Json,
    RestJson,
    RestXml,
    Cbor,
    Query,
    Ec2,
}

/// An answer.
pub struct Wire {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// The body of a request, as far as its order and its writing do not matter.
pub enum Sent {
    /// A JSON document.
    Json(Value),
    /// A CBOR document.
    Cbor(Vec<u8>),
    /// An XML document, with namespaces only where an element has one of its own.
    Xml(String),
    /// Names and values.
    Form(Vec<(String, String)>),
}

/// A service to answer for.
pub struct Writer<'a> {
    service: &'a Service,
    kind: Kind,
}

impl Kind {
    /// The protocol botocore takes.
    pub fn of(metadata: &Metadata) -> Option<Kind> {
        let spoken = |name: &str| match metadata.protocols.is_empty() {
            true => metadata.protocol == name,
            false => metadata.protocols.iter().any(|it| it == name),
        };
        let kinds = [
            ("json", Kind::Json),
            ("rest-json", Kind::RestJson),
            ("rest-xml", Kind::RestXml),
            ("smithy-rpc-v2-cbor", Kind::Cbor),
            ("query", Kind::Query),
            ("ec2", Kind::Ec2),
        ];
        kinds.into_iter().find(|(name, _)| spoken(name)).map(|(_, kind)| kind)
    }

    fn is_xml(self) -> bool {
        matches!(self, Kind::RestXml | Kind::Query | Kind::Ec2)
    }

    fn is_rest(self) -> bool {
        matches!(self, Kind::RestJson | Kind::RestXml)
    }
}

impl<'a> Writer<'a> {
    /// A writer for a service; `None` if no protocol of it is known.
    pub fn new(service: &'a Service) -> Option<Self> {
        Some(Self { service, kind: Kind::of(&service.metadata)? })
    }

    /// The protocol.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The answer of an operation.
    pub fn answer(&self, operation: &str, output: &Value) -> Wire {
        let model = &self.service.operations[operation];
        let status = model.http.response_code.and_then(|it| it.try_into().ok()).unwrap_or(200);
        let mut wire = Wire { status, headers: HeaderMap::new(), body: Vec::new() };
        let Some(reference) = &model.output else {
            wire.body = match self.kind {
                Kind::Query => format!("<{operation}Response><ResponseMetadata/></{operation}Response>").into_bytes(),
                Kind::Cbor => vec![0xa0],
                Kind::Json => b"{}".to_vec(),
                _ => Vec::new(),
            };
            return wire;
        };
        let empty = Structure::default();
        let structure = self.service.structure(&reference.shape).unwrap_or(&empty);
        let members = output.as_object().cloned().unwrap_or_default();
        if self.kind.is_rest() {
            self.head(structure, &members, &mut wire);
            if let Some(name) = &structure.payload {
                if let (Some(member), Some(value)) = (structure.members.get(name), members.get(name)) {
                    wire.body = self.payload(member, value);
                }
                return wire;
            }
        }
        wire.body = match self.kind {
            Kind::Json | Kind::RestJson => json::body(self.service, structure, &members).to_string().into_bytes(),
            Kind::Cbor => cbor::body(self.service, structure, &members),
            Kind::RestXml => {
                let root = reference.location_name.clone().unwrap_or_else(|| format!("{operation}Output"));
                xml::document(self.service, &[&root], structure, &members)
            }
            Kind::Query => {
                let result = reference.result_wrapper.clone().unwrap_or_else(|| format!("{operation}Result"));
                xml::document(self.service, &[&format!("{operation}Response"), &result], structure, &members)
            }
            Kind::Ec2 => xml::document(self.service, &[&format!("{operation}Response")], structure, &members),
        };
        wire
    }

    /// The answer of a modelled exception, the code it tells, and the members as they are sent: some services model what
    /// every error tells, as its code, as members.
    pub fn error(&self, shape: &str, members: &Value) -> (Wire, String, Value) {
        let empty = Structure::default();
        let structure = self.service.structure(shape).unwrap_or(&empty);
        let traits = structure.error.clone().unwrap_or_default();
        let code = traits.code.clone().unwrap_or_else(|| shape.to_owned());
        let status = traits.http_status_code.and_then(|it| it.try_into().ok()).unwrap_or(400);
        let mut wire = Wire { status, headers: HeaderMap::new(), body: Vec::new() };
        let mut members = members.as_object().cloned().unwrap_or_default();
        let kind = format!("{code}:http://internal.amazon.com/x/");
        for (name, member) in &structure.members {
            let same = |wire: &str| wire_name(self.service, name, member).eq_ignore_ascii_case(wire);
            match members.get_mut(name) {
                Some(value) if self.kind == Kind::RestJson && same("x-amzn-errortype") => *value = kind.clone().into(),
                Some(value) if self.kind.is_xml() && name == "Code" => *value = code.clone().into(),
                _ => {}
            }
        }
        if self.kind.is_rest() {
            self.head(structure, &members, &mut wire);
        }
        let compatible = self.service.metadata.aws_query_compatible;
        let own = if compatible { shape } else { &code };
        if compatible {
            insert(&mut wire.headers, "x-amzn-query-error", &format!("{code};Sender"));
        }
        wire.body = match self.kind {
            Kind::Json => {
                let mut body = json::body(self.service, structure, &members);
                body["__type"] = format!("com.amazonaws.x#{own}").into();
                body.to_string().into_bytes()
            }
            Kind::RestJson => {
                insert(&mut wire.headers, "x-amzn-errortype", &kind);
                json::body(self.service, structure, &members).to_string().into_bytes()
            }
            Kind::Cbor => cbor::error(self.service, structure, &members, &format!("com.amazonaws.x#{own}")),
            Kind::RestXml | Kind::Query | Kind::Ec2 => {
                let path: &[&str] =
                    if self.kind == Kind::Ec2 { &["Response", "Errors", "Error"] } else { &["ErrorResponse", "Error"] };
                xml::error(self.service, path, &code, structure, &members)
            }
        };
        (wire, code, Value::Object(members))
    }

    /// The body of a request; `None` if it is no document.
    pub fn request(&self, operation: &str, input: &Value) -> Option<Sent> {
        let model = &self.service.operations[operation];
        let members = input.as_object().cloned().unwrap_or_default();
        let structure = model.input.as_ref().and_then(|it| self.service.structure(&it.shape));
        let empty = Structure::default();
        let structure = structure.unwrap_or(&empty);
        if let Some(name) = structure.payload.as_ref().filter(|_| self.kind.is_rest()) {
            let (member, value) = (structure.members.get(name)?, members.get(name)?);
            let body = self.payload(member, value);
            return match (&self.service.shapes[&member.shape].kind, self.kind) {
                (ShapeKind::Structure(it), _) if it.event_stream => None,
                (ShapeKind::Structure(it), Kind::RestXml) if !it.document => Some(Sent::Xml(text(body))),
                (ShapeKind::Structure(_) | ShapeKind::List(_) | ShapeKind::Map(_), _) => {
                    Some(Sent::Json(json::value(self.service, member, value)))
                }
                _ => None,
            };
        }
        Some(match self.kind {
            Kind::Json | Kind::RestJson => Sent::Json(json::body(self.service, structure, &members)),
            Kind::Cbor => Sent::Cbor(cbor::body(self.service, structure, &members)),
            Kind::RestXml => {
                let reference = model.input.as_ref()?;
                let root = reference.location_name.as_ref().unwrap_or(&reference.shape);
                Sent::Xml(text(xml::document(self.service, &[root], structure, &members)))
            }
            Kind::Query | Kind::Ec2 => {
                let mut pairs = form::pairs(self.service, self.kind == Kind::Ec2, structure, &members);
                pairs.push(("Action".to_owned(), operation.to_owned()));
                pairs.push(("Version".to_owned(), self.service.metadata.api_version.clone()));
                Sent::Form(pairs)
            }
        })
    }

    fn payload(&self, member: &Member, value: &Value) -> Vec<u8> {
        let text = || value.as_str().unwrap_or_default().as_bytes().to_vec();
        match (&self.service.shapes[&member.shape].kind, self.kind) {
            (ShapeKind::Structure(it), Kind::RestXml) => {
                let shape = &self.service.shapes[&member.shape];
                let root = member.location_name.as_ref().or(shape.location_name.as_ref()).unwrap_or(&member.shape);
                let members = value.as_object().cloned().unwrap_or_default();
                xml::document(self.service, &[root], it, &members)
            }
            (ShapeKind::Structure(_) | ShapeKind::List(_) | ShapeKind::Map(_), _) => {
                json::value(self.service, member, value).to_string().into_bytes()
            }
            _ => text(),
        }
    }

    fn head(&self, structure: &Structure, members: &Map<String, Value>, wire: &mut Wire) {
        for (name, member) in &structure.members {
            let Some(value) = members.get(name) else { continue };
            let wire_name = wire_name(self.service, name, member);
            match member.location.as_deref() {
                Some("statusCode") => {
                    wire.status = value.as_u64().and_then(|it| it.try_into().ok()).unwrap_or_default();
                }
                Some("headers") => {
                    let prefix = member.location_name.clone().unwrap_or_default();
                    for (key, value) in value.as_object().into_iter().flatten() {
                        insert(&mut wire.headers, &format!("{prefix}{key}"), &self.header(member, value));
                    }
                }
                Some("header") => insert(&mut wire.headers, wire_name, &self.header(member, value)),
                _ => {}
            }
        }
    }

    fn header(&self, member: &Member, value: &Value) -> String {
        let shape = &self.service.shapes[&member.shape];
        match (&shape.kind, value) {
            _ if member.json_value => base64::encode(value.to_string().as_bytes()),
            (ShapeKind::List(it), Value::Array(elements)) => {
                let texts: Vec<String> = elements.iter().map(|value| self.header(&it.member, value)).collect();
                texts.join(", ")
            }
            (ShapeKind::Timestamp(_), _) => time(member, shape, "rfc822")
                .as_str()
                .map_or_else(|| time(member, shape, "rfc822").to_string(), str::to_owned),
            (ShapeKind::Blob(_), Value::String(text)) => base64::encode(text.as_bytes()),
            (_, Value::String(text)) => text.clone(),
            (_, value) => value.to_string(),
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

fn insert(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

/// The name of a member on the wire: what the reference says, else what its shape says, else the member's.
fn wire_name<'a>(service: &'a Service, name: &'a str, member: &'a Member) -> &'a str {
    let of_shape = || service.shapes.get(&member.shape)?.location_name.as_ref();
    member.location_name.as_ref().or_else(of_shape).map_or(name, String::as_str)
}

/// The samples' point in time in the format of the reference, the shape, or the place.
fn time(member: &Member, shape: &Shape, usual: &str) -> Value {
    let of_shape = match &shape.kind {
        ShapeKind::Timestamp(format) => format.as_deref(),
        _ => None,
    };
    match member.timestamp_format.as_deref().or(of_shape).unwrap_or(usual) {
        "iso8601" => "2020-09-13T12:26:40Z".into(),
        "rfc822" => "Sun, 13 Sep 2020 12:26:40 GMT".into(),
        _ => crate::sample::TIME.into(),
    }
}
