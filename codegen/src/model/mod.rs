//! A faithful, typed, order-keeping mirror of what botocore and boto3 publish about a service. It takes no decision: names
//! are the wire's, every value is as the file has it, and what the file may leave out is an `Option` or an empty list.
//! It is strict: a key it does not know, a name that leads nowhere, a value of a wrong type are all Problems.

mod check;
pub mod endpoints;
pub mod examples;
pub mod member;
pub mod operation;
pub mod paginators;
pub mod resources;
pub mod service;
pub mod shape;
pub mod special;
pub mod waiters;

pub use crate::json::{Map, Number, Value};
pub use check::check;
pub use endpoints::{Argument, Condition, Endpoint, EndpointRules, Parameter, ParameterType, Property, Rule, RuleKind};
pub use examples::{Example, Examples};
pub use member::{Deprecation, Member, XmlNamespace};
pub use operation::{ErrorReference, HttpBinding, HttpChecksum, Operation, StaticValue, StructureReference};
pub use paginators::{Paginator, Paginators};
pub use resources::{
    Action, Constant, Identifier, IdentifierSource, IdentifierTarget, ParameterSource, Request, RequestParameter,
    Resource, ResourceModel, ResourceWaiter, ResponseResource,
};
pub use service::{ClientContextParameter, Metadata, Service};
pub use shape::{Blob, Bounds, ErrorTraits, List, MapShape, Shape, ShapeKind, StringShape, Structure};
pub use special::{Recoding, Special};
pub use waiters::{Acceptor, Expected, Matcher, Waiter, WaiterState, Waiters};

use crate::json::{self, Cursor};
use crate::report::Report;
use crate::source::{Document, ServiceSource};

/// Everything published about one version of one service. What a service has no file for is empty or `None`.
///
/// [`read`] hands it out only when every name in it leads somewhere: shapes, members and operations that are referred to
/// exist, inputs and outputs are structures (or, in an output, a list), a payload is a member of its structure.
#[derive(Debug, Clone)]
pub struct Models {
    /// The folder's name, as botocore spells the service (`s3`, `sso-oidc`).
    pub name: String,
    /// `service-2.json`, with its extras.
    pub service: Service,
    /// `paginators-1.json`, with its extras.
    pub paginators: Paginators,
    /// `waiters-2.json`.
    pub waiters: Waiters,
    /// `endpoint-rule-set-1.json`.
    pub rules: Option<EndpointRules>,
    /// `examples-1.json`.
    pub examples: Examples,
    /// boto3's `resources-1.json`.
    pub resources: Option<ResourceModel>,
}

/// Reads all files of a service. `None` after any complaint about them; all complaints are in `report`.
pub fn read(source: &ServiceSource, report: &mut Report) -> Option<Models> {
    let before = report.len();
    let models = Models {
        name: source.name.clone(),
        service: one(report, &source.service, service::read),
        paginators: one_or_none(report, &source.paginators, paginators::read).unwrap_or_default(),
        waiters: one_or_none(report, &source.waiters, waiters::read).unwrap_or_default(),
        rules: one_or_none(report, &source.rules, endpoints::read),
        examples: one_or_none(report, &source.examples, examples::read).unwrap_or_default(),
        resources: one_or_none(report, &source.resources, resources::read),
    };
    match report.len() == before {
        true => check(&models, report),
        false => check::check_names(&models, false, report),
    }
    (report.len() == before).then_some(models)
}

fn one<T>(report: &mut Report, document: &Document, with: fn(&Cursor<'_>) -> T) -> T {
    json::read(report, document.place.clone(), &document.value, with)
}

fn one_or_none<T>(report: &mut Report, document: &Option<Document>, with: fn(&Cursor<'_>) -> T) -> Option<T> {
    document.as_ref().map(|document| one(report, document, with))
}
