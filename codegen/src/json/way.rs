//! The way from a document's root to a value: a chain of borrowed steps, made into a `Place` only for a complaint.

use crate::report::Place;

/// One step and the way before it.
#[derive(Clone, Copy, Default)]
pub(super) struct Way<'a> {
    before: Option<&'a Way<'a>>,
    step: Option<Step<'a>>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Way<'a> {
    pub(super) fn key(&'a self, key: &'a str) -> Way<'a> {
        Way { before: Some(self), step: Some(Step::Key(key)) }
    }

    pub(super) fn index(&'a self, index: usize) -> Way<'a> {
        Way { before: Some(self), step: Some(Step::Index(index)) }
    }

    pub(super) fn place(&self, root: &Place) -> Place {
        let before = self.before.map_or_else(|| root.clone(), |before| before.place(root));
        match self.step {
            None => before,
            Some(Step::Key(key)) => before.child(key),
            Some(Step::Index(index)) => before.child(index),
        }
    }
}
