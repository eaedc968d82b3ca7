//! Writes values as elements. Names, namespaces and attributes come from the shape. Knows no protocol.

use crate::codec::scalar_string;
use crate::error::{Error, Result};
use crate::schema::shape::{Kind, Member, Namespace, Node};
use crate::schema::{StructureView, View};

/// Writes `<name>…</name>` for a structure, with `namespace` on the element.
///
/// # Errors
/// [`ErrorKind::Validation`](crate::ErrorKind::Validation) for a timestamp that its format cannot represent.
pub fn write_element(
    out: &mut String,
    name: &str,
    namespace: Option<Namespace>,
    structure: StructureView<'_>,
) -> Result<()> {
    write_members(out, name, namespace, structure, &structure.shape().body)
}

/// Writes the element of a structure with these of its members, and its attributes.
///
/// # Errors
/// The same as for [`write_element`].
pub(crate) fn write_members(
    out: &mut String,
    name: &str,
    namespace: Option<Namespace>,
    structure: StructureView<'_>,
    members: &[usize],
) -> Result<()> {
    out.push('<');
    out.push_str(name);
    push_namespace(out, namespace);
    for member in structure.shape().members.iter().filter(|it| it.attribute) {
        if let Some(value) = structure.get(member)
            && let Some(value) = scalar_string::format(value, &member.node.kind)?
        {
            out.push(' ');
            out.push_str(member.wire);
            out.push_str("=\"");
            escape(out, &value, true);
            out.push('"');
        }
    }
    out.push('>');
    for &index in members {
        let member = &structure.shape().members[index];
        match structure.get(member) {
            Some(value) if member.text => {
                escape(out, &scalar_string::format(value, &member.node.kind)?.unwrap_or_default(), false);
            }
            Some(value) if !member.attribute => write_member(out, member, value)?,
            _ => {}
        }
    }
    close(out, name);
    Ok(())
}

fn write_member(out: &mut String, member: &Member, value: View<'_>) -> Result<()> {
    write_value(out, member.wire, value, &member.node)
}

fn write_value(out: &mut String, name: &str, value: View<'_>, node: &Node) -> Result<()> {
    match (value, &node.kind) {
        (View::Structure(it), _) => write_element(out, name, node.namespace, it),
        (View::List(list), Kind::List(kind)) => {
            let element = if kind.flat { name } else { kind.wire };
            if !kind.flat {
                open(out, name, node.namespace);
            }
            for value in list.iter() {
                match value {
                    Some(value) => write_value(out, element, value, &kind.element)?,
                    None => write_text(out, element, "", kind.element.namespace),
                }
            }
            if !kind.flat {
                close(out, name);
            }
            Ok(())
        }
        (View::Map(map), Kind::Map(kind)) => {
            let entry = if kind.flat { name } else { "entry" };
            if !kind.flat {
                open(out, name, node.namespace);
            }
            map.try_each(|key, value| {
                open(out, entry, if kind.flat { node.namespace } else { None });
                write_text(out, kind.key_wire, key, kind.key_namespace);
                match value {
                    Some(value) => write_value(out, kind.value_wire, value, &kind.value)?,
                    None => write_text(out, kind.value_wire, "", kind.value.namespace),
                }
                close(out, entry);
                Ok::<_, Error>(())
            })?;
            if !kind.flat {
                close(out, name);
            }
            Ok(())
        }
        (value, kind) => {
            if let Some(text) = scalar_string::format(value, kind)? {
                write_text(out, name, &text, node.namespace);
            }
            Ok(())
        }
    }
}

/// Writes an element with text.
pub(crate) fn write_string(out: &mut String, name: &str, text: &str) {
    write_text(out, name, text, None);
}

fn write_text(out: &mut String, name: &str, text: &str, namespace: Option<Namespace>) {
    open(out, name, namespace);
    escape(out, text, false);
    close(out, name);
}

fn open(out: &mut String, name: &str, namespace: Option<Namespace>) {
    out.push('<');
    out.push_str(name);
    push_namespace(out, namespace);
    out.push('>');
}

fn push_namespace(out: &mut String, namespace: Option<Namespace>) {
    if let Some(Namespace { prefix, uri }) = namespace {
        out.push_str(" xmlns");
        if let Some(prefix) = prefix {
            out.push(':');
            out.push_str(prefix);
        }
        out.push_str("=\"");
        escape(out, uri, true);
        out.push('"');
    }
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Escapes markup, and control characters as references: a parser would normalize a carriage return to a line feed, so
/// that an object key that contains one could not be deleted in a batch. U+0085 and U+2028 are line ends in XML 1.1.
fn escape(out: &mut String, text: &str, attribute: bool) {
    let mut written = 0;
    for (index, c) in text.char_indices() {
        let reference: &str = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' if attribute => "&quot;",
            '\n' => "&#xA;",
            '\r' => "&#xD;",
            '\u{85}' => "&#x85;",
            '\u{2028}' => "&#x2028;",
            '\t' if !attribute => continue,
            c if c < ' ' => {
                out.push_str(&text[written..index]);
                out.push_str(&format!("&#x{:X};", u32::from(c)));
                written = index + 1;
                continue;
            }
            _ => continue,
        };
        out.push_str(&text[written..index]);
        out.push_str(reference);
        written = index + c.len_utf8();
    }
    out.push_str(&text[written..]);
}
