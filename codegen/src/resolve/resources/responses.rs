//! Resources from responses, requests and attributes: the value of each identifier, and how a structure of the response
//! becomes the data of a resource.

use std::collections::BTreeMap;

use super::field_paths::{ClientStructures, ResolvedPath, StructureRef, lists};
use crate::ir::resource::{Argument, Conversion, FieldPath, Identifier, IdentifierValue, List, ResourceSource, Step};
use crate::ir::{self, Type};
use crate::model::{IdentifierSource, IdentifierTarget, ResponseResource};
use crate::name;
use crate::report::{Report, SourceLocation};

/// The part of a resource on which other resources depend.
pub(super) struct KnownResource<'a> {
    pub(super) ty: String,
    pub(super) identifiers: Vec<Identifier>,
    /// For each identifier, the member of the data that holds it too, if there is one.
    pub(super) members: Vec<Option<String>>,
    /// The structure of the attributes, if there are any.
    pub(super) data: Option<StructureRef<'a>>,
    /// Whether the resource has `load`.
    pub(super) can_load: bool,
}

/// All resources of a service, and the structures of its client crate.
pub(super) struct ResponseContext<'a> {
    pub(super) client: &'a ClientStructures<'a>,
    /// The resources by their names in the model.
    pub(super) resources: BTreeMap<String, KnownResource<'a>>,
}

/// The values from which resources are created.
#[derive(Clone, Copy)]
pub(super) struct CreatedFrom<'a> {
    /// The name of the resource that has the method; empty for the service resource.
    pub(super) parent: &'a str,
    /// The input of the request, if there is a request.
    pub(super) input: Option<StructureRef<'a>>,
    /// The output of the request, or the attributes of the parent.
    pub(super) response: Option<StructureRef<'a>>,
}

impl<'a> ResponseContext<'a> {
    /// How the resources that a model describes are created.
    pub(super) fn resource_source(
        &self,
        from: CreatedFrom<'a>,
        described: &ResponseResource,
        location: &SourceLocation,
        report: &mut Report,
    ) -> Option<ResourceSource> {
        let result = self.try_resource_source(from, described);
        result.map_err(|why| report.problem(location.child("resource"), why)).ok()
    }

    fn try_resource_source(
        &self,
        from: CreatedFrom<'a>,
        described: &ResponseResource,
    ) -> Result<ResourceSource, String> {
        let kind = &described.kind;
        let resource = self.resources.get(kind).ok_or_else(|| format!("there is no resource `{kind}`"))?;
        let paths = described.identifiers.iter().filter_map(|identifier| match &identifier.source {
            IdentifierSource::Response(path) | IdentifierSource::Data(path) => Some((false, path.as_str())),
            IdentifierSource::RequestParameter(path) => Some((true, path.as_str())),
            _ => None,
        });
        // The list that holds the data, or else the one that holds identifiers. There is a single iteration, so that
        // the identifiers and the data of an element stay together.
        let data = described.path.as_deref().map(|path| (false, path));
        let mut all = data.into_iter().chain(paths).filter_map(|(in_request, path)| Some((in_request, lists(path)?)));
        let first = all.next();
        // A list of scalars before another list: there is a resource for each combination.
        let second = all.find(|(_, (paths, _))| first.as_ref().is_some_and(|(_, (first, _))| paths != first));
        let (outer, list) = match (data, first, second) {
            (None, Some((_, (mut outer, ""))), Some(list)) if outer.len() == 1 => (outer.pop(), Some(list)),
            (_, first, _) => (None, first),
        };
        match list {
            Some((in_request, (paths, rest))) if data.is_none() || rest.is_empty() => {
                self.listed_resources(from, described, resource, in_request, &paths, outer.as_deref())
            }
            Some(_) => Err("the path of the data must end at the elements of a list".to_owned()),
            None => self.single_resource(from, described, resource),
        }
    }

    fn single_resource(
        &self,
        from: CreatedFrom<'a>,
        described: &ResponseResource,
        resource: &KnownResource<'a>,
    ) -> Result<ResourceSource, String> {
        let indexes = 0..resource.identifiers.len();
        let identifiers = indexes.map(|index| self.identifier_value(from, described, resource, index, None));
        let identifiers = identifiers.collect::<Result<_, _>>()?;
        let data = match &described.path {
            None => None,
            Some(path) => {
                let found = self.client.path(from.response.ok_or("there is no response")?, path)?;
                conversion(resource, &found).map(|conversion| (found.path, conversion))
            }
        };
        Ok(ResourceSource { ty: resource.ty.clone(), lists: Vec::new(), identifiers, data })
    }

    fn listed_resources(
        &self,
        from: CreatedFrom<'a>,
        described: &ResponseResource,
        resource: &KnownResource<'a>,
        in_request: bool,
        paths: &[String],
        outer: Option<&str>,
    ) -> Result<ResourceSource, String> {
        let base = if in_request { from.input } else { from.response };
        let base = base.ok_or("there is neither a request nor a response with a list")?;
        let mut source =
            ResourceSource { ty: resource.ty.clone(), lists: Vec::new(), identifiers: Vec::new(), data: None };
        for path in paths {
            let elements = self.client.path(base, path)?;
            let outer = outer.map(|outer| self.client.path(base, outer)).transpose()?.map(|it| it.path);
            let mut list = List { in_request, path: elements.path.clone(), identifiers: Vec::new(), data: None, outer };
            for index in 0..resource.identifiers.len() {
                let value = self.identifier_value(from, described, resource, index, Some((&elements, &mut list)))?;
                if source.lists.is_empty() {
                    source.identifiers.push(value);
                }
            }
            if described.path.is_some() {
                list.data = conversion(resource, &elements);
            }
            source.lists.push(list);
        }
        Ok(source)
    }

    /// The value of the identifier `index`. If it is in the elements of the list, its path is added to the list.
    fn identifier_value(
        &self,
        from: CreatedFrom<'a>,
        described: &ResponseResource,
        resource: &KnownResource<'a>,
        index: usize,
        list: Option<(&ResolvedPath<'a>, &mut List)>,
    ) -> Result<IdentifierValue, String> {
        let identifier = &resource.identifiers[index];
        let target = described.identifiers.iter().find(|it| it.target == identifier.name);
        let Some(IdentifierTarget { source, .. }) = target else {
            return self.identifier_from_data(from, described, resource, index, list);
        };
        let parent = self.resources.get(from.parent);
        let (base, path) = match source {
            IdentifierSource::Input => {
                let ident = name::escape(&name::snake(&identifier.name));
                return Ok(IdentifierValue::Argument(Argument { ident, ty: identifier.ty.clone() }));
            }
            IdentifierSource::Identifier(name) => {
                let of_parent = parent.and_then(|it| it.identifiers.iter().find(|identifier| identifier.name == *name));
                let of_parent = of_parent.ok_or_else(|| format!("`{}` has no identifier `{name}`", from.parent))?;
                return Ok(IdentifierValue::Parent(of_parent.ident.clone()));
            }
            IdentifierSource::Constant(value) => return Ok(IdentifierValue::Constant(value.clone())),
            IdentifierSource::Response(path) | IdentifierSource::Data(path) => (from.response, path),
            IdentifierSource::RequestParameter(path) => (from.input, path),
        };
        let base = base.ok_or_else(|| format!("there is no structure for the path `{path}`"))?;
        if let (Some((elements, list)), Some((list_paths, rest))) = (list, lists(path)) {
            let is_same_list = |list_path: &String| {
                self.client.path(base, list_path).is_ok_and(|found| found.path.steps == elements.path.steps)
            };
            let is_outer = |list_path: &String| {
                let found = self.client.path(base, list_path);
                found.is_ok_and(|found| list.outer.as_ref().is_some_and(|outer| found.path.steps == outer.steps))
            };
            if rest.is_empty() && list_paths.iter().all(is_outer) {
                let outer = list.outer.as_ref().map(|it| check_type(&it.ty, identifier));
                return outer.unwrap_or(Ok(())).map(|()| IdentifierValue::Outer);
            }
            if !list_paths.iter().any(is_same_list) {
                return Err(format!("`{path}` is not in the list from which the resources are created"));
            }
            let path = match (rest, elements.structure) {
                ("", _) => FieldPath { steps: Vec::new(), ty: elements.path.ty.clone() },
                (rest, Some(structure)) => self.client.path(structure, rest)?.path,
                (rest, None) => return Err(format!("the value before `{rest}` is not a structure")),
            };
            check_type(&path.ty, identifier)?;
            list.identifiers.push((index, path));
            return Ok(IdentifierValue::Element);
        }
        let field = self.client.path(base, path)?.path;
        if field.steps.contains(&Step::Each) {
            return Err(format!("`{path}` leads to several values"));
        }
        check_type(&field.ty, identifier)?;
        Ok(match source {
            IdentifierSource::RequestParameter(_) => {
                // An action may rename its resource. Without a new name in the request the resource keeps its name.
                let is_same_type = resource.ty == parent.map(|it| it.ty.as_str()).unwrap_or_default();
                IdentifierValue::Request(field, is_same_type.then(|| identifier.ident.clone()))
            }
            _ => IdentifierValue::Response(field),
        })
    }

    /// The value of an identifier that the model does not describe: a member of the data with its name.
    fn identifier_from_data(
        &self,
        from: CreatedFrom<'a>,
        described: &ResponseResource,
        resource: &KnownResource<'a>,
        index: usize,
        list: Option<(&ResolvedPath<'a>, &mut List)>,
    ) -> Result<IdentifierValue, String> {
        let identifier = &resource.identifiers[index];
        let missing = || format!("the identifier `{}` of `{}` is missing", identifier.name, described.kind);
        let (Some(path), Some(response)) = (&described.path, from.response) else { return Err(missing()) };
        let member = resource.members[index].as_ref().unwrap_or(&identifier.name);
        match list {
            Some((elements, list)) => {
                let structure = elements.structure.ok_or_else(missing)?;
                let path = self.client.path(structure, member).map_err(|_| missing())?.path;
                list.identifiers.push((index, path));
                Ok(IdentifierValue::Element)
            }
            None => {
                let found = self.client.path(response, &format!("{path}.{member}")).map_err(|_| missing())?;
                Ok(IdentifierValue::Response(found.path))
            }
        }
    }
}

/// Checks that a value can be used for an identifier.
fn check_type(found: &Type, identifier: &Identifier) -> Result<(), String> {
    match (found, &identifier.ty) {
        (Type::String | Type::Enumeration(_), Type::String) => Ok(()),
        (found, expected) if found == expected => Ok(()),
        (found, expected) => Err(format!("identifier `{}`: expected {expected:?}, found {found:?}", identifier.name)),
    }
}

/// How the structure at a path becomes the data of a resource. `None` if it has another shape than `load` would fetch,
/// since attributes that it lacks would look absent.
fn conversion(resource: &KnownResource<'_>, found: &ResolvedPath<'_>) -> Option<Conversion> {
    let (data, source) = (resource.data?, found.structure?);
    if data.client_structure() == source.client_structure() {
        return Some(Conversion::Same);
    }
    if data.shape != source.shape && resource.can_load {
        return None;
    }
    let in_source =
        |field: &&ir::Field| source.structure.fields.iter().any(|it| it.ident == field.ident && it.ty == field.ty);
    let fields: Vec<_> = data.structure.fields.iter().filter(in_source).map(|field| field.ident.clone()).collect();
    Some(Conversion::Fields { structure: data.client_structure(), fields })
}
