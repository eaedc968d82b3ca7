//! `Debug` of every generated structure: the members that are set, by their names in the model; secrets as `***`. Knows
//! no protocol.

use std::fmt::{self, Debug};

use super::layout::{ListView, MapView, SchemaType, StructureView, View};

/// Formats a generated structure.
pub fn debug<T: SchemaType>(it: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    DebugView(View::Structure(StructureView::new(it))).fmt(f)
}

struct DebugView<'a>(View<'a>);

/// An element of a list or a value of a map, which may be a null.
struct DebugElement<'a>(Option<View<'a>>);

impl Debug for DebugElement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(it) => DebugView(it).fmt(f),
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
            View::Structure(it) => structure(it, f),
            View::List(it) => list(it, f),
            View::Map(it) => map(it, f),
        }
    }
}

fn structure(view: &StructureView<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_struct(view.shape().name);
    for (member, value) in view.members() {
        if member.secret {
            out.field(member.name, &format_args!("***"));
        } else {
            out.field(member.name, &DebugView(value));
        }
    }
    match view.unknown() {
        Some(name) => out.field("Unknown", &name).finish(),
        None => out.finish(),
    }
}

fn list(it: &ListView<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.debug_list().entries(it.iter().map(DebugElement)).finish()
}

fn map(view: &MapView<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_map();
    let _ = view.try_each(|key, value| {
        out.entry(&key, &DebugElement(value));
        Ok::<_, fmt::Error>(())
    });
    out.finish()
}
