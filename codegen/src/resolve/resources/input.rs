//! Parameters to literals: the targets of a request (`Delete.Objects[].Key`) become a tree of typed fields, and what is
//! required beyond them becomes arguments. Knows resources by their identifiers only.

use super::ways::{Base, Client};
use crate::ir::resource::{Argument, Constant, Identifier, Request, Tree};
use crate::ir::{self, Type};
use crate::model::{self, ParameterSource, RequestParameter};
use crate::report::{Place, Report};

/// How many members are arguments of a method; the others are set on the request.
const MOST_ARGUMENTS: usize = 4;

/// Who asks.
pub(super) struct Asker<'a> {
    pub(super) client: &'a Client<'a>,
    pub(super) identifiers: &'a [Identifier],
    /// The attributes, where there are any.
    pub(super) data: Option<Base<'a>>,
}

/// A step of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'a> {
    Member(&'a str),
    /// `[]` or `[*]`: of an action one element, of a batch one for each.
    Each,
    At(usize),
}

/// A request; `also` are members that must be arguments, for the answer is made of them.
pub(super) fn request(
    asker: &Asker<'_>,
    operation: &ir::Operation,
    parameters: &[RequestParameter],
    also: &[String],
    batch: bool,
    place: &Place,
    report: &mut Report,
) -> Request {
    let client = asker.client;
    let Some(operation) = client.operation(&operation.name) else { return empty(operation) };
    let base = client.input(operation);
    let mut build = Build { asker, batch, loaded: false };
    let mut items = Vec::new();
    for (index, it) in parameters.iter().enumerate() {
        match steps(&it.target) {
            _ if it.source == ParameterSource::Input => {}
            Ok(steps) => items.push((steps, &it.source)),
            Err(why) => report.path_type(place.child("params").child(index), &it.target, &why),
        }
    }
    let (mut fields, mut complete) = match build.structure(base, &items) {
        Ok((fields, complete)) => (fields, complete),
        Err(why) => {
            report.problem(place.child("params"), why);
            (Vec::new(), false)
        }
    };
    let mut arguments = Vec::new();
    let given: Vec<&str> = items.iter().filter_map(|(steps, _)| member(steps.first())).collect();
    let required = operation.arguments.iter().map(|&at| &operation.input.fields[at].name);
    for name in required.chain(also).filter(|it| !given.contains(&it.as_str())).take(MOST_ARGUMENTS) {
        let Some(field) = operation.input.fields.iter().find(|it| it.name == *name) else { continue };
        // Of a batch what the elements do not give is set on each request.
        if batch || fields.iter().any(|(ident, _)| *ident == field.ident) {
            continue;
        }
        let argument = || Argument { ident: field.ident.clone(), ty: field.ty.present().clone() };
        fields.push((field.ident.clone(), Tree::Present(Box::new(Tree::Argument(argument())))));
        arguments.push(argument());
    }
    complete |= fields.len() == operation.input.fields.len();
    let loaded = build.loaded;
    Request { fields, complete, arguments, loaded, ..empty(operation) }
}

fn empty(operation: &ir::Operation) -> Request {
    Request {
        operation: operation.ty.clone(),
        method: operation.method.clone(),
        input: operation.input.ty.clone(),
        fields: Vec::new(),
        complete: false,
        arguments: Vec::new(),
        loaded: false,
    }
}

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
                digits => Step::At(digits.parse().map_err(|_| format!("[{digits}] is no index"))?),
            });
        } else {
            steps.push(Step::Member(rest));
        }
    }
    Ok(steps)
}

type Items<'a, 'b> = [(Vec<Step<'a>>, &'b ParameterSource)];

struct Build<'a, 'b> {
    asker: &'b Asker<'a>,
    batch: bool,
    /// Whether something comes from attributes.
    loaded: bool,
}

impl<'a> Build<'a, '_> {
    /// The fields of a structure, in the order of the structure.
    fn structure(&mut self, base: Base<'a>, items: &Items<'_, '_>) -> Result<(Vec<(String, Tree)>, bool), String> {
        let mut fields = Vec::new();
        for (steps, _) in items {
            let name = member(steps.first()).ok_or("a member is missing")?;
            self.asker.client.field(base, name)?;
        }
        for field in &base.structure.fields {
            let below: Vec<_> = items
                .iter()
                .filter(|(steps, _)| member(steps.first()) == Some(&field.name))
                .map(|(steps, source)| (steps[1..].to_vec(), *source))
                .collect();
            if below.is_empty() {
                continue;
            }
            let (_, shape) = self.asker.client.field(base, &field.name)?;
            let tree = self.value(field.ty.present(), shape, &below)?;
            let tree = if matches!(field.ty, Type::Option(_)) { Tree::Present(Box::new(tree)) } else { tree };
            fields.push((field.ident.clone(), tree));
        }
        let complete = fields.len() == base.structure.fields.len();
        Ok((fields, complete))
    }

    fn value(&mut self, ty: &Type, shape: &'a str, items: &Items<'_, '_>) -> Result<Tree, String> {
        match (items, &items[0].0.first()) {
            ([(_, source)], None) => self.leaf(ty, source),
            (_, Some(Step::Member(_))) => {
                let base = self.asker.client.shared(shape).ok_or_else(|| format!("{shape} is no structure"))?;
                let (fields, complete) = self.structure(base, items)?;
                Ok(Tree::Structure { ty: base.structure.ty.clone(), fields, complete })
            }
            (_, Some(Step::Each | Step::At(_))) => {
                let Type::List(inner) = ty else { return Err(format!("{shape} is no list")) };
                let (element, _) = self.asker.client.element(shape).ok_or_else(|| format!("{shape} is no list"))?;
                if self.batch && items[0].0[0] == Step::Each {
                    return Ok(Tree::Each(Box::new(self.value(inner, element, &below(items, Step::Each))?)));
                }
                let mut places: Vec<Step<'_>> = items.iter().map(|it| it.0[0]).collect();
                places.dedup();
                let elements = places.iter().map(|it| self.value(inner, element, &below(items, *it)));
                Ok(Tree::List(elements.collect::<Result<_, _>>()?))
            }
            _ => Err("two parameters have one target".to_owned()),
        }
    }

    fn leaf(&mut self, ty: &Type, source: &ParameterSource) -> Result<Tree, String> {
        match source {
            ParameterSource::Identifier(name) => {
                let it = self.asker.identifiers.iter().find(|it| it.name == *name);
                let it = it.ok_or_else(|| format!("there is no identifier {name}"))?;
                match (&it.ty, ty) {
                    (from, to) if from == to => {}
                    (Type::String, Type::Enumeration(_)) => {}
                    (from, to) => return Err(format!("the identifier {name} is {from:?}, wanted is {to:?}")),
                }
                Ok(Tree::Identifier { ident: it.ident.clone(), from: it.ty.clone(), to: ty.clone() })
            }
            ParameterSource::Data(path) => {
                let data = self.asker.data.ok_or("there are no attributes")?;
                let found = self.asker.client.way(data, path)?;
                if found.way.ty != *ty {
                    return Err(format!("{path} is {:?}, wanted is {ty:?}", found.way.ty));
                }
                self.loaded = true;
                Ok(Tree::Attribute { way: found.way, to: ty.clone() })
            }
            ParameterSource::Constant(constant) => fit(constant, ty).map(Tree::Constant),
            ParameterSource::Input => Err("what the caller gives is not filled in".to_owned()),
        }
    }
}

fn below<'a, 'b>(items: &Items<'a, 'b>, step: Step<'_>) -> Vec<(Vec<Step<'a>>, &'b ParameterSource)> {
    items.iter().filter(|it| it.0[0] == step).map(|(steps, source)| (steps[1..].to_vec(), *source)).collect()
}

/// A fixed value as its target wants it; the model has text where others are meant.
fn fit(constant: &model::Constant, ty: &Type) -> Result<Constant, String> {
    let wrong = || format!("{constant:?} does not fit {ty:?}");
    Ok(match (constant, ty) {
        (model::Constant::Text(text), Type::String | Type::Enumeration(_)) => Constant::Text(text.clone()),
        (model::Constant::Text(text), Type::I32 | Type::I64) => Constant::Integer(text.parse().map_err(|_| wrong())?),
        (model::Constant::Text(text), Type::Bool) => Constant::Flag(text.parse().map_err(|_| wrong())?),
        (model::Constant::Integer(it), Type::I32 | Type::I64) => Constant::Integer(*it),
        (model::Constant::Flag(it), Type::Bool) => Constant::Flag(*it),
        _ => return Err(wrong()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        let check = |target: &str, expect: &[Step<'_>]| assert_eq!(steps(target).as_deref(), Ok(expect), "{target}");
        check("Bucket", &[Step::Member("Bucket")]);
        check("A.B", &[Step::Member("A"), Step::Member("B")]);
        check("Filters[0].Name", &[Step::Member("Filters"), Step::At(0), Step::Member("Name")]);
        check(
            "Delete.Objects[].Key",
            &[Step::Member("Delete"), Step::Member("Objects"), Step::Each, Step::Member("Key")],
        );
        check("Tags[*].Key", &[Step::Member("Tags"), Step::Each, Step::Member("Key")]);
        assert!(steps("A[x]").is_err() && steps("A[0").is_err());
    }
}
