//! What a few operations need beyond their protocol: facts that the generator's fixups put into an operation's line. Here
//! they are only read; the calls act on them.

use crate::schema::Shape;

/// What an operation needs beyond its protocol; most need nothing.
#[derive(Debug, Default)]
pub struct Special {
    /// Headers of every request, unless the input gives them.
    pub headers: Vec<(&'static str, &'static str)>,
    /// Texts of members that are absent.
    pub defaults: Vec<(usize, &'static str)>,
    /// Texts that are not sent the way the caller gives them.
    pub sent: Vec<Recoded>,
    /// Texts that are not handed out the way they came.
    pub read: Vec<Recoded>,
    /// The member that holds this same call, signed for another region.
    pub presigned_url: Option<PresignedUrl>,
    /// The member that says where to send the call.
    pub endpoint: Option<usize>,
    /// Whether the query string is sent as a form instead.
    pub form: bool,
    /// Whether presigning puts the members of the body into the query string.
    pub presigned_query: bool,
    /// Whether the body's SHA-256 and its tree hash are sent along.
    pub tree_hash: bool,
    /// The member that names a bucket.
    pub bucket: Option<Bucket>,
    /// Whether the bucket stands in the path, whatever the settings say.
    pub path_style: bool,
    /// The map of texts that must be ASCII, because headers carry them.
    pub ascii: Option<usize>,
    /// Members that hold a key, each with the one that takes the key's MD5.
    pub keys: Vec<(usize, usize)>,
    /// Which texts of the answer are asked for in URL encoding.
    pub url_encoded: Option<UrlEncoded>,
    /// Whether an answer with a good status may be an error all the same.
    pub late_error: bool,
    /// Whether the call waits for something to happen: its callers ask again at once, so that it pauses before it fails for want
    /// of retries.
    pub long_poll: bool,
}

/// A member that names a bucket, or an access point by its ARN.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    /// The member.
    pub member: usize,
    /// Whether the call makes the bucket: then it lives nowhere else.
    pub new: bool,
}

/// Texts that a document cannot hold as they are.
#[derive(Debug)]
pub struct UrlEncoded {
    /// The member of this name asks for the encoding, with the value `url`; that of the output says whether it was done.
    pub member: &'static str,
    /// The texts, by their paths as in [`Recoded`].
    pub paths: Vec<&'static str>,
}

/// A text inside a structure, and how it travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recoded {
    /// How it travels.
    pub how: Recoding,
    /// The members that lead to it, joined by dots; lists on the way count as their elements.
    pub path: &'static str,
}

/// How a text travels that is not sent as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recoding {
    /// In base64.
    Base64,
    /// Percent-encoded.
    Percent,
    /// Without what stands before its last slash.
    Tail,
    /// As a path, percent-encoded, with `?versionId=…` behind it or not.
    Source,
}

/// A call that proves to another region that its caller may do what this region will do there for them.
#[derive(Clone, Copy, Debug)]
pub struct PresignedUrl {
    /// The member that takes the URL.
    pub url: usize,
    /// The member that names the other region.
    pub source: usize,
    /// The member that names this one. Without it, it stands in the URL only, and the other one is not sent.
    pub destination: Option<usize>,
}

impl Special {
    /// Takes one entry of an operation's line; false if it is none of these.
    pub(super) fn take(&mut self, operation: &str, key: &str, value: &'static str, input: &Shape) -> bool {
        let member = |wanted: &str| {
            let found = input.members.iter().position(|it| it.name == wanted);
            found.unwrap_or_else(|| panic!("{operation}: no member {wanted}"))
        };
        let pair = || value.split_once(':').unwrap_or((value, ""));
        match key {
            "header" => self.headers.push(pair()),
            "default" => {
                let (name, text) = pair();
                self.defaults.push((member(name), text));
            }
            "send" | "read" => {
                let (how, paths) = pair();
                let how = match how {
                    "base64" => Recoding::Base64,
                    "percent" => Recoding::Percent,
                    "tail" => Recoding::Tail,
                    "source" => Recoding::Source,
                    _ => return false,
                };
                let texts = if key == "send" { &mut self.sent } else { &mut self.read };
                texts.extend(paths.split(',').map(|path| Recoded { how, path }));
            }
            "presigned-url" => {
                let mut names = value.split(':').map(member);
                let (Some(url), Some(source)) = (names.next(), names.next()) else { return false };
                self.presigned_url = Some(PresignedUrl { url, source, destination: names.next() });
            }
            "endpoint" => self.endpoint = Some(member(value)),
            "form" => self.form = true,
            "presigned-query" => self.presigned_query = true,
            "tree-hash" => self.tree_hash = true,
            "bucket" => self.bucket = Some(Bucket { member: member(pair().0), new: pair().1 == "new" }),
            "path-style" => self.path_style = true,
            "ascii" => self.ascii = Some(member(value)),
            "key" => self.keys.push((member(pair().0), member(pair().1))),
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
