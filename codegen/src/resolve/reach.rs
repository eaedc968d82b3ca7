//! What the wanted operations reach, and in which direction: sent, received, or as an error. Knows no Rust.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Models, ShapeKind};

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
            for error in &operation.errors {
                reach.errors.insert(error.shape.clone());
                reach.walk(models, &error.shape, false);
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
            let key_is_text = matches!(shape.kind, ShapeKind::Map(_));
            for (steps, member) in shape.references() {
                if key_is_text && steps == ["key"] {
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
