//! `service-2.json`: metadata, operations and shapes of a service.

use super::member::{Deprecation, deprecation};
use super::operation::{self, Operation};
use super::shape::{self, Shape};
use super::{Map, Value};
use crate::json::Cursor;
use crate::report::SourceLocation;

/// One service.
#[derive(Debug, Clone)]
pub struct Service {
    /// The file.
    pub location: SourceLocation,
    /// Traits of the service as a whole.
    pub metadata: Metadata,
    /// Operations by name, in order.
    pub operations: Map<Operation>,
    /// Shapes by name, in order.
    pub shapes: Map<Shape>,
    /// HTML.
    pub documentation: Option<String>,
    /// Version of the format.
    pub version: Option<String>,
    /// Endpoint rule set parameters that are settings of the client.
    pub client_context_parameters: Map<ClientContextParameter>,
    /// Examples inside the service's file, in old models only; always empty.
    pub examples: Option<Value>,
    /// Set if the service should no longer be used.
    pub deprecated: Option<Deprecation>,
    /// Annotations for the runtime's `RetryPolicy`, if the service's requests are not retried by the defaults. Only
    /// fixups add them.
    pub retries: Vec<&'static str>,
    /// The operation that creates the sessions which requests to some endpoints are signed with. Only a fixup names it.
    pub sessions: Option<&'static str>,
}

/// Traits of the service as a whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// `2006-03-01`.
    pub api_version: String,
    /// First part of the host name, from before endpoint rule sets.
    pub endpoint_prefix: String,
    /// The protocol for readers that do not know `protocols`.
    pub protocol: String,
    /// The protocols of the service, in its order of preference.
    pub protocols: Vec<String>,
    /// Settings by protocol (`h2`).
    pub protocol_settings: Map<String>,
    /// `Amazon Simple Storage Service`.
    pub full_name: String,
    /// `Amazon S3`.
    pub abbreviation: Option<String>,
    /// `S3`: the name in settings and in the user agent.
    pub service_id: Option<String>,
    /// `s3-2006-03-01`.
    pub uid: Option<String>,
    /// `v4`, `v2`, `s3`, `bearer` and so on.
    pub signature_version: String,
    /// The service name in signatures, if it is not the endpoint prefix.
    pub signing_name: Option<String>,
    /// Authentication schemes in order of preference (`aws.auth#sigv4`).
    pub auth: Vec<String>,
    /// `1.0` or `1.1`.
    pub json_version: Option<String>,
    /// First part of the `X-Amz-Target` header.
    pub target_prefix: Option<String>,
    /// Namespace of the root element.
    pub xml_namespace: Option<String>,
    /// Host of a service without regions.
    pub global_endpoint: Option<String>,
    /// Whether the service used the query protocol before and still returns its error codes.
    pub aws_query_compatible: bool,
    /// `md5` or `sha256`.
    pub checksum_format: Option<String>,
    /// The service's name in Amazon's registry.
    pub rip_service_name: Option<String>,
}

/// A setting of the client that endpoint rules read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientContextParameter {
    /// `boolean` or `string`.
    pub kind: String,
    /// HTML or plain text.
    pub documentation: Option<String>,
}

impl Service {
    /// The location of an operation.
    pub fn location_of_operation(&self, operation: &str) -> SourceLocation {
        self.location.child("operations").child(operation)
    }

    /// The location of a shape.
    pub fn location_of_shape(&self, shape: &str) -> SourceLocation {
        self.location.child("shapes").child(shape)
    }

    /// The location of a structure's member.
    pub fn location_of_member(&self, shape: &str, member: &str) -> SourceLocation {
        self.location_of_shape(shape).child("members").child(member)
    }

    /// The shape of this name, if it exists and is a structure.
    pub fn structure(&self, shape: &str) -> Option<&shape::Structure> {
        self.shapes.get(shape)?.structure()
    }
}

/// Reads `service-2.json`.
pub fn read(cursor: &Cursor<'_>) -> Service {
    Service {
        location: cursor.location(),
        metadata: cursor.required("metadata").map(|it| metadata(&it)).unwrap_or_default(),
        operations: cursor.required_map("operations", operation::read),
        shapes: cursor.required_map("shapes", shape::read),
        documentation: cursor.string("documentation"),
        version: cursor.string("version"),
        client_context_parameters: cursor.map("clientContextParams", |_, it| ClientContextParameter {
            kind: it.required_string("type"),
            documentation: it.string("documentation"),
        }),
        examples: cursor.get("examples").map(|it| it.raw().clone()),
        deprecated: deprecation(cursor),
        retries: Vec::new(),
        sessions: None,
    }
}

/// Reads the metadata.
pub fn metadata(cursor: &Cursor<'_>) -> Metadata {
    Metadata {
        api_version: cursor.required_string("apiVersion"),
        endpoint_prefix: cursor.string("endpointPrefix").unwrap_or_default(),
        protocol: cursor.required_string("protocol"),
        protocols: cursor.strings("protocols"),
        protocol_settings: cursor.map("protocolSettings", |_, it| it.as_string()),
        full_name: cursor.string("serviceFullName").unwrap_or_default(),
        abbreviation: cursor.string("serviceAbbreviation"),
        service_id: cursor.string("serviceId"),
        uid: cursor.string("uid"),
        signature_version: cursor.string("signatureVersion").unwrap_or_default(),
        signing_name: cursor.string("signingName"),
        auth: cursor.strings("auth"),
        json_version: cursor.string("jsonVersion"),
        target_prefix: cursor.string("targetPrefix"),
        xml_namespace: cursor.string("xmlNamespace"),
        global_endpoint: cursor.string("globalEndpoint"),
        aws_query_compatible: cursor
            .get("awsQueryCompatible")
            .map(|it| it.as_map(|_, value| value.as_string()))
            .is_some(),
        checksum_format: cursor.string("checksumFormat"),
        rip_service_name: cursor.string("ripServiceName"),
    }
}
