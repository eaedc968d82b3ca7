//! The shapes that the selected operations refer to, in a member or as an error. Whether they are sent or received makes
//! no difference. Knows no Rust.

use std::collections::BTreeSet;

use crate::model::{Models, Operation};

/// The shapes that a crate needs.
#[derive(Debug, Default)]
pub(crate) struct ReachableShapes {
    operations: Vec<String>,
    visited: BTreeSet<String>,
    errors: BTreeSet<String>,
    /// Shapes that a member refers to, so not the inputs, outputs and errors of operations as such.
    types: BTreeSet<String>,
}

impl ReachableShapes {
    /// The shapes that the operations named in `selected` refer to, of all operations if it is empty; and `named`.
    pub(crate) fn new(models: &Models, selected: &[String], named: &[String]) -> Self {
        let mut reachable = Self::default();
        let service = &models.service;
        let is_selected = |name: &String| selected.is_empty() || selected.contains(name);
        for (name, operation) in service.operations.iter().filter(|(name, _)| is_selected(name)) {
            reachable.operations.push(name.clone());
            for structure in [&operation.input, &operation.output].into_iter().flatten() {
                reachable.walk(models, &structure.shape);
            }
            for error in errors(models, operation) {
                reachable.errors.insert(error.to_owned());
                reachable.walk(models, error);
            }
        }
        // A service may return errors that none of its operations lists.
        if selected.is_empty() {
            for (name, shape) in &service.shapes {
                if shape.structure().is_some_and(|it| it.exception) {
                    reachable.errors.insert(name.clone());
                    reachable.walk(models, name);
                }
            }
        }
        for name in named {
            reachable.types.insert(name.clone());
            reachable.walk(models, name);
        }
        reachable.operations.sort();
        reachable
    }

    fn walk(&mut self, models: &Models, root: &str) {
        let mut pending = vec![root.to_owned()];
        while let Some(name) = pending.pop() {
            if !self.visited.insert(name.clone()) {
                continue;
            }
            let Some(shape) = models.service.shapes.get(&name) else { continue };
            let is_event_stream = shape.structure().is_some_and(|it| it.event_stream);
            for (_, member) in shape.references() {
                if is_event_stream && is_exception(models, &member.shape) {
                    continue;
                }
                self.types.insert(member.shape.clone());
                pending.push(member.shape.clone());
            }
        }
    }

    /// The selected operations, sorted by name.
    pub(crate) fn operations(&self) -> &[String] {
        &self.operations
    }

    /// Whether the shape is an error of an operation.
    pub(crate) fn is_error(&self, shape: &str) -> bool {
        self.errors.contains(shape)
    }

    /// Whether a member refers to the shape, so that it needs a type of its own.
    pub(crate) fn is_type(&self, shape: &str) -> bool {
        self.types.contains(shape)
    }
}

/// The exceptions of an operation: those that it lists, and those that may end an event stream of its output.
pub(crate) fn errors<'a>(models: &'a Models, operation: &'a Operation) -> impl Iterator<Item = &'a str> {
    let output = operation.output.as_ref().and_then(|it| models.service.structure(&it.shape));
    let members = output.into_iter().flat_map(|it| it.members.values());
    let streams = members.filter_map(|it| models.service.structure(&it.shape)).filter(|it| it.event_stream);
    let events = streams.flat_map(|it| it.members.values()).map(|it| it.shape.as_str());
    let exceptions = events.filter(|shape| is_exception(models, shape));
    operation.errors.iter().map(|it| it.shape.as_str()).chain(exceptions)
}

/// Whether a member of an event stream's union is an exception, not an event. Then it is not a variant of the union.
pub(crate) fn is_exception(models: &Models, shape: &str) -> bool {
    models.service.structure(shape).is_some_and(|it| it.exception)
}
