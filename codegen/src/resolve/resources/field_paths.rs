//! Converts paths of the model to field paths: every step is checked against the fields of the client crate. Knows no
//! resources.

use std::collections::BTreeMap;

use crate::ir::resource::{ClientStructure, FieldPath, Step};
use crate::ir::{self, Definition, Structure, Type};
use crate::model::{Models, ShapeKind};

/// The structures of the client crate, by their names in the model.
pub(super) struct ClientStructures<'a> {
    pub(super) models: &'a Models,
    shared: BTreeMap<&'a str, &'a Structure>,
    operations: BTreeMap<&'a str, &'a ir::Operation>,
}

/// A structure of the client crate.
#[derive(Clone, Copy)]
pub(super) struct StructureRef<'a> {
    /// The name of the shape; empty for an input or output that the model does not have.
    pub(super) shape: &'a str,
    pub(super) structure: &'a Structure,
    /// Whether it is the input or output of an operation.
    pub(super) of_operation: bool,
}

impl StructureRef<'_> {
    pub(super) fn client_structure(&self) -> ClientStructure {
        ClientStructure { of_operation: self.of_operation, ty: self.structure.ty.clone() }
    }
}

/// A path, and what it leads to.
pub(super) struct ResolvedPath<'a> {
    pub(super) path: FieldPath,
    /// The name of the shape at its end.
    pub(super) shape: &'a str,
    /// The structure at its end, if it is one.
    pub(super) structure: Option<StructureRef<'a>>,
    /// The last field of the path.
    pub(super) field: Option<&'a ir::Field>,
}

impl<'a> ClientStructures<'a> {
    pub(super) fn new(models: &'a Models, client: &'a ir::Crate) -> Self {
        let shared = client.types.values().flatten().filter_map(|definition| match definition {
            Definition::Structure(structure) => Some((structure.name.as_str(), structure)),
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

    pub(super) fn input(&self, operation: &'a ir::Operation) -> StructureRef<'a> {
        let shape = self.models.service.operations[&operation.name].input.as_ref().map_or("", |it| &it.shape);
        StructureRef { shape, structure: &operation.input, of_operation: true }
    }

    pub(super) fn output(&self, operation: &'a ir::Operation) -> StructureRef<'a> {
        let shape = self.models.service.operations[&operation.name].output.as_ref().map_or("", |it| &it.shape);
        StructureRef { shape, structure: &operation.output, of_operation: true }
    }

    /// The structure of a shape in module `types`.
    pub(super) fn shared(&self, shape: &'a str) -> Option<StructureRef<'a>> {
        self.shared.get(shape).map(|structure| StructureRef { shape, structure, of_operation: false })
    }

    /// The field of a member, and the name of the member's shape.
    pub(super) fn field(&self, base: StructureRef<'a>, name: &str) -> Result<(&'a ir::Field, &'a str), String> {
        let field = base.structure.fields.iter().find(|field| field.name == name);
        let member = self.models.service.structure(base.shape).and_then(|it| it.members.get(name));
        match (field, member) {
            (Some(field), Some(member)) => Ok((field, &member.shape)),
            _ => Err(format!("`{}` has no member `{name}`", base.structure.ty)),
        }
    }

    /// Whether the model requires the member of an input with this field.
    pub(super) fn is_required(&self, operation: &ir::Operation, ident: &str) -> bool {
        let field = operation.input.fields.iter().find(|field| field.ident == ident);
        let shape = self.models.service.operations[&operation.name].input.as_ref().map_or("", |it| &it.shape);
        let structure = self.models.service.structure(shape);
        field.zip(structure).is_some_and(|(field, structure)| structure.required.contains(&field.name))
    }

    /// The shape of a list's elements, and the maximum number of elements, if the model has one.
    pub(super) fn element(&self, shape: &str) -> Option<(&'a str, Option<i64>)> {
        match &self.models.service.shapes.get(shape)?.kind {
            ShapeKind::List(list) => {
                let max = list.length.max.as_ref().and_then(|number| number.as_i64());
                Some((&list.member.shape, max))
            }
            _ => None,
        }
    }

    /// Resolves a path of members, `[]` and `[N]` that begins at a structure; `@` is the structure itself.
    pub(super) fn path(&self, base: StructureRef<'a>, path: &str) -> Result<ResolvedPath<'a>, String> {
        let root = FieldPath { steps: Vec::new(), ty: Type::Named(base.structure.ty.clone()) };
        let mut resolved = ResolvedPath { path: root, shape: base.shape, structure: Some(base), field: None };
        if path == "@" {
            return Ok(resolved);
        }
        for part in path.split('.') {
            let (member, bracket) = part.split_once('[').map_or((part, None), |(name, rest)| (name, Some(rest)));
            let base = resolved.structure.ok_or_else(|| format!("the value before `{member}` is not a structure"))?;
            let (field, shape) = self.field(base, member)?;
            let optional = field.ty.is_option();
            resolved.path.steps.push(Step::Field { ident: field.ident.clone(), optional });
            resolved.path.ty = unboxed(field.ty.present());
            (resolved.shape, resolved.field) = (shape, Some(field));
            if let Some(bracket) = bracket {
                let index = bracket.strip_suffix(']').ok_or("a bracket is not closed")?;
                resolved.path.steps.push(match index {
                    "" => Step::Each,
                    digits => Step::Index(digits.parse().map_err(|_| format!("`[{digits}]` is not a valid index"))?),
                });
                let Type::List(inner) = &resolved.path.ty else { return Err(format!("`{member}` is not a list")) };
                resolved.path.ty = (**inner).clone();
                resolved.shape = self.element(shape).ok_or_else(|| format!("`{member}` is not a list"))?.0;
            }
            resolved.structure = self.shared(resolved.shape);
        }
        Ok(resolved)
    }
}

/// The type without its `Box`.
fn unboxed(ty: &Type) -> Type {
    match ty {
        Type::Boxed(inner) => (**inner).clone(),
        other => other.clone(),
    }
}

/// Splits a path after its last `[]`: the path of the list, and the path inside an element (empty for the element
/// itself).
fn split(path: &str) -> Option<(&str, &str)> {
    let end = path.rfind("[]")? + 2;
    Some((&path[..end], path[end..].trim_start_matches('.')))
}

/// The paths of the lists in a path, and the path inside an element; for `[A,B]|[]` both lists. `None` without a list.
pub(super) fn lists(path: &str) -> Option<(Vec<String>, &str)> {
    match path.strip_prefix('[').and_then(|it| it.split_once("]|[]")) {
        Some((names, rest)) => {
            Some((names.split(',').map(|name| format!("{}[]", name.trim())).collect(), rest.trim_start_matches('.')))
        }
        None => split(path).map(|(list, rest)| (vec![list.to_owned()], rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split_after_its_last_list() {
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
