//! Compares two releases of a service: what was added, changed and removed in its model, and what that means for users
//! of the generated crates. `model` compares the files, `surface` compares the public API of the crates, `explain`
//! finds the reason for an API change in the files. Knows neither where releases come from nor how a report is laid
//! out.

mod explain;
mod model;
mod surface;

use std::collections::BTreeMap;

use crate::ir;
use crate::model::{self as read, Examples, Models};
use crate::report::Report;
use crate::source::{Published, ServicePlan, ServiceSource};
use crate::{fixups, resolve};

/// A service of one release: its files, and the crates that would be generated from them.
#[derive(Debug)]
pub struct ResolvedService {
    /// The files.
    pub source: ServiceSource,
    /// The client crate; absent if the model has problems.
    pub client: Option<ir::Crate>,
    /// The resource crate; absent if the service has none or the model has problems.
    pub resources: Option<ir::resource::Crate>,
    /// The problems of the model.
    pub problems: Vec<String>,
}

/// The differences between two releases of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceChanges {
    /// The name of the service's folder.
    pub name: String,
    /// The newest API version in each release; absent if the release does not have the service.
    pub versions: [Option<String>; 2],
    /// The number of entities of each kind in the newer release; in the older one if the service was removed.
    pub counts: BTreeMap<EntityKind, usize>,
    /// The changes of the model, sorted by kind of entity, kind of change and name.
    pub model: Vec<Change>,
    /// The number of documentation strings that differ.
    pub documentation: usize,
    /// The changes of the generated crates' public API, breaking changes first.
    pub api: Vec<ApiChange>,
    /// Why the generated crates could not be compared: the problems of both releases.
    pub problems: Vec<String>,
}

/// A change of the model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The kind of the entity.
    pub kind: EntityKind,
    /// The kind of the change.
    pub change_kind: ChangeKind,
    /// The entity's name in the model: `ListThings`, `Thing.Color`, `Color.RED`.
    pub name: String,
    /// The differences of a changed entity: `shape: "A" → "B"`.
    pub details: Vec<String>,
}

/// The kinds of named entities in a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names of the kinds")]
pub enum EntityKind {
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

/// The kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names of the kinds")]
pub enum ChangeKind {
    Added,
    Changed,
    Removed,
}

/// A change of the public API of the generated crates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiChange {
    /// Whether code that compiled may no longer do so.
    pub breaking: bool,
    /// The kind of the change.
    pub change_kind: ChangeKind,
    /// The path of the item: `Client::get_object`, `types::Thing.color`.
    pub path: String,
    /// The declaration in the older release; empty for an item that has only a name.
    pub before: String,
    /// The declaration in the newer release.
    pub after: String,
    /// The cause in the model, if it was found.
    pub reason: Option<String>,
}

impl EntityKind {
    /// All kinds, in the order of reports.
    pub const ALL: [EntityKind; 10] = [
        EntityKind::Service,
        EntityKind::Operation,
        EntityKind::Shape,
        EntityKind::Member,
        EntityKind::EnumValue,
        EntityKind::Exception,
        EntityKind::Paginator,
        EntityKind::Waiter,
        EntityKind::Resource,
        EntityKind::EndpointRules,
    ];

    /// The noun for one entity of the kind.
    pub fn noun(self) -> &'static str {
        match self {
            EntityKind::Service => "service",
            EntityKind::Operation => "operation",
            EntityKind::Shape => "shape",
            EntityKind::Member => "member",
            EntityKind::EnumValue => "enum value",
            EntityKind::Exception => "exception",
            EntityKind::Paginator => "paginator",
            EntityKind::Waiter => "waiter",
            EntityKind::Resource => "resource",
            EntityKind::EndpointRules => "rule set",
        }
    }
}

impl ResolvedService {
    /// Reads the models and decides what would be generated. A fixup that changes nothing is not a problem here, since
    /// a release need not have the mistake that it corrects.
    pub fn new(source: ServiceSource, plan: &ServicePlan) -> ResolvedService {
        let mut report = Report::new();
        let (mut client, mut resources) = (None, None);
        if let Some(mut models) = read::read(&source, &mut report) {
            fixups::apply(&mut models, &mut Report::new());
            remove_documentation(&mut models);
            client = resolve::resolve(&models, &source, plan, &mut report);
            if let (Some(client), true) = (&client, models.resources.is_some() && plan.operations.is_empty()) {
                resources = resolve::resources::resolve(&models, client, plan, &mut report);
            }
        }
        let problems = report.problems().iter().map(ToString::to_string).collect();
        ResolvedService { source, client, resources, problems }
    }

    /// The signatures of its methods, as they are recorded once they are published; none after a problem.
    pub fn signatures(&self) -> Published {
        let client = self.client.as_ref();
        client.map(|it| resolve::published::signatures(it, self.resources.as_ref())).unwrap_or_default()
    }
}

/// Removes documentation and examples: converting them takes most of the time and does not change the API.
fn remove_documentation(models: &mut Models) {
    let service = &mut models.service;
    service.documentation = None;
    models.examples = Examples::default();
    service.operations.values_mut().for_each(|it| it.documentation = None);
    for shape in service.shapes.values_mut() {
        shape.documentation = None;
        if let Some(structure) = shape.structure_mut() {
            structure.members.values_mut().for_each(|it| it.documentation = None);
        }
    }
}

impl ServiceChanges {
    /// Whether the service is the same in both releases, including its documentation.
    pub fn is_empty(&self) -> bool {
        self.model.is_empty() && self.api.is_empty() && self.documentation == 0 && self.problems.is_empty()
    }

    /// The number of breaking changes.
    pub fn breaking(&self) -> usize {
        self.api.iter().filter(|it| it.breaking).count()
    }
}

/// Compares a service of two releases, one of which may not have it.
pub fn compare(name: &str, old: Option<&ResolvedService>, new: Option<&ResolvedService>) -> ServiceChanges {
    let mut changes = ServiceChanges {
        name: name.to_owned(),
        versions: [old, new].map(|service| service.map(|it| it.source.version.clone())),
        counts: new.or(old).map(|it| model::counts(&it.source)).unwrap_or_default(),
        model: Vec::new(),
        documentation: 0,
        api: Vec::new(),
        problems: [old, new].into_iter().flatten().flat_map(|it| it.problems.clone()).collect(),
    };
    changes.problems.sort();
    changes.problems.dedup();
    let whole_service =
        |change_kind| Change { kind: EntityKind::Service, change_kind, name: name.to_owned(), details: Vec::new() };
    let whole_crate = |breaking, change_kind, service: &ResolvedService| ApiChange {
        breaking,
        change_kind,
        path: service.client.as_ref().map_or_else(|| format!("aws-{name}"), |client| client.package.clone()),
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
            changes.model.push(whole_service(ChangeKind::Added));
            changes.api.push(whole_crate(false, ChangeKind::Added, new));
        }
        (Some(old), None) => {
            changes.model.push(whole_service(ChangeKind::Removed));
            changes.api.push(whole_crate(true, ChangeKind::Removed, old));
        }
        (None, None) => {}
    }
    changes.model.sort();
    changes.api.sort_by(|a, b| b.breaking.cmp(&a.breaking).then_with(|| a.path.cmp(&b.path)));
    changes
}
