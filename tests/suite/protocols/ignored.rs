//! The cases that are known to fail, by file and id, each with its reason: one list per protocol.

/// Pairs of a case, `<direction>/<file> <id>`, and the reason.
pub(super) type List = &'static [(&'static str, &'static str)];

const MESSAGE: &str = "the body has a message that the expectation lacks; botocore reads it too";
const COMPRESSION: &str = "compression is not part of the protocol";
const EMPTY_LIST: &str = "an empty list sends no header, as in botocore";

pub(super) const JSON: List = &[
    ("input/json SDKAppliedContentEncoding_awsJson1_1", COMPRESSION),
    ("input/json SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1", COMPRESSION),
    ("input/json_1_0 SDKAppliedContentEncoding_awsJson1_0", COMPRESSION),
    ("input/json_1_0 SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0", COMPRESSION),
];

pub(super) const REST_JSON: List = &[
    ("input/rest-json RestJsonHttpChecksumRequired", "checksums are not part of the protocol"),
    ("input/rest-json RestJsonNullAndEmptyHeaders", EMPTY_LIST),
    ("input/rest-json SDKAppliedContentEncoding_restJson1", COMPRESSION),
    ("input/rest-json SDKAppendedGzipAfterProvidedEncoding_restJson1", COMPRESSION),
];

pub(super) const REST_XML: List = &[
    ("input/rest-xml BodyWithXmlName", ROOT),
    ("input/rest-xml RestXmlHttpPayloadWithUnion", ROOT),
    ("input/rest-xml HttpPayloadWithXmlName", ROOT),
    ("input/rest-xml HttpPayloadWithXmlNamespace", ROOT),
    ("input/rest-xml HttpPayloadWithXmlNamespaceAndPrefix", ROOT),
    ("input/rest-xml XmlAttributesOnPayload", ROOT),
    ("input/rest-xml NullAndEmptyHeaders", EMPTY_LIST),
    ("input/rest-xml SDKAppliedContentEncoding_restXml", COMPRESSION),
    ("input/rest-xml SDKAppendedGzipAfterProvidedEncoding_restXml", COMPRESSION),
    ("output/rest-xml ComplexError", MESSAGE),
];
/// Real models name the element by the member: S3 sends `NotificationConfiguration`, whose shape has another name.
const ROOT: &str = "the root is named by the reference to the shape, as in botocore";

pub(super) const QUERY: List = &[
    ("input/query SDKAppliedContentEncoding_awsQuery", COMPRESSION),
    ("input/query SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery", COMPRESSION),
];

pub(super) const EC2: List = &[
    ("input/ec2 SDKAppliedContentEncoding_ec2Query", COMPRESSION),
    ("input/ec2 SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query", COMPRESSION),
    ("output/ec2 Ec2ComplexError", MESSAGE),
];

pub(super) const CBOR: List = &[];
