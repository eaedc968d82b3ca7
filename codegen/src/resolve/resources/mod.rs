//! boto3's resources over a decided client: identifiers, attributes, actions, sub-resources, references, collections, batch
//! actions and waiters, each with its name and its types. Rooms: `ways` paths, `input` parameters, `made` answers,
//! `names` who keeps a name. Knows no tokens.

mod input;
mod made;
mod names;
mod ways;

use crate::ir;
use crate::ir::resource::{
    Action, Argument, Attribute, Batch, Collection, Crate, Data, Factory, Identifier, Made, Reference, Resource,
    Source, Waiter,
};
use crate::ir::{Docs, Type};
use crate::model::{self, IdentifierSource, Map, Models, RequestParameter, ResourceModel, ResponseResource, ShapeKind};
use crate::name;
use crate::report::{Place, Report};
use crate::source::Plan;

use input::Asker;
use made::{Known, Scene, Stuff};
use names::{Category, Methods};
use ways::{Base, Client};

/// How many elements a batch has at most where the model does not say: what S3 and EC2 take.
const MOST_ELEMENTS: usize = 1000;

/// Decides everything about a resource crate over its client. `None` after a complaint, or without resources.
pub fn resolve(models: &Models, client: &ir::Crate, plan: &Plan, report: &mut Report) -> Option<Crate> {
    let before = report.len();
    let model = models.resources.as_ref()?;
    let structures = Client::new(models, client);
    let known = model.resources.iter().map(|(name, it)| (name.clone(), know(&structures, model, name, it)));
    let scene = Scene { client: &structures, known: known.collect() };
    let pass = Pass { scene: &scene, model, crate_: client };
    let place = model.place.child("resources");
    let resources =
        model.resources.iter().map(|(name, it)| pass.resource(name, it, &place.child(name), report)).collect();
    let root = pass.root(report);
    let version = client.origin.rsplit('/').next().unwrap_or_default();
    (report.len() == before).then(|| Crate {
        package: plan.resource_crate.clone(),
        client: client.package.clone(),
        origin: format!("models/boto3/{}/{version}", models.name),
        full_name: client.service.full_name.clone(),
        root,
        resources,
        custom: plan.custom,
    })
}

/// What others must know of a resource.
fn know<'a>(client: &Client<'a>, model: &'a ResourceModel, name: &str, it: &'a model::Resource) -> Known<'a> {
    let data = data(client, model, name, it);
    let kind = |member: &Option<String>| {
        let members = data.and_then(|it| client.models.service.structure(it.shape));
        let member = member.as_ref().and_then(|it| members?.members.get(it));
        member.and_then(|it| client.models.service.shapes.get(&it.shape))
    };
    let identifier = |it: &model::Identifier| {
        let shape = kind(&it.member_name);
        Identifier {
            name: it.name.clone(),
            ident: name::escape(&name::snake(&it.name)),
            ty: match shape.map(|it| &it.kind) {
                Some(ShapeKind::Integer(_)) => Type::I32,
                Some(ShapeKind::Long(_)) => Type::I64,
                _ => Type::String,
            },
            secret: shape.is_some_and(|it| it.sensitive),
        }
    };
    Known {
        ty: name::escape_type(&name::pascal(name)),
        identifiers: it.identifiers.iter().map(identifier).collect(),
        members: it.identifiers.iter().map(|it| it.member_name.clone()).collect(),
        data,
        load: it.load.is_some(),
    }
}

/// The structure that holds the attributes: what loading delivers, else the shape, else what others deliver.
fn data<'a>(client: &Client<'a>, model: &'a ResourceModel, name: &str, it: &'a model::Resource) -> Option<Base<'a>> {
    if let Some(load) = &it.load {
        let operation = client.operation(&load.request.operation)?;
        return client.way(client.output(operation), load.path.as_deref().unwrap_or("@")).ok()?.base;
    }
    let shape = it.shape.as_deref()?;
    let delivered = || {
        let all = model.resources.values().chain([&model.service]);
        let mut actions = all.flat_map(|it| it.actions.values().chain(it.has_many.values()));
        actions.find_map(|action| {
            let made = action.resource.as_ref().filter(|it| it.kind == name)?;
            let operation = client.operation(&action.request.operation)?;
            client.way(client.output(operation), made.path.as_deref()?).ok()?.base.filter(|it| it.shape == shape)
        })
    };
    client.shared(shape).or_else(delivered)
}

struct Pass<'a> {
    scene: &'a Scene<'a>,
    model: &'a ResourceModel,
    crate_: &'a ir::Crate,
}

/// A resource that is being put together.
struct Work<'a, 'b> {
    name: &'a str,
    identifiers: &'a [Identifier],
    data: Option<Base<'a>>,
    methods: Methods,
    place: &'b Place,
}

impl<'a> Pass<'a> {
    fn root(&self, report: &mut Report) -> Resource {
        let id: String = self.crate_.service.id.chars().filter(char::is_ascii_alphanumeric).collect();
        let mut has: Map<ResponseResource> = Map::new();
        for (name, it) in &self.model.resources {
            let declared: Vec<_> = self.model.service.has.iter().filter(|(_, it)| it.kind == *name).collect();
            for (method, it) in &declared {
                has.insert((*method).clone(), (*it).clone());
            }
            if declared.is_empty() {
                // Every resource can be made of its identifiers.
                let input = |it: &model::Identifier| model::IdentifierTarget {
                    target: it.name.clone(),
                    source: IdentifierSource::Input,
                };
                let identifiers = it.identifiers.iter().map(input).collect();
                has.insert(name.clone(), ResponseResource { kind: name.clone(), identifiers, path: None });
            }
        }
        let place = self.model.place.child("service");
        let mut root = self.parts("", &self.model.service, &has, &place, report);
        (root.name, root.ty, root.module) = (id.clone(), id, "service".to_owned());
        root
    }

    fn resource(&self, name: &'a str, it: &'a model::Resource, place: &Place, report: &mut Report) -> Resource {
        self.parts(name, it, &it.has, place, report)
    }

    fn parts(
        &self,
        name: &'a str,
        it: &'a model::Resource,
        has: &Map<ResponseResource>,
        place: &Place,
        report: &mut Report,
    ) -> Resource {
        let known = self.scene.known.get(name);
        let identifiers = known.map_or(&[][..], |it| &it.identifiers);
        let mut work = Work { name, identifiers, data: known.and_then(|it| it.data), methods: Methods::new(), place };
        for it in identifiers {
            self.method(&mut work, &it.name, Category::Identifier, "identifiers", report);
        }
        let load = it.load.as_ref().and_then(|it| self.load(&work, known?, it, report));
        let actions = it.actions.iter().filter_map(|(name, it)| {
            let method = self.method(&mut work, name, Category::Action, "actions", report);
            self.action(&work, method, it, &place.child("actions").child(name), report)
        });
        let actions = actions.collect();
        let (factories, references) = self.has(&mut work, has, report);
        let collections = it.has_many.iter().filter_map(|(name, it)| {
            let method = self.method(&mut work, name, Category::Collection, "hasMany", report);
            self.collection(&work, method, it, &place.child("hasMany").child(name), report)
        });
        let collections = collections.collect();
        let waiters = it.waiters.iter().filter_map(|(name, it)| {
            let method = self.method(&mut work, name, Category::Waiter, "waiters", report);
            self.waiter(&work, method, it, &place.child("waiters").child(name), report)
        });
        let waiters = waiters.collect();
        let batches = it.batch_actions.iter().filter_map(|(name, it)| {
            // A collection has its own methods; batch actions are never renamed.
            let method = name::escape(&name::snake(name));
            self.batch(&work, method, it, &place.child("batchActions").child(name), report)
        });
        let batches = batches.collect();
        let (data, aliases) = self.attributes(&mut work, known, report);
        Resource {
            name: name.to_owned(),
            ty: known.map(|it| it.ty.clone()).unwrap_or_default(),
            module: name::escape(&name::snake(name)),
            identifiers: copied(identifiers),
            data,
            load,
            actions,
            batches,
            factories,
            references,
            collections,
            waiters,
            aliases,
        }
    }

    fn method(
        &self,
        work: &mut Work<'_, '_>,
        name: &str,
        category: Category,
        key: &str,
        report: &mut Report,
    ) -> String {
        work.methods.claim(name, category).unwrap_or_else(|owner| {
            report.name_clash(work.place.child(key).child(name), &name::snake(name), &owner);
            name::escape(&name::snake(name))
        })
    }

    fn asker<'b>(&self, work: &'b Work<'a, '_>) -> Asker<'b>
    where
        'a: 'b,
    {
        Asker { client: self.scene.client, identifiers: work.identifiers, data: work.data }
    }

    fn operation(&self, name: &str, place: &Place, report: &mut Report) -> Option<&'a ir::Operation> {
        let found = self.scene.client.operation(name);
        if found.is_none() {
            let known = self.crate_.operations.iter().map(|it| it.name.as_str());
            report.unknown_name(place.child("request").child("operation"), "operation", name, known);
        }
        found
    }

    fn load(&self, work: &Work<'a, '_>, known: &Known<'a>, it: &model::Action, report: &mut Report) -> Option<Action> {
        let place = work.place.child("load");
        let operation = self.operation(&it.request.operation, &place, report)?;
        let path = it.path.as_deref().unwrap_or("@");
        let found = self.scene.client.way(self.scene.client.output(operation), path);
        let found = found.map_err(|why| report.path_type(place.child("path"), path, &why)).ok()?;
        let parameters = &it.request.parameters;
        let request =
            input::request(&self.asker(work), operation, parameters, &[], false, &place.child("request"), report);
        let made = Made {
            ty: known.ty.clone(),
            lists: Vec::new(),
            identifiers: work.identifiers.iter().map(|it| Source::Parent(it.ident.clone())).collect(),
            data: Some((found.way, ir::resource::Conversion::Same)),
        };
        Some(Action { method: "load".to_owned(), request, made: Some(made), docs: operation.docs.clone() })
    }

    fn action(
        &self,
        work: &Work<'a, '_>,
        method: String,
        it: &'a model::Action,
        place: &Place,
        report: &mut Report,
    ) -> Option<Action> {
        let operation = self.operation(&it.request.operation, place, report)?;
        let client = self.scene.client;
        let made = it.resource.as_ref().and_then(|it| {
            let stuff = Stuff {
                parent: work.name,
                input: Some(client.input(operation)),
                answer: Some(client.output(operation)),
            };
            self.scene.made(stuff, it, place, report)
        });
        // What the new resource is told apart by must be known when the call is made, required or not.
        let also = |it: &Source| match it {
            Source::Request(way, None) => match way.steps.first() {
                Some(ir::resource::Step::Field { ident, .. }) => {
                    operation.input.fields.iter().find(|it| it.ident == *ident)
                }
                _ => None,
            },
            _ => None,
        };
        let also: Vec<String> =
            made.iter().flat_map(|it| &it.identifiers).filter_map(also).map(|it| it.name.clone()).collect();
        let parameters = &it.request.parameters;
        let place = place.child("request");
        let request = input::request(&self.asker(work), operation, parameters, &also, false, &place, report);
        Some(Action { method, request, made, docs: operation.docs.clone() })
    }

    fn batch(
        &self,
        work: &Work<'a, '_>,
        method: String,
        it: &model::Action,
        place: &Place,
        report: &mut Report,
    ) -> Option<Batch> {
        let operation = self.operation(&it.request.operation, place, report)?;
        let parameters = &it.request.parameters;
        let request =
            input::request(&self.asker(work), operation, parameters, &[], true, &place.child("request"), report);
        let client = self.scene.client;
        let most = parameters.iter().filter_map(|it| {
            let list = it.target.split_once('[')?.0;
            client.element(client.way(client.input(operation), list).ok()?.shape)?.1
        });
        let most = most.min().and_then(|it| usize::try_from(it).ok()).unwrap_or(MOST_ELEMENTS);
        Some(Batch { method, request, most, docs: operation.docs.clone() })
    }

    fn collection(
        &self,
        work: &Work<'a, '_>,
        method: String,
        it: &'a model::Action,
        place: &Place,
        report: &mut Report,
    ) -> Option<Collection> {
        let operation = self.operation(&it.request.operation, place, report)?;
        let client = self.scene.client;
        let parameters = &it.request.parameters;
        let request =
            input::request(&self.asker(work), operation, parameters, &[], false, &place.child("request"), report);
        let stuff =
            Stuff { parent: work.name, input: Some(client.input(operation)), answer: Some(client.output(operation)) };
        let made = self.scene.made(stuff, it.resource.as_ref()?, place, report)?;
        Some(Collection { method, request, paged: operation.paginator.is_some(), made, docs: operation.docs.clone() })
    }

    fn waiter(
        &self,
        work: &Work<'a, '_>,
        method: String,
        it: &model::ResourceWaiter,
        place: &Place,
        report: &mut Report,
    ) -> Option<Waiter> {
        let Some(waiter) = self.crate_.waiters.iter().find(|waiter| waiter.name == it.waiter_name) else {
            let known = self.crate_.waiters.iter().map(|it| it.name.as_str());
            report.unknown_name(place.child("waiterName"), "waiter", &it.waiter_name, known);
            return None;
        };
        let operation = &self.crate_.operations[waiter.operation];
        let parameters: &[RequestParameter] = &it.parameters;
        let request = input::request(&self.asker(work), operation, parameters, &[], false, place, report);
        let positional = operation.arguments.iter().map(|&at| operation.input.fields[at].ident.clone()).collect();
        Some(Waiter { method, call: waiter.method.clone(), request, positional })
    }

    fn has(
        &self,
        work: &mut Work<'a, '_>,
        has: &Map<ResponseResource>,
        report: &mut Report,
    ) -> (Vec<Factory>, Vec<Reference>) {
        let (mut factories, mut references) = (Vec::new(), Vec::new());
        for (name, it) in has {
            let place = work.place.child("has").child(name);
            if it.identifiers.iter().any(|it| matches!(it.source, IdentifierSource::Data(_))) {
                let method = self.method(work, name, Category::Reference, "has", report);
                let stuff = Stuff { parent: work.name, input: None, answer: work.data };
                let made = self.scene.made(stuff, it, &place, report);
                references.extend(made.map(|made| Reference { method, made }));
                continue;
            }
            let method = self.method(work, name, Category::Factory, "has", report);
            let Some(known) = self.scene.known.get(&it.kind) else {
                let known = self.scene.known.keys().map(String::as_str);
                report.unknown_name(place.child("resource").child("type"), "resource", &it.kind, known);
                continue;
            };
            let source = |identifier: &Identifier| {
                let target = it.identifiers.iter().find(|it| it.target == identifier.name);
                match target.map(|it| &it.source) {
                    Some(IdentifierSource::Identifier(name)) => {
                        let parent = work.identifiers.iter().find(|it| it.name == *name);
                        parent.map(|it| Source::Parent(it.ident.clone()))
                    }
                    // What the caller gives is bound by its position: the name in the model need not be right.
                    _ => {
                        Some(Source::Argument(Argument { ident: identifier.ident.clone(), ty: identifier.ty.clone() }))
                    }
                }
            };
            match known.identifiers.iter().map(source).collect::<Option<Vec<_>>>() {
                Some(identifiers) => factories.push(Factory { method, ty: known.ty.clone(), identifiers }),
                None => report.problem(place, "an identifier of the parent does not exist"),
            }
        }
        (factories, references)
    }

    /// Getters of members, except those that identifiers answer.
    fn attributes(
        &self,
        work: &mut Work<'_, '_>,
        known: Option<&Known<'_>>,
        report: &mut Report,
    ) -> (Option<Data>, Vec<(String, usize)>) {
        let (Some(known), Some(base)) = (known, work.data) else { return (None, Vec::new()) };
        let (mut attributes, mut aliases) = (Vec::new(), Vec::new());
        for field in &base.structure.fields {
            let same = |it: &Identifier| name::snake(&it.name) == name::snake(&field.name);
            if known.identifiers.iter().any(same) || matches!(field.ty.present(), Type::Stream | Type::Events(_)) {
                continue;
            }
            let method = self.method(work, &field.name, Category::Attribute, "shape", report);
            if let Some(at) = known.members.iter().position(|it| it.as_ref() == Some(&field.name)) {
                aliases.push((method, at));
                continue;
            }
            let docs = Docs { markdown: field.docs.summary.clone(), ..field.docs.clone() };
            attributes.push(Attribute { method, ident: field.ident.clone(), ty: field.ty.clone(), docs });
        }
        (Some(Data { place: base.place(), attributes }), aliases)
    }
}

fn copied(identifiers: &[Identifier]) -> Vec<Identifier> {
    let copy = |it: &Identifier| Identifier {
        name: it.name.clone(),
        ident: it.ident.clone(),
        ty: it.ty.clone(),
        secret: it.secret,
    };
    identifiers.iter().map(copy).collect()
}
