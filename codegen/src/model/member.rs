//! References to shapes from within shapes: a structure's members, a list's element, a map's key and value. A trait of
//! the reference overrides the same trait of its shape; the overriding is not done here.

use crate::json::Cursor;

/// A reference to a shape, with the traits of the reference.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Member {
    /// The shape's name.
    pub shape: String,
    /// HTML.
    pub documentation: Option<String>,
    /// Name on the wire, if it is not the member's.
    pub location_name: Option<String>,
    /// `header`, `headers`, `uri`, `querystring` or `statusCode`; the body if absent.
    pub location: Option<String>,
    /// Name in the EC2 query protocol, used unchanged.
    pub query_name: Option<String>,
    /// XML namespace of the element.
    pub xml_namespace: Option<XmlNamespace>,
    /// Whether it is an attribute of the XML element rather than a child.
    pub xml_attribute: bool,
    /// Whether it is the text of the structure's own element rather than a child. No model has this trait; a fixup sets
    /// it.
    pub xml_text: bool,
    /// Whether elements of the list or map have no wrapper element.
    pub flattened: Option<bool>,
    /// Whether the string holds JSON.
    pub json_value: bool,
    /// The format of a timestamp: `iso8601`, `rfc822` or `unixTimestamp`.
    pub timestamp_format: Option<String>,
    /// Whether it is filled with a UUID if not set.
    pub idempotency_token: bool,
    /// Whether absent and zero differ.
    pub boxed: bool,
    /// The parameter of the endpoint rule set that this member fills.
    pub context_parameter: Option<String>,
    /// Whether it is part of the host prefix.
    pub host_label: bool,
    /// Whether it is an identifier that endpoint discovery sends.
    pub endpoint_discovery_id: bool,
    /// Whether it is a body of any length, streamed.
    pub streaming: bool,
    /// Whether it is the payload of an event.
    pub event_payload: bool,
    /// Whether it is a header of an event.
    pub event_header: bool,
    /// Known values of this member only; services may add to them.
    pub values: Vec<String>,
    /// Set if it should no longer be used.
    pub deprecated: Option<Deprecation>,
}

/// Details of a deprecation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Deprecation {
    /// What to do instead.
    pub message: Option<String>,
    /// A date or a version.
    pub since: Option<String>,
}

/// An XML namespace with its optional prefix.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct XmlNamespace {
    /// The namespace.
    pub uri: String,
    /// The prefix it is bound to; if absent, it is the default namespace.
    pub prefix: Option<String>,
}

/// Reads one reference.
pub fn read(cursor: &Cursor<'_>) -> Member {
    Member {
        shape: cursor.required_string("shape"),
        documentation: cursor.string("documentation"),
        location_name: cursor.string("locationName"),
        location: cursor.string("location"),
        query_name: cursor.string("queryName"),
        xml_namespace: xml_namespace(cursor),
        xml_attribute: cursor.flag("xmlAttribute"),
        xml_text: false,
        flattened: cursor.get("flattened").map(|value| value.as_flag()),
        json_value: cursor.flag("jsonvalue"),
        timestamp_format: cursor.string("timestampFormat"),
        idempotency_token: cursor.flag("idempotencyToken"),
        boxed: cursor.flag("box"),
        context_parameter: cursor.get("contextParam").map(|context| context.required_string("name")),
        host_label: cursor.flag("hostLabel"),
        endpoint_discovery_id: cursor.flag("endpointdiscoveryid"),
        streaming: cursor.flag("streaming"),
        event_payload: cursor.flag("eventpayload"),
        event_header: cursor.flag("eventheader"),
        values: cursor.strings("enum"),
        deprecated: deprecation(cursor),
    }
}

/// `deprecated`, `deprecatedMessage` and `deprecatedSince` of any object.
pub(super) fn deprecation(cursor: &Cursor<'_>) -> Option<Deprecation> {
    let deprecated = cursor.flag("deprecated");
    let deprecation =
        Deprecation { message: cursor.string("deprecatedMessage"), since: cursor.string("deprecatedSince") };
    (deprecated || deprecation != Deprecation::default()).then_some(deprecation)
}

/// `xmlNamespace` of any object, written as a string or as an object.
pub(super) fn xml_namespace(cursor: &Cursor<'_>) -> Option<XmlNamespace> {
    let namespace = cursor.get("xmlNamespace")?;
    Some(match namespace.is_object() {
        true => XmlNamespace { uri: namespace.required_string("uri"), prefix: namespace.string("prefix") },
        false => XmlNamespace { uri: namespace.as_string(), prefix: None },
    })
}
