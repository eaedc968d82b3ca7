//! `Customization`: behaviour of an operation that no model describes. Fixups add it, `resolve` writes it into the
//! operation descriptor as annotations, and the runtime's `operation` reads those. Each variant is one annotation.

/// One behaviour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Customization {
    /// A header of every request, unless the input sets it.
    Header {
        /// The name of the header.
        name: String,
        /// The value of the header.
        value: String,
    },
    /// The default of an input member: the value that is sent if the member is absent.
    Default {
        /// The input member.
        member: String,
        /// The value.
        value: String,
    },
    /// A string of the input, by its path, that is encoded before it is sent.
    SendAs(Recoding, String),
    /// A string of the output, by its path, that is decoded before it is returned.
    ReadAs(Recoding, String),
    /// An input member that takes a presigned URL of this same request in the source region, which proves that the
    /// caller may read what is copied from there.
    PresignedUrl {
        /// The member that takes the URL.
        url: String,
        /// The member that names the source region.
        source: String,
        /// The member that names the destination region, which is the region of the client. Without it the URL contains
        /// the destination region as a query parameter, and `source` is not sent.
        destination: Option<String>,
    },
    /// The input member that holds the URL to send the request to.
    Endpoint(String),
    /// The query string is sent as a URL-encoded form in the body.
    Form,
    /// A presigned URL has the members of the body in its query string.
    PresignedQuery,
    /// Headers carry the SHA-256 of the body and its tree hash.
    TreeHash,
    /// The input member that names a bucket. The name is validated, and the request is sent to the region of the
    /// bucket.
    Bucket {
        /// The member.
        member: String,
        /// Whether the operation creates the bucket.
        creates: bool,
    },
    /// Input members whose presence makes a checksum of the body required.
    ChecksumWith(Vec<String>),
    /// The bucket is addressed in the path, whatever the addressing style of the settings.
    PathStyle,
    /// The input member that is a map of strings sent in headers, so they must be ASCII.
    Ascii(String),
    /// An input member that holds an encryption key, whose MD5 is sent too.
    Key {
        /// The member that holds the key.
        key: String,
        /// The member that takes the MD5.
        md5: String,
    },
    /// Strings of the output that are requested in URL encoding, because XML cannot represent all of them.
    UrlEncoded {
        /// The member of the input that requests the encoding, and of the output that confirms it.
        member: String,
        /// Paths of the strings, as in [`Recoding`].
        paths: Vec<String>,
    },
    /// A response with a successful status may contain an error.
    LateError,
    /// The operation waits on the server until something happens, and callers send the next request at once.
    LongPoll,
}

/// How a string is encoded on the wire, if not as it is. Its path leads from the input or output through members,
/// joined by dots; a list on the path stands for each of its elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recoding {
    /// Base64.
    Base64,
    /// Percent encoding.
    Percent,
    /// Only the part after the last slash is sent.
    Tail,
    /// The source of a copy, `bucket/key` with an optional `?versionId=…`, percent-encoded.
    Source,
}
