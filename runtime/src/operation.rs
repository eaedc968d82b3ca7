//! Operations as the generator describes them, decoded at first use into what a call needs. Knows neither protocols
//! nor calls.

use std::any::TypeId;
use std::fmt::{self, Debug};

use http::Method;

use crate::schema::shape::{Namespace, Registry, decoded, registry};
use crate::schema::{Shape, Shaped, shape_of};

/// An operation of a service. Generated for a type that has no values.
pub trait Operation: 'static {
    /// What the operation takes.
    type Input: Shaped + Debug + Send + Sync;
    /// What it returns.
    type Output: Shaped + Debug + Send;
    /// What a call must know.
    const INFO: Info;
}

/// The description of an operation: its name, and one line of text in a small notation.
///
/// ```text
/// POST /{Key+}?restore; root=RestoreRequest ns=http://…; sum=ChecksumAlgorithm required
/// ```
///
/// The method and the URI come first; the other entries are:
///
/// | entry | meaning |
/// |---|---|
/// | `root=Name` `ns=uri` | the element of the body's document and its namespace |
/// | `sum=Member` | the member that names the algorithm of the request's checksum; `required` if there must be one |
/// | `md5` | the body needs a checksum, and no member names its algorithm |
/// | `verify=Member:A,B` | the member that asks for the answer's checksum, and the algorithms of answers |
/// | `auth=none` `auth=unsigned-body` | no signature; a signature without the body's hash |
/// | `host=prefix` | what stands before the host, with `{labels}` |
/// | `static=Name:value,…` | endpoint parameters that the operation fixes |
/// | `retry=Code,…` `throttle=Code,…` | modelled exceptions that may be retried |
#[derive(Clone, Copy)]
pub struct Info {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

impl Info {
    /// A description.
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text }
    }
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
    /// The member that names the algorithm of the request's checksum.
    pub checksum_member: Option<usize>,
    /// Whether the request must have a checksum.
    pub checksum_required: bool,
    /// The member that asks for the answer's checksum.
    pub verify_member: Option<usize>,
    /// The algorithms in which an answer may carry its checksum.
    pub verify_algorithms: Vec<&'static str>,
    /// How the call is signed.
    pub auth: Auth,
    /// What stands before the host.
    pub host_prefix: Option<&'static str>,
    /// Endpoint parameters that the operation fixes.
    pub statics: Vec<(&'static str, &'static str)>,
    /// Codes of modelled exceptions that may be retried, and whether they mean throttling.
    pub retryable: Vec<(&'static str, bool)>,
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
}

impl Plan {
    /// The plan of an operation.
    pub fn of<O: Operation>() -> &'static Self {
        static PLANS: Registry<Plan> = registry();
        decoded(&PLANS, TypeId::of::<O>(), || {
            Self::decode(O::INFO.name, O::INFO.text, shape_of::<O::Input>(), shape_of::<O::Output>())
        })
    }

    /// Decodes a description.
    ///
    /// # Panics
    /// If the text is not of this notation: it comes from the generator of this very version.
    pub fn decode(name: &'static str, text: &'static str, input: &'static Shape, output: &'static Shape) -> Self {
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
            checksum_member: None,
            checksum_required: false,
            verify_member: None,
            verify_algorithms: Vec::new(),
            auth: Auth::Sigv4,
            host_prefix: None,
            statics: Vec::new(),
            retryable: Vec::new(),
            input,
            output,
        };
        for entry in entries.flat_map(|it| it.split(' ')).filter(|it| !it.is_empty()) {
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
                "sum" => plan.checksum_member = Some(member(value)),
                "required" | "md5" => plan.checksum_required = true,
                "verify" => {
                    let (name, algorithms) = value.split_once(':').unwrap_or((value, ""));
                    plan.verify_member = Some(member(name));
                    plan.verify_algorithms = algorithms.split(',').collect();
                }
                "auth" => plan.auth = if value == "none" { Auth::None } else { Auth::UnsignedBody },
                "host" => plan.host_prefix = Some(value),
                "static" => plan.statics = items().filter_map(|it| it.split_once(':')).collect(),
                "retry" => plan.retryable.extend(items().map(|it| (it, false))),
                "throttle" => plan.retryable.extend(items().map(|it| (it, true))),
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
