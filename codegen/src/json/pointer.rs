//! The path from a document's root to a value: a chain of borrowed steps, turned into a `SourceLocation` only for a
//! problem.

use crate::report::SourceLocation;

/// One step and the chain before it.
#[derive(Clone, Copy, Default)]
pub(super) struct PointerChain<'a> {
    before: Option<&'a PointerChain<'a>>,
    step: Option<Step<'a>>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> PointerChain<'a> {
    pub(super) fn key(&'a self, key: &'a str) -> PointerChain<'a> {
        PointerChain { before: Some(self), step: Some(Step::Key(key)) }
    }

    pub(super) fn index(&'a self, index: usize) -> PointerChain<'a> {
        PointerChain { before: Some(self), step: Some(Step::Index(index)) }
    }

    pub(super) fn location(&self, root: &SourceLocation) -> SourceLocation {
        let before = self.before.map_or_else(|| root.clone(), |before| before.location(root));
        match self.step {
            None => before,
            Some(Step::Key(key)) => before.child(key),
            Some(Step::Index(index)) => before.child(index),
        }
    }
}
