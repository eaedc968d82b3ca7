//! THE type map: shapes to Rust types, structures to fields. Knows no tokens.

use std::collections::BTreeMap;

use super::reach::{self, Reach};
use super::{Context, docs, wire};
use crate::ir::{Enumeration, Field, Structure, Type};
use crate::model::{List, Member, Models, Shape, ShapeKind};
use crate::name::{self, Scope};
use crate::report::Report;

/// The Rust names of shared types and of exceptions.
#[derive(Debug, Default)]
pub(crate) struct Names {
    types: BTreeMap<String, String>,
    errors: BTreeMap<String, String>,
}

impl Names {
    pub(crate) fn new(models: &Models, reach: &Reach, report: &mut Report) -> Self {
        let mut names = Self::default();
        let (mut types, mut errors) = (Scope::default(), Scope::default());
        for (shape, it) in &models.service.shapes {
            let named = match &it.kind {
                ShapeKind::Structure(it) => !it.document,
                ShapeKind::String(it) => !it.values.is_empty(),
                _ => false,
            };
            let mut claim = |scope: &mut Scope| {
                let ty = name::escape_type(&name::pascal(shape));
                if let Err(other) = scope.claim(&ty, shape) {
                    // Two shapes that differ only in case: the second says so.
                    report.name_clash(models.service.place_of_shape(shape), &ty, other);
                }
                ty
            };
            if named && reach.is_type(shape) {
                names.types.insert(shape.clone(), claim(&mut types));
            }
            if named && reach.is_error(shape) {
                names.errors.insert(shape.clone(), claim(&mut errors));
            }
        }
        names
    }

    /// The type of a shared shape.
    pub(crate) fn ty(&self, shape: &str) -> String {
        self.types.get(shape).cloned().unwrap_or_else(|| name::escape_type(&name::pascal(shape)))
    }

    /// The type of an exception.
    pub(crate) fn error(&self, shape: &str) -> String {
        self.errors.get(shape).cloned().unwrap_or_else(|| self.ty(shape))
    }
}

/// What a structure is made for; it decides what may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Input,
    Output,
    /// A type that inputs hold (and perhaps outputs too).
    Sent,
    /// A type that only comes back.
    Received,
    Union,
    Exception,
}

impl Role {
    /// Whether an absent list and an empty one differ.
    fn keeps_absence(self) -> bool {
        matches!(self, Self::Input | Self::Sent)
    }
}

/// The type of a present value.
pub(crate) fn value(ctx: &Context<'_>, member: &Member) -> Type {
    let Some(shape) = ctx.models.service.shapes.get(&member.shape) else { return Type::String };
    match &shape.kind {
        ShapeKind::String(it) if !it.values.is_empty() => Type::Enumeration(ctx.names.ty(&shape.name)),
        ShapeKind::String(_) => Type::String,
        ShapeKind::Integer(_) => Type::I32,
        ShapeKind::Long(_) => Type::I64,
        ShapeKind::Float(_) => Type::F32,
        ShapeKind::Double(_) => Type::F64,
        ShapeKind::Boolean => Type::Bool,
        ShapeKind::Timestamp(_) => Type::Timestamp,
        ShapeKind::Blob(it) if it.streaming || member.streaming => Type::Stream,
        ShapeKind::Blob(_) => Type::Blob,
        ShapeKind::Structure(it) if it.document => Type::Document,
        ShapeKind::Structure(it) if it.event_stream => Type::Events(ctx.names.ty(&shape.name)),
        ShapeKind::Structure(_) => Type::Named(ctx.names.ty(&shape.name)),
        ShapeKind::List(it) => Type::List(Box::new(element(ctx, it))),
        ShapeKind::Map(it) => Type::Map(Box::new(sparse(it.sparse, value(ctx, &it.value)))),
    }
}

/// The type of a list's elements.
pub(crate) fn element(ctx: &Context<'_>, list: &List) -> Type {
    sparse(list.sparse, value(ctx, &list.member))
}

fn sparse(sparse: bool, ty: Type) -> Type {
    if sparse { Type::Option(Box::new(ty)) } else { ty }
}

fn field_type(ctx: &Context<'_>, owner: &str, name: &str, member: &Member, role: Role) -> Type {
    let mut ty = match value(ctx, member) {
        Type::Events(union) if role == Role::Input => Type::EventInput(union),
        ty => ty,
    };
    if ctx.boxed.contains(&(owner.to_owned(), name.to_owned())) {
        ty = Type::Boxed(Box::new(ty));
    }
    let plain = match &ty {
        _ if role == Role::Union => true,
        Type::List(_) | Type::Map(_) | Type::Stream | Type::Events(_) => !role.keeps_absence(),
        _ => false,
    };
    if plain { ty } else { Type::Option(Box::new(ty)) }
}

/// A structure of its own for `shape`.
pub(crate) fn structure(ctx: &Context<'_>, shape: &Shape, ty: String, role: Role, report: &mut Report) -> Structure {
    let place = ctx.models.service.place_of_shape(&shape.name);
    let empty = crate::model::Structure::default();
    let structure = shape.structure().unwrap_or(&empty);
    let mut fields = Vec::new();
    let mut scope = match role {
        Role::Union => Scope::with_reserved([("Unknown", "the variant of what is not known")]),
        _ => Scope::default(),
    };
    let mut setters = Scope::with_reserved(RESERVED_SETTERS);
    let mut description = String::from(if role == Role::Union { "union" } else { "" });
    for (name, member) in &structure.members {
        if structure.event_stream && reach::is_exception(ctx.models, &member.shape) {
            if !description.is_empty() {
                description.push_str("; ");
            }
            description.push_str(&wire::exception(ctx, name, member));
            continue;
        }
        let field = field_type(ctx, &shape.name, name, member, role);
        let word = wire::word(&field);
        let ident = match role {
            Role::Union => name::pascal(name),
            _ => name::snake(name),
        };
        let joint = if role == Role::Union { "" } else { "_" };
        let ident = scope.claim_numbered(&ident, name, joint);
        let setter = match setters.claim(&ident, name) {
            Ok(()) => ident.clone(),
            Err(_) => format!("{ident}_"),
        };
        let required = structure.required.contains(name);
        if !description.is_empty() {
            description.push_str("; ");
        }
        description.push_str(&wire::entry(ctx, shape, name, member, word, required, report));
        let target = ctx.models.service.shapes.get(&member.shape);
        let html = member.documentation.as_deref().or_else(|| target.and_then(|it| it.documentation.as_deref()));
        fields.push(Field {
            name: name.clone(),
            ident: if role == Role::Union { name::escape_type(&ident) } else { name::escape(&ident) },
            setter: name::escape(&setter),
            ty: field,
            linked: word.is_none(),
            required,
            docs: docs(html, member.deprecated.as_ref()),
        });
    }
    for name in &structure.required {
        if role == Role::Input && !structure.members.contains_key(name) {
            report.unknown_name(place.child("required"), "member", name, structure.members.keys().map(String::as_str));
        }
    }
    Structure {
        name: shape.name.clone(),
        ty,
        plain: fields.iter().all(|it| !matches!(it.ty.present(), Type::Stream | Type::Events(_) | Type::EventInput(_))),
        fields,
        description,
        code: None,
        docs: docs(shape.documentation.as_deref(), shape.deprecated.as_ref()),
    }
}

/// Methods of every request, which no setter may hide.
const RESERVED_SETTERS: [(&str, &str); 8] = [
    ("send", "a method of Request"),
    ("presign", "a method of Request"),
    ("input", "a method of Request"),
    ("input_mut", "a method of Request"),
    ("options", "a method of Request"),
    ("pages", "a method of Request"),
    ("items", "a method of Request"),
    ("into_future", "a method of Request"),
];

/// A structure or union that several places share.
pub(crate) fn shared(ctx: &Context<'_>, name: &str, report: &mut Report) -> Structure {
    let shape = &ctx.models.service.shapes[name];
    let union = shape.structure().is_some_and(|it| it.union || it.event_stream);
    let role = match ctx.reach.is_sent(name) {
        _ if union => Role::Union,
        true => Role::Sent,
        false => Role::Received,
    };
    structure(ctx, shape, ctx.names.ty(name), role, report)
}

/// The code of an exception on the wire.
pub(crate) fn code<'a>(ctx: &Context<'a>, name: &'a str) -> &'a str {
    let traits = ctx.models.service.structure(name).and_then(|it| it.error.as_ref());
    traits.and_then(|it| it.code.as_deref()).unwrap_or(name)
}

/// A modelled exception.
pub(crate) fn exception(ctx: &Context<'_>, name: &str, report: &mut Report) -> Structure {
    let shape = &ctx.models.service.shapes[name];
    let mut strukt = structure(ctx, shape, ctx.names.error(name), Role::Exception, report);
    strukt.code = Some(code(ctx, name).to_owned());
    strukt
}

/// A string enumeration.
pub(crate) fn enumeration(ctx: &Context<'_>, name: &str, values: &[String]) -> Enumeration {
    let shape = &ctx.models.service.shapes[name];
    let mut scope = Scope::default();
    let constant = |value: &String| {
        let constant = scope.claim_numbered(&name::screaming(value), value, "_");
        (name::escape(&constant), value.clone())
    };
    let mut seen = std::collections::BTreeSet::new();
    Enumeration {
        name: name.to_owned(),
        ty: ctx.names.ty(name),
        values: values.iter().filter(|it| seen.insert(it.as_str())).map(constant).collect(),
        docs: docs(shape.documentation.as_deref(), shape.deprecated.as_ref()),
    }
}
