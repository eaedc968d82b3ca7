//! Converts JSON of the conformance data to dynamic values by their shapes, and compares values with JSON. Blobs are
//! plain strings, timestamps epoch seconds (or strings in any of the formats), NaN and infinities their names.

use aws_core::internals::schema::dynamic::Value;
use aws_core::internals::schema::shape::{Kind, Node};
use aws_core::internals::schema::{Shape, StructureView, View};
use aws_core::types::{Document, Number, Timestamp};
use serde_json::Value as Json;

/// Converts an object to the members of a structure.
pub fn structure(json: &Json, shape: &'static Shape) -> Result<Vec<Value>, String> {
    let object = json.as_object().ok_or_else(|| format!("an object expected for {}, found {json}", shape.name))?;
    if let Some(unknown) = object.keys().find(|it| shape.member(it).is_none()) {
        return Err(format!("{} has no member {unknown}", shape.name));
    }
    let member = |name: &str, node| object.get(name).map_or(Ok(Value::Absent), |it| value(it, node));
    shape.members.iter().map(|it| member(it.name, &it.node).map_err(|why| format!("{}: {why}", it.name))).collect()
}

fn value(json: &Json, node: &'static Node) -> Result<Value, String> {
    let string = || json.as_str().map(str::to_owned);
    let converted = match (&node.kind, json) {
        (_, Json::Null) => Some(Value::Absent),
        (Kind::String | Kind::Enum, Json::String(it)) => Some(Value::String(it.clone())),
        // A member with the trait `jsonValue`, which boto3 accepts as an object.
        (Kind::String, other) => Some(Value::String(other.to_string())),
        (Kind::Bool, _) => json.as_bool().map(Value::Bool),
        (Kind::I32, _) => json.as_i64().and_then(|it| it.try_into().ok()).map(Value::I32),
        (Kind::I64, _) => json.as_i64().map(Value::I64),
        (Kind::F32, _) => float(json).map(|it| Value::F32(it as f32)),
        (Kind::F64, _) => float(json).map(Value::F64),
        (Kind::Timestamp(_), _) => timestamp(json).map(Value::Timestamp),
        (Kind::Blob, _) => string().map(|it| Value::Blob(it.into())),
        (Kind::Stream, _) => string().map(|it| Value::Stream(it.into_bytes().into())),
        (Kind::Document, _) => Some(Value::Document(document(json))),
        (Kind::Structure(cell), Json::Object(_)) => return structure(json, cell.get()).map(Value::Structure),
        (Kind::List(list), Json::Array(items)) => {
            let items = items.iter().map(|it| value(it, &list.element));
            return items.collect::<Result<_, _>>().map(Value::List);
        }
        (Kind::Map(map), Json::Object(entries)) => {
            let entries = entries.iter().map(|(key, it)| Ok((key.clone(), value(it, &map.value)?)));
            return entries.collect::<Result<_, _>>().map(Value::Map);
        }
        _ => None,
    };
    converted.ok_or_else(|| format!("{json} does not fit the shape"))
}

fn float(json: &Json) -> Option<f64> {
    match json {
        Json::String(it) => it.parse().ok(),
        other => other.as_f64(),
    }
}

fn timestamp(json: &Json) -> Option<Timestamp> {
    match json {
        Json::String(it) => Timestamp::parse_any(it).ok(),
        other => match other.as_i64() {
            Some(secs) => Some(Timestamp::from_secs(secs)),
            None => Timestamp::from_secs_f64(other.as_f64()?).ok(),
        },
    }
}

fn document(json: &Json) -> Document {
    match json {
        Json::Null => Document::Null,
        Json::Bool(it) => Document::Bool(*it),
        Json::Number(it) => Document::Number(match it.as_i64() {
            Some(it) => it.into(),
            None => Number::from(it.as_f64().unwrap_or_default()),
        }),
        Json::String(it) => Document::String(it.clone()),
        Json::Array(it) => Document::Array(it.iter().map(document).collect()),
        Json::Object(it) => Document::Object(it.iter().map(|(key, it)| (key.clone(), document(it))).collect()),
    }
}

/// Compares a structure with the expected JSON; members that it lacks must be absent.
pub fn compare(found: StructureView<'_>, expect: &Json) -> Result<(), String> {
    let object = expect.as_object().ok_or_else(|| format!("{expect} expected, found a structure"))?;
    for member in &found.shape().members {
        let expect = object.get(member.name).filter(|it| !it.is_null());
        matches(found.get(member), expect, &member.node).map_err(|it| within(member.name, &it))?;
    }
    match object.keys().find(|it| found.shape().member(it).is_none()) {
        Some(unknown) => Err(format!("{} has no member {unknown}", found.shape().name)),
        None => Ok(()),
    }
}

fn within(step: &str, why: &str) -> String {
    match why.split_once(": ") {
        Some((path, rest)) if !path.contains(' ') => format!("{step}.{path}: {rest}"),
        _ => format!("{step}: {why}"),
    }
}

fn matches(found: Option<View<'_>>, expect: Option<&Json>, node: &'static Node) -> Result<(), String> {
    let (found, expect) = match (found, expect) {
        (None, None) => return Ok(()),
        (Some(_), None) => return Err("present, but not expected".to_owned()),
        (None, Some(expect)) => return Err(format!("absent, expected {expect}")),
        (Some(found), Some(expect)) => (found, expect),
    };
    let equal = match (found, &node.kind) {
        (View::Structure(it), _) => return compare(it, expect),
        (View::List(list), Kind::List(kind)) => {
            let items = expect.as_array().ok_or_else(|| format!("a list, expected {expect}"))?;
            if list.len() != items.len() {
                return Err(format!("{} elements, expected {expect}", list.len()));
            }
            for (index, (found, expect)) in list.iter().zip(items).enumerate() {
                matches(found, Some(expect).filter(|it| !it.is_null()), &kind.element)
                    .map_err(|it| within(&format!("[{index}]"), &it))?;
            }
            return Ok(());
        }
        (View::Map(map), Kind::Map(kind)) => {
            let entries = expect.as_object().ok_or_else(|| format!("a map, expected {expect}"))?;
            if map.len() != entries.len() {
                return Err(format!("{} entries, expected {expect}", map.len()));
            }
            return map.try_each(|key, value| {
                let expect = entries.get(key).filter(|it| !it.is_null());
                matches(value, expect, &kind.value).map_err(|it| within(key, &it))
            });
        }
        (View::String(it), _) => match expect {
            Json::String(expect) => it == expect,
            expect => serde_json::from_str::<Json>(it).is_ok_and(|it| it == *expect),
        },
        (View::Bool(it), _) => expect.as_bool() == Some(it),
        (View::I32(it), _) => expect.as_f64() == Some(f64::from(it)),
        (View::I64(it), _) => expect.as_i64() == Some(it),
        (View::F32(it), _) => float(expect).is_some_and(|expect| equal_floats(f64::from(it), f64::from(expect as f32))),
        (View::F64(it), _) => float(expect).is_some_and(|expect| equal_floats(it, expect)),
        (View::Timestamp(it), _) => timestamp(expect) == Some(it),
        (View::Blob(it), _) => expect.as_str().map(str::as_bytes) == Some(it),
        (View::Stream(it), _) => expect.as_str().map(str::as_bytes) == it.as_bytes().map(|it| &**it),
        (View::Document(it), _) => *it == document(expect),
        _ => false,
    };
    if equal { Ok(()) } else { Err(format!("found {}, expected {expect}", display(found))) }
}

fn equal_floats(left: f64, right: f64) -> bool {
    left == right || left.is_nan() && right.is_nan()
}

fn display(view: View<'_>) -> String {
    match view {
        View::String(it) => format!("{it:?}"),
        View::Bool(it) => it.to_string(),
        View::I32(it) => it.to_string(),
        View::I64(it) => it.to_string(),
        View::F32(it) => it.to_string(),
        View::F64(it) => it.to_string(),
        View::Timestamp(it) => it.to_string(),
        View::Blob(it) => format!("{it:?}"),
        View::Stream(it) => format!("{:?}", it.as_bytes()),
        View::Document(it) => it.to_string(),
        _ => "a value of another kind".to_owned(),
    }
}
