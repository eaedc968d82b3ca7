//! Converts the parameters of a request to input values: their targets (`Delete.Objects[].Key`) become a tree of typed
//! fields, and the other required members become arguments. Of resources it knows only identifiers and attributes.

use super::field_paths::{ClientStructures, StructureRef};
use crate::ir::resource::{Argument, Constant, Identifier, InputValue, Request};
use crate::ir::{self, Type};
use crate::model::{self, ParameterSource, RequestParameter};
use crate::report::{Report, SourceLocation};
use crate::resolve::arguments::Required;
use crate::source::Signatures;

/// What sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// An action or a collection.
    Action,
    /// A batch action: one request for several elements.
    Batch,
    /// A waiter, whose method of the client takes all arguments of the operation.
    Waiter,
}

/// The values from which parameters are filled in.
pub(super) struct ParameterContext<'a> {
    pub(super) client: &'a ClientStructures<'a>,
    /// The identifiers of the resource.
    pub(super) identifiers: &'a [Identifier],
    /// The structure of its attributes, if it has any.
    pub(super) data: Option<StructureRef<'a>>,
    pub(super) signatures: &'a Signatures,
    /// The name of the method in the record of published signatures.
    pub(super) published: String,
}

/// A step of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'a> {
    Member(&'a str),
    /// `[]` or `[*]`: a list with one element, or in a batch with one for each element of the batch.
    Each,
    Index(usize),
}

/// A request.
pub(super) fn request(
    context: &ParameterContext<'_>,
    operation: &ir::Operation,
    parameters: &[RequestParameter],
    sender: Sender,
    location: &SourceLocation,
    report: &mut Report,
) -> Request {
    let (client, batch) = (context.client, sender == Sender::Batch);
    let Some(operation) = client.operation(&operation.name) else { return empty(operation) };
    let base = client.input(operation);
    let mut builder = ParameterBuilder { context, batch, needs_attributes: false };
    let mut targets = Vec::new();
    for (index, parameter) in parameters.iter().enumerate() {
        match steps(&parameter.target) {
            _ if parameter.source == ParameterSource::Input => {}
            Ok(steps) => targets.push((steps, &parameter.source)),
            Err(why) => report.path_mismatch(location.child("params").child(index), &parameter.target, &why),
        }
    }
    let mut fields = match builder.structure(base, &targets) {
        Ok(fields) => fields,
        Err(why) => {
            report.problem(location.child("params"), why);
            Vec::new()
        }
    };
    let fills_containers = fields.iter().any(|(_, value)| is_container(value));
    // In a batch an element of such a list stands for one of the batch.
    let is_each = |steps: &[Step<'_>]| !batch && matches!(steps, [Step::Member(_), Step::Each, Step::Member(_), ..]);
    let each = targets.iter().filter(|(steps, _)| is_each(steps)).filter_map(|(steps, _)| member(steps.first()));
    let mut each: Vec<String> = each.map(str::to_owned).collect();
    each.dedup();
    let mut arguments = Vec::new();
    let is_left = |index: usize| fields.iter().all(|(ident, _)| *ident != operation.input.fields[index].ident);
    let model = &client.models.service.operations[&operation.name];
    let required = Required::new(client.models, model, &operation.input).filtered(is_left);
    let positional: Vec<usize> = match sender {
        Sender::Waiter => operation.arguments.iter().copied().filter(|index| is_left(*index)).collect(),
        Sender::Action | Sender::Batch => {
            let names = (context.published.as_str(), operation.name.as_str());
            required.arguments(&operation.input, context.signatures, names, |index| !is_left(index))
        }
    };
    for index in &positional {
        let field = &operation.input.fields[*index];
        let argument = || Argument { ident: field.ident.clone(), ty: field.ty.clone() };
        let value = if batch { InputValue::ArgumentOfAll(argument()) } else { InputValue::Argument(argument()) };
        fields.push((field.ident.clone(), value));
        arguments.push(argument());
    }
    let also_required = required.all().filter(|index| !positional.contains(index));
    let also_required = also_required.map(|index| operation.input.fields[index].ident.clone()).collect();
    let needs_attributes = builder.needs_attributes;
    Request { fields, arguments, also_required, needs_attributes, fills_containers, each, ..empty(operation) }
}

/// The value of a field, given that of its present type.
fn field_value(field: &ir::Field, value: InputValue) -> InputValue {
    match &field.ty {
        ty if ty.is_option() => InputValue::Present(Box::new(value)),
        Type::List(_) | Type::Map(..) => InputValue::Collected(Box::new(value)),
        _ => value,
    }
}

fn is_container(value: &InputValue) -> bool {
    match value {
        InputValue::Present(value) | InputValue::Collected(value) => is_container(value),
        value => matches!(value, InputValue::Structure { .. } | InputValue::List(_) | InputValue::PerElement(_)),
    }
}

fn empty(operation: &ir::Operation) -> Request {
    Request {
        operation: operation.ty.clone(),
        client_method: operation.method.clone(),
        input: operation.input.ty.clone(),
        fields: Vec::new(),
        arguments: Vec::new(),
        also_required: Vec::new(),
        needs_attributes: false,
        fills_containers: false,
        each: Vec::new(),
    }
}

/// The name of the member, if the step leads into one.
fn member<'a>(step: Option<&Step<'a>>) -> Option<&'a str> {
    match step {
        Some(Step::Member(name)) => Some(name),
        _ => None,
    }
}

/// The steps of a target.
fn steps(target: &str) -> Result<Vec<Step<'_>>, String> {
    let mut steps = Vec::new();
    for part in target.split('.') {
        let mut rest = part;
        if let Some((name, bracket)) = part.split_once('[') {
            steps.push(Step::Member(name));
            rest = bracket;
            let inner = rest.strip_suffix(']').ok_or("a bracket is not closed")?;
            steps.push(match inner {
                "" | "*" => Step::Each,
                digits => Step::Index(digits.parse().map_err(|_| format!("`[{digits}]` is not a valid index"))?),
            });
        } else {
            steps.push(Step::Member(rest));
        }
    }
    Ok(steps)
}

/// Targets, each with the source of its value.
type Targets<'a, 'b> = [(Vec<Step<'a>>, &'b ParameterSource)];

struct ParameterBuilder<'a, 'b> {
    context: &'b ParameterContext<'a>,
    batch: bool,
    /// Whether a value comes from attributes.
    needs_attributes: bool,
}

impl<'a> ParameterBuilder<'a, '_> {
    /// The fields of a structure that are filled in, in the order of the structure, and whether these are all its
    /// fields.
    fn structure(
        &mut self,
        base: StructureRef<'a>,
        targets: &Targets<'_, '_>,
    ) -> Result<Vec<(String, InputValue)>, String> {
        let mut fields = Vec::new();
        for (steps, _) in targets {
            let name = member(steps.first()).ok_or("a member is missing")?;
            self.context.client.field(base, name)?;
        }
        for field in &base.structure.fields {
            let inside: Vec<_> = targets
                .iter()
                .filter(|(steps, _)| member(steps.first()) == Some(&field.name))
                .map(|(steps, source)| (steps[1..].to_vec(), *source))
                .collect();
            if inside.is_empty() {
                continue;
            }
            let (_, shape) = self.context.client.field(base, &field.name)?;
            let value = self.value(field.ty.present(), shape, &inside)?;
            fields.push((field.ident.clone(), field_value(field, value)));
        }
        Ok(fields)
    }

    /// The value of type `ty` and shape `shape` that the targets describe.
    fn value(&mut self, ty: &Type, shape: &'a str, targets: &Targets<'_, '_>) -> Result<InputValue, String> {
        match (targets, targets[0].0.first()) {
            ([(_, source)], None) => self.leaf(ty, source),
            (_, Some(Step::Member(_))) => {
                let base = self.context.client.shared(shape).ok_or_else(|| format!("`{shape}` is not a structure"))?;
                let fields = self.structure(base, targets)?;
                Ok(InputValue::Structure { ty: base.structure.ty.clone(), fields })
            }
            (_, Some(Step::Each | Step::Index(_))) => {
                let not_a_list = || format!("`{shape}` is not a list");
                let Type::List(inner) = ty else { return Err(not_a_list()) };
                let (element, _) = self.context.client.element(shape).ok_or_else(not_a_list)?;
                if self.batch && targets[0].0[0] == Step::Each {
                    let value = self.value(inner, element, &after_step(targets, Step::Each))?;
                    return Ok(InputValue::PerElement(Box::new(value)));
                }
                let mut indexes: Vec<Step<'_>> = targets.iter().map(|(steps, _)| steps[0]).collect();
                indexes.dedup();
                let elements = indexes.iter().map(|index| self.value(inner, element, &after_step(targets, *index)));
                Ok(InputValue::List(elements.collect::<Result<_, _>>()?))
            }
            _ => Err("two parameters have the same target".to_owned()),
        }
    }

    /// The value of a target, which must have the type `ty`.
    fn leaf(&mut self, ty: &Type, source: &ParameterSource) -> Result<InputValue, String> {
        match source {
            ParameterSource::Identifier(name) => {
                let identifier = self.context.identifiers.iter().find(|it| it.name == *name);
                let identifier = identifier.ok_or_else(|| format!("there is no identifier `{name}`"))?;
                match (&identifier.ty, ty) {
                    (from, to) if from == to => {}
                    (Type::String, Type::Enumeration(_)) => {}
                    (from, to) => return Err(format!("expected {to:?}, but the identifier `{name}` is {from:?}")),
                }
                let (ident, from) = (identifier.ident.clone(), identifier.ty.clone());
                Ok(InputValue::Identifier { ident, from, to: ty.clone() })
            }
            ParameterSource::Data(path) => {
                let data = self.context.data.ok_or("the resource has no attributes")?;
                let attribute = self.context.client.path(data, path)?;
                if attribute.path.ty != *ty {
                    return Err(format!("expected {ty:?}, but `{path}` is {:?}", attribute.path.ty));
                }
                self.needs_attributes = true;
                Ok(InputValue::Attribute { path: attribute.path, to: ty.clone() })
            }
            ParameterSource::Constant(constant) => typed_constant(constant, ty).map(InputValue::Constant),
            ParameterSource::Input => Err("a parameter that the caller sets is not filled in".to_owned()),
        }
    }
}

/// The targets that begin with a step, without it.
fn after_step<'a, 'b>(targets: &Targets<'a, 'b>, first: Step<'_>) -> Vec<(Vec<Step<'a>>, &'b ParameterSource)> {
    let matching = targets.iter().filter(|(steps, _)| steps[0] == first);
    matching.map(|(steps, source)| (steps[1..].to_vec(), *source)).collect()
}

/// A constant with the type of its target. The model writes some numbers and booleans as strings.
fn typed_constant(constant: &model::Constant, ty: &Type) -> Result<Constant, String> {
    let mismatch = || format!("expected {ty:?}, found {constant:?}");
    Ok(match (constant, ty) {
        (model::Constant::String(text), Type::String | Type::Enumeration(_)) => Constant::String(text.clone()),
        (model::Constant::String(text), Type::I32 | Type::I64) => {
            Constant::Integer(text.parse().map_err(|_| mismatch())?)
        }
        (model::Constant::String(text), Type::Bool) => Constant::Boolean(text.parse().map_err(|_| mismatch())?),
        (model::Constant::Integer(number), Type::I32 | Type::I64) => Constant::Integer(*number),
        (model::Constant::Flag(flag), Type::Bool) => Constant::Boolean(*flag),
        _ => return Err(mismatch()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_split_into_steps() {
        let check = |target: &str, expect: &[Step<'_>]| assert_eq!(steps(target).as_deref(), Ok(expect), "{target}");
        check("Bucket", &[Step::Member("Bucket")]);
        check("A.B", &[Step::Member("A"), Step::Member("B")]);
        check("Filters[0].Name", &[Step::Member("Filters"), Step::Index(0), Step::Member("Name")]);
        check(
            "Delete.Objects[].Key",
            &[Step::Member("Delete"), Step::Member("Objects"), Step::Each, Step::Member("Key")],
        );
        check("Tags[*].Key", &[Step::Member("Tags"), Step::Each, Step::Member("Key")]);
        assert!(steps("A[x]").is_err() && steps("A[0").is_err());
    }
}
