//! The intermediate representation of a client crate: every name, type, path, description and doc comment, as plain
//! data. Knows neither JSON nor tokens.
//!
//! `resolve` makes every decision; `emit` only lays this data out.

pub mod resource;

use std::collections::BTreeMap;

/// A client crate.
#[derive(Debug)]
pub struct Crate {
    /// The package's name, `aws-s3`.
    pub package: String,
    /// The folder of the models from which it is generated, `models/botocore/s3/2006-03-01`.
    pub origin: String,
    /// The service as a whole.
    pub service: Service,
    /// Operations, sorted by name.
    pub operations: Vec<Operation>,
    /// The shared types of module `types`, by the name of their file.
    pub types: BTreeMap<String, Vec<Definition>>,
    /// Modelled exceptions.
    pub errors: Vec<Structure>,
    /// Waiters.
    pub waiters: Vec<Waiter>,
    /// Whether the crate has hand-written code in `src/custom`.
    pub custom: bool,
}

impl Crate {
    /// Whether an operation sends a stream of events.
    pub fn sends_events(&self) -> bool {
        let fields = self.operations.iter().flat_map(|it| &it.input.fields);
        fields.map(|it| it.ty.present()).any(|it| matches!(it, Type::EventInput(_)))
    }
}

/// The service as a whole.
#[derive(Debug)]
pub struct Service {
    /// `S3`.
    pub id: String,
    /// `Amazon Simple Storage Service`.
    pub full_name: String,
    /// `2006-03-01`.
    pub api_version: String,
    /// The service's name in host names, which was used before endpoint rules existed.
    pub endpoint_prefix: String,
    /// The service's name in signatures.
    pub signing_name: String,
    /// Whether paths and payloads are signed as S3 requires.
    pub s3_signature: bool,
    /// How retries differ from the default, as annotations of the runtime's `RetryPolicy`; empty if they do not.
    pub retries: String,
    /// The descriptor of the operation that returns the endpoints of others; empty if there is none.
    pub discovery: String,
    /// The protocol and its parameters.
    pub protocol: Protocol,
    /// The compiled endpoint rule set.
    pub rules: Option<String>,
    /// The descriptor of the operation that creates the sessions which requests are signed with; empty if there is none.
    pub sessions: String,
    /// The documentation.
    pub docs: Docs,
}

/// A protocol and the service's parameters for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protocol {
    /// JSON with the operation in a header.
    Json {
        /// `1.0` or `1.1`.
        version: String,
        /// The prefix of the operation's name in `X-Amz-Target`.
        target: String,
        /// Whether errors carry the codes of the query protocol, which the service used before.
        query_compatible: bool,
    },
    /// JSON with HTTP bindings.
    RestJson,
    /// XML with HTTP bindings.
    RestXml,
    /// CBOR with the operation in the path.
    Cbor {
        /// The service's name in the path.
        target: String,
        /// The same as for JSON.
        query_compatible: bool,
    },
    /// A URL-encoded form as the request, XML as the response.
    Query {
        /// The API version.
        version: String,
    },
    /// EC2's variant of the query protocol.
    Ec2 {
        /// The API version.
        version: String,
    },
}

/// The documentation of an item, in Markdown.
#[derive(Debug, Default, Clone)]
pub struct Docs {
    /// The first sentence.
    pub summary: String,
    /// The whole text, including the first sentence.
    pub markdown: String,
    /// The note of a deprecated item.
    pub deprecated: Option<String>,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// The name in the model.
    pub name: String,
    /// The Rust type, `GetObject`.
    pub ty: String,
    /// The client's method, also the name of the file.
    pub method: String,
    /// The descriptor, in the notation of the runtime's `operation`: HTTP method, URI and annotations.
    pub descriptor: String,
    /// The input structure.
    pub input: Structure,
    /// The output structure.
    pub output: Structure,
    /// The arguments of the method: indexes of input fields.
    pub arguments: Vec<usize>,
    /// The required members that are not arguments: indexes of input fields.
    pub also_required: Vec<usize>,
    /// The paginator, if the operation has one.
    pub paginator: Option<Paginator>,
    /// The Rust names of modelled exceptions.
    pub errors: Vec<String>,
    /// Example calls, as Rust code.
    pub examples: Vec<ExampleCall>,
    /// The documentation.
    pub docs: Docs,
}

/// An example in the documentation of an operation.
#[derive(Debug)]
pub struct ExampleCall {
    /// What it shows.
    pub title: String,
    /// The call, as one Rust statement.
    pub code: String,
}

/// A shared type.
#[derive(Debug)]
pub enum Definition {
    /// A structure.
    Structure(Structure),
    /// A union.
    Union(Structure),
    /// A string enumeration.
    Enumeration(Enumeration),
}

/// A structure or union.
#[derive(Debug)]
pub struct Structure {
    /// The name in the model; the Rust type of an input or output that the model does not have.
    pub name: String,
    /// The Rust type.
    pub ty: String,
    /// The fields, or the variants of a union.
    pub fields: Vec<Field>,
    /// The description, in the notation of the runtime's `schema::notation`.
    pub description: String,
    /// Whether it holds no stream and so implements `Clone` and `PartialEq`.
    pub plain: bool,
    /// The error code on the wire; set for exceptions only.
    pub code: Option<String>,
    /// The documentation.
    pub docs: Docs,
}

/// A field of a structure or a variant of a union.
#[derive(Debug)]
pub struct Field {
    /// The name in the model.
    pub name: String,
    /// The Rust field or variant, escaped.
    pub ident: String,
    /// The setter of the request, escaped; used for input fields only.
    pub setter: String,
    /// The Rust type, including `Option`.
    pub ty: Type,
    /// Whether the description takes the type from the list of links, not from a keyword.
    pub linked: bool,
    /// Whether the service requires it.
    pub required: bool,
    /// The documentation.
    pub docs: Docs,
}

/// A Rust type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the types")]
pub enum Type {
    String,
    Bool,
    I32,
    I64,
    F32,
    F64,
    Timestamp,
    Blob,
    Document,
    Stream,
    /// A stream of received events, which are variants of a union.
    Events(String),
    /// A stream of events to send, which are variants of a union.
    EventInput(String),
    /// A type in `types`.
    Named(String),
    /// A string enumeration in `types`.
    Enumeration(String),
    /// A value that may be absent, or an element that may be null. The lists and maps of structures know themselves whether
    /// they are absent.
    Option(Box<Type>),
    Boxed(Box<Type>),
    List(Box<Type>),
    /// A map: its keys, which are strings or an enumeration, and its values.
    Map(Box<Type>, Box<Type>),
}

/// A string enumeration.
#[derive(Debug)]
pub struct Enumeration {
    /// The name in the model.
    pub name: String,
    /// The Rust type.
    pub ty: String,
    /// Constants and their values.
    pub values: Vec<(String, String)>,
    /// The documentation.
    pub docs: Docs,
}

/// A paginator.
#[derive(Debug)]
pub struct Paginator {
    /// The description, in the notation of the runtime's `paginate`.
    pub description: String,
    /// The result lists of a page; the first is the main one.
    pub items: Vec<Items>,
}

/// A result list of a page.
#[derive(Debug)]
pub struct Items {
    /// The request's method.
    pub method: String,
    /// The path in the model.
    pub path: String,
    /// The type of one item.
    pub ty: Type,
    /// The fields that lead from the output to the list.
    pub steps: Vec<Step>,
}

/// A step from a structure into one of its fields.
#[derive(Debug)]
pub struct Step {
    /// The field.
    pub ident: String,
    /// Whether it is an `Option`.
    pub optional: bool,
    /// Whether it is boxed.
    pub boxed: bool,
}

/// A waiter.
#[derive(Debug)]
pub struct Waiter {
    /// The name in the model.
    pub name: String,
    /// The client's method.
    pub method: String,
    /// The index of the operation to poll.
    pub operation: usize,
    /// The acceptors, in the notation of the runtime's `wait`.
    pub description: String,
    /// Seconds between two attempts.
    pub delay: i64,
    /// The maximum number of attempts.
    pub max_attempts: i64,
}

impl Type {
    /// Whether the Rust type is an `Option`.
    pub fn is_option(&self) -> bool {
        matches!(self, Type::Option(_))
    }

    /// The type inside an outer `Option`, or the type itself.
    pub fn present(&self) -> &Type {
        match self {
            Type::Option(inner) => inner,
            other => other,
        }
    }
}
