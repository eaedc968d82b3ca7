//! Scalars as strings, as XML, headers, query strings and URI labels write them. Knows none of these formats.

use std::borrow::Cow;

use super::shortened;
use crate::encoding::base64;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::View;
use crate::schema::dynamic::Value;
use crate::schema::shape::Kind;
use crate::types::Timestamp;

/// Formats a scalar; `None` for values that are not scalars. Timestamps have the format of `kind`, blobs are base64.
pub(crate) fn format<'a>(view: View<'a>, kind: &Kind) -> Result<Option<Cow<'a, str>>> {
    Ok(Some(match view {
        View::String(it) => Cow::Borrowed(it),
        View::Bool(it) => Cow::Borrowed(if it { "true" } else { "false" }),
        View::I32(it) => Cow::Owned(it.to_string()),
        View::I64(it) => Cow::Owned(it.to_string()),
        View::F32(it) => float(f64::from(it), it),
        View::F64(it) => float(it, it),
        View::Timestamp(it) => Cow::Owned(match kind {
            Kind::Timestamp(format) => it.format(*format)?,
            _ => it.to_string(),
        }),
        View::Blob(it) => Cow::Owned(base64::encode(it)),
        View::Document(it) => Cow::Owned(it.to_string()),
        _ => return Ok(None),
    }))
}

/// Formats a number as the shortest string that parses to the same value; NaN and the infinities have the names that
/// the protocols give them.
fn float(value: f64, printed: impl std::fmt::Debug) -> Cow<'static, str> {
    if value.is_nan() {
        Cow::Borrowed("NaN")
    } else if value.is_infinite() {
        Cow::Borrowed(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        Cow::Owned(format!("{printed:?}"))
    }
}

/// Parses a scalar of `kind`.
pub(crate) fn parse(string: Cow<'_, str>, kind: &Kind) -> Result<Value> {
    let trimmed = || string.trim();
    let invalid = |what: &str| Error::new(ErrorKind::Parse, format!("expected {what}, found {:?}", shortened(&string)));
    Ok(match kind {
        Kind::String | Kind::Enum => Value::String(string.into_owned()),
        Kind::Bool if trimmed().eq_ignore_ascii_case("true") => Value::Bool(true),
        Kind::Bool if trimmed().eq_ignore_ascii_case("false") => Value::Bool(false),
        Kind::Bool => return Err(invalid("true or false")),
        Kind::I32 => Value::I32(trimmed().parse().map_err(|_| invalid("a 32-bit integer"))?),
        Kind::I64 => Value::I64(trimmed().parse().map_err(|_| invalid("a 64-bit integer"))?),
        Kind::F32 => Value::F32(trimmed().parse().map_err(|_| invalid("a number"))?),
        Kind::F64 => Value::F64(trimmed().parse().map_err(|_| invalid("a number"))?),
        Kind::Timestamp(_) => Value::Timestamp(Timestamp::parse_any(trimmed())?),
        // The error does not quote the string: blobs may be keys and tokens.
        Kind::Blob => Value::Blob(
            base64::decode(trimmed())
                .map_err(|_| Error::new(ErrorKind::Parse, "expected base64, found another string"))?
                .into(),
        ),
        Kind::Document => Value::Document(crate::types::Document::String(string.into_owned())),
        Kind::Stream | Kind::Events(_) | Kind::Structure(..) | Kind::List(_) | Kind::Map(_) => {
            return Err(invalid("a structure, list, map or stream"));
        }
    })
}
