//! Operations: the HTTP binding, the structures sent and received, and what is said about authentication, checksums,
//! endpoints and compression.

use super::Map;
use super::member::{Deprecation, XmlNamespace, deprecation, xml_namespace};
use super::shape::{self, ErrorTraits};
use super::special::Special;
use crate::json::Cursor;

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The name it is known by.
    pub name: String,
    /// The name on the wire, which may carry the API's version (CloudFront).
    pub wire_name: String,
    /// HTML.
    pub documentation: Option<String>,
    /// Method and path.
    pub http: HttpBinding,
    /// What is sent.
    pub input: Option<StructureReference>,
    /// What is received.
    pub output: Option<StructureReference>,
    /// Errors it may answer with.
    pub errors: Vec<ErrorReference>,
    /// Sending it twice does no harm.
    pub idempotent: bool,
    /// It changes nothing.
    pub readonly: bool,
    /// Put before the host's name; may name input members in braces.
    pub host_prefix: Option<String>,
    /// Endpoint rule set parameters with a fixed value.
    pub static_context_parameters: Map<StaticValue>,
    /// Endpoint rule set parameters found in the input by a JMESPath.
    pub operation_context_parameters: Map<String>,
    /// `none`, `v4`, `v4-unsigned-body`, `bearer` (the older spelling).
    pub auth_type: Option<String>,
    /// Authentication schemes in order of preference (`aws.auth#sigv4`).
    pub auth: Vec<String>,
    /// The payload is not part of the signature.
    pub unsigned_payload: bool,
    /// A checksum of the body must be sent (the older spelling).
    pub http_checksum_required: bool,
    /// Checksums of request and response bodies.
    pub http_checksum: Option<HttpChecksum>,
    /// Encodings a large request may be compressed with (`gzip`).
    pub request_compression: Vec<String>,
    /// Set when endpoints may be asked for; true when they must be.
    pub endpoint_discovery: Option<bool>,
    /// The operation that answers with the endpoints.
    pub endpoint_operation: bool,
    /// What no model says; fixups do.
    pub special: Vec<Special>,
    /// Set when it should no longer be used.
    pub deprecated: Option<Deprecation>,
}

/// Method and path.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HttpBinding {
    /// GET, PUT and so on.
    pub method: String,
    /// Path and query with input members in braces (`/{Bucket}/{Key+}?acl`).
    pub request_uri: String,
    /// Status of a good response.
    pub response_code: Option<i64>,
}

/// The input or output of an operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StructureReference {
    /// The shape's name.
    pub shape: String,
    /// HTML.
    pub documentation: Option<String>,
    /// The element of the response that holds the output (query protocol).
    pub result_wrapper: Option<String>,
    /// The root element of the request.
    pub location_name: Option<String>,
    /// The root element's namespace.
    pub xml_namespace: Option<XmlNamespace>,
    /// The output stands inside an element of its own name.
    pub wrapper: bool,
}

/// An error of an operation. What it repeats of the shape's traits is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ErrorReference {
    /// The shape's name.
    pub shape: String,
    /// HTML.
    pub documentation: Option<String>,
    /// An error.
    pub exception: bool,
    /// The error is the service's fault.
    pub fault: bool,
    /// How it looks on the wire.
    pub error: Option<ErrorTraits>,
}

/// Checksums of request and response bodies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HttpChecksum {
    /// The input member that names the algorithm.
    pub request_algorithm_member: Option<String>,
    /// A request without a checksum is refused.
    pub request_checksum_required: bool,
    /// The input member that turns the check of the response on.
    pub request_validation_mode_member: Option<String>,
    /// Algorithms a response may bear.
    pub response_algorithms: Vec<String>,
}

/// The value of an endpoint rule set parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum StaticValue {
    /// Text.
    Text(String),
    /// True or false.
    Flag(bool),
    /// Several texts.
    Texts(Vec<String>),
}

/// Reads one operation.
pub fn read(name: &str, cursor: &Cursor<'_>) -> Operation {
    Operation {
        name: name.to_string(),
        wire_name: cursor.need_text("name"),
        documentation: cursor.text("documentation"),
        http: cursor.need("http").map(|it| http(&it)).unwrap_or_default(),
        input: cursor.get("input").map(|it| structure_reference(&it)),
        output: cursor.get("output").map(|it| structure_reference(&it)),
        errors: cursor.list("errors", error_reference),
        idempotent: cursor.flag("idempotent"),
        readonly: cursor.flag("readonly"),
        host_prefix: cursor.get("endpoint").map(|it| it.need_text("hostPrefix")),
        static_context_parameters: cursor.map("staticContextParams", |_, it| static_value(it)),
        operation_context_parameters: cursor.map("operationContextParams", |_, it| it.need_text("path")),
        auth_type: cursor.text("authtype"),
        auth: cursor.texts("auth"),
        unsigned_payload: cursor.flag("unsignedPayload"),
        http_checksum_required: cursor.flag("httpChecksumRequired"),
        http_checksum: cursor.get("httpChecksum").map(|it| http_checksum(&it)),
        request_compression: cursor.get("requestcompression").map(|it| it.texts("encodings")).unwrap_or_default(),
        endpoint_discovery: cursor.get("endpointdiscovery").map(|it| it.flag("required")),
        endpoint_operation: cursor.flag("endpointoperation"),
        special: Vec::new(),
        deprecated: deprecation(cursor),
    }
}

fn http(cursor: &Cursor<'_>) -> HttpBinding {
    HttpBinding {
        method: cursor.need_text("method"),
        request_uri: cursor.need_text("requestUri"),
        response_code: cursor.integer("responseCode"),
    }
}

fn structure_reference(cursor: &Cursor<'_>) -> StructureReference {
    StructureReference {
        shape: cursor.need_text("shape"),
        documentation: cursor.text("documentation"),
        result_wrapper: cursor.text("resultWrapper"),
        location_name: cursor.text("locationName"),
        xml_namespace: xml_namespace(cursor),
        wrapper: cursor.flag("wrapper"),
    }
}

fn error_reference(cursor: &Cursor<'_>) -> ErrorReference {
    ErrorReference {
        shape: cursor.need_text("shape"),
        documentation: cursor.text("documentation"),
        exception: cursor.flag("exception"),
        fault: cursor.flag("fault"),
        error: cursor.get("error").map(|it| shape::error_traits(&it)),
    }
}

fn http_checksum(cursor: &Cursor<'_>) -> HttpChecksum {
    HttpChecksum {
        request_algorithm_member: cursor.text("requestAlgorithmMember"),
        request_checksum_required: cursor.flag("requestChecksumRequired"),
        request_validation_mode_member: cursor.text("requestValidationModeMember"),
        response_algorithms: cursor.texts("responseAlgorithms"),
    }
}

fn static_value(cursor: &Cursor<'_>) -> StaticValue {
    let Some(value) = cursor.need("value") else { return StaticValue::Flag(false) };
    if value.is_list() {
        StaticValue::Texts(value.as_list(|it| it.as_text()))
    } else if value.is_flag() {
        StaticValue::Flag(value.as_flag())
    } else {
        StaticValue::Text(value.as_text())
    }
}
