//! Scalars as text, shared by XML, headers, query strings and labels.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};
use crate::schema::View;
use crate::schema::dynamic::Value;
use crate::schema::shape::Kind;
use crate::text::base64;
use crate::value::Timestamp;

/// The text of a scalar; `None` for anything with parts. Timestamps take the format of `kind`, blobs are base64.
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

/// Numbers as the shortest text that reads back; the special ones by their names in the protocols.
fn float(value: f64, shown: impl std::fmt::Debug) -> Cow<'static, str> {
    if value.is_nan() {
        Cow::Borrowed("NaN")
    } else if value.is_infinite() {
        Cow::Borrowed(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        Cow::Owned(format!("{shown:?}"))
    }
}

/// Reads a scalar of `kind` from its text.
pub(crate) fn parse(text: Cow<'_, str>, kind: &Kind) -> Result<Value> {
    let number = || text.trim();
    let wrong = |what: &str| Error::new(ErrorKind::Parse, format!("{what} expected, found {:?}", shortened(&text)));
    Ok(match kind {
        Kind::String | Kind::Enum => Value::String(text.into_owned()),
        Kind::Bool if number().eq_ignore_ascii_case("true") => Value::Bool(true),
        Kind::Bool if number().eq_ignore_ascii_case("false") => Value::Bool(false),
        Kind::Bool => return Err(wrong("true or false")),
        Kind::I32 => Value::I32(number().parse().map_err(|_| wrong("a 32-bit integer"))?),
        Kind::I64 => Value::I64(number().parse().map_err(|_| wrong("a 64-bit integer"))?),
        Kind::F32 => Value::F32(number().parse().map_err(|_| wrong("a number"))?),
        Kind::F64 => Value::F64(number().parse().map_err(|_| wrong("a number"))?),
        Kind::Timestamp(_) => Value::Timestamp(Timestamp::parse_any(number())?),
        // What it was is not told: keys and tokens travel as blobs.
        Kind::Blob => Value::Blob(
            base64::decode(number())
                .map_err(|_| Error::new(ErrorKind::Parse, "base64 expected, found another text"))?
                .into(),
        ),
        Kind::Document => Value::Document(crate::value::Document::String(text.into_owned())),
        Kind::Stream | Kind::Events(_) | Kind::Structure(..) | Kind::List(_) | Kind::Map(_) => {
            return Err(wrong("a value with parts"));
        }
    })
}

fn shortened(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(end, _)| &text[..end])
}
