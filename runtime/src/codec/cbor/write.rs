//! Writes structures as maps of their members. Lengths are always definite, and integers have the shortest encoding.
//! Knows no protocol.

use crate::error::{Error, ErrorKind, Result};
use crate::schema::{StructureView, View};
use crate::types::Timestamp;

/// The major types of CBOR (RFC 8949, section 3.1): the three high bits of the first byte.
#[derive(Clone, Copy)]
enum Major {
    Unsigned = 0,
    Negative = 1,
    Bytes = 2,
    Text = 3,
    List = 4,
    Map = 5,
    Tag = 6,
}

/// Appends a structure as a map of the members that are present and in the body.
///
/// # Errors
/// [`ErrorKind::Validation`] for documents and streams, which CBOR cannot represent.
pub fn write(out: &mut Vec<u8>, structure: StructureView<'_>) -> Result<()> {
    write_members(out, structure, &structure.shape().body)
}

/// Appends a structure as a map of these of its members that are present.
///
/// # Errors
/// The same as for [`write()`].
pub(crate) fn write_members(out: &mut Vec<u8>, structure: StructureView<'_>, members: &[usize]) -> Result<()> {
    write_map(out, &[], Some((structure, members)))
}

/// Appends a map of strings, and of these members of a structure that are present.
///
/// # Errors
/// The same as for [`write()`].
pub(crate) fn write_map(
    out: &mut Vec<u8>,
    strings: &[(&str, &str)],
    members: Option<(StructureView<'_>, &[usize])>,
) -> Result<()> {
    let present = || {
        members.into_iter().flat_map(|(structure, members)| {
            let members = members.iter().map(move |&index| &structure.shape().members[index]);
            members.filter_map(move |member| Some((member, structure.get(member)?)))
        })
    };
    head(out, Major::Map, (strings.len() + present().count()) as u64);
    for (name, string) in strings {
        text(out, name);
        text(out, string);
    }
    present().try_for_each(|(member, value)| {
        text(out, member.wire);
        write_value(out, value).map_err(|it| it.within(member.name))
    })
}

fn write_value(out: &mut Vec<u8>, value: View<'_>) -> Result<()> {
    match value {
        View::String(it) => text(out, it),
        View::Bool(it) => out.push(if it { 0xf5 } else { 0xf4 }),
        View::I32(it) => integer(out, it.into()),
        View::I64(it) => integer(out, it),
        View::F32(it) => match non_finite(it.into()) {
            Some(half) => out.extend(half),
            None => {
                out.push(0xfa);
                out.extend(it.to_be_bytes());
            }
        },
        View::F64(it) => double(out, it),
        View::Timestamp(it) => timestamp(out, it),
        View::Blob(it) => {
            head(out, Major::Bytes, it.len() as u64);
            out.extend_from_slice(it);
        }
        View::Structure(it) => write(out, it)?,
        View::List(list) => {
            head(out, Major::List, list.len() as u64);
            list.iter().try_for_each(|element| write_or_null(out, element))?;
        }
        View::Map(map) => {
            head(out, Major::Map, map.len() as u64);
            map.try_each(|key, value| {
                text(out, key);
                write_or_null(out, value)
            })?;
        }
        View::Document(_) | View::Stream(_) | View::Events => {
            return Err(Error::new(ErrorKind::Validation, "CBOR cannot represent documents and streams"));
        }
    }
    Ok(())
}

fn write_or_null(out: &mut Vec<u8>, value: Option<View<'_>>) -> Result<()> {
    match value {
        Some(value) => write_value(out, value),
        None => {
            out.push(0xf6);
            Ok(())
        }
    }
}

fn head(out: &mut Vec<u8>, major: Major, argument: u64) {
    let major = (major as u8) << 5;
    match argument {
        0..24 => out.push(major | argument as u8),
        24..0x100 => out.extend([major | 24, argument as u8]),
        0x100..0x1_0000 => {
            out.push(major | 25);
            out.extend((argument as u16).to_be_bytes());
        }
        0x1_0000..0x1_0000_0000 => {
            out.push(major | 26);
            out.extend((argument as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend(argument.to_be_bytes());
        }
    }
}

fn text(out: &mut Vec<u8>, string: &str) {
    head(out, Major::Text, string.len() as u64);
    out.extend_from_slice(string.as_bytes());
}

fn integer(out: &mut Vec<u8>, value: i64) {
    match value < 0 {
        // -1 - value, without overflow.
        true => head(out, Major::Negative, !value as u64),
        false => head(out, Major::Unsigned, value as u64),
    }
}

fn double(out: &mut Vec<u8>, value: f64) {
    match non_finite(value) {
        Some(half) => out.extend(half),
        None => {
            out.push(0xfb);
            out.extend(value.to_be_bytes());
        }
    }
}

/// Infinities and NaN in half precision, which is their shortest encoding.
fn non_finite(value: f64) -> Option<[u8; 3]> {
    match value {
        f64::INFINITY => Some([0xf9, 0x7c, 0x00]),
        f64::NEG_INFINITY => Some([0xf9, 0xfc, 0x00]),
        value => value.is_nan().then_some([0xf9, 0x7e, 0x00]),
    }
}

/// Writes seconds since 1970 with their tag: an integer, or a double if there is a fraction.
fn timestamp(out: &mut Vec<u8>, value: Timestamp) {
    head(out, Major::Tag, 1);
    match value.subsec_nanos() {
        0 => integer(out, value.as_secs()),
        _ => double(out, value.as_secs_f64()),
    }
}
