//! What an operation needs beyond what any model says: fixups add it, the runtime's `operation` reads it. One fact each.

/// One such fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Special {
    /// A header of every request, unless the input gives it.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// What is sent for an absent member.
    Default {
        /// The input's member.
        member: String,
        /// The text.
        text: String,
    },
    /// A text of the input that is not sent as it is given.
    Sent(Recoding, String),
    /// A text of the output that is not handed out as it came.
    Read(Recoding, String),
    /// A member of the input that takes the URL of this very call in another region, signed by the caller.
    PresignedUrl {
        /// The member that takes it.
        url: String,
        /// The member that names the other region.
        source: String,
        /// The member that names the region of the call. Without it, the region stands in the URL only, and the other
        /// one is not sent.
        destination: Option<String>,
    },
    /// The input's member that holds the URL to send the call to.
    Endpoint(String),
    /// The query string is sent as a form.
    Form,
    /// Presigning puts the members of the body into the query string.
    PresignedQuery,
    /// The body's SHA-256 and its tree hash are sent along.
    TreeHash,
    /// The input's member that names a bucket: it is checked, and the call goes where the bucket lives.
    Bucket {
        /// The member.
        member: String,
        /// Whether the call makes the bucket.
        new: bool,
    },
    /// The bucket stands in the path, whatever the settings say.
    PathStyle,
    /// The input's map of texts that headers carry.
    Ascii(String),
    /// A member of the input that holds a key, whose MD5 is sent along.
    Key {
        /// The member.
        member: String,
        /// The member that takes the MD5.
        hash: String,
    },
    /// Texts of the output that are asked for in URL encoding, since XML cannot hold all of them.
    UrlEncoded {
        /// The member of the input that asks for it, and of the output that says it was done.
        member: String,
        /// Paths to the texts, as in [`Recoding`].
        paths: Vec<String>,
    },
    /// An answer with a good status may be an error all the same.
    LateError,
    /// The call waits for something to happen, and is made again at once.
    LongPoll,
}

/// How a text travels that people write otherwise. Paths lead from the input or output through members, joined by dots;
/// lists on the way count as their elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recoding {
    /// In base64.
    Base64,
    /// Percent-encoded.
    Percent,
    /// Without what stands before its last slash.
    Tail,
    /// `bucket/key`, percent-encoded, with `?versionId=…` behind it or not.
    Source,
}
