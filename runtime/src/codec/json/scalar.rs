//! Converts JSON scalars to the kinds of members. Numbers and Booleans may be sent as strings, which botocore accepts
//! too; numbers are rounded only to the nearest float. A number or Boolean in place of a string is kept as its JSON text: botocore
//! passes it through.

use serde_core::de;

use crate::codec::scalar_string;
use crate::encoding::base64;
use crate::schema::dynamic::Value;
use crate::schema::layout::Open;
use crate::schema::shape::Kind;
use crate::types::{Document, Number, Timestamp, out_of_range};

/// A scalar of JSON.
#[derive(Clone, Copy)]
pub(super) enum Scalar<'s> {
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    String(&'s str),
}

/// Parses a number that serde_json passes as a string ([`NUMBER`](crate::types::NUMBER)).
pub(super) fn number<E: de::Error>(digits: &str) -> Result<Scalar<'static>, E> {
    let number = Number::from_digits(digits).ok_or_else(out_of_range)?;
    Ok(match (number.as_u64(), number.as_i64()) {
        (Some(it), _) => Scalar::Unsigned(it),
        (None, Some(it)) => Scalar::Negative(it),
        (None, None) => Scalar::Float(number.as_f64()),
    })
}

/// Assigns a scalar to a slot; always `true`.
pub(super) fn put<E: de::Error>(slot: Open<'_>, found: Scalar<'_>) -> Result<bool, E> {
    match slot {
        Open::Scalar(slot) => match (slot.kind(), found) {
            (Kind::String | Kind::Enum, Scalar::String(it)) => Ok(slot.put_str(it.into())),
            (kind, found) => match found.convert(kind) {
                Some(value) => Ok(slot.put(value)),
                None => {
                    let description = found.describe(kind);
                    Err(unexpected(&Open::Scalar(slot), description))
                }
            },
        },
        other => Err(unexpected(&other, found.describe(&Kind::Document))),
    }
}

/// The error for a value of the wrong kind. It does not contain the value, which may be a secret.
pub(super) fn unexpected<E: de::Error>(slot: &Open<'_>, found: &str) -> E {
    let expected = match slot {
        Open::Structure(_) | Open::Map(_) => "an object",
        Open::List(_) => "a list",
        Open::Scalar(slot) => match slot.kind() {
            Kind::String | Kind::Enum => "a string",
            Kind::Bool => "true or false",
            Kind::I32 => "a 32-bit integer",
            Kind::I64 => "a 64-bit integer",
            Kind::F32 | Kind::F64 => "a number",
            Kind::Timestamp(_) => "a timestamp",
            Kind::Blob => "base64",
            _ => "no value",
        },
    };
    E::custom(format_args!("expected {expected}, found {found}"))
}

impl Scalar<'_> {
    /// How an error describes the scalar where `kind` was expected.
    fn describe(self, kind: &Kind) -> &'static str {
        match (self, kind) {
            (Self::Bool(_), _) => "a Boolean",
            (Self::String(_), _) => "a string",
            // Out of range, or with a fraction.
            (_, Kind::I32 | Kind::I64 | Kind::F32 | Kind::F64 | Kind::Timestamp(_)) => "another number",
            _ => "a number",
        }
    }

    fn convert(self, kind: &Kind) -> Option<Value> {
        Some(match (kind, self) {
            (Kind::String | Kind::Enum, it) => Value::String(it.text()?),
            (Kind::Bool, Self::Bool(it)) => Value::Bool(it),
            (Kind::I32, Self::Unsigned(_) | Self::Negative(_) | Self::Float(_)) => {
                Value::I32(self.integer()?.try_into().ok()?)
            }
            (Kind::I64, Self::Unsigned(_) | Self::Negative(_) | Self::Float(_)) => Value::I64(self.integer()?),
            (Kind::F32, Self::Unsigned(_) | Self::Negative(_) | Self::Float(_)) => Value::F32(self.single()?),
            (Kind::F64, Self::Unsigned(_) | Self::Negative(_) | Self::Float(_)) => Value::F64(self.float()?),
            (Kind::Timestamp(_), Self::Float(it)) => Value::Timestamp(Timestamp::from_secs_f64(it).ok()?),
            (Kind::Timestamp(_), Self::Unsigned(_) | Self::Negative(_)) => {
                Value::Timestamp(Timestamp::from_secs(self.integer()?))
            }
            (Kind::Timestamp(_), Self::String(it)) => Value::Timestamp(Timestamp::parse_any(it).ok()?),
            (Kind::Blob, Self::String(it)) => Value::Blob(base64::decode(it).ok()?.into()),
            (Kind::Document, it) => Value::Document(it.document()),
            (Kind::Bool | Kind::I32 | Kind::I64 | Kind::F32 | Kind::F64, Self::String(it)) => {
                scalar_string::parse(it.into(), kind).ok()?
            }
            _ => return None,
        })
    }

    /// The scalar as JSON text; `None` for a number that was rounded.
    fn text(self) -> Option<String> {
        /// 2^53: floats from here on are whole numbers, some of which stand for several.
        const LIMIT: f64 = 9_007_199_254_740_992.0;
        Some(match self {
            Self::Bool(it) => it.to_string(),
            Self::Unsigned(it) => it.to_string(),
            Self::Negative(it) => it.to_string(),
            Self::Float(it) if it.abs() < LIMIT => it.to_string(),
            Self::Float(_) => return None,
            Self::String(it) => it.to_owned(),
        })
    }

    /// The scalar as an integer; a float only if it has no fraction.
    fn integer(self) -> Option<i64> {
        /// 2^63, the least float that exceeds `i64`.
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        match self {
            Self::Unsigned(it) => it.try_into().ok(),
            Self::Negative(it) => Some(it),
            Self::Float(it) if it.fract() == 0.0 && (-LIMIT..LIMIT).contains(&it) => Some(it as i64),
            _ => None,
        }
    }

    fn float(self) -> Option<f64> {
        match self {
            Self::Unsigned(it) => Some(it as f64),
            Self::Negative(it) => Some(it as f64),
            Self::Float(it) => Some(it),
            _ => None,
        }
    }

    fn single(self) -> Option<f32> {
        self.float().map(|it| it as f32).filter(|it| it.is_finite())
    }

    pub(super) fn document(self) -> Document {
        match self {
            Self::Bool(it) => it.into(),
            Self::Unsigned(it) => it.into(),
            Self::Negative(it) => it.into(),
            Self::Float(it) => it.into(),
            Self::String(it) => it.into(),
        }
    }
}
