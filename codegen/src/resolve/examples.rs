//! The models' examples of operations, as Rust calls.
//!
//! An example with a value that does not fit its shape (a number for a string, a timestamp in prose) is left out, since
//! a part of it would not compile.

use serde_json::Value;

use super::Context;
use super::types;
use crate::ir::{ExampleCall, Operation, Type};
use crate::model::{Member, ShapeKind};
use crate::name;

/// The examples of an operation.
pub(crate) fn resolve(ctx: &Context<'_>, crate_name: &str, operation: &Operation) -> Vec<ExampleCall> {
    let examples = ctx.models.examples.examples.get(&operation.name);
    let calls = examples.into_iter().flatten().filter_map(|example| {
        let empty = Value::Object(serde_json::Map::new());
        let code = call(ctx, crate_name, operation, example.input.as_ref().unwrap_or(&empty))?;
        let title = if example.description.is_empty() { &example.title } else { &example.description };
        Some(ExampleCall { title: crate::prose::markdown(title), code })
    });
    calls.collect()
}

/// The call with an input; `None` if a value cannot be written in Rust.
fn call(ctx: &Context<'_>, crate_name: &str, operation: &Operation, input: &Value) -> Option<String> {
    let writer = Writer { ctx, crate_name };
    let model = &ctx.models.service.operations[&operation.name];
    let structure = model.input.as_ref().and_then(|it| ctx.models.service.structure(&it.shape));
    let values = input.as_object()?;
    let argument = |name: &str| writer.argument(structure?.members.get(name)?, values.get(name)?);
    let mut arguments = Vec::new();
    for &index in &operation.arguments {
        arguments.push(argument(&operation.input.fields[index].name)?);
    }
    let mut code = format!("client\n    .{}({})", operation.method, arguments.join(", "));
    for name in values.keys() {
        let index = operation.input.fields.iter().position(|it| it.name == *name)?;
        if !operation.arguments.contains(&index) {
            code.push_str(&format!("\n    .{}({})", operation.input.fields[index].setter, argument(name)?));
        }
    }
    code.push_str("\n    .send()\n    .await?;");
    Some(code)
}

/// The beginning of a nested value.
const MAKE: &str = "aws_core::make!(";

struct Writer<'a> {
    ctx: &'a Context<'a>,
    crate_name: &'a str,
}

impl Writer<'_> {
    /// The expression for a method's argument: strings and numbers as literals, lists as arrays, structures by `make!`.
    fn argument(&self, member: &Member, value: &Value) -> Option<String> {
        match types::value_type(self.ctx, member) {
            Type::List(_) => {
                let items = self.items(member, value, Self::argument)?;
                // The compiler could not infer the element type of an empty array.
                (!items.is_empty()).then(|| format!("[{}]", items.join(", ")))
            }
            Type::Map(_, inner) if matches!(*inner, Type::String | Type::Enumeration(_)) => {
                let pair = |(key, value): (&String, &Value)| Some(format!("({key:?}, {})", string_literal(value)?));
                let pairs: Vec<_> = value.as_object()?.iter().map(pair).collect::<Option<_>>()?;
                (!pairs.is_empty()).then(|| format!("[{}]", pairs.join(", ")))
            }
            Type::Named(_) => {
                let literal = self.value(member, value)?;
                let is_complete = literal.starts_with(MAKE);
                Some(if is_complete { literal } else { format!("{MAKE}{literal})") })
            }
            _ => self.value(member, value),
        }
    }

    /// The expression for the value of a field in `make!`.
    fn value(&self, member: &Member, value: &Value) -> Option<String> {
        Some(match types::value_type(self.ctx, member) {
            Type::String | Type::Enumeration(_) | Type::Blob | Type::Stream => string_literal(value)?,
            Type::Bool => parsed::<bool>(value)?,
            Type::I32 => parsed::<i32>(value)?,
            Type::I64 => parsed::<i64>(value)?,
            Type::F32 | Type::F64 => format!("{:?}", value.as_f64()?),
            Type::List(_) => format!("[{}]", self.items(member, value, Self::value)?.join(", ")),
            Type::Named(ty) => self.structure(&member.shape, &ty, value)?,
            _ => return None,
        })
    }

    fn items(
        &self,
        member: &Member,
        value: &Value,
        write: fn(&Self, &Member, &Value) -> Option<String>,
    ) -> Option<Vec<String>> {
        match &self.ctx.models.service.shapes.get(&member.shape)?.kind {
            ShapeKind::List(it) if !it.sparse => {
                value.as_array()?.iter().map(|item| write(self, &it.member, item)).collect()
            }
            _ => None,
        }
    }

    fn structure(&self, shape: &str, ty: &str, value: &Value) -> Option<String> {
        let structure = self.ctx.models.service.structure(shape)?;
        let fields = value.as_object()?;
        let crate_name = self.crate_name;
        if structure.union {
            let (name, value) = fields.iter().next()?;
            let value = self.value(structure.members.get(name)?, value)?;
            let variant = name::escape_type(&name::pascal(name));
            return Some(format!("{MAKE}{crate_name}::types::{ty}::{variant}({value}))"));
        }
        let mut out = Vec::new();
        for (name, value) in fields {
            let value = self.value(structure.members.get(name)?, value)?;
            out.push(format!("{}: {value}", name::escape(&name::snake(name))));
        }
        Some(format!("{crate_name}::types::{ty} {{ {} }}", out.join(", ")))
    }
}

fn string_literal(value: &Value) -> Option<String> {
    value.as_str().map(|text| format!("{text:?}"))
}

/// The literal for a number or boolean, which some examples write as a string.
fn parsed<T: std::str::FromStr + ToString>(value: &Value) -> Option<String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse::<T>().ok().map(|it| it.to_string())
}
