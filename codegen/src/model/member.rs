//! References to shapes from inside shapes: a structure's members, a list's element, a map's key and value. What a
//! reference says overrides what its shape says; who overrides whom is not decided here.

use crate::json::Cursor;

/// A reference to a shape, with the traits of the place that refers to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Member {
    /// The shape's name.
    pub shape: String,
    /// HTML.
    pub documentation: Option<String>,
    /// Name on the wire, when it is not the member's.
    pub location_name: Option<String>,
    /// `header`, `headers`, `uri`, `querystring` or `statusCode`; the body when absent.
    pub location: Option<String>,
    /// Name in the EC2 query protocol, used as it is.
    pub query_name: Option<String>,
    /// XML namespace of the element.
    pub xml_namespace: Option<XmlNamespace>,
    /// An attribute of the XML element rather than a child.
    pub xml_attribute: bool,
    /// The text of the structure's own element rather than a child. No model says so; a fixup does.
    pub xml_text: bool,
    /// Elements of the list or map stand without a wrapper.
    pub flattened: Option<bool>,
    /// The string holds JSON.
    pub json_value: bool,
    /// The format of a timestamp: `iso8601`, `rfc822` or `unixTimestamp`.
    pub timestamp_format: Option<String>,
    /// Filled with a UUID when left out.
    pub idempotency_token: bool,
    /// Absent and zero differ.
    pub boxed: bool,
    /// The endpoint rule set's parameter this member feeds.
    pub context_parameter: Option<String>,
    /// Part of the host prefix.
    pub host_label: bool,
    /// An identifier sent along in endpoint discovery.
    pub endpoint_discovery_id: bool,
    /// A body of any length, read or sent in pieces.
    pub streaming: bool,
    /// The payload of an event.
    pub event_payload: bool,
    /// A header of an event.
    pub event_header: bool,
    /// Values known for this place only; open.
    pub values: Vec<String>,
    /// Set when it should no longer be used.
    pub deprecated: Option<Deprecation>,
}

/// `deprecated` and what is said about it.
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
    /// The namespace's name.
    pub uri: String,
    /// The prefix it is bound to; the default namespace when absent.
    pub prefix: Option<String>,
}

/// Reads one reference.
pub fn read(cursor: &Cursor<'_>) -> Member {
    Member {
        shape: cursor.need_text("shape"),
        documentation: cursor.text("documentation"),
        location_name: cursor.text("locationName"),
        location: cursor.text("location"),
        query_name: cursor.text("queryName"),
        xml_namespace: xml_namespace(cursor),
        xml_attribute: cursor.flag("xmlAttribute"),
        xml_text: false,
        flattened: cursor.get("flattened").map(|value| value.as_flag()),
        json_value: cursor.flag("jsonvalue"),
        timestamp_format: cursor.text("timestampFormat"),
        idempotency_token: cursor.flag("idempotencyToken"),
        boxed: cursor.flag("box"),
        context_parameter: cursor.get("contextParam").map(|context| context.need_text("name")),
        host_label: cursor.flag("hostLabel"),
        endpoint_discovery_id: cursor.flag("endpointdiscoveryid"),
        streaming: cursor.flag("streaming"),
        event_payload: cursor.flag("eventpayload"),
        event_header: cursor.flag("eventheader"),
        values: cursor.texts("enum"),
        deprecated: deprecation(cursor),
    }
}

/// `deprecated`, `deprecatedMessage` and `deprecatedSince` of anything.
pub(super) fn deprecation(cursor: &Cursor<'_>) -> Option<Deprecation> {
    let deprecated = cursor.flag("deprecated");
    let deprecation = Deprecation { message: cursor.text("deprecatedMessage"), since: cursor.text("deprecatedSince") };
    (deprecated || deprecation != Deprecation::default()).then_some(deprecation)
}

/// `xmlNamespace` of anything, spelled as text or as an object.
pub(super) fn xml_namespace(cursor: &Cursor<'_>) -> Option<XmlNamespace> {
    let namespace = cursor.get("xmlNamespace")?;
    Some(match namespace.is_object() {
        true => XmlNamespace { uri: namespace.need_text("uri"), prefix: namespace.text("prefix") },
        false => XmlNamespace { uri: namespace.as_text(), prefix: None },
    })
}
