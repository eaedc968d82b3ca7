//! boto3's `resources-1.json`: the object-oriented layer over a service. Paths and targets are kept as text.

use super::Map;
use crate::json::Cursor;
use crate::report::Place;

/// The resources of a service.
#[derive(Debug, Clone)]
pub struct ResourceModel {
    /// The file.
    pub place: Place,
    /// The root; it has no identifiers and no shape.
    pub service: Resource,
    /// Resources by name, in order.
    pub resources: Map<Resource>,
}

/// A resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resource {
    /// What tells one from another; the order is that of the constructor.
    pub identifiers: Vec<Identifier>,
    /// The shape whose members are its attributes.
    pub shape: Option<String>,
    /// How its attributes are fetched.
    pub load: Option<Action>,
    /// Methods.
    pub actions: Map<Action>,
    /// Methods of collections of it.
    pub batch_actions: Map<Action>,
    /// Sub-resources, and references to others: those with an identifier from data.
    pub has: Map<ResponseResource>,
    /// Collections.
    pub has_many: Map<Action>,
    /// What can be waited for.
    pub waiters: Map<ResourceWaiter>,
}

/// An identifier.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Identifier {
    /// `BucketName`.
    pub name: String,
    /// The member of the shape that holds the same value.
    pub member_name: Option<String>,
    /// `integer`; text when absent.
    pub kind: Option<String>,
}

/// An action, a load or a collection: a request and what becomes of its answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Action {
    /// The request.
    pub request: Request,
    /// The resources the answer is turned into.
    pub resource: Option<ResponseResource>,
    /// JMESPath to the part of the answer that is meant.
    pub path: Option<String>,
}

/// A request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// The operation to call.
    pub operation: String,
    /// Input that is filled in.
    pub parameters: Vec<RequestParameter>,
}

/// A piece of input that is filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestParameter {
    /// Where it goes (`Delete.Objects[].Key`).
    pub target: String,
    /// Where it comes from.
    pub source: ParameterSource,
}

/// Where a piece of input comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterSource {
    /// The resource's identifier of this name.
    Identifier(String),
    /// JMESPath over the resource's attributes.
    Data(String),
    /// A fixed value.
    Constant(Constant),
    /// The caller.
    Input,
}

/// A fixed value.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Flag(bool),
}

/// The resource or resources something leads to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResponseResource {
    /// The resource's name.
    pub kind: String,
    /// Where its identifiers come from.
    pub identifiers: Vec<IdentifierTarget>,
    /// JMESPath to its attributes in the answer; not loaded when absent.
    pub path: Option<String>,
}

/// Where an identifier comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentifierTarget {
    /// The identifier.
    pub target: String,
    /// Where it comes from.
    pub source: IdentifierSource,
}

/// Where an identifier comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum IdentifierSource {
    /// JMESPath over the answer.
    Response(String),
    /// JMESPath over the request's input.
    RequestParameter(String),
    /// The parent's identifier of this name.
    Identifier(String),
    /// JMESPath over the parent's attributes.
    Data(String),
    /// The caller.
    Input,
}

/// A waiter of a resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResourceWaiter {
    /// The waiter's name in `waiters-2.json`.
    pub waiter_name: String,
    /// Input that is filled in.
    pub parameters: Vec<RequestParameter>,
    /// JMESPath to its attributes in the last answer; boto3 never looks at it.
    pub path: Option<String>,
}

/// Reads `resources-1.json`.
pub fn read(cursor: &Cursor<'_>) -> ResourceModel {
    ResourceModel {
        place: cursor.place(),
        service: cursor.need("service").map(|it| resource(&it)).unwrap_or_default(),
        resources: cursor.need_map("resources", |_, it| resource(it)),
    }
}

fn resource(cursor: &Cursor<'_>) -> Resource {
    Resource {
        identifiers: cursor.list("identifiers", |it| Identifier {
            name: it.need_text("name"),
            member_name: it.text("memberName"),
            kind: it.text("type"),
        }),
        shape: cursor.text("shape"),
        load: cursor.get("load").map(|it| action(&it)),
        actions: cursor.map("actions", |_, it| action(it)),
        batch_actions: cursor.map("batchActions", |_, it| action(it)),
        has: cursor.map("has", |_, it| it.need("resource").map(|it| response_resource(&it)).unwrap_or_default()),
        has_many: cursor.map("hasMany", |_, it| action(it)),
        waiters: cursor.map("waiters", |_, it| ResourceWaiter {
            waiter_name: it.need_text("waiterName"),
            parameters: it.list("params", parameter),
            path: it.text("path"),
        }),
    }
}

fn action(cursor: &Cursor<'_>) -> Action {
    let request = cursor
        .need("request")
        .map(|it| Request { operation: it.need_text("operation"), parameters: it.list("params", parameter) });
    Action {
        request: request.unwrap_or_default(),
        resource: cursor.get("resource").map(|it| response_resource(&it)),
        path: cursor.text("path"),
    }
}

fn parameter(cursor: &Cursor<'_>) -> RequestParameter {
    type Read = fn(&Cursor<'_>) -> ParameterSource;
    const SOURCES: [(&str, Read); 6] = [
        ("identifier", |c| ParameterSource::Identifier(c.need_text("name"))),
        ("data", |c| ParameterSource::Data(c.need_text("path"))),
        ("string", |c| ParameterSource::Constant(Constant::Text(c.need_text("value")))),
        ("integer", |c| ParameterSource::Constant(Constant::Integer(c.need_integer("value")))),
        ("boolean", |c| ParameterSource::Constant(Constant::Flag(c.need("value").is_some_and(|it| it.as_flag())))),
        ("input", |_| ParameterSource::Input),
    ];
    RequestParameter {
        target: cursor.need_text("target"),
        source: match cursor.need_word("source", &SOURCES) {
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
        kind: cursor.need_text("type"),
        identifiers: cursor.list("identifiers", identifier),
        path: cursor.text("path"),
    }
}

fn identifier(cursor: &Cursor<'_>) -> IdentifierTarget {
    type Read = fn(&Cursor<'_>) -> IdentifierSource;
    const SOURCES: [(&str, Read); 5] = [
        ("response", |c| IdentifierSource::Response(c.need_text("path"))),
        ("requestParameter", |c| IdentifierSource::RequestParameter(c.need_text("path"))),
        ("identifier", |c| IdentifierSource::Identifier(c.need_text("name"))),
        ("data", |c| IdentifierSource::Data(c.need_text("path"))),
        ("input", |_| IdentifierSource::Input),
    ];
    IdentifierTarget {
        target: cursor.need_text("target"),
        source: match cursor.need_word("source", &SOURCES) {
            Some(read) => read(cursor),
            None => {
                cursor.raw();
                IdentifierSource::Input
            }
        },
    }
}
