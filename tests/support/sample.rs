//! Sample values: for any shape of a model a value with all its members, as JSON in the form that `values` reads. A
//! shape gets all members at its first occurrence, and only the required ones after that, so that a service's samples
//! together contain every member and stay small. Knows no wire format.

use std::collections::{BTreeMap, BTreeSet};

use codegen::model::{Bounds, Member, Service, ShapeKind, Structure};
use serde_json::{Map, Value, json};

/// The point in time of all samples, in epoch seconds.
pub const TIME: i64 = 1_600_000_000;
/// Elements of lists and maps, unless the model's bounds require another number.
const ELEMENTS: usize = 2;
/// The greatest length of a string, list or map, even if the model's minimum is higher.
const MAX_LENGTH: usize = 5000;

/// Makes samples for the shapes of one service.
pub struct Sampler<'a> {
    service: &'a Service,
    /// Shapes that got all their members already.
    complete: BTreeSet<String>,
    /// Structures under construction, outermost first.
    open: Vec<String>,
    /// How often each union or enumeration occurred: each time its next member or value is used.
    turns: BTreeMap<String, usize>,
}

impl<'a> Sampler<'a> {
    /// A sampler without history.
    pub fn new(service: &'a Service) -> Self {
        Self { service, complete: BTreeSet::new(), open: Vec::new(), turns: BTreeMap::new() }
    }

    /// A structure with all its members, except those whose values would recurse without end.
    pub fn structure(&mut self, shape: &str) -> Value {
        self.complete.remove(shape);
        self.nested(shape).unwrap_or_else(|| json!({}))
    }

    fn nested(&mut self, name: &str) -> Option<Value> {
        let structure = self.service.structure(name)?;
        if structure.document {
            return Some(json!({"a": [1, true, "b", 1.5], "c": {}, "d": null}));
        }
        if structure.event_stream || self.open.iter().any(|it| it == name) {
            return None;
        }
        self.open.push(name.to_owned());
        let value = if structure.union { self.union(name, structure) } else { self.members(name, structure) };
        self.open.pop();
        value
    }

    fn members(&mut self, name: &str, structure: &'a Structure) -> Option<Value> {
        let all = self.complete.insert(name.to_owned());
        let mut object = Map::new();
        for (name, member) in &structure.members {
            let required = structure.required.contains(name);
            // One member that is not required keeps the structure from being empty.
            if !(all || required || object.is_empty() && self.is_scalar(member)) {
                continue;
            }
            match self.value(member) {
                Some(value) => {
                    object.insert(name.clone(), value);
                }
                None if required && !self.is_events(member) => return None,
                None => {}
            }
        }
        Some(Value::Object(object))
    }

    fn union(&mut self, name: &str, structure: &'a Structure) -> Option<Value> {
        let turn = self.turn(name);
        let count = structure.members.len().max(1);
        (0..count).find_map(|step| {
            let (name, member) = structure.members.get_index((turn + step) % count)?;
            Some(json!({ name: self.value(member)? }))
        })
    }

    fn turn(&mut self, name: &str) -> usize {
        let turn = self.turns.entry(name.to_owned()).or_default();
        *turn += 1;
        *turn - 1
    }

    fn is_scalar(&self, member: &Member) -> bool {
        let kind = self.service.shapes.get(&member.shape).map(|it| &it.kind);
        !matches!(kind, None | Some(ShapeKind::Structure(_) | ShapeKind::List(_) | ShapeKind::Map(_)))
    }

    fn is_events(&self, member: &Member) -> bool {
        self.service.structure(&member.shape).is_some_and(|it| it.event_stream)
    }

    fn value(&mut self, member: &'a Member) -> Option<Value> {
        if member.json_value && member.location.is_some() {
            return Some(json!({"a": [1, "b"]}));
        }
        if member.location.as_deref() == Some("statusCode") {
            return Some(json!(200));
        }
        self.shape(&member.shape, member.location.is_some() || member.host_label)
    }

    /// `plain` leaves out characters that URIs and headers must encode.
    fn shape(&mut self, name: &str, plain: bool) -> Option<Value> {
        let shape = self.service.shapes.get(name)?;
        Some(match &shape.kind {
            ShapeKind::Structure(_) => return self.nested(name),
            ShapeKind::List(it) => {
                let count = count(&it.length, ELEMENTS);
                let elements: Option<Vec<Value>> = (0..count).map(|_| self.shape(&it.member.shape, plain)).collect();
                Value::Array(elements?)
            }
            ShapeKind::Map(it) => {
                let mut entries = Map::new();
                for index in 0..count(&it.length, ELEMENTS) {
                    let value = self.shape(&it.value.shape, plain)?;
                    entries.insert(self.key(&it.key.shape, index), value);
                }
                Value::Object(entries)
            }
            ShapeKind::String(it) if !it.values.is_empty() => {
                let turn = self.turn(name);
                json!(it.values[turn % it.values.len()])
            }
            ShapeKind::String(it) => json!(fit(if plain { "text-1" } else { "a <b> & \"c\" é" }, &it.length)),
            ShapeKind::Integer(bounds) => json!(within(bounds, 7.0) as i32),
            ShapeKind::Long(bounds) => json!(within(bounds, 5_000_000_007.0) as i64),
            ShapeKind::Float(bounds) => json!(within(bounds, 1.5) as f32),
            ShapeKind::Double(bounds) => json!(within(bounds, 1.5)),
            ShapeKind::Boolean => json!(true),
            ShapeKind::Timestamp(_) => json!(TIME),
            ShapeKind::Blob(it) => json!(fit("blob \u{1} é", &it.length)),
        })
    }

    /// The key of a map's entry; a value of the enumeration if the key is one.
    fn key(&mut self, shape: &str, index: usize) -> String {
        match self.service.shapes.get(shape).map(|it| &it.kind) {
            Some(ShapeKind::String(it)) if index < it.values.len() => it.values[index].clone(),
            // The number comes first, so that keys stay distinct when they are cut.
            Some(ShapeKind::String(it)) => fit(&format!("{index}k"), &it.length),
            _ => format!("{index}k"),
        }
    }
}

fn minimum(bounds: &Bounds) -> f64 {
    bounds.min.as_ref().and_then(|it| it.as_f64()).unwrap_or(f64::MIN)
}

fn maximum(bounds: &Bounds) -> f64 {
    bounds.max.as_ref().and_then(|it| it.as_f64()).unwrap_or(f64::MAX)
}

fn within(bounds: &Bounds, value: f64) -> f64 {
    value.min(maximum(bounds)).max(minimum(bounds))
}

fn count(bounds: &Bounds, usual: usize) -> usize {
    (within(bounds, usual as f64) as usize).clamp(1, MAX_LENGTH)
}

/// Cuts or pads a string to a length within the bounds; the result does not end in a space.
fn fit(text: &str, bounds: &Bounds) -> String {
    let length = within(bounds, text.chars().count() as f64).max(1.0) as usize;
    let mut fitted: String = text.chars().chain(std::iter::repeat('x')).take(length.min(MAX_LENGTH)).collect();
    if fitted.ends_with(' ') {
        fitted.pop();
        fitted.push('_');
    }
    fitted
}
