//! Responses as a service would send them, and request bodies as it expects them: values in the form of `values` become
//! status, headers and body, according to the model and to what botocore reads. Independent of the runtime: it shares
//! neither descriptors nor writers, so that wrong names, flattening, namespaces and formats there do not go unnoticed.

mod cbor;
mod form;
mod json;
mod xml;

use aws_core::http::{HeaderMap, HeaderName, HeaderValue};
use aws_core::internals::encoding::base64;
use codegen::model::{Member, Metadata, Service, Shape, ShapeKind, Structure};
use serde_json::{Map, Value};

/// A service's protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is a protocol")]
pub enum WireProtocol {
    Json,
    RestJson,
    RestXml,
    Cbor,
    Query,
    Ec2,
}

/// A response.
pub struct WireResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// The body of a request, for comparison regardless of order and formatting.
pub enum RequestBody {
    /// A JSON document.
    Json(Value),
    /// A CBOR document.
    Cbor(Vec<u8>),
    /// An XML document, with a namespace only on elements that the model gives one.
    Xml(String),
    /// Names and values of a form.
    Form(Vec<(String, String)>),
}

/// Writes the responses and the request bodies of a service.
pub struct WireWriter<'a> {
    service: &'a Service,
    protocol: WireProtocol,
}

impl WireProtocol {
    /// The protocol that botocore chooses; `None` if it is unknown.
    pub fn from_metadata(metadata: &Metadata) -> Option<Self> {
        let has = |name: &str| match metadata.protocols.is_empty() {
            true => metadata.protocol == name,
            false => metadata.protocols.iter().any(|it| it == name),
        };
        let protocols = [
            ("json", WireProtocol::Json),
            ("rest-json", WireProtocol::RestJson),
            ("rest-xml", WireProtocol::RestXml),
            ("smithy-rpc-v2-cbor", WireProtocol::Cbor),
            ("query", WireProtocol::Query),
            ("ec2", WireProtocol::Ec2),
        ];
        protocols.into_iter().find(|(name, _)| has(name)).map(|(_, protocol)| protocol)
    }

    fn is_xml(self) -> bool {
        matches!(self, WireProtocol::RestXml | WireProtocol::Query | WireProtocol::Ec2)
    }

    fn is_rest(self) -> bool {
        matches!(self, WireProtocol::RestJson | WireProtocol::RestXml)
    }
}

impl<'a> WireWriter<'a> {
    /// A writer for a service; `None` if its protocol is unknown.
    pub fn new(service: &'a Service) -> Option<Self> {
        Some(Self { service, protocol: WireProtocol::from_metadata(&service.metadata)? })
    }

    /// The service's protocol.
    pub fn protocol(&self) -> WireProtocol {
        self.protocol
    }

    /// The response of an operation.
    pub fn response(&self, operation: &str, output: &Value) -> WireResponse {
        let model = &self.service.operations[operation];
        let status = model.http.response_code.and_then(|it| it.try_into().ok()).unwrap_or(200);
        let mut wire = WireResponse { status, headers: HeaderMap::new(), body: Vec::new() };
        let Some(reference) = &model.output else {
            wire.body = match self.protocol {
                WireProtocol::Query => {
                    format!("<{operation}Response><ResponseMetadata/></{operation}Response>").into_bytes()
                }
                WireProtocol::Cbor => vec![0xa0],
                WireProtocol::Json => b"{}".to_vec(),
                _ => Vec::new(),
            };
            return wire;
        };
        let empty = Structure::default();
        let structure = self.service.structure(&reference.shape).unwrap_or(&empty);
        let members = output.as_object().cloned().unwrap_or_default();
        if self.protocol.is_rest() {
            self.head(structure, &members, &mut wire);
            if let Some(name) = &structure.payload {
                if let (Some(member), Some(value)) = (structure.members.get(name), members.get(name)) {
                    wire.body = self.payload(member, value);
                }
                return wire;
            }
        }
        wire.body = match self.protocol {
            WireProtocol::Json | WireProtocol::RestJson => {
                json::body(self.service, structure, &members).to_string().into_bytes()
            }
            WireProtocol::Cbor => cbor::body(self.service, structure, &members),
            WireProtocol::RestXml => {
                let root = reference.location_name.clone().unwrap_or_else(|| format!("{operation}Output"));
                xml::document(self.service, &[&root], structure, &members)
            }
            WireProtocol::Query => {
                let result = reference.result_wrapper.clone().unwrap_or_else(|| format!("{operation}Result"));
                xml::document(self.service, &[&format!("{operation}Response"), &result], structure, &members)
            }
            WireProtocol::Ec2 => xml::document(self.service, &[&format!("{operation}Response")], structure, &members),
        };
        wire
    }

    /// The response of a modelled exception, its code, and the members as they are sent: some services model as members
    /// what every error has anyway, such as its code.
    pub fn error(&self, shape: &str, members: &Value) -> (WireResponse, String, Value) {
        let empty = Structure::default();
        let structure = self.service.structure(shape).unwrap_or(&empty);
        let traits = structure.error.clone().unwrap_or_default();
        let code = traits.code.clone().unwrap_or_else(|| shape.to_owned());
        let status = traits.http_status_code.and_then(|it| it.try_into().ok()).unwrap_or(400);
        let mut wire = WireResponse { status, headers: HeaderMap::new(), body: Vec::new() };
        let mut members = members.as_object().cloned().unwrap_or_default();
        let error_type = format!("{code}:http://internal.amazon.com/x/");
        for (name, member) in &structure.members {
            let same = |wire: &str| wire_name(self.service, name, member).eq_ignore_ascii_case(wire);
            match members.get_mut(name) {
                Some(value) if self.protocol == WireProtocol::RestJson && same("x-amzn-errortype") => {
                    *value = error_type.clone().into();
                }
                Some(value) if self.protocol.is_xml() && name == "Code" => *value = code.clone().into(),
                _ => {}
            }
        }
        if self.protocol.is_rest() {
            self.head(structure, &members, &mut wire);
        }
        let compatible = self.service.metadata.aws_query_compatible;
        let shape_name = if compatible { shape } else { &code };
        if compatible {
            insert(&mut wire.headers, "x-amzn-query-error", &format!("{code};Sender"));
        }
        wire.body = match self.protocol {
            WireProtocol::Json => {
                let mut body = json::body(self.service, structure, &members);
                body["__type"] = format!("com.amazonaws.x#{shape_name}").into();
                body.to_string().into_bytes()
            }
            WireProtocol::RestJson => {
                insert(&mut wire.headers, "x-amzn-errortype", &error_type);
                json::body(self.service, structure, &members).to_string().into_bytes()
            }
            WireProtocol::Cbor => {
                cbor::error(self.service, structure, &members, &format!("com.amazonaws.x#{shape_name}"))
            }
            WireProtocol::RestXml | WireProtocol::Query | WireProtocol::Ec2 => {
                let path: &[&str] = if self.protocol == WireProtocol::Ec2 {
                    &["Response", "Errors", "Error"]
                } else {
                    &["ErrorResponse", "Error"]
                };
                xml::error(self.service, path, &code, structure, &members)
            }
        };
        (wire, code, Value::Object(members))
    }

    /// The body of a request; `None` if it is not a document.
    pub fn request(&self, operation: &str, input: &Value) -> Option<RequestBody> {
        let model = &self.service.operations[operation];
        let members = input.as_object().cloned().unwrap_or_default();
        let structure = model.input.as_ref().and_then(|it| self.service.structure(&it.shape));
        let empty = Structure::default();
        let structure = structure.unwrap_or(&empty);
        if let Some(name) = structure.payload.as_ref().filter(|_| self.protocol.is_rest()) {
            let (member, value) = (structure.members.get(name)?, members.get(name)?);
            let body = self.payload(member, value);
            return match (&self.service.shapes[&member.shape].kind, self.protocol) {
                (ShapeKind::Structure(it), _) if it.event_stream => None,
                (ShapeKind::Structure(it), WireProtocol::RestXml) if !it.document => Some(RequestBody::Xml(text(body))),
                (ShapeKind::Structure(_) | ShapeKind::List(_) | ShapeKind::Map(_), _) => {
                    Some(RequestBody::Json(json::value(self.service, member, value)))
                }
                _ => None,
            };
        }
        Some(match self.protocol {
            WireProtocol::Json | WireProtocol::RestJson => {
                RequestBody::Json(json::body(self.service, structure, &members))
            }
            WireProtocol::Cbor => RequestBody::Cbor(cbor::body(self.service, structure, &members)),
            WireProtocol::RestXml => {
                let reference = model.input.as_ref()?;
                let root = reference.location_name.as_ref().unwrap_or(&reference.shape);
                RequestBody::Xml(text(xml::document(self.service, &[root], structure, &members)))
            }
            WireProtocol::Query | WireProtocol::Ec2 => {
                let mut pairs = form::pairs(self.service, self.protocol == WireProtocol::Ec2, structure, &members);
                pairs.push(("Action".to_owned(), operation.to_owned()));
                pairs.push(("Version".to_owned(), self.service.metadata.api_version.clone()));
                RequestBody::Form(pairs)
            }
        })
    }

    fn payload(&self, member: &Member, value: &Value) -> Vec<u8> {
        let text = || value.as_str().unwrap_or_default().as_bytes().to_vec();
        match (&self.service.shapes[&member.shape].kind, self.protocol) {
            (ShapeKind::Structure(it), WireProtocol::RestXml) => {
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

    fn head(&self, structure: &Structure, members: &Map<String, Value>, wire: &mut WireResponse) {
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
                let values: Vec<String> = elements.iter().map(|value| self.header(&it.member, value)).collect();
                values.join(", ")
            }
            (ShapeKind::Timestamp(_), _) => time(member, shape, "rfc822")
                .as_str()
                .map_or_else(|| time(member, shape, "rfc822").to_string(), str::to_owned),
            (ShapeKind::Blob(_), Value::String(string)) => base64::encode(string.as_bytes()),
            (_, Value::String(string)) => string.clone(),
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

/// The wire name of a member: the one of the reference, else that of the shape, else the member's own.
fn wire_name<'a>(service: &'a Service, name: &'a str, member: &'a Member) -> &'a str {
    let shape_name = || service.shapes.get(&member.shape)?.location_name.as_ref();
    member.location_name.as_ref().or_else(shape_name).map_or(name, String::as_str)
}

/// The samples' timestamp in the format of the reference, else of the shape, else in the usual one of this location.
fn time(member: &Member, shape: &Shape, usual: &str) -> Value {
    let shape_format = match &shape.kind {
        ShapeKind::Timestamp(format) => format.as_deref(),
        _ => None,
    };
    match member.timestamp_format.as_deref().or(shape_format).unwrap_or(usual) {
        "iso8601" => "2020-09-13T12:26:40Z".into(),
        "rfc822" => "Sun, 13 Sep 2020 12:26:40 GMT".into(),
        _ => crate::sample::TIME.into(),
    }
}
