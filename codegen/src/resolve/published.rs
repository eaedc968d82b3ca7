//! The record of published signatures: what it says of decided crates, and how it names the methods. `arguments` takes
//! from it what was published.

use crate::ir;
use crate::ir::resource::{Request, Resource};
use crate::report::{Report, SourceLocation};
use crate::source::{Published, ServicePlan, ServiceSource};

/// The name of an action or a collection of a resource; the service resource has no name in the model.
pub(crate) fn of_action(resource: &str, method: &str) -> String {
    let resource = if resource.is_empty() { "ServiceResource" } else { resource };
    format!("{resource}.{method}")
}

/// The name of a batch action.
pub(crate) fn of_batch(resource: &str, method: &str) -> String {
    format!("{resource}[].{method}")
}

/// The arguments of all methods of a service's crates. Waiters and paginators have those of their operations.
pub fn signatures(client: &ir::Crate, resources: Option<&ir::resource::Crate>) -> Published {
    let of_operation = |operation: &ir::Operation| {
        let arguments = operation.arguments.iter().map(|index| operation.input.fields[*index].name.clone());
        (operation.name.clone(), arguments.collect())
    };
    let mut published: Published = client.operations.iter().map(of_operation).collect();
    let mut add = |method: String, request: &Request| {
        let operation = client.operations.iter().find(|it| it.ty == request.operation);
        let fields = operation.map_or(&[][..], |it| &it.input.fields);
        let name = |ident: &str| fields.iter().find(|field| field.ident == ident).map(|field| field.name.clone());
        published.insert(method, request.arguments.iter().filter_map(|it| name(&it.ident)).collect());
    };
    let Some(resources) = resources else { return published };
    let named = resources.resources.iter().map(|it| (it.name.as_str(), it));
    for (name, resource) in named.chain([("", &resources.root)]) {
        let resource: &Resource = resource;
        for action in resource.actions.iter().chain(&resource.load) {
            add(of_action(name, &action.method), &action.request);
        }
        for collection in &resource.collections {
            add(of_action(name, &collection.method), &collection.request);
        }
        for batch in &resource.batches {
            add(of_batch(name, &batch.method), &batch.request);
        }
    }
    published
}

/// Reports the arguments that were published and are gone, because AWS removed the member: the method is generated
/// without them once the record says so.
pub fn check(
    client: &ir::Crate,
    resources: Option<&ir::resource::Crate>,
    source: &ServiceSource,
    plan: &ServicePlan,
    report: &mut Report,
) {
    for (method, left) in signatures(client, resources) {
        let Some(published) = plan.signatures.published(&method) else { continue };
        let gone: Vec<String> = published.iter().filter(|it| !left.contains(it)).map(|it| format!("`{it}`")).collect();
        if !gone.is_empty() {
            report.problem_with_hint(
                SourceLocation::new(&format!("models/signatures/{}.txt", source.name)),
                format!(
                    "`{method}` was published with ({}), but can no longer take {}",
                    published.join(", "),
                    gone.join(", ")
                ),
                "`cargo xtask models update --to pinned` records what is left; programs that call it break",
            );
        }
    }
}
