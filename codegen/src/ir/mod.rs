//! The decided crate: every name, type, path, description and document, as plain data. Knows neither JSON nor tokens.
//!
//! After `resolve` there is no question left; `emit` only lays this out.

pub mod resource;

use std::collections::BTreeMap;

/// A client crate.
#[derive(Debug)]
pub struct Crate {
    /// The package's name, `aws-s3`.
    pub package: String,
    /// The folder of the models it is generated from, `models/botocore/s3/2006-03-01`.
    pub origin: String,
    /// The service as a whole.
    pub service: Service,
    /// Operations, in the order of their names.
    pub operations: Vec<Operation>,
    /// Types that several places share, by the name of the file they stand in.
    pub types: BTreeMap<String, Vec<Definition>>,
    /// Modelled exceptions.
    pub errors: Vec<Structure>,
    /// Waiters.
    pub waiters: Vec<Waiter>,
    /// Whether hand-written code stands in `src/custom`.
    pub custom: bool,
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
    /// The service's name before endpoint rules.
    pub endpoint_prefix: String,
    /// The name signed with.
    pub signing_name: String,
    /// Whether paths are signed and hashed the way S3 wants it.
    pub s3_signature: bool,
    /// How calls are repeated where it is not the usual way, in words of the runtime's `RetryPolicy`.
    pub retries: String,
    /// The protocol, and what it must know of the service.
    pub protocol: Protocol,
    /// The endpoint rules, compiled.
    pub rules: Option<String>,
    /// Markdown.
    pub docs: Docs,
}

/// A protocol, with what it must know of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protocol {
    /// JSON with the operation in a header.
    Json {
        /// `1.0` or `1.1`.
        version: String,
        /// What stands before the operation's name in `X-Amz-Target`.
        target: String,
        /// Whether errors carry the codes of the query protocol that the service spoke before.
        query_compatible: bool,
    },
    /// JSON with HTTP bindings.
    RestJson,
    /// XML with HTTP bindings.
    RestXml,
    /// CBOR with the operation in the path.
    Cbor {
        /// The service in the path.
        target: String,
        /// As for JSON.
        query_compatible: bool,
    },
    /// A form in, XML out.
    Query {
        /// The API version.
        version: String,
    },
    /// EC2's kind of the same.
    Ec2 {
        /// The API version.
        version: String,
    },
}

/// Markdown, and its first sentence.
#[derive(Debug, Default, Clone)]
pub struct Docs {
    /// The first sentence.
    pub summary: String,
    /// Everything, the first sentence included.
    pub markdown: String,
    /// What to say to a user who should no longer use it.
    pub deprecated: Option<String>,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// The name in the model.
    pub name: String,
    /// The Rust type, `GetObject`.
    pub ty: String,
    /// The client's method, and the file's name.
    pub method: String,
    /// The runtime's description: method, URI and traits.
    pub info: String,
    /// What the operation takes.
    pub input: Structure,
    /// What it returns.
    pub output: Structure,
    /// The arguments of the method: indexes of input fields.
    pub arguments: Vec<usize>,
    /// Set when the answer comes in pages.
    pub paginator: Option<Paginator>,
    /// The Rust names of modelled exceptions.
    pub errors: Vec<String>,
    /// Example calls, as Rust code.
    pub examples: Vec<ExampleCall>,
    /// Markdown.
    pub docs: Docs,
}

/// A call shown in the documents.
#[derive(Debug)]
pub struct ExampleCall {
    /// What it shows.
    pub title: String,
    /// The call, one line of Rust.
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
    /// The name in the model, or of the operation it belongs to.
    pub name: String,
    /// The Rust type.
    pub ty: String,
    /// Fields, or variants of a union.
    pub fields: Vec<Field>,
    /// The runtime's description.
    pub description: String,
    /// Whether it can be cloned and compared: it holds no stream.
    pub plain: bool,
    /// Set for an exception: the code it has on the wire.
    pub code: Option<String>,
    /// Markdown.
    pub docs: Docs,
}

/// A field of a structure or a variant of a union.
#[derive(Debug)]
pub struct Field {
    /// The name in the model.
    pub name: String,
    /// The Rust field or variant, escaped.
    pub ident: String,
    /// The setter on a request, escaped; of input fields only.
    pub setter: String,
    /// The Rust type, `Option` included.
    pub ty: Type,
    /// Whether the description refers to the type by a link.
    pub linked: bool,
    /// Whether the service requires it.
    pub required: bool,
    /// Markdown.
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
    /// Events of a union that come back.
    Events(String),
    /// Events of a union that are sent.
    EventInput(String),
    /// A type in `types`.
    Named(String),
    /// A string enumeration in `types`.
    Enumeration(String),
    Option(Box<Type>),
    Boxed(Box<Type>),
    List(Box<Type>),
    Map(Box<Type>),
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
    /// Markdown.
    pub docs: Docs,
}

/// How the pages of an operation hang together.
#[derive(Debug)]
pub struct Paginator {
    /// The runtime's description.
    pub description: String,
    /// The lists that pages carry; the first is the main one.
    pub items: Vec<Items>,
}

/// A list that pages carry.
#[derive(Debug)]
pub struct Items {
    /// The request's method.
    pub method: String,
    /// The path in the model.
    pub path: String,
    /// The type of one item.
    pub ty: Type,
    /// The way from the output to the list.
    pub steps: Vec<Step>,
}

/// A step from a structure into one of its fields.
#[derive(Debug)]
pub struct Step {
    /// The field.
    pub ident: String,
    /// Whether it may be absent.
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
    /// The index of the operation.
    pub operation: usize,
    /// The runtime's description.
    pub description: String,
    /// Seconds between two calls.
    pub delay: i64,
    /// How often to call at most.
    pub max_attempts: i64,
}

impl Type {
    /// The type inside `Option`.
    pub fn present(&self) -> &Type {
        match self {
            Type::Option(inner) => inner,
            other => other,
        }
    }
}
