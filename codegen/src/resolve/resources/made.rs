//! Answers to resources: where each identifier comes from, which data the resource holds, and how a structure becomes it.

use std::collections::BTreeMap;

use super::ways::{Base, Client, Found, lists};
use crate::ir::resource::{Argument, Conversion, Fit, Identifier, List, Made, Source, Step};
use crate::ir::{self, Type};
use crate::model::{IdentifierSource, IdentifierTarget, ResponseResource};
use crate::name;
use crate::report::{Place, Report};

/// A resource, as far as others must know it.
pub(super) struct Known<'a> {
    pub(super) ty: String,
    pub(super) identifiers: Vec<Identifier>,
    /// The member of the shape that holds the identifier, by index.
    pub(super) members: Vec<Option<String>>,
    /// What a loaded one holds.
    pub(super) data: Option<Base<'a>>,
    /// Whether its attributes can be fetched.
    pub(super) load: bool,
}

/// What resources are made in.
pub(super) struct Scene<'a> {
    pub(super) client: &'a Client<'a>,
    pub(super) known: BTreeMap<String, Known<'a>>,
}

/// What resources are made of.
#[derive(Clone, Copy)]
pub(super) struct Stuff<'a> {
    /// The name of the resource that makes them; the service's is empty.
    pub(super) parent: &'a str,
    /// What was sent.
    pub(super) input: Option<Base<'a>>,
    /// What was answered, or the attributes of the parent.
    pub(super) answer: Option<Base<'a>>,
}

impl<'a> Scene<'a> {
    /// The resources that a response describes.
    pub(super) fn made(
        &self,
        stuff: Stuff<'a>,
        it: &ResponseResource,
        place: &Place,
        report: &mut Report,
    ) -> Option<Made> {
        let result = self.try_made(stuff, it);
        result.map_err(|why| report.problem(place.child("resource"), why)).ok()
    }

    fn try_made(&self, stuff: Stuff<'a>, it: &ResponseResource) -> Result<Made, String> {
        let known = self.known.get(&it.kind).ok_or_else(|| format!("there is no resource {}", it.kind))?;
        let paths = it.identifiers.iter().filter_map(|it| match &it.source {
            IdentifierSource::Response(path) | IdentifierSource::Data(path) => Some((false, path.as_str())),
            IdentifierSource::RequestParameter(path) => Some((true, path.as_str())),
            _ => None,
        });
        // The list that the data are in, else the one that identifiers are in: the elements are gone through once, so that
        // identifiers and data of one element stay together.
        let data = it.path.as_deref().map(|it| (false, it));
        let list = data.into_iter().chain(paths).find_map(|(of_request, it)| Some((of_request, lists(it)?)));
        match list {
            Some((of_request, (paths, rest))) if data.is_none() || rest.is_empty() => {
                self.many(stuff, it, known, of_request, &paths)
            }
            Some(_) => Err("the data are not the elements of their list".to_owned()),
            None => self.one(stuff, it, known),
        }
    }

    fn one(&self, stuff: Stuff<'a>, it: &ResponseResource, known: &Known<'a>) -> Result<Made, String> {
        let identifiers = (0..known.identifiers.len()).map(|at| self.source(stuff, it, known, at, None));
        let identifiers = identifiers.collect::<Result<_, _>>()?;
        let data = match &it.path {
            None => None,
            Some(path) => {
                let found = self.client.way(stuff.answer.ok_or("there is no answer")?, path)?;
                convert(known, &found).map(|conversion| (found.way, conversion))
            }
        };
        Ok(Made { ty: known.ty.clone(), lists: Vec::new(), identifiers, data })
    }

    fn many(
        &self,
        stuff: Stuff<'a>,
        it: &ResponseResource,
        known: &Known<'a>,
        of_request: bool,
        paths: &[String],
    ) -> Result<Made, String> {
        let base = if of_request { stuff.input } else { stuff.answer };
        let base = base.ok_or("there is nothing to list")?;
        let mut made = Made { ty: known.ty.clone(), lists: Vec::new(), identifiers: Vec::new(), data: None };
        for path in paths {
            let found = self.client.way(base, path)?;
            let mut list = List { of_request, way: found.way.clone(), identifiers: Vec::new(), data: None };
            for at in 0..known.identifiers.len() {
                let source = self.source(stuff, it, known, at, Some((&found, &mut list)))?;
                if made.lists.is_empty() {
                    made.identifiers.push(source);
                }
            }
            if it.path.is_some() {
                list.data = convert(known, &found);
            }
            made.lists.push(list);
        }
        Ok(made)
    }

    /// Where an identifier comes from. Those found in the elements of a list are noted there.
    fn source(
        &self,
        stuff: Stuff<'a>,
        it: &ResponseResource,
        known: &Known<'a>,
        at: usize,
        list: Option<(&Found<'a>, &mut List)>,
    ) -> Result<Source, String> {
        let identifier = &known.identifiers[at];
        let target = it.identifiers.iter().find(|it| it.target == identifier.name);
        let Some(IdentifierTarget { source, .. }) = target else {
            return self.missing(stuff, it, known, at, list);
        };
        let (base, path) = match source {
            IdentifierSource::Input => {
                let name = name::escape(&name::snake(&identifier.name));
                return Ok(Source::Argument(Argument { ident: name, ty: identifier.ty.clone() }));
            }
            IdentifierSource::Identifier(name) => {
                let parent =
                    self.known.get(stuff.parent).and_then(|it| it.identifiers.iter().find(|it| it.name == *name));
                let parent = parent.ok_or_else(|| format!("{} has no identifier {name}", stuff.parent))?;
                return Ok(Source::Parent(parent.ident.clone()));
            }
            IdentifierSource::Response(path) | IdentifierSource::Data(path) => (stuff.answer, path),
            IdentifierSource::RequestParameter(path) => (stuff.input, path),
        };
        let base = base.ok_or_else(|| format!("{path} leads nowhere"))?;
        if let (Some((found, list)), Some((names, rest))) = (list, lists(path)) {
            let same = |it: &String| self.client.way(base, it).is_ok_and(|it| it.way.steps == found.way.steps);
            if !names.iter().any(same) {
                return Err(format!("{path} is not in the list that the resources are made of"));
            }
            let way = match (rest, found.base) {
                ("", _) => ir::resource::Way { steps: Vec::new(), ty: found.way.ty.clone() },
                (rest, Some(base)) => self.client.way(base, rest)?.way,
                (rest, None) => return Err(format!("there is no structure before {rest}")),
            };
            fits(&way.ty, identifier)?;
            list.identifiers.push((at, way));
            return Ok(Source::Item);
        }
        let way = self.client.way(base, path)?.way;
        if way.steps.contains(&Step::Each) {
            return Err(format!("{path} leads to many"));
        }
        fits(&way.ty, identifier)?;
        Ok(match source {
            IdentifierSource::RequestParameter(_) => {
                // A new name that was not given is the old one.
                let own = known.ty == self.known.get(stuff.parent).map(|it| it.ty.as_str()).unwrap_or_default();
                Source::Request(way, own.then(|| identifier.ident.clone()))
            }
            _ => Source::Answer(way),
        })
    }

    /// An identifier that the model forgets: the data may hold a member of its name.
    fn missing(
        &self,
        stuff: Stuff<'a>,
        it: &ResponseResource,
        known: &Known<'a>,
        at: usize,
        list: Option<(&Found<'a>, &mut List)>,
    ) -> Result<Source, String> {
        let identifier = &known.identifiers[at];
        let forgotten = || format!("the identifier {} of {} is not given", identifier.name, it.kind);
        let (Some(path), Some(answer)) = (&it.path, stuff.answer) else { return Err(forgotten()) };
        let member = known.members[at].as_ref().unwrap_or(&identifier.name);
        match list {
            Some((found, list)) => {
                let way = self.client.way(found.base.ok_or_else(forgotten)?, member).map_err(|_| forgotten())?.way;
                list.identifiers.push((at, way));
                Ok(Source::Item)
            }
            None => {
                Ok(Source::Answer(self.client.way(answer, &format!("{path}.{member}")).map_err(|_| forgotten())?.way))
            }
        }
    }
}

fn fits(found: &Type, identifier: &Identifier) -> Result<(), String> {
    match (found, &identifier.ty) {
        (Type::String | Type::Enumeration(_), Type::String) => Ok(()),
        (found, wanted) if found == wanted => Ok(()),
        (found, wanted) => Err(format!("the identifier {} is {wanted:?}, found is {found:?}", identifier.name)),
    }
}

/// How what was found becomes the data of a resource. A thinner structure than the one that can be loaded is no data: an
/// attribute it lacks would look absent.
fn convert(known: &Known<'_>, found: &Found<'_>) -> Option<Conversion> {
    let (data, base) = (known.data?, found.base?);
    if data.place() == base.place() {
        return Some(Conversion::Same);
    }
    if data.shape != base.shape && known.load {
        return None;
    }
    let fit = |field: &ir::Field| {
        let from = base.structure.fields.iter().find(|it| it.name == field.name)?;
        let fit = match (&from.ty, &field.ty) {
            (from, to) if from == to => Fit::Same,
            (Type::Option(from), to) if **from == *to => Fit::OrEmpty,
            (from, Type::Option(to)) if *from == **to => Fit::Present,
            _ => return None,
        };
        Some((from.ident.clone(), fit))
    };
    let fields: Vec<_> = data.structure.fields.iter().filter_map(fit).collect();
    let complete = fields.len() == data.structure.fields.len();
    Some(Conversion::Fields { place: data.place(), fields, complete })
}
