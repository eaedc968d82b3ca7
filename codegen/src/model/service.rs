//! `service-2.json`: metadata, operations and shapes of a service.

use super::member::{Deprecation, deprecation};
use super::operation::{self, Operation};
use super::shape::{self, Shape};
use super::{Map, Value};
use crate::json::Cursor;
use crate::report::Place;

/// One service.
#[derive(Debug, Clone)]
pub struct Service {
    /// The file.
    pub place: Place,
    /// What the service as a whole is like.
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
    /// Set when the service should no longer be used.
    pub deprecated: Option<Deprecation>,
    /// How calls are repeated where it is not the usual way: words for the runtime's `RetryPolicy`, which only fixups add.
    pub retries: Vec<&'static str>,
}

/// What the service as a whole is like.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// `2006-03-01`.
    pub api_version: String,
    /// First part of the host's name in the days before endpoint rule sets.
    pub endpoint_prefix: String,
    /// The protocol an older reader takes.
    pub protocol: String,
    /// The protocols understood, by falling preference of the service.
    pub protocols: Vec<String>,
    /// Settings by protocol (`h2`).
    pub protocol_settings: Map<String>,
    /// `Amazon Simple Storage Service`.
    pub full_name: String,
    /// `Amazon S3`.
    pub abbreviation: Option<String>,
    /// `S3`: the name in settings and user agents.
    pub service_id: Option<String>,
    /// `s3-2006-03-01`.
    pub uid: Option<String>,
    /// `v4`, `v2`, `s3`, `bearer` and so on.
    pub signature_version: String,
    /// The name signed with, when it is not the endpoint prefix.
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
    /// The service spoke the query protocol before and still answers with its error codes.
    pub aws_query_compatible: bool,
    /// `md5` or `sha256`.
    pub checksum_format: Option<String>,
    /// The service's name in Amazon's registry.
    pub rip_service_name: Option<String>,
}

/// A setting of the client that endpoint rules look at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientContextParameter {
    /// `boolean` or `string`.
    pub kind: String,
    /// HTML or plain text.
    pub documentation: Option<String>,
}

impl Service {
    /// Where an operation is described.
    pub fn place_of_operation(&self, operation: &str) -> Place {
        self.place.child("operations").child(operation)
    }

    /// Where a shape is described.
    pub fn place_of_shape(&self, shape: &str) -> Place {
        self.place.child("shapes").child(shape)
    }

    /// Where a structure's member is described.
    pub fn place_of_member(&self, shape: &str, member: &str) -> Place {
        self.place_of_shape(shape).child("members").child(member)
    }

    /// The structure of this name, if there is one and it is a structure.
    pub fn structure(&self, shape: &str) -> Option<&shape::Structure> {
        self.shapes.get(shape)?.structure()
    }
}

/// Reads `service-2.json`.
pub fn read(cursor: &Cursor<'_>) -> Service {
    Service {
        place: cursor.place(),
        metadata: cursor.need("metadata").map(|it| metadata(&it)).unwrap_or_default(),
        operations: cursor.need_map("operations", operation::read),
        shapes: cursor.need_map("shapes", shape::read),
        documentation: cursor.text("documentation"),
        version: cursor.text("version"),
        client_context_parameters: cursor.map("clientContextParams", |_, it| ClientContextParameter {
            kind: it.need_text("type"),
            documentation: it.text("documentation"),
        }),
        examples: cursor.get("examples").map(|it| it.raw().clone()),
        deprecated: deprecation(cursor),
        retries: Vec::new(),
    }
}

/// Reads the metadata.
pub fn metadata(cursor: &Cursor<'_>) -> Metadata {
    Metadata {
        api_version: cursor.need_text("apiVersion"),
        endpoint_prefix: cursor.text("endpointPrefix").unwrap_or_default(),
        protocol: cursor.need_text("protocol"),
        protocols: cursor.texts("protocols"),
        protocol_settings: cursor.map("protocolSettings", |_, it| it.as_text()),
        full_name: cursor.text("serviceFullName").unwrap_or_default(),
        abbreviation: cursor.text("serviceAbbreviation"),
        service_id: cursor.text("serviceId"),
        uid: cursor.text("uid"),
        signature_version: cursor.text("signatureVersion").unwrap_or_default(),
        signing_name: cursor.text("signingName"),
        auth: cursor.texts("auth"),
        json_version: cursor.text("jsonVersion"),
        target_prefix: cursor.text("targetPrefix"),
        xml_namespace: cursor.text("xmlNamespace"),
        global_endpoint: cursor.text("globalEndpoint"),
        aws_query_compatible: cursor.get("awsQueryCompatible").map(|it| it.as_map(|_, it| it.as_text())).is_some(),
        checksum_format: cursor.text("checksumFormat"),
        rip_service_name: cursor.text("ripServiceName"),
    }
}
