//! Customizations: behaviour of a few operations that no model describes. The generator's fixups add it to the
//! operation descriptor as annotations. Here the annotations are only decoded; `call` acts on them.

use crate::schema::Shape;

/// The customizations of an operation; most operations have none. Members are indexes into the members of the input.
#[derive(Debug, Default)]
pub struct Customizations {
    /// Headers of every request, unless the input sets them.
    pub headers: Vec<(&'static str, &'static str)>,
    /// Defaults of members: the strings that are sent if the members are absent.
    pub defaults: Vec<(usize, &'static str)>,
    /// Strings of the input that are encoded before they are sent.
    pub send_as: Vec<RecodedString>,
    /// Strings of the output that are decoded before they are returned.
    pub read_as: Vec<RecodedString>,
    /// The members of a presigned URL of this same call in another region.
    pub cross_region_url: Option<CrossRegionUrl>,
    /// The member that holds the URL to send the request to.
    pub endpoint_member: Option<usize>,
    /// Whether the query string is sent as a form in the body instead.
    pub query_as_form: bool,
    /// Whether presigning puts the members of the body into the query string.
    pub presigned_query: bool,
    /// Whether headers carry the SHA-256 of the body and its tree hash.
    pub tree_hash: bool,
    /// The member that names a bucket.
    pub bucket: Option<Bucket>,
    /// Members whose presence makes a checksum of the body required.
    pub checksum_with: Vec<usize>,
    /// Whether the bucket is addressed in the path, whatever the settings say.
    pub path_style: bool,
    /// The map of strings that must be ASCII, because headers carry them.
    pub ascii_map: Option<usize>,
    /// Members that hold an encryption key, each with the member that takes the key's MD5.
    pub customer_keys: Vec<(usize, usize)>,
    /// The strings of the output that are requested in URL encoding.
    pub url_encoded: Option<UrlEncoded>,
    /// Whether a response with a successful status may contain an error.
    pub late_error: bool,
    /// Whether this is long polling: the service waits for something to happen before it responds. Callers send the
    /// next request at once, so if the retry quota is empty, the call waits for the backoff delay before it fails.
    pub long_poll: bool,
}

/// The member that names a bucket, or an access point by its ARN.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    /// The member.
    pub member: usize,
    /// Whether the operation creates the bucket: then there is no other region to follow it to.
    pub creates: bool,
}

/// Strings that are requested in URL encoding, because XML cannot represent all of them.
#[derive(Debug)]
pub struct UrlEncoded {
    /// The name of the input member that requests the encoding, with the value `url`, and of the output member that
    /// confirms it.
    pub member: &'static str,
    /// The paths of the strings, as in [`RecodedString`].
    pub paths: Vec<&'static str>,
}

/// A string inside a structure, and its encoding on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecodedString {
    /// Its encoding.
    pub recoding: Recoding,
    /// The members that lead to it, joined by dots; a list on the path stands for each of its elements.
    pub path: &'static str,
}

/// How a string is encoded on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recoding {
    /// Base64.
    Base64,
    /// Percent encoding.
    Percent,
    /// Only the part after the last slash.
    Tail,
    /// The source of a copy: a percent-encoded path, with an optional `?versionId=…`.
    Source,
}

/// The members of a cross-region copy. A presigned URL of this same call in the source region proves there that the
/// caller may read what is copied.
#[derive(Clone, Copy, Debug)]
pub struct CrossRegionUrl {
    /// The member that takes the URL.
    pub url: usize,
    /// The member that names the source region.
    pub source: usize,
    /// The member that names the destination region, which is the region of the call. Without it, the URL contains the
    /// destination region as a query parameter, and `source` is not sent.
    pub destination: Option<usize>,
}

impl Customizations {
    /// Decodes one annotation of an operation descriptor. Returns `false` if it is not a customization.
    pub(super) fn decode_annotation(&mut self, operation: &str, key: &str, value: &'static str, input: &Shape) -> bool {
        let member = |name: &str| {
            let index = input.members.iter().position(|it| it.name == name);
            index.unwrap_or_else(|| panic!("{operation}: no member {name}"))
        };
        let pair = || value.split_once(':').unwrap_or((value, ""));
        match key {
            "header" => self.headers.push(pair()),
            "default" => {
                let (name, default) = pair();
                self.defaults.push((member(name), default));
            }
            "send" | "read" => {
                let (recoding, paths) = pair();
                let recoding = match recoding {
                    "base64" => Recoding::Base64,
                    "percent" => Recoding::Percent,
                    "tail" => Recoding::Tail,
                    "source" => Recoding::Source,
                    _ => return false,
                };
                let strings = if key == "send" { &mut self.send_as } else { &mut self.read_as };
                strings.extend(paths.split(',').map(|path| RecodedString { recoding, path }));
            }
            "presigned-url" => {
                let mut names = value.split(':').map(member);
                let (Some(url), Some(source)) = (names.next(), names.next()) else { return false };
                self.cross_region_url = Some(CrossRegionUrl { url, source, destination: names.next() });
            }
            "endpoint" => self.endpoint_member = Some(member(value)),
            "form" => self.query_as_form = true,
            "presigned-query" => self.presigned_query = true,
            "tree-hash" => self.tree_hash = true,
            "bucket" => self.bucket = Some(Bucket { member: member(pair().0), creates: pair().1 == "new" }),
            "sum-with" => self.checksum_with = value.split(',').map(member).collect(),
            "path-style" => self.path_style = true,
            "ascii" => self.ascii_map = Some(member(value)),
            "key" => self.customer_keys.push((member(pair().0), member(pair().1))),
            "url-encoded" => {
                let (member, paths) = pair();
                self.url_encoded = Some(UrlEncoded { member, paths: paths.split(',').collect() });
            }
            "late-error" => self.late_error = true,
            "long-poll" => self.long_poll = true,
            _ => return false,
        }
        true
    }
}
