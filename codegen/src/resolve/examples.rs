//! Examples of operations as Rust calls, where every value of theirs can be written down as it is.
//!
//! A value that does not fit its shape (a number for a text, an instant in words) leaves its example out: half an example
//! would not compile.

use serde_json::Value;

use super::Context;
use super::types;
use crate::ir::{ExampleCall, Operation, Type};
use crate::model::{Member, ShapeKind};
use crate::name;

/// The examples of an operation.
pub(crate) fn resolve(ctx: &Context<'_>, library: &str, operation: &Operation) -> Vec<ExampleCall> {
    let examples = ctx.models.examples.examples.get(&operation.name);
    let calls = examples.into_iter().flatten().filter_map(|it| {
        let empty = Value::Object(serde_json::Map::new());
        let code = call(ctx, library, operation, it.input.as_ref().unwrap_or(&empty))?;
        let title = if it.description.is_empty() { &it.title } else { &it.description };
        Some(ExampleCall { title: crate::prose::markdown(title), code })
    });
    calls.collect()
}

fn call(ctx: &Context<'_>, library: &str, operation: &Operation, input: &Value) -> Option<String> {
    let writer = Writer { ctx, library };
    let model = &ctx.models.service.operations[&operation.name];
    let structure = model.input.as_ref().and_then(|it| ctx.models.service.structure(&it.shape));
    let given = input.as_object()?;
    let argument = |name: &str| writer.argument(structure?.members.get(name)?, given.get(name)?);
    let mut arguments = Vec::new();
    for &at in &operation.arguments {
        arguments.push(argument(&operation.input.fields[at].name)?);
    }
    let mut code = format!("client\n    .{}({})", operation.method, arguments.join(", "));
    for name in given.keys() {
        let at = operation.input.fields.iter().position(|it| it.name == *name)?;
        if !operation.arguments.contains(&at) {
            code.push_str(&format!("\n    .{}({})", operation.input.fields[at].setter, argument(name)?));
        }
    }
    code.push_str("\n    .send()\n    .await?;");
    Some(code)
}

struct Writer<'a> {
    ctx: &'a Context<'a>,
    library: &'a str,
}

impl Writer<'_> {
    /// A value as a method takes it: text and numbers as they are, lists as arrays.
    fn argument(&self, member: &Member, value: &Value) -> Option<String> {
        match types::value(self.ctx, member) {
            Type::String | Type::Enumeration(_) | Type::Blob | Type::Stream => text(value),
            Type::List(inner) => {
                let items = match *inner {
                    Type::String | Type::Enumeration(_) => each(value, text)?,
                    _ => self.items(member, value)?,
                };
                // Of an empty array nobody knows what it would hold.
                (!items.is_empty()).then(|| format!("[{}]", items.join(", ")))
            }
            Type::Map(inner) if matches!(*inner, Type::String | Type::Enumeration(_)) => {
                let pairs: Option<Vec<_>> =
                    value.as_object()?.iter().map(|(key, it)| Some(format!("({key:?}, {})", text(it)?))).collect();
                pairs.filter(|it| !it.is_empty()).map(|it| format!("[{}]", it.join(", ")))
            }
            _ => self.expression(member, value),
        }
    }

    /// A value as a field holds it.
    fn expression(&self, member: &Member, value: &Value) -> Option<String> {
        Some(match types::value(self.ctx, member) {
            Type::String | Type::Enumeration(_) | Type::Blob | Type::Stream => format!("{}.into()", text(value)?),
            Type::Bool => parsed::<bool>(value)?,
            Type::I32 => parsed::<i32>(value)?,
            Type::I64 => parsed::<i64>(value)?,
            Type::F32 | Type::F64 => format!("{:?}", value.as_f64()?),
            Type::List(_) => match self.items(member, value)? {
                items if items.is_empty() => "Vec::new()".to_owned(),
                items => format!("[{}].into()", items.join(", ")),
            },
            Type::Named(ty) => self.structure(&member.shape, &ty, value)?,
            _ => return None,
        })
    }

    fn items(&self, member: &Member, value: &Value) -> Option<Vec<String>> {
        match &self.ctx.models.service.shapes.get(&member.shape)?.kind {
            ShapeKind::List(it) if !it.sparse => each(value, |item| self.expression(&it.member, item)),
            _ => None,
        }
    }

    fn structure(&self, shape: &str, ty: &str, value: &Value) -> Option<String> {
        let structure = self.ctx.models.service.structure(shape)?;
        let fields = value.as_object()?;
        let library = self.library;
        if structure.union {
            let (name, value) = fields.iter().next()?;
            let value = self.expression(structure.members.get(name)?, value)?;
            let variant = name::escape_type(&name::pascal(name));
            return Some(format!("{library}::types::{ty}::{variant}({value})"));
        }
        let mut out = Vec::new();
        for (name, value) in fields {
            if self.ctx.boxed.contains(&(shape.to_owned(), name.clone())) {
                return None;
            }
            let value = self.expression(structure.members.get(name)?, value)?;
            out.push(format!("{}: Some({value})", name::escape(&name::snake(name))));
        }
        out.push("..Default::default()".to_owned());
        Some(format!("{library}::types::{ty} {{ {} }}", out.join(", ")))
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(|it| format!("{it:?}"))
}

/// A number or boolean, which examples like to write as text.
fn parsed<T: std::str::FromStr + ToString>(value: &Value) -> Option<String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse::<T>().ok().map(|it| it.to_string())
}

fn each(value: &Value, item: impl Fn(&Value) -> Option<String>) -> Option<Vec<String>> {
    value.as_array()?.iter().map(item).collect()
}
