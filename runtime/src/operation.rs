//! Operations as the generator describes them, decoded at first use into what a call needs. Knows neither protocols
//! nor calls.

mod special;

use std::any::TypeId;
use std::fmt::{self, Debug};

use http::Method;

use crate::jmespath::Expression;
use crate::schema::shape::{Namespace, Registry, decoded, registry};
use crate::schema::{Element, Shape, shape_of};

pub use special::{Bucket, PresignedUrl, Recoded, Recoding, Special, UrlEncoded};

/// An operation of a service. Generated for a type that has no values.
///
/// Inputs and outputs are `Send` and `Debug`, all of them. The trait does not demand it, for that would be proven anew with every
/// crate; code that is generic over operations says what it needs: `O: Operation<Input: Send, Output: Send>`.
pub trait Operation: 'static {
    /// What the operation takes.
    type Input: Element;
    /// What it returns.
    type Output: Element;
    /// What a call must know.
    const INFO: Info;
}

/// The description of an operation: one line of text in a small notation.
///
/// ```text
/// RestoreObject POST /{Key+}?restore; root=RestoreRequest ns=http://…; sum=ChecksumAlgorithm required
/// ```
///
/// The name in the service's model, the method and the URI come first; the other entries are:
///
/// | entry | meaning |
/// |---|---|
/// | `root=Name` `ns=uri` | the element of the body's document and its namespace |
/// | `result=Name` | the element that the output stands in, when it is not `<operation>Result` |
/// | `sum=Member` | the member that names the algorithm of the request's checksum; `required` if there must be one |
/// | `md5` | the body needs a checksum, and no member names its algorithm |
/// | `verify=Member:A,B` | the member that asks for the answer's checksum, and the algorithms of answers |
/// | `auth=none` `auth=unsigned-body` `auth=bearer` `auth=v2` | no signature; a signature without the body's hash; a token; signature version 2; another name is that of a signature that is not made yet |
/// | `bearer` | a bearer token is taken too, if the user chose one |
/// | `host=prefix` | what stands before the host, with `{labels}` |
/// | `bare` | the operation takes nothing, not even an empty structure |
/// | `static=Name:value,…` | endpoint parameters that the operation fixes |
/// | `param=Name:expression` | an endpoint parameter that the input gives, by an expression in the notation of `jmespath`; up to the `;` |
/// | `gzip` | the body may be compressed |
/// | `retry=Code,…` `throttle=Code,…` | modelled exceptions that may be retried |
/// | `final=Code,…` | modelled exceptions that may not, though they come with status 429 |
/// | `header=Name:value` | a header of every request, unless the input gives it |
/// | `default=Member:text` | what is sent for an absent member |
/// | `send=how:Path,…` `read=how:Path,…` | texts that travel otherwise than people write them: `base64`, `percent`, `tail`, `source` |
/// | `presigned-url=Url:Source[:Destination]` | the member that takes this call signed for another region, the member that names that region, the one that names this region |
/// | `endpoint=Member` | the member that says where to send the call |
/// | `form` | the query string is sent as a form |
/// | `presigned-query` | presigning puts the members of the body into the query string |
/// | `tree-hash` | the body's SHA-256 and its tree hash are sent along |
/// | `bucket=Member` `bucket=Member:new` | the member that names a bucket: it is checked, and the call follows it to its region; `new` if the call makes it |
/// | `path-style` | the bucket stands in the path, whatever the settings say |
/// | `ascii=Member` | a map of texts that headers carry |
/// | `key=Member:Hash` | a key whose MD5 is sent along; a caller who gives that gives the key in base64 |
/// | `url-encoded=Member:Path,…` | texts of the answer that are asked for in URL encoding and decoded, unless the caller asks for it |
/// | `late-error` | an answer with a good status may be an error all the same |
/// | `long-poll` | the call waits for something to happen |
#[derive(Clone, Copy)]
pub struct Info {
    text: &'static str,
}

impl Info {
    /// A description.
    pub const fn new(text: &'static str) -> Self {
        Self { text }
    }

    /// The name in the service's model.
    pub(crate) fn name(self) -> &'static str {
        named(self.text).0
    }
}

/// The name before a description, and the rest of it.
fn named(text: &'static str) -> (&'static str, &'static str) {
    text.split_once(' ').unwrap_or((text, ""))
}

/// An operation, decoded.
pub struct Plan {
    /// The name in the service's model.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path.
    pub path: Vec<Segment>,
    /// The literal part of the query string.
    pub query: &'static str,
    /// The element of the body's document.
    pub root: &'static str,
    /// Its namespace.
    pub root_namespace: Option<Namespace>,
    /// The element that the output stands in, when it is not the usual one of the query protocol.
    pub result: Option<&'static str>,
    /// The member that names the algorithm of the request's checksum.
    pub checksum_member: Option<usize>,
    /// Whether the request must have a checksum.
    pub checksum_required: bool,
    /// The member that asks for the answer's checksum.
    pub verify_member: Option<usize>,
    /// The algorithms in which an answer may carry its checksum.
    pub verify_algorithms: Vec<&'static str>,
    /// Whether the operation takes nothing, not even an empty structure.
    pub bare: bool,
    /// How the call is signed.
    pub auth: Auth,
    /// Whether a bearer token is taken in place of the signature.
    pub takes_token: bool,
    /// What stands before the host.
    pub host_prefix: Option<&'static str>,
    /// Endpoint parameters that the operation fixes.
    pub statics: Vec<(&'static str, &'static str)>,
    /// Endpoint parameters that the input gives.
    pub params: Vec<(&'static str, Expression)>,
    /// Whether the body may be compressed.
    pub compress: bool,
    /// Codes of modelled exceptions that decide about a retry.
    pub retryable: Vec<(&'static str, Verdict)>,
    /// What it needs beyond its protocol.
    pub special: Special,
    /// The input.
    pub input: &'static Shape,
    /// The output.
    pub output: &'static Shape,
}

impl Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Plan").field(&self.name).finish()
    }
}

/// A part of a path.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names of the parts")]
pub enum Segment {
    Literal(&'static str),
    Label { member: usize, greedy: bool },
}

/// How an operation is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// With the body's hash.
    #[default]
    Sigv4,
    /// Without the body's hash.
    UnsignedBody,
    /// Not at all.
    None,
    /// With a bearer token.
    Bearer,
    /// With signature version 2.
    Sigv2,
    /// With a signature of this name, which cannot be made yet.
    Other(&'static str),
}

/// What the model says of repeating a call that failed with an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It would fail again.
    Final,
    /// It may work soon.
    Retryable,
    /// The service asks to slow down.
    Throttling,
}

impl Plan {
    /// The plan of an operation.
    pub fn of<O: Operation>() -> &'static Self {
        static PLANS: Registry<Plan> = registry();
        decoded(&PLANS, TypeId::of::<O>(), || {
            Self::decode(O::INFO.text, shape_of::<O::Input>(), shape_of::<O::Output>())
        })
    }

    /// Decodes a description.
    ///
    /// # Panics
    /// If the text is not of this notation: it comes from the generator of this very version.
    pub fn decode(text: &'static str, input: &'static Shape, output: &'static Shape) -> Self {
        let (name, text) = named(text);
        let mut entries = text.split(';').map(str::trim);
        let (method, uri) = entries.next().and_then(|it| it.split_once(' ')).unwrap_or((text, "/"));
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let member = |wanted: &str| {
            input
                .members
                .iter()
                .position(|it| it.name == wanted)
                .unwrap_or_else(|| panic!("{name}: no member {wanted}"))
        };
        let mut plan = Self {
            name,
            method: method.parse().unwrap_or_else(|_| panic!("{name}: `{method}` is no method")),
            path: segments(name, path, input),
            query,
            root: input.name,
            root_namespace: None,
            result: None,
            checksum_member: None,
            checksum_required: false,
            verify_member: None,
            verify_algorithms: Vec::new(),
            bare: false,
            auth: Auth::Sigv4,
            takes_token: false,
            host_prefix: None,
            statics: Vec::new(),
            params: Vec::new(),
            compress: false,
            retryable: Vec::new(),
            special: Special::default(),
            input,
            output,
        };
        let (params, entries): (Vec<_>, Vec<_>) = entries.partition(|it| it.starts_with("param="));
        for entry in params {
            let (param, expression) = entry["param=".len()..].split_once(':').unwrap_or((entry, ""));
            let expression = Expression::decode(expression).unwrap_or_else(|it| panic!("{name}: `{entry}`: {it}"));
            plan.params.push((param, expression));
        }
        for entry in entries.into_iter().flat_map(|it| it.split(' ')).filter(|it| !it.is_empty()) {
            let (key, value) = entry.split_once('=').unwrap_or((entry, ""));
            let items = || value.split(',').filter(|it| !it.is_empty());
            match key {
                "root" => plan.root = value,
                "ns" => {
                    plan.root_namespace = Some(match value.split_once('|') {
                        Some((prefix, uri)) => Namespace { prefix: Some(prefix), uri },
                        None => Namespace { prefix: None, uri: value },
                    });
                }
                "result" => plan.result = Some(value),
                "sum" => plan.checksum_member = Some(member(value)),
                "required" | "md5" => plan.checksum_required = true,
                "verify" => {
                    let (name, algorithms) = value.split_once(':').unwrap_or((value, ""));
                    plan.verify_member = Some(member(name));
                    plan.verify_algorithms = algorithms.split(',').collect();
                }
                "auth" => {
                    plan.auth = match value {
                        "none" => Auth::None,
                        "unsigned-body" => Auth::UnsignedBody,
                        "bearer" => Auth::Bearer,
                        "v2" => Auth::Sigv2,
                        other => Auth::Other(other),
                    }
                }
                "bearer" => plan.takes_token = true,
                "gzip" => plan.compress = true,
                "bare" => plan.bare = true,
                "host" => plan.host_prefix = Some(value),
                "static" => plan.statics = items().filter_map(|it| it.split_once(':')).collect(),
                "final" => plan.retryable.extend(items().map(|it| (it, Verdict::Final))),
                "retry" => plan.retryable.extend(items().map(|it| (it, Verdict::Retryable))),
                "throttle" => plan.retryable.extend(items().map(|it| (it, Verdict::Throttling))),
                _ if plan.special.take(name, key, value, input) => {}
                _ => panic!("{name}: unknown entry `{entry}`; generate the crate again with this version"),
            }
        }
        plan
    }
}

fn segments(operation: &str, path: &'static str, input: &Shape) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = path;
    while let Some((literal, tail)) = rest.split_once('{') {
        let (label, tail) = tail.split_once('}').unwrap_or((tail, ""));
        if !literal.is_empty() {
            segments.push(Segment::Literal(literal));
        }
        let (label, greedy) = label.strip_suffix('+').map_or((label, false), |it| (it, true));
        let member = input
            .labels
            .iter()
            .copied()
            .find(|&it| input.members[it].wire == label)
            .unwrap_or_else(|| panic!("{operation}: no member for the label {label}"));
        segments.push(Segment::Label { member, greedy });
        rest = tail;
    }
    if !rest.is_empty() {
        segments.push(Segment::Literal(rest));
    }
    segments
}
