//! Writes values as JSON. Names come from the shape; absent members are omitted. Knows no protocol.

use std::fmt::Write as _;

use crate::codec::scalar_string;
use crate::encoding::base64;
use crate::error::Result;
use crate::schema::shape::{Kind, Node, TimeFormat};
use crate::schema::{StructureView, View};
use crate::types::quote;

/// Appends a structure as an object of the members that are present and in the body.
///
/// # Errors
/// [`ErrorKind::Validation`](crate::ErrorKind::Validation) for a timestamp that its format cannot represent, with the
/// path of the member.
pub fn write(out: &mut String, structure: StructureView<'_>) -> Result<()> {
    write_members(out, structure, &structure.shape().body)
}

/// Appends a structure as an object of these of its members that are present.
///
/// # Errors
/// The same as for [`write()`].
pub(crate) fn write_members(out: &mut String, structure: StructureView<'_>, members: &[usize]) -> Result<()> {
    let mut object = Object::new(out);
    for &index in members {
        let member = &structure.shape().members[index];
        if let Some(value) = structure.get(member) {
            object.name(member.wire);
            write_value(object.out, value, &member.node).map_err(|it| it.within(member.name))?;
        }
    }
    object.end();
    Ok(())
}

/// Appends a value of any kind.
///
/// # Errors
/// The same as for [`write()`].
pub fn write_value(out: &mut String, value: View<'_>, node: &Node) -> Result<()> {
    match (value, &node.kind) {
        (View::Structure(it), _) => write(out, it)?,
        (View::List(list), Kind::List(kind)) => {
            out.push('[');
            for (index, value) in list.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_or_null(out, value, &kind.element)?;
            }
            out.push(']');
        }
        (View::Map(map), Kind::Map(kind)) => {
            let mut object = Object::new(out);
            map.try_each(|key, value| {
                object.name(key);
                write_or_null(object.out, value, &kind.value)
            })?;
            object.end();
        }
        (value, kind) => scalar(out, value, kind)?,
    }
    Ok(())
}

fn write_or_null(out: &mut String, value: Option<View<'_>>, node: &Node) -> Result<()> {
    match value {
        Some(value) => write_value(out, value, node),
        None => {
            out.push_str("null");
            Ok(())
        }
    }
}

fn scalar(out: &mut String, value: View<'_>, kind: &Kind) -> Result<()> {
    // Writing to a `String` cannot fail.
    let _ = match value {
        View::String(it) => quote(out, it),
        View::Bool(it) => write!(out, "{it}"),
        View::I32(it) => write!(out, "{it}"),
        View::I64(it) => write!(out, "{it}"),
        View::F32(it) if it.is_finite() => write!(out, "{it:?}"),
        View::F64(it) if it.is_finite() => write!(out, "{it:?}"),
        View::Blob(it) => {
            out.push('"');
            base64::push(out, it);
            out.write_char('"')
        }
        View::Document(it) => write!(out, "{it}"),
        View::Timestamp(it) if matches!(kind, Kind::Timestamp(TimeFormat::EpochSeconds)) => {
            // As a string, the fraction is added to the seconds even before 1970; as a number, it has the sign of the
            // whole.
            match it.as_secs() < 0 && it.subsec_nanos() > 0 {
                true => write!(out, "{}", it.as_secs_f64()),
                false => return it.write(TimeFormat::EpochSeconds, out),
            }
        }
        value => quote(out, &scalar_string::format(value, kind)?.unwrap_or_default()),
    };
    Ok(())
}

/// An object that is being written.
struct Object<'o> {
    out: &'o mut String,
    first: bool,
}

impl<'o> Object<'o> {
    fn new(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, first: true }
    }

    fn name(&mut self, name: &str) {
        if !std::mem::take(&mut self.first) {
            self.out.push(',');
        }
        let _ = quote(self.out, name);
        self.out.push(':');
    }

    fn end(self) {
        self.out.push('}');
    }
}
