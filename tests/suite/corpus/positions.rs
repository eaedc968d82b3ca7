//! A position carries its own meaning: no expression fits two arguments of a method, unless the URL or an order that a
//! person wrote down says which comes first. Methods of clients and of resources; what an argument accepts is written
//! down here once more, independently of the generator's rule.

use std::collections::BTreeSet;

use codegen::ir::resource::{IdentifierValue, Request, Resource};
use codegen::ir::{self, Operation, Type};
use codegen::model::{Member, Models};
use codegen::resolve::arguments::MAX_ARGUMENTS;
use codegen::source::Signatures;

/// The number of methods, and of required members that are setters.
#[derive(Default)]
pub(super) struct Positions {
    pub(super) methods: usize,
    pub(super) setters: usize,
    pub(super) ordered: usize,
}

/// The kinds of expressions that an argument of a type accepts.
fn accepted(ty: &Type) -> BTreeSet<String> {
    let one = |kind: &str| BTreeSet::from([kind.to_owned()]);
    match ty {
        Type::String | Type::Enumeration(_) => one("text"),
        Type::Blob | Type::Stream => BTreeSet::from(["text".to_owned(), "[number]".to_owned()]),
        Type::I32 | Type::I64 | Type::F32 | Type::F64 => one("number"),
        Type::Bool => one("bool"),
        Type::Timestamp => one("time"),
        Type::Document => ["text", "number", "bool", "[text]", "[number]", "{text}"].map(str::to_owned).into(),
        Type::Named(name) | Type::Events(name) | Type::EventInput(name) => one(name),
        Type::Option(inner) | Type::Boxed(inner) => accepted(inner),
        Type::List(item) => accepted(item).iter().map(|it| format!("[{it}]")).collect(),
        Type::Map(_, value) => accepted(value).iter().map(|it| format!("{{{it}}}")).collect(),
    }
}

/// An argument: its name in the model, its name in Rust, and its type.
type Argument<'a> = (&'a str, &'a str, &'a Type);

struct Law<'a> {
    models: &'a Models,
    signatures: &'a Signatures,
    broken: &'a mut Vec<String>,
    found: Positions,
}

/// Checks the law for all methods of a service.
pub(super) fn check(
    models: &Models,
    client: &ir::Crate,
    resources: Option<&ir::resource::Crate>,
    signatures: &Signatures,
    broken: &mut Vec<String>,
) -> Positions {
    let mut law = Law { models, signatures, broken, found: Positions::default() };
    for operation in &client.operations {
        let argument = |index: &usize| -> Argument<'_> {
            let field = &operation.input.fields[*index];
            (&field.name, &field.ident, field.ty.present())
        };
        let arguments: Vec<Argument<'_>> = operation.arguments.iter().map(argument).collect();
        law.method(&operation.method, operation, &arguments);
        let also: Vec<&str> =
            operation.also_required.iter().map(|it| operation.input.fields[*it].ident.as_str()).collect();
        law.nothing_is_forgotten(&operation.method, operation, &[], &arguments, &also);
    }
    for resource in resources.into_iter().flat_map(|it| it.resources.iter().chain([&it.root])) {
        law.resource(client, resource);
    }
    law.found
}

impl Law<'_> {
    fn resource(&mut self, client: &ir::Crate, resource: &Resource) {
        let actions = resource.actions.iter().chain(&resource.load).map(|it| (&it.method, &it.request));
        let batches = resource.batches.iter().map(|it| (&it.method, &it.request));
        let collections = resource.collections.iter().map(|it| (&it.method, &it.request));
        for (method, request) in actions.chain(batches).chain(collections) {
            let method = format!("{}::{method}", resource.ty);
            let Some(operation) = client.operations.iter().find(|it| it.ty == request.operation) else { continue };
            let arguments = self.arguments(operation, request);
            self.method(&method, operation, &arguments);
            let filled: Vec<&str> = request.fields.iter().map(|(ident, _)| ident.as_str()).collect();
            let also: Vec<&str> = request.also_required.iter().map(String::as_str).collect();
            self.nothing_is_forgotten(&method, operation, &filled, &arguments, &also);
        }
        // The method of the client takes what the resource has or what its caller gives.
        for waiter in &resource.waiters {
            let is_open = |name: &&String| !waiter.request.fields.iter().any(|(field, _)| field == *name);
            let missing: Vec<&String> = waiter.positional.iter().filter(is_open).collect();
            if !missing.is_empty() {
                self.broken.push(format!("{}::{}: nothing gives {missing:?}", resource.ty, waiter.method));
            }
        }
        // boto3 creates resources by position too: arguments are identifiers in the order of its description.
        for factory in &resource.factories {
            let arguments: Vec<&str> = factory
                .identifiers
                .iter()
                .filter_map(|it| match it {
                    IdentifierValue::Argument(it) => Some(it.ident.as_str()),
                    _ => None,
                })
                .collect();
            if arguments.iter().collect::<BTreeSet<_>>().len() != arguments.len() || arguments.len() > MAX_ARGUMENTS {
                self.broken.push(format!("{}::{}: the arguments are {arguments:?}", resource.ty, factory.method));
            }
        }
    }

    fn arguments<'a>(&self, operation: &'a Operation, request: &'a Request) -> Vec<Argument<'a>> {
        let name = |ident: &str| operation.input.fields.iter().find(|it| it.ident == ident).map_or("", |it| &it.name);
        request.arguments.iter().map(|it| (name(&it.ident), it.ident.as_str(), &it.ty)).collect()
    }

    fn member(&self, operation: &Operation, name: &str) -> Option<&Member> {
        let input = self.models.service.operations[&operation.name].input.as_ref()?;
        self.models.service.structure(&input.shape)?.members.get(name)
    }

    fn method(&mut self, method: &str, operation: &Operation, arguments: &[Argument<'_>]) {
        self.found.methods += 1;
        if arguments.len() > MAX_ARGUMENTS {
            self.broken.push(format!("{method} has {} arguments", arguments.len()));
        }
        let order = self.signatures.order(&operation.name);
        self.found.ordered += usize::from(order.is_some());
        let is_in_url = |name: &str| {
            self.member(operation, name).is_some_and(|it| it.location.as_deref() == Some("uri") || it.host_label)
        };
        let is_ordered = |name: &str| order.is_some_and(|order| order.iter().any(|it| it == name));
        let mut confused = Vec::new();
        for (index, (name, ident, ty)) in arguments.iter().enumerate() {
            for (other, other_ident, other_ty) in &arguments[..index] {
                let are_alike = !accepted(ty).is_disjoint(&accepted(other_ty));
                let is_justified =
                    [name, other].iter().all(|it| is_in_url(it)) || [name, other].iter().all(|it| is_ordered(it));
                if are_alike && !is_justified {
                    confused.push(format!("{method}: `{other_ident}` and `{ident}` can be confused"));
                }
            }
        }
        self.broken.extend(confused);
    }

    /// Each required member is filled in, an argument or a setter that the documentation names, and only one of them.
    fn nothing_is_forgotten(
        &mut self,
        method: &str,
        operation: &Operation,
        filled: &[&str],
        arguments: &[Argument<'_>],
        also: &[&str],
    ) {
        self.found.setters += also.len();
        for field in operation.input.fields.iter().filter(|it| it.required) {
            let is_token = self.member(operation, &field.name).is_some_and(|it| it.idempotency_token);
            let is_argument = arguments.iter().any(|(_, ident, _)| *ident == field.ident);
            let is_set = is_argument || filled.contains(&field.ident.as_str());
            if (is_set || !is_token) && is_set == also.contains(&field.ident.as_str()) {
                self.broken.push(format!("{method}: `{}` is required, and not named once", field.ident));
            }
        }
    }
}
