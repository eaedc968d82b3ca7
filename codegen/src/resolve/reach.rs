//! What the wanted operations reach, and in which direction: sent, received, or as an error. Knows no Rust.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Models, Operation, ShapeKind};

/// The shapes that a crate needs.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    operations: Vec<String>,
    directions: BTreeMap<String, Directions>,
    errors: BTreeSet<String>,
    /// Shapes that something refers to, other than an operation's input, output or errors.
    types: BTreeSet<String>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Directions {
    sent: bool,
    received: bool,
}

impl Reach {
    /// Walks from the wanted operations (all when none is named).
    pub(crate) fn new(models: &Models, wanted: &[String]) -> Self {
        let mut reach = Self::default();
        let service = &models.service;
        let is_wanted = |name: &String| wanted.is_empty() || wanted.contains(name);
        for (name, operation) in service.operations.iter().filter(|(name, _)| is_wanted(name)) {
            reach.operations.push(name.clone());
            if let Some(input) = &operation.input {
                reach.walk(models, &input.shape, true);
            }
            if let Some(output) = &operation.output {
                reach.walk(models, &output.shape, false);
            }
            for error in errors(models, operation) {
                reach.errors.insert(error.to_owned());
                reach.walk(models, error, false);
            }
        }
        // Errors that no operation lists may come all the same: they are part of the whole service.
        if wanted.is_empty() {
            for (name, shape) in &service.shapes {
                if shape.structure().is_some_and(|it| it.exception) {
                    reach.errors.insert(name.clone());
                    reach.walk(models, name, false);
                }
            }
        }
        reach.operations.sort();
        reach
    }

    fn walk(&mut self, models: &Models, root: &str, sent: bool) {
        let mut open = vec![root.to_owned()];
        while let Some(name) = open.pop() {
            let directions = self.directions.entry(name.clone()).or_default();
            let seen = if sent { &mut directions.sent } else { &mut directions.received };
            if std::mem::replace(seen, true) {
                continue;
            }
            let Some(shape) = models.service.shapes.get(&name) else { continue };
            let events = shape.structure().is_some_and(|it| it.event_stream);
            let key_is_text = matches!(shape.kind, ShapeKind::Map(_));
            for (steps, member) in shape.references() {
                if key_is_text && steps == ["key"] || events && is_exception(models, &member.shape) {
                    continue;
                }
                self.types.insert(member.shape.clone());
                open.push(member.shape.clone());
            }
        }
    }

    /// The wanted operations, in the order of their names.
    pub(crate) fn operations(&self) -> &[String] {
        &self.operations
    }

    /// Whether some input holds the shape.
    pub(crate) fn is_sent(&self, shape: &str) -> bool {
        self.directions.get(shape).is_some_and(|it| it.sent)
    }

    /// Whether the shape is an error of an operation.
    pub(crate) fn is_error(&self, shape: &str) -> bool {
        self.errors.contains(shape)
    }

    /// Whether something refers to the shape, so that it needs a type of its own.
    pub(crate) fn is_type(&self, shape: &str) -> bool {
        self.types.contains(shape)
    }
}

/// The exceptions of an operation: those of its answer, and those that may end a stream of events in it.
pub(crate) fn errors<'a>(models: &'a Models, operation: &'a Operation) -> impl Iterator<Item = &'a str> {
    let output = operation.output.as_ref().and_then(|it| models.service.structure(&it.shape));
    let members = output.into_iter().flat_map(|it| it.members.values());
    let streams = members.filter_map(|it| models.service.structure(&it.shape)).filter(|it| it.event_stream);
    let within = streams.flat_map(|it| it.members.values()).map(|it| it.shape.as_str());
    let within = within.filter(|it| is_exception(models, it));
    operation.errors.iter().map(|it| it.shape.as_str()).chain(within)
}

/// Whether a member of a stream's union is no event but an exception: then it is none of the union's variants.
pub(crate) fn is_exception(models: &Models, shape: &str) -> bool {
    models.service.structure(shape).is_some_and(|it| it.exception)
}
