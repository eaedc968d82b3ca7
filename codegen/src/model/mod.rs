//! A typed mirror of the files that botocore and boto3 publish about a service, in the order of the files. It makes no
//! decision: names are those of the wire, values are those of the file, and what a file may omit is an `Option` or an
//! empty list. It is strict: an unknown key, a reference to nothing and a value of a wrong type are all problems.
//!
//! A new trait is read in `service`, `operation`, `shape` or `member`; what it means is decided in `resolve` and written
//! into the descriptions that the runtime reads. `CONTRIBUTING.md` has the steps.

mod check;
pub mod customization;
pub mod endpoints;
pub mod examples;
pub mod member;
pub mod operation;
pub mod paginators;
pub mod resources;
pub mod service;
pub mod shape;
pub mod waiters;

pub use crate::json::{Map, Number, Value};
pub use check::check;
pub use customization::{Customization, Recoding};
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
pub use waiters::{Acceptor, Expected, Matcher, Waiter, WaiterState, Waiters};

use crate::json::{self, Cursor};
use crate::report::Report;
use crate::source::{Document, ServiceSource};

/// Everything published about one version of one service. A missing file is an empty value or `None`.
///
/// [`read`] returns it only if every reference in it resolves: shapes, members and operations that are referred to
/// exist, inputs and outputs are structures (an output may be a list), a payload is a member of its structure.
#[derive(Debug, Clone)]
pub struct Models {
    /// The folder name, botocore's name of the service (`s3`, `sso-oidc`).
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

/// Reads all files of a service. `None` if any of them has a problem; all problems are in `report`.
pub fn read(source: &ServiceSource, report: &mut Report) -> Option<Models> {
    let before = report.len();
    let optional = [&source.paginators, &source.waiters, &source.rules, &source.examples, &source.resources];
    for document in std::iter::once(&source.service).chain(optional.into_iter().flatten()) {
        json::check_depth(report, &document.location, &document.value);
    }
    if report.len() > before {
        return None;
    }
    let models = Models {
        name: source.name.clone(),
        service: read_document(report, &source.service, service::read),
        paginators: read_optional(report, &source.paginators, paginators::read).unwrap_or_default(),
        waiters: read_optional(report, &source.waiters, waiters::read).unwrap_or_default(),
        rules: read_optional(report, &source.rules, endpoints::read),
        examples: read_optional(report, &source.examples, examples::read).unwrap_or_default(),
        resources: read_optional(report, &source.resources, resources::read),
    };
    match report.len() == before {
        true => check(&models, report),
        false => check::check_names(&models, false, report),
    }
    (report.len() == before).then_some(models)
}

fn read_document<T>(report: &mut Report, document: &Document, with: fn(&Cursor<'_>) -> T) -> T {
    json::read(report, document.location.clone(), &document.value, with)
}

fn read_optional<T>(report: &mut Report, document: &Option<Document>, with: fn(&Cursor<'_>) -> T) -> Option<T> {
    document.as_ref().map(|document| read_document(report, document, with))
}
