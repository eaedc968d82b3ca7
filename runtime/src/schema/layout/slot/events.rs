//! Event streams as members: given to an output, taken out of an input. Knows no event.

use super::{Open, ScalarMut, Storage, StructureMut};
#[cfg(any(test, feature = "testing"))]
use crate::schema::events::EventStream;
use crate::schema::events::{Incoming, Outgoing};
use crate::schema::shape::{Kind, Member, Node};

impl StructureMut<'_> {
    /// Sets the events of a member that is an event stream; `false` if it is not.
    pub(crate) fn set_events(&mut self, member: &'static Member, source: Box<dyn Incoming>) -> bool {
        match self.slot(member).open() {
            Open::Scalar(ScalarMut {
                storage: Storage::Native(it, _),
                node: Node { kind: Kind::Events(kind), .. },
            }) => {
                // SAFETY: the kind says that `it` points to a live event stream, exclusively borrowed.
                unsafe { (kind.ops.set)(it, source) };
                true
            }
            _ => false,
        }
    }

    /// Takes the events out of a member that is the event stream of an output.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn take_incoming(&mut self, member: &'static Member) -> Option<Box<dyn Incoming>> {
        match self.slot(member).open() {
            Open::Scalar(ScalarMut {
                storage: Storage::Native(it, _),
                node: Node { kind: Kind::Events(kind), .. },
            }) if kind.ops.incoming => {
                // SAFETY: `it` points to a live `EventStream`, exclusively borrowed; it is transparent, so that it has the
                // same layout for every union, whose type it only names.
                unsafe { &mut *it.cast::<EventStream<()>>() }.take()
            }
            _ => None,
        }
    }

    /// Takes the events out of a member that is an event stream.
    pub(crate) fn take_events(&mut self, member: &'static Member) -> Option<Box<dyn Outgoing>> {
        self.view().get(member)?;
        match self.slot(member).open() {
            // SAFETY: the kind says that `it` points to a live event stream, exclusively borrowed.
            Open::Scalar(ScalarMut {
                storage: Storage::Native(it, _),
                node: Node { kind: Kind::Events(kind), .. },
            }) => unsafe { (kind.ops.take)(it) },
            _ => None,
        }
    }
}
