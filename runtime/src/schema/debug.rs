//! `Debug` of every generated structure: the members that are set, by their names in the model; secrets as `***`. Knows
//! no protocol.

use std::fmt::{self, Debug};

use super::MAX_DEPTH;
use super::layout::{ListView, MapView, SchemaType, StructureView, View};

/// What stands in place of a secret.
pub(crate) const REDACTED: &str = "***";

/// Formats a generated structure.
pub fn debug<T: SchemaType>(it: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    DebugView(View::Structure(StructureView::new(it)), 0).fmt(f)
}

/// A value of any type, to be formatted.
pub(crate) fn shown(value: View<'_>) -> impl Debug {
    DebugView(value, 0)
}

/// A value, and how many structures, lists and maps it lies in. Values that no call would accept, since they are nested
/// too deeply, are printed as `…`.
struct DebugView<'a>(View<'a>, usize);

/// An element of a list or a value of a map, which may be a null.
struct DebugElement<'a>(Option<View<'a>>, usize);

impl Debug for DebugElement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(it) => DebugView(it, self.1).fmt(f),
            None => f.write_str("null"),
        }
    }
}

impl Debug for DebugView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            View::String(it) => it.fmt(f),
            View::Bool(it) => it.fmt(f),
            View::I32(it) => it.fmt(f),
            View::I64(it) => it.fmt(f),
            View::F32(it) => it.fmt(f),
            View::F64(it) => it.fmt(f),
            View::Timestamp(it) => it.fmt(f),
            View::Blob(it) => it.fmt(f),
            View::Document(it) => it.fmt(f),
            View::Stream(it) => it.fmt(f),
            View::Events => f.write_str("EventStream"),
            View::Structure(_) | View::List(_) | View::Map(_) if self.1 == MAX_DEPTH => f.write_str("…"),
            View::Structure(it) => structure(it, self.1 + 1, f),
            View::List(it) => list(it, self.1 + 1, f),
            View::Map(it) => map(it, self.1 + 1, f),
        }
    }
}

fn structure(view: &StructureView<'_>, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_struct(view.shape().name);
    for (member, value) in view.members() {
        if member.secret {
            out.field(member.name, &format_args!("{REDACTED}"));
        } else {
            out.field(member.name, &DebugView(value, depth));
        }
    }
    match view.unknown() {
        Some(name) => out.field("Unknown", &name).finish(),
        None => out.finish(),
    }
}

fn list(it: &ListView<'_>, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.debug_list().entries(it.iter().map(|value| DebugElement(value, depth))).finish()
}

fn map(view: &MapView<'_>, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_map();
    let _ = view.try_each(|key, value| {
        out.entry(&key, &DebugElement(value, depth));
        Ok::<_, fmt::Error>(())
    });
    out.finish()
}
