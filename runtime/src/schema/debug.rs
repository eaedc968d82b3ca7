//! `Debug` of every generated structure: members that are set, by their names in the model; secrets as `***`.

use std::fmt::{self, Debug};

use super::layout::{Element, ListView, MapView, StructureView, View};

/// Formats a generated structure.
pub fn debug<T: Element>(it: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    Shown(View::Structure(StructureView::new(it))).fmt(f)
}

struct Shown<'a>(View<'a>);

/// An element of a list or map, which may be a null.
struct Item<'a>(Option<View<'a>>);

impl Debug for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(it) => Shown(it).fmt(f),
            None => f.write_str("null"),
        }
    }
}

impl Debug for Shown<'_> {
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

fn structure(it: &StructureView<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_struct(it.shape().name);
    for (member, value) in it.members() {
        if member.secret {
            out.field(member.name, &format_args!("***"));
        } else {
            out.field(member.name, &Shown(value));
        }
    }
    match it.unknown() {
        Some(name) => out.field("Unknown", &name).finish(),
        None => out.finish(),
    }
}

fn list(it: &ListView<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.debug_list().entries(it.iter().map(Item)).finish()
}

fn map(it: &MapView<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_map();
    let _ = it.try_each(|key, value| {
        out.entry(&key, &Item(value));
        Ok::<_, fmt::Error>(())
    });
    out.finish()
}
