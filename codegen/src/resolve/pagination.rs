//! Paginators: which members hold tokens, and the fields that lead to the items. Every path is checked against the
//! shapes.

use super::Context;
use super::{paths, types};
use crate::expr::jmespath;
use crate::ir::{Items, Paginator, Step, Structure, Type};
use crate::model::{Member, ShapeKind};
use crate::name;
use crate::report::{Report, SourceLocation};

pub(crate) fn resolve(
    ctx: &Context<'_>,
    operation: &str,
    (sent, output): (&Structure, &Structure),
    report: &mut Report,
) -> Option<Paginator> {
    let paginator = ctx.models.paginators.paginators.get(operation)?;
    let location = ctx.models.paginators.location_of(operation);
    let model = &ctx.models.service.operations[operation];
    let input = model.input.as_ref().and_then(|it| ctx.models.service.structure(&it.shape));
    let input_member = |key: &str, member: &str, report: &mut Report| {
        let members = || input.into_iter().flat_map(|it| it.members.keys().map(String::as_str));
        if !members().any(|name| name == member) {
            report.unknown_name(location.child(key), "input member", member, members());
        }
    };
    let mut entries = Vec::new();
    if paginator.input_token.len() != paginator.output_token.len() {
        report.problem(location.child("input_token"), "the number of input tokens differs from that of output tokens");
    }
    for (member, path) in paginator.input_token.iter().zip(&paginator.output_token) {
        input_member("input_token", member, report);
        let notation = expression(ctx, operation, path, &location.child("output_token"), report)?;
        entries.push(format!("token {member} {notation}"));
    }
    if let Some(path) = &paginator.more_results {
        let notation = expression(ctx, operation, path, &location.child("more_results"), report)?;
        entries.push(format!("more {notation}"));
    }
    if let Some(member) = &paginator.limit_key {
        input_member("limit_key", member, report);
        entries.push(format!("limit {member}"));
    }
    let mut items: Vec<Items> = Vec::new();
    for path in &paginator.result_key {
        let location = location.child("result_key");
        if let Some((steps, ty)) = item_list(ctx, operation, output, path, &location, report) {
            let suffix = name::snake(path.rsplit('.').next().unwrap_or(path));
            // A setter of the name comes first: it may have been there before the model paginated the operation.
            let taken = sent.fields.iter().any(|field| field.setter == "items");
            let method = if items.is_empty() && !taken { "items".to_owned() } else { format!("items_{suffix}") };
            entries.push(format!("items {path}"));
            items.push(Items { method, path: path.clone(), ty, steps });
        }
    }
    Some(Paginator { description: entries.join("\n"), items })
}

/// Parses a path into an operation's output, checks it against the shapes, and returns it in the runtime's notation.
pub(crate) fn expression(
    ctx: &Context<'_>,
    operation: &str,
    path: &str,
    location: &SourceLocation,
    report: &mut Report,
) -> Option<String> {
    match jmespath::parse(path) {
        Ok(ast) => {
            let output = ctx.models.service.operations[operation].output.as_ref();
            if let Some(Err(why)) = output.map(|it| paths::check(&ctx.models.service, &it.shape, &ast)) {
                report.path_mismatch(location.clone(), path, &why);
            }
            Some(jmespath::notation(&ast))
        }
        Err(error) => {
            report.path_mismatch(location.clone(), path, &error.to_string());
            None
        }
    }
}

/// The fields that lead to a result list, and the type of an item. `None` if the result is not a list.
fn item_list(
    ctx: &Context<'_>,
    operation: &str,
    output: &Structure,
    path: &str,
    location: &SourceLocation,
    report: &mut Report,
) -> Option<(Vec<Step>, Type)> {
    let shapes = &ctx.models.service.shapes;
    let mut shape = ctx.models.service.operations[operation].output.as_ref().map(|it| it.shape.clone())?;
    let mut steps = Vec::new();
    let mut member: Option<&Member> = None;
    for (depth, part) in path.split('.').enumerate() {
        let structure = shapes.get(&shape).and_then(|it| it.structure());
        let Some(found) = structure.and_then(|it| it.members.get(part)) else {
            let members = structure.into_iter().flat_map(|it| it.members.keys().map(String::as_str));
            report.unknown_name(location.clone(), "output member", part, members);
            return None;
        };
        let optional = match (depth, types::value_type(ctx, found)) {
            (0, _) => output.fields.iter().any(|field| field.name == part && field.ty.is_option()),
            (_, Type::List(_) | Type::Map(..)) => false,
            _ => true,
        };
        let boxed = ctx.boxed.contains(&(shape.clone(), part.to_owned()));
        steps.push(Step { ident: name::escape(&name::snake(part)), optional, boxed });
        shape = found.shape.clone();
        member = Some(found);
    }
    let target = shapes.get(&member?.shape)?;
    match &target.kind {
        ShapeKind::List(it) => Some((steps, types::element_type(ctx, it))),
        // botocore also adds up counters and joins strings; here only lists have a stream of items.
        _ => None,
    }
}
