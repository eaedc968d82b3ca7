//! Batch actions: which elements may share a request, and the lists of the output that say what became of each. Knows no
//! models and no tokens.

use std::collections::BTreeSet;

use crate::ir::resource::{Attribute, BatchOutput, InputValue, Request, Resource};
use crate::ir::{self, Docs, Type};

/// The identifiers that all elements of a request must have in common: those that the request has once.
///
/// Of two lists with a value for each element, the service takes every combination: `DeleteTags` deletes each tag from
/// each resource. So only the list of structures is filled for each element; the identifiers in the other one become
/// common to the request, and stand in it once.
pub(super) fn share(request: &mut Request) -> Vec<String> {
    let has_structures = request.fields.iter().any(|(_, value)| per_element(value).is_some_and(is_structure));
    let mut shared = BTreeSet::new();
    for (_, value) in &mut request.fields {
        if has_structures && per_element(value).is_some_and(|item| !is_structure(item)) {
            once(value);
        }
        identifiers(value, &mut shared);
    }
    shared.into_iter().collect()
}

/// The value for each element, if the field is a list of them.
fn per_element(value: &InputValue) -> Option<&InputValue> {
    match value {
        InputValue::Present(value) | InputValue::Collected(value) => per_element(value),
        InputValue::PerElement(item) => Some(item),
        InputValue::Structure { fields, .. } => fields.iter().find_map(|(_, value)| per_element(value)),
        _ => None,
    }
}

fn is_structure(value: &InputValue) -> bool {
    match value {
        InputValue::Present(value) | InputValue::Collected(value) => is_structure(value),
        value => matches!(value, InputValue::Structure { .. }),
    }
}

/// Makes a list of values for each element one of a single value.
fn once(value: &mut InputValue) {
    match value {
        InputValue::Present(inner) | InputValue::Collected(inner) => once(inner),
        InputValue::PerElement(item) => {
            let item = std::mem::replace(&mut **item, InputValue::List(Vec::new()));
            *value = InputValue::List(vec![item]);
        }
        _ => {}
    }
}

/// The identifiers outside of lists for each element.
fn identifiers(value: &InputValue, found: &mut BTreeSet<String>) {
    match value {
        InputValue::Identifier { ident, .. } => {
            found.insert(ident.clone());
        }
        InputValue::Present(value) | InputValue::Collected(value) => identifiers(value, found),
        InputValue::List(values) => values.iter().for_each(|it| identifiers(it, found)),
        InputValue::Structure { fields, .. } => fields.iter().for_each(|(_, it)| identifiers(it, found)),
        InputValue::Argument(_)
        | InputValue::ArgumentOfAll(_)
        | InputValue::Attribute { .. }
        | InputValue::Constant(_)
        | InputValue::PerElement(_) => {}
    }
}

/// The lists in the outputs of all batch actions. A success may still contain failures of elements.
pub(super) fn outputs(resources: &[Resource], client: &ir::Crate) -> Vec<BatchOutput> {
    let sent: BTreeSet<_> = resources.iter().flat_map(|it| &it.batches).map(|it| &it.request.operation).collect();
    let output = |operation: &ir::Operation| {
        let list = |field: &ir::Field| {
            let docs = Docs { markdown: field.docs.summary.clone(), ..field.docs.clone() };
            let (ident, ty) = (field.ident.clone(), field.ty.clone());
            matches!(ty.present(), Type::List(_)).then(|| Attribute { method: ident.clone(), ident, ty, docs })
        };
        let lists = operation.output.fields.iter().filter_map(list).collect();
        BatchOutput { ty: operation.output.ty.clone(), lists }
    };
    let outputs = client.operations.iter().filter(|it| sent.contains(&it.ty)).map(output);
    outputs.filter(|it| !it.lists.is_empty()).collect()
}
