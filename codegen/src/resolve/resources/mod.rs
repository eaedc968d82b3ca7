//! Decides everything about a resource crate: identifiers, attributes, actions, sub-resources, references, collections,
//! batch actions and waiters, each with its name and types. `field_paths` resolves paths, `parameters` fills in
//! requests, `responses` creates resources, `batches` decides what is one request of a batch, `names` settles conflicts
//! of names. Knows no tokens.

mod batches;
mod field_paths;
mod names;
mod parameters;
mod responses;

use crate::ir;
use crate::ir::resource::{
    Action, Argument, Attribute, Batch, Collection, Crate, Data, Factory, Identifier, IdentifierValue, Reference,
    Resource, ResourceSource, Waiter,
};
use crate::ir::{Docs, Type};
use crate::model::{self, IdentifierSource, Map, Models, RequestParameter, ResourceModel, ResponseResource, ShapeKind};
use crate::name;
use crate::report::{Report, SourceLocation};
use crate::resolve::{docs, published};
use crate::source::{ServicePlan, Signatures};

use field_paths::{ClientStructures, StructureRef};
use names::{Category, Methods};
use parameters::{ParameterContext, Sender};
use responses::{CreatedFrom, KnownResource, ResponseContext};

/// Decides everything about a resource crate. `None` if there are problems, or if the service has no resources.
pub fn resolve(models: &Models, client: &ir::Crate, plan: &ServicePlan, report: &mut Report) -> Option<Crate> {
    let before = report.len();
    let model = models.resources.as_ref()?;
    let structures = ClientStructures::new(models, client);
    let known = model
        .resources
        .iter()
        .map(|(name, resource)| (name.clone(), known_resource(&structures, model, name, resource)));
    let responses = ResponseContext { client: &structures, resources: known.collect() };
    let builder = ResourceBuilder { responses: &responses, model, client, signatures: &plan.signatures };
    let location = model.location.child("resources");
    let build = |(name, resource): (&String, _)| {
        let resource: &model::Resource = resource;
        builder.resource(name, resource, &resource.has, &location.child(name), report)
    };
    let resources: Vec<Resource> = model.resources.iter().map(build).collect();
    let root = builder.root(report);
    let batch_outputs = batches::outputs(&resources, client);
    let version = client.origin.rsplit('/').next().unwrap_or_default();
    (report.len() == before).then(|| Crate {
        package: plan.resource_crate.clone(),
        client: client.package.clone(),
        origin: format!("models/boto3/{}/{version}", models.name),
        full_name: client.service.full_name.clone(),
        root,
        resources,
        custom: plan.resource_custom,
        batch_outputs,
    })
}

/// The part of a resource on which other resources depend.
fn known_resource<'a>(
    client: &ClientStructures<'a>,
    model: &'a ResourceModel,
    name: &str,
    resource: &'a model::Resource,
) -> KnownResource<'a> {
    let data = data(client, model, name, resource);
    let shape_of_member = |member: &Option<String>| {
        let structure = data.and_then(|it| client.models.service.structure(it.shape));
        let reference = member.as_ref().and_then(|name| structure?.members.get(name));
        reference.and_then(|it| client.models.service.shapes.get(&it.shape))
    };
    let identifier = |identifier: &model::Identifier| {
        let shape = shape_of_member(&identifier.member_name);
        Identifier {
            name: identifier.name.clone(),
            ident: name::escape(&name::snake(&identifier.name)),
            ty: match shape.map(|it| &it.kind) {
                Some(ShapeKind::Integer(_)) => Type::I32,
                Some(ShapeKind::Long(_)) => Type::I64,
                _ => Type::String,
            },
            secret: shape.is_some_and(|it| it.sensitive),
        }
    };
    KnownResource {
        ty: name::escape_type(&name::pascal(name)),
        identifiers: resource.identifiers.iter().map(identifier).collect(),
        members: resource.identifiers.iter().map(|it| it.member_name.clone()).collect(),
        data,
        can_load: resource.load.is_some(),
    }
}

/// The structure that holds the attributes: the one that `load` fetches, or else the shared type of the shape, or else
/// the structure of that shape in the output of an operation that returns the resource.
fn data<'a>(
    client: &ClientStructures<'a>,
    model: &'a ResourceModel,
    name: &str,
    resource: &'a model::Resource,
) -> Option<StructureRef<'a>> {
    if let Some(load) = &resource.load {
        let operation = client.operation(&load.request.operation)?;
        return client.path(client.output(operation), load.path.as_deref().unwrap_or("@")).ok()?.structure;
    }
    let shape = resource.shape.as_deref()?;
    let in_output = || {
        let all = model.resources.values().chain([&model.service]);
        let mut actions = all.flat_map(|it| it.actions.values().chain(it.has_many.values()));
        actions.find_map(|action| {
            let returned = action.resource.as_ref().filter(|it| it.kind == name)?;
            let operation = client.operation(&action.request.operation)?;
            let found = client.path(client.output(operation), returned.path.as_deref()?).ok()?;
            found.structure.filter(|structure| structure.shape == shape)
        })
    };
    client.shared(shape).or_else(in_output)
}

struct ResourceBuilder<'a> {
    responses: &'a ResponseContext<'a>,
    model: &'a ResourceModel,
    client: &'a ir::Crate,
    signatures: &'a Signatures,
}

/// The resource whose methods are being decided.
struct ActionContext<'a, 'b> {
    /// Its name in the model; empty for the service resource.
    name: &'a str,
    identifiers: &'a [Identifier],
    data: Option<StructureRef<'a>>,
    methods: Methods,
    location: &'b SourceLocation,
}

impl<'a> ResourceBuilder<'a> {
    fn root(&self, report: &mut Report) -> Resource {
        let id: String = self.client.service.id.chars().filter(char::is_ascii_alphanumeric).collect();
        let mut has: Map<ResponseResource> = Map::new();
        for (name, resource) in &self.model.resources {
            let declared = self.model.service.has.iter().filter(|(_, described)| described.kind == *name);
            let declared: Vec<_> = declared.collect();
            for (method, described) in &declared {
                has.insert((*method).clone(), (*described).clone());
            }
            if declared.is_empty() {
                // The service resource creates every resource from its identifiers.
                let argument = |identifier: &model::Identifier| model::IdentifierTarget {
                    target: identifier.name.clone(),
                    source: IdentifierSource::Input,
                };
                let identifiers = resource.identifiers.iter().map(argument).collect();
                has.insert(name.clone(), ResponseResource { kind: name.clone(), identifiers, path: None });
            }
        }
        let location = self.model.location.child("service");
        let mut root = self.resource("", &self.model.service, &has, &location, report);
        (root.name, root.ty, root.module) = (id.clone(), id, "service".to_owned());
        root
    }

    fn resource(
        &self,
        name: &'a str,
        model: &'a model::Resource,
        has: &Map<ResponseResource>,
        location: &SourceLocation,
        report: &mut Report,
    ) -> Resource {
        let known = self.responses.resources.get(name);
        let identifiers = known.map_or(&[][..], |it| &it.identifiers);
        let mut context =
            ActionContext { name, identifiers, data: known.and_then(|it| it.data), methods: Methods::new(), location };
        // Names are claimed in order of precedence.
        for identifier in identifiers {
            self.method(&mut context, &identifier.name, Category::Identifier, "identifiers", report);
        }
        let load = model.load.as_ref().and_then(|load| self.load(&context, known?, load, report));
        let actions = model.actions.iter().filter_map(|(name, action)| {
            let method = self.method(&mut context, name, Category::Action, "actions", report);
            self.action(&context, method, action, &location.child("actions").child(name), report)
        });
        let actions = actions.collect();
        let (factories, references) = self.has(&mut context, has, report);
        let collections = model.has_many.iter().filter_map(|(name, collection)| {
            let method = self.method(&mut context, name, Category::Collection, "hasMany", report);
            self.collection(&context, method, collection, &location.child("hasMany").child(name), report)
        });
        let collections = collections.collect();
        let waiters = model.waiters.iter().filter_map(|(name, waiter)| {
            let method = self.method(&mut context, name, Category::Waiter, "waiters", report);
            self.waiter(&context, method, waiter, &location.child("waiters").child(name), report)
        });
        let waiters = waiters.collect();
        let batches = model.batch_actions.iter().filter_map(|(name, action)| {
            // Batch actions are methods of collections, so they cannot clash with the resource's methods.
            let method = name::escape(&name::snake(name));
            self.batch(&context, method, action, &location.child("batchActions").child(name), report)
        });
        let batches = batches.collect();
        let (data, aliases) = self.attributes(&mut context, known, report);
        Resource {
            name: name.to_owned(),
            ty: known.map(|it| it.ty.clone()).unwrap_or_default(),
            module: name::escape(&name::snake(name)),
            identifiers: clone_identifiers(identifiers),
            data,
            load,
            actions,
            batches,
            factories,
            references,
            collections,
            waiters,
            aliases,
            deprecated: model.deprecated.as_ref().map(|it| docs(None, Some(it))).and_then(|it| it.deprecated),
        }
    }

    /// The method for a name of the model. A name that cannot be made unique is a problem.
    fn method(
        &self,
        context: &mut ActionContext<'_, '_>,
        name: &str,
        category: Category,
        key: &str,
        report: &mut Report,
    ) -> String {
        context.methods.claim(name, category).unwrap_or_else(|owner| {
            report.name_clash(context.location.child(key).child(name), &name::snake(name), &owner);
            name::escape(&name::snake(name))
        })
    }

    fn parameter_context<'b>(&self, context: &'b ActionContext<'a, '_>, published: String) -> ParameterContext<'b>
    where
        'a: 'b,
    {
        ParameterContext {
            client: self.responses.client,
            identifiers: context.identifiers,
            data: context.data,
            signatures: self.signatures,
            published,
        }
    }

    fn operation(&self, name: &str, location: &SourceLocation, report: &mut Report) -> Option<&'a ir::Operation> {
        let found = self.responses.client.operation(name);
        if found.is_none() {
            let names = self.client.operations.iter().map(|it| it.name.as_str());
            report.unknown_name(location.child("request").child("operation"), "operation", name, names);
        }
        found
    }

    fn load(
        &self,
        context: &ActionContext<'a, '_>,
        known: &KnownResource<'a>,
        load: &model::Action,
        report: &mut Report,
    ) -> Option<Action> {
        let location = context.location.child("load");
        let operation = self.operation(&load.request.operation, &location, report)?;
        let path = load.path.as_deref().unwrap_or("@");
        let data = self.responses.client.path(self.responses.client.output(operation), path);
        let data = data.map_err(|why| report.path_mismatch(location.child("path"), path, &why)).ok()?;
        let parameters = &load.request.parameters;
        let request = parameters::request(
            &self.parameter_context(context, published::of_action(context.name, "load")),
            operation,
            parameters,
            Sender::Action,
            &location.child("request"),
            report,
        );
        let loaded = ResourceSource {
            ty: known.ty.clone(),
            lists: Vec::new(),
            identifiers: context.identifiers.iter().map(|it| IdentifierValue::Parent(it.ident.clone())).collect(),
            data: Some((data.path, ir::resource::Conversion::Same)),
        };
        Some(Action {
            method: "load".to_owned(),
            request,
            resources: Some(loaded),
            optional: false,
            docs: operation.docs.clone(),
        })
    }

    fn action(
        &self,
        context: &ActionContext<'a, '_>,
        method: String,
        action: &'a model::Action,
        location: &SourceLocation,
        report: &mut Report,
    ) -> Option<Action> {
        let operation = self.operation(&action.request.operation, location, report)?;
        let client = self.responses.client;
        let resources = action.resource.as_ref().and_then(|described| {
            let from = CreatedFrom {
                parent: context.name,
                input: Some(client.input(operation)),
                response: Some(client.output(operation)),
            };
            self.responses.resource_source(from, described, location, report)
        });
        let request = parameters::request(
            &self.parameter_context(context, published::of_action(context.name, &method)),
            operation,
            &action.request.parameters,
            Sender::Action,
            &location.child("request"),
            report,
        );
        // A service creates some things without the parameter that boto3 takes for the identifier.
        let is_optional = |value: &IdentifierValue| match value {
            IdentifierValue::Request(path, None) => match path.steps.first() {
                Some(ir::resource::Step::Field { ident, .. }) => {
                    !client.is_required(operation, ident) && request.fields.iter().all(|(field, _)| field != ident)
                }
                _ => false,
            },
            _ => false,
        };
        let optional = resources.iter().flat_map(|it| &it.identifiers).any(is_optional);
        Some(Action { method, request, resources, optional, docs: operation.docs.clone() })
    }

    fn batch(
        &self,
        context: &ActionContext<'a, '_>,
        method: String,
        action: &model::Action,
        location: &SourceLocation,
        report: &mut Report,
    ) -> Option<Batch> {
        let operation = self.operation(&action.request.operation, location, report)?;
        let parameters = &action.request.parameters;
        let mut request = parameters::request(
            &self.parameter_context(context, published::of_batch(context.name, &method)),
            operation,
            parameters,
            Sender::Batch,
            &location.child("request"),
            report,
        );
        let shared = batches::share(&mut request);
        let client = self.responses.client;
        let limits = parameters.iter().filter_map(|parameter| {
            let list = parameter.target.split_once('[')?.0;
            let (_, max) = client.element(client.path(client.input(operation), list).ok()?.shape)?;
            max
        });
        let Some(max_elements) = limits.min().and_then(|max| usize::try_from(max).ok()) else {
            let why = "the model does not say how many elements a request may have; a fixup must";
            report.problem(location.child("request"), why);
            return None;
        };
        Some(Batch { method, request, max_elements, shared, docs: operation.docs.clone() })
    }

    fn collection(
        &self,
        context: &ActionContext<'a, '_>,
        method: String,
        collection: &'a model::Action,
        location: &SourceLocation,
        report: &mut Report,
    ) -> Option<Collection> {
        let operation = self.operation(&collection.request.operation, location, report)?;
        let client = self.responses.client;
        let request = parameters::request(
            &self.parameter_context(context, published::of_action(context.name, &method)),
            operation,
            &collection.request.parameters,
            Sender::Action,
            &location.child("request"),
            report,
        );
        let from = CreatedFrom {
            parent: context.name,
            input: Some(client.input(operation)),
            response: Some(client.output(operation)),
        };
        let resources = self.responses.resource_source(from, collection.resource.as_ref()?, location, report)?;
        let (paged, docs) = (operation.paginator.is_some(), operation.docs.clone());
        Some(Collection { method, request, paged, resources, docs })
    }

    fn waiter(
        &self,
        context: &ActionContext<'a, '_>,
        method: String,
        model: &model::ResourceWaiter,
        location: &SourceLocation,
        report: &mut Report,
    ) -> Option<Waiter> {
        let Some(waiter) = self.client.waiters.iter().find(|waiter| waiter.name == model.waiter_name) else {
            let names = self.client.waiters.iter().map(|it| it.name.as_str());
            report.unknown_name(location.child("waiterName"), "waiter", &model.waiter_name, names);
            return None;
        };
        let operation = &self.client.operations[waiter.operation];
        let parameters: &[RequestParameter] = &model.parameters;
        let context = self.parameter_context(context, String::new());
        let request = parameters::request(&context, operation, parameters, Sender::Waiter, location, report);
        let arguments = operation.arguments.iter();
        let positional = arguments.map(|&index| operation.input.fields[index].ident.clone()).collect();
        Some(Waiter { method, client_method: waiter.method.clone(), request, positional })
    }

    /// The methods of `has`: references need attributes of the parent, factories only identifiers.
    fn has(
        &self,
        context: &mut ActionContext<'a, '_>,
        has: &Map<ResponseResource>,
        report: &mut Report,
    ) -> (Vec<Factory>, Vec<Reference>) {
        let (mut factories, mut references) = (Vec::new(), Vec::new());
        for (name, described) in has {
            let location = context.location.child("has").child(name);
            if described.identifiers.iter().any(|it| matches!(it.source, IdentifierSource::Data(_))) {
                let method = self.method(context, name, Category::Reference, "has", report);
                let from = CreatedFrom { parent: context.name, input: None, response: context.data };
                let resources = self.responses.resource_source(from, described, &location, report);
                references.extend(resources.map(|resources| Reference { method, resources }));
                continue;
            }
            let method = self.method(context, name, Category::Factory, "has", report);
            let Some(resource) = self.responses.resources.get(&described.kind) else {
                let names = self.responses.resources.keys().map(String::as_str);
                report.unknown_name(location.child("resource").child("type"), "resource", &described.kind, names);
                continue;
            };
            let value = |identifier: &Identifier| {
                let target = described.identifiers.iter().find(|it| it.target == identifier.name);
                match target.map(|it| &it.source) {
                    Some(IdentifierSource::Identifier(name)) => {
                        let of_parent = context.identifiers.iter().find(|it| it.name == *name);
                        of_parent.map(|it| IdentifierValue::Parent(it.ident.clone()))
                    }
                    Some(IdentifierSource::Constant(value)) => Some(IdentifierValue::Constant(value.clone())),
                    // Arguments are bound by their position, so the name in the model need not be that of the
                    // identifier.
                    _ => {
                        let (ident, ty) = (identifier.ident.clone(), identifier.ty.clone());
                        Some(IdentifierValue::Argument(Argument { ident, ty }))
                    }
                }
            };
            match resource.identifiers.iter().map(value).collect::<Option<Vec<_>>>() {
                Some(identifiers) => factories.push(Factory { method, ty: resource.ty.clone(), identifiers }),
                None => report.problem(location, "an identifier of the parent does not exist"),
            }
        }
        (factories, references)
    }

    /// The getters of attributes, and the aliases of identifiers. A member with the name of an identifier has none.
    fn attributes(
        &self,
        context: &mut ActionContext<'_, '_>,
        known: Option<&KnownResource<'_>>,
        report: &mut Report,
    ) -> (Option<Data>, Vec<(String, usize)>) {
        let (Some(known), Some(base)) = (known, context.data) else { return (None, Vec::new()) };
        let (mut attributes, mut aliases) = (Vec::new(), Vec::new());
        for field in &base.structure.fields {
            let has_its_name = |it: &Identifier| name::snake(&it.name) == name::snake(&field.name);
            let is_stream = matches!(field.ty.present(), Type::Stream | Type::Events(_));
            if known.identifiers.iter().any(has_its_name) || is_stream {
                continue;
            }
            let method = self.method(context, &field.name, Category::Attribute, "shape", report);
            if let Some(index) = known.members.iter().position(|member| member.as_ref() == Some(&field.name)) {
                aliases.push((method, index));
                continue;
            }
            let docs = Docs { markdown: field.docs.summary.clone(), ..field.docs.clone() };
            attributes.push(Attribute { method, ident: field.ident.clone(), ty: field.ty.clone(), docs });
        }
        (Some(Data { structure: base.client_structure(), attributes }), aliases)
    }
}

fn clone_identifiers(identifiers: &[Identifier]) -> Vec<Identifier> {
    let clone = |it: &Identifier| Identifier {
        name: it.name.clone(),
        ident: it.ident.clone(),
        ty: it.ty.clone(),
        secret: it.secret,
    };
    identifiers.iter().map(clone).collect()
}
