//! Paths of the model to typed ways: every step is checked against the fields of the client crate. Knows no resources.

use std::collections::BTreeMap;

use crate::ir::resource::{Place, Step, Way};
use crate::ir::{self, Definition, Structure, Type};
use crate::model::{Models, ShapeKind};

/// The structures of the client crate, by what the model calls them.
pub(super) struct Client<'a> {
    pub(super) models: &'a Models,
    shared: BTreeMap<&'a str, &'a Structure>,
    operations: BTreeMap<&'a str, &'a ir::Operation>,
}

/// A structure of the client crate.
#[derive(Clone, Copy)]
pub(super) struct Base<'a> {
    /// The shape; empty for an input or output that the model does not have.
    pub(super) shape: &'a str,
    pub(super) structure: &'a Structure,
    /// Whether it is an operation's own.
    pub(super) own: bool,
}

impl Base<'_> {
    pub(super) fn place(&self) -> Place {
        Place { own: self.own, ty: self.structure.ty.clone() }
    }
}

/// What stands at the end of a way.
pub(super) struct Found<'a> {
    pub(super) way: Way,
    /// The shape there.
    pub(super) shape: &'a str,
    /// The structure, if it is one.
    pub(super) base: Option<Base<'a>>,
    /// The member that the way ends with.
    pub(super) field: Option<&'a ir::Field>,
}

impl<'a> Client<'a> {
    pub(super) fn new(models: &'a Models, client: &'a ir::Crate) -> Self {
        let shared = client.types.values().flatten().filter_map(|it| match it {
            Definition::Structure(it) => Some((it.name.as_str(), it)),
            Definition::Union(_) | Definition::Enumeration(_) => None,
        });
        Self {
            models,
            shared: shared.collect(),
            operations: client.operations.iter().map(|it| (it.name.as_str(), it)).collect(),
        }
    }

    pub(super) fn operation(&self, name: &str) -> Option<&'a ir::Operation> {
        self.operations.get(name).copied()
    }

    pub(super) fn input(&self, operation: &'a ir::Operation) -> Base<'a> {
        let shape = self.models.service.operations[&operation.name].input.as_ref().map_or("", |it| &it.shape);
        Base { shape, structure: &operation.input, own: true }
    }

    pub(super) fn output(&self, operation: &'a ir::Operation) -> Base<'a> {
        let shape = self.models.service.operations[&operation.name].output.as_ref().map_or("", |it| &it.shape);
        Base { shape, structure: &operation.output, own: true }
    }

    /// The shared structure of a shape.
    pub(super) fn shared(&self, shape: &'a str) -> Option<Base<'a>> {
        self.shared.get(shape).map(|structure| Base { shape, structure, own: false })
    }

    /// The field of a member, and the member's shape.
    pub(super) fn field(&self, base: Base<'a>, member: &str) -> Result<(&'a ir::Field, &'a str), String> {
        let field = base.structure.fields.iter().find(|it| it.name == member);
        let found = self.models.service.structure(base.shape).and_then(|it| it.members.get(member));
        match (field, found) {
            (Some(field), Some(found)) => Ok((field, &found.shape)),
            _ => Err(format!("{} has no member {member}", base.structure.ty)),
        }
    }

    /// The shape of a list's elements, and the most elements it may have.
    pub(super) fn element(&self, shape: &str) -> Option<(&'a str, Option<i64>)> {
        match &self.models.service.shapes.get(shape)?.kind {
            ShapeKind::List(it) => Some((&it.member.shape, it.length.max.as_ref().and_then(|it| it.as_i64()))),
            _ => None,
        }
    }

    /// The way that a path of members, `[]` and `[N]` leads from a structure; `@` is the structure itself.
    pub(super) fn way(&self, base: Base<'a>, path: &str) -> Result<Found<'a>, String> {
        let own = Type::Named(base.structure.ty.clone());
        let mut found =
            Found { way: Way { steps: Vec::new(), ty: own }, shape: base.shape, base: Some(base), field: None };
        if path == "@" {
            return Ok(found);
        }
        for part in path.split('.') {
            let (member, bracket) = part.split_once('[').map_or((part, None), |(it, rest)| (it, Some(rest)));
            let base = found.base.ok_or_else(|| format!("there is no structure before {member}"))?;
            let (field, shape) = self.field(base, member)?;
            let optional = matches!(field.ty, Type::Option(_));
            found.way.steps.push(Step::Field { ident: field.ident.clone(), optional });
            found.way.ty = bare(field.ty.present());
            (found.shape, found.field) = (shape, Some(field));
            if let Some(bracket) = bracket {
                let index = bracket.strip_suffix(']').ok_or("a bracket is not closed")?;
                found.way.steps.push(match index {
                    "" => Step::Each,
                    digits => Step::At(digits.parse().map_err(|_| format!("[{digits}] is no index"))?),
                });
                let Type::List(inner) = &found.way.ty else { return Err(format!("{member} is no list")) };
                found.way.ty = (**inner).clone();
                found.shape = self.element(shape).ok_or_else(|| format!("{member} is no list"))?.0;
            }
            found.base = self.shared(found.shape);
        }
        Ok(found)
    }
}

/// The type inside a box.
fn bare(ty: &Type) -> Type {
    match ty {
        Type::Boxed(inner) => (**inner).clone(),
        other => other.clone(),
    }
}

/// The two parts of a path around its last `[]`: the list, and what is looked for in its elements (empty: the element).
fn split(path: &str) -> Option<(&str, &str)> {
    let at = path.rfind("[]")? + 2;
    Some((&path[..at], path[at..].trim_start_matches('.')))
}

/// The lists of a path: of `[A,B]|[]` both, with what follows.
pub(super) fn lists(path: &str) -> Option<(Vec<String>, &str)> {
    match path.strip_prefix('[').and_then(|it| it.split_once("]|[]")) {
        Some((names, rest)) => {
            Some((names.split(',').map(|it| format!("{}[]", it.trim())).collect(), rest.trim_start_matches('.')))
        }
        None => split(path).map(|(list, rest)| (vec![list.to_owned()], rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_paths() {
        let check = |path: &str, expect: Option<(&[&str], &str)>| {
            let found = lists(path);
            let found =
                found.as_ref().map(|(lists, rest)| (lists.iter().map(String::as_str).collect::<Vec<_>>(), *rest));
            assert_eq!(found, expect.map(|(lists, rest)| (lists.to_vec(), rest)), "{path}");
        };
        check("Buckets[]", Some((&["Buckets[]"], "")));
        check("Buckets[].Name", Some((&["Buckets[]"], "Name")));
        check("A[].B[].C.D", Some((&["A[].B[]"], "C.D")));
        check("[Versions,DeleteMarkers]|[].Key", Some((&["Versions[]", "DeleteMarkers[]"], "Key")));
        check("[Versions, DeleteMarkers]|[]", Some((&["Versions[]", "DeleteMarkers[]"], "")));
        check("Policy.Arn", None);
        check("A[0].B", None);
    }
}
