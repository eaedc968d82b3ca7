//! Operations: the HTTP binding, input, output and errors, and the traits for authentication, checksums, endpoints and
//! compression.

use super::Map;
use super::customization::Customization;
use super::member::{Deprecation, XmlNamespace, deprecation, xml_namespace};
use super::shape::{self, ErrorTraits};
use crate::json::Cursor;

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The name of the operation.
    pub name: String,
    /// The name on the wire, which may contain the API version (CloudFront).
    pub wire_name: String,
    /// HTML.
    pub documentation: Option<String>,
    /// Method and path.
    pub http: HttpBinding,
    /// The input.
    pub input: Option<StructureReference>,
    /// The output.
    pub output: Option<StructureReference>,
    /// The modelled errors.
    pub errors: Vec<ErrorReference>,
    /// Whether it is idempotent.
    pub idempotent: bool,
    /// Whether it changes nothing.
    pub readonly: bool,
    /// Prefix of the host name; may name input members in braces.
    pub host_prefix: Option<String>,
    /// Endpoint rule set parameters with a fixed value.
    pub static_context_parameters: Map<StaticValue>,
    /// Endpoint rule set parameters whose values come from the input, as JMESPath expressions.
    pub operation_context_parameters: Map<String>,
    /// `none`, `v4`, `v4-unsigned-body`, `bearer` (the older spelling).
    pub auth_type: Option<String>,
    /// Authentication schemes in order of preference (`aws.auth#sigv4`).
    pub auth: Vec<String>,
    /// Whether the payload is not part of the signature.
    pub unsigned_payload: bool,
    /// Whether a checksum of the body must be sent (the older spelling).
    pub http_checksum_required: bool,
    /// Checksums of request and response bodies.
    pub http_checksum: Option<HttpChecksum>,
    /// Encodings a large request may be compressed with (`gzip`).
    pub request_compression: Vec<String>,
    /// Set if the operation uses endpoint discovery; true if discovery is required.
    pub endpoint_discovery: Option<bool>,
    /// Whether this is the operation that endpoint discovery calls.
    pub endpoint_operation: bool,
    /// Behaviour that no model describes; fixups add it.
    pub customizations: Vec<Customization>,
    /// Set if it should no longer be used.
    pub deprecated: Option<Deprecation>,
}

/// Method and path.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HttpBinding {
    /// GET, PUT and so on.
    pub method: String,
    /// Path and query with input members in braces (`/{Bucket}/{Key+}?acl`).
    pub request_uri: String,
    /// Status of a successful response.
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
    /// Whether the output is inside an element of its own name.
    pub wrapper: bool,
}

/// An error of an operation, with the traits that it repeats of its shape.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ErrorReference {
    /// The shape's name.
    pub shape: String,
    /// HTML.
    pub documentation: Option<String>,
    /// Whether it is an error.
    pub exception: bool,
    /// Whether the error is the service's fault.
    pub fault: bool,
    /// How it is encoded on the wire.
    pub error: Option<ErrorTraits>,
}

/// Checksums of request and response bodies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HttpChecksum {
    /// The input member that names the algorithm.
    pub request_algorithm_member: Option<String>,
    /// Whether the service rejects a request without a checksum.
    pub request_checksum_required: bool,
    /// The input member that enables validation of the response's checksum.
    pub request_validation_mode_member: Option<String>,
    /// Algorithms that a response may use.
    pub response_algorithms: Vec<String>,
}

/// The value of an endpoint rule set parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum StaticValue {
    /// A string.
    String(String),
    /// A boolean.
    Flag(bool),
    /// A list of strings.
    Strings(Vec<String>),
}

/// Reads one operation.
pub fn read(name: &str, cursor: &Cursor<'_>) -> Operation {
    Operation {
        name: name.to_string(),
        wire_name: cursor.required_string("name"),
        documentation: cursor.string("documentation"),
        http: cursor.required("http").map(|it| http(&it)).unwrap_or_default(),
        input: cursor.get("input").map(|it| structure_reference(&it)),
        output: cursor.get("output").map(|it| structure_reference(&it)),
        errors: cursor.list("errors", error_reference),
        idempotent: cursor.flag("idempotent"),
        readonly: cursor.flag("readonly"),
        host_prefix: cursor.get("endpoint").map(|it| it.required_string("hostPrefix")),
        static_context_parameters: cursor.map("staticContextParams", |_, it| static_value(it)),
        operation_context_parameters: cursor.map("operationContextParams", |_, it| it.required_string("path")),
        auth_type: cursor.string("authtype"),
        auth: cursor.strings("auth"),
        unsigned_payload: cursor.flag("unsignedPayload"),
        http_checksum_required: cursor.flag("httpChecksumRequired"),
        http_checksum: cursor.get("httpChecksum").map(|it| http_checksum(&it)),
        request_compression: cursor.get("requestcompression").map(|it| it.strings("encodings")).unwrap_or_default(),
        endpoint_discovery: cursor.get("endpointdiscovery").map(|it| it.flag("required")),
        endpoint_operation: cursor.flag("endpointoperation"),
        customizations: Vec::new(),
        deprecated: deprecation(cursor),
    }
}

fn http(cursor: &Cursor<'_>) -> HttpBinding {
    HttpBinding {
        method: cursor.required_string("method"),
        request_uri: cursor.required_string("requestUri"),
        response_code: cursor.integer("responseCode"),
    }
}

fn structure_reference(cursor: &Cursor<'_>) -> StructureReference {
    StructureReference {
        shape: cursor.required_string("shape"),
        documentation: cursor.string("documentation"),
        result_wrapper: cursor.string("resultWrapper"),
        location_name: cursor.string("locationName"),
        xml_namespace: xml_namespace(cursor),
        wrapper: cursor.flag("wrapper"),
    }
}

fn error_reference(cursor: &Cursor<'_>) -> ErrorReference {
    ErrorReference {
        shape: cursor.required_string("shape"),
        documentation: cursor.string("documentation"),
        exception: cursor.flag("exception"),
        fault: cursor.flag("fault"),
        error: cursor.get("error").map(|it| shape::error_traits(&it)),
    }
}

fn http_checksum(cursor: &Cursor<'_>) -> HttpChecksum {
    HttpChecksum {
        request_algorithm_member: cursor.string("requestAlgorithmMember"),
        request_checksum_required: cursor.flag("requestChecksumRequired"),
        request_validation_mode_member: cursor.string("requestValidationModeMember"),
        response_algorithms: cursor.strings("responseAlgorithms"),
    }
}

fn static_value(cursor: &Cursor<'_>) -> StaticValue {
    let Some(value) = cursor.required("value") else { return StaticValue::Flag(false) };
    if value.is_list() {
        StaticValue::Strings(value.as_list(|element| element.as_string()))
    } else if value.is_flag() {
        StaticValue::Flag(value.as_flag())
    } else {
        StaticValue::String(value.as_string())
    }
}
