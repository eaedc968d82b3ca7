//! boto3's `resources-1.json`: the object-oriented layer over a service. Paths and targets stay strings.

use super::{Deprecation, Map};
use crate::json::Cursor;
use crate::report::SourceLocation;

/// The resources of a service.
#[derive(Debug, Clone)]
pub struct ResourceModel {
    /// The file.
    pub location: SourceLocation,
    /// The root; it has no identifiers and no shape.
    pub service: Resource,
    /// Resources by name, in order.
    pub resources: Map<Resource>,
}

/// A resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resource {
    /// The identifiers, in the order of the constructor's arguments.
    pub identifiers: Vec<Identifier>,
    /// The shape whose members are its attributes.
    pub shape: Option<String>,
    /// The action that loads its attributes.
    pub load: Option<Action>,
    /// Methods.
    pub actions: Map<Action>,
    /// Methods of collections of it.
    pub batch_actions: Map<Action>,
    /// Sub-resources, and references to other resources: those with an identifier from data.
    pub has: Map<ResponseResource>,
    /// Collections.
    pub has_many: Map<Action>,
    /// Waiters.
    pub waiters: Map<ResourceWaiter>,
    /// Set by a fixup if the resource should no longer be used.
    pub deprecated: Option<Deprecation>,
}

/// An identifier.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Identifier {
    /// Its name (`BucketName`).
    pub name: String,
    /// The member of the shape that holds the same value.
    pub member_name: Option<String>,
    /// `integer`; a string if absent.
    pub kind: Option<String>,
}

/// An action, a load or a collection: a request and what its response becomes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Action {
    /// The request.
    pub request: Request,
    /// The resources that the response is turned into.
    pub resource: Option<ResponseResource>,
    /// JMESPath of the part of the response to return.
    pub path: Option<String>,
}

/// A request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// The operation to call.
    pub operation: String,
    /// Input members to fill in.
    pub parameters: Vec<RequestParameter>,
}

/// An input member to fill in.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestParameter {
    /// Path of the member (`Delete.Objects[].Key`).
    pub target: String,
    /// The source of its value.
    pub source: ParameterSource,
}

/// The source of an input member's value.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterSource {
    /// The resource's identifier of this name.
    Identifier(String),
    /// A JMESPath evaluated on the resource's attributes.
    Data(String),
    /// A fixed value.
    Constant(Constant),
    /// An argument of the caller.
    Input,
}

/// A fixed value.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// A string.
    String(String),
    /// An integer.
    Integer(i64),
    /// A boolean.
    Flag(bool),
}

/// The resource or resources that an action or reference leads to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResponseResource {
    /// The resource's name.
    pub kind: String,
    /// The sources of its identifiers.
    pub identifiers: Vec<IdentifierTarget>,
    /// JMESPath of its attributes in the response; if absent, they are not loaded.
    pub path: Option<String>,
}

/// An identifier of a target resource and the source of its value.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentifierTarget {
    /// The identifier.
    pub target: String,
    /// The source of its value.
    pub source: IdentifierSource,
}

/// The source of an identifier's value.
#[derive(Debug, Clone, PartialEq)]
pub enum IdentifierSource {
    /// A JMESPath evaluated on the response.
    Response(String),
    /// A JMESPath evaluated on the request's input.
    RequestParameter(String),
    /// The parent's identifier of this name.
    Identifier(String),
    /// A JMESPath evaluated on the parent's attributes.
    Data(String),
    /// An argument of the caller.
    Input,
    /// A fixed value, which only a fixup sets.
    Constant(String),
}

/// A waiter of a resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResourceWaiter {
    /// The waiter's name in `waiters-2.json`.
    pub waiter_name: String,
    /// Input members to fill in.
    pub parameters: Vec<RequestParameter>,
    /// JMESPath of its attributes in the last response; boto3 never uses it.
    pub path: Option<String>,
}

/// Reads `resources-1.json`.
pub fn read(cursor: &Cursor<'_>) -> ResourceModel {
    ResourceModel {
        location: cursor.location(),
        service: cursor.required("service").map(|it| resource(&it)).unwrap_or_default(),
        resources: cursor.required_map("resources", |_, it| resource(it)),
    }
}

fn resource(cursor: &Cursor<'_>) -> Resource {
    Resource {
        identifiers: cursor.list("identifiers", |it| Identifier {
            name: it.required_string("name"),
            member_name: it.string("memberName"),
            kind: it.string("type"),
        }),
        shape: cursor.string("shape"),
        load: cursor.get("load").map(|it| action(&it)),
        actions: cursor.map("actions", |_, it| action(it)),
        batch_actions: cursor.map("batchActions", |_, it| action(it)),
        has: cursor.map("has", |_, reference| {
            reference.required("resource").map(|it| response_resource(&it)).unwrap_or_default()
        }),
        has_many: cursor.map("hasMany", |_, it| action(it)),
        waiters: cursor.map("waiters", |_, it| ResourceWaiter {
            waiter_name: it.required_string("waiterName"),
            parameters: it.list("params", parameter),
            path: it.string("path"),
        }),
        deprecated: None,
    }
}

fn action(cursor: &Cursor<'_>) -> Action {
    let request = cursor
        .required("request")
        .map(|it| Request { operation: it.required_string("operation"), parameters: it.list("params", parameter) });
    Action {
        request: request.unwrap_or_default(),
        resource: cursor.get("resource").map(|it| response_resource(&it)),
        path: cursor.string("path"),
    }
}

fn parameter(cursor: &Cursor<'_>) -> RequestParameter {
    type Read = fn(&Cursor<'_>) -> ParameterSource;
    const SOURCES: [(&str, Read); 6] = [
        ("identifier", |c| ParameterSource::Identifier(c.required_string("name"))),
        ("data", |c| ParameterSource::Data(c.required_string("path"))),
        ("string", |c| ParameterSource::Constant(Constant::String(c.required_string("value")))),
        ("integer", |c| ParameterSource::Constant(Constant::Integer(c.required_integer("value")))),
        ("boolean", |c| ParameterSource::Constant(Constant::Flag(c.required("value").is_some_and(|it| it.as_flag())))),
        ("input", |_| ParameterSource::Input),
    ];
    RequestParameter {
        target: cursor.required_string("target"),
        source: match cursor.required_keyword("source", &SOURCES) {
            Some(read) => read(cursor),
            None => {
                cursor.raw();
                ParameterSource::Input
            }
        },
    }
}

fn response_resource(cursor: &Cursor<'_>) -> ResponseResource {
    ResponseResource {
        kind: cursor.required_string("type"),
        identifiers: cursor.list("identifiers", identifier),
        path: cursor.string("path"),
    }
}

fn identifier(cursor: &Cursor<'_>) -> IdentifierTarget {
    type Read = fn(&Cursor<'_>) -> IdentifierSource;
    const SOURCES: [(&str, Read); 5] = [
        ("response", |c| IdentifierSource::Response(c.required_string("path"))),
        ("requestParameter", |c| IdentifierSource::RequestParameter(c.required_string("path"))),
        ("identifier", |c| IdentifierSource::Identifier(c.required_string("name"))),
        ("data", |c| IdentifierSource::Data(c.required_string("path"))),
        ("input", |_| IdentifierSource::Input),
    ];
    IdentifierTarget {
        target: cursor.required_string("target"),
        source: match cursor.required_keyword("source", &SOURCES) {
            Some(read) => read(cursor),
            None => {
                cursor.raw();
                IdentifierSource::Input
            }
        },
    }
}
