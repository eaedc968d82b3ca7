//! The type map: shapes to Rust types, members to fields. Knows no tokens.

use std::collections::BTreeMap;

use super::reach::{self, ReachableShapes};
use super::{Context, docs, member_description};
use crate::ir::{Enumeration, Field, Structure, Type};
use crate::model::{List, Member, Models, Shape, ShapeKind};
use crate::name::{self, Scope};
use crate::report::Report;

/// The Rust names of shared types and of exceptions.
#[derive(Debug, Default)]
pub(crate) struct TypeNames {
    types: BTreeMap<String, String>,
    errors: BTreeMap<String, String>,
}

impl TypeNames {
    /// Names the types of all reachable shapes. Shapes whose names differ only in case are a problem.
    pub(crate) fn new(models: &Models, reachable: &ReachableShapes, report: &mut Report) -> Self {
        let mut names = Self::default();
        let (mut types, mut errors) = (Scope::default(), Scope::default());
        for (name, shape) in &models.service.shapes {
            let has_type = match &shape.kind {
                ShapeKind::Structure(it) => !it.document,
                ShapeKind::String(it) => !it.values.is_empty(),
                _ => false,
            };
            let mut claim = |scope: &mut Scope| {
                let ty = name::escape_type(&name::pascal(name));
                if let Err(other) = scope.claim(&ty, name) {
                    report.name_clash(models.service.location_of_shape(name), &ty, other);
                }
                ty
            };
            if has_type && reachable.is_type(name) {
                names.types.insert(name.clone(), claim(&mut types));
            }
            if has_type && reachable.is_error(name) {
                names.errors.insert(name.clone(), claim(&mut errors));
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

/// How a structure is used. Nothing about a field of a shared structure depends on which operations use it, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StructureRole {
    Input,
    Output,
    /// A structure of module `types`, whether it is sent or received: services begin to send what they only received.
    Shared,
    Union,
    Exception,
}

/// The type of a member's value, without `Option`.
pub(crate) fn value_type(ctx: &Context<'_>, member: &Member) -> Type {
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
        ShapeKind::List(it) => Type::List(Box::new(element_type(ctx, it))),
        ShapeKind::Map(it) => {
            let value = optional_if(it.sparse, value_type(ctx, &it.value));
            Type::Map(Box::new(value_type(ctx, &it.key)), Box::new(value))
        }
    }
}

/// The type of a list's elements.
pub(crate) fn element_type(ctx: &Context<'_>, list: &List) -> Type {
    optional_if(list.sparse, value_type(ctx, &list.member))
}

fn optional_if(optional: bool, ty: Type) -> Type {
    if optional { Type::Option(Box::new(ty)) } else { ty }
}

fn field_type(ctx: &Context<'_>, owner: &str, name: &str, member: &Member, role: StructureRole) -> Type {
    let mut ty = match value_type(ctx, member) {
        Type::Events(union) if role == StructureRole::Input => Type::EventInput(union),
        ty => ty,
    };
    if ctx.boxed.contains(&(owner.to_owned(), name.to_owned())) {
        ty = Type::Boxed(Box::new(ty));
    }
    let optional = match &ty {
        _ if role == StructureRole::Union => false,
        Type::List(_) | Type::Map(..) => false,
        // An output has its stream as soon as there is a response.
        Type::Stream | Type::Events(_) => role == StructureRole::Input,
        _ => true,
    };
    optional_if(optional, ty)
}

/// The Rust structure or union `ty` for a shape.
pub(crate) fn structure(
    ctx: &Context<'_>,
    shape: &Shape,
    ty: String,
    role: StructureRole,
    report: &mut Report,
) -> Structure {
    let location = ctx.models.service.location_of_shape(&shape.name);
    let empty = crate::model::Structure::default();
    let structure = shape.structure().unwrap_or(&empty);
    let mut fields = Vec::new();
    let mut scope = match role {
        StructureRole::Union => Scope::with_reserved([("Unknown", "the variant for unknown members")]),
        _ => Scope::default(),
    };
    let mut setters = Scope::with_reserved(RESERVED_SETTERS);
    let mut description = String::from(if role == StructureRole::Union { "union" } else { "" });
    for (name, member) in &structure.members {
        if structure.event_stream && reach::is_exception(ctx.models, &member.shape) {
            if !description.is_empty() {
                description.push_str("; ");
            }
            description.push_str(&member_description::exception(ctx, name, member));
            continue;
        }
        let field = field_type(ctx, &shape.name, name, member, role);
        let target = ctx.models.service.shapes.get(&member.shape);
        let keyword = member_description::type_keyword(&field).filter(|_| !has_long_values(target));
        let ident = match role {
            StructureRole::Union => name::pascal(name),
            _ => name::snake(name),
        };
        let separator = if role == StructureRole::Union { "" } else { "_" };
        let ident = scope.claim_numbered(&ident, name, separator);
        let setter = match setters.claim(&ident, name) {
            Ok(()) => ident.clone(),
            Err(_) => format!("{ident}_"),
        };
        let required = structure.required.contains(name);
        if !description.is_empty() {
            description.push_str("; ");
        }
        description.push_str(&member_description::entry(ctx, shape, name, member, keyword, required, report));
        let html = member.documentation.as_deref().or_else(|| target.and_then(|it| it.documentation.as_deref()));
        fields.push(Field {
            name: name.clone(),
            ident: if role == StructureRole::Union { name::escape_type(&ident) } else { name::escape(&ident) },
            setter: name::escape(&setter),
            ty: field,
            linked: keyword.is_none(),
            required,
            docs: docs(html, member.deprecated.as_ref()),
        });
    }
    for name in &structure.required {
        if role == StructureRole::Input && !structure.members.contains_key(name) {
            report.unknown_name(
                location.child("required"),
                "member",
                name,
                structure.members.keys().map(String::as_str),
            );
        }
    }
    Structure {
        name: shape.name.clone(),
        ty,
        plain: !fields
            .iter()
            .any(|field| matches!(field.ty.present(), Type::Stream | Type::Events(_) | Type::EventInput(_))),
        fields,
        description,
        code: None,
        docs: docs(shape.documentation.as_deref(), shape.deprecated.as_ref()),
    }
}

/// The methods of every request and of waiters, and those that the traits of the prelude give it: the names that no setter
/// has. The list never grows, since a name may be a member's by then: a new method is one of `aws_core::Request`, which has
/// no setters. botocore 1.44.5 has no member of these names; `check_setters` in `tests/suite/corpus/completeness.rs` says
/// when one appears.
const RESERVED_SETTERS: [(&str, &str); 18] = [
    ("send", "a method of Request"),
    ("send_with_metadata", "a method of Request"),
    ("presign", "a method of Request"),
    ("with_options", "a method of Request"),
    ("pages", "a method of Request"),
    ("delay", "a method of Waiter"),
    ("inspect", "a method of Waiter"),
    ("max_attempts", "a method of Waiter"),
    ("max_wait", "a method of Waiter"),
    ("as_mut", "a method of AsMut"),
    ("as_ref", "a method of AsRef"),
    ("borrow", "a method of Borrow"),
    ("borrow_mut", "a method of BorrowMut"),
    ("clone", "a method of Clone"),
    ("into", "a method of Into"),
    ("into_future", "a method of IntoFuture"),
    ("to_owned", "a method of ToOwned"),
    ("try_into", "a method of TryInto"),
];

/// A structure or union of module `types`.
pub(crate) fn shared(ctx: &Context<'_>, name: &str, report: &mut Report) -> Structure {
    let shape = &ctx.models.service.shapes[name];
    let union = shape.structure().is_some_and(|it| it.union || it.event_stream);
    let role = if union { StructureRole::Union } else { StructureRole::Shared };
    structure(ctx, shape, ctx.names.ty(name), role, report)
}

/// A modelled exception.
pub(crate) fn exception(ctx: &Context<'_>, name: &str, report: &mut Report) -> Structure {
    let shape = &ctx.models.service.shapes[name];
    let mut exception = structure(ctx, shape, ctx.names.error(name), StructureRole::Exception, report);
    exception.code = Some(member_description::code(ctx, name).to_owned());
    exception
}

/// The longest value of an enumeration that the runtime holds in place (`SHORT` in `runtime/src/schema/enumeration.rs`).
const LONGEST_IN_PLACE: usize = 22;

/// Whether the shape is an enumeration with values that the runtime finds only through the type: it needs a link.
fn has_long_values(shape: Option<&Shape>) -> bool {
    match shape.map(|it| &it.kind) {
        Some(ShapeKind::String(it)) => it.values.iter().any(|value| value.len() > LONGEST_IN_PLACE),
        _ => false,
    }
}

/// The constants of every enumeration (`runtime/src/generated/enumeration_macros.rs`). The list never grows, since a name may
/// be a value's by then.
const RESERVED_CONSTANTS: [(&str, &str); 1] = [("VALUES", "a constant of every enumeration")];

/// A string enumeration.
pub(crate) fn enumeration(ctx: &Context<'_>, name: &str, values: &[String]) -> Enumeration {
    let shape = &ctx.models.service.shapes[name];
    let mut scope = Scope::with_reserved(RESERVED_CONSTANTS);
    let constant = |value: &String| {
        let constant = scope.claim_numbered(&name::screaming(value), value, "_");
        (name::escape(&constant), value.clone())
    };
    let mut seen = std::collections::BTreeSet::new();
    Enumeration {
        name: name.to_owned(),
        ty: ctx.names.ty(name),
        values: values.iter().filter(|value| seen.insert(value.as_str())).map(constant).collect(),
        docs: docs(shape.documentation.as_deref(), shape.deprecated.as_ref()),
    }
}
