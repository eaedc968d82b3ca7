//! Two releases of a service compared: what was added, changed and removed in its model, and what that does to users of
//! the generated crates. `model` compares the files, `surface` the decided crates, `explain` says why the one led to the
//! other. Knows neither where releases come from nor how a report is laid out.

mod explain;
mod model;
mod surface;

use std::collections::BTreeMap;

use crate::ir;
use crate::model::{self as read, Examples, Models};
use crate::report::Report;
use crate::source::{Plan, ServiceSource};
use crate::{fixups, resolve};

/// A service of one release, with every decision taken.
#[derive(Debug)]
pub struct Decided {
    /// The files.
    pub source: ServiceSource,
    /// The client crate; absent when the model is not understood.
    pub client: Option<ir::Crate>,
    /// The resource crate, for a service that has one.
    pub resources: Option<ir::resource::Crate>,
    /// What is not understood.
    pub problems: Vec<String>,
}

/// What differs between two releases of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceChanges {
    /// The folder's name.
    pub name: String,
    /// The newest API version of each release; absent where the release has no such service.
    pub versions: [Option<String>; 2],
    /// How much there is of each kind in the newer release; in the older one for a service that was removed.
    pub counts: BTreeMap<Kind, usize>,
    /// What differs in the model, by kind, sort and name.
    pub model: Vec<Change>,
    /// How many texts of the documentation differ.
    pub documentation: usize,
    /// What differs for users of the generated crates, breaking changes first.
    pub api: Vec<ApiChange>,
    /// Why the generated crates of a release could not be compared.
    pub problems: Vec<String>,
}

/// A change of the model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What kind of thing it is.
    pub kind: Kind,
    /// What became of it.
    pub sort: Sort,
    /// Its name in the model: `ListThings`, `Thing.Color`, `Color.RED`.
    pub name: String,
    /// What differs, for a thing that changed: `shape: "A" → "B"`.
    pub details: Vec<String>,
}

/// The kinds of things a model consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names of the kinds")]
pub enum Kind {
    Service,
    Operation,
    Shape,
    Member,
    EnumValue,
    Exception,
    Paginator,
    Waiter,
    Resource,
    EndpointRules,
}

/// What became of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names of the sorts")]
pub enum Sort {
    Added,
    Changed,
    Removed,
}

/// A change of what users of the generated crates name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiChange {
    /// Whether code that compiled may no longer do so.
    pub breaking: bool,
    /// What became of it.
    pub sort: Sort,
    /// Where it is found: `Client::get_object`, `types::Thing.color`.
    pub path: String,
    /// How it is declared in the older release, if it is more than a name.
    pub before: String,
    /// How it is declared in the newer release.
    pub after: String,
    /// What in the model led to it, where that is known.
    pub reason: Option<String>,
}

impl Kind {
    /// All kinds, in the order of reports.
    pub const ALL: [Kind; 10] = [
        Kind::Service,
        Kind::Operation,
        Kind::Shape,
        Kind::Member,
        Kind::EnumValue,
        Kind::Exception,
        Kind::Paginator,
        Kind::Waiter,
        Kind::Resource,
        Kind::EndpointRules,
    ];

    /// The word for one of the kind.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Service => "service",
            Kind::Operation => "operation",
            Kind::Shape => "shape",
            Kind::Member => "member",
            Kind::EnumValue => "enum value",
            Kind::Exception => "exception",
            Kind::Paginator => "paginator",
            Kind::Waiter => "waiter",
            Kind::Resource => "resource",
            Kind::EndpointRules => "rule set",
        }
    }
}

impl Decided {
    /// Takes all decisions about a service. A fixup that finds nothing to heal is no problem here: another release may
    /// never have had the fault.
    pub fn new(source: ServiceSource, plan: &Plan) -> Decided {
        let mut report = Report::new();
        let (mut client, mut resources) = (None, None);
        if let Some(mut models) = read::read(&source, &mut report) {
            fixups::apply(&mut models, &mut Report::new());
            without_prose(&mut models);
            client = resolve::resolve(&models, &source, plan, &mut report);
            if let (Some(client), true) = (&client, models.resources.is_some() && plan.operations.is_empty()) {
                resources = resolve::resources::resolve(&models, client, plan, &mut report);
            }
        }
        let problems = report.problems().iter().map(ToString::to_string).collect();
        Decided { source, client, resources, problems }
    }
}

/// Prose takes most of the time and decides nothing.
fn without_prose(models: &mut Models) {
    let service = &mut models.service;
    service.documentation = None;
    models.examples = Examples::default();
    service.operations.values_mut().for_each(|it| it.documentation = None);
    for shape in service.shapes.values_mut() {
        shape.documentation = None;
        if let Some(it) = shape.structure_mut() {
            it.members.values_mut().for_each(|it| it.documentation = None);
        }
    }
}

impl ServiceChanges {
    /// Whether the service is the same in both releases, documentation included.
    pub fn is_empty(&self) -> bool {
        self.model.is_empty() && self.api.is_empty() && self.documentation == 0 && self.problems.is_empty()
    }

    /// How many changes may break code that compiled.
    pub fn breaking(&self) -> usize {
        self.api.iter().filter(|it| it.breaking).count()
    }
}

/// Compares a service of two releases; one of them may lack it.
pub fn compare(name: &str, old: Option<&Decided>, new: Option<&Decided>) -> ServiceChanges {
    let version = |it: Option<&Decided>| it.map(|it| it.source.version.clone());
    let mut changes = ServiceChanges {
        name: name.to_owned(),
        versions: [version(old), version(new)],
        counts: new.or(old).map(|it| model::counts(&it.source)).unwrap_or_default(),
        model: Vec::new(),
        documentation: 0,
        api: Vec::new(),
        problems: [old, new].into_iter().flatten().flat_map(|it| it.problems.clone()).collect(),
    };
    changes.problems.sort();
    changes.problems.dedup();
    let whole = |sort| Change { kind: Kind::Service, sort, name: name.to_owned(), details: Vec::new() };
    let package = |it: &Decided| it.client.as_ref().map_or_else(|| format!("aws-{name}"), |it| it.package.clone());
    let whole_crate = |breaking, sort, it: &Decided| ApiChange {
        breaking,
        sort,
        path: package(it),
        before: String::new(),
        after: String::new(),
        reason: None,
    };
    match (old, new) {
        (Some(old), Some(new)) => {
            model::compare(&old.source, &new.source, &mut changes);
            if let (Some(_), Some(_)) = (&old.client, &new.client) {
                changes.api = surface::compare(old, new);
            }
        }
        (None, Some(new)) => {
            changes.model.push(whole(Sort::Added));
            changes.api.push(whole_crate(false, Sort::Added, new));
        }
        (Some(old), None) => {
            changes.model.push(whole(Sort::Removed));
            changes.api.push(whole_crate(true, Sort::Removed, old));
        }
        (None, None) => {}
    }
    changes.model.sort();
    changes.api.sort_by(|a, b| b.breaking.cmp(&a.breaking).then_with(|| a.path.cmp(&b.path)));
    changes
}
