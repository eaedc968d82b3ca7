//! Operations: the descriptor that the generator writes, and the plan that a call needs, decoded from it at first use.
//! Knows no protocol and no call.

mod customization;

use std::any::TypeId;
use std::fmt::{self, Debug};

use http::Method;

use crate::jmespath::Expression;
use crate::schema::shape::{Namespace, Registry, decoded, registry};
use crate::schema::{SchemaType, Shape, shape_of};

pub use customization::{Bucket, CrossRegionUrl, Customizations, RecodedString, Recoding, UrlEncoded};

/// An operation of a service. Implemented by generated types that have no values, and by no other: it may gain members.
///
/// All inputs and outputs are `Send` and `Debug`. The trait does not require it, since the compiler would then prove it
/// again in every crate; code that is generic over operations states what it needs: `O: Operation<Input: Send, Output:
/// Send>`.
pub trait Operation: 'static {
    /// The input.
    type Input: SchemaType;
    /// The output.
    type Output: SchemaType;
    /// The descriptor: what a call must know.
    #[doc(hidden)]
    const DESCRIPTOR: OperationDescriptor;
}

/// The descriptor of an operation: one line in a small notation.
///
/// ```text
/// RestoreObject POST /{Key+}?restore; root=RestoreRequest ns=http://…; sum=ChecksumAlgorithm required
/// ```
///
/// The name in the service's model, the method and the URI come first; the annotations follow:
///
/// | annotation | meaning |
/// |---|---|
/// | `root=Name` `ns=uri` | the element of the body's document and its namespace |
/// | `result=Name` | the element that contains the output, if it is not `<operation>Result` |
/// | `sum=Member` | the member that names the algorithm of the request's checksum; `required` if there must be one |
/// | `md5` | the body needs a checksum, and no member names its algorithm |
/// | `verify=Member:A,B` | the member that requests the checksum of the response, and the algorithms that it may have |
/// | `auth=none` `auth=unsigned-body` `auth=bearer` `auth=v2` | no signature; a signature without the body's hash; a bearer token; signature version 2; any other value is the name of the auth scheme |
/// | `bearer` | a bearer token is accepted too, if the settings prefer it |
/// | `sigv4a` `sigv4a=first` | Signature Version 4A is accepted too, after version 4 or before it |
/// | `host=prefix` | the prefix of the host, with `{labels}` |
/// | `bare` | the operation takes no input, not even an empty structure |
/// | `static=Name:value,…` | endpoint parameters that the operation fixes |
/// | `discover=required` `discover=optional` | the service is asked for the endpoint of the operation; `:Path,…` behind it are the members of the input that the endpoint depends on |
/// | `param=Name:expression` | an endpoint parameter that the input sets, by an expression in the notation of `jmespath`; up to the `;` |
/// | `gzip` | the body may be compressed |
/// | `retry=Code,…` `throttle=Code,…` | modelled exceptions that may be retried |
/// | `final=Code,…` | modelled exceptions that are not retried, even with status 429 |
/// | `secret-errors=Name,…` | the names on the wire of members of its exceptions that are secret |
/// | `header=Name:value` | a header of every request, unless the input sets it |
/// | `default=Member:string` | the value that is sent for an absent member |
/// | `send=how:Path,…` `read=how:Path,…` | strings that are encoded differently on the wire: `base64`, `percent`, `tail`, `source` |
/// | `presigned-url=Url:Source[:Destination]` | the member that takes a presigned URL of this call in another region, the member that names that region, the member that names this region |
/// | `endpoint=Member` | the member that holds the URL to send the request to |
/// | `form` | the query string is sent as a form |
/// | `presigned-query` | presigning puts the members of the body into the query string |
/// | `tree-hash` | headers carry the SHA-256 of the body and its tree hash |
/// | `bucket=Member` `bucket=Member:new` | the member that names a bucket: it is validated, and the call follows it to its region; `new` if the operation creates it |
/// | `sum-with=Member,…` | members whose presence makes a checksum of the body required |
/// | `path-style` | the bucket is addressed in the path, whatever the settings say |
/// | `ascii=Member` | a map of strings that headers carry |
/// | `key=Member:Hash` | an encryption key whose MD5 is sent too; a caller who sets the MD5 sets the key in base64 |
/// | `url-encoded=Member:Path,…` | strings of the response that are requested in URL encoding and decoded, unless the caller requests the encoding |
/// | `late-error` | a response with a successful status may contain an error |
/// | `long-poll` | long polling: the service waits for something to happen before it responds |
#[derive(Clone, Copy)]
pub struct OperationDescriptor {
    notation: &'static str,
}

impl OperationDescriptor {
    /// A descriptor in the notation above.
    pub const fn new(notation: &'static str) -> Self {
        Self { notation }
    }

    /// The name in the service's model.
    pub(crate) fn name(self) -> &'static str {
        split_name(self.notation).0
    }
}

/// The name at the start of a descriptor, and the rest of it.
fn split_name(notation: &'static str) -> (&'static str, &'static str) {
    notation.split_once(' ').unwrap_or((notation, ""))
}

/// An operation, decoded from its descriptor.
pub struct OperationPlan {
    /// The name in the service's model.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path.
    pub path: Vec<Segment>,
    /// The literal part of the query string.
    pub query: &'static str,
    /// The root element of the body's document.
    pub root: &'static str,
    /// The namespace of the root element.
    pub root_namespace: Option<Namespace>,
    /// The element that contains the output, if it is not the usual one of the query protocol.
    pub result: Option<&'static str>,
    /// The member that names the algorithm of the request's checksum.
    pub checksum_member: Option<usize>,
    /// Whether the request must have a checksum.
    pub checksum_required: bool,
    /// The member that requests the checksum of the response.
    pub verify_member: Option<usize>,
    /// The algorithms of the checksums that a response may have.
    pub verify_algorithms: Vec<&'static str>,
    /// Whether the operation takes no input, not even an empty structure.
    pub bare: bool,
    /// How the call is signed.
    pub auth: Auth,
    /// The auth schemes of an operation that is signed, in the order of the model.
    pub schemes: &'static [&'static str],
    /// Whether a bearer token is accepted instead of the signature.
    pub accepts_token: bool,
    /// The prefix of the host.
    pub host_prefix: Option<&'static str>,
    /// Endpoint parameters that the operation fixes.
    pub static_params: Vec<(&'static str, &'static str)>,
    /// Endpoint parameters that the input sets.
    pub input_params: Vec<(&'static str, Expression)>,
    /// Whether and how the service is asked for the endpoint of the operation.
    pub discovery: Option<EndpointDiscovery>,
    /// Whether the body may be compressed.
    pub compress: bool,
    /// Whether the runtime itself calls the operation, for a call of another one.
    pub is_internal: bool,
    /// The codes of modelled exceptions that decide whether to retry.
    pub retryable: Vec<(&'static str, Verdict)>,
    /// The names on the wire of members of its exceptions that are secret.
    pub secret_errors: Vec<&'static str>,
    /// The operation's customizations.
    pub customizations: Customizations,
    /// The shape of the input.
    pub input: &'static Shape,
    /// The shape of the output.
    pub output: &'static Shape,
}

impl Debug for OperationPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OperationPlan").field(&self.name).finish()
    }
}

/// What the model says about endpoint discovery for an operation.
#[derive(Debug)]
pub struct EndpointDiscovery {
    /// Whether only discovered endpoints accept the operation.
    pub required: bool,
    /// The strings of the input that the endpoint depends on, as members joined by dots. No service has one today.
    pub ids: Vec<&'static str>,
}

/// A part of a path.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names of the parts")]
pub enum Segment {
    Literal(&'static str),
    Label { member: usize, greedy: bool },
}

/// The schemes of an operation whose model names no others.
pub const SIGV4: &[&str] = &["sigv4"];

/// How the calls of an operation are signed.
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
    /// With the auth scheme of this name.
    Other(&'static str),
}

/// What the model says about retrying a call that failed with an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not retried: the call would fail again.
    Final,
    /// Retried: the call may succeed soon.
    Retryable,
    /// Retried as throttling: the service asks to slow down.
    Throttling,
}

impl OperationPlan {
    /// The plan of the operation `O`.
    pub fn for_operation<O: Operation>() -> &'static Self {
        Self::decoded(TypeId::of::<O>(), || (O::DESCRIPTOR.notation, shape_of::<O::Input>(), shape_of::<O::Output>()))
    }

    /// The plan of the operation whose type has this id. `describe` returns what it is decoded from.
    fn decoded(id: TypeId, describe: fn() -> (&'static str, &'static Shape, &'static Shape)) -> &'static Self {
        static PLANS: Registry<OperationPlan> = registry();
        decoded(&PLANS, id, &|| {
            let (notation, input, output) = describe();
            Self::decode(notation, input, output)
        })
    }

    /// Decodes a descriptor, in the notation of [`OperationDescriptor`].
    ///
    /// # Panics
    /// If the notation is invalid: it is written by the generator of the same version.
    pub fn decode(notation: &'static str, input: &'static Shape, output: &'static Shape) -> Self {
        let (name, rest) = split_name(notation);
        let mut groups = rest.split(';').map(str::trim);
        let (method, uri) = groups.next().and_then(|it| it.split_once(' ')).unwrap_or((rest, "/"));
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
            method: method.parse().unwrap_or_else(|_| panic!("{name}: `{method}` is not an HTTP method")),
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
            schemes: SIGV4,
            accepts_token: false,
            host_prefix: None,
            static_params: Vec::new(),
            input_params: Vec::new(),
            discovery: None,
            compress: false,
            is_internal: false,
            retryable: Vec::new(),
            secret_errors: Vec::new(),
            customizations: Customizations::default(),
            input,
            output,
        };
        // Only the expression of a `param` annotation may contain spaces.
        let (params, others): (Vec<_>, Vec<_>) = groups.partition(|it| it.starts_with("param="));
        for annotation in params {
            let (param, expression) = annotation["param=".len()..].split_once(':').unwrap_or((annotation, ""));
            let expression = Expression::decode(expression).unwrap_or_else(|it| panic!("{name}: `{annotation}`: {it}"));
            plan.input_params.push((param, expression));
        }
        for annotation in others.into_iter().flat_map(|it| it.split(' ')).filter(|it| !it.is_empty()) {
            let (key, value) = annotation.split_once('=').unwrap_or((annotation, ""));
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
                "bearer" => plan.accepts_token = true,
                "sigv4a" => plan.schemes = if value == "first" { &["sigv4a", "sigv4"] } else { &["sigv4", "sigv4a"] },
                "discover" => {
                    let (need, ids) = value.split_once(':').unwrap_or((value, ""));
                    let ids = ids.split(',').filter(|it| !it.is_empty()).collect();
                    plan.discovery = Some(EndpointDiscovery { required: need == "required", ids });
                }
                "gzip" => plan.compress = true,
                "bare" => plan.bare = true,
                "host" => plan.host_prefix = Some(value),
                "static" => plan.static_params = items().filter_map(|it| it.split_once(':')).collect(),
                "final" => plan.retryable.extend(items().map(|it| (it, Verdict::Final))),
                "retry" => plan.retryable.extend(items().map(|it| (it, Verdict::Retryable))),
                "secret-errors" => plan.secret_errors = items().collect(),
                "throttle" => plan.retryable.extend(items().map(|it| (it, Verdict::Throttling))),
                _ if plan.customizations.decode_annotation(name, key, value, input) => {}
                _ => panic!("{name}: unknown annotation `{annotation}`; regenerate the crate with this version"),
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
